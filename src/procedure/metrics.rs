//! Reading monitoring for the health policies.
//!
//! Owns the step from samples of metrics to what a policy is shown of a service. Does not know what the policy makes of it.
//!
//! Invariant: what a policy is shown of all services of a region is of one instant.

use crate::policy::{HealthLimits, RegionHealth, RegionVerdict, ServiceReading};
use crate::ports::{Clock, Labels, Metric, MetricSample, Metrics, PortError, Query};
use crate::units::{Figure, Span};

/// Which response time the limits of health are about, in parts of a hundred.
const PERCENTILE: u8 = 95;

/// What monitoring has of every service of `region`, by name.
///
/// # Errors
///
/// Why monitoring does not answer.
pub async fn read<M: Metrics>(ports: &M, region: &str) -> Result<Vec<(String, ServiceReading)>, PortError> {
    let query = |metric| Query { metric, labels: Labels::of_region(region), window: None };
    let metrics = [Metric::Up, Metric::ErrorRate, Metric::ResponseTime { percentile: PERCENTILE }, Metric::Limited];
    let answers = ports.query(&metrics.map(query)).await?;
    let [up, errors, times, limited] = &answers[..] else {
        return Err(PortError::Refused(format!("monitoring answered {} of 4 queries", answers.len())));
    };
    Ok(up.iter().map(|sample| (sample.service.clone(), reading(sample, [errors, times, limited]))).collect())
}

/// What all samples of the service of `up` say together.
fn reading(up: &MetricSample, [errors, times, limited]: [&[MetricSample]; 3]) -> ServiceReading {
    let figure = |samples: &[MetricSample]| {
        let of_it = |sample: &&MetricSample| sample.service == up.service && sample.region == up.region;
        samples.iter().find(of_it).and_then(|sample| sample.figure)
    };
    let share = |samples| match figure(samples) {
        Some(Figure::Share { part, whole }) => (part, whole),
        _ => (0, 0),
    };
    let ((errors, requests), (limited, _)) = (share(errors), share(limited));
    let latency_p95 = match figure(times) {
        Some(Figure::Span(span)) => Some(span),
        _ => None,
    };
    let is_up = matches!(up.figure, Some(Figure::Count(count)) if count > 0);
    ServiceReading { scraped_at: up.taken, up: is_up, requests, errors, limited, latency_p95 }
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
