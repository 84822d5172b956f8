//! The backups of one database: full backups, an archived log between them, and what can be restored from these.
//!
//! Owns the catalogue and the truth beside it. Does not know stores, faults' reasons, or when a backup is due.
//!
//! Invariants: a full backup holds the rows at a position that its authority had reached when it was begun. Segments
//! join each other without a gap, so that a restore ends before the first one that cannot be read. The catalogue
//! assumes every backup is valid until it has been verified. Nothing here lies behind the point at which the database's
//! history was cut.

use crate::model::core::held::Held;
use crate::model::plan::BackupPlan;
use crate::ports::{BackupEntry, BackupState, RestorePoint};
use crate::record::Position;
use crate::units::{Bytes, FaultId, Instant, Span};

/// A full backup.
#[derive(Debug)]
pub struct FullBackup {
    /// Its number, from 1.
    pub number: u32,
    /// When it was begun.
    pub taken: Instant,
    /// The last position it holds.
    pub position: Position,
    /// What it takes in the store.
    pub size: Bytes,
    /// When it is there as a whole.
    pub there: Instant,
    /// What the catalogue says of it.
    pub state: BackupState,
    /// It cannot be read while this is held.
    pub broken: Held,
    /// The rows it holds.
    pub rows: Vec<u64>,
}

/// A piece of the archived log.
#[derive(Debug)]
struct Segment {
    /// It begins after this position.
    after: u64,
    /// The last position in it.
    until: u64,
    /// When it was closed.
    closed: Instant,
    /// When it is in the store as a whole.
    there: Instant,
    /// It is missing, or cannot be read, while this is held.
    broken: Held,
}

/// What a fault corruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corruption {
    /// The newest full backup there is.
    NewestFull,
    /// The newest segment of the log there is.
    NewestLog,
    /// Every backup and every segment since that instant, also those to come.
    Since(Instant),
}

/// A restore under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restore {
    /// The full backup it begins with.
    pub backup: u32,
    /// The copy it goes into.
    pub copy: usize,
    /// The epoch it is made under.
    pub epoch: u32,
    /// Where it ends.
    pub point: RestorePoint,
    /// When it began.
    pub begun: Instant,
    /// When the full backup is copied and only the log is left.
    pub copied: Instant,
    /// When it ends.
    pub ends: Instant,
}

/// The backups of one database.
#[derive(Debug)]
pub struct BackupCatalogue {
    /// How they are made.
    pub plan: BackupPlan,
    /// None are made while this is held.
    pub stopped: Held,
    /// The faults for which backups are missing that would have been made since the last one.
    pub missing_for: Vec<FaultId>,
    /// The restore under way.
    pub restoring: Option<Restore>,
    /// The last one that ended.
    pub restored: Option<Restore>,
    /// Oldest first.
    full: Vec<FullBackup>,
    log: Vec<Segment>,
    archived: u64,
    numbers: u32,
    /// Faults that corrupt what is taken, since when; for those that corrupt one piece, never.
    corruptions: Vec<(FaultId, Instant)>,
}

impl BackupCatalogue {
    /// Backups of a database of `keys` keys, with one of its first state.
    pub fn new(plan: &BackupPlan, keys: u32) -> Self {
        let mut backups = Self {
            plan: plan.clone(),
            stopped: Held::default(),
            missing_for: Vec::new(),
            restoring: None,
            restored: None,
            full: Vec::new(),
            log: Vec::new(),
            archived: 0,
            numbers: 0,
            corruptions: Vec::new(),
        };
        backups.take_full(Position { epoch: 1, lsn: 0 }, vec![0; keys as usize], Instant::ZERO);
        // It was taken before the run.
        backups.full[0].there = Instant::ZERO;
        backups
    }

    /// Every version that a full backup holds.
    pub fn versions(&self) -> impl Iterator<Item = u64> {
        self.full.iter().flat_map(|backup| backup.rows.iter().copied())
    }

    /// Begins a full backup of `rows`, the state at `position`. Returns it, and the faults that corrupt it.
    pub fn take_full(&mut self, position: Position, rows: Vec<u64>, now: Instant) -> (&FullBackup, Vec<FaultId>) {
        self.numbers += 1;
        let size = self.volume_at(position.lsn);
        let there = now.saturating_add(self.plan.upload.time_for(size));
        let (broken, corrupted) = self.corrupted_from_the_start(now);
        let (number, state) = (self.numbers, BackupState::Unverified);
        self.full.push(FullBackup { number, taken: now, position, size, there, state, broken, rows });
        self.expire(now);
        (self.full.last().expect("it was pushed just now"), corrupted)
    }

