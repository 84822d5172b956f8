//! Setbacks: what somebody set out to do and that did not come about as planned.
//!
//! Owns which runs of procedures and which shifts of traffic were refused, stopped, rolled back, not finished, over a
//! budget, late, in each other's way or not heard of, and the words for that. Does not know properties, nor what a procedure does.
//!
//! Invariant: whatever was started and is not known to have been done is a setback. A process that takes a run over
//! resumes the same run.

use super::cause::Attribution;
use crate::record::event::{
    ConsentKind, ControllerKind, DrillKind, EventKind, MESSAGE, OnCallKind, PeopleKind, ProcedureKind, RunPhase,
    ShiftKind, WatchKind,
};
use crate::record::{ControlRun, Record, RunState, TimelineEvent};
use crate::units::Instant;

/// What people or the journal refused, without a run: the event, and what is said of it.
const REFUSALS: [(EventKind, &str); 4] = [
    (EventKind::Watch(WatchKind::Refused), "approval was refused"),
    (EventKind::Watch(WatchKind::Unanswered), "nobody who was asked answered"),
    (EventKind::Drill(DrillKind::Refused), "approval was refused"),
    (EventKind::Controller(ControllerKind::Unreadable), "the journal cannot be read"),
];

/// What was done, or left undone, that nobody had set out to: the event, and what is said of whoever it is about.
const MISHAPS: [(EventKind, &str); 4] = [
    (
        EventKind::Controller(ControllerKind::Interfered),
        "changed what another controller had set while both had runs under way",
    ),
    (EventKind::Controller(ControllerKind::StaleChange), "changed something though another had taken over its lease"),
    (EventKind::Drill(DrillKind::TouchedProduction), "changed something that real clients depend on"),
    (EventKind::OnCall(OnCallKind::Nobody), "was answered by nobody"),
];

/// Something that did not come about as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// What was to be done: a procedure, a shift, or who asked for one.
    pub subject: String,
    /// When it was begun, refused or planned.
    pub at: Instant,
    /// Whether it was begun, and not only planned.
    pub begun: bool,
    /// Its outcome: `failed and was rolled back`.
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

/// The outcome of a run that is in this state; `too_late` if nobody was there any more.
const fn became(state: RunState, too_late: bool) -> &'static str {
    match state {
        RunState::UnderWay | RunState::HandedOver => "had not ended when the rehearsal ended",
        RunState::Done if too_late => "completed only after clients had stopped sending",
        RunState::Done => "completed, after a step had exceeded its budget",
        RunState::Undone => "failed and was rolled back",
        RunState::UndoFailed => "failed and could not be rolled back",
        RunState::Stopped => "stopped before its end",
        RunState::Planned => "was planned and never started",
    }
}

/// Every setback of a run, in order of time; `found` says which faults were on.
pub fn setbacks(record: &Record, found: &Attribution<'_>) -> Vec<Setback> {
    let runs = ControlRun::all(&record.timeline);
    let too_late = |one: &ControlRun<'_>| {
        let too_late = one.until.is_some_and(|until| until > record.workload_end);
        mutant!("the_end_of_the_run_does_no_work": too_late => false)
    };
    let is_done = |one: &ControlRun<'_>| one.state == RunState::Done && !too_late(one) && !skipped_all(one);
    let done_after = |name: Option<&str>, at: Instant| {
        runs.iter().any(|one| is_done(one) && one.from >= at && name.is_none_or(|name| name == one.name))
    };
    let of_run = |one: &ControlRun<'_>| Setback {
        subject: one.name.to_owned(),
        at: one.from,
        begun: one.state != RunState::Planned,
        became: if skipped_all(one) { "skipped every step" } else { became(one.state, too_late(one)) },
        why: why(one).to_owned(),
        events: troubles(one).map(|event| event.name.clone()).collect(),
        triggers: triggers(one, found),
        made_good: done_after(Some(one.name), one.from),
    };
    let went_well = |one: &ControlRun<'_>| {
        let is_late = |event: &TimelineEvent| event.kind == Some(EventKind::Procedure(ProcedureKind::StepOverBudget));
        let in_time = !one.failed_steps().any(is_late);
        is_done(one) && mutant!("what_was_done_was_in_time": in_time => true)
    };
    let mut all: Vec<Setback> = runs.iter().filter(|one| !went_well(one)).map(of_run).collect();
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
    all.extend(mishaps(record, found));
    all.extend(runs.iter().filter_map(|one| late_start(one, record, found)));
    all.extend(runs.iter().filter_map(|one| nobody_told(one, record, found)));
    all.sort_by_key(|setback| setback.at);
    all
}

