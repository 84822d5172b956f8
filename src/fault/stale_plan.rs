//! An enactor of the zone's automation is held up with a plan until that plan is about to be deleted as old.

use super::{Fault, FaultKind, Misfit};
use crate::field::{Field, FieldType, Kind};
use crate::model::World;
use crate::model::plan::WorldPlan;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "stale_plan",
        "An enactor of the zone's automation is delayed while applying its next plan, and finishes when the others are \
         so far ahead that this plan is about to be deleted.",
        &[Field::with(
            "enactor",
            FieldType::Count { min: 1, max: 100 },
            "1",
            "product default: they are all alike",
            "Which one, counted from 1.",
        )],
    ),
    build: |values, _, _| Some(Arc::new(StalePlan { enactor: values.count_u32("enactor") })),
};

#[derive(Debug)]
struct StalePlan {
    enactor: u32,
}

impl Fault for StalePlan {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.names.hold_up_enactor(self.enactor - 1, id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.names.let_enactor_go(&mut world.core, id);
    }
    fn describe(&self) -> String {
        format!("enactor {} of the zone's automation is delayed", self.enactor)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Indirect
    }
    fn misfit(&self, world: &WorldPlan) -> Option<Misfit> {
        let enactors = world.dns.planning.as_ref().map_or(0, |planning| planning.enactors);
        (self.enactor > enactors).then(|| Misfit {
            message: format!("the zone's automation has {enactors} enactors, and this is number {}", self.enactor),
            help: "add `planning` to `dns`, or name one of its enactors".to_owned(),
        })
    }
}
