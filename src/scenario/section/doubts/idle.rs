//! Checks and watches that can never act.

use super::doubt;
use super::load::peak;
use crate::fault::PlannedFault;
use crate::fault::schedule::Start;
use crate::field::{Place, Values};
use crate::model::plan::{PassivePlan, Target, WorldPlan};
use crate::record::event::{BalancerKind, EventKind};
use crate::scenario::section::Context;
use crate::units::{Instant, Ratio, Span};
use std::collections::BTreeMap;

pub(super) fn warn(
    world: &WorldPlan,
    faults: &[PlannedFault],
    (controls, acts_after): &(Vec<(&str, &Values)>, BTreeMap<&str, Span>),
    context: &mut Context<'_>,
) {
    for (id, values) in controls.iter().filter(|(_, values)| values.kind.name == "watch") {
        let Some(failed) = acts_after.get(id) else { continue };
        watch(id, values, *failed, (world, faults), context);
    }
    balancer(world, context);
}

/// What a watch needs before it acts, and whether this run can give it.
fn watch(
    id: &str,
    values: &Values,
    failed: Span,
    (world, faults): (&WorldPlan, &[PlannedFault]),
    context: &mut Context<'_>,
) {
    let (sustained, every) = (values.span("sustained"), values.span("every"));
    let meant = faults.iter().filter(|fault| !fault.optional);
    let first = meant.map(|fault| match fault.timing.start {
        Start::At(at) => at,
        Start::When(_) => Instant::ZERO,
        Start::Within { from, .. } | Start::Rate { from, .. } => from,
    });
    let left = world.duration.saturating_sub(first.min().unwrap_or(Instant::ZERO).since(Instant::ZERO));
    if failed.saturating_add(every) > left {
        let longer = if failed == sustained { "sustained" } else { "policy" };
        let (field, why) = if failed >= every { (longer, longer) } else { ("every", "sustained") };
        let place = values.place(field);
        let message = format!(
            "`{id}` acts once a region has failed for {failed}, evaluated every {every}, but the workload ends {left} \
             after the first fault: it can never act"
        );
        context.problems.push(doubt(
            "FD0514",
            place,
            message,
            format!("shorten `{why}` or `every`, or make `duration` longer"),
        ));
    }
    let hold_down = values.span("hold_down");
    if values.opt_reference("then").is_some() && hold_down >= left {
        let message = format!(
            "`{id}` fails back once a region has been healthy for {hold_down}, but the workload ends {left} after the \
             first fault: it never will"
        );
        let help = "shorten `hold_down`, make `duration` longer, or leave `then` out";
        context.problems.push(doubt("FD0514", values.place("hold_down"), message, help));
    }
    let least = values.count("min_requests");
    let window = world.monitoring.window;
    // Whether services answer at all is seen without requests.
    let silenced = faults.iter().any(|fault| matches!(fault.kind, "region_outage" | "zone_outage" | "partition"));
    if silenced {
        return;
    }
    if let Some(most) = most_in(window, world).filter(|most| *most < least as f64) {
        let message = format!(
            "`{id}` needs at least {least} requests to judge, but clients send at most {most:.0} in a window of \
             {window}: it never judges"
        );
        let help = "lower `min_requests`, or make `monitoring.window` longer";
        context.problems.push(doubt("FD0514", values.place("min_requests"), message, help));
    }
}

/// The most requests that can come in a window, retries included; `None` if that is not known.
fn most_in(window: Span, world: &WorldPlan) -> Option<f64> {
    let rate = world.workloads.iter().map(|workload| {
        let attempts = f64::from(workload.retries) + 1.0;
        peak(workload, world.duration).map(|rate| rate * attempts)
    });
    // Chance adds to a mean: five standard deviations are one window in three million.
    let mean = rate.sum::<Option<f64>>()? * window.as_secs_f64();
    Some(mean + 5.0 * mean.sqrt())
}

/// Checks of a balancer that has nobody else to send to, or that never come to a verdict.
fn balancer(world: &WorldPlan, context: &mut Context<'_>) {
    let Some(balancer) = &world.balancer else { return };
    let Some(node) = context.root.get("balancer") else { return };
    let (checks, place) = match (node.get("checks"), node.get("check_every")) {
        (Some(written), _) | (None, Some(written)) => (balancer.checks.as_ref(), written.place),
        (None, None) => return,
    };
    let Some(checks) = checks else { return };
    let mut used = balancer.weights.iter().filter(|(_, weight)| *weight != Ratio::ZERO);
    let spare = balancer.fallback.is_some() || balancer.weights.iter().any(|(_, weight)| *weight == Ratio::ZERO);
    let in_front = world.dns.records.iter().any(|record| record.target == Target::Balancer);
    // Whoever sets weights may give it an alternative later.
    let fixed = context.scope.barred().contains_key(&EventKind::Balancer(BalancerKind::WeightsChanged).called(&[]));
    if let (Some((region, _)), None, true) = (used.next(), used.next(), in_front && fixed && !spare) {
        let name = &world.regions[region.index()].name;
        let then = if checks.fail_open { "and it fails open" } else { "and then it routes nowhere" };
        let message =
            format!("the balancer checks `{name}`, but no other region has a share: there is no alternative, {then}");
        let help = "give another region a weight, or leave the checks out";
        context.problems.push(doubt("FD0514", place, message, help));
    }
    if let Some(passive) = &checks.passive {
        judged_by_traffic(passive, world, place, context);
    }
}

fn judged_by_traffic(passive: &PassivePlan, world: &WorldPlan, place: Place, context: &mut Context<'_>) {
    if passive.below == Ratio::ZERO {
        let message =
            "a region is unhealthy if less than 0% of its requests succeed: that is never the case".to_owned();
        context.problems.push(doubt("FD0514", place, message, "raise the share that must succeed"));
    }
    let (least, window) = (passive.minimum, passive.window);
    if let Some(most) = most_in(window, world).filter(|most| *most < least as f64) {
        let message = format!(
            "the balancer needs at least {least} requests to judge, but clients send at most {most:.0} in {window}: it \
             never judges"
        );
        context.problems.push(doubt("FD0514", place, message, "require fewer requests, or use a longer window"));
    }
}
