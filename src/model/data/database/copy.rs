//! One copy of a database: its rows, how far it is, and what is on its way to it.
//!
//! Does not know the other copies. Invariants: rows are applied in log order and only once they have arrived; what
//! has arrived is never taken back except by a crash of the copy that had not yet made it durable.

use crate::model::core::held::Held;
use crate::record::{Position, RowChange, digest_of, position_of, version};
use crate::units::{FaultId, Instant, RegionId, Span};
use std::collections::VecDeque;

/// What a copy is at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaState {
    /// It takes writes, as far as it knows.
    Writable,
    /// It follows the authority.
    Following,
    /// Its log holds what the authority's does not.
    Diverged,
    /// The authority's data is being copied to it.
    Rebuilding,
    /// Its data are gone, or those of a backup are being copied to it.
    Lost,
    /// It holds what a backup held, and takes no writes before it is promoted.
    Restored,
}

/// A log record on its way into a copy.
#[derive(Debug, Clone, Copy)]
struct Incoming {
    position: Position,
    change: RowChange,
    /// When it was durable at the authority.
    durable: Instant,
    /// When it is durable here; [`Instant::MAX`] while the stream is stalled.
    arrives: Instant,
}

/// One copy.
#[derive(Debug)]
pub struct Replica {
    /// Where it is.
    pub region: RegionId,
    /// What it is at present.
    pub state: ReplicaState,
    /// The fencing epoch it has last been told.
    pub epoch: u32,
    /// Whether it was told that another copy takes the writes.
    pub demoted: bool,
    /// Whether, leading, it makes writes wait for replicas: as the plan says, unless they waited too long where they need
    /// not wait for ever.
    pub synchronous: bool,
    /// Whether somebody looks, at a later instant, whether writes have waited here too long for a replica.
    pub patience_watched: bool,
    /// Since when a write of control's own waits here, if one does.
    pub heartbeat: Option<Instant>,
    /// Until when it may write on its lease; [`Instant::MAX`] while it can renew it.
    pub lease_until: Instant,
    /// When the copying of the authority's data to it ends, while that is under way.
    pub rebuilt_at: Instant,
    /// The lineage of the last record it has applied or taken.
    pub lineage: u32,
    /// Its process is down while this is held.
    pub crashed: Held,
    /// How often its process has died.
    pub crashes: u32,
    /// Its replication stream is stalled while this is held.
    pub stalled: Held,
    /// Its disk takes no more while this is held.
    pub full: Held,
    /// Faults that destroyed its data, while they last. What they destroyed does not come back with their end.
    pub wiped: Held,
    /// The last fault that destroyed its data.
    pub wiped_by: Option<FaultId>,
    /// The last position applied.
    pub applied: u64,
    /// How much longer than usual records travel to it at present.
    pub added: Span,
    connected: bool,
    delay: Span,
    /// Between two records, at its own best.
    apply_interval_least: Span,
    /// Between two records, at present.
    apply_interval: Span,
    last_applied: Instant,
    last_arrival: Instant,
    incoming: VecDeque<Incoming>,
    rows: Vec<u64>,
}

impl Replica {
    /// A copy in `region` of a database of `keys` keys, empty.
    pub fn new(region: RegionId, state: ReplicaState, keys: u32, delay: Span, apply_interval: Span) -> Self {
        Self {
            region,
            state,
            epoch: 1,
            demoted: false,
            synchronous: false,
            patience_watched: false,
            heartbeat: None,
            lease_until: Instant::MAX,
            rebuilt_at: Instant::ZERO,
            lineage: 1,
            crashed: Held::default(),
            crashes: 0,
            stalled: Held::default(),
            full: Held::default(),
            wiped: Held::default(),
            wiped_by: None,
            applied: 0,
            added: Span::ZERO,
            connected: true,
            delay,
            apply_interval_least: apply_interval,
            apply_interval,
            last_applied: Instant::ZERO,
            last_arrival: Instant::ZERO,
            incoming: VecDeque::new(),
            rows: vec![0; keys as usize],
        }
    }

    /// The authority took a record of its own, durable at `durable`.
    pub fn take(&mut self, position: Position, change: RowChange, durable: Instant) {
        self.incoming.push_back(Incoming { position, change, durable, arrives: durable });
        self.lineage = position.epoch;
    }

