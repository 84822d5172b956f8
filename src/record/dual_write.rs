//! What a dual write leaves in its second database: the rows that lack what a client was told is done, and those that differ.
//!
//! Owns, for each key, the last write in either database and the newest that was acknowledged. Does not know how legs are
//! sent, nor why one failed. Invariant: a row is missing if its last write was over before the newest acknowledged one
//! began, so that no order of what clients saw ends with it.
//!
//! Source of the rule: the final-state rule of a register, as in the ledger: the final value f of a key explains every
//! acknowledged write that was invoked before f returned.

use super::{Ledger, Sample, Signal, SignalUnit, Viewpoint, Write};
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
    /// The first thousand of them: what is missing before what only differs, by key.
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
}

#[derive(Debug, Clone, Copy)]
struct DualRow {
    last: [Option<LastWrite>; 2],
    /// Of the acknowledged ones, the write that began last, and when.
    newest: Option<(Instant, u64)>,
    /// Since when it has been what it is.
    since: Instant,
}

impl DualRow {
    const EMPTY: Self = Self { last: [None; 2], newest: None, since: Instant::ZERO };

    fn differs(&self) -> bool {
        self.last[0].map(|last| last.operation) != self.last[1].map(|last| last.operation)
    }

    fn is_missing(&self) -> bool {
        let returned = self.last[1].map_or(Instant::ZERO, |last| last.returned);
        self.newest.is_some_and(|(invoked, operation)| {
            let is_it = self.last[1].is_some_and(|last| last.operation == operation);
            mutant!("what_is_missing_may_be_overwritten": !is_it && (self.last[1].is_none() || returned < invoked) => false)
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
    signals: [Signal; 2],
    /// When the clients of acknowledged writes saw that, by operation: a leg may enter its database later.
    returned: BTreeMap<u64, Instant>,
    /// The same operations, in the order in which they were acknowledged.
    acknowledged: VecDeque<u64>,
    /// The next second of which nothing is written down.
    second: u64,
}

impl DualLedger {
    /// Of databases with `keys` keys; `secondary` is the name of the one that signals are of.
    pub fn new(secondary: &str, keys: u32) -> Self {
        let signal = |name: String| Signal::new(name, SignalUnit::Count, Viewpoint::Truth);
        Self {
            rows: vec![DualRow::EMPTY; keys as usize],
            missing: 0,
            most_missing: 0,
            differing: 0,
            signals: [signal(format!("db.{secondary}.missing")), signal(format!("db.{secondary}.differing"))],
            returned: BTreeMap::new(),
            acknowledged: VecDeque::new(),
            second: 0,
        }
    }

    /// `write` is the last of its key in that database from `at` on.
    pub fn written(&mut self, at: Instant, side: Side, write: Write) {
        let returned = self.returned.get(&write.operation).copied();
        let last = LastWrite {
            operation: write.operation,
            returned: mutant!("a_late_leg_is_as_good_as_new": returned.unwrap_or(Instant::MAX) => Instant::MAX),
        };
        self.change(at, write.key, |row| row.last[side as usize] = Some(last));
    }

    /// The client of `write` sees at `at` that it is done.
    pub fn acknowledged(&mut self, at: Instant, write: Write) {
        self.remember(write.operation, at);
        self.change(at, write.key, |row| {
            for last in row.last.iter_mut().flatten().filter(|last| last.operation == write.operation) {
                last.returned = last.returned.min(at);
            }
            let newest = (write.invoked, write.operation);
            row.newest = Some(row.newest.map_or(newest, |before| before.max(newest)));
        });
    }

    /// One of the databases holds another history from `at` on: what `ledger` says of it.
    pub fn replaced(&mut self, at: Instant, side: Side, ledger: &Ledger) {
        let mut last: Vec<Option<LastWrite>> = vec![None; self.rows.len()];
        for (key, operation, returned) in ledger.last_writes() {
            last[key as usize] = Some(LastWrite { operation, returned });
        }
        for (key, last) in (0..).zip(last) {
            self.change(at, key, |row| row.last[side as usize] = last);
        }
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
    pub fn close(mut self, primary: &str, secondary: &str, end: Instant) -> (DualWriteRecord, [Signal; 2]) {
        self.sample(end);
        let differing = (0..).zip(&self.rows).filter(|(_, row)| row.differs() || row.is_missing());
        let mut named: Vec<DifferingRow> = differing.map(|(key, row)| named(key, row)).collect();
        named.sort_by_key(|row| (!row.missing, row.key));
        named.truncate(NAMED_ROWS);
        let record = DualWriteRecord {
            primary: primary.to_owned(),
            secondary: secondary.to_owned(),
            rows: self.rows.iter().filter(|row| row.last.iter().any(Option::is_some)).count() as u64,
            missing: self.missing,
            most_missing: self.most_missing,
            differing: self.differing,
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
        acknowledged: row.newest.map(|(_, operation)| operation),
        missing: row.is_missing(),
        since: row.since,
    }
}

#[cfg(test)]
#[path = "dual_write_tests.rs"]
mod tests;
