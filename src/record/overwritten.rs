//! Acknowledged writes that control has overwritten with what was over before they began.
//!
//! Owns them. Does not know how it was found out. Invariant: what was overwritten is lost for good, whatever is written to the row
//! afterwards; that only decides whether a reader could still notice.

use super::{LostWrite, Position, RowChange, Write};
use crate::units::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// An acknowledged write that control has overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overwritten {
    /// What was overwritten.
    pub write: Write,
    /// Where it stood.
    pub position: Position,
    /// When its client saw that it is done.
    pub client_acked: Instant,
    /// The operation whose value stands there instead.
    pub by: u64,
}

/// Those of one database.
#[derive(Debug, Default)]
pub(super) struct Overwrites {
    all: Vec<(u64, LostWrite)>,
}

impl Overwrites {
    /// One more, which fell behind `cut` of the copy in `region`. `server_acked`: when the database had acknowledged it, if that
    /// is still known.
    pub fn note(&mut self, lost: Overwritten, server_acked: Option<Instant>, cut: u32, region: String) {
        let write = LostWrite {
            operation: lost.write.operation,
            key: lost.write.key,
            epoch: lost.position.epoch,
            lsn: lost.position.lsn,
            server_acked: server_acked.map_or(lost.client_acked, |acked| acked.min(lost.client_acked)),
            client_acked: lost.client_acked,
            visible: true,
            cut,
            last_seen: region,
            held_by: Vec::new(),
        };
        self.all.push((lost.by, write));
    }

    /// All of them, where `last_writes` are those of the history that leads, of each key the last one last.
    pub fn closed(&self, last_writes: impl Iterator<Item = (RowChange, u64, Instant)>) -> Vec<LostWrite> {
        let wanted: BTreeSet<u32> = self.all.iter().map(|(_, lost)| lost.key).collect();
        let last = last_writes.filter(|(change, ..)| wanted.contains(&change.key));
        let last: BTreeMap<u32, u64> = last.map(|(change, operation, _)| (change.key, operation)).collect();
        let shown =
            |(by, lost): &(u64, LostWrite)| LostWrite { visible: last.get(&lost.key) == Some(by), ..lost.clone() };
        self.all.iter().map(shown).collect()
    }
}
