//! The balancer answers for a change before it is in effect: reading back shows it.

use super::{Fault, FaultKind, Misfit, no_balancer};
use crate::field::{Field, FieldType, Kind};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::{FaultId, Span};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "balancer_late",
        "A weight change takes effect only some time after it is acknowledged, or once this heals.",
        &[Field::required("by", FieldType::PositiveSpan, "How long after the acknowledgement.")],
    ),
    build: |values, _, _| Some(Arc::new(BalancerLate { by: values.span("by") })),
};

#[derive(Debug)]
struct BalancerLate {
    by: Span,
}

impl Fault for BalancerLate {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.names.apply_weights_late(self.by, id);
    }

    fn heal(&self, world: &mut World, id: FaultId) {
        world.names.heal_balancer(&mut world.core, id);
    }
    fn describe(&self) -> String {
        format!("the balancer applies changes {} after acknowledging them", self.by)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        no_balancer(world)
    }
}
