//! Names and weights: how clients find a region.

pub(super) mod balancer;
pub(super) mod balancer_api;
mod beliefs;
pub(super) mod dns;
pub(super) mod dns_api;
mod following;
pub(super) mod naming;
pub(super) mod weights;

use crate::kernel::Streams;
use crate::model::core::Core;
use crate::model::plan::{Ages, Target};
use crate::units::{Instant, NameId, Ratio, RegionId};
use balancer::Balancer;
use beliefs::Beliefs;
use dns::{Planning, Resolvers, Stubs, Zone, live_through};
use dns_api::RecordChange;
use naming::Automation;

/// The zone and what asks and writes it, and the balancer.
#[derive(Debug)]
pub struct Names {
    pub(in crate::model) zone: Zone,
    pub(in crate::model) resolvers: Resolvers,
    /// By population, what its client groups have cached and where they are connected.
    pub(in crate::model) stubs: Vec<Stubs>,
    pub(in crate::model) balancer: Option<Balancer>,
    /// What writes the zone by itself.
    pub(in crate::model) planning: Option<Planning>,
    /// By record and region: what those think who check for the record.
    healthy: Vec<Vec<bool>>,
    beliefs: Beliefs,
}

impl Names {
    /// As the plan has them.
    pub(in crate::model) fn new(core: &mut Core, streams: &Streams) -> Self {
        let beliefs = Beliefs::new(core);
        let plan = &core.plan;
        let mut resolvers = Resolvers::new(&plan.resolvers, &plan.dns, streams);
        let ages = (&resolvers, plan.resolvers.ages);
        let stubs = (0..).zip(&plan.workloads);
        let stubs = stubs.map(|(index, workload)| Stubs::new(index, workload, &plan.dns, ages, streams));
        let mut stubs: Vec<Stubs> = stubs.collect();
        if mutant!("clients_have_no_past": plan.resolvers.ages == Ages::Random => false) {
            live_through(&mut stubs, &mut resolvers, plan, streams);
        }
        Self {
            zone: Zone::new(&plan.dns, streams),
            resolvers,
            stubs,
            balancer: plan.balancer.as_ref().map(|b| Balancer::new(b, plan.regions.len())),
            planning: naming::planning(plan, streams),
            beliefs,
            healthy: vec![vec![true; plan.regions.len()]; plan.dns.records.len()],
        }
    }
}

impl Names {
    /// Where `group` of that population sends an attempt of request `number` at `now`.
    #[inline(always)]
    pub(in crate::model) fn address(&mut self, workload: u16, (group, number): (u32, u64), now: Instant) -> Target {
        self.stubs[usize::from(workload)].address((group, number), &mut self.resolvers, &mut self.zone, now)
    }

    /// The connection of `group` of that population broke: it asks DNS before it sends again.
    #[inline]
    pub(in crate::model) fn disconnect(&mut self, workload: u16, group: u32) {
        self.stubs[usize::from(workload)].disconnect(group);
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
    Published { call: u32, record: NameId, change: RecordChange },
    /// Weights are in effect.
    WeightsApplied { call: u32, weights: Vec<(RegionId, Ratio)> },
    /// A change of weights that was answered already takes effect.
    Settled(u32),
}

impl Names {
    pub(super) fn names_due(&mut self, core: &mut Core, due: Due) {
        match due {
            Due::ZoneChange(index) => self.zone_change(core, index),
            Due::Automation(due) => self.automation_due(core, due),
            Due::Published { call, record, change } => self.published(core, call, record, change),
            Due::WeightsApplied { call, weights } => self.weights_applied(core, call, &weights),
            Due::Settled(change) => self.settled(core, change),
        }
    }
}
