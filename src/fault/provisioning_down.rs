//! Servers that an autoscaler asks for cannot be had.

use super::selection::Selection;
use super::{Fault, FaultKind, Misfit};
use crate::field::Kind;
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "provisioning_down",
        "Servers that an autoscaler requests cannot be provisioned. It still scales down.",
        &[
            Selection::REGION,
            Selection::service("The service; left out, every service of the region that has an autoscaler."),
        ],
    ),
    build: |values, scope, problems| {
        let selection = Selection::read(values, scope, problems)?;
        Some(Arc::new(ProvisioningDown { selection }))
    },
};

#[derive(Debug)]
struct ProvisioningDown {
    selection: Selection,
}

impl Fault for ProvisioningDown {
    fn inject(&self, world: &mut World, id: FaultId) {
        self.selection.services.iter().for_each(|service| world.platform.starve_autoscaler(*service, id));
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        self.selection.services.iter().for_each(|service| world.platform.feed_autoscaler(*service, id));
    }
    fn describe(&self) -> String {
        format!("no servers can be provisioned for {}", self.selection.place)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        super::no_autoscaler(&self.selection.services, &self.selection.place, world)
    }
}
