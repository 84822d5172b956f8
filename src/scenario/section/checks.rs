//! Contradictions between sections that are each right by themselves.

use super::Context;
use super::fault::refuse_untouched;
use crate::control::Control;
use crate::fault::PlannedFault;
use crate::field::{Problem, Referent};
use crate::model::plan::{Arrivals, ControllerPlan, Target, WorldPlan};
use crate::units::{DatabaseId, Instant, Ratio, RegionId};
use std::sync::Arc;

/// `faults`: if each of them could be read. `acting`: the controllers of the world, and whether these are all.
pub(in crate::scenario) fn check(
    world: &WorldPlan,
    faults: Option<&[PlannedFault]>,
    (all, acting): (bool, &[Arc<dyn Control>]),
    context: &mut Context<'_>,
) {
    if let Some(faults) = faults {
        check_faults(world, faults, context);
        // A fault of a controller that could not be read hits nothing that is known.
        if all {
            refuse_untouched(world, &world.controllers, faults, context);
        }
    }
    check_controls(world, &world.controllers, acting, context);
    check_zones(world, context);
    check_dual_writes(world, context);
    check_tables(world, context);
    check_workloads(world, context);
    check_token_limits(world, context);
    warn_unreached_traces(world, context);
    warn_unused_databases(world, context);
    warn_unused_buckets(world, context);
}

/// A fault needs something that can fail.
fn check_faults(world: &WorldPlan, faults: &[PlannedFault], context: &mut Context<'_>) {
    for fault in faults {
        let Some(misfit) = fault.fault.misfit(world) else { continue };
        let place = context.scope.place(Referent::Fault, &fault.id).unwrap_or(context.root.place);
        context.refuse("FD0219", place, misfit.message, &misfit.help);
    }
}

/// Who sets the balancer's weights needs one.
fn check_controls(
    world: &WorldPlan,
    plans: &[ControllerPlan],
    controls: &[Arc<dyn Control>],
    context: &mut Context<'_>,
) {
    for (plan, control) in plans.iter().zip(controls) {
        if control.needs_balancer() && world.balancer.is_none() {
            let place = context.scope.place(Referent::Controller, &plan.name).unwrap_or(context.root.place);
            let message = format!("`{}` sets the weights of a balancer, but there is none", plan.name);
            context.refuse("FD0219", place, message, "add a `balancer:` section");
        }
        check_rows(world, (&plan.name, control), context);
    }
}

/// Rows that are the same are in the same table.
fn check_tables(world: &WorldPlan, context: &mut Context<'_>) {
    for database in world.databases.iter().filter(|database| !database.tables.is_empty()) {
        let sum: u64 = database.tables.iter().map(|(_, share)| share.as_ppb()).sum();
        if sum != Ratio::ONE.as_ppb() {
            let place = context.scope.place(Referent::Database, &database.name).unwrap_or(context.root.place);
            let message = format!("the tables of `{}` take {} of all keys", database.name, Ratio::from_ppb(sum));
            context.refuse("FD0212", place, message, "the shares of `tables` add up to 100%");
        }
    }
    for (one, other) in world.compared_databases() {
        let [one, other] = [one, other].map(|database| &world.databases[database.index()]);
        if one.tables != other.tables {
            let place = context.scope.place(Referent::Database, &other.name).unwrap_or(context.root.place);
            let message = format!("`{}` has other tables than `{}`, which gets the same writes", other.name, one.name);
            context.refuse("FD0249", place, message, "give both the same `tables`");
        }
    }
}

/// Databases whose rows control compares get the same writes: of any others nobody could tell what a repair took away.
fn check_rows(world: &WorldPlan, (name, control): (&str, &Arc<dyn Control>), context: &mut Context<'_>) {
    let [first, second] = control.reads_rows()[..] else { return };
    let compared = world.compared_databases();
    if compared.contains(&(first, second)) || compared.contains(&(second, first)) {
        return;
    }
    let place = context.scope.place(Referent::Controller, name).unwrap_or(context.root.place);
    let [first, second] = [first, second].map(|database| &world.databases[database.index()].name);
    let message = format!("`{name}` compares `{first}` and `{second}`, which do not get the same writes");
    let help = format!("a service must write to both: `database: {first}, dual_write: {{to: [{second}]}}`");
    context.refuse("FD0249", place, message, &help);
}

/// A copy lies in a zone that its region has.
fn check_zones(world: &WorldPlan, context: &mut Context<'_>) {
    for database in &world.databases {
        for (region, zone) in &database.zones {
            let region = &world.regions[region.index()];
            if *zone > region.zones {
                let place = context.scope.place(Referent::Database, &database.name).unwrap_or(context.root.place);
                let message = format!("`{}` has a copy in zone {zone} of `{}`", database.name, region.name);
                let help = format!("`zones` of that region is {}", region.zones);
                context.refuse("FD0219", place, message, &help);
            }
        }
    }
}

