//! The channel to people delivers later than usual.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "notification_late",
        "Messages and pages accepted while it lasts arrive late.",
        &[Field::required("by", FieldType::PositiveSpan, "How much later.")],
    ),
    build: |values, _, _| Some(Arc::new(NotificationLate { by: values.span("by") })),
};

#[derive(Debug)]
struct NotificationLate {
    by: Span,
}

impl Fault for NotificationLate {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.people.delay_notifications(self.by, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.people.restore_notifications(id);
    }
    fn describe(&self) -> String {
        format!("messages to people are delayed by {}", self.by)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
