//! A procedure as data: its steps, how one can fail, how the whole can end.
//!
//! Owns what a dry run prints. Refuses to know what the steps do.

use crate::ports::PortError;
use crate::units::Span;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One step, as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its name in laps and events.
    pub name: &'static str,
    /// What it does, in words for a person.
    pub does: &'static str,
    /// How long it may take, retries and verification included. Finishing exactly then is in time.
    pub budget: Span,
    /// How often it may be tried within that.
    pub tries: u32,
    /// How long to wait before trying again.
    pub pause: Span,
    /// Whether it may be repeated when nobody knows if it happened.
    pub repeat: Repeat,
    /// How it is taken back; `None` if it changes nothing.
    pub undo: Option<Undo>,
    /// Whether the point of no return lies inside this step.
    pub no_return: NoReturn,
}

impl Step {
    /// A step that may be repeated, changes nothing and lies before any point of no return; budget and pause in seconds.
    pub const fn new(name: &'static str, does: &'static str, budget: u64, tries: u32, pause: u64) -> Self {
        Self {
            name,
            does,
            budget: Span::from_secs(budget),
            tries,
            pause: Span::from_secs(pause),
            repeat: Repeat::Idempotent,
            undo: None,
            no_return: NoReturn::Before,
        }
    }

    /// With so many seconds and five tries to take back what it changes.
    #[must_use]
    pub const fn undo_within(mut self, seconds: u64) -> Self {
        self.undo = Some(Undo { budget: Span::from_secs(seconds), tries: 5 });
        self
    }

    /// With the point of no return inside.
    #[must_use]
    pub const fn with_no_return(mut self) -> Self {
        self.no_return = NoReturn::Inside;
        self
    }
}

/// Whether a step may be performed again after a try of unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Doing it twice is the same as doing it once.
    Idempotent,
    /// Doing it twice does harm: an unknown outcome ends the step.
    OnceOnly,
}

/// Whether a step can be taken back to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReturn {
    /// Nothing in it is final.
    Before,
    /// Something in it cannot be taken back; the procedure's evidence says from when on.
    Inside,
}

/// How a step is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undo {
    /// How long that may take, retries included.
    pub budget: Span,
    /// How often it may be tried within that.
    pub tries: u32,
}

/// Why a try at a step did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepError {
    /// A port call failed. Tried again, unless it may have happened and the step may not be repeated.
    Port(PortError),
    /// The world is not as the step needs it or should have left it. It may become so: tried again.
    NotYet(String),
    /// Trying again cannot help.
    Final(String),
}

impl StepError {
    /// Whether nothing this controller could do would help.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Final(_) | Self::Port(PortError::Superseded { .. }))
    }

    /// Whether a step of that kind may be tried again after this.
    pub const fn allows_retry(&self, repeat: Repeat) -> bool {
        match (self, repeat) {
            (Self::Final(_) | Self::Port(PortError::Superseded { .. }), _) => false,
            (Self::NotYet(_), _) | (Self::Port(_), Repeat::Idempotent) => true,
            (Self::Port(error), Repeat::OnceOnly) => error.is_definite(),
        }
    }
}

impl From<PortError> for StepError {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(error) => error.fmt(f),
            Self::NotYet(why) | Self::Final(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for StepError {}

/// How a procedure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every step done and verified.
    Done,
    /// It failed, and everything it had changed was taken back.
    Undone,
    /// It failed, and not everything could be taken back.
    UndoFailed,
    /// It failed past its point of no return, or could not write down what it did; what is left needs a person.
    Stopped,
    /// Another controller took over: it goes on with what this one left.
    Superseded,
}

impl fmt::Display for Ending {
    /// As the rest of a sentence about the procedure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "is done",
            Self::Undone => "failed and was taken back",
            Self::UndoFailed => "failed and could not be taken back",
            Self::Stopped => "stopped where it cannot be taken back",
            Self::Superseded => "is another controller's now",
        })
    }
}

/// How a procedure went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<E> {
    /// How it ended.
    pub ending: Ending,
    /// The step that failed and why, if one did.
    pub failure: Option<(String, String)>,
    /// What the steps found and did.
    pub evidence: E,
}

impl<E> Outcome<E> {
    /// The step that failed, if one did.
    pub fn failed_at(&self) -> Option<&str> {
        self.failure.as_ref().map(|(step, _)| step.as_str())
    }
}

/// What a procedure would do: the answer of a dry run, which calls no port at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The procedure.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// How long after its start it may still begin another round of a step, past the point of no return.
    pub limit: Span,
}

impl Plan {
    /// The sum of the steps' budgets.
    pub fn budget(&self) -> Span {
        self.steps.iter().fold(Span::ZERO, |sum, step| sum.saturating_add(step.budget))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.doc)?;
        for (number, step) in (1..).zip(&self.steps) {
            let undo =
                step.undo.map_or("nothing to undo".to_owned(), |undo| format!("undo within {}", seconds(undo.budget)));
            write!(
                f,
                "{number:>3}  {:<22} {:>5}  {:>2} tries  {undo:<18}  ",
                step.name,
                seconds(step.budget),
                step.tries
            )?;
            writeln!(f, "{}", step.does)?;
            if step.no_return == NoReturn::Inside {
                writeln!(f, "     point of no return inside {}: from there on only forward", step.name)?;
            }
        }
        write!(f, "     {} in all, limit {}", seconds(self.budget()), seconds(self.limit))
    }
}

/// Budgets are compared with each other, so all are printed in one unit where they are whole seconds.
fn seconds(span: Span) -> String {
    match span.as_nanos() % 1_000_000_000 {
        0 => format!("{}s", span.as_nanos() / 1_000_000_000),
        _ => span.to_string(),
    }
}