/// What is left of a dual write is told by the name of the second database, so that is second to one other only.
fn check_dual_writes(world: &WorldPlan, context: &mut Context<'_>) {
    let pairs = world.dual_writes();
    for (first, second) in &pairs {
        let Some((other, _)) = pairs.range(..(*first, *second)).find(|(_, of)| of == second) else { continue };
        let name = |id: &DatabaseId| world.databases[id.index()].name.as_str();
        let place = context.scope.place(Referent::Database, name(second)).unwrap_or(context.root.place);
        let message = format!("`{}` gets the dual writes of `{}` and of `{}`", name(second), name(other), name(first));
        context.refuse("FD0245", place, &message, "write those of one of them to a database of their own");
    }
}

/// A provider that limits tokens runs something that has some.
fn check_token_limits(world: &WorldPlan, context: &mut Context<'_>) {
    for (index, provider) in world.providers.iter().enumerate() {
        let runs = |region: RegionId| world.regions[region.index()].provider.index() == index;
        let has_tokens = world.services.iter().any(|service| service.generation.is_some() && runs(service.region));
        if !has_tokens && provider.limit.is_some_and(|limit| limit.tokens.is_some()) {
            let place = context.scope.place(Referent::Provider, &provider.name).unwrap_or(context.root.place);
            let message = format!("no service of provider `{}` has tokens, so its limit has no effect", provider.name);
            context.refuse("FD0236", place, message, "give a service of its regions an `llm`, or limit `requests`");
        }
    }
}

/// A recording of which the run does not reach the first row: its times often count from another origin.
fn warn_unreached_traces(world: &WorldPlan, context: &mut Context<'_>) {
    for workload in &world.workloads {
        let Arrivals::Trace(_, trace) = &workload.arrivals else { continue };
        if trace.first >= Instant::ZERO.saturating_add(world.duration) {
            let place = context.scope.place(Referent::Workload, &workload.name).unwrap_or(context.root.place);
            let message =
                format!("the first row of {} is at {:#}, after the end of the workload", trace.name, trace.first);
            let help = "with `counts_from: first_row`, times count from the first row";
            context.problems.push(Problem::warning("FD0504", place, message).help(help));
        }
    }
}

/// Every region a workload can be sent to must run the service it calls.
fn check_workloads(world: &WorldPlan, context: &mut Context<'_>) {
    for workload in &world.workloads {
        for region in reachable(world, world.dns.records[workload.record.index()].target) {
            let missing = workload.services().find(|service| context.scope.service_in(service, region).is_none());
            let Some(service) = missing else { continue };
            let place = context.scope.place(Referent::Workload, &workload.name).unwrap_or(context.root.place);
            let region = &world.regions[region.index()].name;
            let message =
                format!("workload `{}` is routed to `{region}`, which has no service `{service}`", workload.name);
            context.refuse("FD0214", place, message, "declare the service there, or choose another service or record");
        }
    }
}

/// The regions a record leads to at the start.
fn reachable(world: &WorldPlan, target: Target) -> Vec<RegionId> {
    match (target, &world.balancer) {
        (Target::Region(region), _) => vec![region],
        (Target::Balancer, Some(balancer)) => {
            let shares = balancer.weights.iter().filter(|(_, weight)| *weight != Ratio::ZERO);
            shares.map(|(region, _)| *region).collect()
        }
        (Target::Balancer, None) | (Target::Nothing, _) => Vec::new(),
    }
}

fn warn_unused_databases(world: &WorldPlan, context: &mut Context<'_>) {
    for (index, database) in world.databases.iter().enumerate() {
        let used = world.services.iter().any(|service| service.databases().any(|id| id.index() == index));
        if !used {
            let place = context.scope.place(Referent::Database, &database.name).unwrap_or(context.root.place);
            let message =
                format!("no service uses database `{}`, so nothing will ever be written to it", database.name);
            let problem = Problem::warning("FD0502", place, message);
            context.problems.push(problem.help(format!("add `database: {}` to a service", database.name)));
        }
    }
}

fn warn_unused_buckets(world: &WorldPlan, context: &mut Context<'_>) {
    for (index, bucket) in world.buckets.iter().enumerate() {
        let used = world.services.iter().any(|service| service.bucket.is_some_and(|id| id.index() == index));
        if !used {
            let place = context.scope.place(Referent::Bucket, &bucket.name).unwrap_or(context.root.place);
            let message = format!("no service uses bucket `{}`, so nothing will ever be put into it", bucket.name);
            let problem = Problem::warning("FD0502", place, message);
            context.problems.push(problem.help(format!("add `bucket: {}` to a service", bucket.name)));
        }
    }
}
