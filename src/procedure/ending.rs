//! How a run of a procedure can end, and what is left of it then.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a procedure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every step done and verified.
    Done,
    /// It failed, and everything it had changed was rolled back.
    Undone,
    /// It failed, and not everything could be rolled back.
    UndoFailed,
    /// It failed past its point of no return, or could not write down what it did; what is left needs a person.
    Stopped,
    /// Another controller took over: it resumes what this one left.
    Superseded,
}

impl fmt::Display for Ending {
    /// As the rest of a sentence about the procedure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "is done",
            Self::Undone => "failed and was rolled back",
            Self::UndoFailed => "failed and could not be rolled back",
            Self::Stopped => "stopped past its point of no return",
            Self::Superseded => "was taken over by another controller",
        })
    }
}

/// How a procedure went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureOutcome<E> {
    /// How it ended.
    pub ending: Ending,
    /// The step that failed and why, if one did.
    pub failure: Option<(String, String)>,
    /// What the steps found and did.
    pub evidence: E,
}

impl<E> ProcedureOutcome<E> {
    /// The step that failed, if one did.
    pub fn failed_at(&self) -> Option<&str> {
        self.failure.as_ref().map(|(step, _)| step.as_str())
    }
}
