//! Losing a database's data, taking backups of them, and getting them back.
//!
//! Refuses to know how long any of it takes. Invariant: a copy that was restored holds exactly the history of the database up to
//! one position; what was acknowledged after it is lost once that copy is promoted, and the ledger counts it then.

use super::backups::Restore;
use super::copy::Standing;
use super::{Backups, Database};
use crate::record::Position;
use crate::units::{FaultId, Instant};

impl Database {
    /// The data of a copy are gone.
    pub fn wipe(&mut self, copy: usize, now: Instant) {
        self.advance(now);
        self.copies[copy].wipe();
        self.lose_uploads(copy, now);
        let Some(backups) = &mut self.backups else { return };
        if backups.restoring.is_some_and(|restore| restore.copy == copy) {
            backups.restoring = None;
        }
    }

    /// A copy is down, and with it what was on its way from it into the store.
    pub fn lose_uploads(&mut self, copy: usize, now: Instant) {
        if let Some(backups) = self.backups.as_mut().filter(|_| copy == self.authority) {
            backups.abandon_uploads(now);
        }
    }

    /// Begins a full backup of the authority's state. Returns its number, when it will be there, and the faults that spoil
    /// it; `None` if the database is not backed up.
    pub fn take_full_backup(&mut self, now: Instant) -> Option<(u32, Instant, Vec<FaultId>)> {
        self.advance(now);
        let lead = &self.copies[self.authority];
        let (position, rows) = (Position { epoch: lead.lineage, lsn: lead.applied }, lead.rows().to_vec());
        let (backup, spoiled) = self.backups.as_mut()?.take_full(position, rows, now);
        Some((backup.number, backup.there, spoiled))
    }

    /// Archives what the authority's log has become since the last time. Returns the faults that spoil that piece.
    pub fn archive_log(&mut self, now: Instant) -> Vec<FaultId> {
        self.advance(now);
        let until = self.copies[self.authority].applied;
        self.backups.as_mut().map_or_else(Vec::new, |backups| backups.archive(until, now))
    }

    /// A restore begins: what its copy held is discarded.
    pub fn begin_restore(&mut self, restore: Restore, now: Instant) {
        self.wipe(restore.copy, now);
        if let Some(backups) = &mut self.backups {
            backups.restoring = Some(restore);
        }
    }

    /// The restore under way is over: its copy holds what the backup and the log after it did. Nothing happens if the
    /// backup is not there.
    pub fn end_restore(&mut self, restore: Restore, now: Instant) {
        let Some(backups) = &mut self.backups else { return };
        (backups.restoring, backups.restored) = (None, Some(restore));
        let Some(backup) = backups.find(restore.backup, now) else { return };
        let from = backup.position;
        let records = self.ledger.history(from.lsn, restore.point.lsn);
        let copy = &mut self.copies[restore.copy];
        copy.restore(&backup.rows, from, restore.point.lsn, records, now);
        copy.epoch = restore.epoch;
    }

    /// Up to where writes that are `everywhere` need not be remembered: a restore may go back before them.
    pub(super) fn settled_up_to(&self, everywhere: u64) -> u64 {
        let holds = |standing| !matches!(standing, Standing::Diverged | Standing::Lost);
        if !self.copies.iter().any(|copy| holds(copy.standing)) {
            return 0;
        }
        everywhere.min(self.backups.as_ref().map_or(u64::MAX, Backups::floor))
    }

    /// If no copy holds data at the end, nothing of what was acknowledged is in the database, whatever there may be in
    /// backups.
    pub(super) fn forget_what_is_nowhere(&mut self) {
        if self.copies.iter().all(|copy| !copy.is_readable()) {
            self.ledger.lose_everything();
        }
    }
}
