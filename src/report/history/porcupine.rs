//! The form that Porcupine's key-value model reads: puts and gets, a line for each beginning and end.
//!
//! Source of the form: the logs in Porcupine's `test_data/kv`, with `:time` beside: `{:process 0, :type :ok, :f :put, :key "1", …}`.

use super::edn::{parsed, quoted};
use super::{Half, ReadOperation, Told, kind_of, outcome_of};
use crate::record::{OperationKind, OperationOutcome};
use crate::units::Instant;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// All of it.
pub(super) fn written(told: &Told<'_>) -> String {
    let mut text = String::new();
    let mut last = Instant::ZERO;
    for (at, half, process, operation) in told.halves() {
        let key = quoted(&told.key(operation));
        let (function, value) = match (operation.kind, half) {
            (OperationKind::Write, _) => ("put", quoted(&operation.number.to_string())),
            (OperationKind::Read(_), Half::Begins) => ("get", "nil".to_owned()),
            (OperationKind::Read(value), Half::Ends) => {
                ("get", quoted(&value.map_or_else(String::new, |value| value.to_string())))
            }
        };
        last = if at == Instant::MAX { last } else { at };
        let kind = kind_of(half, operation.outcome);
        let _ = writeln!(
            text,
            "{{:process {process}, :type :{kind}, :f :{function}, :key {key}, :value {value}, :time {}}}",
            last.as_nanos()
        );
    }
    text
}

/// The operations of a file, in the order of their processes.
///
/// # Errors
/// The first line that is none of a history, counted from one.
pub fn read(text: &str) -> Result<Vec<ReadOperation>, usize> {
    let mut found: BTreeMap<u64, ReadOperation> = BTreeMap::new();
    for (number, line) in (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        take(&mut found, line).ok_or(number)?;
    }
    Ok(found.into_values().collect())
}

fn take(found: &mut BTreeMap<u64, ReadOperation>, line: &str) -> Option<()> {
    let line = parsed(line)?;
    let (process, kind) = (line.get("process")?.number()?, line.get("type")?.word()?);
    let at = Instant::from_nanos(line.get("time")?.number()?);
    let is_write = line.get("f")?.word()? == "put";
    let number = line.get("value")?.word().and_then(|value| value.parse().ok());
    if kind == "invoke" {
        let (key, writes) = (line.get("key")?.word()?.to_owned(), if is_write { Some(number?) } else { None });
        let (returned, outcome, reads) = (None, OperationOutcome::Info, None);
        found.insert(process, ReadOperation { process, key, writes, reads, invoked: at, returned, outcome });
        return Some(());
    }
    let operation = found.get_mut(&process)?;
    operation.outcome = outcome_of(kind)?;
    operation.returned = (operation.outcome != OperationOutcome::Info).then_some(at);
    operation.reads = if is_write { None } else { number };
    Some(())
}
