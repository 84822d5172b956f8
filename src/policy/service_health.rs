//! The health of one service in one region, judged from what was scraped of it.
//!
//! Owns the limits and the clock of one service. Does not know how the figures were gathered, or the truth.
//!
//! Invariant: silence is never a failure. Without figures the state is unknown, never down, and the clock starts over or
//! stands still, as the limits say.

use super::sustained::{Observation, OnGap, SustainedThreshold};
use crate::units::{Instant, Ratio, Span, plural};
use serde::{Deserialize, Serialize};
use std::fmt;

/// When a service counts as failing, and for how long it must before it is called down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthLimits {
    /// A larger share of errors is failing. Exactly this share is not.
    pub error_rate: Ratio,
    /// A higher 95th percentile of the response time counts as failing. Exactly this long is not.
    pub latency: Span,
    /// How long a service must be failing to be down.
    pub sustained: Span,
    /// Rates and percentiles of fewer requests than this say nothing.
    pub min_requests: u64,
    /// A newest scrape older than this says nothing.
    pub stale_after: Span,
    /// What an evaluation without anything to judge by does to the time a service has been failing.
    #[serde(default)]
    pub on_gap: OnGap,
}

/// One service over the monitoring window, as scraped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceReading {
    /// When the newest scrape was taken, whether it reached the service or not; `None` if there never was one.
    pub scraped_at: Option<Instant>,
    /// Whether the newest scrape reached the service.
    pub up: bool,
    /// Requests finished inside the window.
    pub requests: u64,
    /// Of these, those answered with an error.
    pub errors: u64,
    /// Requests that a rate limit turned away inside the window, whether these are among the errors or left out.
    pub limited: u64,
    /// 95th percentile of the response time inside the window.
    pub latency_p95: Option<Span>,
}

/// How a service, or a region, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthState {
    /// Inside half of its limits.
    Healthy,
    /// There is not enough to judge by.
    Unknown,
    /// At or beyond half of a limit, or beyond a limit for less than the sustained time.
    Degraded,
    /// Beyond a limit for the whole of the sustained time.
    Down,
}

impl fmt::Display for HealthState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "healthy",
            Self::Unknown => "unknown",
            Self::Degraded => "degraded",
            Self::Down => "down",
        })
    }
}

/// A state and what it was judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReport {
    /// The state.
    pub state: HealthState,
    /// The evaluation that first saw a limit exceeded in the present breach, sustained yet or not; `None` while none is.
    pub failing_since: Option<Instant>,
    /// Values, limits and times, in words for a person.
    pub evidence: String,
}

impl fmt::Display for HealthReport {
    /// What it was judged by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.evidence)
    }
}

/// Judges one service, evaluation by evaluation.
#[derive(Debug, Clone)]
pub struct ServiceHealth {
    limits: HealthLimits,
    failing: SustainedThreshold,
    /// Whether the last failing evaluation failed because no scrape reached the service.
    unreachable: bool,
}

/// What one reading alone says.
struct Finding {
    observation: Observation,
    state: HealthState,
    evidence: String,
}

impl ServiceHealth {
    /// A service nothing is known of yet.
    pub const fn new(limits: HealthLimits) -> Self {
        let failing = SustainedThreshold::new(limits.sustained, limits.on_gap);
        Self { limits, failing, unreachable: false }
    }

    /// Judges the evaluation at `now` by the newest reading, `None` if there is none.
    ///
    /// A scrape that did not reach the service is a failing observation. One that did, but with too few requests to
    /// judge by, clears a breach of unreachability and leaves one of errors or slowness as it is.
    pub fn observe(&mut self, now: Instant, reading: Option<&ServiceReading>) -> HealthReport {
        let finding = self.judge(now, reading);
        let down = self.failing.observe(now, finding.observation);
        let failing_since = self.failing.since();
        if finding.observation != Observation::Exceeded {
            return HealthReport { state: finding.state, failing_since, evidence: finding.evidence };
        }
        let state = if down { HealthState::Down } else { HealthState::Degraded };
        let mut evidence = finding.evidence;
        // At once means at once: there is nothing that it would be a part of.
        if self.limits.sustained > Span::ZERO {
            evidence += &format!(", for {} of {}", self.failing.held(), self.limits.sustained);
        }
        HealthReport { state, failing_since, evidence }
    }

