//! A second instance of a controller runs beside the first.

use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Referent};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "controller_double",
        "A second instance of a controller runs alongside the first, as after a careless deployment.",
        &[Field::required("controller", FieldType::Reference(Referent::Controller), "The controller.")],
    ),
    build: |values, _, _| {
        let reference = values.reference("controller");
        Some(Arc::new(ControllerDouble { controller: reference.index as u16, name: reference.name.clone() }))
    },
};

#[derive(Debug)]
struct ControllerDouble {
    controller: u16,
    name: String,
}

impl Fault for ControllerDouble {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.control.double_controller(&mut world.core, self.controller, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.control.single_controller(&mut world.core, self.controller, id);
    }
    fn describe(&self) -> String {
        format!("a second {} runs alongside the first", self.name)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
