//! The global load balancer: weights per region, and which regions are out of service.
//!
//! Does not know why weights change or how health is judged. Invariants: a change is in effect only `apply` after it
//! was accepted. No more is taken out of service than the plan allows, first come first out. When every region that has a
//! weight is unhealthy, healthy ones that are listed with none take all of it, as Route 53's weighted records do; if there
//! are none, health is ignored if it fails open, as the vendors' balancers do: Azure Traffic Manager and Front Door return
//! all endpoints when all are degraded.

use crate::kernel::below;
use crate::model::core::held::Held;
use crate::model::plan::{BalancerPlan, FallbackPlan};
use crate::record::FailureClass;
use crate::units::{FaultId, Ratio, RegionId, Span};

#[derive(Debug, Clone, Copy)]
struct Share {
    region: RegionId,
    /// The requested weights.
    requested: Ratio,
    /// What was in effect when it last matched the request.
    before: Ratio,
    /// What is in effect.
    weight: Ratio,
    /// Counts verdicts: when it was found unhealthy; `None`: it is healthy.
    unhealthy_since: Option<u32>,
    /// Whether anything is sent there.
    used: bool,
    /// Whether it is named among the weights, be it with none.
    listed: bool,
    /// Its part of what is sent.
    pull: u64,
}

/// The balancer's state.
#[derive(Debug)]
pub struct Balancer {
    /// It takes no change while this is held.
    pub refusing: Held,
    /// Faults that let only a share of a change take effect.
    partly: Vec<(FaultId, Ratio)>,
    /// Faults that let a change take effect later than it is answered.
    late: Vec<(FaultId, Span)>,
    /// Counts changes, so that one that was overtaken is recognised.
    change: u32,
    shares: Vec<Share>,
    total: u64,
    /// The time from accepting a change to its taking effect.
    pub apply: Span,
    verdicts: u32,
    fail_open: bool,
    most_removed: Ratio,
    /// Where it sends a request again that failed.
    fallback: Option<FallbackPlan>,
    /// What was last told of its regions.
    reported: Choice,
}

