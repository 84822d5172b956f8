//! Actions of control that go wrong: refused, answered for without effect, or slower than usual.
//!
//! Owns what faults do to control's changes, and their random streams. Does not know why an action is taken or by whom.
//!
//! Invariants: whether a fault hits an action is sampled by the action's number among those of its kind, whatever else
//! happens. What is refused or answered for without effect has changed nothing. Faults that overlap heal apart; the
//! first of them that hits decides.

use super::ControlPlane;
use crate::kernel::{Sampler, Stream, chance};
use crate::model::core::Core;
use crate::model::core::operation::Action;
use crate::units::{FaultId, Ratio, Span};

/// How many kinds share the first run of draws; those that were added later draw from beyond it, so that these keep theirs.
const FIRST_KINDS: u64 = 6;
/// Where the draws of later kinds begin.
const LATER: u64 = 1 << 40;
/// So many of these there may be.
const LATER_KINDS: u64 = 64;

impl Action {
    /// The draw that action `number` of this kind meets: no two meet the same.
    const fn draw(self, number: u64) -> u64 {
        let kind = self as u64;
        match kind.checked_sub(FIRST_KINDS) {
            None => number * FIRST_KINDS + kind,
            Some(later) => LATER + number * LATER_KINDS + later,
        }
    }
}

/// How an action goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureMode {
    /// It is refused.
    Refused,
    /// It is answered as done, and nothing has changed.
    WithoutEffect,
    /// It is done, but later.
    Late,
}

/// What a fault does to actions of one kind.
#[derive(Debug)]
pub struct ActionFault {
    /// The fault.
    pub fault: FaultId,
    /// Which actions; `None`: all.
    pub action: Option<Action>,
    /// The share of them.
    pub share: Ratio,
    /// What goes wrong.
    pub wrong: FailureMode,
    /// How long it takes until then.
    pub takes: Sampler,
    /// Which of them go wrong.
    pub selection: Stream,
    /// The draws for how long.
    pub lengths: Stream,
}

/// The actions of control so far, and what goes wrong with them.
#[derive(Debug, Default)]
pub(in crate::model) struct Actions {
    made: [u64; Action::ALL.len()],
    action_faults: Vec<ActionFault>,
}

impl Actions {
    /// What is in effect, for comparing.
    pub(in crate::model) fn in_force(&self) -> String {
        let each = |i: &ActionFault| format!("{:?} {} {:?}", i.action, i.share, i.wrong);
        let mut lines: Vec<String> = self.action_faults.iter().map(each).collect();
        lines.sort();
        format!("actions go wrong {lines:?}")
    }

    /// The outcome of the next action of that kind: which fault hits it, how, and after how long.
    fn sample(&mut self, action: Action) -> Option<(FaultId, FailureMode, Span)> {
        let number = self.made[action as usize];
        self.made[action as usize] += 1;
        // Actions of all kinds share a fault's stream without sharing its draws.
        let draw = action.draw(number);
        let concerned = self.action_faults.iter().filter(|i| i.action.is_none_or(|only| only == action));
        let first = concerned.into_iter().find(|i| selected(i, draw))?;
        Some((first.fault, first.wrong, first.takes.span(first.lengths.at(draw))))
    }
}

fn selected(action_fault: &ActionFault, draw: u64) -> bool {
    mutant!("every_action_goes_wrong": chance(action_fault.selection.at(draw), action_fault.share) => true)
}

impl ControlPlane {
    /// The outcome of the next action of that kind, and how long it takes; `None`: it succeeds.
    pub(in crate::model) fn intercept(&mut self, core: &mut Core, action: Action) -> Option<(FailureMode, Span)> {
        let (fault, wrong, takes) = self.actions.sample(action)?;
        core.hit(fault);
        Some((wrong, takes))
    }

    /// Some of control's actions go wrong from now on.
    pub fn impair_actions(&mut self, action_fault: ActionFault) {
        self.actions.action_faults.push(action_fault);
    }

    /// Actions succeed again, as far as this fault is concerned.
    pub fn restore_actions(&mut self, fault: FaultId) {
        self.actions.action_faults.retain(|action_fault| action_fault.fault != fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Distribution, Streams};

    fn action_fault(fault: u16, action: Option<Action>, percent: u64) -> ActionFault {
        let stream = |purpose| Streams::new(7).stream(&format!("fault/{fault}"), purpose);
        let takes = Sampler::new(&Distribution::Exponential { mean: Span::from_mins(5) });
        ActionFault {
            fault: FaultId(fault),
            action,
            share: Ratio::from_percent(percent),
            wrong: FailureMode::Refused,
            takes,
            selection: stream("touched"),
            lengths: stream("lengths"),
        }
    }

    fn fates(actions: &mut Actions, action: Action, count: usize) -> Vec<Option<(FaultId, FailureMode, Span)>> {
        (0..count).map(|_| actions.sample(action)).collect()
    }

    #[test]
    fn about_the_share_of_actions_goes_wrong_and_only_of_the_kind_named() {
        let mut actions = Actions::default();
        actions.action_faults.push(action_fault(0, Some(Action::Promote), 30));
        let wrong = fates(&mut actions, Action::Promote, 10_000).into_iter().flatten().count();
        // Five standard deviations of a binomial.
        assert!((2_771..3_229).contains(&wrong), "{wrong}");
        assert!(fates(&mut actions, Action::Activate, 100).iter().all(Option::is_none));
    }

    #[test]
    fn every_change_has_dice_of_its_own() {
        let kinds = Action::ALL;
        let draws = kinds.iter().flat_map(|kind| (0..1_000).map(|number| kind.draw(number)));
        assert_eq!(draws.collect::<std::collections::BTreeSet<_>>().len(), kinds.len() * 1_000);
    }

    #[test]
    fn an_action_meets_the_same_dice_whatever_other_actions_there_are() {
        let mut alone = Actions::default();
        let mut beside = Actions::default();
        for actions in [&mut alone, &mut beside] {
            actions.action_faults.push(action_fault(0, None, 50));
        }
        fates(&mut beside, Action::Fence, 17);
        assert_eq!(fates(&mut alone, Action::Promote, 50), fates(&mut beside, Action::Promote, 50));
        assert_ne!(fates(&mut alone, Action::Activate, 50), fates(&mut alone, Action::SetWeights, 50));
    }
}
