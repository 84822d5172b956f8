//! The signals of leases, and of what drills touched of what clients do.
//!
//! Owns which there are. Does not know when they are read.

use crate::model::clients::Clients;
use crate::model::core::Core;
use crate::model::core::signals::{Gauge, SignalStore};
use crate::model::plan::{Arrivals, Closed, WorkloadPlan, WorldPlan};
use crate::record::{Sample, SignalUnit};
use crate::units::Instant;

/// The signals of clients that are read off their state.
#[derive(Debug)]
pub(super) struct ClientGauges {
    /// By population, if its clients hold leases: how many do, and the share that does not.
    leases: Vec<Option<(Gauge, Gauge)>>,
    /// There only if a drill can be held.
    touched: Option<Gauge>,
}

impl ClientGauges {
    /// The signals of a run of `plan`.
    pub fn new(plan: &WorldPlan, signals: &mut SignalStore) -> Self {
        let drills = plan.controllers.iter().any(|controller| controller.drill);
        let leases = |workload: &WorkloadPlan| match &workload.arrivals {
            Arrivals::Closed(Closed { lease: Some(_), .. }) => Some((
                signals.truth(format!("leases.{}.held", workload.name), SignalUnit::Count),
                signals.truth(format!("leases.{}.out", workload.name), SignalUnit::Ratio),
            )),
            _ => None,
        };
        let leases = plan.workloads.iter().map(leases).collect();
        Self { leases, touched: drills.then(|| signals.truth("drill.touched_writes".to_owned(), SignalUnit::Count)) }
    }
}

impl Clients {
    /// Shows what changes with events, as it is at `at`.
    pub(in crate::model) fn sample(&self, core: &mut Core, at: Instant) {
        if let Some(touched) = self.gauges.touched {
            core.signals.sample(touched, at, Sample::count(self.touched_writes));
        }
    }

    /// Shows who holds a lease at `at`.
    pub(in crate::model) fn sample_leases(&self, core: &mut Core, at: Instant) {
        for (population, gauges) in self.populations.iter().zip(&self.gauges.leases) {
            if let Some(((held, out), leases)) = gauges.zip(population.leases.as_ref()) {
                core.signals.sample(held, at, leases.held());
                core.signals.sample(out, at, leases.out());
            }
        }
    }
}
