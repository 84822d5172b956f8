//! What a run costs: about how many events it takes, how long that is, and how much memory.
//!
//! Owns the estimate and the figures it was fitted to. Does not know what will go wrong: clients who try again, and users
//! whose requests come faster because they fail, come on top. Invariant: it only adds what the plan says, and never runs
//! anything.

use super::section::doubts::{mean_rate, per_second};
use crate::model::plan::{Arrivals, Diurnal, LoadTrace, TraceKind, WorkloadPlan, WorldPlan};
use crate::units::{Instant, Rate, ServiceId};
use std::io::BufRead;

/// Events of a request that one service answers: it is sent, worked on, and answered. Counted in runs.
const OF_A_REQUEST: f64 = 3.0;
/// Events for each further service that works on it, and for a database or bucket that it reaches. Counted in runs.
const OF_A_STATION: f64 = 1.0;
/// Events of every second of the run, whatever clients do: scrapes, checks and caches of names. Counted in runs.
const OF_A_SECOND: f64 = 0.1;
/// Events that one core takes in a second, in a release build: half of what a machine of 2024 does with the least of models.
const PER_SECOND: f64 = 5e6;
/// What a second of the run costs beside its events, in seconds: some hundred figures are recorded. Measured as above.
const SECOND_OF_RUN: f64 = 6e-6;
/// Bytes that every run takes, that each second of it leaves recorded, and that a request takes while it is under way.
/// Measured in runs of ten days, and of eighty thousand requests at once.
const BYTES: (f64, f64, f64) = (15e6, 120.0, 250.0);
/// Services on the way of a request that are looked at: calls may not be circular, but they can fan out.
const MOST_STATIONS: usize = 1_000;

/// About what one run costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Requests of clients.
    pub requests: f64,
    /// Kernel events.
    pub events: f64,
    /// Seconds on one core, in a release build.
    pub seconds: f64,
    /// Bytes of memory.
    pub bytes: f64,
}

impl Cost {
    /// The same with those who keep so many bytes of each request.
    #[must_use]
    pub fn watched(self, bytes_of_a_request: u64) -> Self {
        Self { bytes: self.bytes + self.requests * bytes_of_a_request as f64, ..self }
    }
}

/// What a run of `world` costs if nothing goes wrong.
pub fn cost(world: &WorldPlan) -> Cost {
    let length = world.duration.as_secs_f64();
    let (mut events, mut under_way, mut requests) = (OF_A_SECOND * length, 0.0, 0.0);
    for workload in &world.workloads {
        let (stations, takes) = way(workload, world);
        let rate = rate(workload, takes, world);
        requests += rate * length;
        events += rate * length * (OF_A_REQUEST + OF_A_STATION * (stations - 1.0));
        under_way += rate * takes.min(workload.timeout.as_secs_f64());
    }
    let (fixed, of_a_second, of_a_request) = BYTES;
    Cost {
        requests,
        events,
        seconds: events / PER_SECOND + length * SECOND_OF_RUN,
        bytes: fixed + length * of_a_second + under_way * of_a_request,
    }
}

/// Requests a second. Users who wait for an answer come again only once they have it.
fn rate(workload: &WorkloadPlan, takes: f64, world: &WorldPlan) -> f64 {
    let length = world.duration.as_secs_f64();
    let closed = match &workload.arrivals {
        Arrivals::Closed(closed) => closed,
        Arrivals::Diurnal(day) => return of_a_day(day, length),
        Arrivals::Steps(_, steps) => return of_steps(steps, length),
        Arrivals::Trace(_, trace) if trace.kind == TraceKind::Rates => return of_rows(trace, length),
        _ => return mean_rate(workload, world.duration).unwrap_or(0.0),
    };
    let thinks = closed.lease.map_or_else(|| closed.think.mean().unwrap_or(0.0), |lease| lease.every.as_secs_f64());
    let between = workload.journey.iter().map(|step| step.think.mean().unwrap_or(0.0));
    // After the last step users think as they do after a journey.
    let between: f64 = between.take(workload.journey.len().saturating_sub(1)).sum();
    let requests = workload.journey.len().max(1) as f64;
    let cycle = thinks + between + requests * takes;
    f64::from(closed.users) * requests / cycle.max(1e-6)
}

/// The mean of a daily curve over the hours of the run.
fn of_a_day(day: &Diurnal, length: f64) -> f64 {
    let angle = |seconds: f64| std::f64::consts::TAU * seconds / 86_400.0;
    let from = angle(day.starts_at.as_secs_f64() - day.peak_at.as_secs_f64());
    let to = from + angle(length);
    let cosine = (libm::sin(to) - libm::sin(from)) / (to - from).max(1e-9);
    per_second(day.base) * (1.0 + (day.peak.as_f64() - 1.0) * (1.0 + cosine) / 2.0)
}

/// The mean of rates that change at known instants.
fn of_steps(steps: &[(Instant, Rate)], length: f64) -> f64 {
    let rates = steps.iter().map(|(at, rate)| (at.since(Instant::ZERO).as_secs_f64(), per_second(*rate)));
    mean_of(rates, length)
}

/// The mean of rates that were recorded; of what cannot be read, none.
fn of_rows(trace: &LoadTrace, length: f64) -> f64 {
    let Ok(rows) = trace.source.open() else { return 0.0 };
    let origin = if trace.from_first_row { trace.first.since(Instant::ZERO).as_secs_f64() } else { 0.0 };
    let row = |line: std::io::Result<String>| {
        let line = line.ok()?;
        let (time, rate) = line.split_once(',')?;
        Some((time.trim().parse::<f64>().ok()? - origin, rate.trim().parse::<f64>().ok()?))
    };
    mean_of(rows.lines().filter_map(row), length)
}

/// The mean over `length` seconds of rates, each of which holds from its time to that of the next.
fn mean_of(rates: impl Iterator<Item = (f64, f64)>, length: f64) -> f64 {
    let (mut all, mut since, mut rate) = (0.0, 0.0, 0.0);
    for (at, next) in rates.chain([(length, 0.0)]) {
        let at = at.clamp(since, length);
        all += rate * (at - since);
        (since, rate) = (at, next);
    }
    all / length.max(1e-9)
}

/// How many services and stores work on a request, on average over the requests of a journey, and how long they take.
fn way(workload: &WorkloadPlan, world: &WorldPlan) -> (f64, f64) {
    let entries: Vec<(f64, f64)> = workload.services().filter_map(|name| from(name, world)).collect();
    let count = entries.len().max(1) as f64;
    let (stations, takes) = entries.iter().fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
    ((stations / count).max(1.0), takes / count)
}

/// The same of requests that enter at the service called `name`, in the first region that has it.
fn from(name: &str, world: &WorldPlan) -> Option<(f64, f64)> {
    let entry = world.services.iter().position(|service| service.name == name)?;
    let region = world.services[entry].region;
    let there_and_back = 2.0 * world.network.clients[region.index()].latency.mean().unwrap_or(0.0);
    let mut ahead: Vec<ServiceId> = vec![ServiceId(u16::try_from(entry).ok()?)];
    let (mut stations, mut takes) = (0.0, there_and_back);
    let mut seen = 0;
    while let Some(at) = ahead.pop().filter(|_| seen < MOST_STATIONS) {
        let service = &world.services[at.index()];
        seen += 1;
        let stores = u8::try_from(service.databases().count()).unwrap_or(u8::MAX) + u8::from(service.bucket.is_some());
        stations += 1.0 + f64::from(stores);
        takes += service.time.mean().unwrap_or(0.0);
        ahead.extend(service.called());
    }
    Some((stations, takes))
}
