//! One step of a procedure as data, and how a try at it can fail.
//!
//! Does not know what the step does: that is its procedure's.

use crate::ports::PortError;
use crate::units::Span;
use std::borrow::Cow;
use std::fmt;

/// One step, as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name in laps and events, and in the journal: unlike that of any other step of its procedure.
    pub name: Cow<'static, str>,
    /// What it does, in words for a person.
    pub does: Cow<'static, str>,
    /// How long it may take, retries and verification included. Finishing exactly then is in time.
    pub budget: Span,
    /// How often it may be tried within that.
    pub tries: u32,
    /// How long to wait before trying again.
    pub pause: Span,
    /// Whether it may be repeated when nobody knows if it happened.
    pub repeat: Repeat,
    /// How it is undone; `None` if it changes nothing.
    pub undo: Option<Undo>,
    /// Whether the point of no return lies inside this step.
    pub no_return: NoReturn,
    /// Whether it runs in parallel with the step before it in the list, as one stage.
    pub beside: bool,
    /// Whether it is performed once for each of what the procedure works on: with the steps of that kind that follow it
    /// in the list it makes up a series, through which each passes at its own pace.
    pub each: bool,
    /// The names of the procedures that run as a part of it, or of taking it back.
    pub runs: &'static [&'static str],
    /// Where the budgets come from.
    pub source: &'static str,
}

impl Step {
    /// A step that may be repeated, changes nothing and lies before any point of no return; budget and pause in seconds.
    pub const fn new(name: &'static str, does: &'static str, budget: u64, tries: u32, pause: u64) -> Self {
        Self {
            name: Cow::Borrowed(name),
            does: Cow::Borrowed(does),
            budget: Span::from_secs(budget),
            tries,
            pause: Span::from_secs(pause),
            repeat: Repeat::Idempotent,
            undo: None,
            no_return: NoReturn::Before,
            beside: false,
            each: false,
            runs: &[],
            source: "product default",
        }
    }

    /// With so many seconds and five attempts to undo what it changes.
    #[must_use]
    pub const fn undo_within(mut self, seconds: u64) -> Self {
        self.undo = Some(Undo { budget: Span::from_secs(seconds), tries: 5 });
        self
    }

    /// With a source of its budgets.
    #[must_use]
    pub const fn from(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    /// With the point of no return inside.
    #[must_use]
    pub const fn with_no_return(mut self) -> Self {
        self.no_return = NoReturn::Inside;
        self
    }

    /// Side by side with the step before it. What the two find and change must be different fields of the evidence.
    #[must_use]
    pub const fn beside(mut self) -> Self {
        self.beside = true;
        self
    }

    /// Once for each of what the procedure [works on](super::Procedure::each). What the step does for different ones must
    /// be different fields of the evidence.
    #[must_use]
    pub const fn for_each(mut self) -> Self {
        self.each = true;
        self
    }

    /// With these procedures as a part of it.
    #[must_use]
    pub const fn running(mut self, procedures: &'static [&'static str]) -> Self {
        self.runs = procedures;
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

/// Whether a step can be undone completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReturn {
    /// Nothing in it is final.
    Before,
    /// Something in it cannot be undone; the procedure's evidence says from when on.
    Inside,
}

/// How a step is undone.
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
