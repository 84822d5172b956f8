//! What bounds and changes how much a service can do: limits, token counts, caches, autoscalers, fleets; as planned.

use crate::kernel::Distribution;
use crate::units::{Rate, Ratio, Span};

/// How many requests, and how many tokens, are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitPlan {
    /// Requests per time.
    pub requests: Option<Rate>,
    /// Tokens per time.
    pub tokens: Option<Rate>,
    /// The bucket holds what the rate gives in this time.
    pub over: Span,
    /// What who is turned away is told of when to come back.
    pub retry_after: RetryAfter,
}

/// What a limit tells those it turns away of when to come back, as HTTP's `Retry-After` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// Nothing.
    Nothing,
    /// When the next request of that size would be let through, if no other came first.
    Next,
    /// When the limit is as it was before anybody used it.
    Reset,
}

/// A distribution of whole numbers: lognormal, rounded, at least one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountDistribution {
    /// The median.
    pub median: u64,
    /// Standard deviation of the natural logarithm; zero: always the median.
    pub sigma: f64,
}

/// A language model's share in the work of a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GenerationPlan {
    /// Tokens per prompt.
    pub prompt: CountDistribution,
    /// Tokens per answer.
    pub output: CountDistribution,
    /// How long one token of the answer takes.
    pub per_token: Span,
}

/// A cache that is asked before a service's calls and its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CachePlan {
    /// The share of reads it answers when warm, whatever their keys; `None`: it answers those whose keys it holds.
    pub hit_ratio: Option<Ratio>,
    /// How many keys it has room for.
    pub entries: u32,
    /// How long it keeps a key; `None`: until it is lost.
    pub ttl: Option<Span>,
    /// Whether it is warm at the start.
    pub warm: bool,
    /// Whether an answer still fills it when the client has already given up.
    pub fills_late: bool,
}

/// What changes the number of servers with their load.
#[derive(Debug, Clone, PartialEq)]
pub struct AutoscalePlan {
    /// The fewest servers.
    pub min: u32,
    /// The most servers.
    pub max: u32,
    /// The target utilisation.
    pub target: Ratio,
    /// The deviation from the target, as a share of it, within which nothing is done.
    pub tolerance: Ratio,
    /// The evaluation interval.
    pub every: Span,
    /// How long until a requested server starts to serve.
    pub provision: Distribution,
    /// The scale-down stabilisation: servers are removed only if they would have been for this long.
    pub cool_down: Span,
    /// The share of its provisioning requests that fail.
    pub fails: Ratio,
}

/// What members of a fleet cost each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetPlan {
    /// The share of its time that a server spends on each other one.
    pub cost: Ratio,
    /// Threads, or the like, that a server holds for each other one.
    pub threads: u32,
    /// The most of these a server can have; `None`: without bound.
    pub thread_limit: Option<u32>,
    /// How long until every server has noticed a change in their number.
    pub discovery: Span,
}
