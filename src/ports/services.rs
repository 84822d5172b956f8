//! The platform that runs the services of a region.

use super::PortError;
use serde::{Deserialize, Serialize};

/// The state of one service in one region, as its platform reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    /// The service.
    pub service: String,
    /// Whether it serves.
    pub active: bool,
    /// Servers ready.
    pub servers: u32,
    /// The databases it cannot answer without.
    pub databases: Vec<String>,
}

/// The platform that runs the services of a region.
pub trait Services {
    /// Makes every service of `region` ready to serve. Returns once all are. Idempotent.
    async fn activate(&self, region: &str) -> Result<(), PortError>;
    /// Puts the services of `region` back on standby. Idempotent.
    async fn deactivate(&self, region: &str) -> Result<(), PortError>;
    /// The state of every service of `region`.
    async fn service_status(&self, region: &str) -> Result<Vec<ServiceStatus>, PortError>;
}
