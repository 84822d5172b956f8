//! What clients asked for and what they were told: operations on keys of databases, in the sense of Jepsen's histories.
//!
//! Owns each operation from its first attempt to the answer its client saw. Does not know copies, logs or faults. Invariants: an
//! operation ends once or never; one that never ended, or ended in doubt, may take effect at any time after it began, so that nobody who asked goes on: each is a
//! process of its own; what
//! a read was answered from something that keeps no rows, such as a cache, is not known and is not here.
//!
//! Source of the outcomes: Jepsen's ok, fail and info. A time-out or a connection that broke is info.

use super::{Observer, ObserverSource, Position, StoreEvent};
use crate::units::{DatabaseId, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an operation came to, as its client knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationOutcome {
    /// It was done.
    Ok,
    /// It certainly was not.
    #[serde(rename = "failed")]
    Fail,
    /// It may have been, and may still be.
    #[serde(rename = "unknown")]
    Info,
}

/// What an operation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// It wrote its own number.
    Write,
    /// It deleted the row, of which its own number is left.
    Delete,
    /// It read the number of the operation that wrote last, or nothing.
    Read(Option<u64>),
}

impl OperationKind {
    /// Whether it changed the row. What a delete leaves is as much a value of the key as what a write leaves.
    pub const fn is_write(self) -> bool {
        matches!(self, Self::Write | Self::Delete)
    }
}

/// One operation of one client on one key of one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its number, unique in the run; what a write writes.
    pub number: u64,
    /// The database.
    pub store: DatabaseId,
    /// The key.
    pub key: u32,
    /// What it did.
    pub kind: OperationKind,
    /// When its client first sent it.
    pub invoked: Instant,
    /// When its client knew; `None`: never.
    pub returned: Option<Instant>,
    /// What it came to.
    pub outcome: OperationOutcome,
}

/// Something happens to a request of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestEvent {
    /// A client sends it for the first time, for `key`.
    Sent {
        /// Its number.
        number: u64,
        /// The key.
        key: u32,
        /// Whether it writes.
        writes: bool,
        /// Whether what it writes is that there is no row.
        deletes: bool,
    },
    /// A database answers an attempt at it with the row at that position, or with none.
    Read {
        /// Its number.
        number: u64,
        /// Which attempt.
        attempt: u16,
        /// The database.
        store: DatabaseId,
        /// Where the row's last write stands in the log.
        row: Option<Position>,
    },
    /// Its client takes the answer to an attempt.
    Answered {
        /// Its number.
        number: u64,
        /// Which attempt.
        attempt: u16,
    },
    /// It is over for its client.
    Ended {
        /// Its number.
        number: u64,
        /// What it came to.
        outcome: OperationOutcome,
    },
}

#[derive(Debug, Clone)]
struct OpenRequest {
    key: u32,
    /// What it does, if it writes.
    writes: Option<OperationKind>,
    invoked: Instant,
    /// By attempt and database: what was read.
    reads: Vec<(u16, DatabaseId, Option<Position>)>,
    /// The databases that any attempt has entered a log of.
    written: Vec<DatabaseId>,
    /// Those of which its client was told that they have it.
    acknowledged: Vec<DatabaseId>,
    answered: u16,
}

impl OpenRequest {
    fn operation(&self, number: u64, store: DatabaseId, kind: OperationKind) -> Operation {
        let (key, invoked, outcome) = (self.key, self.invoked, OperationOutcome::Info);
        Operation { number, store, key, kind, invoked, returned: None, outcome }
    }
}

/// The operations of a run so far.
#[derive(Debug, Default)]
pub struct HistoryLog {
    open: BTreeMap<u64, OpenRequest>,
    /// Which operation stands where.
    writes: BTreeMap<(DatabaseId, Position), u64>,
    operations: Vec<Operation>,
    /// Writes that are over for their clients: a leg or an attempt of them may still enter a log.
    ended: BTreeMap<u64, OpenRequest>,
}

impl HistoryLog {
    /// Roughly what is kept of every request: its operation, and of a write where it stands and who asked. Measured on the failover
    /// of the README, in which a fifth of requests write: 147 MB for 1.2 million.
    pub const BYTES_OF_A_REQUEST: u64 = 125;

