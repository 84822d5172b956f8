//! A database: an authority that takes writes, copies that follow it, and the epochs that fence.
//!
//! Owns the copies, the log, and the operations under way at its copies. Does not know clients, services, or
//! why control promotes or fences.
//!
//! Invariants: a write has four moments: it enters the log, becomes durable and visible after the commit time, is
//! replicated after each replica's delay, and is acknowledged by the commit rule, by a copy that may write. Lineages are
//! dense: one more with each promotion.

mod authority;
mod backups;
mod commit;
mod contents;
mod copy;
mod load;
mod log;
mod operation;
mod reach;
mod rebuild;
mod restore;
mod seen_head;
mod stake;

pub use backups::{BackupCatalogue, Corruption, Restore};
pub use contents::{RowContent, RowContents};
pub use copy::{Replica, ReplicaState};
use log::WriteLog;
pub use operation::{CopyOperation, OperationKind};
pub use reach::{LeadOutages, ReachTracker};
use seen_head::SeenHead;
pub use stake::Stake;

use crate::model::core::job::{Access, Job};
use crate::model::core::slab::Slab;
use crate::model::plan::{Commit, DatabasePlan, Feed};
use crate::record::{ClosingStore, CopyRecord, CopyRole, Position, StoreEvent, Tip, Witness, Write};
use crate::units::{FaultId, Instant, Rate, RegionId, Span};
use std::collections::BTreeMap;

/// One database.
#[derive(Debug)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Every copy; the first is the authority at the start.
    pub copies: Vec<Replica>,
    /// The copy that is the authority.
    pub authority: usize,
    /// Since when it is.
    pub led_from: Instant,
    /// When that copy was last taken away from clients or control.
    pub outages: LeadOutages,
    /// By copy, whether it was up when clients stopped sending; nothing before that.
    pub up_at_the_end: Vec<bool>,
    /// The acknowledged writes that something could have taken away.
    pub stake: Stake,
    /// The current fencing epoch.
    pub epoch: u32,
    /// By epoch: the controller that asked for it first.
    pub owners: BTreeMap<u32, u16>,
    /// The epoch that was last put into effect: no older one may promise a write any more.
    pub in_force: u32,
    /// Where every write stands.
    pub log: WriteLog,
    /// What its rows hold, if somebody reads them.
    pub contents: Option<RowContents>,
    /// Whether what is read here is told: it gets the writes of another database, and may lack some.
    pub tells_reads: bool,
    /// Who is told what happens here.
    pub witness: Witness,
    /// Whether too few replicas answer for any write to be acknowledged.
    pub blocked: bool,
    /// By region: the copy its services take for the authority.
    pub routes: Vec<usize>,
    /// Operations under way.
    pub operations: Slab<CopyOperation>,
    /// Operations the authority has taken on in this second.
    pub taken_on: u64,
    /// Whether the log kept for replicas has filled the authority's disk.
    pub log_full: bool,
    /// What monitoring saw of the authority's log.
    pub seen: SeenHead,
    /// How the database behaves.
    pub plan: DatabasePlan,
    /// What is kept of it elsewhere, if it is backed up.
    pub backups: Option<BackupCatalogue>,
}

/// What a write that entered the log waits for.
#[derive(Debug, Clone, Copy)]
pub struct LoggedWrite {
    /// Where it stands.
    pub position: Position,
    /// When it may be acknowledged; [`Instant::MAX`]: not before a replica moves again.
    pub acknowledged: Instant,
}

