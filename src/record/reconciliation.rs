//! What control found when it walked through two databases that should be the same, and what it did about it.
//!
//! Owns the words for that. Does not judge. Invariant: every row that was not the same is counted once, as repaired, as changed
//! meanwhile, or as left; the first thousand are named with both values and both time stamps.

use super::Row;
use crate::units::{As, Instant, Seconds};
use serde::{Deserialize, Serialize};

/// How many rows are named; the rest are counted.
pub const NAMED_MISMATCHES: usize = 1000;

/// Which of two rows that are not the same counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// That of the primary.
    PrimaryWins,
    /// That of the secondary.
    SecondaryWins,
    /// The one with the later time stamp; that of the primary if both are the same. A row that is not there has no time stamp, so
    /// the other one counts.
    LatestWins,
}

/// How two rows are not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MismatchKind {
    /// One side has no such row.
    Missing,
    /// One side says that it was deleted.
    Deleted,
    /// They hold different values.
    Different,
}

/// What became of a row that was not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Repaired {
    /// The secondary was given what the primary has.
    InSecondary,
    /// The primary was given what the secondary has.
    InPrimary,
    /// It was left alone, for it changed while it was looked at.
    Changed,
    /// It was left alone, for nothing was to be repaired, or nobody knows whether writing it has worked.
    Left,
}

/// A row that was not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mismatch {
    /// Its key.
    pub key: u32,
    /// The table it is in, if tables have names.
    pub table: Option<String>,
    /// How they differ.
    pub kind: MismatchKind,
    /// The row of the primary.
    pub primary: Option<Row>,
    /// The row of the secondary.
    pub secondary: Option<Row>,
    /// What became of it.
    pub repaired: Repaired,
}

/// What was found in one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TableCount {
    /// The table.
    pub table: String,
    /// Keys that either side had a row of.
    pub compared: u64,
    /// Of these, those that were not the same.
    pub differing: u64,
}

/// One walk through two databases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reconciliation {
    /// The one.
    pub primary: String,
    /// The other.
    pub secondary: String,
    /// Which row counts.
    pub strategy: Strategy,
    /// When it began.
    #[serde(rename = "from_s", with = "As::<Seconds>")]
    pub from: Instant,
    /// When it was over.
    #[serde(rename = "until_s", with = "As::<Seconds>")]
    pub until: Instant,
    /// Whether it came to the end of the table.
    pub complete: bool,
    /// Keys that either side had a row of.
    pub compared: u64,
    /// Of these, those that were not the same: missing on one side, deleted on one side, of different values.
    pub missing: u64,
    /// Those that one side said were deleted.
    pub deleted: u64,
    /// Those of different values.
    pub different: u64,
    /// Of those that were not the same: repaired in the secondary.
    pub repaired_in_secondary: u64,
    /// Repaired in the primary.
    pub repaired_in_primary: u64,
    /// Left alone, for they changed meanwhile: the next walk looks at them again.
    pub changed: u64,
    /// Left alone, for nothing was to be repaired, or nobody knows whether writing has worked.
    pub left: u64,
    /// The same by table, if tables have names.
    pub tables: Vec<TableCount>,
    /// The first thousand.
    pub named: Vec<Mismatch>,
}

impl Reconciliation {
    /// One that begins.
    pub fn new(primary: &str, secondary: &str, strategy: Strategy, from: Instant) -> Self {
        Self {
            primary: primary.to_owned(),
            secondary: secondary.to_owned(),
            strategy,
            from,
            until: from,
            complete: false,
            compared: 0,
            missing: 0,
            deleted: 0,
            different: 0,
            repaired_in_secondary: 0,
            repaired_in_primary: 0,
            changed: 0,
            left: 0,
            tables: Vec::new(),
            named: Vec::new(),
        }
    }

    /// Counts one more row of that table that was compared.
    pub fn note_compared(&mut self, table: Option<&str>) {
        self.compared += 1;
        let Some(table) = table else { return };
        self.counted(table).compared += 1;
    }

    fn counted(&mut self, table: &str) -> &mut TableCount {
        let place = self.tables.iter().position(|counted| counted.table == table).unwrap_or_else(|| {
            self.tables.push(TableCount { table: table.to_owned(), compared: 0, differing: 0 });
            self.tables.len() - 1
        });
        &mut self.tables[place]
    }

    /// Counts one more row that is not the same, and names it if there is room.
    pub fn note(&mut self, mismatch: Mismatch) {
        *match mismatch.kind {
            MismatchKind::Missing => &mut self.missing,
            MismatchKind::Deleted => &mut self.deleted,
            MismatchKind::Different => &mut self.different,
        } += 1;
        *match mismatch.repaired {
            Repaired::InSecondary => &mut self.repaired_in_secondary,
            Repaired::InPrimary => &mut self.repaired_in_primary,
            Repaired::Changed => &mut self.changed,
            Repaired::Left => &mut self.left,
        } += 1;
        if let Some(table) = &mismatch.table {
            self.counted(&table.clone()).differing += 1;
        }
        if self.named.len() < NAMED_MISMATCHES {
            self.named.push(mismatch);
        }
    }

    /// Rows that were not the same.
    pub const fn mismatches(&self) -> u64 {
        self.missing + self.deleted + self.different
    }
}
