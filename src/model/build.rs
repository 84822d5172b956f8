//! The parts of a world, built from the plan.
//!
//! Invariant: the same plan and seed build the same parts; lanes are numbered in the plan's order.

use super::Event;
use super::clients::population::{Population, PopulationLanes, Way};
use super::clients::request::NO_CLASS;
use super::data::database::Database;
use super::names::dns::{Resolvers, Stubs};
use super::plan::{self, ServicePlan, WorldPlan};
use super::platform::cache::Cache;
use super::platform::service::{Station, Step, layers, route};
use crate::kernel::{Kernel, Law, Streams};
use crate::units::{Instant, RegionId, ServiceId, Span};

/// Constant delays that get a lane of their own; the rest goes through the queue.
const DELAY_LANES_MAX: usize = 12;

pub(super) fn stations(plan: &WorldPlan, streams: &Streams) -> Vec<Station> {
    let station = |(index, service): (u16, &plan::ServicePlan)| {
        let region = &plan.regions[service.region.index()];
        let mut station = Station::new(service, &region.name, region.zones, streams);
        station.route = route(&plan.services, ServiceId(index));
        station.layers = layers(&plan.services, ServiceId(index));
        station.cache = cache(service, plan, region, streams);
        station
    };
    (0..).zip(&plan.services).map(station).collect()
}

fn cache(service: &ServicePlan, plan: &WorldPlan, region: &plan::RegionPlan, streams: &Streams) -> Option<Cache> {
    let stream = streams.stream(&format!("service/{}/{}", region.name, service.name), "cache");
    service.cache.as_ref().map(|cache| Cache::new(cache, key_count(plan), stream))
}

/// The most keys that any clients use.
fn key_count(plan: &WorldPlan) -> u32 {
    let keys = |workload: &plan::WorkloadPlan| match workload.keys {
        plan::Keys::Uniform { count } | plan::Keys::Zipf { count, .. } => count,
    };
    plan.workloads.iter().map(keys).max().unwrap_or(1)
}

pub(super) fn databases(plan: &WorldPlan) -> Vec<Database> {
    let keys = key_count(plan);
    let name_of = |id: RegionId| plan.regions[id.index()].name.clone();
    plan.databases.iter().map(|d| Database::new(d, keys, plan.regions.len(), name_of)).collect()
}

pub(super) fn populations(
    plan: &WorldPlan,
    resolvers: &Resolvers,
    streams: &Streams,
    kernel: &mut Kernel<Event>,
) -> Vec<Population> {
    let end = Instant::ZERO.saturating_add(plan.duration);
    let population = |(index, workload): (u16, &plan::WorkloadPlan)| {
        let ways = match workload.journey.as_slice() {
            [] => vec![way(plan, workload, &workload.service, None)],
            steps => steps.iter().map(|step| way(plan, workload, &step.service, Some(step.write))).collect(),
        };
        let lanes = PopulationLanes {
            arrivals: kernel.lane(),
            timeouts: kernel.lane(),
            hedges: workload.hedge.map(|_| kernel.lane()),
        };
        let stubs = Stubs::new(index, workload, &plan.dns, (resolvers, plan.resolvers.ages), streams);
        Population::new(index, workload, ways, lanes, end, (stubs, streams))
    };
    (0..).zip(&plan.workloads).map(population).collect()
}

/// Where requests for `service` go, by region.
fn way(plan: &WorldPlan, workload: &plan::WorkloadPlan, service: &str, write: Option<bool>) -> Way {
    let entry = |region: &plan::RegionPlan| {
        region.services.iter().copied().find(|id| plan.services[id.index()].name == service)
    };
    let entries: Vec<Option<ServiceId>> = plan.regions.iter().map(entry).collect();
    let steps = entries.iter().flatten().flat_map(|entry| route(&plan.services, *entry));
    let databases = steps.filter_map(|step| match step {
        Step::Database(database) => Some(database),
        Step::Service(_) | Step::Cache { .. } => None,
    });
    let database = databases.min();
    let class = |kind: &str| {
        let name = format!("{}.{service}.{kind}", workload.name);
        let found = plan.objective.classes.iter().position(|class| class.name == name);
        found.and_then(|index| u16::try_from(index).ok()).unwrap_or(NO_CLASS)
    };
    Way { entries, database, write, classes: [class("read"), class("write")] }
}

/// The first constant delays of the plan: each gets a lane of its own.
pub(super) fn constant_delays(plan: &WorldPlan) -> Vec<Span> {
    let links = plan.network.clients.iter().chain(&plan.network.regions);
    let latencies = links.filter_map(|link| match link.latency {
        Law::Constant(span) => Some(span),
        _ => None,
    });
    let times = plan.databases.iter().flat_map(|d| {
        let feeds = d.replicas.iter().map(|r| r.feed).chain([d.primary_follows]);
        let replicated = feeds.map(|feed| d.commit_time + feed.delay);
        [d.commit_time, d.read_time, d.call_timeout].into_iter().chain(replicated)
    });
    let mut delays: Vec<Span> = latencies.chain(times).filter(|span| *span != Span::ZERO).collect();
    delays.sort_unstable();
    delays.dedup();
    delays.truncate(DELAY_LANES_MAX);
    delays
}
