//! How a run of a procedure goes, and each of its steps.

use super::{Event, EventKind, Prose, Told};
use crate::record::LapResult;
use crate::units::Instant;

events! {
    /// How a run of a procedure goes, and each of its steps.
    ProcedureEvent, ProcedureKind;

    /// A run of the procedure started.
    Started by Control "{procedure}.started" { procedure: String, does: Prose } => "{does}"
    /// A run of the procedure ended with every step done.
    Done by Control "{procedure}.done" { procedure: String, steps: u64 } => "{steps} steps done and verified"
    /// A step of the procedure failed for good.
    Failed by Control "{procedure}.failed" { procedure: String, step: String, why: Prose, past_return: bool } => {
        if *past_return { past_the_point(step, why) } else { format!("{step}: {why}; taking back what was done") }
    }
    /// A failed run of the procedure took everything back.
    Undone by Control "{procedure}.undone" { procedure: String } => "everything is as it was"
    /// A failed run of the procedure could not take everything back.
    UndoFailed by Control "{procedure}.undo_failed" { procedure: String }
        => "not everything could be taken back: a person must act"
    /// A run of the procedure stopped where it cannot be taken back.
    Stopped by Control "{procedure}.stopped" { procedure: String, step: Option<String>, why: Prose } => {
        // Without a step it was the journal that could not be written.
        step.as_ref().map_or_else(|| left_as_it_is(why), |step| past_the_point(step, why))
    }
    /// A controller went on with a run that one before it had begun.
    Resumed by Control "{procedure}.resumed" { procedure: String, run: String, at: Option<String> } => {
        match at {
            Some(step) => format!("run {run} goes on at {step}"),
            None => format!("run {run} goes on being taken back"),
        }
    }
    /// A controller went on with a run by the order that it was begun with, not by the one it would give now.
    KeptOrder by Control "{procedure}.kept_order" { procedure: String, run: String }
        => "run {run} goes on by the order it was begun with, which is not the present one"
    /// A controller left a run to another that took over from it.
    Superseded by Control "{procedure}.superseded" { procedure: String, why: Prose } => { left_as_it_is(why) }
    /// A controller found that the run before its time had ended.
    Found by Control "{procedure}.found" { procedure: String, run: Option<String>, ending: Prose } => {
        run.as_ref().map_or_else(|| ending.to_string(), |run| format!("run {run}: {ending}"))
    }
    /// A controller has been told to start the procedure at a given time.
    Planned by Control "{procedure}.planned" { procedure: String, at: Instant } => "at {at:#}"
    /// Those who must agree did not, so that the procedure was not started.
    Refused by Control "{procedure}.refused" { procedure: String, why: Prose } => "{why}: it is not started"
    /// A round of the step started.
    StepStarted by Control "{procedure}.{step}.started" { procedure: String, step: String, does: Prose } => "{does}"
    /// The step was done and verified.
    StepDone by Control "{procedure}.{step}.done" { procedure: String, step: String, note: Prose } => "{note}"
    /// The step was passed over, for its condition did not hold.
    StepSkipped by Control "{procedure}.{step}.skipped" { procedure: String, step: String, note: Prose } => "{note}"
    /// The step was refused or failed for certain.
    StepFailed by Control "{procedure}.{step}.failed" { procedure: String, step: String, note: Prose } => "{note}"
    /// The step was not finished within its budget.
    StepOverBudget by Control "{procedure}.{step}.over_budget" { procedure: String, step: String, note: Prose }
        => "{note}"
    /// The step was taken back.
    StepUndone by Control "{procedure}.{step}.undone" { procedure: String, step: String, note: Prose } => "{note}"
    /// Taking the step back failed.
    StepUndoFailed by Control "{procedure}.{step}.undo_failed" { procedure: String, step: String, note: Prose }
        => "{note}"
}

fn past_the_point(step: &str, why: &Prose) -> String {
    format!("{step}: {why}; past the point of no return, so nothing is taken back: a person must act")
}

fn left_as_it_is(why: &Prose) -> String {
    format!("{why}: nothing more is done here")
}

impl ProcedureEvent {
    /// The name under which a run of `procedure` starts.
    pub fn starts(procedure: &str) -> String {
        EventKind::Procedure(ProcedureKind::Started).called(&[procedure])
    }

    /// The name under which a round of `step` starts.
    pub fn step_starts(procedure: &str, step: &str) -> String {
        EventKind::Procedure(ProcedureKind::StepStarted).called(&[procedure, step])
    }

    /// What all events of `step` are called, with `*` for what becomes of it; of any step, if none is named.
    pub fn any_of(procedure: &str, step: Option<&str>) -> String {
        format!("{procedure}.{}.*", step.unwrap_or("*"))
    }

    /// A round of a step has ended so.
    pub fn step_ended(procedure: &str, step: &str, result: LapResult, note: &str) -> Self {
        let (procedure, step, note) = (procedure.to_owned(), step.to_owned(), Prose::from(note));
        match result {
            LapResult::Done => Self::StepDone { procedure, step, note },
            LapResult::Skipped => Self::StepSkipped { procedure, step, note },
            LapResult::Failed => Self::StepFailed { procedure, step, note },
            LapResult::OverBudget => Self::StepOverBudget { procedure, step, note },
            LapResult::Undone => Self::StepUndone { procedure, step, note },
            LapResult::UndoFailed => Self::StepUndoFailed { procedure, step, note },
        }
    }
}

impl ProcedureKind {
    /// Those of a run as a whole, whoever starts it.
    pub fn of_runs() -> impl Iterator<Item = Self> {
        let of_a_plan = [Self::Planned, Self::Refused];
        Self::ALL.iter().copied().filter(move |kind| !kind.is_of_a_step() && !of_a_plan.contains(kind))
    }

    /// Whether it is about one step, which has a lap that says the same.
    pub const fn is_of_a_step(self) -> bool {
        match self {
            Self::StepStarted
            | Self::StepDone
            | Self::StepSkipped
            | Self::StepFailed
            | Self::StepOverBudget
            | Self::StepUndone
            | Self::StepUndoFailed => true,
            Self::Started
            | Self::Done
            | Self::Failed
            | Self::Undone
            | Self::UndoFailed
            | Self::Stopped
            | Self::Resumed
            | Self::KeptOrder
            | Self::Superseded
            | Self::Found
            | Self::Planned
            | Self::Refused => false,
        }
    }
}

impl Event {
    /// Which step it was that failed for good, and why, of an event that says so. What was only told says it in its words.
    pub fn trouble(&self) -> Option<(String, String)> {
        match self {
            Self::Procedure(ProcedureEvent::Failed { step, .. }) => {
                let words = self.text();
                let why = words.strip_prefix(step.as_str())?.strip_prefix(": ")?;
                Some((step.clone(), why.to_owned()))
            }
            Self::Told(Told { text, .. }) => text.split_once(": ").map(|(step, why)| (step.to_owned(), why.to_owned())),
            _ => None,
        }
    }
}