/// Every time something was done, or left undone, that nobody had set out to.
fn mishaps<'a>(record: &'a Record, found: &'a Attribution<'_>) -> impl Iterator<Item = Setback> + 'a {
    record.timeline.events().iter().filter_map(move |event| {
        let (kind, became) = MISHAPS.iter().find(|(kind, _)| Some(*kind) == event.kind)?;
        let controller = event.part("controller").map(|name| format!("`{name}`"));
        Some(Setback {
            subject: controller.unwrap_or_else(|| kind.first().to_owned()),
            at: event.at,
            begun: false,
            became,
            why: event.text.clone(),
            events: vec![event.name.clone(), kind.called(&[])],
            triggers: found.faults_on(event.at),
            made_good: false,
        })
    })
}

/// That it began long after it was planned, whatever it waited for: approval, a lease, the journal.
fn late_start(one: &ControlRun<'_>, record: &Record, found: &Attribution<'_>) -> Option<Setback> {
    let (late, planned) = (one.began_late(&record.timeline)?, one.events.first()?);
    Some(Setback {
        subject: one.name.to_owned(),
        at: one.from,
        begun: true,
        became: "was not begun as planned",
        why: format!("it was to begin {} and did {late:#} later", planned.text),
        events: vec![planned.name.clone()],
        triggers: triggers(one, found),
        made_good: false,
    })
}

/// That a message it sent never arrived: its step was done, and nobody was told.
fn nobody_told(one: &ControlRun<'_>, record: &Record, found: &Attribution<'_>) -> Option<Setback> {
    let lost: Vec<&TimelineEvent> = one.lost_messages(&record.timeline).collect();
    let first = lost.first()?;
    let audiences: Vec<&str> = lost.iter().filter_map(|event| audience(event)).collect();
    let told = audiences.iter().map(|audience| EventKind::People(PeopleKind::Notified).called(&[audience]));
    Some(Setback {
        subject: one.name.to_owned(),
        at: one.from,
        begun: true,
        became: "did not reach those it was to notify",
        why: format!("what it sent to {} at {:#} was lost", audiences.join(", "), first.at),
        events: told.chain([first.name.clone()]).collect(),
        triggers: triggers(one, found),
        made_good: false,
    })
}

/// Whom a message was for that was lost.
fn audience(event: &TimelineEvent) -> Option<&str> {
    event.text.strip_prefix(MESSAGE)?.strip_suffix(" was lost")
}

/// Whether it was done without doing anything: of no step did the condition hold.
fn skipped_all(one: &ControlRun<'_>) -> bool {
    let of_kind = |kind| one.events.iter().any(|event| event.kind == Some(EventKind::Procedure(kind)));
    let all = one.state == RunState::Done && of_kind(ProcedureKind::StepSkipped) && !of_kind(ProcedureKind::StepDone);
    mutant!("what_skipped_every_step_was_done": all => false)
}

/// Why it did not come about, as the run itself said.
fn why<'a>(one: &ControlRun<'a>) -> &'a str {
    if one.state == RunState::Planned {
        return one.events.first().map_or("", |event| &event.text);
    }
    let said = one.last(&[RunPhase::Failed, RunPhase::Stopped]);
    said.and_then(|event| event.text.split("; ").next()).unwrap_or_default()
}

/// The events that tell of its troubles: steps that failed, and every end but a good one.
fn troubles<'a>(one: &ControlRun<'a>) -> impl Iterator<Item = &'a TimelineEvent> {
    let state = one.state;
    one.events.clone().into_iter().filter(move |event| match event.run() {
        Some((_, phase)) => match phase {
            RunPhase::Failed | RunPhase::Undone | RunPhase::UndoFailed | RunPhase::Stopped => true,
            RunPhase::Found => state != RunState::Done,
            RunPhase::Started | RunPhase::Resumed | RunPhase::Done | RunPhase::Superseded => false,
        },
        None => match event.kind {
            Some(EventKind::Procedure(kind)) => {
                let skipped = kind == ProcedureKind::StepSkipped && skipped_all(one);
                skipped || matches!(kind, ProcedureKind::StepFailed | ProcedureKind::StepOverBudget)
            }
            Some(EventKind::Shift(kind)) => kind == ShiftKind::Planned && state == RunState::Planned,
            _ => false,
        },
    })
}

/// The faults that it was to answer.
fn triggers(one: &ControlRun<'_>, found: &Attribution<'_>) -> Vec<String> {
    let run = found.runs.iter().find(|run| run.run.name == one.name && run.run.from == one.from);
    run.map_or_else(|| found.faults_on(one.from), |run| run.triggers.clone())
}

#[cfg(test)]
#[path = "setback_tests.rs"]
pub(crate) mod tests;
