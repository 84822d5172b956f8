//! Loads that nobody waits for: runs that take hours, and queues longer than any client waits.

use super::doubt;
use crate::field::Referent;
use crate::model::plan::{Arrivals, Diurnal, ServicePlan, TraceKind, WorkloadPlan, WorldPlan};
use crate::scenario::cost::{Cost, cost};
use crate::scenario::section::Context;
use crate::units::{Rate, Span};

/// More requests than a run should have without a word about it. The figure is ours: at some hundred thousand requests per
/// second and core, hours.
const MANY: f64 = 1e9;

/// Seconds that a run, or all runs that the scenario asks for, should take at most without a word about it. Ours: longer than
/// anybody waits and does nothing else.
const LONG: f64 = 1_200.0;

/// Bytes of memory that a run should take at most without a word about it. Ours: a few of them at once fill a usual machine.
const LARGE: f64 = 4e9;

pub(super) fn warn(world: &WorldPlan, runs: Option<u64>, context: &mut Context<'_>) {
    let before = context.problems.iter().count();
    requests(world, context);
    if context.problems.iter().count() == before {
        whole(world, runs, context);
    }
    for service in &world.services {
        queue(service, world, context);
    }
}

/// What all of it comes to, if no population by itself is too large.
fn whole(world: &WorldPlan, runs: Option<u64>, context: &mut Context<'_>) {
    let Cost { events, seconds, bytes, .. } = cost(world);
    let place = context.root.get("duration").map_or(context.root.place, |duration| duration.place);
    let all = seconds * runs.unwrap_or(1) as f64;
    if all >= LONG {
        let runs = runs.map_or_else(String::new, |runs| format!(", in {runs} runs"));
        let millions = events / 1e6;
        let message =
            format!("a run takes about {millions:.0} million events{runs}: some {:.0} minutes on one core", all / 60.0);
        let help = "shorten it, lower rates and servers together, or run fewer seeds";
        context.problems.push(doubt("FD0516", place, message, help));
    }
    if bytes >= LARGE {
        let message = format!("a run takes about {:.1} GB of memory", bytes / 1e9);
        let help = "shorten it, or lower rates and servers together: what is under way at once takes the memory";
        context.problems.push(doubt("FD0516", place, message, help));
    }
}

fn requests(world: &WorldPlan, context: &mut Context<'_>) {
    for workload in &world.workloads {
        let Some(rate) = mean(workload, world.duration) else { continue };
        let requests = rate * world.duration.as_secs_f64();
        if requests >= MANY {
            let place = context.scope.place(Referent::Workload, &workload.name).unwrap_or(context.root.place);
            let message = format!(
                "workload `{}` sends about {:.0} million requests in {}, which takes hours to simulate",
                workload.name,
                requests / 1e6,
                world.duration
            );
            let help = "lower the rate and the number of servers together: shares and waits stay about the same from a \
                        few hundred servers up";
            context.problems.push(doubt("FD0516", place, message, help));
        }
    }
}

pub(in crate::scenario) fn per_second(rate: Rate) -> f64 {
    // Rates count in events per million days.
    rate.per_million_days() as f64 / 86_400e6
}

/// The greatest short-term average rate of a population; `None` if it is not known before the run.
pub(super) fn peak(workload: &WorkloadPlan, duration: Span) -> Option<f64> {
    match &workload.arrivals {
        Arrivals::Poisson(rate) | Arrivals::Constant(rate) => Some(per_second(*rate)),
        Arrivals::Diurnal(Diurnal { base, peak, .. }) => Some(per_second(*base) * peak.as_f64().max(1.0)),
        Arrivals::Bursts(bursts) => Some(per_second(bursts.base) * bursts.factor.as_f64().max(1.0)),
        Arrivals::Steps(_, steps) => steps.iter().map(|(_, rate)| per_second(*rate)).reduce(f64::max),
        Arrivals::Trace(..) => None,
        Arrivals::Closed(closed) => {
            let think = closed.think.mean().filter(|think| *think > 0.0)?.min(duration.as_secs_f64());
            // They all may come at once.
            Some(f64::from(closed.users) / think.min(1.0))
        }
    }
}

/// The mean rate of a population over the workload, or a little more.
pub(in crate::scenario) fn mean(workload: &WorkloadPlan, duration: Span) -> Option<f64> {
    match &workload.arrivals {
        Arrivals::Diurnal(Diurnal { base, peak, .. }) => Some(per_second(*base) * (1.0 + peak.as_f64()) / 2.0),
        Arrivals::Bursts(bursts) => {
            let (lasts, every) = (bursts.lasts.mean()?, bursts.every.mean()?.max(1e-9));
            Some(per_second(bursts.base) * (1.0 + (bursts.factor.as_f64() - 1.0).max(0.0) * (lasts / every).min(1.0)))
        }
        Arrivals::Trace(_, trace) if trace.kind == TraceKind::Requests => {
            Some(trace.rows as f64 / duration.as_secs_f64().max(1e-9))
        }
        Arrivals::Closed(closed) => {
            let think = closed.think.mean().filter(|think| *think > 0.0)?;
            Some(f64::from(closed.users) / think)
        }
        _ => peak(workload, duration),
    }
}

/// A bounded queue whose last place is further back than any client waits bounds nothing.
fn queue(service: &ServicePlan, world: &WorldPlan, context: &mut Context<'_>) {
    let (Some(places), None) = (service.queue, service.shed_after) else { return };
    let (Some(work), true) = (service.mean_work(), service.servers > 0) else { return };
    let callers = world.workloads.iter().filter(|workload| workload.services().any(|name| name == service.name));
    let Some(patience) = callers.map(patience).max() else { return };
    let wait = f64::from(places) * work / f64::from(service.servers);
    if wait <= patience.as_secs_f64() {
        return;
    }
    let region = &world.regions[service.region.index()].name;
    let place = context.scope.place(Referent::Service, &service.name).unwrap_or(context.root.place);
    let fits = patience.as_secs_f64() * f64::from(service.servers) / work;
    let message = format!(
        "the last of {places} in the queue of `{}` in `{region}` waits about {wait:.0} s, but no client waits longer \
         than {patience}, retries included: once it is full, servers work for clients that have given up",
        service.name
    );
    let help = format!("set `queue` to {fits:.0} or less, or set `shed_after`");
    context.problems.push(doubt("FD0517", place, message, help));
}

/// The longest that a client of the population waits for an answer, over all its attempts.
fn patience(workload: &WorkloadPlan) -> Span {
    let mut total = workload.timeout;
    for retry in 0..workload.retries {
        let wait = workload.backoff.wait(retry, u64::MAX);
        total = total.saturating_add(workload.timeout).saturating_add(wait);
    }
    total.min(Span::from_nanos(u64::MAX / 2)).max(Span::from_nanos(1))
}
