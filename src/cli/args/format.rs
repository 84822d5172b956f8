//! The names of report formats, as they are typed.
//!
//! Invariant: they are those of the catalog, so a format that is added there can be named here.

use crate::report::history::HISTORY;
use crate::report::{CATALOG, FOLDERS, Folder, SIGNALS, TERMINAL};
use clap::builder::{PossibleValue, PossibleValuesParser};

/// Other names by which a format is known.
const ALIASES: &[(&str, &str)] = &[
    ("markdown", "md"),
    ("change-request", "change"),
    ("openmetrics", "metrics"),
    ("csv", "series"),
    ("svg", "charts"),
];

/// Those of several files; a history is in no results, so that it cannot be written again.
fn folders() -> impl Iterator<Item = &'static &'static dyn Folder> {
    FOLDERS.iter().filter(|folder| folder.name() != HISTORY)
}

/// Every format that can be shown or written again.
pub(super) fn of_reports() -> PossibleValuesParser {
    let single = CATALOG.iter().map(|format| value(format.name(), format.file().unwrap_or("for people at a terminal")));
    single.chain(folders().map(|folder| value(folder.name(), folder.folder()))).into()
}

/// Every format a run can be told to write.
pub(super) fn of_files() -> PossibleValuesParser {
    let single = CATALOG.iter().filter(|format| ![TERMINAL.name(), SIGNALS.name()].contains(&format.name()));
    let single = single.filter_map(|format| Some(value(format.name(), format.file()?)));
    single.chain(folders().map(|folder| value(folder.name(), folder.folder()))).into()
}

/// Whether a report can be shown or written again in this format.
pub(in crate::cli) fn is_format(name: &str) -> bool {
    CATALOG.iter().any(|format| format.name() == name) || folders().any(|folder| folder.name() == name)
}

/// Whether a run can be told to write a report in this format.
pub(in crate::cli) fn is_report(name: &str) -> bool {
    let shown_only = CATALOG.iter().any(|format| format.name() == name && format.file().is_none());
    is_format(name) && !shown_only && ![TERMINAL.name(), SIGNALS.name()].contains(&name)
}

fn value(name: &'static str, file: &'static str) -> PossibleValue {
    let aliases = ALIASES.iter().filter(|(format, _)| *format == name).map(|(_, alias)| *alias);
    PossibleValue::new(name).help(file).aliases(aliases)
}

/// The name in the catalog of what was typed.
pub(in crate::cli) fn name(typed: &str) -> &str {
    ALIASES.iter().find(|(_, alias)| *alias == typed).map_or(typed, |(name, _)| name)
}
