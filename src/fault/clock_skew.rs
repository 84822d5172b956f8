//! The wall clock of a controller is wrong: what it reads in others' time stamps is shifted.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "clock_skew",
        "A controller's wall clock is wrong: metrics look older or newer to it than they are. Its timers are right.",
        &[
            Field::required("controller", FieldType::Reference(Referent::Controller), "The controller."),
            Field::required("by", FieldType::PositiveSpan, "The size of the error."),
            Field::with(
                "direction",
                FieldType::Choice(&["ahead", "behind"]),
                "ahead",
                "product default: then metrics look stale, and the controller goes blind",
                "Whether the clock is ahead or behind.",
            ),
        ],
    ),
    build: |values, _, _| {
        let reference = values.reference("controller");
        Some(Arc::new(ClockSkew {
            controller: reference.index as u16,
            name: reference.name.clone(),
            by: values.span("by"),
            ahead: values.text("direction") == "ahead",
        }))
    },
};

#[derive(Debug)]
struct ClockSkew {
    controller: u16,
    name: String,
    by: Span,
    ahead: bool,
}

impl Fault for ClockSkew {
    fn inject(&self, world: &mut World, id: FaultId) {
        let nanos = i64::try_from(self.by.as_nanos()).unwrap_or(i64::MAX);
        world.control.skew_controller(&mut world.core, self.controller, if self.ahead { nanos } else { -nanos }, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.control.set_controller_right(&mut world.core, self.controller, id);
    }
    fn describe(&self) -> String {
        let direction = if self.ahead { "ahead" } else { "behind" };
        format!("the clock of {} is {} {direction}", self.name, self.by)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
