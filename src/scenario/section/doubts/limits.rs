//! Watches that do not notice how many requests a rate limit turns away.

use super::doubt;
use super::load::{peak, per_second};
use crate::control::Control;
use crate::model::plan::{ServicePlan, WorldPlan};
use crate::scenario::section::Context;
use std::sync::Arc;

pub(super) fn warn(world: &WorldPlan, acting: &[Arc<dyn Control>], context: &mut Context<'_>) {
    if !world.monitoring.ignores_limits {
        return;
    }
    let watched: Vec<String> = acting.iter().filter_map(|control| control.watches(world)).collect();
    for service in &world.services {
        let region = &world.regions[service.region.index()].name;
        if watched.contains(region)
            && let Some((admitted, sent)) = more_than_admitted(service, world)
        {
            let node = context
                .root
                .get("monitoring")
                .map_or(context.root, |section| section.get("limited").unwrap_or(section));
            let message = format!(
                "{admitted:.0} of up to {sent:.0} requests a second to `{}` in `{region}` pass the rate limit, and the rest \
                 are left out of the errors: a watch judges by those that pass, and notices nothing",
                service.name
            );
            let help = format!(
                "leave `limited` out, so that they are errors, or bound `seen.{region}.{}.limited` by a property",
                service.name
            );
            let place = node.place;
            context.problems.push(doubt("FD0519", place, message, help));
        }
    }
}

/// How many requests a second the limits of `service` let through, and how many clients send it at most, if these are
/// more. Those of other services come on top.
fn more_than_admitted(service: &ServicePlan, world: &WorldPlan) -> Option<(f64, f64)> {
    let rates = world.limits_of(service).filter_map(|limit| limit.requests);
    let admitted = rates.map(per_second).reduce(f64::min)?;
    let callers = world.workloads.iter().filter(|workload| workload.services().any(|called| called == service.name));
    let sent = callers.map(|workload| peak(workload, world.duration)).sum::<Option<f64>>()?;
    (sent > admitted).then_some((admitted, sent))
}
