//! The form that Elle reads: transactions of one micro-operation on a register each, a line for each beginning and end.
//!
//! Source of the form: Elle's `rw-register` histories, as its README shows them: `{:type :ok, :f :txn, :value [[:w 1 2]], …}`.

use super::edn::{Value, quoted};
use super::{Half, ReadOperation, Told, gathered, kind_of};
use crate::record::OperationKind;
use crate::units::Instant;
use std::fmt::Write as _;

/// All of it.
pub(super) fn written(told: &Told<'_>) -> String {
    let mut text = String::new();
    let mut last = Instant::ZERO;
    for (index, (at, half, process, operation)) in told.halves().into_iter().enumerate() {
        let key = quoted(&told.key(operation));
        let micro = match (operation.kind, half) {
            (OperationKind::Write | OperationKind::Delete, _) => format!("[:w {key} {}]", operation.number),
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
    gathered(text, |line| {
        let [what, key, value] = line.get("value")?.list().first()?.list() else { return None };
        Some((Some(key.word()?.to_owned()), what == &Value::Keyword("w".to_owned()), value.number()))
    })
}
