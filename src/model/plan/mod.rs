//! The simulated world as the scenario describes it, with nothing optional left to guess.
//!
//! Owns plain data only. Does not know files, defaults and their sources: the scenario language fills it in.
//!
//! Invariant: every identifier points into the list it names; a checked scenario guarantees it.

mod arrivals;
mod backups;
mod control;
mod database;
mod elastic;
mod health;
mod names;
mod network;
mod objects;
mod route;
mod service;
mod trace;
mod workload;

pub use arrivals::{Arrivals, Bursts, Closed, Diurnal, JourneyStep, LeasePlan, Spacing};
pub use backups::BackupPlan;
pub use control::{ControlPlanePlan, ControllerPlan, Interface, MonitoringPlan, Need, NotificationPlan, PersonPlan};
pub use database::{AckCount, AckRule, Commit, DatabasePlan, Feed, Fencing, LogSpace, ReplicaPlan};
pub use elastic::{AutoscalePlan, CachePlan, CountDistribution, FleetPlan, GenerationPlan, LimitPlan, RetryAfter};
pub use health::{ActivePlan, ChecksPlan, HealthRule, PassivePlan, ProbeKind};
pub use names::{
    Ages, BalancerPlan, ChangePlan, DnsPlan, FailoverPlan, FallbackPlan, PassesOn, PlanningPlan, RecordPlan, Refresh,
    ResolverPlan, Target,
};
pub use network::{LinkPlan, NetworkPlan};
pub use objects::BucketPlan;
pub use route::{Layer, LegRule, MOST_PLACES, RouteStep, is_wide, layers, lengths, regions, route};
pub use service::{ChoicePlan, DualWritePlan, ProviderPlan, Reads, RegionPlan, Role, ServicePlan, WarmUp};
pub use trace::{Gaps, LoadTrace, Readable, TraceKind};
pub use workload::{Beyond, Keys, ObeysPlan, WorkloadPlan};

use crate::record::Objective;
use crate::units::{DatabaseId, Instant, Ratio, ServiceId, Span};
use std::collections::BTreeSet;

/// A window in which an interruption is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaintenancePlan {
    /// From one instant to another.
    Window(Instant, Instant),
    /// Every run of the procedure of that name, and as long after it as service must be stable.
    During(String),
}

/// The whole world of one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldPlan {
    /// How long clients send requests.
    pub duration: Span,
    /// How long the run may continue after that, with every fault healed, to let things settle.
    pub settle: Span,
    /// Events due at the same instant in the same class: in order of scheduling, or shuffled by the seed.
    pub tie_break_seeded: bool,
    /// What its users are promised, class by class, and altogether.
    pub objective: Objective,
    /// When an interruption is planned.
    pub maintenance: Vec<MaintenancePlan>,
    /// Providers, in the file's order.
    pub providers: Vec<ProviderPlan>,
    /// Regions, in the file's order.
    pub regions: Vec<RegionPlan>,
    /// Every service of every region: regions in order, services of a region in order.
    pub services: Vec<ServicePlan>,
    /// Databases, in the file's order.
    pub databases: Vec<DatabasePlan>,
    /// Buckets, in the file's order.
    pub buckets: Vec<BucketPlan>,
    /// Latency and loss between places.
    pub network: NetworkPlan,
    /// The zone's records and its control API.
    pub dns: DnsPlan,
    /// The resolvers between clients and the zone.
    pub resolvers: ResolverPlan,
    /// The global load balancer, if clients are sent through one.
    pub balancer: Option<BalancerPlan>,
    /// Scraping, windows and delivery.
    pub monitoring: MonitoringPlan,
    /// Notification channels.
    pub notification: NotificationPlan,
    /// Those who can be paged and asked, in the file's order.
    pub people: Vec<PersonPlan>,
    /// The control ports' own behaviour.
    pub control: ControlPlanePlan,
    /// What acts, in the file's order.
    pub controllers: Vec<ControllerPlan>,
    /// Populations of clients, in the file's order.
    pub workloads: Vec<WorkloadPlan>,
}

impl WorldPlan {
    /// By controller: the one whose lease and journal it uses, which is the first of those that name the same lease, or
    /// itself.
    pub fn leases(&self) -> Vec<u16> {
        let all = || (0..).zip(&self.controllers);
        let first = |name: &str| all().find(|(_, other)| other.lease.as_deref() == Some(name)).map(|(index, _)| index);
        all().map(|(index, own)| own.lease.as_deref().and_then(first).unwrap_or(index)).collect()
    }

