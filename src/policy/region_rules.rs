//! When to fail over from a region, and when to fail back to it.
//!
//! Owns where the traffic is, as far as actions have moved it. Does not know how it is moved, nor where it goes.
//!
//! Invariants: a region that has been left is not left again; there is no failback to one that flaps; where an action
//! stopped half way nothing is called for, for a person must act.

use super::decision::{Aftermath, Decision, Rules};
use super::{HealthPolicy, HealthReport, HealthState, Observation, OnGap, ServiceReading, SustainedThreshold};
use crate::units::{Instant, Span};

/// What can be called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegionMove {
    /// To fail back to the region: it has been healthy for long enough.
    ComeBack,
    /// To leave it: it has failed for long enough.
    Leave,
}

/// Where the traffic of the region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ActiveSite {
    /// Where it belongs.
    Primary,
    /// In the region that took over.
    Secondary,
    /// Partly here, partly there: a person must act.
    Split,
}

/// What the rules of a region are told. Without defaults: those are in the scenario language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionLimits {
    /// A newest scrape older than this says nothing.
    pub stale_after: Span,
    /// Whether to leave it moves traffic; otherwise that stays, whatever is done.
    pub moves: bool,
    /// How long it must be healthy without interruption before a failback; `None`: there is none.
    pub hold_down: Option<Span>,
}

/// Judges a region by a policy, and the failback to it.
#[derive(Debug, Clone)]
pub struct RegionRules<H> {
    limits: RegionLimits,
    health: H,
    fit: SustainedThreshold,
    site: ActiveSite,
}

impl<H: HealthPolicy> RegionRules<H> {
    /// A region whose traffic is where it belongs, and of which `health` knows nothing yet.
    pub fn new(limits: RegionLimits, health: H) -> Self {
        let fit = SustainedThreshold::new(limits.hold_down.unwrap_or(Span::ZERO), OnGap::Hold);
        Self { limits, health, fit, site: ActiveSite::Primary }
    }

    /// A region nobody uses has no requests to be judged by: it is fit if every service answers and none is failing.
    fn fitness(&self, now: Instant, readings: &[(String, ServiceReading)], health: &HealthReport) -> Observation {
        let stale = self.limits.stale_after;
        let fresh = |reading: &ServiceReading| reading.scraped_at.is_some_and(|scraped| now.since(scraped) <= stale);
        if readings.is_empty()
            || mutant!("stale_readings_are_fit": !readings.iter().all(|(_, reading)| fresh(reading)) => false)
        {
            Observation::Missing
        } else if health.failing_since.is_none()
            && mutant!("who_does_not_answer_is_fit": readings.iter().all(|(_, reading)| reading.up) => true)
        {
            Observation::Exceeded
        } else {
            Observation::Within
        }
    }

    fn failing(&self, health: HealthReport) -> Decision<RegionMove, HealthReport> {
        let (class, mut decision) = (RegionMove::Leave, nothing(health));
        if decision.evidence.failing_since.is_some() {
            decision.active.push(class);
        } else if decision.evidence.state != HealthState::Unknown {
            decision.clear.push(class);
        }
        if decision.evidence.state == HealthState::Down
            && mutant!("what_was_left_is_left_again": self.site == ActiveSite::Primary => true)
        {
            decision.firing.push(class);
        }
        decision
    }

    fn fit_again(
        &mut self,
        now: Instant,
        fitness: Observation,
        health: HealthReport,
    ) -> Decision<RegionMove, HealthReport> {
        let (class, mut decision) = (RegionMove::ComeBack, nothing(health));
        let ready = self.fit.observe(now, fitness);
        decision.held = self.fit.held();
        if self.fit.since().is_some() {
            decision.active.push(class);
        } else {
            decision.clear.push(class);
        }
        if ready && mutant!("fit_for_now_is_enough": fitness == Observation::Exceeded => true) {
            decision.firing.push(class);
        }
        decision
    }
}

/// That nothing is called for.
fn nothing(evidence: HealthReport) -> Decision<RegionMove, HealthReport> {
    Decision { firing: Vec::new(), active: Vec::new(), clear: Vec::new(), held: Span::ZERO, evidence }
}

