//! The order of a region failover.

use crate::policy::HealthLimits;
use crate::procedure::{Brief, Procedure, RegionFailover, Settings, StepApproval};
use crate::units::Ratio;
use serde::{Deserialize, Serialize};

/// What a region failover knows about the system it works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverOrder {
    /// The region that is left.
    pub from: String,
    /// The region that takes over.
    pub to: String,
    /// The regions of which one takes over, in the order in which they are preferred, if that is still to be found out; then
    /// `to` is the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// The DNS records that must name it.
    pub records: Vec<String>,
    /// What becomes of a balancer's weights, if one sends clients.
    #[serde(default)]
    pub weights: Option<WeightsOrder>,
    /// The services a region cannot do without; empty for all it has.
    pub services: Vec<String>,
    /// The databases that are moved; empty for all that have a copy there.
    pub databases: Vec<String>,
    /// Whether the region is left by plan: then it must not be failing, and nothing may be lost.
    pub planned: bool,
    /// Whether names follow only once services and data have moved: where the region that is left still serves.
    #[serde(default)]
    pub names_last: bool,
    /// Who is notified.
    pub audiences: Vec<String>,
    /// When a service counts as failing.
    pub limits: HealthLimits,
    /// How many probes each service must answer to be considered healthy. At least once.
    pub probes: u32,
    /// The largest acceptable loss, in writes per database; `None` for any, even one nobody can bound.
    pub loss_limit: Option<u64>,
    /// The steps that need somebody's consent before they begin; `None` if none does.
    pub approval: Option<StepApproval>,
    /// How it is run.
    pub settings: Settings,
}

/// What becomes of a balancer's weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightsOrder {
    /// The region that takes over gets what the one that is left had.
    Move,
    /// They become these.
    Set(Vec<(String, Ratio)>),
}

impl FailoverOrder {
    /// What is made of what a controller knows.
    pub(super) fn of(brief: &Brief) -> Self {
        let settings = brief.settings_of(RegionFailover::NAME);
        let brief = brief.clone();
        let Brief { from, to, records, weights, services, databases, audiences, limits, probes, loss_limit, .. } =
            brief;
        let (planned, approval, candidates) = (brief.planned, brief.approval, brief.candidates);
        Self {
            from,
            to,
            candidates,
            records,
            weights: weights.map(|_| WeightsOrder::Move),
            services,
            databases,
            planned,
            names_last: planned,
            audiences,
            limits,
            probes,
            loss_limit,
            approval,
            settings,
        }
    }
}
