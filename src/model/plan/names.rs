//! What stands between clients and regions, as planned: DNS, resolvers, the balancer.

use super::health::ChecksPlan;
use crate::kernel::Distribution;
use crate::record::FailureClass;
use crate::units::{NameId, Ratio, RegionId, Span};

/// What a DNS record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A region's own address.
    Region(RegionId),
    /// The global load balancer.
    Balancer,
    /// No address: the name does not exist, or its answer is empty.
    Nothing,
}

/// The zone.
#[derive(Debug, Clone, PartialEq)]
pub struct DnsPlan {
    /// How long a cache may keep an answer.
    pub ttl: Span,
    /// How long a cache may keep an empty answer (negative caching).
    pub negative_ttl: Span,
    /// How long a cache waits before it asks again when no server answered.
    pub failure_ttl: Span,
    /// The time from accepting a change to all authoritative servers answering with it.
    pub publish: Span,
    /// Whether a change that would leave a record without addresses is refused.
    pub refuse_empty: bool,
    /// How many authoritative servers answer for the zone.
    pub servers: u32,
    /// Its records.
    pub records: Vec<RecordPlan>,
    /// Manual changes at planned times.
    pub changes: Vec<ChangePlan>,
    /// The automation that keeps the records up to date, if there is one.
    pub planning: Option<PlanningPlan>,
}

/// One DNS record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPlan {
    /// The name clients ask for.
    pub name: String,
    /// What it names at the start.
    pub target: Target,
    /// Where it leads while its target is unhealthy, if it is health-checked.
    pub failover: Option<FailoverPlan>,
}

/// A record that follows health checks.
#[derive(Debug, Clone, PartialEq)]
pub struct FailoverPlan {
    /// The region it answers with while its own region is unhealthy and this one is healthy.
    pub to: RegionId,
    /// Whether services of that region that are on standby are activated then.
    pub activate: bool,
    /// How health is judged.
    pub checks: ChecksPlan,
}

/// A change of a record at a planned instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePlan {
    /// When, from the start; every authoritative server answers it at once.
    pub at: Span,
    /// Of which record.
    pub record: NameId,
    /// What it names from then on, if that changes.
    pub to: Option<Target>,
    /// How long caches may keep its answers from then on, if that changes.
    pub ttl: Option<Span>,
}

/// A planner that writes down what all records should be, and enactors that put such plans into effect.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanningPlan {
    /// How often there is a new plan, and how often each enactor checks for one.
    pub every: Span,
    /// How many enactors work independently.
    pub enactors: u32,
    /// How long an enactor takes to apply a plan.
    pub apply: Distribution,
    /// From the end of that to the enactor's deleting of old plans.
    pub clean_up: Span,
    /// How many generations before the one it has put into effect an enactor leaves undeleted.
    pub keep: u32,
    /// Whether a plan is applied only if no newer one has been, checked atomically on write.
    pub compare_and_swap: bool,
    /// From records being lost to people knowing why.
    pub found: Span,
    /// From records being lost to people having restored them.
    pub restored: Span,
}

/// When a cache asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// When a client asks and the answer has expired.
    OnDemand,
    /// At the very instant of expiry, asked or not.
    Prefetch,
}

/// What a resolver says to its clients about how long they may keep its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassesOn {
    /// As long as it will keep it itself.
    Remaining,
    /// As long as if it were fresh.
    Full,
}

/// How old cached answers and connections are at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ages {
    /// Spread evenly over their lives.
    Even,
    /// Drawn, as in the long run.
    Random,
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
    /// What they say to their clients.
    pub passes_on: PassesOn,
    /// How old answers are at the start, in resolvers and in clients' caches, and clients' connections.
    pub ages: Ages,
}

/// The global load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct BalancerPlan {
    /// The share of each region at the start.
    pub weights: Vec<(RegionId, Ratio)>,
    /// The time from accepting a change to its taking effect.
    pub apply: Span,
    /// How the health of regions is judged; `None`: not at all, so that a dead region keeps its share.
    pub checks: Option<ChecksPlan>,
    /// Where a request goes that the region it was sent to failed; `None`: back to its client.
    pub fallback: Option<FallbackPlan>,
}

/// A second choice for each request.
#[derive(Debug, Clone, PartialEq)]
pub struct FallbackPlan {
    /// The regions tried after the first, in order.
    pub to: Vec<RegionId>,
    /// By class of failure: whether it is followed by the next choice.
    pub on: [bool; FailureClass::COUNT],
    /// How long the balancer waits for an answer; `None`: as long as the client does.
    pub wait: Option<Span>,
}
