//! A request that was picked to be shown by itself.
//!
//! Does not know why it was picked. Invariant: one that failed, or of which nobody knows, has a reason, and no other has.

use super::OperationOutcome;
use crate::units::{As, Instant, Seconds};
use serde::{Deserialize, Serialize};

/// A request by itself, from its client's first attempt to its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SampledRequest {
    /// Its number, unique in the run.
    pub number: u64,
    /// The population it was sent by.
    pub workload: String,
    /// Where its last attempt was sent; `null`: nowhere.
    pub region: Option<String>,
    /// Whether it writes.
    pub write: bool,
    /// Attempts made, second choices of a balancer included, hedges not.
    pub attempts: u32,
    /// When its client first sent it.
    #[serde(rename = "started_s", with = "As::<Seconds>")]
    pub started: Instant,
    /// When it came to its outcome.
    #[serde(rename = "ended_s", with = "As::<Seconds>")]
    pub ended: Instant,
    /// What it came to.
    pub outcome: OperationOutcome,
    /// Why its last attempt did not succeed, as failures are counted by reason.
    pub reason: Option<String>,
}