impl Database {
    /// The database of `plan`, empty, with `keys` keys, among `regions` regions. `witness` is told what happens to it.
    pub fn new(plan: &DatabasePlan, keys: u32, regions: usize, witness: Witness) -> Self {
        let copy = |region, state, feed: Feed| Replica::new(region, state, keys, feed.delay, interval(feed.apply_rate));
        let primary = copy(plan.primary, ReplicaState::Writable, plan.primary_follows);
        let replicas = plan.replicas.iter().map(|replica| copy(replica.region, ReplicaState::Following, replica.feed));
        let mut copies: Vec<Replica> = std::iter::once(primary).chain(replicas).collect();
        copies[0].synchronous = plan.commit == Commit::Synchronous;
        witness.tell(Instant::ZERO, StoreEvent::Writable { copy: 0, epoch: Some(1) });
        Self {
            name: plan.name.clone(),
            copies,
            authority: 0,
            led_from: Instant::ZERO,
            outages: LeadOutages::new(),
            up_at_the_end: Vec::new(),
            stake: Stake::default(),
            epoch: 1,
            owners: BTreeMap::new(),
            in_force: 1,
            log: WriteLog::new(),
            tells_reads: false,
            contents: plan.rows_are_read.then(RowContents::default),
            witness,
            blocked: false,
            routes: vec![0; regions],
            operations: Slab::with_capacity(1024),
            taken_on: 0,
            log_full: false,
            seen: SeenHead::default(),
            plan: plan.clone(),
            backups: plan.backups.as_ref().map(|backups| BackupCatalogue::new(backups, keys)),
        }
    }

    /// Lets `job`, a write, enter the log of `copy` at `now`. A keyed write that already stands in that log keeps its
    /// place. `fresh`: this is the only attempt there can have been.
    pub fn append(&mut self, copy: usize, job: &Job, invoked: Instant, fresh: bool, now: Instant) -> LoggedWrite {
        let lineage = self.copies[copy].lineage_to_write();
        let tip = Position { epoch: lineage, lsn: self.log.head(lineage) };
        if mutant!("a_repeated_write_takes_effect_twice": !fresh => false)
            && let Some(position) = self.log.earlier_attempt(job.number, tip)
        {
            // A repeated write is promised no earlier than the first attempt at it would have been.
            let replicated = if copy == self.authority { self.replicated_at(position) } else { Instant::MAX };
            let durable = now + self.plan.commit_time;
            let acknowledged = if self.copies[copy].synchronous {
                mutant!("a_repeated_write_is_promised_at_once": durable.max(replicated) => durable)
            } else {
                durable
            };
            return LoggedWrite { position, acknowledged };
        }
        let deleted = job.access == Access::Delete;
        let write = Write { operation: job.number, key: job.key, invoked, deleted };
        self.enter(copy, write, now, |position, write| StoreEvent::Appended { position, write })
    }

    /// `write` enters the log of `copy` at `now`, which is told as `event`.
    #[inline(always)]
    pub fn enter(
        &mut self,
        copy: usize,
        write: Write,
        now: Instant,
        event: impl Fn(Position, Write) -> StoreEvent,
    ) -> LoggedWrite {
        let lineage = self.copies[copy].lineage_to_write();
        let durable = now + self.plan.commit_time;
        // An authority that was replaced without knowing it still keeps to its own commit rule: nobody follows it.
        let waits = self.copies[copy].synchronous;
        let position = self.log.append(lineage, write);
        self.witness.tell(now, event(position, write));
        self.copies[copy].take(position, write.change(), durable);
        if copy == self.authority {
            let receives = |c: &Replica| mutant!("who_is_rebuilt_gets_no_records": matches!(c.state, ReplicaState::Following | ReplicaState::Rebuilding) => c.state == ReplicaState::Following);
            for (_, follower) in self.copies.iter_mut().enumerate().filter(|(i, c)| *i != copy && receives(c)) {
                follower.receive(position, write.change(), durable);
            }
        }
        let acknowledged = match waits {
            true if copy == self.authority => {
                mutant!("commits_wait_for_nobody": durable.max(self.replicated_at(position)) => durable)
            }
            true => Instant::MAX,
            false => durable,
        };
        self.advance(now);
        LoggedWrite { position, acknowledged }
    }

    /// An attempt at `operation` got no answer, as its client knows at `now`; it stands there, if it entered the log.
    pub fn in_doubt(&mut self, operation: u64, appended: Option<Position>, now: Instant) {
        self.log.may_be_repeated(operation, appended);
        self.witness.tell(now, StoreEvent::InDoubt { operation, appended });
    }

