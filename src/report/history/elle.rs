//! The form that Elle reads: transactions of one micro-operation on a register each, a line for each beginning and end.
//!
//! Source of the form: Elle's `rw-register` histories, as its README shows them: `{:type :ok, :f :txn, :value [[:w 1 2]], …}`.

use super::edn::{Value, parsed, quoted};
use super::{Half, ReadOperation, Told, kind_of, outcome_of};
use crate::record::{OperationKind, OperationOutcome};
use crate::units::Instant;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// All of it.
pub(super) fn written(told: &Told<'_>) -> String {
    let mut text = String::new();
    let mut last = Instant::ZERO;
    for (index, (at, half, process, operation)) in told.halves().into_iter().enumerate() {
        let key = quoted(&told.key(operation));
        let micro = match (operation.kind, half) {
            (OperationKind::Write, _) => format!("[:w {key} {}]", operation.number),
            (OperationKind::Read(Some(value)), Half::Ends) => format!("[:r {key} {value}]"),
            (OperationKind::Read(_), _) => format!("[:r {key} nil]"),
        };
        last = if at == Instant::MAX { last } else { at };
        let kind = kind_of(half, operation.outcome);
        let _ = writeln!(
            text,
            "{{:index {index}, :type :{kind}, :process {process}, :f :txn, :value [{micro}], :time {}}}",
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
    let [what, key, value] = line.get("value")?.list().first()?.list() else { return None };
    let (key, is_write) = (key.word()?.to_owned(), what == &Value::Keyword("w".to_owned()));
    if kind == "invoke" {
        let writes = if is_write { Some(value.number()?) } else { None };
        let (returned, outcome, reads) = (None, OperationOutcome::Info, None);
        found.insert(process, ReadOperation { process, key, writes, reads, invoked: at, returned, outcome });
        return Some(());
    }
    let operation = found.get_mut(&process)?;
    operation.outcome = outcome_of(kind)?;
    operation.returned = (operation.outcome != OperationOutcome::Info).then_some(at);
    operation.reads = if is_write { None } else { value.number() };
    Some(())
}
