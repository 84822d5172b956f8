//! A share of the servers of a region is gone: what is left must carry everything.

use super::selection::Selection;
use super::{Fault, FaultKind};
use crate::field::{Field, FieldType, Kind, Problem};
use crate::model::World;
use crate::record::FaultReach;
use crate::units::{FaultId, Ratio};
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "capacity_loss",
        "A share of the servers of a region's services is lost, with their work in progress. Overlapping losses \
         multiply.",
        &[
            Selection::REGION,
            Selection::SERVICE,
            Field::required("share", FieldType::Ratio, "The share of servers lost, rounded up to whole servers."),
        ],
    ),
    build: |values, scope, problems| {
        let share = values.ratio("share");
        let selection = Selection::read(values, scope, problems)?;
        if share == Ratio::ZERO {
            let problem = Problem::error("FD0220", values.place("share"), "this fault has no effect");
            problems.push(problem.help("set `share` above 0%"));
            return None;
        }
        Some(Arc::new(CapacityLoss { selection, share }))
    },
};

#[derive(Debug)]
struct CapacityLoss {
    selection: Selection,
    share: Ratio,
}

impl Fault for CapacityLoss {
    fn inject(&self, world: &mut World, id: FaultId) {
        for service in &self.selection.services {
            world.lose_servers(*service, self.share, id);
        }
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        for service in &self.selection.services {
            world.regain_servers(*service, id);
        }
    }
    fn describe(&self) -> String {
        format!("{} of the servers of {} are lost", self.share, self.selection.place)
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Direct
    }
}