    /// The same where it is written out: both files are put together before they are written.
    const BYTES_WRITTEN_OUT: u64 = 525;

    /// Something happened to the data of `store`.
    pub fn store(&mut self, store: DatabaseId, event: StoreEvent) {
        match event {
            StoreEvent::Appended { position, write } | StoreEvent::Repaired { position, write } => {
                self.appended(store, position, write.operation);
            }
            StoreEvent::Acknowledged { write, .. } => {
                if let Some(request) = self.open.get_mut(&write.operation) {
                    request.acknowledged.push(store);
                }
            }
            _ => {}
        }
    }

    fn appended(&mut self, store: DatabaseId, position: Position, number: u64) {
        self.writes.insert((store, position), number);
        if let Some(request) = self.open.get_mut(&number) {
            if !request.written.contains(&store) {
                request.written.push(store);
            }
        } else if let Some(request) = self.ended.get_mut(&number)
            && let Some(kind) = request.writes.filter(|_| !request.written.contains(&store))
        {
            // It comes after its client has gone, who was not told of this.
            request.written.push(store);
            self.operations.push(request.operation(number, store, kind));
        }
    }

    /// Something happened to a request at `at`.
    pub fn request(&mut self, at: Instant, event: RequestEvent) {
        match event {
            RequestEvent::Sent { number, key, writes, deletes } => {
                let kind = if deletes { OperationKind::Delete } else { OperationKind::Write };
                let request = OpenRequest {
                    key,
                    writes: writes.then_some(kind),
                    invoked: at,
                    reads: Vec::new(),
                    written: Vec::new(),
                    acknowledged: Vec::new(),
                    answered: 0,
                };
                self.open.insert(number, request);
            }
            RequestEvent::Read { number, attempt, store, row } => {
                if let Some(request) = self.open.get_mut(&number) {
                    request.reads.retain(|(of, from, _)| (*of, *from) != (attempt, store));
                    request.reads.push((attempt, store, row));
                }
            }
            RequestEvent::Answered { number, attempt } => {
                if let Some(request) = self.open.get_mut(&number) {
                    request.answered = attempt;
                }
            }
            RequestEvent::Ended { number, outcome } => {
                if let Some(request) = self.open.remove(&number) {
                    self.ended(number, request, outcome, at);
                }
            }
        }
    }

    fn ended(&mut self, number: u64, request: OpenRequest, outcome: OperationOutcome, at: Instant) {
        if let Some(kind) = request.writes {
            for store in &request.written {
                let operation = request.operation(number, *store, kind);
                let told = outcome == OperationOutcome::Ok
                    && mutant!("a_leg_is_told_of_with_the_other": request.acknowledged.contains(store) => true);
                let known = told || outcome == OperationOutcome::Fail;
                self.operations.push(if known {
                    Operation { returned: Some(at), outcome, ..operation }
                } else {
                    operation
                });
            }
            self.ended.insert(number, request);
        } else if outcome == OperationOutcome::Ok {
            // A read that failed says nothing.
            for (_, store, row) in request.reads.iter().filter(|(attempt, ..)| *attempt == request.answered) {
                let value = row.and_then(|row| self.written_at(*store, row));
                let operation = request.operation(number, *store, OperationKind::Read(value));
                self.operations.push(Operation { returned: Some(at), outcome, ..operation });
            }
        }
    }

    /// The operation that wrote what stands at `position`.
    pub fn written_at(&self, store: DatabaseId, position: Position) -> Option<u64> {
        self.writes.get(&(store, position)).copied()
    }

    /// Everything, in the order in which operations began; what is open has not ended.
    pub fn close(&mut self) -> Vec<Operation> {
        for (number, request) in std::mem::take(&mut self.open) {
            let Some(kind) = request.writes else { continue };
            self.operations.extend(request.written.iter().map(|store| request.operation(number, *store, kind)));
        }
        let mut operations = std::mem::take(&mut self.operations);
        operations.sort_by_key(|operation| (operation.invoked, operation.number, operation.store));
        operations
    }
}

/// Keeps the history of a run.
#[derive(Debug)]
pub struct KeepHistory;

/// Who keeps it.
#[derive(Debug, Default)]
struct Keeper(HistoryLog);

