//! Regions, as far as whoever must get an answer from one is concerned.
//!
//! Owns what keeps a region from answering. Does not know what is in it. Invariant: a fault that kept somebody from an
//! answer is counted.

use super::Core;
use super::held::Held;
use crate::model::plan::{Interface, Need, RegionPlan};
use crate::units::{ProviderId, RegionId, ServiceId};

/// A region.
#[derive(Debug)]
pub(in crate::model) struct Region {
    pub name: String,
    pub provider: ProviderId,
    /// Nothing here answers while this is held.
    pub dark: Held,
    /// Control and monitoring do not reach it while this is held.
    pub cut_off: Held,
}

impl Region {
    /// A region that answers.
    pub fn new(plan: &RegionPlan) -> Self {
        Self { name: plan.name.clone(), provider: plan.provider, dark: Held::default(), cut_off: Held::default() }
    }

    /// Whether control and monitoring get no answer from here.
    pub fn is_silent(&self) -> bool {
        self.dark.is_on() || self.cut_off.is_on()
    }
}

impl Core {
    /// The name of `region`.
    pub(in crate::model) fn region_name(&self, region: RegionId) -> String {
        self.regions[region.index()].name.clone()
    }

    /// The region and the name of `service`.
    pub(in crate::model) fn service_name(&self, service: ServiceId) -> (String, String) {
        let service = &self.plan.services[service.index()];
        (self.region_name(service.region), service.name.clone())
    }

    /// Whether nothing comes back from `region`; counted for the fault that keeps it so.
    pub(in crate::model) fn is_silent(&mut self, region: RegionId) -> bool {
        let region = &self.regions[region.index()];
        let holder = region.dark.holder().or(region.cut_off.holder());
        if let Some(fault) = holder {
            self.hit(fault);
        }
        holder.is_some()
    }

    /// What `interface` needs in order to answer.
    pub(in crate::model) fn needs(&self, interface: Interface) -> impl Iterator<Item = Need> + '_ {
        self.plan.control.needs.iter().copied().filter(move |need| need.interface == interface)
    }

    /// Whether a region that `interface` needs is silent; counted for the fault that keeps it so.
    pub(in crate::model) fn is_without(&mut self, interface: Interface) -> bool {
        let regions: Vec<Need> = self.needs(interface).collect();
        regions.into_iter().any(|need| self.is_silent(need.region))
    }
}
