//! Whether records travel from an authority to its replicas.
//!
//! Owns nothing. Does not know what keeps them from it but that it does. Invariant: a stream moves exactly while both ends are
//! up, the way between them is open and the replica takes what comes.

use crate::model::core::Core;
use crate::model::data::Data;
use crate::model::data::database::{Replica, ReplicaState};
use crate::model::plan::Commit;
use crate::units::{DatabaseId, FaultId, Span};

impl Data {
    /// Replication of `database` moves or stalls according to what faults hold at present. Writes that wait for a
    /// replica are timed again.
    pub(super) fn refresh_replication(&mut self, core: &mut Core, database: DatabaseId) {
        let now = core.kernel.now();
        let state = &mut self.databases[database.index()];
        state.advance(now);
        let up = |copy: &Replica| {
            !copy.crashed.is_on() && copy.is_readable() && !core.regions[copy.region.index()].dark.is_on()
        };
        let lead = &state.copies[state.authority];
        let linked = |copy: &Replica| core.network.cut_between(lead.region, copy.region).is_none();
        let follows = |copy: &Replica| {
            up(lead)
                && up(copy)
                && mutant!("replication_crosses_a_partition": linked(copy) => true)
                && mutant!("a_stall_stalls_nothing": !copy.stalled.is_on() => true)
                && !copy.full.is_on()
        };
        let added = |copy: &Replica| core.network.added_between(lead.region, copy.region);
        let moves: Vec<(bool, Span)> = state.copies.iter().map(|copy| (follows(copy), added(copy))).collect();
        // What is being copied needs both ends all the time.
        let whole: Vec<bool> = state.copies.iter().map(|copy| up(lead) && up(copy) && linked(copy)).collect();
        for (index, (moves, added)) in moves.into_iter().enumerate() {
            state.copies[index].added = added;
            match state.copies[index].state {
                ReplicaState::Writable => {}
                ReplicaState::Rebuilding if mutant!("copying_survives_a_cut": !whole[index] => false) => {
                    state.end_rebuild(index, false)
                }
                ReplicaState::Rebuilding | ReplicaState::Lost | ReplicaState::Restored => {
                    state.copies[index].connect(false, now)
                }
                ReplicaState::Following | ReplicaState::Diverged => state.copies[index].connect(moves, now),
            }
        }
        self.resume_waiting(core, database);
        self.note_blocked(core, database);
        self.retime_writes(core, database);
        self.watch_authority(core, database);
    }

    /// A record that a stalled stream does not carry is one that the stall affected, and so is one that waits for a replica
    /// which is gone.
    pub(in crate::model) fn count_held_back(&self, core: &mut Core, database: DatabaseId, authority: usize) {
        for fault in self.held_back_by(core, database, authority) {
            core.hit(fault);
        }
    }

    /// The faults that keep records of `authority` from other copies.
    pub(in crate::model) fn held_back_by(&self, core: &Core, database: DatabaseId, authority: usize) -> Vec<FaultId> {
        let state = &self.databases[database.index()];
        let waits = state.plan.commit == Commit::Synchronous;
        let holder = |(index, copy): (usize, &Replica)| {
            let gone = (waits && state.counts(index)).then(|| gone_with(core, copy)).flatten();
            let stuck = copy.stalled.holder().or(copy.full.holder()).or(gone);
            stuck.or(core.network.cut_between(state.copies[authority].region, copy.region))
        };
        state.copies.iter().enumerate().filter(|(index, _)| *index != authority).filter_map(holder).collect()
    }

    /// The same for every database.
    pub(in crate::model) fn refresh_all_replication(&mut self, core: &mut Core) {
        for database in self.ids() {
            self.refresh_replication(core, database);
        }
    }
}

/// The fault that `copy` is down with.
fn gone_with(core: &Core, copy: &Replica) -> Option<FaultId> {
    let emptied = (!copy.is_readable()).then(|| copy.wiped.holder()).flatten();
    core.regions[copy.region.index()].dark.holder().or(copy.crashed.holder()).or(emptied)
}
