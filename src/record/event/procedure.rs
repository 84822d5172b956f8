//! How a run of a procedure goes, and each of its steps.

use super::{CustomEvent, Event, EventKind, Prose};
use crate::record::{Beginning, LapResult};
use crate::units::plural;

events! {
    /// How a run of a procedure goes, and each of its steps.
    ProcedureEvent, ProcedureKind;

    /// A run of the procedure started.
    Started by Control "{procedure}.started" { procedure: String, does: Prose } => "{does}"
    /// A run of the procedure ended with every step done.
    Done by Control "{procedure}.done" { procedure: String, steps: u64 }
        => { format!("{} done and verified", plural(*steps, "step")) }
    /// A step of the procedure failed permanently.
    Failed by Control "{procedure}.failed" { procedure: String, step: String, why: Prose, past_return: bool } => {
        if *past_return { past_the_point(step, why) } else { format!("{step}: {why}; rolling back") }
    }
    /// A failed run of the procedure was rolled back.
    Undone by Control "{procedure}.undone" { procedure: String } => "everything was rolled back"
    /// A failed run of the procedure could not be rolled back completely.
    UndoFailed by Control "{procedure}.undo_failed" { procedure: String }
        => "not everything could be rolled back: a person must act"
    /// A run of the procedure stopped past its point of no return.
    Stopped by Control "{procedure}.stopped" { procedure: String, step: Option<String>, why: Prose } => {
        // Without a step it was the journal that could not be written.
        step.as_ref().map_or_else(|| left_as_it_is(why), |step| past_the_point(step, why))
    }
    /// A controller resumed a run that an earlier one had started.
    Resumed by Control "{procedure}.resumed" { procedure: String, run: String, at: Option<String> } => {
        match at {
            Some(step) => format!("run {run} resumes at {step}"),
            None => format!("run {run} resumes its rollback"),
        }
    }
    /// A controller resumed a run with the order it was started with, not with the current one.
    KeptOrder by Control "{procedure}.kept_order" { procedure: String, run: String }
        => "run {run} resumes with its original order, which differs from the current one"
    /// A controller left a run to another that superseded it.
    Superseded by Control "{procedure}.superseded" { procedure: String, why: Prose } => { left_as_it_is(why) }
    /// A controller found that an earlier run had already ended.
    Found by Control "{procedure}.found" { procedure: String, run: Option<String>, ending: Prose } => {
        run.as_ref().map_or_else(|| ending.to_string(), |run| format!("run {run}: {ending}"))
    }
    /// A controller has been told when to start the procedure: at a given time, or upon an event.
    Planned by Control "{procedure}.planned" { procedure: String, begins: Beginning } => "{begins}"
    /// Those who must agree did not, so that the procedure was not started.
    Refused by Control "{procedure}.refused" { procedure: String, why: Prose } => "{why}: it is not started"
    /// The procedure chose the region that takes over, of several that might.
    TargetChosen by Control "{procedure}.target_chosen" { procedure: String, region: String, why: Prose }
        => "{region}: {why}"
    /// A round of the step started.
    StepStarted by Control "{procedure}.{step}.started" { procedure: String, step: String, does: Prose } => "{does}"
    /// The step was done and verified.
    StepDone by Control "{procedure}.{step}.done" { procedure: String, step: String, note: Prose } => "{note}"
    /// The step was skipped because its condition did not hold.
    StepSkipped by Control "{procedure}.{step}.skipped" { procedure: String, step: String, note: Prose } => "{note}"
    /// The step was refused or definitely failed.
    StepFailed by Control "{procedure}.{step}.failed" { procedure: String, step: String, note: Prose } => "{note}"
    /// The step was not finished within its budget.
    StepOverBudget by Control "{procedure}.{step}.over_budget" { procedure: String, step: String, note: Prose }
        => "{note}"
    /// The step was undone.
    StepUndone by Control "{procedure}.{step}.undone" { procedure: String, step: String, note: Prose } => "{note}"
    /// Undoing the step failed.
    StepUndoFailed by Control "{procedure}.{step}.undo_failed" { procedure: String, step: String, note: Prose }
        => "{note}"
}

fn past_the_point(step: &str, why: &Prose) -> String {
    format!("{step}: {why}; past the point of no return, so nothing is rolled back: a person must act")
}

fn left_as_it_is(why: &Prose) -> String {
    format!("{why}: nothing more is done")
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

    /// What all events of `step` are called, with `*` for its outcome; of any step, if none is named.
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
            | Self::TargetChosen
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
            Self::Custom(CustomEvent { text, .. }) => {
                text.split_once(": ").map(|(step, why)| (step.to_owned(), why.to_owned()))
            }
            _ => None,
        }
    }
}