    /// The write of `operation` at `position` is acknowledged at `now`, if its copy may still promise that.
    pub fn promise(&mut self, operation: &CopyOperation, position: Position, now: Instant) -> bool {
        let copy = usize::from(operation.copy);
        // A copy that was demoted meanwhile must not promise what the new authority may not have.
        if mutant!("who_may_not_write_promises": !self.may_write(copy, now) => false) {
            return false;
        }
        let (epoch, Job { number, key, .. }) = (self.copies[copy].epoch, operation.job);
        self.witness.tell(now, StoreEvent::Promised { copy, epoch, position, operation: number, key });
        true
    }

    /// Applies what copies have received by `now`, and says what is everywhere.
    pub fn advance(&mut self, now: Instant) {
        let mut everywhere = u64::MAX;
        for index in 0..self.copies.len() {
            let stale_epoch = self.is_stale(index);
            let copy = &mut self.copies[index];
            copy.advance(now);
            if !matches!(copy.state, ReplicaState::Diverged | ReplicaState::Lost) && !stale_epoch {
                everywhere = everywhere.min(copy.applied);
            }
        }
        let (epoch, lsn) = (self.log.epoch(), self.settled_up_to(everywhere));
        self.log.forget(epoch, lsn);
        self.witness.tell(now, StoreEvent::Everywhere(Position { epoch, lsn }));
    }

    /// Records between what the authority has in its log and what the slowest live follower has applied.
    pub fn backlog(&self) -> u64 {
        let head = self.log.head(self.copies[self.authority].lineage_to_write());
        let applied = self.followers().map(|c| c.applied).min();
        applied.map_or(0, |applied| head.saturating_sub(applied))
    }

    /// How old the oldest record is that some live follower has not applied: zero if all have all, `None` if there is
    /// no follower.
    pub fn lag(&self, now: Instant) -> Option<Span> {
        self.followers().map(|copy| copy.oldest_pending().map_or(Span::ZERO, |durable| now.since(durable))).max()
    }

    /// The copy in `region`, if that follows and its process is up.
    pub fn follower_in(&self, region: RegionId) -> Option<usize> {
        let follows = |copy: &Replica| copy.state == ReplicaState::Following && !copy.crashed.is_on();
        self.copies.iter().position(|copy| copy.region == region && follows(copy))
    }

    /// The fault that the copy in `region` is down with, or that took its data.
    pub fn down_in(&self, region: RegionId) -> Option<FaultId> {
        let copy = self.copies.iter().find(|copy| copy.region == region)?;
        let emptied = (!copy.is_readable()).then(|| copy.wiped.holder()).flatten();
        copy.crashed.holder().or(emptied)
    }

    /// How long `copy` has lacked what it lacks at `now`, if the authority has a newer version of `key` than it.
    pub fn behind_by(&mut self, copy: usize, key: u32, now: Instant) -> Option<Span> {
        self.advance(now);
        let (read, leads) = (&self.copies[copy], &self.copies[self.authority]);
        let behind = read.rows()[key as usize] != leads.rows()[key as usize];
        behind.then(|| match read.state {
            ReplicaState::Following => read.oldest_pending().map_or(Span::ZERO, |durable| now.since(durable.min(now))),
            // Nobody sends it what the authority has written since it is one.
            _ => now.since(self.led_from.min(now)),
        })
    }

    /// How many copies hold no data of their own to lead or to follow with.
    pub fn without_data(&self) -> u64 {
        let gone = |copy: &&Replica| match copy.state {
            ReplicaState::Lost | ReplicaState::Rebuilding | ReplicaState::Restored => true,
            ReplicaState::Writable | ReplicaState::Following | ReplicaState::Diverged => false,
        };
        self.copies.iter().filter(gone).count() as u64
    }

    /// The copies that follow the authority.
    pub fn followers(&self) -> impl Iterator<Item = &Replica> {
        self.copies.iter().filter(|c| c.state == ReplicaState::Following)
    }

    /// What it is at the end, with its rows if they are `looked_at`. `reachable` says whether a copy could be read.
    pub fn close(
        &mut self,
        now: Instant,
        looked_at: bool,
        name_of: impl Fn(RegionId) -> String,
        reachable: impl Fn(&Replica) -> bool,
    ) -> ClosingStore {
        self.advance(now);
        self.forget_what_is_nowhere(now);
        let tips: Vec<Tip> = (0..self.copies.len()).filter_map(|i| self.tip(i, now, &name_of, &reachable)).collect();
        let copies = (0..self.copies.len()).map(|i| self.copy_record(i, &name_of, &reachable)).collect();
        let rows = if looked_at { self.copies.iter().map(Replica::content).collect() } else { Vec::new() };
        ClosingStore { store: self.name.clone(), copies, tips, at_stake: self.stake.writes(), rows }
    }

