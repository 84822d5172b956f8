//! What is seen of the world: the truth by the second, and monitoring, which sees less.

pub(super) mod blindness;
pub(super) mod client_counts;
mod latencies;
pub(super) mod meter;
pub(super) mod metrics_api;
pub(super) mod monitoring;
pub(super) mod sampled;
pub(crate) mod slowness;
pub(super) mod touches;

use crate::model::core::Core;
use crate::model::core::signals::{Gauge, SignalStore};
use crate::model::plan::WorldPlan;
use crate::record::{Sample, SignalUnit, Viewpoint};
use crate::units::{Instant, RegionId, ServiceId};
use meter::Meter;
use monitoring::Monitoring;
use sampled::SampledRequests;

/// What is seen of the world.
#[derive(Debug)]
pub struct Observe {
    pub(in crate::model) monitoring: Monitoring,
    pub(in crate::model) meter: Meter,
    /// Requests that are shown by themselves.
    pub(in crate::model) sampled: SampledRequests,
    /// By service, what monitoring sees.
    seen: Vec<SeenGauges>,
}

/// What monitoring sees of one service.
#[derive(Debug, Clone, Copy)]
struct SeenGauges {
    errors: Gauge,
    up: Gauge,
    /// The 95th percentile of its response time.
    p95: Gauge,
    /// What a limit turns away, if it or its provider has one.
    limited: Option<Gauge>,
}

impl Observe {
    /// Nothing seen so far.
    pub(in crate::model) fn new(core: &mut Core) -> Self {
        let plan = core.plan.clone();
        Self {
            monitoring: Monitoring::new(&plan.monitoring, plan.services.len(), plan.regions.len()),
            meter: Meter::new(&plan, &mut core.signals),
            sampled: SampledRequests::default(),
            seen: seen(&plan, &mut core.signals),
        }
    }
}

/// What is due with monitoring.
#[derive(Debug)]
pub(super) enum Due {
    /// Scrape every service.
    Scrape,
}

/// The signals of what monitoring sees of services.
fn seen(plan: &WorldPlan, signals: &mut SignalStore) -> Vec<SeenGauges> {
    let mut add = |name: String, unit| signals.gauge(name, unit, Viewpoint::Control);
    let services = plan.services.iter().map(|service| {
        let name = format!("{}.{}", plan.regions[service.region.index()].name, service.name);
        SeenGauges {
            errors: add(format!("seen.{name}.errors"), SignalUnit::Ratio),
            up: add(format!("seen.{name}.up"), SignalUnit::Count),
            p95: add(format!("seen.{name}.p95"), SignalUnit::Nanoseconds),
            limited: plan.limits_of(service).next().map(|_| add(format!("seen.{name}.limited"), SignalUnit::Ratio)),
        }
    });
    services.collect()
}

impl Observe {
    /// Whether the services of `region` are scraped at present.
    pub(in crate::model) fn scrapes(&self, region: RegionId) -> bool {
        !self.monitoring.gaps[region.index()].is_on()
    }

    /// Shows what monitoring sees of `service` now.
    pub(in crate::model) fn show_seen(&self, core: &mut Core, service: ServiceId, now: Instant) {
        let seen = self.monitoring.look(service, now, None);
        let SeenGauges { errors, up, p95, limited } = self.seen[service.index()];
        let latency = seen.response_time(95).map_or(Sample::MISSING, |p95| Sample::count(p95.as_nanos()));
        let (failed, finished) = seen.errors();
        core.signals.sample(errors, now, Sample::quotient(failed, finished));
        core.signals.sample(up, now, Sample::count(u64::from(seen.is_up())));
        core.signals.sample(p95, now, latency);
        if let Some(gauge) = limited {
            let (limited, answered) = seen.limited();
            core.signals.sample(gauge, now, Sample::quotient(limited, answered));
        }
    }
}
