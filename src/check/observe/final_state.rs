//! Whether what is read in the end explains every write that clients were told is done, from their point of view alone.
//!
//! Owns the rule. Does not know logs, epochs or cuts: it knows operations with their beginnings and ends, and the final value
//! of each key. Sound and complete for a register: the final value f may be the last one if no acknowledged write began after
//! f had returned. One pass over the operations.
//!
//! Source of the rule: Jepsen's ok, fail and info; a register's final write is one that no other must follow (Gibbons and
//! Korach, Testing Shared Memories, 1997).

use crate::record::{
    ClosingStore, HistoryLog, Observation, Observer, Operation, OperationKind, OperationOutcome, Position, REPAIR,
    RequestEvent, StoreEvent, Violation,
};
use crate::units::{DatabaseId, Instant};
use std::collections::BTreeMap;

/// The name of this observer.
pub const FINAL_STATE: &str = "final_state";

/// What a key holds in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinalValue {
    /// Nothing: no write of it is there.
    Absent,
    /// What the operation of that number wrote.
    Of(u64),
    /// What no operation of the history wrote.
    Unknown,
}

/// Watches everything clients ask for, and looks at the copies that lead in the end.
#[derive(Debug, Default)]
pub struct FinalState {
    log: HistoryLog,
    names: Vec<String>,
}

impl FinalState {
    /// Of databases with these names, by number.
    pub fn new(names: Vec<String>) -> Self {
        Self { log: HistoryLog::default(), names }
    }
}

impl Observer for FinalState {
    fn on(&mut self, _: Instant, store: DatabaseId, event: StoreEvent) {
        self.log.store(store, event);
    }

    fn request(&mut self, at: Instant, event: RequestEvent) {
        self.log.request(at, event);
    }

    fn hears_requests(&self) -> bool {
        true
    }

    fn close(&mut self, stores: &[ClosingStore], end: Instant) -> Option<Observation> {
        let mut seen = Observation::new(FINAL_STATE, "keys");
        let operations = self.log.close();
        for (store, closing) in (0..).map(DatabaseId).zip(stores) {
            let Some(rows) = closing.authority_rows() else {
                seen.undecided += 1;
                continue;
            };
            let value = |position: Position| match self.log.written_at(store, position) {
                None => FinalValue::Unknown,
                // Control has deleted the row: no client did.
                Some(REPAIR) => FinalValue::Absent,
                Some(operation) => FinalValue::Of(operation),
            };
            let rows: BTreeMap<u32, FinalValue> = rows.iter().map(|(key, at)| (*key, value(*at))).collect();
            let writes = operations.iter().filter(|o| o.store == store && o.kind.is_write());
            let name = self.names.get(store.index()).map_or("", String::as_str);
            final_state(&mut seen, name, writes, &rows, end);
        }
        Some(seen)
    }
}

/// What is known of the writes of one key.
#[derive(Debug, Default)]
struct KeyWrites<'a> {
    /// The acknowledged one that began last.
    newest: Option<&'a Operation>,
    /// Of the deletes that may have taken effect, when the last of them returned; [`Instant::MAX`]: one never did.
    deleted: Option<Instant>,
    /// Whether the final value's write is among them, and what became of it.
    last: Option<&'a Operation>,
}

/// Notes every key that `writes` or `rows` know of: whether its final value, the only one in `rows` or none, explains all writes
/// that were acknowledged.
pub fn final_state<'a>(
    seen: &mut Observation,
    store: &str,
    writes: impl Iterator<Item = &'a Operation>,
    rows: &BTreeMap<u32, FinalValue>,
    end: Instant,
) {
    let mut keys: BTreeMap<u32, KeyWrites<'_>> = rows.keys().map(|key| (*key, KeyWrites::default())).collect();
    for write in writes {
        let known = keys.entry(write.key).or_default();
        if write.outcome == OperationOutcome::Ok && known.newest.is_none_or(|newest| newest.invoked < write.invoked) {
            known.newest = Some(write);
        }
        if write.kind == OperationKind::Delete && write.outcome != OperationOutcome::Fail {
            known.deleted = known.deleted.max(Some(write.returned.unwrap_or(Instant::MAX)));
        }
        if rows.get(&write.key) == Some(&FinalValue::Of(write.number)) {
            known.last = Some(write);
        }
    }
    for (key, KeyWrites { newest, deleted, last }) in keys {
        let value = rows.get(&key).copied().unwrap_or(FinalValue::Absent);
        let violation = |what: &str, operations: Vec<u64>| Violation {
            store: store.to_owned(),
            key: Some(key),
            what: what.to_owned(),
            operations,
            at: Some(end),
        };
        let number = |operation: Option<&Operation>| operation.map(|operation| operation.number);
        seen.note(match (value, last) {
            (FinalValue::Absent, _) => {
                // A row that is gone is what the last delete left.
                let lost = newest.filter(|newest| deleted.is_none_or(|returned| returned < newest.invoked));
                number(lost).map(|lost| violation("acknowledged, and there is no row", vec![lost]))
            }
            (FinalValue::Unknown, _) | (FinalValue::Of(_), None) => {
                Some(violation("the row holds what nobody wrote", number(newest).into_iter().collect()))
            }
            (FinalValue::Of(_), Some(last)) if mutant!("what_failed_may_be_there": last.outcome == OperationOutcome::Fail => false) => {
                Some(violation("the row holds what its client was told did not happen", vec![last.number]))
            }
            (FinalValue::Of(_), Some(last)) => {
                // What never returned may have taken effect last.
                let returned = last.returned.unwrap_or(Instant::MAX);
                let lost = newest.filter(|newest| mutant!("what_began_as_the_other_ended_is_lost": returned < newest.invoked => returned <= newest.invoked));
                lost.map(|lost| violation("acknowledged, and the row holds an older write", vec![lost.number, last.number]))
            }
        });
    }
}

#[cfg(test)]
#[path = "final_state_tests.rs"]
mod tests;
