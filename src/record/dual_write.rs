//! What a dual write leaves in its second database: the rows that lack what a client was told is done, and those that differ.
//!
//! Owns, for each key, the last write in either database and the newest that was acknowledged. Does not know how legs are
//! sent, nor why one failed. Invariants: a row is missing if its last write was over before the newest acknowledged one
//! began, so that no order of what clients saw ends with it; where control has brought that about by what it wrote itself, it
//! has overwritten the acknowledged write.
//!
//! Source of the rule: the final-state rule of a register, as in the ledger: the final value f of a key explains every
//! acknowledged write that was invoked before f returned.

use super::overwritten::Overwritten;
use super::{Ledger, OUTDATED, Position, REPAIR, Sample, Signal, SignalUnit, Viewpoint, Write};
use crate::units::{As, Instant, Seconds};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How many rows are named; the rest are counted.
pub const NAMED_ROWS: usize = 1000;

/// How many acknowledged writes are remembered, the newest: a leg that comes later than so many after it is taken for one
/// that nobody was told of.
const REMEMBERED: usize = 1 << 16;

/// What the two databases of a dual write came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DualWriteRecord {
    /// The database whose writes go to the other, too.
    pub primary: String,
    /// The other.
    pub secondary: String,
    /// Rows in either.
    pub rows: u64,
    /// Rows of the other that lack the newest write a client was told is done.
    pub missing: u64,
    /// The most there were at any time.
    pub most_missing: u64,
    /// Rows that are not the same in both, those among them.
    pub differing: u64,
    /// Acknowledged writes that control has replaced in the primary by what was over before they began. They are lost, and among
    /// the lost writes of that database.
    pub overwritten: u64,
    /// The same in the secondary, which may have got them back since.
    pub overwritten_in_secondary: u64,
    /// The first thousand rows that differ: what is missing before what only differs, by key.
    pub named: Vec<DifferingRow>,
}

/// A row that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DifferingRow {
    /// Its key.
    pub key: u32,
    /// The operation that wrote it last in the primary.
    pub primary: Option<u64>,
    /// The operation that wrote it last in the secondary.
    pub secondary: Option<u64>,
    /// The newest operation of which a client was told that it is done.
    pub acknowledged: Option<u64>,
    /// Whether the secondary lacks that one.
    pub missing: bool,
    /// Since when it has been so.
    #[serde(rename = "since_s", with = "As::<Seconds>")]
    pub since: Instant,
}

/// The last write of a row in one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LastWrite {
    operation: u64,
    /// When its client saw that it is done; [`Instant::MAX`]: never did.
    returned: Instant,
    /// Whether it left no row.
    deleted: bool,
}

/// The acknowledged write of a row that began last.
#[derive(Debug, Clone, Copy)]
struct Newest {
    write: Write,
    /// Where it stands in the primary, if it does.
    position: Option<Position>,
    returned: Instant,
}

#[derive(Debug, Clone, Copy)]
struct DualRow {
    last: [Option<LastWrite>; 2],
    newest: Option<Newest>,
    /// Since when it has been what it is.
    since: Instant,
}

impl DualRow {
    const EMPTY: Self = Self { last: [None; 2], newest: None, since: Instant::ZERO };

    fn differs(&self) -> bool {
        let [first, second] = self.last.map(|last| last.filter(|last| !last.deleted).map(|last| last.operation));
        first != second
    }

    fn is_missing(&self) -> bool {
        self.lacks(Side::Secondary)
    }

    /// Whether no order of what clients saw ends with what that database has.
    fn lacks(&self, side: Side) -> bool {
        let last = self.last[side as usize];
        let returned = last.map_or(Instant::ZERO, |last| last.returned);
        self.newest.is_some_and(|Newest { write, .. }| {
            // A row that is gone is what a delete leaves, whoever it was.
            let gone = last.is_none_or(|last| last.deleted);
            let is_it = (write.deleted && gone) || last.is_some_and(|last| last.operation == write.operation);
            mutant!("what_is_missing_may_be_overwritten": !is_it && (last.is_none() || returned < write.invoked) => false)
        })
    }
}

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Primary,
    Secondary,
}

