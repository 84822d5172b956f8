//! What control found when it compared databases, in words.
//!
//! Does not judge. Invariant: each walk through two databases is one row, and each row that was named stands with both values and
//! both time stamps.

use crate::outcome::Outcome;
use crate::record::{Mismatch, MismatchKind, Reconciliation, Repaired, Row, Strategy};
use crate::report::text::{clock, count, plural};

/// One walk through two databases.
pub(crate) struct ReconciliationRow {
    pub pair: String,
    pub strategy: &'static str,
    pub during: String,
    pub compared: String,
    pub missing: String,
    pub deleted: String,
    pub different: String,
    pub repaired: String,
    pub changed: String,
    pub left: String,
    /// By table, how many of how many were not the same.
    pub tables: String,
    /// Whether it came to an end and left nothing that is not the same.
    pub any_left: bool,
}

/// One row that was not the same.
pub(crate) struct MismatchRow {
    pub pair: String,
    pub key: String,
    pub kind: &'static str,
    pub primary: String,
    pub secondary: String,
    pub repaired: &'static str,
}

impl ReconciliationRow {
    fn of(walk: &Reconciliation) -> Self {
        let end = if walk.complete { "" } else { ", not finished" };
        Self {
            pair: format!("{} → {}", walk.primary, walk.secondary),
            strategy: strategy(walk.strategy),
            during: format!("{} to {}{end}", clock(walk.from), clock(walk.until)),
            compared: count(walk.compared),
            missing: count(walk.missing),
            deleted: count(walk.deleted),
            different: count(walk.different),
            repaired: count(walk.repaired_in_primary + walk.repaired_in_secondary),
            changed: count(walk.changed),
            left: count(walk.left),
            tables: by_table(walk),
            any_left: walk.left > 0 || !walk.complete,
        }
    }

    /// The walk in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { during, compared, missing, deleted, different, repaired, changed, left, strategy, .. } = self;
        format!(
            "{during}, {strategy}: {compared} compared, {missing} missing on one side, {deleted} deleted on one side, {different} \
             different; {repaired} repaired, {changed} changed meanwhile, {left} left"
        )
    }
}

/// Every walk, in order.
pub(crate) fn reconciliations(outcome: &Outcome) -> Vec<ReconciliationRow> {
    outcome.record.reconciliations.iter().map(ReconciliationRow::of).collect()
}

/// The rows that are named, and how many there were.
pub(crate) fn mismatches(outcome: &Outcome) -> (Vec<MismatchRow>, String) {
    let walks = &outcome.record.reconciliations;
    let shown: Vec<MismatchRow> =
        walks.iter().flat_map(|walk| walk.named.iter().map(move |mismatch| shown(walk, mismatch))).collect();
    let all: u64 = walks.iter().map(Reconciliation::mismatches).sum();
    let summary = format!("{} of {} by name", count(shown.len() as u64), plural(all, "row that was not the same"));
    (shown, summary)
}

fn shown(walk: &Reconciliation, mismatch: &Mismatch) -> MismatchRow {
    MismatchRow {
        pair: format!("{} → {}", walk.primary, walk.secondary),
        key: mismatch.table.as_ref().map_or_else(String::new, |table| format!("{table} ")) + &mismatch.key.to_string(),
        kind: kind(mismatch.kind),
        primary: held(mismatch.primary),
        secondary: held(mismatch.secondary),
        repaired: match mismatch.repaired {
            Repaired::InSecondary => "in the second",
            Repaired::InPrimary => "in the first",
            Repaired::Changed => "no, it changed meanwhile",
            Repaired::Left => "no",
        },
    }
}

fn by_table(walk: &Reconciliation) -> String {
    let tables = walk.tables.iter();
    let said = tables.map(|of| format!("{} {} of {}", of.table, count(of.differing), count(of.compared)));
    said.collect::<Vec<_>>().join(", ")
}

fn held(row: Option<Row>) -> String {
    match row {
        None => "–".to_owned(),
        Some(Row { deleted: true, stamp, .. }) => format!("deleted at {}", clock(stamp)),
        Some(Row { value, stamp, .. }) => format!("{value} at {}", clock(stamp)),
    }
}

const fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::PrimaryWins => "the first wins",
        Strategy::SecondaryWins => "the second wins",
        Strategy::LatestWins => "the latest wins",
    }
}

const fn kind(kind: MismatchKind) -> &'static str {
    match kind {
        MismatchKind::Missing => "missing on one side",
        MismatchKind::Deleted => "deleted on one side",
        MismatchKind::Different => "different",
    }
}