    /// The authority sends a record that is durable there at `durable`. Returns when it is durable here
    /// ([`Instant::MAX`]: not before the stream moves again).
    pub fn receive(&mut self, position: Position, change: RowChange, durable: Instant) -> Instant {
        let travels = mutant!("replication_takes_no_time": self.delay => Span::ZERO) + self.added;
        let arrives = if self.connected {
            mutant!("records_overtake_each_other": (durable + travels).max(self.last_arrival) => durable + travels)
        } else {
            Instant::MAX
        };
        if self.connected {
            self.last_arrival = arrives;
        }
        self.incoming.push_back(Incoming { position, change, durable, arrives });
        arrives
    }

    /// Applies what has arrived and could be applied by `now`. Returns whether anything was.
    pub fn advance(&mut self, now: Instant) -> bool {
        let before = self.applied;
        // Its own writes are there once they are durable; only what another copy sends has to be applied.
        let fed = matches!(self.state, ReplicaState::Following | ReplicaState::Rebuilding);
        let interval = mutant!("a_replica_applies_at_once": self.apply_interval => Span::ZERO);
        let interval = if fed { interval } else { Span::ZERO };
        while let Some(next) = self.incoming.front().copied() {
            let done = next.arrives.max(self.last_applied).saturating_add(interval);
            if done > now {
                break;
            }
            self.incoming.pop_front();
            self.last_applied = done;
            self.applied = next.position.lsn;
            self.lineage = next.position.epoch;
            self.rows[next.change.key as usize] = version(next.position, next.change.deleted);
        }
        self.applied != before
    }

    /// The last position that has arrived by `now`, applied or not.
    pub fn received(&self, now: Instant) -> u64 {
        match self.incoming.partition_point(|record| mutant!("what_is_sent_has_arrived": record.arrives <= now => true))
        {
            0 => self.applied,
            n => self.incoming[n - 1].position.lsn,
        }
    }

    /// How far its log goes at `now`. A copy that writes, or was stopped from it, has received all that is in its log.
    pub fn log_end(&self, now: Instant) -> u64 {
        if mutant!("a_log_ends_where_it_is_durable": self.state == ReplicaState::Writable => false) {
            self.last()
        } else {
            self.received(now)
        }
    }

    /// Another copy gives it, at `now`, every record up to `up_to` that was sent to it and has not arrived.
    pub fn take_in(&mut self, up_to: u64, now: Instant) {
        for record in self.incoming.iter_mut().take_while(|record| record.position.lsn <= up_to) {
            record.arrives = mutant!("nothing_is_taken_in": record.arrives.min(now) => record.arrives);
        }
        self.last_arrival = self.last_arrival.max(now);
    }

    /// The last position in its log, durable or not.
    pub fn last(&self) -> u64 {
        self.incoming.back().map_or(self.applied, |record| record.position.lsn)
    }

    /// Drops everything it holds for the data of `source` as it is now. What is still to be applied there, and what
    /// comes later, it gets once the stream into it moves.
    pub fn copy_from(&mut self, source: &Self, now: Instant) {
        self.rows.clone_from(&source.rows);
        (self.applied, self.lineage, self.epoch) = (source.applied, source.lineage, source.epoch);
        self.incoming.clone_from(&source.incoming);
        self.incoming.iter_mut().for_each(|record| record.arrives = Instant::MAX);
        (self.connected, self.last_arrival) = (false, now);
    }

    /// Its data are gone.
    pub fn wipe(&mut self) {
        self.state = ReplicaState::Lost;
        self.applied = 0;
        self.incoming.clear();
        self.rows.fill(0);
    }

    /// Every version it holds, or may come to hold.
    pub fn versions(&self) -> impl Iterator<Item = u64> {
        let coming = self.incoming.iter().map(|record| version(record.position, record.change.deleted));
        self.rows.iter().copied().chain(coming)
    }

    /// The version of the row of `key` by the last write in its log, durable or not; `None`: there is no such key.
    pub fn newest(&self, key: u32) -> Option<u64> {
        let last = self.incoming.iter().rev().find(|record| record.change.key == key);
        let last = last.map(|record| version(record.position, record.change.deleted));
        last.or_else(|| self.rows.get(key as usize).copied())
    }

