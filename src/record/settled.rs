//! Writes that are on every copy: too many to remember each.
//!
//! Owns what is remembered of all of them together, for the case that every copy loses its data. Invariant: each was
//! acknowledged before the data were lost, for afterwards no copy takes any.

use super::StoreRecord;
use crate::units::Instant;

/// The acknowledged writes that are on every copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settlement {
    acked: u64,
    first: Instant,
    last: Instant,
    /// The cut they all fell behind, if they did.
    lost_by: Option<u32>,
}

impl Default for Settlement {
    fn default() -> Self {
        Self { acked: 0, first: Instant::MAX, last: Instant::ZERO, lost_by: None }
    }
}

impl Settlement {
    /// The client of one of them saw its acknowledgement.
    pub fn acked(&mut self, at: Instant) {
        self.acked += 1;
        (self.first, self.last) = (self.first.min(at), self.last.max(at));
    }

    /// They are on no copy any more, since the cut of that number.
    pub fn lost(&mut self, cut: u32) {
        self.lost_by = Some(cut);
    }

    /// The record of the database, which counts the lost ones that are remembered, with these.
    pub fn counted(self, mut record: StoreRecord) -> StoreRecord {
        let Some(cut) = self.lost_by.filter(|_| self.acked > 0) else { return record };
        record.lost_total += self.acked;
        record.lost_visible += self.acked;
        record.whereabouts.nowhere += self.acked;
        let cut = &mut record.cuts[cut as usize];
        cut.lost += self.acked;
        cut.lost_before += self.acked;
        cut.first_lost = Some(cut.first_lost.map_or(self.first, |first| first.min(self.first)));
        // The database has acknowledged each before its client saw that.
        cut.last_server_acked = cut.last_server_acked.or(Some(self.last));
        record
    }
}
