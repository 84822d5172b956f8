//! How a region is judged by what monitoring has of it: by limits that come with the product, or by a rule of one's own.
//!
//! Owns what such a rule is asked and answers. Does not know what is done about it.
//!
//! Invariants: silence is never a failure: without figures a region is unknown, never down. A region is down only at an
//! evaluation that was shown the reason.

use super::{HealthLimits, HealthReport, HealthState, RegionHealth, ServiceReading};
use crate::units::{Instant, Span};

/// Judges one region, evaluation by evaluation.
pub trait HealthPolicy {
    /// Judges the evaluation at `now` by the newest readings of the region's services, by name; empty if there are none.
    /// [`HealthState::Down`] says that the region has failed for long enough to be left. `now` does not run backwards.
    fn observe(&mut self, now: Instant, readings: &[(String, ServiceReading)]) -> HealthReport;
    /// An action happened in between: what was seen before it is too old to still count.
    fn start_over(&mut self);
}

impl HealthPolicy for RegionHealth {
    fn observe(&mut self, now: Instant, readings: &[(String, ServiceReading)]) -> HealthReport {
        Self::observe(self, now, readings).health
    }

    fn start_over(&mut self) {
        Self::start_over(self);
    }
}

impl<H: HealthPolicy + ?Sized> HealthPolicy for Box<H> {
    fn observe(&mut self, now: Instant, readings: &[(String, ServiceReading)]) -> HealthReport {
        (**self).observe(now, readings)
    }

    fn start_over(&mut self) {
        (**self).start_over();
    }
}

/// A region is down once it was found beyond its limits at so many scrapes in a row, as health checks count.
#[derive(Debug, Clone)]
pub struct InARow {
    each: RegionHealth,
    needed: u32,
    seen: u32,
    since: Option<Instant>,
    /// The newest scrape that was counted.
    counted: Option<Instant>,
}

impl InARow {
    /// Beyond these limits at `needed` scrapes in a row; how long that lasts is not asked.
    pub fn new(limits: HealthLimits, critical: Vec<String>, needed: u32) -> Self {
        let each = RegionHealth::new(HealthLimits { sustained: Span::ZERO, ..limits }, critical);
        Self { each, needed, seen: 0, since: None, counted: None }
    }
}

impl HealthPolicy for InARow {
    fn observe(&mut self, now: Instant, readings: &[(String, ServiceReading)]) -> HealthReport {
        let found = self.each.observe(now, readings).health;
        let newest = readings.iter().filter_map(|(_, reading)| reading.scraped_at).max();
        match found.state {
            // The same scrape looked at twice is one.
            HealthState::Down if newest > self.counted => {
                (self.seen, self.counted) = (self.seen.saturating_add(1), newest);
                self.since.get_or_insert(now);
            }
            HealthState::Down | HealthState::Unknown => {}
            HealthState::Healthy | HealthState::Degraded => (self.seen, self.since, self.counted) = (0, None, newest),
        }
        let state = match found.state {
            HealthState::Down if self.seen < self.needed => HealthState::Degraded,
            state => state,
        };
        let evidence = match self.seen {
            0 => found.evidence,
            seen => format!("{}; scrape {seen} of {} in a row", found.evidence, self.needed),
        };
        HealthReport { state, failing_since: self.since, evidence }
    }

    fn start_over(&mut self) {
        self.each.start_over();
        (self.seen, self.since, self.counted) = (0, None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::OnGap;
    use crate::units::Ratio;

    fn policy(needed: u32) -> InARow {
        let limits = HealthLimits {
            error_rate: Ratio::from_percent(10),
            latency: Span::from_secs(5),
            sustained: Span::from_secs(600),
            min_requests: 1,
            stale_after: Span::from_secs(60),
            on_gap: OnGap::Hold,
        };
        InARow::new(limits, Vec::new(), needed)
    }

    /// A look at `now` at a scrape of `scraped` that reached the service or did not.
    fn look(policy: &mut InARow, now: u64, scraped: u64, up: bool) -> HealthState {
        let scraped_at = Some(Instant::from_secs(scraped));
        let reading = ServiceReading { scraped_at, up, requests: 100, errors: 0, limited: 0, latency_p95: None };
        policy.observe(Instant::from_secs(now), &[("api".to_owned(), reading)]).state
    }

    #[test]
    fn as_many_scrapes_in_a_row_as_are_needed_and_no_fewer() {
        let mut policy = policy(3);
        let states = [(10, false), (20, false), (30, true), (40, false), (50, false), (60, false), (70, true)]
            .map(|(second, up)| look(&mut policy, second, second, up) == HealthState::Down);
        assert_eq!(states, [false, false, false, false, false, true, false]);
    }

    #[test]
    fn one_scrape_looked_at_often_counts_once_and_silence_neither_counts_nor_starts_anew() {
        let mut policy = policy(2);
        for now in 10..20 {
            assert_ne!(look(&mut policy, now, 10, false), HealthState::Down);
        }
        assert_eq!(policy.observe(Instant::from_secs(25), &[]).state, HealthState::Unknown);
        assert_eq!(look(&mut policy, 30, 30, false), HealthState::Down);
        policy.start_over();
        assert_ne!(look(&mut policy, 40, 40, false), HealthState::Down);
    }
}