impl ObserverSource for KeepHistory {
    fn observer(&self, _: &[String]) -> Box<dyn Observer> {
        Box::new(Keeper::default())
    }

    fn bytes_of_a_request(&self) -> u64 {
        HistoryLog::BYTES_WRITTEN_OUT
    }
}

impl Observer for Keeper {
    fn on(&mut self, _: Instant, store: DatabaseId, event: StoreEvent) {
        self.0.store(store, event);
    }

    fn request(&mut self, at: Instant, event: RequestEvent) {
        self.0.request(at, event);
    }

    fn hears_requests(&self) -> bool {
        true
    }

    fn history(&mut self) -> Option<Vec<Operation>> {
        Some(self.0.close())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Write;
    use super::*;

    const T: fn(u64) -> Instant = Instant::from_secs;
    const OLD: DatabaseId = DatabaseId(0);
    const NEW: DatabaseId = DatabaseId(1);

    fn at(lsn: u64) -> Position {
        Position { epoch: 1, lsn }
    }

    fn sent(log: &mut HistoryLog, number: u64, write: bool, second: u64) {
        log.request(T(second), RequestEvent::Sent { number, key: 3, writes: write, deletes: false });
    }

    fn appended(log: &mut HistoryLog, store: DatabaseId, number: u64, lsn: u64) {
        let write = Write { operation: number, key: 3, invoked: T(0), deleted: false };
        log.store(store, StoreEvent::Appended { position: at(lsn), write });
    }

    #[test]
    fn a_write_is_done_where_its_client_was_told_so_and_may_be_where_a_leg_came_to() {
        let mut log = HistoryLog::default();
        sent(&mut log, 1, true, 1);
        appended(&mut log, OLD, 1, 1);
        let write = Write { operation: 1, key: 3, invoked: T(1), deleted: false };
        log.store(OLD, StoreEvent::Acknowledged { position: at(1), write });
        log.request(T(2), RequestEvent::Ended { number: 1, outcome: OperationOutcome::Ok });
        appended(&mut log, NEW, 1, 1);
        sent(&mut log, 2, true, 3);
        appended(&mut log, OLD, 2, 2);
        appended(&mut log, NEW, 2, 2);
        let write = Write { operation: 2, ..write };
        log.store(OLD, StoreEvent::Acknowledged { position: at(2), write });
        log.request(T(4), RequestEvent::Ended { number: 2, outcome: OperationOutcome::Ok });
        let mut found: Vec<_> = log.close().iter().map(|o| (o.number, o.store, o.outcome, o.returned)).collect();
        found.sort_by_key(|(number, store, ..)| (*number, *store));
        let (done, open) = (OperationOutcome::Ok, OperationOutcome::Info);
        let expected =
            [(1, OLD, done, Some(T(2))), (1, NEW, open, None), (2, OLD, done, Some(T(4))), (2, NEW, open, None)];
        assert_eq!(found, expected, "the leg of the second was there in time, and nobody waited for it");
    }

    #[test]
    fn a_read_is_what_the_attempt_that_was_answered_read() {
        let mut log = HistoryLog::default();
        sent(&mut log, 1, true, 1);
        appended(&mut log, OLD, 1, 1);
        sent(&mut log, 2, false, 2);
        log.request(T(3), RequestEvent::Read { number: 2, attempt: 0, store: OLD, row: None });
        log.request(T(4), RequestEvent::Read { number: 2, attempt: 1, store: OLD, row: Some(at(1)) });
        log.request(T(5), RequestEvent::Answered { number: 2, attempt: 1 });
        log.request(T(5), RequestEvent::Ended { number: 2, outcome: OperationOutcome::Ok });
        sent(&mut log, 3, false, 6);
        log.request(T(7), RequestEvent::Ended { number: 3, outcome: OperationOutcome::Fail });
        let operations = log.close();
        let kinds: Vec<_> = operations.iter().map(|operation| (operation.number, operation.kind)).collect();
        assert_eq!(kinds, [(1, OperationKind::Write), (2, OperationKind::Read(Some(1)))]);
        assert_eq!((operations[0].outcome, operations[0].returned), (OperationOutcome::Info, None), "it never ended");
    }
}
