//! Which of several changes of one thing is the newest, so that one that was late never takes back a newer one.
//!
//! Owns the order in which changes were accepted, and for each thing the newest that is in effect. Does not know what
//! is changed, by whom, or how long it takes. Invariant: a change takes effect only if none that was accepted after it
//! is in effect.

use crate::units::{NameId, RegionId};
use std::collections::BTreeMap;

/// What a change is about: of two changes of the same thing the newer one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::model) enum ChangeSubject {
    /// What a record names.
    Record(NameId),
    /// How long answers for a record may be kept.
    Ttl(NameId),
    /// The balancer's weights.
    Weights,
    /// Whether the services of a region are active.
    Services(RegionId),
}

/// The place of a change among all that were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::model) struct ChangeTurn {
    number: u64,
    subject: ChangeSubject,
}

/// Changes that were accepted.
#[derive(Debug, Default)]
pub(super) struct ChangeOrder {
    last: u64,
    in_force: BTreeMap<ChangeSubject, u64>,
}

impl ChangeOrder {
    /// A change of `subject` is accepted now.
    pub fn next(&mut self, subject: ChangeSubject) -> ChangeTurn {
        self.last += 1;
        ChangeTurn { number: self.last, subject }
    }

    /// The change of `turn` is about to take effect. Whether it may: no newer one of the same thing is.
    pub fn take(&mut self, turn: ChangeTurn) -> bool {
        let newest = self.in_force.entry(turn.subject).or_default();
        let may = turn.number >= *newest;
        *newest = turn.number.max(*newest);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_is_late_does_not_take_back_a_newer_one_of_the_same_thing() {
        let mut turns = ChangeOrder::default();
        let north = ChangeSubject::Services(RegionId(1));
        let (late, other) = (turns.next(north), turns.next(ChangeSubject::Weights));
        let newer = turns.next(north);
        assert!(turns.take(newer), "it is the newest");
        assert!(!turns.take(late), "a newer one is in effect");
        assert!(turns.take(other), "it is about something else");
        assert!(turns.take(newer), "it may take effect in parts");
    }

    #[test]
    fn changes_in_their_order_all_come_into_force() {
        let mut turns = ChangeOrder::default();
        let (first, second) = (turns.next(ChangeSubject::Ttl(NameId(0))), turns.next(ChangeSubject::Ttl(NameId(0))));
        assert!(turns.take(first) && turns.take(second));
    }
}
