//! The balancer answers for a change that only a part of it has applied: reading back shows it.

use super::{Fault, FaultKind, Misfit, no_balancer};
use crate::field::{Field, FieldType, Kind};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::{FaultId, Ratio};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "balancer_partly",
        "Only part of a weight change takes effect, although all of it is acknowledged; the rest follows once this \
         heals.",
        &[Field::with(
            "share",
            FieldType::Ratio,
            "50%",
            "product default: half of its instances got the change",
            "How much of the change takes effect.",
        )],
    ),
    build: |values, _, _| Some(Arc::new(BalancerPartly { share: values.ratio("share") })),
};

#[derive(Debug)]
struct BalancerPartly {
    share: Ratio,
}

impl Fault for BalancerPartly {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.names.apply_weights_partly(self.share, id);
    }

    fn heal(&self, world: &mut World, id: FaultId) {
        world.names.heal_balancer(&mut world.core, id);
    }
    fn describe(&self) -> String {
        format!("the balancer applies {} of a change", self.share)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        no_balancer(world)
    }
}
