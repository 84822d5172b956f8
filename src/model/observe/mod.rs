//! What is seen of the world: the truth by the second, and monitoring, which sees less.

pub(super) mod blindness;
pub(super) mod client_counts;
pub(super) mod episodes;
pub(super) mod gauges;
pub(super) mod meter;
pub(super) mod metrics_api;
pub(super) mod monitoring;
pub(super) mod served;
pub(crate) mod slowness;
pub(super) mod touches;
pub(super) mod watchers;

use crate::model::core::Core;
use episodes::LimitEpisodes;
use gauges::StateGauges;
use meter::Meter;
use monitoring::Monitoring;

/// What is seen of the world.
#[derive(Debug)]
pub struct Observe {
    pub(in crate::model) monitoring: Monitoring,
    pub(in crate::model) meter: Meter,
    /// Of the limits that turn work away.
    pub(in crate::model) episodes: LimitEpisodes,
    pub(in crate::model) gauges: StateGauges,
}

impl Observe {
    /// Nothing seen so far.
    pub(in crate::model) fn new(core: &mut Core) -> Self {
        let plan = core.plan.clone();
        Self {
            monitoring: Monitoring::new(&plan.monitoring, plan.services.len(), plan.regions.len()),
            meter: Meter::new(&plan, &mut core.signals),
            episodes: LimitEpisodes::new(plan.providers.len(), plan.services.len(), plan.workloads.len()),
            gauges: StateGauges::new(&plan, &mut core.signals),
        }
    }
}

/// What is due with monitoring.
#[derive(Debug)]
pub(super) enum Due {
    /// Scrape every service.
    Scrape,
}
