//! Servers that come and go: what happens to the work they had, and who is served next.
//!
//! Owns nothing. Does not know why there are more or fewer. Invariants: a server that goes takes the job it had begun
//! with it; nobody answers that job. A server that is added takes the next waiting request at once.

use crate::model::World;
use crate::model::flow::errands::Errand;
use crate::model::plan::Interface;
use crate::model::platform::Due;
use crate::model::platform::autoscaler::Scaling;
use crate::model::platform::capacity::Gone;
use crate::record::FailureReason;
use crate::units::{FaultId, Ratio, RegionId, ServiceId};

impl World {
    /// Something is due with services.
    pub(in crate::model) fn platform_due(&mut self, due: Due) {
        match due {
            Due::Activated { call, region, outages } => {
                self.platform.activated(&mut self.core, call, region, outages);
            }
            Due::ActivatedByChecks { region, turn, outages } => {
                if self.core.calls.may_take(turn) {
                    self.platform.activated_by_checks(&mut self.core, region, outages);
                }
            }
            Due::Autoscale(service) => self.autoscale(service),
            Due::Provisioned { service, count } => {
                self.platform.provisioned(&mut self.core, service, count);
                self.servers_changed(service);
            }
            Due::FleetLearned(service) => self.platform.fleet_learned(&mut self.core, service),
        }
    }

    /// The autoscaler of `service` decides.
    fn autoscale(&mut self, service: ServiceId) {
        match self.platform.autoscale(&mut self.core, service) {
            Scaling::Nothing => {}
            Scaling::Order(order) => {
                if self.has_what_it_needs(Interface::Provisioning, || Errand::Servers(order)) {
                    self.platform.order_accepted(&mut self.core, order);
                }
            }
            Scaling::Fewer => self.servers_changed(service),
        }
        self.platform.expect_decision(&mut self.core, service);
    }

    /// The number of servers of `service` has changed, but not by a fault that took some.
    fn servers_changed(&mut self, service: ServiceId) {
        // A server that is taken away finishes its request, so nothing is lost; faults have counted theirs before.
        let lost = self.platform.stations[service.index()].count_servers();
        for job in lost {
            self.no_answer_from(&job, FailureReason::ServerGone);
        }
        self.platform.expect_discovery(&mut self.core, service);
        self.serve_whoever_waits(service);
    }

    fn serve_whoever_waits(&mut self, service: ServiceId) {
        while self.platform.stations[service.index()].has_idle_server() && self.serve_next(service) {}
    }

    /// `count` servers are added to `service`.
    pub fn add_servers(&mut self, service: ServiceId, count: u32, fault: FaultId) {
        self.platform.stations[service.index()].added.push((fault, count));
        self.servers_changed(service);
    }

    /// They are taken away again.
    pub fn remove_added_servers(&mut self, service: ServiceId, fault: FaultId) {
        self.platform.stations[service.index()].added.retain(|(other, _)| *other != fault);
        self.servers_changed(service);
    }

    /// A share of the servers of `service` is gone.
    pub fn lose_servers(&mut self, service: ServiceId, share: Ratio, fault: FaultId) {
        self.take_servers(service, Gone::Share(share), fault);
    }

    fn take_servers(&mut self, service: ServiceId, gone: Gone, fault: FaultId) {
        let lost = self.platform.take_servers(&mut self.core, service, gone, fault);
        self.watch_service(service);
        for job in lost {
            self.touch(&job, fault);
            self.no_answer_from(&job, FailureReason::ServerGone);
        }
    }

    /// The servers are back, as far as this fault is concerned, and turn to those who wait.
    pub fn regain_servers(&mut self, service: ServiceId, fault: FaultId) {
        self.platform.return_servers(&mut self.core, service, fault);
        self.watch_service(service);
        self.serve_whoever_waits(service);
    }

    /// Zone number `zone` of `region` is down, with the servers and the copies of databases in it.
    pub fn take_down_zone(&mut self, region: RegionId, zone: u32, fault: FaultId) {
        for service in (0..self.platform.stations.len() as u16).map(ServiceId) {
            if self.platform.stations[service.index()].region == region {
                self.take_servers(service, Gone::Zone(zone), fault);
            }
        }
        self.data.crash_zone(&mut self.core, region, zone, fault);
    }

    /// The zone is back, as far as this fault is concerned.
    pub fn bring_up_zone(&mut self, region: RegionId, fault: FaultId) {
        for service in (0..self.platform.stations.len() as u16).map(ServiceId) {
            if self.platform.stations[service.index()].region == region {
                self.regain_servers(service, fault);
            }
        }
        self.data.restart_databases(&mut self.core, fault);
    }
}
