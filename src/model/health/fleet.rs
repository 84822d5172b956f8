//! Everybody who judges the regions on behalf of one user, and their common verdict.
//!
//! Owns the checkers' opinions. Does not know how a result came about. Invariant: a region is healthy while more
//! than the share asked for of its checkers say so, and real requests do not say otherwise.

use super::detector::Detector;
use super::passive::{Passive, RequestCounts};
use crate::kernel::{Streams, below};
use crate::model::message::User;
use crate::model::plan::{ChecksPlan, HealthRule};
use crate::units::{Instant, Ratio, RegionId, Span};

/// What is thought of one region.
#[derive(Debug, Clone)]
struct Opinion {
    checkers: Vec<Detector>,
    votes: u32,
    passive: Passive,
    serves_well: bool,
    healthy: bool,
}

/// The checks of one user.
#[derive(Debug)]
pub struct Checks {
    /// On whose behalf.
    pub user: User,
    /// How health is judged.
    pub plan: ChecksPlan,
    /// From the start to each checker's first probe.
    pub first: Vec<Span>,
    opinions: Vec<Opinion>,
}

impl Checks {
    /// The checks of `plan`, number `index`, over `regions` regions, all healthy so far.
    pub fn new(user: User, index: usize, plan: &ChecksPlan, regions: usize, streams: &Streams) -> Self {
        let draws = streams.stream(&format!("checks/{index}"), "phase");
        let first = plan.active.as_ref().map_or_else(Vec::new, |active| {
            let drawn = |i| Span::from_nanos(below(draws.at(i), active.every.as_nanos()));
            let first = |i| if active.unsynchronised { drawn(i) } else { active.every };
            (0..u64::from(active.checkers)).map(first).collect()
        });
        let checkers = vec![Detector::new(); first.len()];
        let votes = first.len() as u32;
        let opinion = Opinion { checkers, votes, passive: Passive::default(), serves_well: true, healthy: true };
        Self { user, plan: plan.clone(), first, opinions: vec![opinion; regions] }
    }

    /// A probe of `region` by `checker` had this result. The new verdict, if it has changed.
    pub fn observe(&mut self, checker: usize, region: RegionId, success: bool) -> Option<bool> {
        let rule = self.rule()?;
        let opinion = &mut self.opinions[region.index()];
        let vote = opinion.checkers[checker].observe(rule, success)?;
        opinion.votes = if vote { opinion.votes + 1 } else { opinion.votes - 1 };
        self.conclude(region)
    }

    /// Real requests to `region` are judged. The new verdict, if it has changed.
    pub fn judge(&mut self, region: RegionId, now: Instant, flow: RequestCounts) -> Option<bool> {
        let plan = self.plan.passive.as_ref()?;
        let opinion = &mut self.opinions[region.index()];
        opinion.serves_well = opinion.passive.judge(plan, now, flow)?;
        self.conclude(region)
    }

    fn rule(&self) -> Option<HealthRule> {
        self.plan.active.as_ref().map(|active| active.rule)
    }

    fn conclude(&mut self, region: RegionId) -> Option<bool> {
        let whole = Ratio::ONE.as_ppb();
        let opinion = &mut self.opinions[region.index()];
        let answers = self.plan.active.as_ref().is_none_or(|active| {
            let asked = active.share.as_ppb();
            let share = mutant!("a_fleet_asks_for_twice_the_share": asked => asked * 2);
            u128::from(opinion.votes) * u128::from(whole) > u128::from(active.checkers) * u128::from(share)
        });
        let healthy = answers && opinion.serves_well;
        let news = healthy != opinion.healthy;
        opinion.healthy = healthy;
        news.then_some(healthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::{ActivePlan, ProbeKind};

    fn checks(checkers: u32, share: Ratio) -> Checks {
        let active = ActivePlan {
            every: Span::from_secs(30),
            timeout: Span::ZERO,
            probe: ProbeKind::Ping,
            rule: HealthRule::Consecutive { unhealthy_after: 1, healthy_after: 1 },
            checkers,
            share,
            unsynchronised: true,
        };
        let plan = ChecksPlan { active: Some(active), passive: None, fail_open: true, most_removed: Ratio::ONE };
        Checks::new(User::Balancer, 0, &plan, 1, &Streams::new(1))
    }

    #[test]
    fn a_region_is_unhealthy_once_no_more_than_the_share_say_otherwise() {
        let mut checks = checks(15, Ratio::from_percent(18));
        let changes: Vec<_> = (0..15).map(|checker| checks.observe(checker, RegionId(0), false)).collect();
        // Two of fifteen are 13 %, three are 20 %.
        assert_eq!(changes.iter().position(|change| *change == Some(false)), Some(12));
        assert_eq!(changes.iter().flatten().count(), 1);
        let changes = [0, 1, 2].map(|checker| checks.observe(checker, RegionId(0), true));
        assert_eq!(changes, [None, None, Some(true)]);
    }

    #[test]
    fn unsynchronised_checkers_begin_at_instants_of_their_own() {
        let checks = checks(100, Ratio::ZERO);
        let mean: u64 = checks.first.iter().map(|first| first.as_nanos()).sum::<u64>() / 100;
        // Uniform on 30 s: the mean of a hundred has a standard deviation of 0.87 s.
        assert!((11_500_000_000..18_500_000_000).contains(&mean), "{mean}");
    }
}