    /// What a copy holds, if it has data and could be read.
    fn tip(
        &self,
        index: usize,
        now: Instant,
        name_of: &impl Fn(RegionId) -> String,
        reachable: &impl Fn(&Replica) -> bool,
    ) -> Option<Tip> {
        let copy = &self.copies[index];
        let holds = copy.is_readable() && copy.state != ReplicaState::Rebuilding && reachable(copy);
        let position = Position { epoch: copy.lineage, lsn: copy.received(now).max(copy.applied) };
        let was_up = self.up_at_the_end.get(index).copied().unwrap_or(true);
        holds.then(|| Tip { region: name_of(copy.region), position, was_up })
    }

    fn copy_record(
        &self,
        index: usize,
        name_of: &impl Fn(RegionId) -> String,
        reachable: &impl Fn(&Replica) -> bool,
    ) -> CopyRecord {
        let copy = &self.copies[index];
        let (rows, digest) = copy.digest();
        let role = match copy.state {
            _ if !reachable(copy) => CopyRole::Unreachable,
            ReplicaState::Rebuilding | ReplicaState::Lost | ReplicaState::Restored => CopyRole::Unreachable,
            ReplicaState::Writable if index == self.authority => CopyRole::Authority,
            ReplicaState::Following => CopyRole::Follower,
            ReplicaState::Writable | ReplicaState::Diverged => {
                mutant!("who_diverged_follows": CopyRole::Diverged => CopyRole::Follower)
            }
        };
        CopyRecord { region: name_of(copy.region), epoch: copy.lineage, applied_lsn: copy.applied, rows, digest, role }
    }
}

impl Replica {
    /// The lineage its next write belongs to.
    fn lineage_to_write(&self) -> u32 {
        self.lineage
    }
}

fn interval(rate: Option<Rate>) -> Span {
    rate.and_then(Rate::interval_nanos).map_or(Span::ZERO, Span::from_nanos)
}

#[cfg(test)]
pub(in crate::model) mod tests {
    use super::*;
    use crate::model::core::job::Waiter;
    use crate::model::plan::{AckRule, Fencing, ReplicaPlan};
    use crate::record::{Books, StoreRecord, WatchedStore};
    use crate::units::{DatabaseId, ServiceId};
    use std::cell::RefCell;
    use std::rc::Rc;

    fn feed(delay_ms: u64) -> Feed {
        Feed { delay: Span::from_millis(delay_ms), apply_rate: None }
    }

    fn plan(commit: Commit) -> DatabasePlan {
        DatabasePlan {
            name: "orders".into(),
            zones: Vec::new(),
            primary: RegionId(0),
            primary_follows: feed(900),
            replicas: vec![ReplicaPlan { region: RegionId(1), feed: feed(200) }],
            commit,
            acks: AckRule::default(),
            degrade_after: None,
            log_space: None,
            capacity: None,
            commit_time: Span::from_millis(2),
            read_time: Span::ZERO,
            promote_time: Span::ZERO,
            discards_unapplied: false,
            tables: Vec::new(),
            rows_are_read: false,
            soft_deletes: false,
            fencing: Fencing::Storage,
            failsafe: false,
            rebuild_time: Span::from_secs(60),
            call_timeout: Span::from_secs(5),
            backups: None,
        }
    }

    /// A database, and the books that are kept of it.
    pub(in crate::model) struct Watched {
        database: Database,
        books: Rc<RefCell<Books>>,
    }

    impl Watched {
        /// The database of `plan` with eight keys.
        pub fn new(plan: &DatabasePlan) -> Self {
            let regions = std::iter::once(plan.primary).chain(plan.replicas.iter().map(|replica| replica.region));
            let regions: Vec<String> = regions.map(name_of).collect();
            let books = Rc::new(RefCell::new(Books::new([WatchedStore { keys: 8, regions: &regions }])));
            let witness = Witness::new(books.clone(), DatabaseId(0));
            Self { database: Database::new(plan, 8, 4, witness), books }
        }