    /// When the service would be down if every evaluation from now on found it failing.
    pub fn due(&self) -> Option<Instant> {
        self.failing.due()
    }

    fn judge(&mut self, now: Instant, reading: Option<&ServiceReading>) -> Finding {
        let Some((reading, scraped_at)) = reading.and_then(|r| r.scraped_at.map(|at| (r, at))) else {
            return Finding::unknown(Observation::Missing, "never scraped".to_owned());
        };
        let age = now.since(scraped_at);
        if mutant!("old_scrapes_count": age > self.limits.stale_after => false) {
            return Finding::unknown(Observation::Missing, format!("last scraped {age:#} ago"));
        }
        if !reading.up {
            self.unreachable = true;
            return Finding::failing("scrape failed".to_owned());
        }
        if mutant!("just_enough_requests_are_too_few": reading.requests < self.limits.min_requests.max(1) => reading.requests <= self.limits.min_requests.max(1))
        {
            let seen = if mutant!("who_answers_is_still_unreachable": self.unreachable => false) {
                Observation::Within
            } else {
                Observation::Missing
            };
            let (few, needed) = (reading.requests, self.limits.min_requests.max(1));
            return Finding::unknown(seen, format!("answers, but only {few} of the {needed} requests needed to judge"));
        }
        let finding = self.judge_figures(reading);
        if finding.observation == Observation::Exceeded {
            self.unreachable = false;
        }
        finding
    }

    /// Compares with the limits; degraded begins at half of each, inclusive.
    fn judge_figures(&self, reading: &ServiceReading) -> Finding {
        let HealthLimits { error_rate, latency, .. } = self.limits;
        let errors =
            |times: u64| error_rate.compare_to_quotient(reading.errors.saturating_mul(times), reading.requests);
        let p95 = reading.latency_p95.unwrap_or(Span::ZERO);
        let mut figures =
            format!("{} in {}, p95 {p95:#}", plural(reading.errors, "error"), plural(reading.requests, "request"));
        if reading.limited > 0 {
            figures.push_str(&format!(", {} over a rate limit", reading.limited));
        }
        if errors(1).is_some_and(|order| mutant!("at_the_error_limit_is_above_it": order.is_gt() => order.is_ge())) {
            return Finding::failing(format!("{figures}: error rate above {error_rate}"));
        }
        if mutant!("at_the_latency_limit_is_above_it": p95 > latency => p95 >= latency) {
            return Finding::failing(format!("{figures}: p95 above {latency:#}"));
        }
        let half_errors = reading.errors > 0 && errors(2).is_some_and(|order| order.is_ge());
        let half_latency = p95 > Span::ZERO && p95.saturating_add(p95) >= latency;
        let state = if mutant!("slowness_does_not_degrade": half_errors || half_latency => half_errors) {
            HealthState::Degraded
        } else {
            HealthState::Healthy
        };
        Finding { observation: Observation::Within, state, evidence: figures }
    }
}

impl Finding {
    fn unknown(observation: Observation, evidence: String) -> Self {
        Self { observation, state: HealthState::Unknown, evidence }
    }
    fn failing(evidence: String) -> Self {
        Self { observation: Observation::Exceeded, state: HealthState::Degraded, evidence }
    }
}

#[cfg(test)]
mod tests {
    use super::HealthState::{Degraded, Down, Healthy, Unknown};
    use super::*;
    use proptest::prelude::*;