    /// Archives the log up to `until`. Returns the faults that corrupt that piece.
    pub fn archive(&mut self, until: u64, now: Instant) -> Vec<FaultId> {
        let until = until.max(self.archived);
        let before = self.log.last().map_or(now, |segment| segment.there.max(now));
        let there = before.saturating_add(self.plan.upload.time_for(self.log_bytes(self.archived, until)));
        let (broken, corrupted) = self.corrupted_from_the_start(now);
        self.log.push(Segment { after: self.archived, until, closed: now, there, broken });
        self.archived = until;
        corrupted
    }

    /// What was not wholly in the store at `now` never gets there: its source is gone. The log in it is archived again
    /// if it ever can be.
    pub fn abandon_uploads(&mut self, now: Instant) {
        self.full.retain(|backup| backup.there <= now);
        let whole = self.log.partition_point(|segment| segment.there <= now);
        self.archived = self
            .log
            .get(whole)
            .map_or(self.archived, |segment| mutant!("lost_log_is_not_archived_again": segment.after => self.archived));
        self.log.truncate(whole);
    }

    /// The database's history was cut after `survives`: what lies behind belongs to a past that did not happen.
    pub fn cut(&mut self, survives: u64) {
        self.full.retain(|backup| mutant!("full_backups_outlive_a_cut": backup.position.lsn <= survives => true));
        self.log.retain(|segment| segment.until <= survives || segment.after < survives);
        self.log.iter_mut().for_each(|segment| segment.until = segment.until.min(survives));
        self.archived = self.archived.min(survives);
    }

    /// `fault` corruption what it says. Returns how many pieces that are there already.
    pub fn corrupt(&mut self, corruption: Corruption, fault: FaultId, now: Instant) -> u64 {
        let since = if let Corruption::Since(since) = corruption { since } else { Instant::MAX };
        self.corruptions.push((fault, since));
        let newest_full = self.full.iter().rposition(|backup| backup.there <= now);
        let newest_log = self.log.iter().rposition(|segment| segment.there <= now);
        let mut count = 0;
        for (index, backup) in self.full.iter_mut().enumerate() {
            if backup.taken >= since || (corruption == Corruption::NewestFull && Some(index) == newest_full) {
                backup.broken.hold(fault);
                count += 1;
            }
        }
        for (index, segment) in self.log.iter_mut().enumerate() {
            if segment.closed >= since || (corruption == Corruption::NewestLog && Some(index) == newest_log) {
                segment.broken.hold(fault);
                count += 1;
            }
        }
        count
    }

    /// What `fault` corrupted can be read again.
    pub fn heal_corruption(&mut self, fault: FaultId) {
        self.corruptions.retain(|(corrupter, _)| *corrupter != fault);
        self.full.iter_mut().for_each(|backup| backup.broken.release(fault));
        self.log.iter_mut().for_each(|segment| segment.broken.release(fault));
    }

    /// The full backup of that number, if it is wholly there.
    pub fn find(&mut self, number: u32, now: Instant) -> Option<&mut FullBackup> {
        self.full.iter_mut().find(|backup| backup.number == number && backup.there <= now)
    }

    /// The same, to look at.
    pub fn get(&self, number: u32, now: Instant) -> Option<&FullBackup> {
        self.full.iter().find(|backup| backup.number == number && backup.there <= now)
    }

    /// The position before which no restore can go: what is settled up to there need not be remembered.
    pub fn floor(&self) -> u64 {
        self.full.first().map_or(u64::MAX, |backup| backup.position.lsn)
    }

    /// Where a restore that begins with `backup` really ends.
    pub fn reaches(&self, backup: &FullBackup, now: Instant) -> RestorePoint {
        self.chain(backup, |segment| {
            segment.there <= now && mutant!("broken_log_is_replayed": !segment.broken.is_on() => true)
        })
    }

    /// The fault that ends the log after `backup`, if one does.
    pub fn gap_after(&self, backup: &FullBackup) -> Option<FaultId> {
        self.log_after(backup).find_map(|segment| segment.broken.holder())
    }

    /// The newest point that can really be restored, if any can.
    pub fn restorable(&self, now: Instant) -> Option<RestorePoint> {
        // Segments join each other: what an older full backup reaches, a newer one reaches too.
        let good = self.full.iter().rev().find(|backup| backup.there <= now && !backup.broken.is_on())?;
        Some(self.reaches(good, now))
    }

    /// When the newest backup or piece of the log was taken, as the catalogue has it.
    pub fn newest(&self, now: Instant) -> Option<Instant> {
        let full = self.full.iter().rev().find(|backup| backup.there <= now).map(|backup| backup.taken);
        let log = self.log.iter().rev().find(|segment| segment.there <= now).map(|segment| segment.closed);
        full.max(log)
    }

