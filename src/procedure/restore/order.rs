//! The order of a restore.

use crate::procedure::{Brief, Procedure, RestoreFromBackup, Settings, StepApproval};
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// In which order databases are restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreFirst {
    /// In that in which they are listed: in the order of the restore, or else in the region.
    AsListed,
    /// Those with the smallest backup first; those of which nobody can say come last.
    Smallest,
}

/// What a restore knows about the system it works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreOrder {
    /// The region whose databases are restored, in place.
    pub region: String,
    /// The region that may have copies of them.
    pub other: String,
    /// The services that must answer in the end; empty for all the region has.
    pub services: Vec<String>,
    /// The databases that are looked at; empty for all the region has.
    pub databases: Vec<String>,
    /// Who is notified.
    pub audiences: Vec<String>,
    /// How long a healthy service takes to answer at most.
    pub answers_within: Span,
    /// How many probes each service must answer to be considered healthy. At least once.
    pub probes: u32,
    /// The largest acceptable loss, in writes per database; `None` for any, even one nobody can bound.
    pub loss_limit: Option<u64>,
    /// How many databases are restored at the same time. At least one.
    pub side_by_side: u32,
    /// Which of them come first.
    pub first: RestoreFirst,
    /// The steps that need somebody's consent before they begin; `None` if none does.
    pub approval: Option<StepApproval>,
    /// How it is run.
    pub settings: Settings,
}

impl RestoreOrder {
    /// The order for a controller that knows that much.
    pub(super) fn of(brief: &Brief) -> Self {
        let Brief { from: region, to: other, services, databases, audiences, .. } = brief.clone();
        let Brief { limits, probes, loss_limit, side_by_side, restore_first: first, approval, .. } = brief.clone();
        let (answers_within, settings) = (limits.latency, brief.settings_of(RestoreFromBackup::NAME));
        Self {
            region,
            other,
            services,
            databases,
            audiences,
            answers_within,
            probes,
            loss_limit,
            side_by_side,
            first,
            approval,
            settings,
        }
    }
}
