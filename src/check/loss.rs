//! What one database lost, in time: how far its losses reach from the outages they are measured from.
//!
//! Every cut of the history is measured by itself, from the outage before it, and the farthest counts. The definitions are
//! in `src/record/loss.rs`. Does not know bounds.

use crate::record::{HistoryCut, Reach, StoreRecord};
use crate::units::{Instant, Span};

/// How far losses reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Back before the outage: the recovery point achieved.
    pub before: Span,
    /// On after it.
    pub after: Span,
    /// Whether something was lost that nothing came before to measure it from.
    pub without_fault: bool,
}

impl Loss {
    /// Of one ledger, each cut from its own outage.
    pub fn of(store: &StoreRecord) -> Self {
        let Reach { before, after } = store.reach();
        Self { before, after, without_fault: store.lost_without_fault() }
    }

    /// Of one ledger, each cut from the last of `instants` before it.
    pub fn since(store: &StoreRecord, instants: &[Instant]) -> Self {
        let lossy = || store.cuts.iter().filter(|cut| cut.lost > 0);
        let from = |cut: &HistoryCut| instants.iter().copied().filter(|at| *at <= cut.at).max();
        let reaches = lossy().filter_map(|cut| cut.reach_from(from(cut)?));
        let Reach { before, after } = reaches.fold(Reach::default(), Reach::or);
        Self { before, after, without_fault: lossy().any(|cut| from(cut).is_none()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::{Fixture, at, lost_at};

    #[test]
    fn each_cut_is_measured_from_its_own_outage_and_the_farthest_counts() {
        let record = Fixture::new(900).store("orders", 9, |store| {
            store.cuts = vec![lost_at(100, 120, &[97, 98]), lost_at(500, 520, &[490, 503])];
        });
        let store = &record.record().stores[0];
        let loss = Loss::of(store);
        assert_eq!((loss.before, loss.after), (Span::from_secs(10), Span::from_secs(3)));
        let chosen = Loss::since(store, &[at(99), at(600)]);
        assert_eq!((chosen.before, chosen.after), (Span::from_secs(2), Span::from_secs(404)));
        assert!(!chosen.without_fault && Loss::since(store, &[at(400)]).without_fault, "nothing before the first cut");
    }
}
