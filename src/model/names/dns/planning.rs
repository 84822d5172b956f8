//! The automation that writes a zone: a planner that keeps writing down what all records should be, and enactors that
//! each put the newest plan into effect, which takes time, and delete old plans afterwards.
//!
//! Owns the plans and who is at work on which. Does not know how records are published. Modelled on the published
//! account of the DynamoDB event of October 2025 (AWS, message 101925).
//!
//! Invariants: an enactor compares generations when it begins, never again unless compare-and-swap is on. While the
//! plan in effect does not exist any more, no enactor can compare anything, so none begins: people must restore it.

use crate::kernel::{Sampler, Stream, Streams};
use crate::model::plan::{PlanningPlan, Target};
use crate::units::{FaultId, Span};
use std::collections::BTreeMap;

/// The result of an enactor's looking for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanCheck {
    /// It is at work, there is nothing new, or there is nothing to compare with.
    Idle,
    /// It begins, and will be done after so long.
    Begins(Span),
    /// It begins, and is held up by this fault.
    HeldUp(FaultId),
}

/// The result of an enactor's applying a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enacted {
    /// The plan, which is newer than the one before.
    Newer(Vec<Target>),
    /// The plan, though a newer one was in effect.
    Stale(Vec<Target>),
    /// Nothing: a newer one is in effect, and it was compared once more.
    Refused,
    /// Nothing: the plan was deleted meanwhile, or the one in effect was.
    Obsolete,
}

/// The automation's state.
#[derive(Debug)]
pub struct Planning {
    /// How often there is a plan.
    pub every: Span,
    /// The time from applying a plan to deleting old ones.
    pub clean_up: Span,
    /// From the loss of the records to knowing why.
    pub found: Span,
    /// From the loss of the records to their being restored.
    pub restored: Span,
    keep: u64,
    compare_and_swap: bool,
    apply: Sampler,
    draws: Stream,
    plans: BTreeMap<u64, Vec<Target>>,
    newest: u64,
    /// The generation in effect.
    active: u64,
    enactors: Vec<Enactor>,
    holds: Vec<(FaultId, u32)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Enactor {
    applying: Option<u64>,
    held_up: Option<FaultId>,
}

impl Planning {
    /// The automation of `plan` over records that are as `targets` says.
    pub fn new(plan: &PlanningPlan, targets: Vec<Target>, streams: &Streams) -> Self {
        Self {
            every: plan.every,
            clean_up: plan.clean_up,
            found: plan.found,
            restored: plan.restored,
            keep: u64::from(plan.keep),
            compare_and_swap: plan.compare_and_swap,
            apply: Sampler::new(&plan.apply),
            draws: streams.stream("dns", "apply"),
            plans: BTreeMap::from([(0, targets)]),
            newest: 0,
            active: 0,
            enactors: vec![Enactor::default(); plan.enactors as usize],
            holds: Vec::new(),
        }
    }

    /// How many enactors there are.
    pub fn enactors(&self) -> u32 {
        self.enactors.len() as u32
    }

    /// The planner writes down that records should be as `targets` says.
    pub fn plan(&mut self, targets: Vec<Target>) {
        self.newest += 1;
        self.plans.insert(self.newest, targets);
    }

    /// `enactor` looks for something newer than what is in effect.
    pub fn look(&mut self, enactor: u32) -> PlanCheck {
        let state = &mut self.enactors[enactor as usize];
        if state.applying.is_some() || !self.plans.contains_key(&self.active) || self.newest <= self.active {
            return PlanCheck::Idle;
        }
        state.applying = Some(self.newest);
        state.held_up = self.holds.iter().find(|(_, held)| *held == enactor).map(|(fault, _)| *fault);
        match state.held_up {
            Some(fault) => PlanCheck::HeldUp(fault),
            None => PlanCheck::Begins(self.apply.span(self.draws.at(self.newest << 16 | u64::from(enactor)))),
        }
    }

    /// `enactor` has worked long enough.
    pub fn enact(&mut self, enactor: u32) -> (Enacted, u64) {
        let state = &mut self.enactors[enactor as usize];
        state.held_up = None;
        let Some(generation) = state.applying.take() else { return (Enacted::Obsolete, 0) };
        let Some(targets) = self.plans.get(&generation).filter(|_| self.plans.contains_key(&self.active)).cloned()
        else {
            return (Enacted::Obsolete, generation);
        };
        let stale = generation < self.active;
        if stale && self.compare_and_swap {
            return (Enacted::Refused, generation);
        }
        self.active = generation;
        (if stale { Enacted::Stale(targets) } else { Enacted::Newer(targets) }, generation)
    }

    /// The enactor that a fault delays with a plan so old that the clean-up after `generation` deletes it.
    pub fn overtaken(&mut self, generation: u64) -> Option<u32> {
        let old = |e: &Enactor| e.held_up.is_some() && e.applying.is_some_and(|own| own + self.keep < generation);
        let index = self.enactors.iter().position(old)?;
        // It gets through at last, and is as quick as the others from now on.
        self.holds.retain(|(_, held)| *held as usize != index);
        self.enactors[index].held_up = None;
        u32::try_from(index).ok()
    }

