//! What faults do to databases, and how they heal. Each takes the fault's id, so that overlapping faults heal apart.
//!
//! Does not know why. Invariant: whatever may let replication move, or stall, ends in [`Data::refresh_replication`].

use crate::model::core::Core;
use crate::model::data::Data;
use crate::model::data::database::{Replica, ReplicaState};
use crate::model::data::operations::LossNotice;
use crate::record::{Position, StoreEvent};
use crate::units::{DatabaseId, FaultId, RegionId};

impl Data {
    /// The stream into the copies of `database` stalls: all of them, or the one in `region`.
    pub fn stall_replication(
        &mut self,
        core: &mut Core,
        database: DatabaseId,
        region: Option<RegionId>,
        fault: FaultId,
    ) {
        let state = &mut self.databases[database.index()];
        let chosen = |copy: &Replica| region.is_none_or(|r| copy.region == r);
        for copy in state.copies.iter_mut().filter(|copy| chosen(copy)) {
            copy.stalled.hold(fault);
            core.hits[fault.index()] += copy.backlog() as u64;
        }
        self.refresh_replication(core, database);
    }

    /// The stream moves again, as far as this fault is concerned.
    pub fn resume_replication(&mut self, core: &mut Core, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.databases[database.index()].copies {
            copy.stalled.release(fault);
        }
        self.refresh_replication(core, database);
    }

    /// The disk of a copy of `database` takes no more: the authority's, or that of the copy in `region`. What is there can
    /// still be read.
    pub fn fill_disk(&mut self, core: &mut Core, database: DatabaseId, region: Option<RegionId>, fault: FaultId) {
        let state = &mut self.databases[database.index()];
        let there = region.and_then(|region| state.copies.iter().position(|c| c.region == region));
        let copy = there.unwrap_or(state.authority);
        state.copies[copy].full.hold(fault);
        self.refresh_replication(core, database);
    }

    /// There is room again, as far as this fault is concerned.
    pub fn free_disk(&mut self, core: &mut Core, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.databases[database.index()].copies {
            copy.full.release(fault);
        }
        self.refresh_replication(core, database);
    }

    /// The process of a copy of `database` dies: the authority's, or that of the copy in `region`. What was not durable
    /// is gone.
    pub fn crash_database(&mut self, core: &mut Core, database: DatabaseId, region: Option<RegionId>, fault: FaultId) {
        let now = core.kernel.now();
        let state = &mut self.databases[database.index()];
        state.advance(now);
        let there = region.and_then(|region| state.copies.iter().position(|c| c.region == region));
        let copy = there.unwrap_or(state.authority);
        state.copies[copy].crashed.hold(fault);
        state.copies[copy].crashes += mutant!("a_crash_is_not_counted": 1 => 0);
        if state.copies[copy].state == ReplicaState::Writable
            && let Some(first) = state.copies[copy].lose_tail(now)
        {
            let lineage = state.copies[copy].lineage;
            let lost_from = mutant!("what_a_crash_lost_stays_in_the_ledger": first => u64::MAX);
            state.log.void_tail(lineage, lost_from);
            state.witness.tell(now, StoreEvent::Voided(Position { epoch: lineage, lsn: lost_from }));
            let receives = |other: &Replica| other.state != ReplicaState::Writable;
            if mutant!("replicas_keep_what_the_authority_lost": copy == state.authority => false) {
                state.copies.iter_mut().filter(|other| receives(other)).for_each(|other| other.forget_from(first));
            }
        }
        self.lose_operations(core, database, copy, LossNotice::Reset);
        self.abort_restore(core, database, |restore| restore.copy == copy);
        self.refresh_replication(core, database);
    }

    /// The copies in zone number `zone` of `region` die.
    pub(in crate::model) fn crash_zone(&mut self, core: &mut Core, region: RegionId, zone: u32, fault: FaultId) {
        for database in self.ids() {
            if self.databases[database.index()].plan.zones.contains(&(region, zone)) {
                self.crash_database(core, database, Some(region), fault);
            }
        }
    }

    /// Every process that `fault` killed is back.
    pub(in crate::model) fn restart_databases(&mut self, core: &mut Core, fault: FaultId) {
        for database in self.ids() {
            self.restart_database(core, database, fault);
        }
    }

    /// `region` has become dark: what its copies were working on is lost, and nobody is notified.
    pub(in crate::model) fn take_down(&mut self, core: &mut Core, region: RegionId) {
        let now = core.now();
        for database in self.ids() {
            let here = self.databases[database.index()].copies.iter().position(|c| c.region == region);
            if let Some(copy) = here {
                self.lose_operations(core, database, copy, LossNotice::Silent);
                self.databases[database.index()].lose_uploads(copy, now);
                self.abort_restore(core, database, |restore| restore.copy == copy);
            }
            self.lose_store(core, database, region);
            self.refresh_replication(core, database);
        }
    }

    /// Processes that `fault` killed are back, with what was durable.
    pub fn restart_database(&mut self, core: &mut Core, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.databases[database.index()].copies {
            copy.crashed.release(fault);
        }
        self.refresh_replication(core, database);
    }

    /// The data of `database` are destroyed: in `region`, or everywhere.
    pub fn destroy_data(&mut self, core: &mut Core, database: DatabaseId, region: Option<RegionId>, fault: FaultId) {
        let now = core.kernel.now();
        let copies = self.databases[database.index()].copies.len();
        for copy in 0..copies {
            let state = &mut self.databases[database.index()];
            if region.is_some_and(|region| state.copies[copy].region != region) {
                continue;
            }
            state.copies[copy].wiped.hold(fault);
            state.copies[copy].wiped_by = Some(fault);
            state.wipe(copy, now);
            self.lose_operations(core, database, copy, LossNotice::Reset);
        }
        self.refresh_replication(core, database);
    }

    /// The fault is over. What it destroyed is not back.
    pub fn stop_destroying(&mut self, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.databases[database.index()].copies {
            copy.wiped.release(fault);
        }
    }
}
