//! The form that Porcupine's key-value model reads: puts and gets, a line for each beginning and end.
//!
//! Source of the form: the logs in Porcupine's `test_data/kv`, with `:time` beside: `{:process 0, :type :ok, :f :put, :key "1", …}`.

use super::edn::quoted;
use super::{Half, ReadOperation, Told, gathered, kind_of};
use crate::record::OperationKind;
use crate::units::Instant;
use std::fmt::Write as _;

/// All of it.
pub(super) fn written(told: &Told<'_>) -> String {
    let mut text = String::new();
    let mut last = Instant::ZERO;
    for (at, half, process, operation) in told.halves() {
        let key = quoted(&told.key(operation));
        let (function, value) = match (operation.kind, half) {
            (OperationKind::Write | OperationKind::Delete, _) => ("put", quoted(&operation.number.to_string())),
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
    gathered(text, |line| {
        let number = line.get("value")?.word().and_then(|value| value.parse().ok());
        Some((line.get("key")?.word().map(str::to_owned), line.get("f")?.word()? == "put", number))
    })
}