    /// The catalogue, oldest first, as it believes itself to be.
    pub fn entries(&self, now: Instant) -> Vec<BackupEntry> {
        let there = self.full.iter().filter(|backup| backup.there <= now);
        let entry = |backup: &FullBackup| BackupEntry {
            backup: backup.number,
            taken: backup.taken,
            size: backup.size,
            state: backup.state,
            reaches: self.chain(backup, |segment| segment.there <= now),
        };
        there.map(entry).collect()
    }

    /// How long it takes to verify `backup` and the log that is there after it.
    pub fn verification(&self, backup: &FullBackup, now: Instant) -> Span {
        let reaches = self.chain(backup, |segment| segment.there <= now).lsn;
        let log = self.log_bytes(backup.position.lsn, reaches);
        self.plan.verify.time_for(Bytes::new(backup.size.get().saturating_add(log.get())))
    }

    /// A restore of `backup` into `copy` that begins now.
    pub fn plan_restore(&self, backup: &FullBackup, copy: usize, epoch: u32, now: Instant) -> Restore {
        let point = self.reaches(backup, now);
        let rate = mutant!("a_restore_is_as_fast_as_an_upload": self.plan.restore => self.plan.upload);
        let copied = now.saturating_add(rate.time_for(backup.size));
        let records = point.lsn - backup.position.lsn;
        let each = mutant!("replaying_the_log_takes_no_time": self.plan.replay.interval_nanos().unwrap_or(0) => 0);
        let ends = copied.saturating_add(Span::from_nanos(records.saturating_mul(each)));
        Restore { backup: backup.number, copy, epoch, point, begun: now, copied, ends }
    }

    /// How much of its full backup the restore under way, or else the last one, has copied: so many nanoseconds of so many.
    pub fn copied(&self, now: Instant) -> (u64, u64) {
        let Some(restore) = self.restoring.or(self.restored) else { return (0, 1) };
        let whole = restore.copied.since(restore.begun).as_nanos().max(1);
        (now.since(restore.begun).as_nanos().min(whole), whole)
    }

    /// What is in effect, for comparing.
    pub fn in_force(&self) -> String {
        let count = self.full.iter().filter(|backup| backup.broken.is_on()).count();
        let mut since: Vec<Instant> = self.corruptions.iter().map(|(_, since)| *since).collect();
        since.sort_unstable();
        since.dedup();
        format!("backups stopped {}, {count} broken, corrupted since {since:?}", self.stopped.is_on())
    }

    fn corrupted_from_the_start(&self, now: Instant) -> (Held, Vec<FaultId>) {
        let mut broken = Held::default();
        let faults: Vec<FaultId> =
            self.corruptions.iter().filter(|(_, since)| *since <= now).map(|(f, _)| *f).collect();
        faults.iter().for_each(|fault| broken.hold(*fault));
        (broken, faults)
    }

    fn log_after(&self, backup: &FullBackup) -> impl Iterator<Item = &Segment> {
        let first = self.log.partition_point(|segment| segment.closed <= backup.taken);
        self.log[first..].iter()
    }

    fn chain(&self, backup: &FullBackup, readable: impl Fn(&Segment) -> bool) -> RestorePoint {
        let from = RestorePoint { lsn: backup.position.lsn, at: backup.taken };
        let last = self.log_after(backup).take_while(|segment| readable(segment)).last();
        last.map_or(from, |segment| RestorePoint { lsn: segment.until.max(from.lsn), at: segment.closed })
    }

    /// Drops what no restore within the retention needs.
    fn expire(&mut self, now: Instant) {
        let past = |at: Instant| now.since(at) >= self.plan.retention;
        let spare = self.full.windows(2).take_while(|pair| past(pair[1].taken) && pair[1].there <= now).count();
        self.full.drain(..spare);
        if let Some(oldest) = self.full.first() {
            self.log.retain(|segment| segment.closed > oldest.taken);
        }
    }

    fn volume_at(&self, lsn: u64) -> Bytes {
        Bytes::new(self.plan.volume.get().saturating_add(self.log_bytes(0, lsn).get()))
    }

    fn log_bytes(&self, after: u64, until: u64) -> Bytes {
        Bytes::new(until.saturating_sub(after).saturating_mul(self.plan.record.get()))
    }
}

#[cfg(test)]
pub(in crate::model::data::database) mod tests {
    use super::*;
    use crate::units::Rate;

    const T: fn(u64) -> Instant = Instant::from_secs;

    /// A gigabyte, uploaded within a second and restored in ten.
    pub fn plan() -> BackupPlan {
        BackupPlan {
            place: None,
            full_every: Span::from_secs(600),
            log_every: Some(Span::from_secs(60)),
            retention: Span::from_secs(3_600),
            volume: Bytes::new(1_000_000_000),
            record: Bytes::new(1_000),
            upload: "1GB/s".parse().unwrap(),
            restore: "100MB/s".parse().unwrap(),
            verify: "200MB/s".parse().unwrap(),
            replay: Rate::per_second(10),
            watched: false,
        }
    }

