//! What keeps monitoring from seeing.
//!
//! Owns what faults hold of it. Does not know what its silence is taken for.
//!
//! Invariant: a scrape that was never made leaves nothing behind, so that it cannot be taken for one that failed.

use crate::model::core::Core;
use crate::model::observe::Observe;
use crate::model::plan::Interface;
use crate::record::Sample;
use crate::units::{FaultId, RegionId};

impl Observe {
    /// Nothing is scraped any more, and monitoring answers nobody.
    pub fn blind_monitoring(&mut self, fault: FaultId) {
        self.monitoring.blackout.hold(fault);
    }

    /// Monitoring sees and answers again, as far as this fault is concerned.
    pub fn restore_monitoring(&mut self, fault: FaultId) {
        self.monitoring.blackout.release(fault);
    }

    /// The services of `region` are not scraped any more, though they serve.
    pub fn skip_scrapes(&mut self, region: RegionId, fault: FaultId) {
        self.monitoring.gaps[region.index()].hold(fault);
    }

    /// The services of `region` are scraped again, as far as this fault is concerned.
    pub fn resume_scrapes(&mut self, region: RegionId, fault: FaultId) {
        self.monitoring.gaps[region.index()].release(fault);
    }

    /// Whether monitoring can see nothing at present. That it does not look harms nobody until somebody asks it.
    pub(in crate::model) fn monitoring_is_blind(&self, core: &Core) -> bool {
        let mut needs = core.plan.control.needs.iter().filter(|need| need.interface == Interface::Monitoring);
        self.monitoring.blackout.is_on() || needs.any(|need| core.regions[need.region.index()].is_silent())
    }

    /// A controller asks what monitoring has seen of `region`: counted for the fault that keeps that from being so.
    pub(in crate::model) fn count_unseen(&mut self, core: &mut Core, region: RegionId) {
        let region = region.index();
        let holder = self.monitoring.gaps[region].holder().or(core.regions[region].cut_off.holder());
        holder.into_iter().for_each(|fault| core.hit(fault));
    }

    /// Whether monitoring answers nothing at present; counted for the fault that keeps it from it.
    pub(in crate::model) fn monitoring_is_silent(&mut self, core: &mut Core) -> bool {
        let Some(fault) = self.monitoring.blackout.holder() else {
            return core.is_without(Interface::Monitoring);
        };
        core.hit(fault);
        true
    }

    /// What monitoring sees while it sees nothing.
    pub(in crate::model) fn show_nothing_seen(&mut self, core: &mut Core) {
        let now = core.kernel.now();
        for seen in &self.seen {
            for gauge in [seen.errors, seen.up, seen.p95].into_iter().chain(seen.limited) {
                core.signals.sample(gauge, now, Sample::MISSING);
            }
        }
    }
}