/// The rows of two databases that get the same writes.
#[derive(Debug)]
pub(super) struct DualLedger {
    rows: Vec<DualRow>,
    missing: u64,
    most_missing: u64,
    differing: u64,
    /// By database: acknowledged writes that control has overwritten there.
    overwritten: [u64; 2],
    /// Reads in the second of `lacking_second` that found a row which had long lacked an acknowledged write.
    lacking: u64,
    lacking_second: u64,
    /// What is missing, what differs, and such reads.
    signals: [Signal; 3],
    /// When the clients of acknowledged writes saw that, by operation: a leg may enter its database later.
    returned: BTreeMap<u64, Instant>,
    /// The same operations, in the order in which they were acknowledged.
    acknowledged: VecDeque<u64>,
    /// Whether there were more.
    forgets: bool,
    /// The next second of which nothing is written down.
    second: u64,
}

impl DualLedger {
    /// Of databases with `keys` keys; `secondary` is the name of the one that signals are of.
    pub fn new(secondary: &str, keys: u32) -> Self {
        let signal = |name: String| Signal::new(name, SignalUnit::Count, Viewpoint::Truth);
        let mut lacking_reads = signal(format!("db.{secondary}.lacking_reads"));
        lacking_reads.set(Instant::ZERO, Sample::count(0));
        Self {
            rows: vec![DualRow::EMPTY; keys as usize],
            missing: 0,
            most_missing: 0,
            differing: 0,
            overwritten: [0; 2],
            lacking: 0,
            lacking_second: 0,
            signals: [
                signal(format!("db.{secondary}.missing")),
                signal(format!("db.{secondary}.differing")),
                lacking_reads,
            ],
            returned: BTreeMap::new(),
            acknowledged: VecDeque::new(),
            forgets: false,
            second: 0,
        }
    }

    /// `write` is the last of its key in that database from `at` on.
    pub fn written(&mut self, at: Instant, side: Side, write: Write) {
        let returned = self.returned.get(&write.operation).copied();
        let last = LastWrite {
            operation: write.operation,
            returned: mutant!("a_late_leg_is_as_good_as_new": returned.unwrap_or(Instant::MAX) => Instant::MAX),
            deleted: write.deleted,
        };
        self.change(at, write.key, |row| row.last[side as usize] = Some(last));
    }

    /// Control writes what `write` once wrote, or deletes the row, in that database at `at`. Returns what was acknowledged and is
    /// gone by that from the primary.
    pub fn repaired(&mut self, at: Instant, side: Side, write: Write) -> Option<Overwritten> {
        let before = self.rows[write.key as usize];
        // Control has no client who could still see that it is done.
        let own = write.operation == REPAIR;
        let returned = if own { Instant::ZERO } else { self.returned_of(write.key, write.operation) };
        let last = LastWrite { operation: write.operation, returned, deleted: write.deleted };
        self.change(at, write.key, |row| row.last[side as usize] = Some(last));
        let lost = !before.lacks(side) && self.rows[write.key as usize].lacks(side);
        if !mutant!("what_control_overwrites_was_worth_nothing": lost => false) {
            return None;
        }
        self.overwritten[side as usize] += 1;
        let Newest { write: lost, position, returned } = before.newest.filter(|_| side == Side::Primary)?;
        Some(Overwritten { write: lost, position: position?, client_acked: returned, by: write.operation })
    }

    /// The client of `write`, which stands there in the primary, if `position` says so, sees at `at` that it is done.
    pub fn acknowledged(&mut self, at: Instant, write: Write, position: Option<Position>) {
        self.remember(write.operation, at);
        self.change(at, write.key, |row| {
            for last in row.last.iter_mut().flatten().filter(|last| last.operation == write.operation) {
                last.returned = last.returned.min(at);
            }
            let order = |newest: &Newest| (newest.write.invoked, newest.write.operation);
            let newest = Newest { write, position, returned: at };
            row.newest = Some(match row.newest {
                Some(before) if order(&before) > order(&newest) => before,
                Some(before) if order(&before) == order(&newest) => {
                    Newest { position: before.position.or(position), ..before }
                }
                _ => newest,
            });
        });
    }

    /// A client's request reads the row of `key` in the secondary at `at`.
    pub fn read(&mut self, at: Instant, key: u32) {
        let row = &self.rows[key as usize];
        let long = mutant!("what_lacks_a_write_may_be_read": at.since(row.since.min(at)) > OUTDATED => false);
        if !long || !row.is_missing() {
            return;
        }
        if at.second() != self.lacking_second {
            self.close_second();
            self.lacking_second = at.second();
        }
        self.lacking += 1;
    }

    /// The second is over in which the last such read was.
    fn close_second(&mut self) {
        if self.lacking == 0 {
            return;
        }
        let begun = self.lacking_second;
        self.signals[2].set(Instant::from_secs(begun), Sample::count(std::mem::take(&mut self.lacking)));
        self.signals[2].set(Instant::from_secs(begun + 1), Sample::count(0));
    }

