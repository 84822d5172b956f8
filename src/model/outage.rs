//! What faults do to the world, and how it heals. Each takes the fault's id, so that overlapping faults heal apart.

use super::World;
use super::core::network::{Direction, Wear};
use super::data::database::{Replica, Standing};
use super::platform::degradation::Degradation;
use crate::units::{DatabaseId, FaultId, RegionId, ServiceId};

impl World {
    /// Nothing in `region` answers any more; what it was working on is lost.
    pub fn darken_region(&mut self, region: RegionId, fault: FaultId) {
        let now = self.core.kernel.now();
        self.core.regions[region.index()].dark.hold(fault);
        self.core.wake.processes();
        for index in 0..self.platform.stations.len() {
            if self.platform.stations[index].region != region {
                continue;
            }
            for job in self.platform.stations[index].lose_everything() {
                self.touch(&job, fault);
                self.clients.leave_queue(&job);
                self.no_answer(&job);
            }
        }
        for database in (0..self.data.databases.len() as u16).map(DatabaseId) {
            let here = self.data.databases[database.index()].copies.iter().position(|c| c.region == region);
            if let Some(copy) = here {
                self.lose_operations(database, copy, false);
                self.data.databases[database.index()].lose_uploads(copy, now);
            }
            self.refresh_replication(database);
        }
    }

    /// `region` answers again, as far as this fault is concerned.
    pub fn light_region(&mut self, region: RegionId, fault: FaultId) {
        self.core.regions[region.index()].dark.release(fault);
        self.core.wake.processes();
        if !self.core.regions[region.index()].dark.is_on() {
            let now = self.core.kernel.now();
            self.platform.begin_anew(region, now);
        }
        self.refresh_all_replication();
    }

    /// Nothing passes between `region` and `other` any more, or between `region` and clients if there is no other.
    pub fn partition(&mut self, region: RegionId, other: Option<RegionId>, direction: Direction, fault: FaultId) {
        self.core.network.cut(region, other, direction, fault);
        self.refresh_all_replication();
    }

    /// Messages pass again, as far as this fault is concerned.
    pub fn reunite(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.core.network.mend(region, other, fault);
        self.refresh_all_replication();
    }

    /// Messages between `region` and `other`, or between `region` and clients, are lost or late.
    pub fn wear_out_link(&mut self, region: RegionId, other: Option<RegionId>, direction: Direction, wear: Wear) {
        self.core.network.wear_out(region, other, direction, wear);
        self.refresh_all_replication();
    }

    /// Messages pass as before, as far as this fault is concerned.
    pub fn repair_link(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.core.network.repair(region, other, fault);
        self.refresh_all_replication();
    }

    /// Control, monitoring and the store that keeps leases do not reach `region` any more, nor it them.
    pub fn cut_off_from_control(&mut self, region: RegionId, fault: FaultId) {
        self.core.regions[region.index()].cut_off.hold(fault);
        self.refresh_all_replication();
    }

    /// They reach each other again, as far as this fault is concerned.
    pub fn reach_from_control(&mut self, region: RegionId, fault: FaultId) {
        self.core.regions[region.index()].cut_off.release(fault);
        self.refresh_all_replication();
    }

    fn refresh_all_replication(&mut self) {
        for database in (0..self.data.databases.len() as u16).map(DatabaseId) {
            self.refresh_replication(database);
        }
    }

    /// A share of the requests of `service` becomes slow or fails.
    pub fn degrade(&mut self, service: ServiceId, degradation: Degradation) {
        self.platform.stations[service.index()].degradations.push(degradation);
        self.watch_every_authority();
    }

    /// Ends what `fault` does to `service`.
    pub fn restore(&mut self, service: ServiceId, fault: FaultId) {
        self.platform.stations[service.index()].degradations.retain(|d| d.fault != fault);
        self.watch_every_authority();
    }

    /// The DNS control API answers nothing any more. Names go on being answered.
    pub fn silence_dns_api(&mut self, fault: FaultId) {
        self.names.zone.api_down.hold(fault);
    }

    /// The DNS control API answers again.
    pub fn restore_dns_api(&mut self, fault: FaultId) {
        self.names.zone.api_down.release(fault);
    }

    /// The stream into the copies of `database` stands still: all of them, or the one in `region`.
    pub fn stall_replication(&mut self, database: DatabaseId, region: Option<RegionId>, fault: FaultId) {
        let state = &mut self.data.databases[database.index()];
        let chosen = |copy: &Replica| region.is_none_or(|r| copy.region == r);
        for copy in state.copies.iter_mut().filter(|copy| chosen(copy)) {
            copy.stalled.hold(fault);
            self.core.hits[fault.index()] += copy.backlog() as u64;
        }
        self.refresh_replication(database);
    }

    /// The stream moves again, as far as this fault is concerned.
    pub fn resume_replication(&mut self, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.data.databases[database.index()].copies {
            copy.stalled.release(fault);
        }
        self.refresh_replication(database);
    }

    /// The disk of a copy of `database` takes no more: the authority's, or that of the copy in `region`. What is there can
    /// still be read.
    pub fn fill_disk(&mut self, database: DatabaseId, region: Option<RegionId>, fault: FaultId) {
        let state = &mut self.data.databases[database.index()];
        let there = region.and_then(|region| state.copies.iter().position(|c| c.region == region));
        let copy = there.unwrap_or(state.authority);
        state.copies[copy].full.hold(fault);
        self.refresh_replication(database);
    }

    /// There is room again, as far as this fault is concerned.
    pub fn free_disk(&mut self, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.data.databases[database.index()].copies {
            copy.full.release(fault);
        }
        self.refresh_replication(database);
    }

    /// The process of a copy of `database` dies: the authority's, or that of the copy in `region`. What was not durable
    /// is gone.
    pub fn crash_database(&mut self, database: DatabaseId, region: Option<RegionId>, fault: FaultId) {
        let now = self.core.kernel.now();
        let state = &mut self.data.databases[database.index()];
        state.advance(now);
        let there = region.and_then(|region| state.copies.iter().position(|c| c.region == region));
        let copy = there.unwrap_or(state.authority);
        state.copies[copy].crashed.hold(fault);
        if state.copies[copy].standing == Standing::Writable
            && let Some(first) = state.copies[copy].lose_tail(now)
        {
            let lineage = state.copies[copy].lineage;
            state.ledger.void_tail(lineage, first);
            let receives = |other: &Replica| other.standing != Standing::Writable;
            if copy == state.authority {
                state.copies.iter_mut().filter(|other| receives(other)).for_each(|other| other.forget_from(first));
            }
        }
        self.lose_operations(database, copy, true);
        self.refresh_replication(database);
    }

    /// Processes that `fault` killed are back, with what was durable.
    pub fn restart_database(&mut self, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.data.databases[database.index()].copies {
            copy.crashed.release(fault);
        }
        self.refresh_replication(database);
    }
}
