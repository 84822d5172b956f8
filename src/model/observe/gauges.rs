//! The signals that are read off the state of the world, not counted.
//!
//! Owns which there are. Does not know when they are read.

use crate::model::core::signals::{Gauge, Signals};
use crate::model::plan::{self, WorldPlan};
use crate::record::{SignalUnit, View};

/// The signals that are read off the state of the world, not counted.
#[derive(Debug)]
pub(in crate::model) struct StateGauges {
    pub regions: Vec<Gauge>,
    pub dns: Vec<Gauge>,
    /// Room for counting client groups by region.
    pub believers: Vec<u64>,
    pub seen: Vec<(Gauge, Gauge, Gauge)>,
}

impl StateGauges {
    /// The signals of a run of `plan`.
    pub fn new(plan: &WorldPlan, signals: &mut Signals) -> Self {
        let of =
            |service: &plan::ServicePlan| format!("{}.{}", plan.regions[service.region.index()].name, service.name);
        let mut truth = |name: String, unit| signals.gauge(name, unit, View::Truth);
        let regions = plan.regions.iter().map(|r| truth(format!("region.{}.up", r.name), SignalUnit::Count)).collect();
        let dns = plan.regions.iter().map(|r| truth(format!("dns.share.{}", r.name), SignalUnit::Ratio)).collect();
        let mut seen = |name: String, unit| signals.gauge(name, unit, View::Control);
        let seen: Vec<_> = plan
            .services
            .iter()
            .map(|s| {
                let name = of(s);
                (
                    seen(format!("seen.{name}.errors"), SignalUnit::Ratio),
                    seen(format!("seen.{name}.up"), SignalUnit::Count),
                    seen(format!("seen.{name}.p95"), SignalUnit::Nanoseconds),
                )
            })
            .collect();
        let believers = vec![0; plan.regions.len()];
        Self { regions, dns, believers, seen }
    }
}
