//! The simulated world as the scenario describes it, with nothing optional left to guess.
//!
//! Owns plain data only. Refuses to know files, defaults and their sources: the scenario language fills it in.
//!
//! Invariant: every identifier points into the list it names; a checked scenario guarantees it.

use crate::kernel::Law;
use crate::policy::Backoff;
use crate::units::{DatabaseId, NameId, ProviderId, Rate, Ratio, RegionId, ServiceId, Span};

/// The whole world of one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldPlan {
    /// How long clients send requests.
    pub duration: Span,
    /// How long, at most, the run may go on after that, with every fault healed, to let things settle.
    pub settle: Span,
    /// Events due at the same instant in the same class: in order of scheduling, or shuffled by the seed.
    pub tie_break_seeded: bool,
    /// The success ratio a one-second slot needs to count as available.
    pub availability_objective: Ratio,
    /// Providers, in the file's order.
    pub providers: Vec<ProviderPlan>,
    /// Regions, in the file's order.
    pub regions: Vec<RegionPlan>,
    /// Every service of every region: regions in order, services of a region in order.
    pub services: Vec<ServicePlan>,
    /// Databases, in the file's order.
    pub databases: Vec<DatabasePlan>,
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
    /// Where controllers write down what they do.
    pub journal: JournalPlan,
    /// What acts, in the file's order.
    pub controllers: Vec<ControllerPlan>,
    /// Populations of clients, in the file's order.
    pub workloads: Vec<WorkloadPlan>,
}

/// A provider: what all its regions share.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderPlan {
    /// Its name.
    pub name: String,
    /// The share of requests it fails outside incidents.
    pub errors: Ratio,
}

/// What a region is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Serves from the start.
    Primary,
    /// Takes over.
    Secondary,
}

/// A region.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionPlan {
    /// Its name.
    pub name: String,
    /// Its provider.
    pub provider: ProviderId,
    /// What it is for.
    pub role: Role,
    /// The zones its servers are spread over.
    pub zones: u32,
    /// Its services.
    pub services: Vec<ServiceId>,
}

/// How a service gets going once it begins to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarmUp {
    /// How long it takes until it is warm.
    pub over: Span,
    /// How much longer its work takes at first: 300 % is three times as long.
    pub factor: Ratio,
}

/// A service in one region: `servers` servers behind one first-in-first-out queue.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePlan {
    /// Its name, the same in every region.
    pub name: String,
    /// Its region.
    pub region: RegionId,
    /// Requests it can work on at once when active.
    pub servers: u32,
    /// Requests that may wait for a server; one more is refused at once. `None`: without bound.
    pub queue: Option<u32>,
    /// How long a server works on one request.
    pub time: Law,
    /// How it gets going once it was activated, or its region is back; `None`: it is warm at once.
    pub warm_up: Option<WarmUp>,
    /// A request that came into the region longer ago than this is refused when its turn comes; `None`: none is.
    pub shed_after: Option<Span>,
    /// Whether it works on waiting requests whose client has given up, because it does not notice.
    pub works_abandoned: bool,
    /// The share of requests it fails by itself.
    pub errors: Ratio,
    /// Services of the same region called, one after the other, once its own work is done.
    pub calls: Vec<ServiceId>,
    /// The database its requests read and write, after its own work and calls.
    pub database: Option<DatabaseId>,
    /// Whether it serves from the start; a standby refuses until activated.
    pub active: bool,
    /// How long activation takes.
    pub activation: Span,
}

/// When a database acknowledges a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// Once its own log is durable.
    Asynchronous,
    /// Once, besides, at least one replica has it durably.
    Synchronous,
}

/// What keeps a copy that has lost its authority from acknowledging writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fencing {
    /// Every commit checks the epoch at shared quorum storage, wherever the copy is.
    Storage,
    /// The authority holds a lease of this length, which it renews as long as it can; it stops when that runs out.
    Lease(Span),
    /// Nothing but being told.
    None,
}

/// A database and its copies.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabasePlan {
    /// Its name.
    pub name: String,
    /// The region of the copy that is the authority at the start.
    pub primary: RegionId,
    /// The other copies.
    pub replicas: Vec<ReplicaPlan>,
    /// The zone, from 1, of each copy that lies in a single one of its region.
    pub zones: Vec<(RegionId, u32)>,
    /// When a write is acknowledged.
    pub commit: Commit,
    /// From a write entering the log to its being durable and visible on the copy that took it.
    pub commit_time: Span,
    /// How long a read takes.
    pub read_time: Span,
    /// How long a promotion takes, besides applying what was received.
    pub promote_time: Span,
    /// What keeps a copy that has lost its authority from acknowledging writes.
    pub fencing: Fencing,
    /// How long it takes to copy the authority's data to a copy that is rebuilt, besides catching up.
    pub rebuild_time: Span,
    /// How long a service waits for an answer before it answers its own caller with an error.
    pub call_timeout: Span,
}

/// One replica.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaPlan {
    /// Its region.
    pub region: RegionId,
    /// From a record being durable on the authority to its being durable on the replica.
    pub delay: Span,
    /// Records it applies per second. `None`: as fast as they come.
    pub apply_rate: Option<Rate>,
}

/// Latency and loss between places.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkPlan {
    /// One-way latency between clients and each region, by region.
    pub clients: Vec<LinkPlan>,
    /// Between two regions, by `first * regions + second`.
    pub regions: Vec<LinkPlan>,
}

