//! Reading monitoring for the health policies.
//!
//! Owns the step from a port's reading to a policy's.

use crate::policy::{HealthLimits, Reading, RegionHealth, RegionVerdict};
use crate::ports::{Clock, Metrics, PortError};
use crate::units::Span;

/// The newest reading of every service of `region`.
pub(super) async fn read<M: Metrics>(ports: &M, region: &str) -> Result<Vec<(String, Reading)>, PortError> {
    let readings = ports.read_region(region).await?;
    let convert = readings.into_iter().map(|(name, r)| {
        let reading = Reading {
            scraped_at: r.scraped_at,
            up: r.up,
            requests: r.requests,
            errors: r.errors,
            latency_p95: r.latency_p95,
        };
        (name, reading)
    });
    Ok(convert.collect())
}

/// What the newest readings of `region` say on their own: a service beyond a limit is down at once.
pub(super) async fn judge_now<P: Metrics + Clock>(
    ports: &P,
    region: &str,
    limits: &HealthLimits,
    critical: &[String],
) -> Result<RegionVerdict, PortError> {
    let readings = read(ports, region).await?;
    let limits = HealthLimits { sustained: Span::ZERO, ..limits.clone() };
    Ok(RegionHealth::new(limits, critical.to_vec()).observe(ports.now(), &readings))
}