    /// The limits of A8, with figures of our own for what it leaves open.
    const LIMITS: HealthLimits = HealthLimits {
        error_rate: Ratio::from_percent(10),
        latency: Span::from_secs(5),
        sustained: Span::from_secs(60),
        min_requests: 20,
        stale_after: Span::from_secs(45),
        on_gap: OnGap::Hold,
    };

    fn reading(at: u64, requests: u64, errors: u64, p95_ms: u64) -> ServiceReading {
        let latency_p95 = Some(Span::from_millis(p95_ms));
        ServiceReading { scraped_at: Some(Instant::from_secs(at)), up: true, requests, errors, limited: 0, latency_p95 }
    }

    /// The state after the same figures were read at second 0 and at second 60.
    fn sustained(requests: u64, errors: u64, p95_ms: u64) -> HealthState {
        let mut health = ServiceHealth::new(LIMITS);
        health.observe(Instant::ZERO, Some(&reading(0, requests, errors, p95_ms)));
        health.observe(Instant::from_secs(60), Some(&reading(60, requests, errors, p95_ms))).state
    }

    #[test]
    fn limits_are_exceeded_strictly_and_degraded_begins_at_half() {
        for (requests, errors, p95_ms, state) in [
            (1000, 101, 100, Down),
            (1000, 100, 100, Degraded),
            (1000, 50, 100, Degraded),
            (1000, 49, 100, Healthy),
            (1000, 0, 5001, Down),
            (1000, 0, 5000, Degraded),
            (1000, 0, 2500, Degraded),
            (1000, 0, 2499, Healthy),
            (20, 20, 100, Down),
            (19, 19, 100, Unknown),
            (0, 0, 0, Unknown),
        ] {
            assert_eq!(sustained(requests, errors, p95_ms), state, "{errors} of {requests}, {p95_ms} ms");
        }
    }

    #[test]
    fn a_service_is_down_after_the_sustained_time_and_not_before() {
        let mut health = ServiceHealth::new(LIMITS);
        let failing = |at| reading(at, 100, 11, 100);
        let first = health.observe(Instant::from_secs(10), Some(&failing(10)));
        assert_eq!((first.state, first.failing_since), (Degraded, Some(Instant::from_secs(10))));
        assert_eq!(health.due(), Some(Instant::from_secs(70)));
        let early = Instant::from_nanos(69_999_999_999);
        assert_eq!(health.clone().observe(early, Some(&failing(69))).state, Degraded);
        let verdict = health.observe(Instant::from_secs(70), Some(&failing(70)));
        assert_eq!(verdict.state, Down);
        assert_eq!(verdict.evidence, "11 errors in 100 requests, p95 100ms: error rate above 10%, for 1m of 1m");
    }

    #[test]
    fn what_a_limit_turned_away_is_told_and_decides_nothing_by_itself() {
        let limited = ServiceReading { limited: 970, ..reading(0, 1000, 0, 100) };
        let report = ServiceHealth::new(LIMITS).observe(Instant::ZERO, Some(&limited));
        assert_eq!(report.state, Healthy, "monitoring leaves them out of the errors");
        assert_eq!(report.evidence, "0 errors in 1000 requests, p95 100ms, 970 over a rate limit");
        let failing = ServiceReading { errors: 970, ..limited };
        assert_eq!(
            ServiceHealth::new(LIMITS).observe(Instant::ZERO, Some(&failing)).state,
            Degraded,
            "not for a minute"
        );
    }

    #[test]
    fn a_failed_scrape_is_failing_and_a_missing_one_is_not() {
        let mut health = ServiceHealth::new(LIMITS);
        let dark = |at| ServiceReading { up: false, ..reading(at, 0, 0, 0) };
        assert_eq!(health.observe(Instant::ZERO, Some(&dark(0))).evidence, "scrape failed, for 0s of 1m");
        assert_eq!(health.observe(Instant::from_secs(45), Some(&dark(0))).state, Degraded, "as old as it may be");
        let stale = health.observe(Instant::from_nanos(45_000_000_001), Some(&dark(0)));
        assert_eq!((stale.state, stale.failing_since), (Unknown, Some(Instant::ZERO)));
        for second in 46..500 {
            assert_eq!(health.observe(Instant::from_secs(second), None).state, Unknown, "silence is never down");
        }
        assert_eq!(health.observe(Instant::from_secs(500), Some(&dark(500))).state, Degraded);
        assert_eq!(health.observe(Instant::from_secs(515), Some(&dark(515))).state, Down, "45 s before, 15 s after");
    }