/// Which regions a balancer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Those that are healthy.
    Healthy,
    /// Those that are healthy and have no weight, for none that has any is healthy.
    Spare,
    /// All of them, for none is healthy: it fails open.
    All,
    /// None of them, for none is healthy.
    None,
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
                    requested: weight(region),
                    before: weight(region),
                    weight: weight(region),
                    unhealthy_since: None,
                    used: true,
                    listed: plan.weights.iter().any(|(listed, _)| *listed == region),
                    pull: 0,
                })
                .collect(),
            total: 0,
            apply: plan.apply,
            verdicts: 0,
            fail_open: plan.checks.as_ref().is_none_or(|checks| checks.fail_open),
            most_removed: plan.checks.as_ref().map_or(Ratio::ONE, |checks| checks.most_removed),
            fallback: plan.fallback.clone(),
            reported: Choice::Healthy,
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
        let mut at = below(draw, self.total);
        for share in self.shares.iter().filter(|share| share.used) {
            if at < share.pull {
                return Some(share.region);
            }
            at -= share.pull;
        }
        None
    }

    /// Where a request goes next that `failed` as its choice number `choice`, by that class of failure, and the number of
    /// the next choice; `None`: back to its client. Regions out of service are passed over.
    pub fn next_choice(&self, choice: u8, failed: Option<RegionId>, class: FailureClass) -> Option<(u8, RegionId)> {
        let fallback = self.fallback.as_ref().filter(|fallback| fallback.on[class as usize])?;
        let ahead = fallback.to.iter().zip(1_u8..).skip(usize::from(choice));
        let next = ahead.map(|(region, number)| (number, *region));
        let mut others = next.filter(|(_, region)| failed != Some(*region) && self.uses(*region));
        mutant!("a_balancer_has_no_second_choice": others.next() => None)
    }

    /// How long it waits for a region's answer before it sends a request on, if it does not wait as long as the client.
    pub fn waits(&self) -> Option<Span> {
        self.fallback.as_ref()?.wait
    }

    /// Takes on `weights`; regions not named get nothing. They are in effect at once, unless faults say otherwise: then
    /// the number of the change, and how long it takes more, if it is only late.
    pub fn set_weights(&mut self, weights: &[(RegionId, Ratio)]) -> Option<(u32, Span)> {
        let weight = |id: RegionId| weights.iter().find(|(r, _)| *r == id).map_or(Ratio::ZERO, |(_, w)| *w);
        let settled = self.is_settled();
        if !settled && self.shares.iter().all(|share| share.requested == weight(share.region)) {
            // Asked for again: it is under way.
            return None;
        }
        self.change = self.change.wrapping_add(1);
        for share in &mut self.shares {
            share.before = if settled { share.weight } else { share.before };
            share.requested = weight(share.region);
            share.listed |= weights.iter().any(|(listed, _)| *listed == share.region);
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

    /// `fault` lets only `share` of a change take effect.
    pub fn apply_partly(&mut self, fault: FaultId, share: Ratio) {
        self.partly.push((fault, share));
    }

    /// `fault` lets a change take effect `by` after it was answered.
    pub fn apply_late(&mut self, fault: FaultId, by: Span) {
        self.late.push((fault, by));
    }

    /// Ends what `fault` does. What no other fault keeps back takes effect. Whether anything did.
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

    /// The faults that keep changes from taking effect whole and in time.
    pub fn hinderers(&self) -> impl Iterator<Item = FaultId> + '_ {
        self.partly.iter().map(|(fault, _)| *fault).chain(self.late.iter().map(|(fault, _)| *fault))
    }

    /// What is in effect, for comparing.
    pub fn in_force(&self) -> String {
        let mut hindered: Vec<String> = self.partly.iter().map(|(_, share)| share.to_string()).collect();
        hindered.extend(self.late.iter().map(|(_, by)| by.to_string()));
        hindered.sort();
        let weights: Vec<String> = self.weights().map(|(_, weight)| weight.to_string()).collect();
        format!("balancer: refusing {}, hindered {hindered:?}, weights {weights:?}", self.refusing.is_on())
    }

    /// Whether what is in effect is what was requested.
    pub fn is_settled(&self) -> bool {
        self.shares.iter().all(|share| share.requested == share.weight)
    }

    /// Applies the requested weights, as far as faults let it: part of the way from what was.
    fn apply(&mut self) {
        let part = self.partly.iter().map(|(_, share)| *share).min().unwrap_or(Ratio::ONE);
        let of = |weight: Ratio, part: u64| u128::from(weight.as_ppb()) * u128::from(part);
        let whole = Ratio::ONE.as_ppb();
        for share in &mut self.shares {
            let sum = of(share.requested, part.as_ppb()) + of(share.before, whole - part.as_ppb().min(whole));
            // A mean of two weights is no greater than the greater.
            share.weight = Ratio::from_ppb((sum / u128::from(whole)) as u64);
        }
        self.retotal();
    }

    /// The weights in effect.
    pub fn weights(&self) -> impl Iterator<Item = (RegionId, Ratio)> + '_ {
        self.shares.iter().map(|s| (s.region, s.weight))
    }

    /// `region` was found healthy or unhealthy.
    pub fn judged(&mut self, region: RegionId, healthy: bool) {
        self.verdicts += 1;
        self.shares[region.index()].unhealthy_since = (!healthy).then_some(self.verdicts);
        self.retotal();
    }

    /// Whether anything is sent to `region`, as far as its health goes.
    pub fn uses(&self, region: RegionId) -> bool {
        self.shares[region.index()].used
    }

    /// Which regions it uses and did use when this was last asked, if that has changed.
    pub fn new_choice(&mut self) -> Option<(Choice, Choice)> {
        let weighty = self.shares.iter().any(|share| share.weight != Ratio::ZERO);
        let choice = match (weighty && self.all_are_unhealthy(), self.fail_open) {
            (true, _) if self.has_spare() => Choice::Spare,
            (true, true) => Choice::All,
            (true, false) if self.total == 0 => Choice::None,
            _ => Choice::Healthy,
        };
        let before = std::mem::replace(&mut self.reported, choice);
        (before != choice).then_some((before, choice))
    }

    fn all_are_unhealthy(&self) -> bool {
        self.shares.iter().all(|s| s.unhealthy_since.is_some() || s.weight == Ratio::ZERO)
    }

    /// Whether a region that is listed with no weight is healthy.
    fn has_spare(&self) -> bool {
        self.shares.iter().any(Share::is_spare)
    }

    /// Decides what is out of service: what has been unhealthy for longest first, as far as that may go.
    fn retotal(&mut self) {
        let all: u64 = self.shares.iter().map(|share| share.weight.as_ppb()).sum();
        self.shares.iter_mut().for_each(|share| share.used = true);
        let spare = all > 0 && self.all_are_unhealthy() && self.has_spare();
        if spare {
            self.shares.iter_mut().for_each(|share| share.used = share.is_spare());
        } else if !(self.fail_open && self.all_are_unhealthy()) {
            let most = u128::from(all) * u128::from(self.most_removed.as_ppb()) / u128::from(Ratio::ONE.as_ppb());
            let mut unhealthy: Vec<&mut Share> =
                self.shares.iter_mut().filter(|share| share.unhealthy_since.is_some()).collect();
            unhealthy.sort_by_key(|share| share.unhealthy_since);
            let mut removed = 0;
            for share in unhealthy {
                let with_it = removed + u128::from(share.weight.as_ppb());
                share.used = with_it > most;
                removed = if share.used { removed } else { with_it };
            }
        }
        for share in &mut self.shares {
            share.pull = match share.used {
                true if spare => 1,
                true => share.weight.as_ppb(),
                false => 0,
            };
        }
        self.total = self.shares.iter().map(|share| share.pull).sum();
    }
}

