//! An autoscaler is stuck: the number of servers stays as it is.

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
        "autoscaler_off",
        "The autoscaler is stuck: the number of servers stays the same, whatever the load.",
        &[
            Selection::REGION,
            Selection::service("The service; left out, every service of the region that has an autoscaler."),
        ],
    ),
    build: |values, scope, problems| {
        let selection = Selection::read(values, scope, problems)?;
        Some(Arc::new(AutoscalerOff { selection }))
    },
};

#[derive(Debug)]
struct AutoscalerOff {
    selection: Selection,
}

impl Fault for AutoscalerOff {
    fn inject(&self, world: &mut World, id: FaultId) {
        self.selection.services.iter().for_each(|service| world.platform.stop_autoscaler(*service, id));
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        self.selection.services.iter().for_each(|service| world.platform.resume_autoscaler(*service, id));
    }
    fn describe(&self) -> String {
        format!("the autoscaler of {} is stuck", self.selection.place)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        super::no_autoscaler(&self.selection.services, &self.selection.place, world)
    }
}