    #[test]
    fn an_answer_without_traffic_clears_unreachability_but_not_an_error_rate() {
        let idle = |at| reading(at, 3, 0, 0);
        let mut dark = ServiceHealth::new(LIMITS);
        dark.observe(Instant::ZERO, Some(&ServiceReading { up: false, ..idle(0) }));
        assert_eq!(dark.observe(Instant::from_secs(5), Some(&idle(5))).failing_since, None);
        let mut erring = ServiceHealth::new(LIMITS);
        erring.observe(Instant::ZERO, Some(&reading(0, 100, 50, 0)));
        assert_eq!(erring.observe(Instant::from_secs(5), Some(&idle(5))).failing_since, Some(Instant::ZERO));
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Look {
        Dark,
        Errors,
        Slow,
        Half,
        Fine,
        Idle,
        Stale,
        Nothing,
    }

    fn show(look: Look, at: u64) -> Option<ServiceReading> {
        let fine = reading(at, 100, 0, 100);
        Some(match look {
            Look::Dark => ServiceReading { up: false, ..fine },
            Look::Errors => ServiceReading { errors: 11, ..fine },
            Look::Slow => ServiceReading { latency_p95: Some(Span::from_millis(5001)), ..fine },
            Look::Half => ServiceReading { errors: 5, ..fine },
            Look::Fine => fine,
            Look::Idle => ServiceReading { requests: 19, errors: 19, ..fine },
            Look::Stale => ServiceReading { scraped_at: None, up: false, ..fine },
            Look::Nothing => return None,
        })
    }

    /// The state, from the whole history, by its definition.
    fn recompute(history: &[(u64, Look)]) -> HealthState {
        use Look::{Dark, Errors, Fine, Half, Idle, Nothing, Slow, Stale};
        let failing = |look: Look| matches!(look, Dark | Errors | Slow);
        let clears = |i: usize| match history[i].1 {
            Half | Fine => true,
            Idle => history[..i].iter().rev().find(|(_, look)| failing(*look)).is_some_and(|(_, look)| *look == Dark),
            Dark | Errors | Slow | Stale | Nothing => false,
        };
        let start = (0..history.len()).rev().find(|&i| clears(i)).map_or(0, |i| i + 1);
        let pairs = history[start..].windows(2).filter(|pair| failing(pair[0].1) && failing(pair[1].1));
        let held: u64 = pairs.map(|pair| pair[1].0 - pair[0].0).sum();
        match history.last().unwrap().1 {
            Dark | Errors | Slow if held >= 60 => Down,
            Dark | Errors | Slow | Half => Degraded,
            Fine => Healthy,
            Idle | Stale | Nothing => Unknown,
        }
    }

    proptest! {
        #[test]
        fn the_state_equals_recomputing_it_from_the_whole_history(
            steps in prop::collection::vec((1_u64..40, prop::sample::select(vec![
                Look::Dark, Look::Dark, Look::Dark, Look::Errors, Look::Errors, Look::Slow, Look::Half, Look::Fine,
                Look::Idle, Look::Stale, Look::Nothing,
            ])), 1..40),
        ) {
            let mut health = ServiceHealth::new(LIMITS);
            let (mut history, mut now) = (Vec::new(), 0);
            for (gap, look) in steps {
                now += gap;
                history.push((now, look));
                let verdict = health.observe(Instant::from_secs(now), show(look, now).as_ref());
                prop_assert_eq!(verdict.state, recompute(&history));
            }
        }
    }
}
