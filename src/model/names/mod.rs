//! Names and weights: how clients find a region.

pub(super) mod balancer;
pub(super) mod balancer_api;
pub(super) mod dns;
pub(super) mod dns_api;
mod following;
pub(super) mod naming;
pub(super) mod weighing;

use crate::kernel::Streams;
use crate::model::core::Core;
use crate::units::{NameId, Ratio, RegionId};
use balancer::Balancer;
use dns::{Planning, Resolvers, Zone};
use naming::Automation;

/// The zone and what asks and writes it, and the balancer.
#[derive(Debug)]
pub struct Names {
    pub(in crate::model) zone: Zone,
    pub(in crate::model) resolvers: Resolvers,
    pub(in crate::model) balancer: Option<Balancer>,
    /// What writes the zone by itself.
    pub(in crate::model) planning: Option<Planning>,
    /// By record and region: what those think who check for the record.
    healthy: Vec<Vec<bool>>,
}

impl Names {
    /// As the plan has them.
    pub(in crate::model) fn new(core: &mut Core, streams: &Streams) -> Self {
        let plan = &core.plan;
        Self {
            zone: Zone::new(&plan.dns, streams),
            resolvers: Resolvers::new(&plan.resolvers, &plan.dns, streams),
            balancer: plan.balancer.as_ref().map(|b| Balancer::new(b, plan.regions.len())),
            planning: naming::planning(plan, streams),
            healthy: vec![vec![true; plan.regions.len()]; plan.dns.records.len()],
        }
    }
}

/// What is due with names and weights.
#[derive(Debug)]
pub(super) enum Due {
    /// A change of the zone that was planned by hand is due.
    ZoneChange(usize),
    /// Something is due with the automation that writes the zone.
    Automation(Automation),
    /// A DNS change is answered by every authoritative server.
    Published { call: u32, record: NameId, region: RegionId },
    /// Weights are in force.
    Weighed { call: u32, weights: Vec<(RegionId, Ratio)> },
    /// A change of weights that was answered already comes into force.
    Settled(u32),
}

impl Names {
    pub(super) fn names_due(&mut self, core: &mut Core, due: Due) {
        match due {
            Due::ZoneChange(index) => self.zone_change(core, index),
            Due::Automation(due) => self.automation_due(core, due),
            Due::Published { call, record, region } => self.published(core, call, record, region),
            Due::Weighed { call, weights } => self.weighed(core, call, &weights),
            Due::Settled(change) => self.settled(core, change),
        }
    }
}
