//! Bounds finer than what is measured.

use super::doubt;
use crate::field::Values;
use crate::model::plan::WorldPlan;
use crate::record::event::{BalancerKind, EventKind, WatchKind};
use crate::scenario::section::Context;
use crate::units::Span;

/// Signals hold one value per second.
const SIGNAL: Span = Span::from_secs(1);

pub(super) fn warn(world: &WorldPlan, properties: &[(&str, &Values)], context: &mut Context<'_>) {
    for (id, values) in properties {
        if !matches!(values.kind.name, "recovers" | "responds") {
            continue;
        }
        let within = values.span("within");
        let (holds, place) = values.opt_expression("holds").unwrap_or(("the objective", values.place("within")));
        let (resolution, why, help) = resolution(holds, world);
        if within < resolution {
            let message = format!(
                "`{id}` allows {within} for `{holds}`, but {why}: whether it is met is a matter of \
                                   luck"
            );
            context.problems.push(doubt("FD0513", place, message, help));
        }
    }
}

/// How finely what a statement is about is looked at, why, and what to do if that is too coarse.
fn resolution(holds: &str, world: &WorldPlan) -> (Span, String, &'static str) {
    let monitoring = &world.monitoring;
    let probes = world.balancer.as_ref().and_then(|balancer| balancer.checks.as_ref()?.active.as_ref());
    let tells_of = |kind: EventKind| holds.contains(&format!("{}.", kind.first()));
    let balancer = EventKind::Balancer(BalancerKind::FailOpen);
    let watch = EventKind::Watch(WatchKind::Detected);
    match probes {
        Some(probes) if tells_of(balancer) => {
            let why = format!("the balancer probes every {}", probes.every);
            (probes.every, why, "probe more often, or allow more time")
        }
        _ if holds.contains("seen.") || tells_of(watch) => {
            let why = format!("monitoring scrapes every {} and shows it {} later", monitoring.scrape, monitoring.delay);
            let resolution = monitoring.scrape.saturating_add(monitoring.delay);
            (resolution, why, "shorten `monitoring.scrape` or `monitoring.delay`, or allow more time")
        }
        // An event has its exact instant.
        _ if holds.contains("count(") => (Span::ZERO, String::new(), ""),
        _ => (SIGNAL, "signals have one value per second".to_owned(), "allow at least a second, or bound a `latency`"),
    }
}
