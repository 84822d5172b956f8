//! `history/`: what clients asked of databases and what they were told, for the checkers that people have.
//!
//! Owns the order of what began and what ended. Does not know how operations came about. Invariants: a run has it only if it was
//! told to keep it; every operation is a process of its own, for who is in doubt does not go on; what began and ended at one
//! instant overlap, as they may have.

mod edn;
mod elle;
mod porcupine;

pub use elle::read as read_elle;
pub use porcupine::read as read_porcupine;

use super::{Document, Folder};
use crate::explore::Campaign;
use crate::outcome::Outcome;
use crate::record::{Operation, OperationOutcome, StoreRecord};
use crate::units::Instant;
use edn::{Value, parsed};
use std::collections::BTreeMap;

pub(super) struct History;

const ELLE: &str = "elle.edn";
const PORCUPINE: &str = "porcupine.edn";

/// The name of this folder among the formats.
pub const HISTORY: &str = "history";

impl Folder for History {
    fn name(&self) -> &'static str {
        HISTORY
    }
    fn folder(&self) -> &'static str {
        HISTORY
    }
    fn owns(&self, file: &str) -> bool {
        [ELLE, PORCUPINE].contains(&file)
    }
    fn run(&self, outcome: &Outcome) -> Vec<Document> {
        let Some(operations) = &outcome.record.history else { return Vec::new() };
        let told = Told { operations, stores: &outcome.record.stores };
        let document =
            |file: &str, text: String| Document { path: format!("{HISTORY}/{file}"), bytes: text.into_bytes() };
        vec![document(ELLE, elle::written(&told)), document(PORCUPINE, porcupine::written(&told))]
    }
    fn campaign(&self, _: &Campaign) -> Vec<Document> {
        Vec::new()
    }
}

/// Operations, with the databases they are on.
struct Told<'a> {
    operations: &'a [Operation],
    stores: &'a [StoreRecord],
}

/// An operation as it stands in a file: the same but for the database, which is named before the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOperation {
    /// The process: as many as there are operations.
    pub process: u64,
    /// `orders/7`: the database and the key.
    pub key: String,
    /// What it wrote.
    pub writes: Option<u64>,
    /// What it read; nothing if there was no row.
    pub reads: Option<u64>,
    /// When it began.
    pub invoked: Instant,
    /// When it ended, if that is known.
    pub returned: Option<Instant>,
    /// What it came to.
    pub outcome: OperationOutcome,
}

/// The beginning or the end of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Begins,
    Ends,
}

impl Told<'_> {
    /// Beginnings and ends in the order of time, with the number of the process.
    fn halves(&self) -> Vec<(Instant, Half, u64, &Operation)> {
        let mut halves: Vec<_> = (0..)
            .zip(self.operations)
            .flat_map(|(process, operation)| {
                // What nobody knows the end of ends when the file does.
                let end = operation.returned.unwrap_or(Instant::MAX);
                [(operation.invoked, Half::Begins, process, operation), (end, Half::Ends, process, operation)]
            })
            .collect();
        halves.sort_by_key(|(at, half, process, _)| (*at, *half == Half::Ends, *process));
        halves
    }

    fn key(&self, operation: &Operation) -> String {
        let store = self.stores.get(operation.store.index()).map_or("", |store| store.store.as_str());
        format!("{store}/{}", operation.key)
    }
}

/// `:invoke`, or what it came to.
const fn kind_of(half: Half, outcome: OperationOutcome) -> &'static str {
    match (half, outcome) {
        (Half::Begins, _) => "invoke",
        (Half::Ends, OperationOutcome::Ok) => "ok",
        (Half::Ends, OperationOutcome::Fail) => "fail",
        (Half::Ends, OperationOutcome::Info) => "info",
    }
}

/// What a line says beside who, when and how it ended: the key, whether it writes, and the value.
type Said = (Option<String>, bool, Option<u64>);

/// The operations of a file whose lines say what `said` finds in them, in the order of their processes; or the first line that
/// is none of a history, counted from one.
fn gathered(text: &str, said: impl Fn(&Value) -> Option<Said>) -> Result<Vec<ReadOperation>, usize> {
    let mut found: BTreeMap<u64, ReadOperation> = BTreeMap::new();
    for (number, line) in (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        parsed(line).and_then(|line| take(&mut found, &line, said(&line)?)).ok_or(number)?;
    }
    Ok(found.into_values().collect())
}

fn take(found: &mut BTreeMap<u64, ReadOperation>, line: &Value, (key, is_write, value): Said) -> Option<()> {
    let (process, kind) = (line.get("process")?.number()?, line.get("type")?.word()?);
    let at = Instant::from_nanos(line.get("time")?.number()?);
    if kind == "invoke" {
        let (key, writes) = (key?, if is_write { Some(value?) } else { None });
        let (returned, outcome, reads) = (None, OperationOutcome::Info, None);
        found.insert(process, ReadOperation { process, key, writes, reads, invoked: at, returned, outcome });
        return Some(());
    }
    let operation = found.get_mut(&process)?;
    operation.outcome = outcome_of(kind)?;
    operation.returned = (operation.outcome != OperationOutcome::Info).then_some(at);
    operation.reads = if is_write { None } else { value };
    Some(())
}

/// The outcome that a line of type `word` tells.
fn outcome_of(word: &str) -> Option<OperationOutcome> {
    match word {
        "ok" => Some(OperationOutcome::Ok),
        "fail" => Some(OperationOutcome::Fail),
        "info" => Some(OperationOutcome::Info),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
