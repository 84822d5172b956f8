//! Monitoring: scraping services, keeping what was scraped, answering for a window.
//!
//! Refuses to know the truth between scrapes: a reading is made of scrapes alone, and of none younger than the delivery
//! delay.
//!
//! Invariant: counters are read as counters are, by difference between two scrapes that both succeeded.

use crate::model::core::held::Held;
use crate::model::plan::MonitoringPlan;
use crate::model::platform::service::Counters;
use crate::ports::ServiceReading;
use crate::units::{Instant, ServiceId, Span};
use std::collections::VecDeque;

#[derive(Debug, Clone)]
struct Scrape {
    at: Instant,
    /// What the service answered; `None`: the scrape failed.
    counters: Option<Counters>,
}

/// Everything scraped that a window may still need.
#[derive(Debug)]
pub struct Monitoring {
    /// How often services are scraped.
    pub every: Span,
    window: Span,
    delay: Span,
    scrapes: Vec<VecDeque<Scrape>>,
    /// Nothing is scraped and nothing can be read while this is held.
    pub(in crate::model) blackout: Held,
    /// By region: its services are not scraped while this is held.
    pub(in crate::model) gaps: Vec<Held>,
}

impl Monitoring {
    /// The monitoring of `plan` over `services` services in `regions` regions.
    pub fn new(plan: &MonitoringPlan, services: usize, regions: usize) -> Self {
        Self {
            every: plan.scrape,
            window: mutant!("monitoring_looks_back_half_as_long": plan.window => Span::from_nanos(plan.window.as_nanos() / 2)),
            delay: plan.delay,
            scrapes: vec![VecDeque::new(); services],
            blackout: Held::default(),
            gaps: vec![Held::default(); regions],
        }
    }

    /// Keeps a scrape of `service`; `counters` is `None` if the service did not answer.
    pub fn keep(&mut self, service: ServiceId, at: Instant, counters: Option<Counters>) {
        let scrapes = &mut self.scrapes[service.index()];
        scrapes.push_back(Scrape { at, counters });
        let oldest = Span::from_nanos(at.as_nanos()).saturating_sub(self.window + self.delay + self.every);
        while scrapes.len() > 2 && scrapes[1].at.as_nanos() < oldest.as_nanos() {
            scrapes.pop_front();
        }
    }

    /// What monitoring says about `service` at `now`.
    pub fn reading(&self, service: ServiceId, now: Instant) -> ServiceReading {
        let visible = || self.scrapes[service.index()].iter().rev().filter(|s| s.at.saturating_add(self.delay) <= now);
        let Some(newest) = visible().next() else {
            return ServiceReading { scraped_at: None, up: false, requests: 0, errors: 0, latency_p95: None };
        };
        let window_start = Instant::from_nanos(newest.at.as_nanos().saturating_sub(self.window.as_nanos()));
        let mut answered = visible().filter(|s| s.counters.is_some());
        let last = answered.next().filter(|s| s.at >= window_start);
        // The last scrape at or before the start of the window, or the first one there is.
        let first = last.and_then(|_| {
            let mut oldest = None;
            for scrape in answered {
                oldest = Some(scrape);
                if scrape.at <= window_start {
                    break;
                }
            }
            oldest
        });
        let counters = |scrape: Option<&Scrape>| scrape.and_then(|s| s.counters.clone()).unwrap_or_default();
        let (last, first) = (counters(last), counters(first));
        let latency =
            last.latency.count().checked_sub(first.latency.count()).map(|_| last.latency.since(&first.latency));
        ServiceReading {
            scraped_at: Some(newest.at),
            up: newest.counters.is_some(),
            requests: last.requests.saturating_sub(first.requests),
            errors: last.errors.saturating_sub(first.errors),
            latency_p95: latency.and_then(|latency| latency.percentile(95)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: ServiceId = ServiceId(0);
    const T: fn(u64) -> Instant = Instant::from_secs;

    fn monitoring() -> Monitoring {
        let [scrape, window, delay] = [15, 60, 2].map(Span::from_secs);
        Monitoring::new(&MonitoringPlan { scrape, window, delay }, 1, 1)
    }

    fn counters(requests: u64, errors: u64) -> Option<Counters> {
        Some(Counters { requests, errors, ..Counters::default() })
    }

    #[test]
    fn a_reading_is_the_difference_over_the_window() {
        let mut monitoring = monitoring();
        for n in 0..=10 {
            monitoring.keep(S, T(15 * n), counters(100 * n, 10 * n));
        }
        let reading = monitoring.reading(S, T(152));
        assert_eq!((reading.scraped_at, reading.requests, reading.errors), (Some(T(150)), 400, 40));
    }

    #[test]
    fn a_scrape_is_read_only_after_the_delivery_delay() {
        let mut monitoring = monitoring();
        assert_eq!(monitoring.reading(S, T(0)).scraped_at, None);
        monitoring.keep(S, T(0), counters(0, 0));
        monitoring.keep(S, T(15), None);
        assert!(monitoring.reading(S, T(16)).up);
        assert!(!monitoring.reading(S, T(17)).up);
    }

    #[test]
    fn a_service_that_has_been_down_for_a_whole_window_has_no_requests() {
        let mut monitoring = monitoring();
        monitoring.keep(S, T(0), counters(500, 0));
        for n in 1..=10 {
            monitoring.keep(S, T(15 * n), None);
        }
        let reading = monitoring.reading(S, T(160));
        assert_eq!((reading.up, reading.requests, reading.latency_p95), (false, 0, None));
    }
}