    /// Its rows, as applied.
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// It holds `rows`, the state at `from`, and the records after that, up to position `until`.
    pub fn restore(
        &mut self,
        rows: &[u64],
        from: Position,
        until: u64,
        records: impl Iterator<Item = (Position, RowChange)>,
        now: Instant,
    ) {
        self.rows.clone_from_slice(rows);
        self.lineage = from.epoch;
        for (position, change) in records {
            self.rows[change.key as usize] = version(position, change.deleted);
            self.lineage = position.epoch;
        }
        (self.applied, self.state, self.demoted) = (until, ReplicaState::Restored, true);
        self.incoming.clear();
        (self.last_applied, self.last_arrival) = (now, now);
    }

    /// When the record at `lsn` is durable here; [`Instant::MAX`]: it is not known when, or whether.
    pub fn arrival(&self, lsn: u64) -> Instant {
        if lsn <= self.applied {
            return Instant::ZERO;
        }
        let index = self.incoming.partition_point(|record| record.position.lsn < lsn);
        self.incoming.get(index).map_or(Instant::MAX, |record| record.arrives)
    }

    /// When everything that has arrived by `now` will have been applied.
    pub fn caught_up_at(&self, now: Instant) -> Instant {
        let arrived = self.incoming.iter().take_while(|record| record.arrives <= now);
        arrived.fold(now, |at, record| {
            record
                .arrives
                .max(self.last_applied)
                .max(at)
                .saturating_add(mutant!("applying_takes_no_time_at_promotion": self.apply_interval => Span::ZERO))
        })
    }

    /// When the oldest record it has not applied was durable at the authority, at the latest; `None`: it has all.
    pub fn oldest_pending(&self) -> Option<Instant> {
        self.incoming.front().map(|record| record.durable)
    }

    /// Records sent to it that it has not applied.
    pub fn backlog(&self) -> usize {
        self.incoming.len()
    }

    /// The stream moves or stalls from `now` on. What was in flight is sent again once it moves.
    pub fn connect(&mut self, connected: bool, now: Instant) {
        if self.connected == connected {
            return;
        }
        self.connected = connected;
        let again = if connected { now + self.delay + self.added } else { Instant::MAX };
        for record in self
            .incoming
            .iter_mut()
            .filter(|record| mutant!("what_was_in_flight_arrives": record.arrives > now => false))
        {
            record.arrives = again;
        }
        self.last_arrival = if connected { again } else { now };
    }

    /// From now on it can be fed a record once in `interval`, and applies no faster than that.
    pub fn feed_every(&mut self, interval: Span) {
        self.apply_interval = interval.max(self.apply_interval_least);
    }

    /// How long a record sent to it travels at present.
    pub fn travels(&self) -> Span {
        self.delay.saturating_add(self.added)
    }

    /// Whether a record sent to it is durable there within `patience`.
    pub fn answers_within(&self, patience: Span) -> bool {
        mutant!("who_is_cut_off_answers": self.connected => true) && self.delay.saturating_add(self.added) <= patience
    }

    /// Whether it has data that clients may see.
    pub fn is_readable(&self) -> bool {
        !matches!(self.state, ReplicaState::Lost | ReplicaState::Restored)
    }

    /// Whether the stream moves.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Its process dies at `now`: what was not durable is gone. Returns the first position lost, if any was.
    pub fn lose_tail(&mut self, now: Instant) -> Option<u64> {
        let durable =
            self.incoming.partition_point(|record| mutant!("a_crash_loses_nothing": record.arrives <= now => true));
        let first = self.incoming.get(durable)?.position.lsn;
        self.incoming.truncate(durable);
        Some(first)
    }

    /// Forgets every record on its way at or after `from`.
    pub fn forget_from(&mut self, from: u64) {
        let keep = self.incoming.partition_point(|record| record.position.lsn < from);
        self.incoming.truncate(keep);
    }

    /// The rows it holds, and those that were deleted, by key: where the last write of each stands.
    pub fn content(&self) -> Vec<(u32, Position)> {
        let present = (0..).zip(&self.rows).filter(|(_, version)| **version != 0);
        present.map(|(key, version)| (key, position_of(*version))).collect()
    }

