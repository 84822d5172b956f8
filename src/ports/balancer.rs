//! Weighted routing.
//!
//! Invariant: an accepted change need not be in effect; what is, is read back.

use super::PortError;
use crate::units::Ratio;

/// Weighted routing of one service name across regions.
pub trait LoadBalancer {
    /// Sets the share of each region; what is not named gets nothing. Idempotent.
    async fn set_weights(&self, weights: &[(String, Ratio)]) -> Result<(), PortError>;
    /// The weights in effect, as the balancer reports them.
    async fn read_weights(&self) -> Result<Vec<(String, Ratio)>, PortError>;
}
