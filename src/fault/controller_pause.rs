//! A controller's process is paused, and resumes later as if nothing had happened.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "controller_pause",
        "A controller's process is paused, as by a debugger or a stalled host, and resumes with stale beliefs.",
        &[Field::required("controller", FieldType::Reference(Referent::Controller), "The controller.")],
    ),
    build: |values, _, _| {
        let reference = values.reference("controller");
        Some(Arc::new(ControllerPause { controller: reference.index as u16, name: reference.name.clone() }))
    },
};

#[derive(Debug)]
struct ControllerPause {
    controller: u16,
    name: String,
}

impl Fault for ControllerPause {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.control.pause_controller(&mut world.core, self.controller, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.control.resume_controller(&mut world.core, self.controller, id);
    }
    fn describe(&self) -> String {
        format!("the process of {} is paused", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
