//! The global load balancer: weights per region, with health checks of its own.
//!
//! Refuses to know why weights change. Invariants: a change is in force only `apply` after it was accepted. When every
//! region fails its checks the checks are ignored (fail open), as the vendors' balancers do: Azure Traffic Manager and
//! Front Door return all endpoints when all are degraded.

use super::plan::BalancerPlan;
use crate::kernel::below;
use crate::units::{Ratio, RegionId, Span};

#[derive(Debug, Clone, Copy)]
struct Share {
    region: RegionId,
    weight: Ratio,
    healthy: bool,
    /// Results in a row that contradict `healthy`.
    contrary: u32,
}

/// The balancer's state.
#[derive(Debug)]
pub struct Balancer {
    shares: Vec<Share>,
    total: u64,
    /// From an accepted change to its being in force.
    pub apply: Span,
    /// How often regions are probed.
    pub check_every: Option<Span>,
    unhealthy_after: u32,
    healthy_after: u32,
}

impl Balancer {
    /// The balancer of `plan` over `regions` regions, all healthy so far.
    pub fn new(plan: &BalancerPlan, regions: usize) -> Self {
        let weight = |id: RegionId| plan.weights.iter().find(|(r, _)| *r == id).map_or(Ratio::ZERO, |(_, w)| *w);
        let shares = (0..regions as u16).map(RegionId);
        let mut balancer = Self {
            shares: shares.map(|region| Share { region, weight: weight(region), healthy: true, contrary: 0 }).collect(),
            total: 0,
            apply: plan.apply,
            check_every: plan.check_every,
            unhealthy_after: plan.unhealthy_after.max(1),
            healthy_after: plan.healthy_after.max(1),
        };
        balancer.retotal();
        balancer
    }

    /// The region request `draw` goes to; `None` if no region has any weight.
    #[inline]
    pub fn pick(&self, draw: u64) -> Option<RegionId> {
        if self.total == 0 {
            return None;
        }
        let fail_open = self.fails_open();
        let mut at = below(draw, self.total);
        for share in self.shares.iter().filter(|s| s.healthy || fail_open) {
            if at < share.weight.as_ppb() {
                return Some(share.region);
            }
            at -= share.weight.as_ppb();
        }
        None
    }

    /// Puts `weights` in force; regions not named get nothing.
    pub fn set_weights(&mut self, weights: &[(RegionId, Ratio)]) {
        for share in &mut self.shares {
            share.weight = weights.iter().find(|(r, _)| *r == share.region).map_or(Ratio::ZERO, |(_, w)| *w);
        }
        self.retotal();
    }

    /// The weights in force.
    pub fn weights(&self) -> impl Iterator<Item = (RegionId, Ratio)> + '_ {
        self.shares.iter().map(|s| (s.region, s.weight))
    }

    /// Feeds the result of one probe of `region`. Returns the region's new state if it changed.
    pub fn observe(&mut self, region: RegionId, answered: bool) -> Option<bool> {
        let share = &mut self.shares[region.index()];
        if answered == share.healthy {
            share.contrary = 0;
            return None;
        }
        share.contrary += 1;
        let needed = if share.healthy { self.unhealthy_after } else { self.healthy_after };
        if share.contrary < needed {
            return None;
        }
        share.healthy = answered;
        share.contrary = 0;
        self.retotal();
        Some(answered)
    }

    fn fails_open(&self) -> bool {
        self.shares.iter().all(|s| !s.healthy || s.weight == Ratio::ZERO)
    }

    fn retotal(&mut self) {
        let fail_open = self.fails_open();
        self.total = self.shares.iter().filter(|s| s.healthy || fail_open).map(|s| s.weight.as_ppb()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balancer() -> Balancer {
        let weights = vec![(RegionId(0), Ratio::from_percent(75)), (RegionId(1), Ratio::from_percent(25))];
        let plan = BalancerPlan { weights, apply: Span::ZERO, check_every: None, unhealthy_after: 3, healthy_after: 2 };
        Balancer::new(&plan, 2)
    }

    fn share_of_first(balancer: &Balancer) -> usize {
        let middle = |i: u64| i * (u64::MAX / 100) + u64::MAX / 200;
        (0..100_u64).filter(|i| balancer.pick(middle(*i)) == Some(RegionId(0))).count()
    }

    #[test]
    fn requests_follow_the_weights() {
        assert_eq!(share_of_first(&balancer()), 75);
    }

    #[test]
    fn a_region_is_ejected_after_the_third_failure_in_a_row_and_comes_back_after_two_successes() {
        let mut balancer = balancer();
        let results = [false, false, true, false, false, false, true, true];
        let changes: Vec<_> = results.map(|ok| balancer.observe(RegionId(0), ok)).into();
        assert_eq!(changes, [None, None, None, None, None, Some(false), None, Some(true)]);
        for _ in 0..3 {
            balancer.observe(RegionId(0), false);
        }
        assert_eq!(share_of_first(&balancer), 0);
    }

    #[test]
    fn when_every_region_fails_the_checks_are_ignored() {
        let mut balancer = balancer();
        for region in [0, 1].map(RegionId) {
            for _ in 0..3 {
                balancer.observe(region, false);
            }
        }
        assert_eq!(share_of_first(&balancer), 75);
    }
}
