//! The parts of a world, built from the plan.
//!
//! Invariant: the same plan and seed build the same parts; lanes are numbered in the plan's order.

use super::clients::population::{Population, PopulationLanes, Way};
use super::clients::request::NO_CLASS;
use super::core::held::Held;
use super::data::database::Database;
use super::names::dns::{Resolvers, Stubs};
use super::observe::meter::Meter;
use super::observe::tally::{ServiceGauges, Shown};
use super::plan::{self, ProviderPlan, ServicePlan, WorldPlan};
use super::platform::cache::Cache;
use super::platform::rate_limit::Limiter;
use super::platform::service::{Station, Step, layers, route};
use super::{BackupGauges, DatabaseGauges, Event, Provider, Region, StateGauges};
use crate::kernel::{Kernel, LaneId, Law, Stream, Streams};
use crate::record::{SignalUnit, View};
use crate::units::{Instant, Ratio, RegionId, ServiceId, Span};

/// Constant delays that get a lane of their own; the rest goes through the queue.
const DELAY_LANES_MAX: usize = 12;

pub(super) fn region(plan: &plan::RegionPlan) -> Region {
    Region { name: plan.name.clone(), provider: plan.provider, dark: Held::default(), cut_off: Held::default() }
}

pub(super) fn provider(plan: &ProviderPlan, streams: &Streams) -> Provider {
    let stream = streams.stream(&format!("provider/{}", plan.name), "errors");
    let is_gate = plan.limit.is_some() || plan.errors != Ratio::ZERO;
    Provider { is_gate, errors: plan.errors, stream, limiter: plan.limit.as_ref().map(Limiter::new), limited: 0 }
}

/// Which operations a fault touches, and how long what it does takes.
pub(super) fn fault_streams(id: &str, streams: &Streams) -> (Stream, Stream) {
    let stream = |purpose| streams.stream(&format!("fault/{id}"), purpose);
    (stream("touched"), stream("lengths"))
}

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

/// One lane for each of the first constant delays of the plan.
pub(super) fn delay_lanes(plan: &WorldPlan, kernel: &mut Kernel<Event>) -> Vec<(Span, LaneId)> {
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
    delays.into_iter().map(|delay| (delay, kernel.lane())).collect()
}

pub(super) fn state_gauges(plan: &WorldPlan, meter: &mut Meter) -> StateGauges {
    let of = |service: &plan::ServicePlan| format!("{}.{}", plan.regions[service.region.index()].name, service.name);
    let shown = |s: &plan::ServicePlan| Shown {
        overdue: s.wait_target.is_some(),
        limited: s.limit.is_some(),
        cache: s.cache.is_some(),
    };
    let services = plan.services.iter().map(|s| ServiceGauges::new(&of(s), shown(s), meter)).collect();
    let mut truth = |name: String, unit| meter.gauge(name, unit, View::Truth);
    let databases = plan.databases.iter().map(|d| {
        let synchronous = d.commit == plan::Commit::Synchronous;
        DatabaseGauges {
            lag: truth(format!("db.{}.lag", d.name), SignalUnit::Nanoseconds),
            backlog: truth(format!("db.{}.backlog", d.name), SignalUnit::Count),
            writable: truth(format!("db.{}.writable", d.name), SignalUnit::Count),
            degraded: synchronous.then(|| truth(format!("db.{}.degraded", d.name), SignalUnit::Count)),
            backups: d.backups.as_ref().map(|_| BackupGauges {
                age: truth(format!("db.{}.backup_age", d.name), SignalUnit::Nanoseconds),
                restorable: truth(format!("db.{}.restorable_age", d.name), SignalUnit::Nanoseconds),
                restored: truth(format!("db.{}.restored_share", d.name), SignalUnit::Ratio),
            }),
        }
    });
    let databases = databases.collect();
    let regions = plan.regions.iter().map(|r| truth(format!("region.{}.up", r.name), SignalUnit::Count)).collect();
    let limited =
        |p: &ProviderPlan| p.limit.map(|_| truth(format!("provider.{}.limited", p.name), SignalUnit::PerSecond));
    let limited = plan.providers.iter().map(limited).collect();
    let dns = plan.regions.iter().map(|r| truth(format!("dns.share.{}", r.name), SignalUnit::Ratio)).collect();
    let drills = plan.controllers.iter().any(|controller| controller.drill);
    let touched = drills.then(|| truth("drill.touched_writes".to_owned(), SignalUnit::Count));
    let mut seen = |name: String, unit| meter.gauge(name, unit, View::Control);
    let seen: Vec<_> = plan
        .services
        .iter()
        .map(|s| {
            let name = of(s);
            (
                seen(format!("seen.{name}.errors"), SignalUnit::Ratio),
                seen(format!("seen.{name}.up"), SignalUnit::Count),
                seen(format!("seen.{name}.p95"), SignalUnit::Nanoseconds),
            )
        })
        .collect();
    let mut truth = |name: String, unit| meter.gauge(name, unit, View::Truth);
    let leases = plan.workloads.iter().map(|workload| match &workload.arrivals {
        plan::Arrivals::Closed(plan::Closed { lease: Some(_), .. }) => Some((
            truth(format!("leases.{}.held", workload.name), SignalUnit::Count),
            truth(format!("leases.{}.out", workload.name), SignalUnit::Ratio),
        )),
        _ => None,
    });
    let leases = leases.collect();
    let believers = vec![0; plan.regions.len()];
    StateGauges { services, regions, limited, databases, dns, leases, believers, touched, seen }
}
