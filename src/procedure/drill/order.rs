//! The order of a drill, and those of the procedures it rehearses.

use crate::policy::HealthLimits;
use crate::procedure::{
    Brief, Failback, FailbackOrder, FailoverDrill, FailoverOrder, Procedure, RegionFailover, Settings, StepApproval,
};
use serde::{Deserialize, Serialize};

/// What a drill knows about the zone it rehearses with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillOrder {
    /// The region the zone is at home in.
    pub from: String,
    /// The region that takes it over for the time of the drill.
    pub to: String,
    /// Its DNS records: these are moved, and no others.
    pub records: Vec<String>,
    /// The services it needs.
    pub services: Vec<String>,
    /// Its databases: these are moved, and no others.
    pub databases: Vec<String>,
    /// Who is notified.
    pub audiences: Vec<String>,
    /// When a service counts as failing.
    pub limits: HealthLimits,
    /// How many probes each service must answer to be considered healthy. At least once.
    pub probes: u32,
    /// The steps of the drill that need somebody's consent before they begin; `None` if none does.
    pub approval: Option<StepApproval>,
    /// How the drill is run.
    pub settings: Settings,
    /// How the failover is that it rehearses.
    pub failover: Settings,
    /// How the failback is.
    pub failback: Settings,
}

impl DrillOrder {
    /// The order for a controller that knows that much.
    pub(super) fn of(brief: &Brief) -> Self {
        let Brief { from, to, records, services, databases, audiences, limits, probes, approval, .. } = brief.clone();
        let [settings, failover, failback] =
            [FailoverDrill::NAME, RegionFailover::NAME, Failback::NAME].map(|name| brief.settings_of(name));
        Self {
            from,
            to,
            records,
            services,
            databases,
            audiences,
            limits,
            probes,
            approval,
            settings,
            failover,
            failback,
        }
    }

    /// The order of the failover: the real one works on everything unless it is given names.
    pub(super) fn there(&self) -> FailoverOrder {
        let DrillOrder { from, to, records, services, databases, audiences, limits, probes, .. } = self.clone();
        let (planned, loss_limit, approval, settings) = (true, None, None, self.failover.clone());
        FailoverOrder {
            from,
            to,
            candidates: Vec::new(),
            records,
            // The zone's clients ask for its own records.
            weights: None,
            services,
            databases,
            planned,
            names_last: false,
            audiences,
            limits,
            probes,
            loss_limit,
            approval,
            settings,
        }
    }

    /// The order of the failback.
    pub(super) fn back(&self) -> FailbackOrder {
        let DrillOrder { from, to, records, services, databases, audiences, limits, probes, .. } = self.clone();
        let (from, to, approval, settings) = (to, from, None, self.failback.clone());
        FailbackOrder {
            from,
            to,
            origins: Vec::new(),
            records,
            weights: None,
            services,
            databases,
            audiences,
            limits,
            probes,
            approval,
            settings,
        }
    }
}
