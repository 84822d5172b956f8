//! Who waits for whom at present.
//!
//! Owns nothing: it looks at every place where a request may be. Does not know why anybody waits. Invariant: every request
//! under way is told of once, also one that nobody will ever answer.

use crate::model::World;
use crate::model::core::job::Job;
use crate::model::data::database::{CopyOperation, OperationKind};
use crate::model::flow::hop::HopTo;
use crate::record::Wait;
use crate::units::{DatabaseId, Instant, RegionId, ServiceId};
use std::collections::BTreeMap;

/// By who waits and for what: how many, and since when.
type Found = BTreeMap<(String, String), (u64, Option<Instant>)>;

impl World {
    /// Everything that is under way: requests, records on their way to copies that follow, calls of control.
    pub(in crate::model) fn waits(&self) -> Vec<Wait> {
        let mut found = self.requests_waiting();
        for state in &self.data.databases {
            for copy in state.followers().filter(|copy| copy.is_connected() && copy.backlog() > 0) {
                let who = format!("{} in {}", state.plan.name, self.name_of(copy.region));
                found.insert((who, "records of the authority".to_owned()), (copy.backlog() as u64, None));
            }
        }
        for controller in self.core.calls.callers() {
            let who = self.core.plan.controllers[usize::from(controller)].name.clone();
            found.entry((who, "an answer of what it controls".to_owned())).or_insert((0, None)).0 += 1;
        }
        found.into_iter().map(|((who, whom), (count, since))| Wait { who, whom, count, since }).collect()
    }

    fn requests_waiting(&self) -> Found {
        // What is known of a request last is where it is: of two attempts, the one that is further.
        let mut places: BTreeMap<u32, String> = BTreeMap::new();
        let mut note = |job: &Job, place: &dyn Fn() -> String| {
            if !job.is_probe() && self.is_wanted(job) {
                places.insert(job.slot, place());
            }
        };
        for (job, to) in self.flow.hops.used().map(|hop| (self.flow.hops[hop].job, self.flow.hops[hop].to)) {
            note(&job, &|| self.way_to(to));
        }
        for (id, station) in (0..).map(ServiceId).zip(&self.platform.stations) {
            let name = || self.service_name(id);
            station.queued().for_each(|job| note(job, &|| format!("a server of {}", name())));
            station.working().for_each(|job| note(job, &name));
        }
        for (id, state) in (0..).map(DatabaseId).zip(&self.data.databases) {
            let all = (0..state.operations.slots()).map(|slot| state.operations[slot]);
            all.filter(|operation| operation.open).for_each(|operation| {
                note(&operation.job, &|| self.operation_at(id, &operation));
            });
        }
        let mut found = Found::new();
        for slot in self.clients.requests.used() {
            let request = &self.clients.requests[slot];
            let who = self.core.plan.workloads[usize::from(request.workload)].name.clone();
            let whom =
                places.remove(&slot).unwrap_or_else(|| "an answer that nobody will give, or to try again".to_owned());
            let (count, since) = found.entry((who, whom)).or_insert((0, Some(request.started)));
            *count += 1;
            *since = (*since).min(Some(request.started));
        }
        found
    }

    fn way_to(&self, to: HopTo) -> String {
        match to {
            HopTo::Entry => "a region to reach".to_owned(),
            HopTo::Again(region) | HopTo::Elsewhere(region) => format!("the next service in {}", self.name_of(region)),
            HopTo::Bucket { bucket, .. } => self.core.plan.buckets[bucket.index()].name.clone(),
            HopTo::Unheard(_) => "an answer that nobody will give, or to try again".to_owned(),
            HopTo::Database { database, copy } => self.copy_name(database, usize::from(copy)),
            HopTo::Fork | HopTo::Client { .. } => "an answer on its way".to_owned(),
        }
    }

    fn operation_at(&self, database: DatabaseId, operation: &CopyOperation) -> String {
        let copy = self.copy_name(database, usize::from(operation.copy));
        match operation.kind {
            OperationKind::Hang => format!("{copy}, which does not answer"),
            OperationKind::Write(_) if operation.ready == Instant::MAX => {
                format!("{copy}, which waits for acknowledgements of other copies")
            }
            OperationKind::Write(_) | OperationKind::Read => copy,
        }
    }

    fn copy_name(&self, database: DatabaseId, copy: usize) -> String {
        let state = &self.data.databases[database.index()];
        format!("{} in {}", state.plan.name, self.name_of(state.copies[copy].region))
    }

    fn service_name(&self, service: ServiceId) -> String {
        let plan = &self.core.plan.services[service.index()];
        format!("{} in {}", plan.name, self.name_of(plan.region))
    }

    fn name_of(&self, region: RegionId) -> &str {
        &self.core.plan.regions[region.index()].name
    }
}
