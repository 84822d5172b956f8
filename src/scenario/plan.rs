//! What a scenario compiles to: nothing optional left.

use crate::check::{OpenQueue, Property, Within};
use crate::control::Control;
use crate::fault::schedule::{Written, expand};
use crate::fault::{Injection, PlannedFault};
use crate::field::Scope;
use crate::model::plan::{ServicePlan, WorldPlan};
use crate::outcome::{Assumption, BaseFile, Expectation};
use crate::record::ObserverSource;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A compiled scenario. With a seed, it is a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it is called.
    pub name: String,
    /// What it says about itself.
    pub description: String,
    /// The preset under it.
    pub preset: Option<String>,
    /// How many seeds a rehearsal runs by default; `None`: one run.
    pub runs: Option<u64>,
    /// The wrong verdict that an earlier version of the program gave.
    pub once: Option<String>,
    /// The world.
    pub world: WorldPlan,
    /// What goes wrong, in the file's order. With a seed, it is a written schedule.
    pub faults: Vec<PlannedFault>,
    /// What acts, in the file's order.
    pub controls: Vec<Arc<dyn Control>>,
    /// What must hold, in the file's order.
    pub properties: Vec<PlannedProperty>,
    /// Who watches a run for them.
    pub observers: Vec<Arc<dyn ObserverSource>>,
    /// What each property is expected to come to.
    pub expect: BTreeMap<String, Expected>,
    /// Every value with its origin, in order.
    pub assumptions: Vec<Assumption>,
    /// The files it builds on, from the nearest to the farthest.
    pub bases: Vec<BaseFile>,
    /// Every declared name.
    pub scope: Scope,
    /// What decides in silence as it is written: the warnings about it, which belong beside every result.
    pub doubts: Vec<String>,
}

impl Plan {
    /// The written schedule of the run with this seed.
    pub fn schedule(&self, seed: u64) -> Vec<Injection> {
        expand(&self.faults, self.world.duration, seed)
    }

    /// The queues that take any number of requests, each with the patience of those who call it.
    pub fn open_queues(&self) -> Vec<OpenQueue> {
        let world = &self.world;
        let open = world.services.iter().filter(|service| service.queue.is_none() && service.shed_after.is_none());
        let queue = |service: &ServicePlan| {
            let callers =
                world.workloads.iter().filter(|workload| workload.services().any(|name| name == service.name));
            let patience = callers.map(|workload| workload.timeout).min()?;
            let region = &world.regions[service.region.index()].name;
            Some(OpenQueue { service: format!("{region}.{}", service.name), patience })
        };
        open.filter_map(queue).collect()
    }

    /// A schedule as the text of a file, which [`read_schedule`](super::read_schedule) reads.
    pub fn write_schedule(&self, injections: &[Injection], seed: u64) -> String {
        Written { faults: &self.faults, injections, seed }.to_string()
    }
}

/// What is expected of a property.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// What must come out.
    pub expected: Expectation,
    /// How far a failure may go, if that is bounded.
    pub within: Option<Within>,
}

impl PartialEq<Expectation> for Expected {
    fn eq(&self, expected: &Expectation) -> bool {
        self.expected == *expected
    }
}

/// One thing that must hold.
#[derive(Debug, Clone)]
pub struct PlannedProperty {
    /// Its name.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// The property itself.
    pub property: Arc<dyn Property>,
}
