//! Where clients believe the service is.
//!
//! Owns the shares of client groups by region, and their signals. Does not know whether they are right.

use super::Names;
use crate::model::core::Core;
use crate::model::core::signals::Gauge;
use crate::model::plan::Target;
use crate::record::{Sample, SignalUnit};
use crate::units::Instant;

/// By region, the share of client groups that would send there.
#[derive(Debug)]
pub(super) struct Beliefs {
    shares: Vec<Gauge>,
    /// Room for counting.
    believers: Vec<u64>,
}

impl Beliefs {
    /// Nothing counted so far.
    pub(super) fn new(core: &mut Core) -> Self {
        let Core { plan, signals, .. } = core;
        let share = |name: &str, signals: &mut crate::model::core::signals::SignalStore| {
            signals.truth(format!("dns.share.{name}"), SignalUnit::Ratio)
        };
        let shares = plan.regions.iter().map(|region| share(&region.name, signals)).collect();
        Self { shares, believers: vec![0; plan.regions.len()] }
    }
}

impl Names {
    /// Shows where clients believe the service is at `at`.
    pub(in crate::model) fn sample(&mut self, core: &mut Core, at: Instant) {
        let (mut groups, believers) = (0, &mut self.beliefs.believers);
        believers.fill(0);
        for stubs in &mut self.stubs {
            stubs.catch_up(&mut self.resolvers, &mut self.zone, at);
            groups += stubs.count();
            for target in stubs.beliefs() {
                if let Target::Region(region) = target {
                    believers[region.index()] += 1;
                }
            }
        }
        for (gauge, believers) in self.beliefs.shares.iter().zip(believers) {
            core.signals.sample(*gauge, at, Sample::quotient(*believers, groups));
        }
    }
}
