//! The health of a region, judged from that of its services.
//!
//! Owns which services a region cannot do without. Does not know what is done about it.
//!
//! Invariant: a region is down only while a service it cannot do without is; a service that is not listed is unknown.

use super::service_health::{HealthLimits, HealthReport, HealthState, ServiceHealth, ServiceReading};
use crate::units::{Instant, plural};
use std::collections::BTreeMap;

/// Judges a region, evaluation by evaluation.
#[derive(Debug, Clone)]
pub struct RegionHealth {
    limits: HealthLimits,
    critical: Vec<String>,
    services: BTreeMap<String, ServiceHealth>,
}

/// A region's state and what it was judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionVerdict {
    /// The region: down with any critical service; degraded with any service that is degraded or down; unknown with
    /// any critical service that is, or without services; else healthy.
    pub health: HealthReport,
    /// Every service seen so far, by name.
    pub services: BTreeMap<String, HealthReport>,
}

impl RegionHealth {
    /// A region that is down as soon as one of `critical` is; if that list is empty, as soon as any service is.
    pub fn new(limits: HealthLimits, critical: Vec<String>) -> Self {
        let services = critical.iter().map(|name| (name.clone(), ServiceHealth::new(limits.clone()))).collect();
        Self { limits, critical, services }
    }

    /// Judges the evaluation at `now` by the newest readings; empty if there are none.
    pub fn observe(&mut self, now: Instant, readings: &[(String, ServiceReading)]) -> RegionVerdict {
        for (name, _) in readings {
            if !self.services.contains_key(name) {
                self.services.insert(name.clone(), ServiceHealth::new(self.limits.clone()));
            }
        }
        let judged = self.services.iter_mut().map(|(name, service)| {
            let reading = readings.iter().find(|(n, _)| n == name).map(|(_, reading)| reading);
            (name.clone(), service.observe(now, reading))
        });
        let services: BTreeMap<String, HealthReport> = judged.collect();
        RegionVerdict { health: self.summarise(&services), services }
    }

    /// Forgets what was seen.
    pub fn start_over(&mut self) {
        *self = Self::new(self.limits.clone(), std::mem::take(&mut self.critical));
    }

    fn is_critical(&self, name: &String) -> bool {
        self.critical.is_empty() || self.critical.contains(name)
    }

    fn summarise(&self, services: &BTreeMap<String, HealthReport>) -> HealthReport {
        let counted = services.iter().map(|(name, health)| match (health.state, self.is_critical(name)) {
            (HealthState::Down, false) => {
                mutant!("any_service_downs_the_region": HealthState::Degraded => HealthState::Down)
            }
            (HealthState::Unknown, false) => {
                mutant!("any_unknown_hides_the_region": HealthState::Healthy => HealthState::Unknown)
            }
            (state, _) => state,
        });
        let state = counted.max().unwrap_or(HealthState::Unknown);
        let critical =
            services.iter().filter(|(name, _)| mutant!("any_service_dates_the_breach": self.is_critical(name) => true));
        let failing_since = critical.filter_map(|(_, health)| health.failing_since).min();
        let told = services.iter().filter(|(_, health)| health.state != HealthState::Healthy);
        let told: Vec<String> =
            told.map(|(name, health)| format!("{name} {}: {}", health.state, health.evidence)).collect();
        let evidence = match (services.len(), told.len()) {
            (0, _) => "no service has been seen".to_owned(),
            (all, 0) => format!("{} healthy", plural(all as u64, "service")),
            _ => told.join("; "),
        };
        HealthReport { state, failing_since, evidence }
    }
}

#[cfg(test)]
mod tests {
    use super::HealthState::{Degraded, Down, Healthy, Unknown};
    use super::*;
    use crate::units::{Ratio, Span};

    const LIMITS: HealthLimits = HealthLimits {
        error_rate: Ratio::from_percent(10),
        latency: Span::from_secs(5),
        sustained: Span::ZERO,
        min_requests: 20,
        stale_after: Span::from_secs(45),
        on_gap: crate::policy::OnGap::Hold,
    };

    fn readings(states: &[(&str, HealthState)]) -> Vec<(String, ServiceReading)> {
        let reading = |state| ServiceReading {
            scraped_at: Some(Instant::ZERO),
            up: state != Down,
            requests: if state == Unknown { 0 } else { 100 },
            errors: if state == Degraded { 5 } else { 0 },
            limited: 0,
            latency_p95: Some(Span::from_millis(80)),
        };
        states.iter().map(|(name, state)| ((*name).to_owned(), reading(*state))).collect()
    }

    fn judge(critical: &[&str], states: &[(&str, HealthState)]) -> HealthReport {
        let critical = critical.iter().map(|&name| name.to_owned()).collect();
        RegionHealth::new(LIMITS, critical).observe(Instant::ZERO, &readings(states)).health
    }

    #[test]
    fn without_a_list_every_service_is_critical() {
        assert_eq!(judge(&[], &[("api", Healthy), ("search", Healthy)]).state, Healthy);
        assert_eq!(judge(&[], &[("api", Healthy), ("search", Down)]).state, Down);
        assert_eq!(judge(&[], &[("api", Healthy), ("search", Degraded)]).state, Degraded);
        assert_eq!(judge(&[], &[("api", Healthy), ("search", Unknown)]).state, Unknown);
        assert_eq!(judge(&[], &[]).state, Unknown);
    }

    #[test]
    fn a_service_that_is_not_critical_only_degrades_its_region() {
        let verdict = judge(&["api"], &[("api", Healthy), ("search", Down)]);
        assert_eq!((verdict.state, verdict.failing_since), (Degraded, None));
        assert_eq!(judge(&["api"], &[("api", Healthy), ("search", Unknown)]).state, Healthy);
        assert_eq!(judge(&["api"], &[("api", Down), ("search", Healthy)]).state, Down);
    }

    #[test]
    fn a_critical_service_nobody_reads_is_unknown() {
        assert_eq!(judge(&["api", "search"], &[("search", Healthy)]).state, Unknown);
        assert_eq!(judge(&["api", "search"], &[("search", Down)]).state, Down, "what is known to be down outranks it");
    }

    #[test]
    fn the_evidence_names_the_services_it_comes_from() {
        let verdict = judge(&[], &[("api", Down), ("cache", Healthy), ("search", Degraded)]);
        assert_eq!(verdict.failing_since, Some(Instant::ZERO));
        assert_eq!(verdict.evidence, "api down: scrape failed; search degraded: 5 errors in 100 requests, p95 80ms");
    }
}
