//! The channel to people accepts messages and pages, and loses some without notice.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, Ratio};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "notification_lost",
        "A share of the messages and pages that the channel accepts never arrives; the sender is not notified.",
        &[Field::with(
            "share",
            FieldType::Ratio,
            "100%",
            "product default: all of it",
            "The share of messages and pages lost.",
        )],
    ),
    build: |values, _, problems| {
        let share = values.ratio("share");
        if share == Ratio::ZERO {
            let problem = Problem::error("FD0220", values.place("share"), "this fault has no effect");
            problems.push(problem.help("set `share` above 0%"));
            return None;
        }
        Some(Arc::new(NotificationLost { share }))
    },
};

#[derive(Debug)]
struct NotificationLost {
    share: Ratio,
}

impl Fault for NotificationLost {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.people.lose_notifications(&world.core, self.share, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.people.restore_notifications(id);
    }
    fn describe(&self) -> String {
        format!("{} of the messages to people are lost", self.share)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
