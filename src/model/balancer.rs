//! The global load balancer: weights per region, with health checks of its own.
//!
//! Refuses to know why weights change. Invariants: a change is in force only `apply` after it was accepted. When every
//! region fails its checks the checks are ignored (fail open), as the vendors' balancers do: Azure Traffic Manager and
//! Front Door return all endpoints when all are degraded.

use super::held::Held;
use super::plan::BalancerPlan;
use crate::kernel::below;
use crate::units::{FaultId, Ratio, RegionId, Span};

#[derive(Debug, Clone, Copy)]
struct Share {
    region: RegionId,
    /// What it was told.
    told: Ratio,
    /// What was in force when it last did as it was told.
    before: Ratio,
    /// What is in force.
    weight: Ratio,
    healthy: bool,
    /// Results in a row that contradict `healthy`.
    contrary: u32,
}

/// The balancer's state.
#[derive(Debug)]
pub struct Balancer {
    /// It takes no change while this is held.
    pub refusing: Held,
    /// Faults that let only a share of a change come into force.
    partly: Vec<(FaultId, Ratio)>,
    /// Faults that let a change come into force later than it is answered.
    late: Vec<(FaultId, Span)>,
    /// Counts changes, so that one that was overtaken is recognised.
    change: u32,
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
            refusing: Held::default(),
            partly: Vec::new(),
            late: Vec::new(),
            change: 0,
            shares: shares
                .map(|region| Share {
                    region,
                    told: weight(region),
                    before: weight(region),
                    weight: weight(region),
                    healthy: true,
                    contrary: 0,
                })
                .collect(),
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

    /// Takes on `weights`; regions not named get nothing. They are in force at once, unless faults say otherwise: then
    /// the number of the change, and how long it takes more, if it is only late.
    pub fn set_weights(&mut self, weights: &[(RegionId, Ratio)]) -> Option<(u32, Span)> {
        let weight = |id: RegionId| weights.iter().find(|(r, _)| *r == id).map_or(Ratio::ZERO, |(_, w)| *w);
        let settled = self.is_settled();
        if !settled && self.shares.iter().all(|share| share.told == weight(share.region)) {
            // Asked for again: it is under way.
            return None;
        }
        self.change = self.change.wrapping_add(1);
        for share in &mut self.shares {
            share.before = if settled { share.weight } else { share.before };
            share.told = weight(share.region);
        }
        let late = self.late.iter().fold(Span::ZERO, |sum, (_, by)| sum.saturating_add(*by));
        if late > Span::ZERO {
            return Some((self.change, late));
        }
        self.apply();
        None
    }

    /// A late change is due. Whether it was not overtaken.
    pub fn settle(&mut self, change: u32) -> bool {
        let due = change == self.change && !self.is_settled();
        if due {
            self.apply();
        }
        due
    }

    /// `fault` lets only `share` of a change come into force.
    pub fn apply_partly(&mut self, fault: FaultId, share: Ratio) {
        self.partly.push((fault, share));
    }

    /// `fault` lets a change come into force `by` after it was answered.
    pub fn apply_late(&mut self, fault: FaultId, by: Span) {
        self.late.push((fault, by));
    }

    /// Ends what `fault` does. What no other fault keeps back comes into force. Whether anything did.
    pub fn heal(&mut self, fault: FaultId) -> bool {
        self.refusing.release(fault);
        let before = (self.partly.len(), self.late.len());
        self.partly.retain(|(other, _)| *other != fault);
        self.late.retain(|(other, _)| *other != fault);
        let touched = before != (self.partly.len(), self.late.len());
        let comes = touched && self.late.is_empty() && !self.is_settled();
        if comes {
            self.apply();
        }
        comes
    }

    /// The faults that keep changes from coming into force whole and in time.
    pub fn hinderers(&self) -> impl Iterator<Item = FaultId> + '_ {
        self.partly.iter().map(|(fault, _)| *fault).chain(self.late.iter().map(|(fault, _)| *fault))
    }

    /// What is in force, for comparing.
    pub fn in_force(&self) -> String {
        let mut hindered: Vec<String> = self.partly.iter().map(|(_, share)| share.to_string()).collect();
        hindered.extend(self.late.iter().map(|(_, by)| by.to_string()));
        hindered.sort();
        let weights: Vec<String> = self.weights().map(|(_, weight)| weight.to_string()).collect();
        format!("balancer: refusing {}, hindered {hindered:?}, weights {weights:?}", self.refusing.is_on())
    }

    /// Whether what is in force is what it was told.
    pub fn is_settled(&self) -> bool {
        self.shares.iter().all(|share| share.told == share.weight)
    }

    /// Brings into force what it was told, as far as faults let it: a part of the way from what was.
    fn apply(&mut self) {
        let part = self.partly.iter().map(|(_, share)| *share).min().unwrap_or(Ratio::ONE);
        let of = |weight: Ratio, part: u64| u128::from(weight.as_ppb()) * u128::from(part);
        let whole = Ratio::ONE.as_ppb();
        for share in &mut self.shares {
            let sum = of(share.told, part.as_ppb()) + of(share.before, whole - part.as_ppb().min(whole));
            // A mean of two weights is no greater than the greater.
            share.weight = Ratio::from_ppb((sum / u128::from(whole)) as u64);
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

    fn in_force(balancer: &Balancer) -> Vec<u64> {
        balancer.weights().map(|(_, weight)| weight.as_ppb() / 10_000_000).collect()
    }

    #[test]
    fn a_change_comes_into_force_partly_or_late_and_wholly_once_the_fault_is_over() {
        let (a, b) = (FaultId(0), FaultId(1));
        let swap = [(RegionId(0), Ratio::from_percent(25)), (RegionId(1), Ratio::from_percent(75))];
        let mut balancer = balancer();
        balancer.apply_partly(a, Ratio::from_percent(40));
        assert_eq!(balancer.set_weights(&swap), None);
        assert_eq!(in_force(&balancer), [55, 45]);
        assert_eq!((balancer.set_weights(&swap), in_force(&balancer)), (None, vec![55, 45]), "asked for again");
        assert!(!balancer.heal(b) && balancer.heal(a) && balancer.is_settled());
        assert_eq!(in_force(&balancer), [25, 75]);
        balancer.apply_late(a, Span::from_secs(60));
        balancer.apply_late(b, Span::from_secs(30));
        let change = balancer.set_weights(&[(RegionId(0), Ratio::ONE)]);
        assert_eq!((change, in_force(&balancer)), (Some((2, Span::from_secs(90))), vec![25, 75]));
        assert!(!balancer.heal(a), "the other one still keeps it back");
        assert!(!balancer.settle(1) && balancer.settle(2) && !balancer.heal(b));
        assert_eq!(in_force(&balancer), [100, 0]);
        balancer.apply_late(a, Span::from_secs(60));
        balancer.set_weights(&swap);
        assert!(balancer.heal(a), "the delay ends with the fault");
        assert!(!balancer.settle(3));
        assert_eq!(in_force(&balancer), [25, 75]);
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
