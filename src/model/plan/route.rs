//! Routes: where a request goes that enters at a service, compiled to a list of operations.
//!
//! Owns the operations and their order. Does not know who carries them out. Invariant: a route has no circle and ends; the
//! legs of a fork stand behind it, each ended by a join, and the arms of a choice, each ended by a pass.

use super::ServicePlan;
use crate::units::{BucketId, DatabaseId, RegionId, ServiceId};

/// How many legs must be done with a write before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegRule {
    /// The first leg, whatever becomes of the others.
    Primary,
    /// So many, whichever they are.
    Count(u8),
    /// One after the other, each only when the one before has failed, or has kept that service waiting for too long.
    InTurn(ServiceId),
}

/// One operation on the path of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteStep {
    /// A service; of the same region, but where a leg begins.
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
    /// It goes on along one of so many arms, as the choice of a service has it. They stand in the next `skip` places.
    Choose {
        /// Whose choice it is.
        service: ServiceId,
        /// How many arms there are.
        arms: u8,
    },
    /// An arm begins, and ends `length` places further on.
    Arm {
        /// Places of its own, its pass not counted.
        length: u8,
    },
    /// An arm is over: it goes on after `skip` more places, those of the other arms.
    Pass {
        /// Places to pass over.
        skip: u8,
    },
    /// A call of one of so many services in turn, each of which is a leg. They stand in the next `skip` places.
    FirstOf {
        /// Who calls them.
        service: ServiceId,
        /// How many there are.
        legs: u8,
        /// Places of all legs.
        skip: u8,
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

/// A place of a route, the layer of calls it belongs to, and the region it is in.
#[derive(Debug, Clone, Copy)]
struct Place {
    step: RouteStep,
    layer: Layer,
    region: RegionId,
}

/// The path of a request that enters at `service`, after that service's own work: each service it calls with all that
/// one calls, then those it calls elsewhere, one of those it chooses from, the first of those that does not fail, then its
/// bucket, then its databases; where it has a cache, that comes before all of them.
pub fn route(services: &[ServicePlan], service: ServiceId) -> Vec<RouteStep> {
    let mut steps: Vec<RouteStep> = places(services, service, 0).into_iter().map(|place| place.step).collect();
    let caches = steps.iter_mut().filter_map(|step| match step {
        RouteStep::Cache { number, .. } => Some(number),
        _ => None,
    });
    (0..).zip(caches).for_each(|(count, number)| *number = count);
    steps
}

/// By place of that way: which layer of calls it belongs to. Empty where nobody asks again.
pub fn layers(services: &[ServicePlan], service: ServiceId) -> Vec<Layer> {
    let layers: Vec<Layer> = places(services, service, 0).into_iter().map(|place| place.layer).collect();
    if layers.iter().any(|layer| layer.retries > 0) { layers } else { Vec::new() }
}

/// By place of that way: the region of the service that is at work there. Empty where none of it leaves the region.
pub fn regions(services: &[ServicePlan], service: ServiceId) -> Vec<RegionId> {
    let regions: Vec<RegionId> = places(services, service, 0).into_iter().map(|place| place.region).collect();
    let home = services[service.index()].region;
    if regions.iter().any(|region| *region != home) { regions } else { Vec::new() }
}

/// Whether a write on `route` may have been stored somewhere though its answer is that it failed: there is more than one
/// place that keeps it, or something to come after the one that does.
pub fn is_wide(route: &[RouteStep]) -> bool {
    let first = route.iter().position(|step| matches!(step, RouteStep::Database(_)));
    first.is_some_and(|first| first + 1 < route.len())
}

fn places(services: &[ServicePlan], service: ServiceId, depth: u8) -> Vec<Place> {
    let plan = &services[service.index()];
    let own = |step| Place { step, layer: Layer { depth, retries: 0 }, region: plan.region };
    let call = |called: ServiceId| {
        let retries = if depth < Layer::MOST { services[called.index()].call_retries } else { 0 };
        let first = Place { layer: Layer { depth, retries }, ..own(RouteStep::Service(called)) };
        std::iter::once(first).chain(places(services, called, depth.saturating_add(1))).collect::<Vec<_>>()
    };
    let mut all: Vec<Place> = plan.calls.iter().flat_map(|called| call(*called)).collect();
    for called in &plan.remote_calls {
        all.extend(in_turn(service, vec![call(*called)], own));
    }
    if let Some(choice) = &plan.choice {
        let arms = choice.shares.iter().map(|(called, _)| call(*called)).collect();
        all.extend(chosen(service, arms, own));
    }
    if !plan.first_of.is_empty() {
        all.extend(in_turn(service, plan.first_of.iter().map(|called| call(*called)).collect(), own));
    }
    all.extend(plan.bucket.map(|bucket| own(RouteStep::Bucket(bucket))));
    all.extend(stores(plan).into_iter().map(own));
    if plan.cache.is_some() && !all.is_empty() {
        all.insert(0, own(RouteStep::Cache { service, skip: short(all.len()), number: 0 }));
    }
    all
}

/// A number of places; a route is no longer than there are numbers, which the scenario has been checked for.
fn short(places: usize) -> u8 {
    u8::try_from(places).unwrap_or(u8::MAX)
}

/// The calls of `service` that are made in turn.
fn in_turn(service: ServiceId, legs: Vec<Vec<Place>>, own: impl Fn(RouteStep) -> Place) -> Vec<Place> {
    let count = short(legs.len());
    // No caller further out asks again from within a leg: its fork does, once all have failed.
    let begins = |length| Place { layer: Layer { depth: 0, retries: 0 }, ..own(RouteStep::Leg { length }) };
    let legs = side_by_side(legs, begins, |skip| own(RouteStep::Join { skip }));
    let first = own(RouteStep::FirstOf { service, legs: count, skip: short(legs.len()) });
    std::iter::once(first).chain(legs).collect()
}

/// The calls of which `service` makes one.
fn chosen(service: ServiceId, arms: Vec<Vec<Place>>, own: impl Fn(RouteStep) -> Place) -> Vec<Place> {
    let first = own(RouteStep::Choose { service, arms: short(arms.len()) });
    let arms = side_by_side(arms, |length| own(RouteStep::Arm { length }), |skip| own(RouteStep::Pass { skip }));
    std::iter::once(first).chain(arms).collect()
}

/// `ways`, each with a place at which it begins, which knows its length, and one at which it is over, which knows how many
/// places come after it.
fn side_by_side(ways: Vec<Vec<Place>>, begins: impl Fn(u8) -> Place, ends: impl Fn(u8) -> Place) -> Vec<Place> {
    let mut rest: usize = ways.iter().map(|way| way.len() + 2).sum();
    let mut all = Vec::with_capacity(rest);
    for way in ways {
        rest -= way.len() + 2;
        all.push(begins(short(way.len())));
        all.extend(way);
        all.push(ends(short(rest)));
    }
    all
}

/// The most places that a route may have: as many as a job can count.
pub const MOST_PLACES: u64 = u8::MAX as u64;

/// By service: how many places the route has that begins there, without building it. `None`: calls run in a circle.
pub fn lengths(services: &[ServicePlan]) -> Option<Vec<u64>> {
    let mut known: Vec<Option<u64>> = vec![None; services.len()];
    // Whoever calls nobody is known at first; in each round those that call only known ones. Nobody new: a circle.
    while known.contains(&None) {
        let before = known.clone();
        for (id, plan) in services.iter().enumerate().filter(|(id, _)| before[*id].is_none()) {
            known[id] = length(plan, &before);
        }
        if known == before {
            return None;
        }
    }
    known.into_iter().collect()
}

fn length(plan: &ServicePlan, known: &[Option<u64>]) -> Option<u64> {
    let called = |service: &ServiceId| known[service.index()].map(|behind| behind.saturating_add(1));
    let sum = |calls: Vec<ServiceId>, more: u64| {
        calls.iter().try_fold(0_u64, |sum, service| Some(sum.saturating_add(called(service)?).saturating_add(more)))
    };
    let (plain, far) = (sum(plan.calls.clone(), 0)?, sum(plan.remote_calls.clone(), 3)?);
    let arms = sum(plan.choice.iter().flat_map(|choice| choice.shares.iter().map(|(arm, _)| *arm)).collect(), 2)?;
    let legs = sum(plan.first_of.clone(), 2)?;
    let stores = stores(plan).len() as u64 + u64::from(plan.bucket.is_some()) + u64::from(plan.cache.is_some());
    let forks = u64::from(plan.choice.is_some()) + u64::from(!plan.first_of.is_empty());
    Some([plain, far, arms, legs, stores, forks].into_iter().fold(0, u64::saturating_add))
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
