//! A lap: one step of a procedure, as it went.

use crate::units::{As, Instant, Seconds, Span};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One attempt at one step of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lap {
    /// The procedure.
    pub procedure: String,
    /// Which run of that procedure: 1 for the first.
    pub run: u32,
    /// The step.
    pub step: String,
    /// When it started.
    #[serde(rename = "start_s", with = "As::<Seconds>")]
    pub start: Instant,
    /// How long it took, retries included.
    #[serde(rename = "took_s", with = "As::<Seconds>")]
    pub took: Span,
    /// How long it was allowed to take.
    #[serde(rename = "budget_s", with = "As::<Seconds>")]
    pub budget: Span,
    /// How long undoing it may take if a later step fails; `None`: it changes nothing, or is itself the undoing.
    #[serde(rename = "undo_budget_s", with = "As::<Option<Seconds>>")]
    pub undo: Option<Span>,
    /// Whether, when it ended, the run had done something that cannot be undone, or may have, as far as the step knew.
    pub past_return: bool,
    /// How often it was tried.
    pub tries: u32,
    /// How it ended.
    pub result: LapResult,
    /// What the step saw or did, in words for a person.
    pub note: String,
}

impl Lap {
    /// `laps` by the run they are of, in the order of their first laps.
    pub fn by_run(laps: &[Self]) -> Vec<Vec<&Self>> {
        let mut runs: Vec<Vec<&Self>> = Vec::new();
        for lap in laps {
            let same = |run: &&mut Vec<&Self>| (&run[0].procedure, run[0].run) == (&lap.procedure, lap.run);
            match runs.iter_mut().find(same) {
                Some(run) => run.push(lap),
                None => runs.push(vec![lap]),
            }
        }
        runs
    }
}

/// How a lap ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LapResult {
    /// Done and verified.
    Done,
    /// Passed over: what it depends on was not so.
    Skipped,
    /// Refused or failed for certain.
    Failed,
    /// Not finished within its budget; it may have happened.
    OverBudget,
    /// Taken back after a later step failed.
    Undone,
    /// Taking it back failed.
    UndoFailed,
}

impl fmt::Display for LapResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::OverBudget => "over_budget",
            Self::Undone => "undone",
            Self::UndoFailed => "undo_failed",
        })
    }
}
