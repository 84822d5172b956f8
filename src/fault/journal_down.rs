//! The journal that controllers share answers nothing.

use super::{Fault, FaultKind};
use crate::field::Kind;
use crate::model::World;
use crate::model::plan::{Fencing, WorldPlan};
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "journal_down",
        "The journal and the lease store do not answer: no controller can lead or record what it is about to do, and \
         databases with `fencing: lease` take no writes once their leases have expired.",
        &[],
    ),
    build: |_, _, _| Some(Arc::new(JournalDown)),
};

#[derive(Debug)]
struct JournalDown;

impl Fault for JournalDown {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.silence_journal(id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.restore_journal(id);
    }
    fn describe(&self) -> String {
        "the journal does not answer".to_owned()
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
    fn reach_in(&self, world: &WorldPlan) -> FaultReach {
        // A database that is written under a lease takes no writes once it cannot be renewed.
        match world.databases.iter().any(|database| matches!(database.fencing, Fencing::Lease(_))) {
            true => FaultReach::Indirect,
            false => FaultReach::Control,
        }
    }
}
