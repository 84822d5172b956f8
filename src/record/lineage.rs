//! One lineage of a database's history: what was written in it, and from where on it is dead.
//!
//! Does not know the other lineages. Invariant: what is behind the cut is dead, and stays so; what has left the ring at its
//! front is everywhere.

use super::Write;
use crate::units::Instant;
use std::collections::VecDeque;

/// A write in a log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub write: Write,
    pub server_acked: Instant,
    pub client_acked: Instant,
    /// Once it is dead: the cut it fell behind.
    pub cut: u32,
    pub void: bool,
}

/// One lineage: `ring` holds positions `base..`, and `dead` those from `cut + 1` on once it was cut off.
#[derive(Debug, Default)]
pub(super) struct Branch {
    pub first: u64,
    pub base: u64,
    pub ring: VecDeque<Entry>,
    pub cut: Option<u64>,
    /// The cut that first cut it off.
    pub cut_by: u32,
    pub voids: Vec<(u64, u64)>,
    pub dead: Vec<Entry>,
    pub last_seen: String,
}

impl Branch {
    pub fn get_mut(&mut self, lsn: u64) -> Option<&mut Entry> {
        if self.cut.is_some_and(|cut| lsn > cut) {
            let index = usize::try_from(lsn - self.cut? - 1).ok()?;
            return self.dead.get_mut(index);
        }
        let index = usize::try_from(lsn.checked_sub(self.base)?).ok()?;
        self.ring.get_mut(index)
    }

    pub fn cut_after(&mut self, survives: u64, by: u32) {
        let end = survives.max(self.first - 1);
        if self.cut.is_some_and(|cut| cut <= end) {
            return;
        }
        assert!(end + 1 >= self.base, "what was replicated everywhere cannot be cut off");
        let keep = usize::try_from(end + 1 - self.base).map_or(self.ring.len(), |n| n.min(self.ring.len()));
        if self.cut.is_none() {
            self.cut_by = by;
        }
        let mut dead: Vec<Entry> = self.ring.split_off(keep).into();
        dead.iter_mut().for_each(|entry| entry.cut = by);
        dead.append(&mut self.dead);
        self.dead = dead;
        self.cut = Some(end);
    }

    pub fn is_dead(&self, lsn: u64) -> bool {
        self.cut.is_some_and(|cut| lsn > cut) || self.voids.iter().any(|(from, to)| (*from..=*to).contains(&lsn))
    }
}
