//! Which copy was the authority: at most one copy of a database accepts writes at a time, and none acknowledges a write
//! in an epoch that is no longer in effect.
//!
//! Exact: terms are intervals recorded when the writer changes, not samples. Does not know why a copy could.
//!
//! Invariant: terms are half-open, so that a term that ends at an instant and one that begins then do not overlap.

use crate::record::{StaleEpochWrite, StoreRecord, WriteTerm};
use crate::units::{Instant, Span};

/// What the audit of one database came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityState {
    /// The database.
    pub store: String,
    /// When several copies first accepted writes at once, if they ever did.
    pub split: Option<SplitAuthority>,
    /// Writes acknowledged by a copy that was not the authority of the current epoch.
    pub stale_epoch_total: u64,
    /// The first of them.
    pub first_stale: Option<StaleEpochWrite>,
    /// Fences and promotions seen: without any, authority was never at stake.
    pub changes: u64,
}

/// A time during which several copies of one database accepted writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitAuthority {
    /// When it began.
    pub at: Instant,
    /// How long all such times lasted together.
    pub lasted: Span,
    /// How many copies, at most.
    pub writable: usize,
}

/// Audits one database.
pub fn audit(store: &StoreRecord) -> AuthorityState {
    let authority = &store.authority;
    AuthorityState {
        store: store.store.clone(),
        split: split(&authority.terms),
        stale_epoch_total: authority.stale_epoch_total,
        first_stale: authority.stale_epoch.first().cloned(),
        changes: authority.fences + authority.promotions,
    }
}

/// Where terms overlap. Terms of one copy never do.
fn split(terms: &[WriteTerm]) -> Option<SplitAuthority> {
    let lasting = terms.iter().filter(|term| term.from < term.until);
    let mut edges: Vec<(Instant, bool)> = lasting.flat_map(|term| [(term.from, true), (term.until, false)]).collect();
    edges.sort_unstable();
    let mut found: Option<SplitAuthority> = None;
    let (mut writable, mut since) = (0_usize, Instant::ZERO);
    for (at, begins) in edges {
        if writable > 1 && since < at {
            let split = found.get_or_insert(SplitAuthority { at: since, lasted: Span::ZERO, writable });
            split.lasted += at.since(since);
            split.writable = split.writable.max(writable);
        }
        writable = if begins { writable + 1 } else { writable - 1 };
        since = at;
    }
    found
}

impl AuthorityState {
    /// Whether there was one authority at a time and nobody else promised anything.
    pub fn is_sound(&self) -> bool {
        mutant!("two_writers_are_sound": self.split.is_none() => true)
            && mutant!("stale_writes_are_sound": self.stale_epoch_total == 0 => true)
    }

    /// The first moment at which it was not sound.
    pub fn first_violation(&self) -> Option<Instant> {
        let split = self.split.map(|split| split.at);
        let stale_epoch = self.first_stale.as_ref().map(|write| write.at);
        split.into_iter().chain(stale_epoch).min()
    }

    /// What a reader must know, one sentence each; nothing if it was sound.
    pub fn findings(&self) -> Vec<String> {
        let store = &self.store;
        let split = self.split.map(|split| {
            let SplitAuthority { at, lasted, writable } = split;
            format!("{store}: {writable} copies accepted writes at once from {at:#} on, for {lasted:#}")
        });
        let stale_epoch = self.first_stale.as_ref().map(|first| {
            let StaleEpochWrite { operation, key, at, region, epoch, in_force } = first;
            let writes = if self.stale_epoch_total == 1 { "write was" } else { "writes were" };
            format!(
                "{store}: {} {writes} acknowledged outside the current epoch, the first in {region} at {at:#}: \
                 operation {operation} of key {key}, in epoch {epoch} while {in_force} was current",
                self.stale_epoch_total
            )
        });
        split.into_iter().chain(stale_epoch).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    fn terms(spans: &[(u64, u64)]) -> Vec<WriteTerm> {
        let term = |(from, until): &(u64, u64)| WriteTerm {
            region: "west".into(),
            epoch: 1,
            from: T(*from),
            until: T(*until),
            acked: 0,
        };
        spans.iter().map(term).collect()
    }

    #[test]
    fn terms_that_only_touch_are_no_split() {
        assert_eq!(split(&terms(&[(0, 10), (10, 20), (30, 40)])), None);
        assert_eq!(split(&terms(&[(0, 10), (5, 5)])), None, "nothing fits into no time");
    }

    #[test]
    fn every_overlap_counts_however_short() {
        let overlap = split(&terms(&[(0, 12), (10, 20), (18, 30), (19, 20)])).unwrap();
        assert_eq!((overlap.at, overlap.lasted, overlap.writable), (T(10), Span::from_secs(4), 3));
        let nested = split(&terms(&[(0, 100), (10, 11)])).unwrap();
        assert_eq!((nested.at, nested.lasted), (T(10), Span::from_secs(1)));
    }
}
