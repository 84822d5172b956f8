//! Names and weights: how clients find a region.

pub(super) mod balancer;
pub(super) mod dns;
pub(super) mod naming;
pub(super) mod weighing;

use crate::kernel::Streams;
use crate::model::World;
use crate::model::core::Core;
use crate::model::core::desk::Answer;
use crate::model::core::drills::DrillTouch;
use crate::model::plan::Target;
use crate::units::{NameId, Ratio, RegionId};
use balancer::Balancer;
use dns::{Planning, Resolvers, Zone};
use naming::Automation;

/// The zone and what asks and writes it, and the balancer.
#[derive(Debug)]
pub(super) struct Names {
    pub zone: Zone,
    pub resolvers: Resolvers,
    pub balancer: Option<Balancer>,
    /// What writes the zone by itself.
    pub planning: Option<Planning>,
}

impl Names {
    /// As the plan has them.
    pub fn new(core: &mut Core, streams: &Streams) -> Self {
        let plan = &core.plan;
        Self {
            zone: Zone::new(&plan.dns, streams),
            resolvers: Resolvers::new(&plan.resolvers, &plan.dns, streams),
            balancer: plan.balancer.as_ref().map(|b| Balancer::new(b, plan.regions.len())),
            planning: naming::planning(plan, streams),
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

impl World {
    pub(super) fn names_due(&mut self, due: Due) {
        match due {
            Due::ZoneChange(index) => self.zone_change(index),
            Due::Automation(due) => self.automation_due(due),
            Due::Published { call, record, region } => self.published(call, record, region),
            Due::Weighed { call, weights } => self.weighed(call, &weights),
            Due::Settled(change) => self.settled(change),
        }
    }

    fn published(&mut self, call: u32, record: NameId, region: RegionId) {
        if let Some(refusal) = self.core.superseded(call) {
            return self.core.answer(call, Err(refusal));
        }
        let now = self.core.kernel.now();
        self.core.note_drill(call, DrillTouch::Record(record));
        self.names.zone.publish(record, now, Target::Region(region));
        self.core.remedy = Some(region);
        self.note_published(record);
        self.follow_health(record);
        self.core.answer(call, Ok(Answer::Done));
    }
}
