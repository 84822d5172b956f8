//! How many requests may wait at a service, where the file does not say: as many as can be served while their callers wait.
//!
//! Owns the rule. Does not know how requests come, nor what the database or other services behind it take: a server is free
//! once its own work is done. Invariant: a queue that the file bounds, or says to be unbounded, stays as it is.
//!
//! Whoever is taken from a full queue has waited for half of what the most patient callers bear: the other half is for the work
//! itself, for waits at other places and for what varies. Without a bound, an overload fills the queue until servers only get
//! requests whose clients have nearly given up, and does not end with its cause.

use super::Context;
use crate::field::{Field, FieldType, Origin, Value, Values};
use crate::model::plan::{ServicePlan, WorldPlan};
use crate::units::Span;

const UNBOUNDED: &str = "unbounded";
const MOST: u64 = 100_000_000;

pub(super) const QUEUE: Field = Field::derived(
    "queue",
    FieldType::CountOr { min: 0, max: MOST, words: &[UNBOUNDED] },
    "as many as its servers can work off, at `time` on average, in half the `timeout` of the most patient clients that reach \
     it, but no fewer than half as many as it has servers; `unbounded` with `shed_after`, and if no client reaches it",
    "product default, after the Google SRE book, Addressing Cascading Failures: a queue is short, so that what waits in it is \
     still wanted; half as many as there are threads, or less, under steady traffic",
    "How many requests may wait for a server; any further one is refused at once. `unbounded`: any number.",
);

/// What the file says of it: `None` if it is unbounded, or to be settled.
pub(super) fn written(values: &Values) -> Option<u32> {
    match values.value("queue") {
        Some(Value::Count(places)) => Some(u32::try_from(*places).unwrap_or(u32::MAX)),
        _ => None,
    }
}

/// Bounds every queue of which the file says nothing.
pub(in crate::scenario) fn settle(world: &mut WorldPlan, context: &mut Context<'_>) {
    let patience = patience(world);
    for (index, waits) in patience.into_iter().enumerate() {
        let service = &world.services[index];
        let path = format!("regions.{}.services.{}", world.regions[service.region.index()].name, service.name);
        let Some((_, values)) = context.ledger.iter_mut().find(|(kept, _)| *kept == path) else { continue };
        if values.origin("queue") == Origin::Default {
            world.services[index].queue = waits.and_then(|waits| bound(&world.services[index], waits));
        }
        let settled = world.services[index].queue.map(|places| Value::Count(places.into()));
        values.settle("queue", settled.unwrap_or_else(|| Value::Text(UNBOUNDED.to_owned())));
    }
}

/// By service: the longest that a client whose requests reach it waits for one attempt.
fn patience(world: &WorldPlan) -> Vec<Option<Span>> {
    let asks = |service: &ServicePlan| {
        let callers = world.workloads.iter().filter(|clients| clients.services().any(|name| name == service.name));
        callers.map(|clients| clients.timeout).max()
    };
    let mut patience: Vec<Option<Span>> = world.services.iter().map(asks).collect();
    // A request passes each service at most once, for calls do not run in circles.
    for _ in 0..world.services.len() {
        let before = patience.clone();
        for (caller, service) in world.services.iter().enumerate() {
            for called in service.called() {
                patience[called.index()] = patience[called.index()].max(patience[caller]);
            }
        }
        if patience == before {
            break;
        }
    }
    patience
}

/// How many may wait at `service` for callers who wait for so long; `None`: any number.
fn bound(service: &ServicePlan, waits: Span) -> Option<u32> {
    let work = service.mean_work()?;
    if service.shed_after.is_some() {
        return None;
    }
    let servers = service.autoscale.as_ref().map_or(service.servers, |autoscale| autoscale.max.max(service.servers));
    let in_time = f64::from(servers) * waits.as_secs_f64() / 2.0 / work;
    Some((in_time.min(MOST as f64) as u32).max(servers.div_ceil(2)))
}
