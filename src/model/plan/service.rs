//! Providers, regions and their services, as planned.

use super::elastic::{AutoscalePlan, CachePlan, FleetPlan, GenerationPlan, LimitPlan};
use super::route::LegRule;
use crate::kernel::Distribution;
use crate::units::{BucketId, DatabaseId, ProviderId, Ratio, RegionId, ServiceId, Span};

/// A provider: what all its regions share.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderPlan {
    /// Its name.
    pub name: String,
    /// The share of requests that fail outside incidents.
    pub errors: Ratio,
    /// What it lets through; `None`: everything.
    pub limit: Option<LimitPlan>,
}

/// What a region is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Serves from the start.
    Primary,
    /// Takes over.
    Secondary,
}

/// Where a service's reads go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// To the copy that it takes for the authority.
    Primary,
    /// To the copy in its own region, if that follows; to the authority if not.
    Nearby,
    /// To the nearest copy that follows or leads, and can be reached.
    Nearest,
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

/// Writes that go to more than one database at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DualWritePlan {
    /// The databases beside the service's own.
    pub to: Vec<DatabaseId>,
    /// When the service answers.
    pub rule: LegRule,
}

/// Services of which a request reaches one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoicePlan {
    /// Each with its share; all shares together are one.
    pub shares: Vec<(ServiceId, Ratio)>,
    /// Whether the key decides, so that the same one comes to the same service each time.
    pub by_key: bool,
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
    pub time: Distribution,
    /// How it gets going once it was activated, or its region is back; `None`: it is warm at once.
    pub warm_up: Option<WarmUp>,
    /// A request that came into the region longer ago than this is refused when its turn comes; `None`: none is.
    pub shed_after: Option<Span>,
    /// Longer waits are counted apart; `None`: none is.
    pub wait_target: Option<Span>,
    /// What it lets through; `None`: everything.
    pub limit: Option<LimitPlan>,
    /// What its work takes beside `time`, if a language model answers.
    pub generation: Option<GenerationPlan>,
    /// The cache it asks before calls and database.
    pub cache: Option<CachePlan>,
    /// The autoscaler that changes its number of servers.
    pub autoscale: Option<AutoscalePlan>,
    /// The overhead that its servers cause each other.
    pub fleet: Option<FleetPlan>,
    /// Whether it works on waiting requests whose client has given up, because it does not notice.
    pub serves_abandoned: bool,
    /// The share of requests that fail in the service itself.
    pub errors: Ratio,
    /// Services of the same region called, one after the other, once its own work is done.
    pub calls: Vec<ServiceId>,
    /// Services of other regions called after these, one after the other.
    pub remote_calls: Vec<ServiceId>,
    /// Services of which it then calls one.
    pub choice: Option<ChoicePlan>,
    /// Services of which it then calls the next if the one before fails.
    pub first_of: Vec<ServiceId>,
    /// How long it waits for one of these and for remote calls; `None`: as long as its client.
    pub call_timeout: Option<Span>,
    /// How many times more those that call it ask it when it fails them.
    pub call_retries: u8,
    /// The bucket its requests put objects into and get them from, after its own work and calls.
    pub bucket: Option<BucketId>,
    /// The database its requests read and write, after its own work and calls.
    pub database: Option<DatabaseId>,
    /// The other databases that its writes go to at the same time.
    pub dual_write: Option<DualWritePlan>,
    /// Where its reads go.
    pub reads: Reads,
    /// Whether it serves from the start; a standby refuses requests until it is activated.
    pub active: bool,
    /// How long activation takes.
    pub activation: Span,
}

impl ServicePlan {
    /// Every service that it may call.
    pub fn called(&self) -> impl Iterator<Item = ServiceId> + '_ {
        let chosen = self.choice.iter().flat_map(|choice| choice.shares.iter().map(|(service, _)| *service));
        self.calls.iter().chain(&self.remote_calls).chain(&self.first_of).copied().chain(chosen)
    }

    /// The databases that its writes go to; its reads go to the first.
    pub fn databases(&self) -> impl Iterator<Item = DatabaseId> + '_ {
        self.database.into_iter().chain(self.dual_write.iter().flat_map(|dual| dual.to.iter().copied()))
    }

    /// What a server takes for one request on average, in seconds; `None` if it takes no time, or there is no average.
    pub fn mean_work(&self) -> Option<f64> {
        let tokens = self.generation.map_or(Some(0.0), |generation| {
            let sigma = generation.output.sigma;
            let distribution = Distribution::LogNormal { median: generation.per_token, sigma };
            distribution.mean().map(|mean| mean * generation.output.median as f64)
        })?;
        self.time.mean().map(|time| time + tokens).filter(|work| *work > 0.0)
    }
}
