//! Monitoring, as it reaches control: scraped, windowed, late.
//!
//! Invariant: what was never scraped is told as such, never as zero.

use super::PortError;
use crate::units::{Instant, Span};

/// One service's health in one region over the monitoring window, as scraped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceReading {
    /// When the newest scrape behind this reading was taken; `None` if there never was one.
    pub scraped_at: Option<Instant>,
    /// Whether the newest scrape reached the service.
    pub up: bool,
    /// Requests the service finished inside the window.
    pub requests: u64,
    /// Of these, those it answered with an error.
    pub errors: u64,
    /// 95th percentile of its response time inside the window, if it answered any.
    pub latency_p95: Option<Span>,
}

/// Monitoring: what was scraped, windowed and delivered.
pub trait Metrics {
    /// The newest reading of every service of `region`, by name.
    async fn read_region(&self, region: &str) -> Result<Vec<(String, ServiceReading)>, PortError>;
}