impl<H: HealthPolicy> Rules for RegionRules<H> {
    type Seen = Vec<(String, ServiceReading)>;
    type Class = RegionMove;
    type Evidence = HealthReport;

    fn judge(&mut self, now: Instant, seen: Option<&Self::Seen>) -> Decision<RegionMove, HealthReport> {
        let readings = seen.map_or(&[][..], Vec::as_slice);
        let health = self.health.observe(now, readings);
        match self.site {
            ActiveSite::Primary | ActiveSite::Split => self.failing(health),
            ActiveSite::Secondary if self.limits.hold_down.is_some() => {
                let fitness = self.fitness(now, readings, &health);
                self.fit_again(now, fitness, health)
            }
            ActiveSite::Secondary => nothing(health),
        }
    }

    fn learn(&mut self, class: Option<RegionMove>, aftermath: Aftermath, _: Instant) {
        self.site = match (class, aftermath) {
            (Some(RegionMove::Leave), Aftermath::Done) if !self.limits.moves => ActiveSite::Primary,
            (Some(RegionMove::Leave), Aftermath::Done) | (Some(RegionMove::ComeBack), Aftermath::Undone) => {
                ActiveSite::Secondary
            }
            (Some(RegionMove::ComeBack), Aftermath::Done) | (Some(RegionMove::Leave), Aftermath::Undone) => {
                ActiveSite::Primary
            }
            (_, Aftermath::Stopped) | (None, _) => {
                mutant!("after_a_stop_all_is_well": ActiveSite::Split => ActiveSite::Primary)
            }
        };
    }

    fn start_over(&mut self) {
        self.health.start_over();
        self.fit = SustainedThreshold::new(self.limits.hold_down.unwrap_or(Span::ZERO), OnGap::Hold);
    }

