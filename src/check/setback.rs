//! Setbacks: what somebody set out to do and that did not come about as planned.
//!
//! Owns which runs of procedures and which shifts of traffic were refused, stopped, taken back, not finished or over a
//! budget, and the words for that. Does not know properties, nor what a procedure does.
//!
//! Invariant: whatever was started and is not known to have been done is a setback. A process that takes a run over goes
//! on with the same run.

use super::cause::Attribution;
use crate::record::Record;
use crate::record::event::{
    ConsentKind, ControllerKind, DrillKind, EventKind, ProcedureKind, RunPhase, ShiftKind, WatchKind,
};
use crate::units::Instant;

/// What people or the journal refused, without a run: the event, and what is said of it.
const REFUSALS: [(EventKind, &str); 4] = [
    (EventKind::Watch(WatchKind::Refused), "people refused it"),
    (EventKind::Watch(WatchKind::Unanswered), "nobody who was asked answered"),
    (EventKind::Drill(DrillKind::Refused), "people refused it"),
    (EventKind::Controller(ControllerKind::Unreadable), "the journal cannot be read"),
];

/// How the text of an event ends that tells of a run found done.
const FOUND_DONE: &str = "is done";

/// Something that did not come about as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// What was to be done: a procedure, a shift, or who asked for one.
    pub subject: String,
    /// When it was begun, refused or planned.
    pub at: Instant,
    /// Whether it was begun, and not only planned.
    pub begun: bool,
    /// What became of it: `failed and was taken back`.
    pub became: &'static str,
    /// Why, as the run itself said; may be empty.
    pub why: String,
    /// The events that tell of it.
    pub events: Vec<String>,
    /// The faults that were to be answered, by id.
    pub triggers: Vec<String>,
    /// Whether it, or a later run of the same kind, was done in the end.
    pub made_good: bool,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Done,
    Undone,
    UndoFailed,
    Stopped,
    /// It was to begin, and has not.
    Ahead,
    /// It was done, but only when nobody was there any more.
    TooLate,
}

impl End {
    /// What an event that says so of a run, in these words, says of the end, if it says anything.
    fn read(phase: RunPhase, text: &str) -> Option<Self> {
        Some(match phase {
            RunPhase::Resumed => Self::Open,
            RunPhase::Done => Self::Done,
            RunPhase::Found if text.ends_with(FOUND_DONE) => Self::Done,
            RunPhase::Undone | RunPhase::Found => Self::Undone,
            RunPhase::UndoFailed => Self::UndoFailed,
            RunPhase::Stopped => Self::Stopped,
            RunPhase::Started | RunPhase::Failed | RunPhase::Superseded => return None,
        })
    }

    const fn became(self) -> &'static str {
        match self {
            Self::Open => "had not ended when the rehearsal did",
            Self::Done => "was done, after a step had run out of its budget",
            Self::Undone => "failed and was taken back",
            Self::UndoFailed => "failed and could not be taken back",
            Self::Stopped => "stopped before its end",
            Self::Ahead => "was planned and never began",
            Self::TooLate => "was done only once clients had stopped sending",
        }
    }
}

/// A run of a procedure, or a shift.
#[derive(Debug)]
struct Attempt<'a> {
    name: &'a str,
    from: Instant,
    end: End,
    why: &'a str,
    /// What its events are called that tell of trouble.
    troubles: Vec<&'a str>,
    /// Whether a step of it was not finished in time.
    is_late: bool,
}

