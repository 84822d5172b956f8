//! Rebuilding a copy: what it held alone is discarded, the authority's data is copied to it, then it catches up.
//!
//! Invariant: what is discarded is counted, and is lost since its history was cut, not by this. Until the data is
//! there the copy neither follows nor can be promoted, and the records since the copying began are kept for it.

use super::Database;
use super::copy::ReplicaState;
use crate::record::StoreEvent;
use crate::units::Instant;

impl Database {
    /// Begins to copy the authority's data to `copy`, which takes until `until`. A copy that wrote by itself stops.
    /// Returns how many writes of its own are discarded.
    pub fn begin_rebuild(&mut self, copy: usize, now: Instant, until: Instant) -> u64 {
        self.advance(now);
        let discarded = mutant!("what_is_discarded_is_not_counted": self.log.suffix(self.copies[copy].lineage, self.copies[copy].last()) => 0);
        self.witness.tell(now, StoreEvent::Discarded { writes: discarded });
        let [target, source] =
            self.copies.get_disjoint_mut([copy, self.authority]).expect("the authority is not rebuilt from itself");
        target.copy_from(source, now);
        (target.state, target.demoted, target.rebuilt_at) = (ReplicaState::Rebuilding, true, until);
        discarded
    }

    /// The data is there: from now on the copy follows. `whole`: the authority could be read to the end.
    pub fn end_rebuild(&mut self, copy: usize, whole: bool) {
        self.copies[copy].state = if mutant!("half_a_copy_follows": whole => true) {
            ReplicaState::Following
        } else {
            ReplicaState::Diverged
        };
    }
}
