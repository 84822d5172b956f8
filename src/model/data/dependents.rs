//! The services through which requests reach databases, as planned, and which of them faults touch.
//!
//! Does not know what a fault does to a service: it is notified when one does something. Invariant: what a service
//! calls is on the path of its callers.

use crate::model::plan::{ServicePlan, WorldPlan};
use crate::units::{DatabaseId, RegionId, ServiceId};

/// What stands between clients and databases.
#[derive(Debug)]
pub(super) struct Dependents {
    /// By database and region.
    services: Vec<Vec<Vec<ServiceId>>>,
    /// By service, whether a fault touches it.
    touched: Vec<bool>,
}

impl Dependents {
    /// Those of `plan`, with nothing touched.
    pub fn new(plan: &WorldPlan) -> Self {
        let regions = || (0..plan.regions.len() as u16).map(RegionId);
        let on_the_way = |database| regions().map(|region| on_the_way_to(database, &plan.services, region)).collect();
        let databases = (0..plan.databases.len() as u16).map(DatabaseId);
        Self { services: databases.map(on_the_way).collect(), touched: vec![false; plan.services.len()] }
    }

    /// Whether a fault touches `service` from now on.
    pub fn note(&mut self, service: ServiceId, touched: bool) {
        self.touched[service.index()] = touched;
    }

    /// Whether a fault touches a service of `region` through which requests reach `database`.
    pub fn are_touched(&self, database: DatabaseId, region: RegionId) -> bool {
        self.services[database.index()][region.index()].iter().any(|service| self.touched[service.index()])
    }
}

/// The services of `region` that use `database`, and all those that these call.
fn on_the_way_to(database: DatabaseId, services: &[ServicePlan], region: RegionId) -> Vec<ServiceId> {
    let here = (0..).map(ServiceId).zip(services).filter(|(_, service)| service.region == region);
    let reached = here.map(|(id, _)| reached_from(id, services));
    let uses = |reached: &Vec<ServiceId>| {
        reached.iter().any(|id| services[id.index()].databases().any(|used| used == database))
    };
    let mut found: Vec<ServiceId> = reached.filter(uses).flatten().collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// `service`, and whatever it calls.
fn reached_from(service: ServiceId, services: &[ServicePlan]) -> Vec<ServiceId> {
    let called = services[service.index()].called().flat_map(|call| reached_from(call, services));
    std::iter::once(service).chain(called).collect()
}