    /// The most keys that any clients use.
    pub fn key_count(&self) -> u32 {
        let keys = |workload: &WorkloadPlan| match workload.keys {
            Keys::Uniform { count } | Keys::Zipf { count, .. } => count,
        };
        self.workloads.iter().map(keys).max().unwrap_or(1)
    }

    /// The rate limits that requests to `service` meet: its own, and that of its provider.
    pub fn limits_of<'p>(&'p self, service: &'p ServicePlan) -> impl Iterator<Item = &'p LimitPlan> {
        let provider = &self.providers[self.regions[service.region.index()].provider.index()];
        service.limit.iter().chain(&provider.limit)
    }

    /// Whether requests that enter at `service` reach something that keeps data by key: then they have a key, and may write.
    pub fn keeps_data_behind(&self, service: ServiceId) -> bool {
        let plan = &self.services[service.index()];
        let behind = || plan.called().any(|call| self.keeps_data_behind(call));
        plan.bucket.is_some() || plan.database.is_some() || behind()
    }

    /// The names of the databases that requests reach which enter at `service`.
    pub fn databases_behind(&self, service: ServiceId) -> Vec<String> {
        let reached = self.reached_databases(service).into_iter();
        let mut names: Vec<String> = reached.map(|database| self.databases[database.index()].name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Pairs of databases that the same writes go to, the one that is read first, each once.
    pub fn dual_writes(&self) -> BTreeSet<(DatabaseId, DatabaseId)> {
        let of = |service: &ServicePlan| {
            let mut all = service.databases();
            let first = all.next();
            all.filter_map(move |other| Some((first?, other))).collect::<Vec<_>>()
        };
        self.services.iter().flat_map(of).collect()
    }

    /// Databases that the writes of a service come to one or the other of, by chance or by what failed: those behind services
    /// that it chooses from request by request, and behind those of which it asks the first that does not fail.
    pub fn scattered_by(&self, service: &ServicePlan) -> Vec<(DatabaseId, DatabaseId)> {
        let arms = |choice: &ChoicePlan| {
            let shares = choice.shares.iter().filter(|(_, share)| *share != Ratio::ZERO && !choice.by_key);
            shares.map(|(arm, _)| *arm).collect::<Vec<_>>()
        };
        let ways = [service.choice.as_ref().map(arms).unwrap_or_default(), service.first_of.clone()];
        let mut found = Vec::new();
        for ways in ways {
            let behind: Vec<Vec<DatabaseId>> = ways.iter().map(|way| self.reached_databases(*way)).collect();
            let keeping: Vec<&Vec<DatabaseId>> = behind.iter().filter(|databases| !databases.is_empty()).collect();
            for (at, first) in keeping.iter().enumerate() {
                for second in &keeping[at + 1..] {
                    let only = |of: &[DatabaseId], not: &[DatabaseId]| of.iter().copied().find(|id| !not.contains(id));
                    found.extend(only(first, second).zip(only(second, first)));
                }
            }
        }
        found
    }

    /// Pairs of databases that are compared row by row, each second one beside one first: those of dual writes, and those that
    /// the same writes may come to one or the other of, both ways.
    pub fn compared_databases(&self) -> BTreeSet<(DatabaseId, DatabaseId)> {
        let mut pairs = self.dual_writes();
        let mut seconds: BTreeSet<DatabaseId> = pairs.iter().map(|(_, second)| *second).collect();
        for (one, other) in self.services.iter().flat_map(|service| self.scattered_by(service)) {
            pairs.extend([(one, other), (other, one)].into_iter().filter(|(_, second)| seconds.insert(*second)));
        }
        pairs
    }

    /// The databases that requests reach which enter at `service`, its own and those of all it calls, in order and once each.
    pub fn reached_databases(&self, service: ServiceId) -> Vec<DatabaseId> {
        let steps = route(&self.services, service).into_iter();
        let mut reached: Vec<DatabaseId> = steps
            .filter_map(|step| match step {
                RouteStep::Database(database) => Some(database),
                _ => None,
            })
            .collect();
        reached.sort_unstable();
        reached.dedup();
        reached
    }
}
