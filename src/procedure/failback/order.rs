//! The order of the failback.

use crate::policy::HealthLimits;
use crate::procedure::region_failover::WeightsOrder;
use crate::procedure::{Brief, Failback, FailoverOrder, Procedure, Settings, StepApproval};
use crate::units::Ratio;
use serde::{Deserialize, Serialize};

/// What a failback knows about the system it works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailbackOrder {
    /// The region that is left.
    pub from: String,
    /// The region that takes over again.
    pub to: String,
    /// The regions of which one is left, if that is still to be found out; then `from` is the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// The DNS records that must name it.
    pub records: Vec<String>,
    /// The balancer's weights afterwards, if one sends clients: those before anything was moved.
    #[serde(default)]
    pub weights: Option<Vec<(String, Ratio)>>,
    /// The services a region cannot do without; empty for all it has.
    pub services: Vec<String>,
    /// The databases that are moved; empty for all that have a copy there.
    pub databases: Vec<String>,
    /// Who is notified.
    pub audiences: Vec<String>,
    /// When a service counts as failing.
    pub limits: HealthLimits,
    /// How many probes each service must answer to be considered healthy. At least once.
    pub probes: u32,
    /// The steps that need somebody's consent before they begin; `None` if none does.
    pub approval: Option<StepApproval>,
    /// How it is run.
    pub settings: Settings,
}

impl FailbackOrder {
    /// The order for a controller that knows that much.
    pub(super) fn of(brief: &Brief) -> Self {
        let Brief { from, to, origins, records, weights, services, databases, audiences, limits, probes, .. } =
            brief.clone();
        let (settings, approval) = (brief.settings_of(Failback::NAME), brief.approval.clone());
        Self { from, to, origins, records, weights, services, databases, audiences, limits, probes, approval, settings }
    }

    /// The same as the order of a planned move, whose steps the failback shares. It has no limit of what may be lost:
    /// it loses nothing, or is not done.
    pub(super) fn moving(&self) -> FailoverOrder {
        let Self { from, to, records, weights, services, databases, audiences, limits, probes, .. } = self.clone();
        let (approval, settings) = (self.approval.clone(), self.settings.clone());
        let (planned, loss_limit) = (true, None);
        FailoverOrder {
            from,
            to,
            candidates: Vec::new(),
            records,
            weights: weights.map(WeightsOrder::Set),
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
}
