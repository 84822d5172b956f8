//! The process of a controller dies in the middle of whatever it was doing, and another is started later.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "controller_kill",
        "A controller's process is killed; a new one, without its memory, is started when the fault is over.",
        &[Field::required("controller", FieldType::Reference(Referent::Controller), "The controller.")],
    ),
    build: |values, _, _| {
        let reference = values.reference("controller");
        Some(Arc::new(ControllerKill { controller: reference.index as u16, name: reference.name.clone() }))
    },
};

#[derive(Debug)]
struct ControllerKill {
    controller: u16,
    name: String,
}

impl Fault for ControllerKill {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.control.kill_controller(&mut world.core, self.controller, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.control.restart_controller(&mut world.core, self.controller, id);
    }
    fn describe(&self) -> String {
        format!("the process of {} is dead", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
