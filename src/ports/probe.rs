//! Synthetic requests, past everything that routes real ones.

use super::PortError;
use crate::units::Span;

/// A synthetic request through the data plane of one region.
pub trait Probe {
    /// Sends one request to `service` in `region`, past DNS and balancer. Returns how long the answer took.
    async fn probe(&self, region: &str, service: &str) -> Result<Span, PortError>;
}
