//! What the steps of a runbook have found and done.
//!
//! Invariant: steps that run in parallel change different entries: each its own, and that of the database it works on.

use super::RunbookStep;
use crate::procedure::Effect;
use crate::record::LossBound;
use crate::units::{Ratio, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the steps have found and done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunbookEvidence {
    /// By step.
    pub steps: BTreeMap<String, StepEvidence>,
    /// By database.
    pub databases: BTreeMap<String, Lineage>,
}

/// What one step has found and done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepEvidence {
    /// Whether its condition held: what was found, or why it did not. `None`: it has none, or was not asked yet.
    pub decided: Option<Result<String, String>>,
    /// Whether it has begun, and the procedure may not be rolled back from there on.
    pub no_return: bool,
    /// Whether it has changed something.
    pub effect: Effect,
    /// What it changed, as that was before.
    pub before: Option<Before>,
    /// The audiences that it has told.
    pub told: Vec<String>,
}

/// What was there before a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// The region that the record named.
    Record(String),
    /// How long caches could keep an answer about it.
    Ttl(Span),
    /// The balancer's weights.
    Weights(Vec<(String, Ratio)>),
    /// Whether any service of the region served.
    Active(bool),
}

/// What was done to the authority over a database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lineage {
    /// The epoch of this run.
    pub epoch: u32,
    /// The region whose copy led before.
    pub led_by: String,
    /// Whether older epochs were fenced off.
    pub fenced: Effect,
    /// Whether a copy was opened.
    pub promoted: Effect,
    /// How far the copy that is opened had got after the fence.
    pub received: u64,
    /// What that may lose; `None` until it is known, and of what loses nothing.
    pub loss: Option<(u64, u64)>,
}

impl StepEvidence {
    /// Whether the condition of the step did not hold.
    pub fn is_skipped(&self) -> bool {
        matches!(self.decided, Some(Err(_)))
    }
}

impl RunbookEvidence {
    /// That of a step.
    pub(super) fn of(&mut self, step: &RunbookStep) -> &mut StepEvidence {
        self.steps.entry(step.name.clone()).or_default()
    }

    /// That of a database.
    pub(super) fn lineage(&mut self, database: &str) -> &mut Lineage {
        self.databases.entry(database.to_owned()).or_default()
    }

    /// What going ahead may lose, as far as it has been assessed; `None` if nothing.
    pub(super) fn loss_in_words(&self) -> Option<String> {
        let each: Vec<String> = self
            .databases
            .iter()
            .filter_map(|(name, lineage)| {
                let (if_dead, if_alive) = lineage.loss?;
                Some(format!("{name}: {}", LossBound { if_dead, if_alive }.in_words()))
            })
            .collect();
        (!each.is_empty()).then(|| each.join("; "))
    }
}
