//! What a dual write left in its second database, in words.
//!
//! Does not judge. Invariant: a row is named as what was last written to it in either database, and as what a client was
//! told of it.

use crate::outcome::Outcome;
use crate::record::{DifferingRow, DualWriteRecord};
use crate::report::text::{clock, count, plural};

/// One pair of databases.
pub(crate) struct DualWriteRow {
    pub pair: String,
    pub rows: String,
    pub missing: String,
    pub most: String,
    pub differing: String,
    /// Acknowledged writes that control has overwritten, in the first and in the second.
    pub overwritten: String,
    /// Whether either lacks anything that a client was told is done.
    pub any_missing: bool,
}

/// One row that is not the same in both.
pub(crate) struct DifferingRowShown {
    pub pair: String,
    pub key: String,
    pub primary: String,
    pub secondary: String,
    pub acknowledged: String,
    pub state: &'static str,
    pub since: String,
}

impl DualWriteRow {
    pub(crate) fn of(record: &DualWriteRecord) -> Self {
        Self {
            pair: format!("{} → {}", record.primary, record.secondary),
            rows: count(record.rows),
            missing: count(record.missing),
            most: count(record.most_missing),
            differing: count(record.differing),
            overwritten: match (record.overwritten, record.overwritten_in_secondary) {
                (0, 0) => "0".to_owned(),
                (first, second) => format!("{} in the first, {} in the second", count(first), count(second)),
            },
            any_missing: record.missing > 0 || record.overwritten > 0,
        }
    }

    /// What the run came to, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { rows, missing, most, differing, overwritten, .. } = self;
        let overwritten = match overwritten.as_str() {
            "0" => String::new(),
            some => format!("; control has overwritten acknowledged writes: {some}"),
        };
        let rows = match (missing.as_str(), differing.as_str()) {
            ("0", "0") if most == "0" => format!("all {rows} rows are the same in both"),
            ("0", "0") => format!("all {rows} rows are the same in both; up to {most} were missing at a time"),
            ("0", _) => {
                format!("{differing} of {rows} rows differ, though none lacks a write that a client was told is done")
            }
            _ => format!(
                "{missing} of {rows} rows lack the newest write that a client was told is done (at most {most} at a time), \
                 {differing} differ"
            ),
        };
        rows + &overwritten
    }
}

/// Every pair of databases that a dual write goes to.
pub(crate) fn dual_writes(outcome: &Outcome) -> Vec<DualWriteRow> {
    outcome.record.dual_writes.iter().map(DualWriteRow::of).collect()
}

/// The rows that are named, and how many there are.
pub(crate) fn differing_rows(outcome: &Outcome) -> (Vec<DifferingRowShown>, String) {
    let pairs = &outcome.record.dual_writes;
    let shown = pairs.iter().flat_map(|pair| pair.named.iter().map(move |row| shown(pair, row))).collect::<Vec<_>>();
    let all: u64 = pairs.iter().map(|pair| pair.differing).sum();
    let summary = format!("{} of {} by name", count(shown.len() as u64), plural(all, "row that differs"));
    (shown, summary)
}

fn shown(pair: &DualWriteRecord, row: &DifferingRow) -> DifferingRowShown {
    let operation = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    DifferingRowShown {
        pair: format!("{} → {}", pair.primary, pair.secondary),
        key: row.key.to_string(),
        primary: operation(row.primary),
        secondary: operation(row.secondary),
        acknowledged: operation(row.acknowledged),
        state: if row.missing { "missing" } else { "differs" },
        since: clock(row.since),
    }
}
