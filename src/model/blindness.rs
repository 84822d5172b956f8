//! What keeps monitoring from seeing.
//!
//! Owns what faults hold of it. Refuses to know what its silence is taken for.
//!
//! Invariant: a scrape that was never made leaves nothing behind, so that it cannot be taken for one that failed.

use super::World;
use super::plan::Interface;
use crate::record::Sample;
use crate::units::{FaultId, RegionId};

impl World {
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

    /// Whether monitoring does and answers nothing at present; counted for the fault that keeps it from it.
    pub(super) fn monitoring_is_silent(&mut self) -> bool {
        let Some(fault) = self.monitoring.blackout.holder() else {
            return self.is_without(Interface::Monitoring);
        };
        self.hit(fault);
        true
    }

    /// What monitoring sees while it sees nothing.
    pub(super) fn show_nothing_seen(&mut self) {
        let now = self.kernel.now();
        for (errors, up, p95) in &self.gauges.seen {
            for gauge in [errors, up, p95] {
                self.meter.sample(*gauge, now, Sample::MISSING);
            }
        }
    }
}
