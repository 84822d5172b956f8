//! The load balancer's control API rejects every change. Current weights stay in effect.

use super::{Fault, FaultKind, Misfit, no_balancer};
use crate::field::Kind;
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "balancer_refuses",
        "The load balancer rejects weight changes; current weights stay in effect.",
        &[],
    ),
    build: |_, _, _| Some(Arc::new(BalancerRefuses)),
};

#[derive(Debug)]
struct BalancerRefuses;

impl Fault for BalancerRefuses {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.names.refuse_weights(id);
    }

    fn heal(&self, world: &mut World, id: FaultId) {
        world.names.heal_balancer(&mut world.core, id);
    }
    fn describe(&self) -> String {
        "the balancer rejects changes".to_owned()
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        no_balancer(world)
    }
}
