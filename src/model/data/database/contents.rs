//! What rows hold beside where their last write stands: whose value it is, and the time stamp on it.
//!
//! Owns that by version, for databases whose rows somebody reads; for all others a row is its version. Does not know which copy
//! has which row. Invariant: what any copy, backup or log can still come to is kept, and no more than twice as much, so memory
//! follows the number of rows, not the length of the run.

use crate::units::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// So few are not looked through for what nobody can come to any more.
const LEAST: usize = 1 << 10;

/// What one version of a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowContent {
    /// The operation that wrote the value first.
    pub value: u64,
    /// The time stamp that its writer put on it, by its own clock.
    pub stamp: Instant,
}

/// The contents of all versions.
#[derive(Debug, Default)]
pub struct RowContents {
    by_version: BTreeMap<u64, RowContent>,
    /// With so many, it is time to look.
    full: usize,
}

impl RowContents {
    /// What was written as `version`. A write that is repeated keeps what it was first.
    pub fn note(&mut self, version: u64, content: RowContent) {
        self.by_version.entry(version).or_insert(content);
    }

    /// What `version` holds, if that is known.
    pub fn get(&self, version: u64) -> Option<RowContent> {
        self.by_version.get(&version).copied()
    }

    /// Whether it is time to drop what nobody can come to any more.
    pub fn is_full(&self) -> bool {
        self.by_version.len() >= self.full.max(LEAST)
    }

    /// Keeps what is in `live`, or what `may_come` says of.
    pub fn keep(&mut self, live: &BTreeSet<u64>, may_come: impl Fn(u64) -> bool) {
        self.by_version.retain(|version, _| live.contains(version) || may_come(*version));
        self.full = 2 * self.by_version.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(value: u64) -> RowContent {
        RowContent { value, stamp: Instant::from_secs(value) }
    }

    #[test]
    fn a_version_keeps_its_first_content_and_what_is_not_live_goes() {
        let mut contents = RowContents::default();
        contents.note(1, content(1));
        contents.note(1, content(9));
        (2..=LEAST as u64).for_each(|version| contents.note(version, content(version)));
        assert!(contents.is_full() && contents.get(1) == Some(content(1)));
        contents.keep(&BTreeSet::from([7]), |version| version > LEAST as u64 - 2);
        assert_eq!([1, 7, LEAST as u64].map(|version| contents.get(version).is_some()), [false, true, true]);
        assert!(!contents.is_full());
    }
}
