//! Losing a database's data, taking backups of them, and getting them back.
//!
//! Does not know how long any of it takes. Invariant: a copy that was restored holds exactly the history of the database up to
//! one position; what was acknowledged after it is lost once that copy is promoted.

use super::backups::Restore;
use super::copy::{Replica, ReplicaState};
use super::{BackupCatalogue, Database};
use crate::record::{Occasion, Position, StoreEvent};
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

    /// Begins a full backup of the authority's state. Returns its number, when it will be there, and the faults that corrupt
    /// it; `None` if the database is not backed up.
    pub fn take_full_backup(&mut self, now: Instant) -> Option<(u32, Instant, Vec<FaultId>)> {
        self.advance(now);
        let lead = &self.copies[self.authority];
        let (position, rows) = (Position { epoch: lead.lineage, lsn: lead.applied }, lead.rows().to_vec());
        let (backup, corrupted) = self.backups.as_mut()?.take_full(position, rows, now);
        Some((backup.number, backup.there, corrupted))
    }

    /// Archives what the authority's log has become since the last time. Returns the faults that corrupt that piece.
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
        let records = self.log.history(from.lsn, mutant!("the_log_is_not_replayed": restore.point.lsn => from.lsn));
        let copy = &mut self.copies[restore.copy];
        copy.restore(&backup.rows, from, restore.point.lsn, records, now);
        copy.epoch = restore.epoch;
    }

    /// Up to where writes that are `everywhere` need not be remembered: a restore may go back before them.
    pub(super) fn settled_up_to(&self, everywhere: u64) -> u64 {
        let holds = |state| !matches!(state, ReplicaState::Diverged | ReplicaState::Lost);
        if !self.copies.iter().any(|copy| holds(copy.state)) {
            return 0;
        }
        everywhere.min(mutant!("what_a_restore_needs_is_forgotten": self.backups.as_ref().map_or(u64::MAX, BackupCatalogue::floor) => u64::MAX))
    }

    /// What no copy holds at the end is not in the database, whatever there may be in backups: all that was acknowledged, if
    /// no copy has data, and what was not replicated any more, if the data of the one that leads are gone.
    pub(super) fn forget_what_is_nowhere(&mut self, now: Instant) {
        let holds = |copy: &&Replica| copy.is_readable() && copy.state != ReplicaState::Rebuilding;
        let occasion = Occasion { at: now, outage: self.outages.last() };
        if !self.copies.iter().any(|copy| holds(&copy)) {
            return self.witness.tell(now, StoreEvent::Gone { survives: None, occasion });
        }
        if self.copies[self.authority].state != ReplicaState::Lost {
            return;
        }
        let left = self.copies.iter().filter(|copy| holds(copy) && copy.state != ReplicaState::Diverged);
        let furthest = left.map(|copy| copy.received(now).max(copy.applied)).max();
        let head = self.log.head(self.log.epoch());
        if furthest.is_some_and(|furthest| furthest < head) {
            self.witness.tell(now, StoreEvent::Gone { survives: furthest, occasion });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::backups::tests::plan;
    use super::super::tests::{Watched, database, job, later};
    use super::super::{Commit, ReplicaState};
    use super::*;
    use crate::ports::RestorePoint;

    /// A database with backups, and `writes` writes, one each second, each acknowledged to its client.
    fn used(writes: u64) -> Watched {
        let mut database = database(Commit::Asynchronous);
        database.backups = Some(BackupCatalogue::new(&plan(), 8));
        write(&mut database, 0, writes);
        database
    }

    fn write(database: &mut Watched, from: u64, to: u64) {
        for n in from..to {
            let (now, key) = (later(n * 1_000), (n % 8) as u32);
            let lead = database.authority;
            let appended = database.append(lead, &job(n, key), now, true, now);
            database.acknowledged(appended.position, key, appended.acknowledged);
        }
    }

    fn restore(database: &mut Watched, backup: u32, now: Instant) -> RestorePoint {
        database.epoch = 2;
        let backups = database.backups.as_ref().unwrap();
        let restore = backups.plan_restore(backups.get(backup, now).unwrap(), 0, 2, now);
        database.begin_restore(restore, now);
        assert_eq!(database.copies[0].state, ReplicaState::Lost);
        database.end_restore(restore, now);
        restore.point
    }

    #[test]
    fn a_restored_copy_holds_exactly_the_history_up_to_its_point() {
        for (backup, archived_at, lsn) in [(2, 45, 45), (1, 45, 45), (2, 25, 30)] {
            let mut database = used(30);
            database.take_full_backup(later(29_500));
            write(&mut database, 30, archived_at.max(30));
            database.archive_log(later(archived_at * 1_000));
            let at_that_point = {
                database.advance(later(archived_at.max(30) * 1_000));
                database.copies[0].digest()
            };
            write(&mut database, archived_at.max(30), 60);
            for copy in 0..2 {
                database.wipe(copy, later(60_000));
            }
            assert_eq!(database.copies[0].digest(), (0, 0));
            assert_eq!(restore(&mut database, backup, later(61_000)).lsn, lsn);
            assert_eq!(database.copies[0].digest(), at_that_point, "backup {backup}, log until {archived_at}");
        }
    }

    #[test]
    fn what_was_acknowledged_after_the_point_is_lost_once_the_copy_is_opened_and_nothing_else() {
        let mut database = used(30);
        database.archive_log(later(20_500));
        write(&mut database, 30, 40);
        (0..2).for_each(|copy| database.wipe(copy, later(40_000)));
        assert!(!database.is_promotable(0), "there is nothing to promote");
        let point = restore(&mut database, 1, later(50_000));
        assert!(database.is_promotable(0) && !database.may_write(0, later(50_000)));
        assert_eq!(database.promote(0, 2, later(50_000)), point.lsn);
        assert!(database.may_write(0, later(50_000)));
        let record = database.record(later(60_000), &[later(40_000)]);
        assert_eq!(record.lost_total, 40 - point.lsn);
        assert!(record.lost.iter().all(|write| write.lsn > point.lsn));
    }

    #[test]
    fn what_nobody_restores_is_lost_as_a_whole() {
        let mut database = used(30);
        (0..2).for_each(|copy| database.wipe(copy, later(40_000)));
        let record = database.record(later(60_000), &[later(40_000)]);
        assert_eq!((record.acked, record.lost_total), (30, 30));
    }

    #[test]
    fn one_copy_that_loses_its_data_leaves_the_other_to_be_promoted() {
        let mut database = used(30);
        database.wipe(0, later(40_000));
        database.promote(1, 2, later(41_000));
        let record = database.record(later(60_000), &[later(40_000)]);
        assert_eq!((record.lost_total, database.copies[0].state), (0, ReplicaState::Lost));
    }
}