    fn at(lsn: u64) -> Position {
        Position { epoch: 1, lsn }
    }

    /// Full backups of seconds 0, 600 and 1200, the log of each minute, ten records in each.
    fn twenty_minutes() -> BackupCatalogue {
        let mut backups = BackupCatalogue::new(&plan(), 4);
        for minute in 1..=20 {
            backups.archive(minute * 10, T(minute * 60));
            if minute % 10 == 0 {
                backups.take_full(at(minute * 10), vec![minute; 4], T(minute * 60));
            }
        }
        backups
    }

    fn point(lsn: u64, seconds: u64) -> Option<RestorePoint> {
        Some(RestorePoint { lsn, at: T(seconds) })
    }

    #[test]
    fn a_gap_in_the_log_ends_what_can_be_restored_until_the_next_full_backup() {
        let mut backups = twenty_minutes();
        assert_eq!(backups.restorable(T(1_199)), point(190, 1_140), "the last piece is not there yet");
        assert_eq!(backups.restorable(T(1_300)), point(200, 1_200));
        backups.corrupt(Corruption::NewestFull, FaultId(0), T(1_300));
        assert_eq!(backups.restorable(T(1_300)), point(200, 1_200), "an older one and all of the log come to the same");
        backups.corrupt(Corruption::Since(T(900)), FaultId(1), T(1_300));
        assert_eq!(backups.restorable(T(1_300)), point(140, 840));
        backups.archive(210, T(1_320));
        assert_eq!(backups.restorable(T(1_400)), point(140, 840), "what comes later is as useless");
        backups.heal_corruption(FaultId(1));
        assert_eq!(backups.restorable(T(1_400)), point(210, 1_320));
        assert_eq!(
            backups.in_force(),
            "backups stopped false, 1 broken, corrupted since [Instant(18446744073709551615)]"
        );
    }

    #[test]
    fn the_catalogue_believes_what_it_was_told() {
        let mut backups = twenty_minutes();
        backups.corrupt(Corruption::Since(T(0)), FaultId(0), T(1_300));
        assert_eq!(backups.restorable(T(1_300)), None);
        let entries = backups.entries(T(1_300));
        assert_eq!(
            entries.iter().map(|entry| (entry.backup, entry.reaches.lsn)).collect::<Vec<_>>(),
            [(1, 200), (2, 200), (3, 200)]
        );
        assert!(entries.iter().all(|entry| entry.state == BackupState::Unverified));
        assert_eq!(backups.newest(T(1_300)), Some(T(1_200)));
    }

    #[test]
    fn what_was_not_wholly_there_when_its_source_went_is_archived_again() {
        let mut backups = twenty_minutes();
        backups.abandon_uploads(T(1_200));
        assert_eq!(backups.entries(T(9_000)).len(), 2);
        assert_eq!(backups.restorable(T(9_000)), point(190, 1_140));
        backups.archive(230, T(1_380));
        assert_eq!(backups.restorable(T(9_000)), point(230, 1_380), "without a gap");
    }

    #[test]
    fn what_lies_behind_a_cut_is_no_longer_there() {
        let mut backups = twenty_minutes();
        backups.cut(135);
        assert_eq!(backups.entries(T(1_300)).iter().map(|entry| entry.backup).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(backups.restorable(T(1_300)).unwrap().lsn, 135);
        assert_eq!(backups.floor(), 0);
    }

    #[test]
    fn the_retention_can_be_gone_back_by_in_full() {
        let mut backups = twenty_minutes();
        backups.take_full(at(300), vec![0; 4], T(4_200));
        assert_eq!(
            backups.entries(T(4_300)).first().unwrap().taken,
            T(600),
            "an hour before, it is the one to begin with"
        );
        assert_eq!(backups.floor(), 100);
    }

    #[test]
    fn a_restore_takes_its_size_over_the_rate_and_each_record_of_the_log() {
        let backups = twenty_minutes();
        let restore = backups.plan_restore(backups.get(2, T(2_000)).unwrap(), 0, 2, T(2_000));
        let copying = Span::from_nanos(10_001_000_000);
        assert_eq!((restore.copied, restore.point.lsn), (T(2_000) + copying, 200), "1 GB and 100 records of 1 kB");
        assert_eq!(restore.ends.since(restore.copied), Span::from_secs(10));
        assert_eq!(backups.verification(backups.get(2, T(2_000)).unwrap(), T(2_000)), Span::from_nanos(5_001_000_000));
    }
}
