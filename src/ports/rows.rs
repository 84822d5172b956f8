//! Rows of databases, as whoever walks through a table sees them. What clients read and write does not go this way.
//!
//! Invariant: a page is what the copy that leads has committed at one instant; of a write, each row is compared and written as
//! one.

use super::PortError;
use crate::record::Row;
use serde::{Deserialize, Serialize};

/// Reading and writing the rows of a database, at the copy that leads.
pub trait Rows {
    /// The rows with keys from `from` on, in order of their keys, `limit` keys of them.
    async fn read_rows(&self, database: &str, from: u32, limit: u32) -> Result<RowPage, PortError>;
    /// Writes rows, each by itself; returns once they are as durable as the database promises. Idempotent: a row that is
    /// already as it should be is left alone.
    async fn write_rows(&self, database: &str, writes: &[RowWrite]) -> Result<RowsWritten, PortError>;
}

/// Part of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPage {
    /// The names of the tables of the database, by number; none: it has one, without a name.
    pub tables: Vec<String>,
    /// The rows, in order of their keys.
    pub rows: Vec<Row>,
    /// The key that the next page begins at; `None`: this was the last.
    pub next: Option<u32>,
}

/// A row that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowWrite {
    /// Its key.
    pub key: u32,
    /// What it is to be; `None`: it is to be deleted.
    pub row: Option<Row>,
    /// What it was when it was read. It is written only if it still is that; `None`: whatever it is.
    pub only_if: Option<Expected>,
}

/// What a row that is to be written was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected(pub Option<Row>);

/// What became of rows that were to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowsWritten {
    /// The keys of those that were left alone, since they were not any more what was expected.
    pub changed: Vec<u32>,
}