    /// One of the databases holds another history from `at` on: what `ledger` says of it.
    pub fn replaced(&mut self, at: Instant, side: Side, ledger: &Ledger) {
        let mut last: Vec<Option<LastWrite>> = vec![None; self.rows.len()];
        for (change, operation, returned) in ledger.last_writes() {
            // That ledger has heard of those acknowledgements only that this database gave itself.
            let returned = mutant!("a_crash_makes_all_writes_pending": returned.min(self.returned_of(change.key, operation)) => returned);
            last[change.key as usize] = Some(LastWrite { operation, returned, deleted: change.deleted });
        }
        for (key, last) in (0..).zip(last) {
            self.change(at, key, |row| row.last[side as usize] = last);
        }
    }

    /// When the client of `operation`, which wrote `key`, saw that it is done, as far as that is known; [`Instant::MAX`]: it has not.
    /// Who is not remembered any more saw it long ago.
    fn returned_of(&self, key: u32, operation: u64) -> Instant {
        let in_row = self.rows[key as usize].last.iter().flatten().find(|last| last.operation == operation);
        let known = self.returned.get(&operation).copied().or(in_row.map(|last| last.returned));
        known.unwrap_or(if self.forgets { Instant::ZERO } else { Instant::MAX })
    }

    fn remember(&mut self, operation: u64, at: Instant) {
        if self.returned.contains_key(&operation) {
            return;
        }
        self.returned.insert(operation, at);
        self.acknowledged.push_back(operation);
        if self.acknowledged.len() > REMEMBERED
            && let Some(oldest) = self.acknowledged.pop_front()
        {
            self.returned.remove(&oldest);
            self.forgets = true;
        }
    }

    fn change(&mut self, at: Instant, key: u32, change: impl FnOnce(&mut DualRow)) {
        self.sample(at);
        let row = &mut self.rows[key as usize];
        let before = (row.is_missing(), row.differs());
        change(row);
        let after = (row.is_missing(), row.differs());
        if before != after {
            row.since = at;
        }
        self.missing = self.missing + u64::from(after.0) - u64::from(before.0);
        self.differing = self.differing + u64::from(after.1) - u64::from(before.1);
        self.most_missing = self.most_missing.max(self.missing);
    }

    /// Writes down what has held since the last change, for the seconds that have begun since.
    fn sample(&mut self, at: Instant) {
        if at.second() < self.second {
            return;
        }
        let begun = Instant::from_secs(self.second);
        self.signals[0].set(begun, Sample::count(self.missing));
        self.signals[1].set(begun, Sample::count(self.differing));
        self.second = at.second() + 1;
    }

    /// What it came to at `end`, and its signals.
    pub fn close(mut self, primary: &str, secondary: &str, end: Instant) -> (DualWriteRecord, [Signal; 3]) {
        self.sample(end);
        self.close_second();
        let differing = (0..).zip(&self.rows).filter(|(_, row)| row.differs() || row.is_missing());
        let mut named: Vec<DifferingRow> = differing.map(|(key, row)| named(key, row)).collect();
        named.sort_by_key(|row| (!row.missing, row.key));
        named.truncate(NAMED_ROWS);
        let record = DualWriteRecord {
            primary: primary.to_owned(),
            secondary: secondary.to_owned(),
            rows: self.rows.iter().filter(|row| row.last.iter().flatten().any(|last| !last.deleted)).count() as u64,
            missing: self.missing,
            most_missing: self.most_missing,
            differing: self.differing,
            overwritten: self.overwritten[0],
            overwritten_in_secondary: self.overwritten[1],
            named,
        };
        for (signal, last) in self.signals.iter_mut().zip([record.missing, record.differing]) {
            signal.set(end.max(Instant::from_secs(self.second.saturating_sub(1))), Sample::count(last));
        }
        (record, self.signals)
    }
}

fn named(key: u32, row: &DualRow) -> DifferingRow {
    let operation = |side: Side| row.last[side as usize].map(|last| last.operation);
    DifferingRow {
        key,
        primary: operation(Side::Primary),
        secondary: operation(Side::Secondary),
        acknowledged: row.newest.map(|newest| newest.write.operation),
        missing: row.is_missing(),
        since: row.since,
    }
}

#[cfg(test)]
#[path = "dual_write_tests.rs"]
mod tests;
