//! The journal that controllers share answers nothing.

use super::{Fault, FaultKind};
use crate::field::Kind;
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

/// The kind.
pub const KIND: FaultKind = FaultKind {
    kind: Kind::new(
        "journal_down",
        "The journal and the lease store do not answer: no controller can lead or record what it is about to do.",
        &[],
    ),
    build: |_, _, _| Some(Arc::new(JournalDown)),
};

#[derive(Debug)]
struct JournalDown;

impl Fault for JournalDown {
    fn inject(&self, world: &mut World, id: FaultId) {
        world.control.silence_journal(id);
    }
    fn heal(&self, world: &mut World, id: FaultId) {
        world.control.restore_journal(id);
    }
    fn describe(&self) -> String {
        "the journal does not answer".to_owned()
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}
