//! Links between places, as planned.

use crate::kernel::Distribution;
use crate::units::Ratio;

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
    pub latency: Distribution,
    /// The share of messages lost.
    pub loss: Ratio,
}