/// One direction of one link.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkPlan {
    /// One-way latency.
    pub latency: Law,
    /// The share of messages lost.
    pub loss: Ratio,
}

/// What a DNS record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A region's own address.
    Region(RegionId),
    /// The global load balancer.
    Balancer,
}

/// The zone.
#[derive(Debug, Clone, PartialEq)]
pub struct DnsPlan {
    /// How long a cache may keep an answer.
    pub ttl: Span,
    /// From an accepted change to all authoritative servers answering it.
    pub publish: Span,
    /// Its records.
    pub records: Vec<RecordPlan>,
}

/// One DNS record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPlan {
    /// The name clients ask for.
    pub name: String,
    /// What it names at the start.
    pub target: Target,
}

/// When a cache asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// When a client asks and the answer has expired.
    OnDemand,
    /// At the very instant of expiry, asked or not.
    Prefetch,
}

/// The resolvers between clients and the zone.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolverPlan {
    /// How many caching resolvers there are; clients are spread over them. Zero: clients ask the zone directly.
    pub count: u32,
    /// The share that keeps answers for longer than the zone says.
    pub violators: Ratio,
    /// How long a violator keeps an answer.
    pub violator_ttl: Span,
}

/// The global load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct BalancerPlan {
    /// The share of each region at the start.
    pub weights: Vec<(RegionId, Ratio)>,
    /// From an accepted change to its being in force.
    pub apply: Span,
    /// How often each region is probed; `None`: never, so that a dead region keeps its share.
    pub check_every: Option<Span>,
    /// Failed probes in a row until a region gets nothing.
    pub unhealthy_after: u32,
    /// Successful probes in a row until it gets its share again.
    pub healthy_after: u32,
}

/// Monitoring.
#[derive(Debug, Clone, PartialEq)]
pub struct MonitoringPlan {
    /// How often every service is scraped.
    pub scrape: Span,
    /// Over which time rates and quantiles are taken.
    pub window: Span,
    /// From a scrape to its being readable.
    pub delay: Span,
    /// The region it fails with; `None`: none.
    pub place: Option<RegionId>,
}

/// Notification channels.
#[derive(Debug, Clone, PartialEq)]
pub struct NotificationPlan {
    /// From acceptance to delivery.
    pub delay: Span,
    /// The region it fails with; `None`: none.
    pub place: Option<RegionId>,
}

/// Somebody who can be paged and asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonPlan {
    /// Their name.
    pub name: String,
    /// The share of pages they notice; to the rest they never respond.
    pub availability: Ratio,
    /// From a page reaching them to their acknowledging it.
    pub acknowledge: Law,
    /// From there, or from the question if that comes later, to an answer.
    pub decide: Law,
    /// The share of questions they answer with yes.
    pub approves: Ratio,
    /// What they say with a no.
    pub reason: String,
}

/// How the control logic reaches the world.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlPlanePlan {
    /// One-way latency of a control call.
    pub latency: Span,
    /// How long a control call waits for its answer.
    pub timeout: Span,
    /// Whether control interfaces refuse changes under a lease that is not the newest.
    pub fencing: bool,
}

/// The journal of the controllers.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalPlan {
    /// The region it fails with; `None`: none.
    pub place: Option<RegionId>,
}

/// A controller.
#[derive(Debug, Clone, PartialEq)]
pub struct ControllerPlan {
    /// Its name.
    pub name: String,
    /// The region it fails with; `None`: none.
    pub place: Option<RegionId>,
    /// Whether it only rehearses: production must not feel what it changes.
    pub drill: bool,
}

/// How requests arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// Independently of each other, at a mean rate.
    Poisson(Rate),
    /// Evenly spaced.
    Constant(Rate),
}

/// Which keys requests touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keys {
    /// Every key equally often.
    Uniform {
        /// How many keys there are.
        count: u32,
    },
    /// Key of rank r in proportion to r to the power −s.
    Zipf {
        /// How many keys there are.
        count: u32,
        /// The exponent.
        s: f64,
    },
}

/// A population of clients.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkloadPlan {
    /// Its name.
    pub name: String,
    /// Whether its clients exist for drills only.
    pub synthetic: bool,
    /// The service it calls.
    pub service: String,
    /// The DNS record it asks for.
    pub record: NameId,
    /// How requests arrive.
    pub arrivals: Arrivals,
    /// The share of requests that write; the rest read.
    pub writes: Ratio,
    /// Which keys they touch.
    pub keys: Keys,
    /// Groups of clients; each has a DNS cache and a connection of its own.
    pub groups: u32,
    /// When a group's cache asks again.
    pub refresh: Refresh,
    /// How long a client waits for an answer to one attempt.
    pub timeout: Span,
    /// Attempts after the first.
    pub retries: u32,
    /// Retries at most, as a share of requests, and how many may be made at once beyond that; `None`: no limit.
    pub retry_budget: Option<(Ratio, u32)>,
    /// Waiting before each of them.
    pub backoff: Backoff,
    /// Whether writes carry a key of their own, so that a repeated one takes effect once. Writes without one are not
    /// retried.
    pub keyed_writes: bool,
    /// How long a group keeps using a connection without asking DNS again; `None`: it asks for every request.
    pub keep_alive: Option<Span>,
}
