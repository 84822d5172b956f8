//! Rows: as whoever reads a table finds them, and as numbers, so that two copies can be compared without their data.
//!
//! Does not know where rows are kept. Invariant: rows that differ anywhere have different digests, up to chance of one in
//! 2^128; the order in which they are read does not matter.

use super::Position;
use crate::units::{As, Instant, Seconds};
use serde::{Deserialize, Serialize};

/// Set in the version of a row that was deleted: what is left of it is that.
const TOMBSTONE: u64 = 1 << 63;

/// What a write does to the rows of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowChange {
    /// The key of the row.
    pub key: u32,
    /// Whether the row is gone by it.
    pub deleted: bool,
}

impl RowChange {
    /// A write that leaves a row with that key.
    pub const fn put(key: u32) -> Self {
        Self { key, deleted: false }
    }
}

/// A row's version as one number: whether it was deleted, then the epoch, the position below. Never zero.
pub fn version(position: Position, deleted: bool) -> u64 {
    let gone = if mutant!("a_deleted_row_is_there": deleted => false) { TOMBSTONE } else { 0 };
    gone | mutant!("a_version_has_no_epoch": (u64::from(position.epoch) << 48) | position.lsn => position.lsn)
}

/// Where the write stands that gave a row this version.
pub const fn position_of(version: u64) -> Position {
    Position { epoch: ((version & !TOMBSTONE) >> 48) as u32, lsn: version & ((1 << 48) - 1) }
}

/// Whether the row of this version is there: it was written, and not deleted since.
pub const fn is_row(version: u64) -> bool {
    version != 0 && version & TOMBSTONE == 0
}

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its key.
    pub key: u32,
    /// The table it is in, by number.
    pub table: u16,
    /// What it holds: two rows with the same value are the same, whatever their stamps say. It is the number of the operation
    /// that wrote it.
    pub value: u64,
    /// When it was written, by the clock of whoever wrote it.
    #[serde(rename = "stamp_s", with = "As::<Seconds>")]
    pub stamp: Instant,
    /// Whether it says that there is no row any more. A database whose deletes are hard keeps no such row.
    pub deleted: bool,
}

impl Row {
    /// What a reader of the table finds.
    pub fn found(row: Option<Self>) -> Option<u64> {
        row.filter(|row| !row.deleted).map(|row| row.value)
    }
}

/// How many rows there are among these, by key and version, and the digest of all, deleted ones included.
pub fn digest_of(rows: impl IntoIterator<Item = (u64, u64)>) -> (u64, u128) {
    let add = |(count, sum): (u64, u128), (key, version)| {
        (count + u64::from(is_row(version)), sum.wrapping_add(row_hash(key, version)))
    };
    rows.into_iter().fold((0, 0), add)
}

/// A 128-bit hash of one row. Summed, not xored: xor of a linear checksum cancels equal changes in pairs of rows.
fn row_hash(key: u64, version: u64) -> u128 {
    let half = |salt: u64| {
        let mut x = (key.wrapping_add(salt)).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ version;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    (u128::from(half(0x243f_6a88_85a3_08d3)) << 64) | u128::from(half(0x1319_8a2e_0370_7344))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_knows_no_order_and_tells_equal_changes_in_pairs_of_rows() {
        let rows = [(0, 5), (1, 5), (2, 9)];
        let mut other = rows;
        other.reverse();
        assert_eq!(digest_of(rows), digest_of(other));
        let changed = rows.map(|(key, version)| if key < 2 { (key, version ^ 4) } else { (key, version) });
        assert_ne!(digest_of(rows), digest_of(changed));
        assert_eq!(digest_of(std::iter::empty()), (0, 0));
    }
}
