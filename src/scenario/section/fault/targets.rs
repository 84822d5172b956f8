//! What a fault is aimed at: a place that nothing depends on cannot fail in any way that shows.
//!
//! Does not know what a fault does. Invariant: a fault is refused only if the thing it names is used by nothing in the
//! world's plan.

use super::super::Context;
use crate::fault::PlannedFault;
use crate::field::{FieldType, Problem, Referent, Value, Values};
use crate::model::plan::{ControllerPlan, ServicePlan, Target, WorldPlan};
use crate::units::{Ratio, RegionId};

/// Refuses every fault on an unused target, unless it says that it need not affect anything.
pub(in crate::scenario) fn refuse_untouched(
    world: &WorldPlan,
    controllers: &[ControllerPlan],
    faults: &[PlannedFault],
    context: &mut Context<'_>,
) {
    for fault in faults.iter().filter(|fault| !fault.optional) {
        let path = format!("faults.{}", fault.id);
        let own = context.ledger.iter().find(|(at, values)| *at == path && values.kind.name == fault.kind);
        let Some(problem) = own.and_then(|(_, own)| problem(own, world, controllers)) else { continue };
        context.problems.push(problem);
    }
}

fn problem(own: &Values, world: &WorldPlan, controllers: &[ControllerPlan]) -> Option<Problem> {
    own.fields().find_map(|(field, value, ..)| {
        let (FieldType::Reference(referent), Some(Value::Reference(target))) = (&field.ty, value) else { return None };
        let why = untouched(*referent, target.index, &target.name, (world, controllers))?;
        let message = format!("`{}` hits `{}`, but {why}", own.kind.name, target.name);
        let help = "aim it at something in use, or set `optional: true` if it need not affect anything";
        Some(Problem::error("FD0321", own.place(field.name), message).help(help))
    })
}

/// Why nothing depends on it, if nothing does.
fn untouched(
    referent: Referent,
    index: usize,
    name: &str,
    (world, controllers): (&WorldPlan, &[ControllerPlan]),
) -> Option<&'static str> {
    match referent {
        Referent::Region => (!is_region_used(RegionId(u16::try_from(index).ok()?), world, controllers)).then_some(
            "there is nothing in that region: no service, no copy, no controller, and no record points \
                        there",
        ),
        Referent::Database => {
            let used = world.services.iter().any(|service| service.databases().any(|id| id.index() == index));
            (!used).then_some("no service uses that database")
        }
        Referent::Bucket => {
            let used = world.services.iter().any(|service| service.bucket.is_some_and(|id| id.index() == index));
            (!used).then_some("no service uses that bucket")
        }
        Referent::Service => (!is_service_called(name, world)).then_some("nothing calls that service"),
        _ => None,
    }
}

fn is_region_used(region: RegionId, world: &WorldPlan, controllers: &[ControllerPlan]) -> bool {
    let named = |target: Target| target == Target::Region(region);
    let weights = world.balancer.iter().flat_map(|balancer| &balancer.weights);
    !world.regions[region.index()].services.is_empty()
        || world.databases.iter().any(|database| {
            let backups = database.backups.as_ref().and_then(|backups| backups.place);
            database.primary == region
                || backups == Some(region)
                || database.replicas.iter().any(|replica| replica.region == region)
        })
        || world.buckets.iter().any(|bucket| bucket.regions.contains(&region))
        || controllers.iter().any(|controller| controller.place == Some(region))
        || world.control.needs.iter().any(|need| need.region == region)
        || world.control.journal_members.contains(&region)
        || world.dns.records.iter().any(|record| {
            named(record.target) || record.failover.as_ref().is_some_and(|failover| failover.to == region)
        })
        || world.dns.changes.iter().any(|change| change.to.is_some_and(named))
        || weights.into_iter().any(|(place, weight)| *place == region && *weight != Ratio::ZERO)
}

/// Whether a workload, another service that is called, or a control interface calls it.
fn is_service_called(name: &str, world: &WorldPlan) -> bool {
    let mut ahead: Vec<&str> = world.workloads.iter().flat_map(|workload| workload.services()).collect();
    let needs = world.control.needs.iter().filter_map(|need| need.service);
    ahead.extend(needs.map(|service| world.services[service.index()].name.as_str()));
    let mut called: Vec<&str> = Vec::new();
    while let Some(next) = ahead.pop() {
        if called.contains(&next) {
            continue;
        }
        called.push(next);
        let instances = world.services.iter().filter(|service| service.name == next);
        let calls = instances.flat_map(ServicePlan::called);
        ahead.extend(calls.map(|service| world.services[service.index()].name.as_str()));
    }
    called.contains(&name)
}