impl Share {
    fn is_spare(&self) -> bool {
        self.listed && self.weight == Ratio::ZERO && self.unhealthy_since.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balancer() -> Balancer {
        let weights = vec![(RegionId(0), Ratio::from_percent(75)), (RegionId(1), Ratio::from_percent(25))];
        let plan = BalancerPlan { weights, apply: Span::ZERO, checks: None, fallback: None };
        Balancer::new(&plan, 2)
    }

    fn share_of_first(balancer: &Balancer) -> usize {
        let middle = |i: u64| i * (u64::MAX / 100) + u64::MAX / 200;
        (0..100_u64).filter(|i| balancer.pick(middle(*i)) == Some(RegionId(0))).count()
    }

    #[test]
    fn a_healthy_region_without_weight_takes_over_before_unhealthy_ones_are_used() {
        let weights = vec![(RegionId(0), Ratio::ONE), (RegionId(1), Ratio::ZERO)];
        let plan = BalancerPlan { weights, apply: Span::ZERO, checks: None, fallback: None };
        let mut balancer = Balancer::new(&plan, 3);
        assert_eq!(balancer.pick(7), Some(RegionId(0)));
        balancer.judged(RegionId(0), false);
        assert_eq!((balancer.pick(7), balancer.pick(u64::MAX)), (Some(RegionId(1)), Some(RegionId(1))));
        assert_eq!(balancer.new_choice(), Some((Choice::Healthy, Choice::Spare)));
        balancer.judged(RegionId(1), false);
        assert_eq!(balancer.pick(7), Some(RegionId(0)), "it fails open, and not to a region that is not listed");
        assert_eq!(balancer.new_choice(), Some((Choice::Spare, Choice::All)));
        balancer.judged(RegionId(0), true);
        assert_eq!(balancer.pick(7), Some(RegionId(0)));
    }

    #[test]
    fn the_next_choice_is_the_next_in_line_that_is_in_use_and_only_after_failures_that_are_named() {
        let to = vec![RegionId(0), RegionId(1), RegionId(2)];
        let fallback = Some(FallbackPlan { to, on: [true, false, true, true], wait: None });
        let weights = vec![(RegionId(0), Ratio::ONE)];
        let mut balancer = Balancer::new(&BalancerPlan { weights, apply: Span::ZERO, checks: None, fallback }, 3);
        let limited = FailureClass::Limited;
        assert_eq!(balancer.next_choice(0, Some(RegionId(0)), limited), Some((2, RegionId(1))), "not the same again");
        assert_eq!(balancer.next_choice(2, Some(RegionId(1)), limited), Some((3, RegionId(2))));
        assert_eq!(balancer.next_choice(3, Some(RegionId(2)), limited), None);
        assert_eq!(balancer.next_choice(0, Some(RegionId(0)), FailureClass::Error), None);
        balancer.judged(RegionId(1), false);
        assert_eq!(balancer.next_choice(0, Some(RegionId(0)), limited), Some((3, RegionId(2))));
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
    fn an_unhealthy_region_gets_nothing_until_it_is_healthy() {
        let mut balancer = balancer();
        balancer.judged(RegionId(0), false);
        assert_eq!(share_of_first(&balancer), 0);
        balancer.judged(RegionId(0), true);
        assert_eq!(share_of_first(&balancer), 75);
    }

    #[test]
    fn when_every_region_is_unhealthy_that_is_ignored_if_it_fails_open() {
        for (fail_open, served) in [(true, 75), (false, 0)] {
            let mut balancer = Balancer { fail_open, ..balancer() };
            [0, 1].map(RegionId).into_iter().for_each(|region| balancer.judged(region, false));
            assert_eq!(share_of_first(&balancer), served);
            assert_eq!(balancer.pick(0).is_some(), fail_open);
        }
    }

    #[test]
    fn no_more_is_taken_out_than_may_be() {
        let mut balancer = Balancer { most_removed: Ratio::from_percent(50), ..balancer() };
        balancer.judged(RegionId(0), false);
        assert_eq!(share_of_first(&balancer), 75, "three quarters are too much");
        balancer.judged(RegionId(0), true);
        balancer.judged(RegionId(1), false);
        assert_eq!(share_of_first(&balancer), 100);
    }
}
