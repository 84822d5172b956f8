//! What stands between clients and regions, as planned: DNS, resolvers, the balancer.

use crate::units::{Ratio, RegionId, Span};

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
