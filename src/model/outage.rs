//! What faults do to the world, and how it heals. Each takes the fault's id, so that overlapping faults heal apart.

use super::World;
use super::core::network::{Direction, LinkDegradation};
use super::platform::degradation::Degradation;
use crate::units::{FaultId, RegionId, ServiceId};

impl World {
    /// Nothing in `region` answers any more; what it was working on is lost.
    pub fn take_down_region(&mut self, region: RegionId, fault: FaultId) {
        self.objects.catch_up(&mut self.core);
        let place = &mut self.core.regions[region.index()];
        place.outages += u32::from(!place.dark.is_on());
        place.dark.hold(fault);
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
        self.data.take_down(&mut self.core, region);
    }

    /// `region` answers again, as far as this fault is concerned.
    pub fn bring_up_region(&mut self, region: RegionId, fault: FaultId) {
        self.objects.catch_up(&mut self.core);
        self.core.regions[region.index()].dark.release(fault);
        self.core.wake.processes();
        if !self.core.regions[region.index()].dark.is_on() {
            let now = self.core.kernel.now();
            self.platform.begin_anew(region, now);
        }
        self.data.refresh_all_replication(&mut self.core);
    }

    /// Nothing passes between `region` and `other` any more, or between `region` and clients if there is no other.
    pub fn partition(&mut self, region: RegionId, other: Option<RegionId>, direction: Direction, fault: FaultId) {
        self.objects.catch_up(&mut self.core);
        self.core.network.cut(region, other, direction, fault);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// Messages pass again, as far as this fault is concerned.
    pub fn heal_partition(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.objects.catch_up(&mut self.core);
        self.core.network.reconnect(region, other, fault);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// Nothing passes between `region` and anything else any more: clients, control, every other region.
    pub fn isolate(&mut self, region: RegionId, fault: FaultId) {
        for other in self.others(region) {
            self.partition(region, other, Direction::Both, fault);
        }
        self.cut_off_from_control(region, fault);
    }

    /// Messages pass again, as far as this fault is concerned.
    pub fn end_isolation(&mut self, region: RegionId, fault: FaultId) {
        for other in self.others(region) {
            self.heal_partition(region, other, fault);
        }
        self.reach_from_control(region, fault);
    }

    /// Clients, and every region but `region`.
    fn others(&self, region: RegionId) -> Vec<Option<RegionId>> {
        let regions = (0..self.core.regions.len() as u16).map(RegionId).filter(|other| *other != region);
        std::iter::once(None).chain(regions.map(Some)).collect()
    }

    /// Messages between `region` and `other`, or between `region` and clients, are lost or late.
    pub fn degrade_link(
        &mut self,
        region: RegionId,
        other: Option<RegionId>,
        direction: Direction,
        degradation: LinkDegradation,
    ) {
        self.core.network.degrade(region, other, direction, degradation);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// Messages pass as before, as far as this fault is concerned.
    pub fn repair_link(&mut self, region: RegionId, other: Option<RegionId>, fault: FaultId) {
        self.core.network.repair(region, other, fault);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// The journal and the store of leases answer nothing any more: nobody renews a lease.
    pub fn silence_journal(&mut self, fault: FaultId) {
        self.core.journal_down.hold(fault);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// They answer again, as far as this fault is concerned.
    pub fn restore_journal(&mut self, fault: FaultId) {
        self.core.journal_down.release(fault);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// Control, monitoring and the store that keeps leases do not reach `region` any more, nor it them.
    pub fn cut_off_from_control(&mut self, region: RegionId, fault: FaultId) {
        self.core.regions[region.index()].cut_off.hold(fault);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// They reach each other again, as far as this fault is concerned.
    pub fn reach_from_control(&mut self, region: RegionId, fault: FaultId) {
        self.core.regions[region.index()].cut_off.release(fault);
        self.data.refresh_all_replication(&mut self.core);
    }

    /// A share of the requests of `service` becomes slow or fails.
    pub fn degrade(&mut self, service: ServiceId, degradation: Degradation) {
        self.platform.stations[service.index()].degradations.push(degradation);
        self.watch_service(service);
    }

    /// Ends what `fault` does to `service`.
    pub fn restore(&mut self, service: ServiceId, fault: FaultId) {
        self.platform.stations[service.index()].degradations.retain(|d| d.fault != fault);
        self.watch_service(service);
    }

    /// A fault has got at `service`, or no longer does.
    pub(in crate::model) fn watch_service(&mut self, service: ServiceId) {
        let touched = self.platform.stations[service.index()].is_touched();
        self.data.service_touched(&mut self.core, service, touched);
    }

    /// The DNS control API answers nothing any more. Names are still answered.
    pub fn silence_dns_api(&mut self, fault: FaultId) {
        self.names.zone.api_down.hold(fault);
    }

    /// The DNS control API answers again.
    pub fn restore_dns_api(&mut self, fault: FaultId) {
        self.names.zone.api_down.release(fault);
    }
}