/// Every setback of a run, in order of time; `found` says which faults were on.
pub fn setbacks(record: &Record, found: &Attribution<'_>) -> Vec<Setback> {
    let attempts = attempts(record);
    let done_after = |name: Option<&str>, at: Instant| {
        attempts.iter().any(|one| one.end == End::Done && one.from >= at && name.is_none_or(|name| name == one.name))
    };
    let of_attempt = |one: &Attempt<'_>| Setback {
        subject: one.name.to_owned(),
        at: one.from,
        begun: one.end != End::Ahead,
        became: one.end.became(),
        why: one.why.to_owned(),
        events: one.troubles.iter().map(|event| (*event).to_owned()).collect(),
        triggers: triggers(one, found),
        made_good: done_after(Some(one.name), one.from),
    };
    let went_well = |one: &Attempt<'_>| {
        let in_time = !one.is_late;
        one.end == End::Done && mutant!("what_was_done_was_in_time": in_time => true)
    };
    let mut all: Vec<Setback> = attempts.iter().filter(|one| !went_well(one)).map(of_attempt).collect();
    for event in record.timeline.events() {
        let Some((kind, became)) = REFUSALS.iter().find(|(kind, _)| Some(*kind) == event.kind) else { continue };
        all.push(Setback {
            subject: kind.first().to_owned(),
            at: event.at,
            begun: true,
            became,
            why: event.text.clone(),
            events: [*kind, EventKind::Consent(ConsentKind::Refused), EventKind::Consent(ConsentKind::Nobody)]
                .map(|kind| kind.called(&[]))
                .into(),
            triggers: found.faults_on(event.at),
            made_good: done_after(None, event.at),
        });
    }
    all.sort_by_key(|setback| setback.at);
    all
}

fn attempts(record: &Record) -> Vec<Attempt<'_>> {
    let mut all: Vec<Attempt<'_>> = Vec::new();
    for event in record.timeline.events() {
        let (name, text) = (&event.name, &event.text);
        if event.kind == Some(EventKind::Shift(ShiftKind::Planned)) {
            let (name, troubles) = (event.kind.map_or("", EventKind::first), vec![name.as_str()]);
            all.push(Attempt { name, from: event.at, end: End::Ahead, why: text, troubles, is_late: false });
            continue;
        }
        let is_late = event.kind == Some(EventKind::Procedure(ProcedureKind::StepOverBudget));
        let step_failed = is_late || event.kind == Some(EventKind::Procedure(ProcedureKind::StepFailed));
        let (procedure, phase) = match (event.run(), event.part("procedure")) {
            (Some((procedure, phase)), _) => (procedure, Some(phase)),
            (None, Some(procedure)) => (procedure, None),
            (None, None) => continue,
        };
        if phase == Some(RunPhase::Started) {
            let planned = all.iter().position(|one| one.name == procedure && one.end == End::Ahead);
            planned.map(|index| all.remove(index));
            all.push(Attempt {
                name: procedure,
                from: event.at,
                end: End::Open,
                why: "",
                troubles: Vec::new(),
                is_late: false,
            });
            continue;
        }
        let mut mine = all.iter_mut().rev().filter(|one| one.name == procedure);
        // Of several under way the last one; of those that have ended too, if it goes on.
        let goes_on = mutant!("who_takes_over_begins_anew": phase == Some(RunPhase::Resumed) => false);
        let found = if goes_on { mine.next() } else { mine.find(|one| one.end == End::Open) };
        let Some(run) = found else { continue };
        run.is_late |= is_late;
        if step_failed || phase == Some(RunPhase::Failed) {
            run.troubles.push(name);
        }
        if matches!(phase, Some(RunPhase::Failed | RunPhase::Stopped)) {
            run.why = text.split("; ").next().unwrap_or_default();
        }
        let Some(end) = phase.and_then(|phase| End::read(phase, text)) else { continue };
        let too_late = end == End::Done && event.at > record.workload_end;
        run.end = if mutant!("the_end_of_the_run_does_no_work": too_late => false) { End::TooLate } else { end };
        if !matches!(end, End::Open | End::Done) {
            run.troubles.push(name);
        }
    }
    all
}

/// The faults that a run was to answer.
fn triggers(one: &Attempt<'_>, found: &Attribution<'_>) -> Vec<String> {
    let run = found.runs.iter().find(|run| run.procedure == one.name && run.from == one.from);
    run.map_or_else(|| found.faults_on(one.from), |run| run.triggers.clone())
}

#[cfg(test)]
#[path = "setback_tests.rs"]
pub(crate) mod tests;