    /// Rows it holds, and an order-independent digest over (key, version), deleted ones included.
    pub fn digest(&self) -> (u64, u128) {
        digest_of((0..).zip(&self.rows).filter(|(_, version)| **version != 0).map(|(key, version)| (key, *version)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn replica(delay: u64, apply_interval: u64) -> Replica {
        let spans = (Span::from_secs(delay), Span::from_secs(apply_interval));
        Replica::new(RegionId(1), ReplicaState::Following, 4, spans.0, spans.1)
    }

    fn at(lsn: u64) -> Position {
        Position { epoch: 1, lsn }
    }

    #[test]
    fn records_arrive_after_the_delay_and_are_applied_at_the_rate() {
        let mut copy = replica(2, 3);
        for lsn in 1..=3 {
            copy.receive(at(lsn), RowChange::put(0), T(10));
        }
        copy.advance(T(14));
        assert_eq!((copy.applied, copy.received(T(11)), copy.received(T(12))), (0, 0, 3));
        copy.advance(T(15));
        assert_eq!(copy.applied, 1);
        assert_eq!(copy.caught_up_at(T(15)), T(21));
        copy.advance(T(21));
        assert_eq!((copy.applied, copy.backlog()), (3, 0));
    }

    #[test]
    fn what_was_on_its_way_when_the_stream_stopped_has_not_arrived() {
        let mut copy = replica(2, 0);
        copy.receive(at(1), RowChange::put(0), T(10));
        copy.receive(at(2), RowChange::put(1), T(11));
        copy.connect(false, T(12));
        copy.receive(at(3), RowChange::put(2), T(12));
        assert_eq!(copy.received(T(100)), 1);
        copy.connect(true, T(100));
        copy.advance(T(102));
        assert_eq!(copy.applied, 3);
    }

    #[test]
    fn a_crash_loses_what_was_not_durable_and_a_log_holds_it_until_then() {
        let mut copy = Replica::new(RegionId(0), ReplicaState::Writable, 4, Span::ZERO, Span::ZERO);
        copy.take(at(1), RowChange::put(0), T(2));
        copy.take(at(2), RowChange::put(0), T(9));
        assert_eq!((copy.log_end(T(5)), copy.received(T(5))), (2, 1));
        assert_eq!(copy.lose_tail(T(5)), Some(2));
        assert_eq!(copy.log_end(T(5)), 1);
    }

    #[test]
    fn records_arrive_in_order_and_another_copy_can_give_what_is_missing() {
        let mut copy = replica(2, 0);
        copy.added = Span::from_secs(20);
        assert_eq!(copy.receive(at(1), RowChange::put(0), T(10)), T(32));
        copy.added = Span::ZERO;
        assert_eq!(copy.receive(at(2), RowChange::put(1), T(10)), T(32), "not before the one that was sent earlier");
        copy.take_in(1, T(15));
        assert_eq!((copy.received(T(14)), copy.received(T(15))), (0, 1));
    }

    #[test]
    fn rows_of_two_histories_at_one_position_differ() {
        let mut copies = [replica(0, 0), replica(0, 0)];
        for (copy, epoch) in copies.iter_mut().zip(1..) {
            copy.receive(Position { epoch, lsn: 1 }, RowChange::put(0), T(1));
            copy.advance(T(2));
        }
        assert_eq!(copies[0].applied, copies[1].applied);
        assert_ne!(copies[0].digest(), copies[1].digest());
    }

    #[test]
    fn copies_with_equal_rows_have_equal_digests_and_others_do_not() {
        let mut copies = [replica(0, 0), replica(1, 0), replica(0, 0)];
        for copy in &mut copies {
            copy.receive(at(1), RowChange::put(0), T(1));
            copy.receive(at(2), RowChange::put(1), T(1));
        }
        copies[2].receive(at(3), RowChange::put(1), T(1));
        for copy in &mut copies {
            copy.advance(T(9));
        }
        assert_eq!(copies[0].digest(), copies[1].digest());
        assert_ne!(copies[0].digest(), copies[2].digest());
    }
}
