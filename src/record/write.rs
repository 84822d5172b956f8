//! A write, and where it stands in the history of a database.
//!
//! Does not know logs or copies. Invariant: all attempts at one operation have its number.

use super::RowChange;
use crate::units::Instant;

/// A position in a database's history: which lineage, and where in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The lineage: 1 for the first, one more with every promotion.
    pub epoch: u32,
    /// The place in its log. Positions keep counting across epochs.
    pub lsn: u64,
}

/// The number of the operation by which control deletes a row on its own account: no client's operation has it.
pub const REPAIR: u64 = u64::MAX;

/// A write as it enters a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The operation's number, the same for every attempt at it.
    pub operation: u64,
    /// The key it writes.
    pub key: u32,
    /// When its client first sent it.
    pub invoked: Instant,
    /// Whether it deletes the row.
    pub deleted: bool,
}

impl Write {
    /// What it does to the rows of a copy.
    pub const fn change(&self) -> RowChange {
        RowChange { key: self.key, deleted: self.deleted }
    }
}
