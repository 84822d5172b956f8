//! Routes: where a request goes that enters at a service, compiled to a list of operations.
//!
//! Owns the operations and their order. Does not know who carries them out. Invariant: a route has no circle and ends; the
//! legs of a fork stand behind it, each ended by a join.

use super::ServicePlan;
use crate::units::{BucketId, DatabaseId, ServiceId};

/// How many legs must be done with a write before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegRule {
    /// The first leg, whatever becomes of the others.
    Primary,
    /// So many, whichever they are.
    Count(u8),
}

/// One operation on the path of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteStep {
    /// A service of the same region.
    Service(ServiceId),
    /// A bucket, where its services use it.
    Bucket(BucketId),
    /// A database, wherever its authority is.
    Database(DatabaseId),
    /// The cache of a service. What it answers needs none of the next `skip` places.
    Cache {
        /// The service.
        service: ServiceId,
        /// Places it stands before.
        skip: u8,
        /// Its number among the caches of the route.
        number: u8,
    },
    /// A write goes on along so many legs at once, a read along the first. They stand in the next `skip` places.
    All {
        /// How many.
        legs: u8,
        /// When it goes on.
        rule: LegRule,
        /// Places of all legs.
        skip: u8,
    },
    /// A leg begins, and ends `length` places further on.
    Leg {
        /// Places of its own, its join not counted.
        length: u8,
    },
    /// A leg is over. A read goes on after `skip` more places, those of the other legs.
    Join {
        /// Places to pass over.
        skip: u8,
    },
}

/// Where a place of a route stands among the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// How many calls lie between it and the entry.
    pub depth: u8,
    /// How often the call is repeated.
    pub retries: u8,
}

impl Layer {
    /// Layers in which calls are repeated: as many as a job has room for.
    pub const MOST: u8 = 8;
}

/// The path of a request that enters at `service`, after that service's own work: each service it calls with all that
/// one calls, then its bucket, then its databases; where it has a cache, that comes before all of them.
pub fn route(services: &[ServicePlan], service: ServiceId) -> Vec<RouteStep> {
    let mut steps: Vec<RouteStep> = places(services, service, 0).into_iter().map(|(step, _)| step).collect();
    let caches = steps.iter_mut().filter_map(|step| match step {
        RouteStep::Cache { number, .. } => Some(number),
        _ => None,
    });
    (0..).zip(caches).for_each(|(count, number)| *number = count);
    steps
}

/// By place of that way: which layer of calls it belongs to. Empty where nobody asks again.
pub fn layers(services: &[ServicePlan], service: ServiceId) -> Vec<Layer> {
    let layers: Vec<Layer> = places(services, service, 0).into_iter().map(|(_, layer)| layer).collect();
    if layers.iter().any(|layer| layer.retries > 0) { layers } else { Vec::new() }
}

/// Whether a write on `route` may have been stored somewhere though its answer is that it failed: there is more than one
/// place that keeps it, or something to come after the one that does.
pub fn is_wide(route: &[RouteStep]) -> bool {
    let first = route.iter().position(|step| matches!(step, RouteStep::Database(_)));
    first.is_some_and(|first| first + 1 < route.len())
}

fn places(services: &[ServicePlan], service: ServiceId, depth: u8) -> Vec<(RouteStep, Layer)> {
    let plan = &services[service.index()];
    let mut steps = Vec::new();
    for call in &plan.calls {
        let retries = if depth < Layer::MOST { services[call.index()].call_retries } else { 0 };
        steps.push((RouteStep::Service(*call), Layer { depth, retries }));
        steps.extend(places(services, *call, depth.saturating_add(1)));
    }
    let own = Layer { depth, retries: 0 };
    steps.extend(plan.bucket.map(|bucket| (RouteStep::Bucket(bucket), own)));
    steps.extend(stores(plan).into_iter().map(|step| (step, own)));
    if plan.cache.is_some() && !steps.is_empty() {
        let skip = u8::try_from(steps.len()).unwrap_or(u8::MAX);
        steps.insert(0, (RouteStep::Cache { service, skip, number: 0 }, own));
    }
    steps
}

/// The database of a service, or all that it writes to at once.
fn stores(plan: &ServicePlan) -> Vec<RouteStep> {
    let Some(dual) = &plan.dual_write else { return plan.database.map(RouteStep::Database).into_iter().collect() };
    let databases: Vec<DatabaseId> = plan.databases().collect();
    let legs = databases.len() as u8;
    let mut steps = vec![RouteStep::All { legs, rule: dual.rule, skip: LEG_PLACES * legs }];
    for (before, database) in (1..).zip(databases) {
        let skip = LEG_PLACES * (legs - before);
        steps.extend([RouteStep::Leg { length: 1 }, RouteStep::Database(database), RouteStep::Join { skip }]);
    }
    steps
}

/// A leg: its beginning, its database, its end.
const LEG_PLACES: u8 = 3;