        /// The client of the write at `position` sees that it is done.
        pub fn acknowledged(&self, position: Position, key: u32, at: Instant) {
            let write = Write { operation: 0, key, invoked: Instant::ZERO, deleted: false };
            self.witness.tell(at, StoreEvent::Acknowledged { position, write });
        }

        /// Its record at `end`, when all copies can be read.
        pub fn record(&mut self, end: Instant, faults: &[Instant]) -> StoreRecord {
            let store = self.database.close(end, true, name_of, |_| true);
            self.books.borrow_mut().close(vec![store], faults, end).stores.remove(0)
        }
    }

    impl std::ops::Deref for Watched {
        type Target = Database;
        fn deref(&self) -> &Database {
            &self.database
        }
    }

    impl std::ops::DerefMut for Watched {
        fn deref_mut(&mut self) -> &mut Database {
            &mut self.database
        }
    }

    fn name_of(region: RegionId) -> String {
        region.0.to_string()
    }

    /// A database with a replica that is 200 ms behind.
    pub(in crate::model) fn database(commit: Commit) -> Watched {
        Watched::new(&plan(commit))
    }

    /// A write.
    pub(in crate::model) fn job(number: u64, key: u32) -> Job {
        Job { key, access: Access::Write, ..Job::probe(number, 0, ServiceId(0), Waiter::Control, Instant::ZERO) }
    }

    /// So many milliseconds after the start.
    pub(in crate::model) fn later(ms: u64) -> Instant {
        Instant::from_nanos(ms * 1_000_000)
    }

    const MS: fn(u64) -> Instant = later;

    #[test]
    fn an_asynchronous_write_is_acknowledged_when_durable_and_a_synchronous_one_when_replicated() {
        for (commit, ms) in [(Commit::Asynchronous, 2), (Commit::Synchronous, 202)] {
            let appended = database(commit).append(0, &job(1, 0), MS(0), true, MS(0));
            assert_eq!(appended.acknowledged, MS(ms), "{commit:?}");
        }
    }

    #[test]
    fn promotion_loses_exactly_what_had_not_arrived() {
        let mut database = database(Commit::Asynchronous);
        for (n, ms) in [(1, 0), (2, 100), (3, 300)] {
            let appended = database.append(0, &job(n, n as u32), MS(ms), true, MS(ms));
            database.acknowledged(appended.position, n as u32, appended.acknowledged);
        }
        database.copies[1].connect(false, MS(305));
        database.advance(MS(600));
        assert_eq!(database.promote(1, 2, MS(600)), 2);
        let record = database.record(MS(900), &[MS(305)]);
        assert_eq!((record.lost_total, record.lost[0].operation), (1, 3));
        assert_eq!(record.copies.iter().map(|c| c.role).collect::<Vec<_>>(), [CopyRole::Diverged, CopyRole::Authority]);
    }

    #[test]
    fn with_fencing_the_old_authority_may_not_write_once_the_epoch_is_raised() {
        let mut database = database(Commit::Asynchronous);
        assert!(database.may_write(0, MS(0)));
        database.epoch = 2;
        assert!(!database.may_write(0, MS(0)));
        database.plan.fencing = Fencing::None;
        assert!(database.may_write(0, MS(0)));
    }

    #[test]
    fn an_old_authority_without_a_suffix_of_its_own_follows_the_new_one_to_equal_rows() {
        let mut database = database(Commit::Synchronous);
        database.append(0, &job(1, 0), MS(0), true, MS(0));
        database.advance(MS(1000));
        database.promote(1, 2, MS(1000));
        database.append(1, &job(2, 0), MS(1000), true, MS(1000));
        let record = database.record(MS(3000), &[]);
        assert_eq!(record.copies[0].role, CopyRole::Follower);
        assert_eq!(record.copies[0].digest, record.copies[1].digest);
        assert_eq!(record.copies[0].applied_lsn, 2);
    }
}