    /// Whether deleting what is older than `generation` allows would delete what is in effect.
    pub fn would_lose(&self, generation: u64) -> bool {
        self.plans.contains_key(&self.active) && self.active + self.keep < generation
    }

    /// Whoever has put `generation` into effect deletes old plans: all of them, or all but the one in effect.
    pub fn delete_before(&mut self, generation: u64, spare_active: bool) {
        let active = self.active;
        self.plans.retain(|own, _| own + self.keep >= generation || (spare_active && *own == active));
    }

    /// People put the newest plan into effect by hand.
    pub fn restore(&mut self) -> Vec<Target> {
        self.active = self.newest;
        self.plans.get(&self.newest).cloned().unwrap_or_default()
    }

    /// `fault` holds up `enactor` with the next plan it begins.
    pub fn hold_up(&mut self, fault: FaultId, enactor: u32) {
        self.holds.push((fault, enactor));
    }

    /// `fault` holds up nobody any more. Which enactors resume, and how long it takes.
    pub fn let_go(&mut self, fault: FaultId) -> Option<(u32, Span)> {
        self.holds.retain(|(holder, _)| *holder != fault);
        let index = self.enactors.iter().position(|enactor| enactor.held_up == Some(fault))?;
        self.enactors[index].held_up = None;
        let takes = self.apply.span(self.draws.at(self.newest << 16 | index as u64));
        Some((u32::try_from(index).ok()?, takes))
    }

    /// What is in effect, for comparing.
    pub fn in_force(&self) -> String {
        let mut held: Vec<u32> = self.holds.iter().map(|(_, enactor)| *enactor).collect();
        held.sort_unstable();
        format!("enactors held up: {held:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Distribution;
    use crate::units::RegionId;

    fn planning(compare_and_swap: bool) -> Planning {
        let plan = PlanningPlan {
            every: Span::from_secs(60),
            enactors: 2,
            apply: Distribution::Constant(Span::from_secs(5)),
            clean_up: Span::from_secs(1),
            keep: 2,
            compare_and_swap,
            found: Span::ZERO,
            restored: Span::ZERO,
        };
        Planning::new(&plan, of(0), &Streams::new(1))
    }

    fn of(region: u16) -> Vec<Target> {
        vec![Target::Region(RegionId(region))]
    }

    /// Enactor 0 is held up with the first plan, and the other one puts each of the next ones into effect.
    fn overtake(planning: &mut Planning, generations: u64) {
        planning.hold_up(FaultId(3), 0);
        planning.plan(of(1));
        assert_eq!(planning.look(0), PlanCheck::HeldUp(FaultId(3)));
        for generation in 1..=generations {
            assert_eq!(planning.look(1), PlanCheck::Begins(Span::from_secs(5)));
            assert_eq!(planning.enact(1), (Enacted::Newer(of(generation as u16)), generation));
            planning.plan(of(generation as u16 + 1));
        }
    }

    #[test]
    fn a_stale_plan_overwrites_a_newer_one_and_is_deleted_while_in_effect() {
        let mut planning = planning(false);
        overtake(&mut planning, 3);
        assert_eq!(planning.overtaken(3), None, "three generations are kept");
        planning.look(1);
        assert_eq!(planning.enact(1).1, 4);
        assert_eq!(planning.overtaken(4), Some(0));
        assert_eq!(planning.enact(0), (Enacted::Stale(of(1)), 1));
        assert!(planning.would_lose(4));
        planning.delete_before(4, false);
        planning.plan(of(9));
        assert_eq!(planning.look(1), PlanCheck::Idle, "nothing to compare with");
        assert_eq!(planning.restore(), of(9));
        planning.plan(of(9));
        assert_eq!(planning.look(0), PlanCheck::Begins(Span::from_secs(5)));
    }

    #[test]
    fn compare_and_swap_refuses_the_stale_plan() {
        let mut planning = planning(true);
        overtake(&mut planning, 4);
        assert_eq!(planning.overtaken(4), Some(0));
        assert_eq!(planning.enact(0), (Enacted::Refused, 1));
        assert!(!planning.would_lose(4));
    }

    #[test]
    fn a_plan_in_effect_that_may_not_be_deleted_is_overwritten_by_the_next() {
        let mut planning = planning(false);
        overtake(&mut planning, 4);
        planning.overtaken(4);
        planning.enact(0);
        planning.delete_before(4, true);
        assert_eq!(planning.look(1), PlanCheck::Begins(Span::from_secs(5)));
        assert_eq!(planning.enact(1), (Enacted::Newer(of(5)), 5));
    }

    #[test]
    fn who_is_let_go_finishes_what_it_began() {
        let mut planning = planning(false);
        overtake(&mut planning, 1);
        assert_eq!(planning.let_go(FaultId(3)), Some((0, Span::from_secs(5))));
        assert_eq!(planning.enact(0).0, Enacted::Newer(of(1)));
    }
}
