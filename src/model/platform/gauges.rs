//! The signals of services and of the limits of providers.
//!
//! Owns which there are. Does not know when they are read.

use super::tally::{ServiceGauges, Shown};
use crate::model::core::Core;
use crate::model::core::signals::{Gauge, SignalStore};
use crate::model::plan::{ProviderPlan, ServicePlan, WorldPlan};
use crate::model::platform::Platform;
use crate::record::{Sample, SignalUnit};
use crate::units::Instant;

/// The signals of services and providers.
#[derive(Debug)]
pub(super) struct PlatformGauges {
    services: Vec<ServiceGauges>,
    /// By provider, if it has a limit.
    limited: Vec<Option<Gauge>>,
}

impl PlatformGauges {
    /// The signals of a run of `plan`.
    pub fn new(plan: &WorldPlan, signals: &mut SignalStore) -> Self {
        let of = |service: &ServicePlan| format!("{}.{}", plan.regions[service.region.index()].name, service.name);
        let shown = |s: &ServicePlan| Shown {
            overdue: s.wait_target.is_some(),
            limited: s.limit.is_some(),
            fallbacks: s.first_of.len() > 1,
            cache: s.cache.is_some(),
            behind: s.database.is_some_and(|id| !plan.databases[id.index()].replicas.is_empty()),
        };
        let services = plan.services.iter().map(|s| ServiceGauges::new(&of(s), shown(s), signals)).collect();
        let mut limited = |p: &ProviderPlan| {
            p.limit.map(|_| signals.truth(format!("provider.{}.limited", p.name), SignalUnit::PerSecond))
        };
        Self { services, limited: plan.providers.iter().map(&mut limited).collect() }
    }
}

impl Platform {
    /// Shows what services are like at `at`.
    pub(in crate::model) fn sample(&self, core: &mut Core, at: Instant) {
        for (station, gauges) in self.stations.iter().zip(&self.gauges.services) {
            gauges.sample(station, &mut core.signals, at);
        }
    }

    /// The second that began at `from` is over, and the next event is in second `next`: shows what services and
    /// providers did, also that they did nothing in the seconds between.
    pub(in crate::model) fn close_second(&mut self, core: &mut Core, from: u64, next: u64) {
        let idle = (next > from + 1).then(|| Instant::from_secs(from + 1));
        let from = Instant::from_secs(from);
        for (provider, gauge) in self.providers.iter_mut().zip(&self.gauges.limited) {
            let Some(gauge) = *gauge else { continue };
            core.signals.sample(gauge, from, Sample::count(std::mem::take(&mut provider.limited)));
            if let Some(idle) = idle {
                core.signals.sample(gauge, idle, Sample::count(0));
            }
        }
        for (station, gauges) in self.stations.iter_mut().zip(&self.gauges.services) {
            gauges.close(&mut station.tally, &mut core.signals, from);
            if let Some(idle) = idle {
                gauges.close(&mut station.tally, &mut core.signals, idle);
            }
        }
    }
}