    /// A region that fails keeps failing after an action that has not moved its traffic; whether it is healthy is
    /// observed again.
    fn outlasts_an_action(&self, class: RegionMove) -> bool {
        class == RegionMove::Leave && self.site == ActiveSite::Primary
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{HealthLimits, RegionHealth};
    use crate::units::Ratio;

    fn limits() -> HealthLimits {
        HealthLimits {
            error_rate: Ratio::from_percent(10),
            latency: Span::from_secs(5),
            sustained: Span::from_secs(10),
            min_requests: 20,
            stale_after: Span::from_secs(45),
            on_gap: OnGap::Hold,
        }
    }

    fn rules(moves: bool, hold_down: Option<u64>) -> RegionRules<RegionHealth> {
        let health = limits();
        let hold_down = hold_down.map(Span::from_secs);
        let stale_after = health.stale_after;
        RegionRules::new(RegionLimits { stale_after, moves, hold_down }, RegionHealth::new(health, Vec::new()))
    }

    fn at(second: u64) -> Instant {
        Instant::from_secs(second)
    }

    fn seen(up: bool, second: u64) -> Vec<(String, ServiceReading)> {
        let scraped_at = Some(at(second));
        vec![(
            "api".to_owned(),
            ServiceReading { scraped_at, up, requests: 0, errors: 0, limited: 0, latency_p95: None },
        )]
    }

    fn fires(rules: &mut RegionRules<RegionHealth>, up: bool, second: u64) -> Vec<RegionMove> {
        rules.judge(at(second), Some(&seen(up, second))).firing
    }

    #[test]
    fn a_region_that_was_left_is_not_left_again_and_is_come_back_to_once_fit() {
        let mut rules = rules(true, Some(30));
        assert_eq!(fires(&mut rules, false, 0), []);
        assert_eq!(fires(&mut rules, false, 10), [RegionMove::Leave]);
        rules.learn(Some(RegionMove::Leave), Aftermath::Done, at(15));
        rules.start_over();
        for second in (20..100).step_by(10) {
            assert_eq!(fires(&mut rules, false, second), []);
        }
        assert_eq!(fires(&mut rules, true, 100), []);
        assert_eq!(fires(&mut rules, false, 120), [], "it flaps");
        assert_eq!(fires(&mut rules, true, 130), []);
        assert_eq!(rules.judge(at(160), None).firing, [], "not seen to be fit");
        assert_eq!(fires(&mut rules, true, 170), [], "nor does the gap count");
        assert_eq!(fires(&mut rules, true, 200), [RegionMove::ComeBack]);
    }

    fn left(critical: &[&str]) -> RegionRules<RegionHealth> {
        let mut rules = rules(true, Some(30));
        rules.health = RegionHealth::new(limits(), critical.iter().map(|name| (*name).to_owned()).collect());
        rules.learn(Some(RegionMove::Leave), Aftermath::Done, at(0));
        rules
    }

    #[test]
    fn a_region_of_which_nothing_new_is_known_is_not_fit() {
        let mut rules = left(&[]);
        let mut last_seen_at_100 = |second| rules.judge(at(second), Some(&seen(true, 100))).firing;
        assert_eq!((last_seen_at_100(100), last_seen_at_100(120)), (vec![], vec![]));
        for second in (150..300).step_by(10) {
            assert_eq!(last_seen_at_100(second), [], "at {second}, what is known is older than 45 s");
        }
    }

    #[test]
    fn a_region_is_not_fit_while_any_service_of_it_does_not_answer() {
        let mut rules = left(&["api"]);
        let both = |second, search_is_up| {
            let mut both = seen(true, second);
            both.extend(seen(search_is_up, second).into_iter().map(|(_, reading)| ("search".to_owned(), reading)));
            both
        };
        for second in (100..200).step_by(10) {
            let decision = rules.judge(at(second), Some(&both(second, false)));
            assert_eq!(decision.firing, [], "search is no reason to leave, and one not to come back: {second}");
        }
        assert_eq!(rules.judge(at(200), Some(&both(200, true))).firing, []);
        assert_eq!(rules.judge(at(230), Some(&both(230, true))).firing, [RegionMove::ComeBack]);
    }

    #[test]
    fn a_region_that_has_been_fit_for_long_enough_must_be_seen_to_be_fit_now() {
        let mut rules = left(&[]);
        assert_eq!(fires(&mut rules, true, 100), []);
        assert_eq!(fires(&mut rules, true, 130), [RegionMove::ComeBack]);
        assert_eq!(rules.judge(at(140), None).firing, [], "nobody sees it");
        assert_eq!(fires(&mut rules, true, 150), [RegionMove::ComeBack]);
    }

    #[test]
    fn what_an_action_leaves_behind_decides_what_comes_next() {
        use Aftermath::{Done, Stopped, Undone};
        use RegionMove::{ComeBack, Leave};
        for (moves, history, next) in [
            (true, &[(Leave, Done)][..], Some(ComeBack)),
            (true, &[(Leave, Undone)], Some(Leave)),
            (true, &[(Leave, Stopped)], None),
            (true, &[(Leave, Done), (ComeBack, Done)], Some(Leave)),
            (true, &[(Leave, Done), (ComeBack, Undone)], Some(ComeBack)),
            (true, &[(Leave, Done), (ComeBack, Stopped)], None),
            (false, &[(Leave, Done)], Some(Leave)),
        ] {
            let mut rules = rules(moves, Some(10));
            for (class, aftermath) in history {
                rules.learn(Some(*class), *aftermath, at(0));
            }
            let mut fired = Vec::new();
            for second in [10, 20] {
                fired.extend(fires(&mut rules.clone(), false, second));
                fired.extend(fires(&mut rules, next != Some(Leave), second));
            }
            assert_eq!(fired.into_iter().next(), next, "{moves} {history:?}");
        }
    }

    #[test]
    fn what_these_rules_never_called_for_needs_a_person() {
        let mut rules = rules(true, Some(10));
        rules.learn(None, Aftermath::Done, at(0));
        fires(&mut rules, false, 0);
        let decision = rules.judge(at(10), Some(&seen(false, 10)));
        assert_eq!((decision.firing, decision.active), (vec![], vec![RegionMove::Leave]), "it is seen, not acted on");
    }

    #[test]
    fn without_a_way_back_nothing_is_said_of_being_fit() {
        let mut rules = rules(true, None);
        rules.learn(Some(RegionMove::Leave), Aftermath::Done, at(0));
        let decision = rules.judge(at(10), Some(&seen(true, 10)));
        assert_eq!((decision.firing, decision.active, decision.clear), (vec![], vec![], vec![]));
    }
}
