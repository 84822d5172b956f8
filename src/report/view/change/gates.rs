//! Go or no-go by time: from when to when each decision of the plan is open, who takes it, and what came of it in this run.
//!
//! Does not know what a step does. Invariant: a gate opens and closes with an event or a step of the run.

use super::settings::executor;
use super::steps::closes;
use super::{Chapter, ChapterPart, ChapterRows};
use crate::outcome::Outcome;
use crate::record::event::{ConsentKind, EventKind, PeopleKind, ProcedureKind, ShiftKind, WatchKind};
use crate::record::{ControlRun, RunState, TimelineEvent};
use crate::report::text::{clock, cut};
use crate::units::Instant;

/// The most decisions that are listed.
const MOST_GATES: usize = 60;

/// The longest question or reason that is quoted. Unit: characters.
const LONGEST: usize = 260;

/// One decision.
struct OpenDecision {
    /// Since when it is open; `None`: since the run began.
    from: Option<Instant>,
    /// Until when; `None`: still when the run ended.
    until: Option<Instant>,
    what: String,
    who: String,
    came: String,
}

pub(super) fn chapter(outcome: &Outcome) -> Chapter {
    let gates = gates(outcome);
    let words = "Which decision is open from when to when, by the clock of the run. What is not listed was not open: no event \
                 of the run tells of it.";
    let rows = gates.iter().take(MOST_GATES).map(|gate| {
        let from = gate.from.map_or_else(|| "from the start".to_owned(), clock);
        let until = gate.until.map_or_else(|| "to the end of the run".to_owned(), clock);
        vec![gate.what.clone(), from, until, gate.who.clone(), gate.came.clone()]
    });
    let rows: Vec<_> = rows.collect();
    let mut parts = match rows.is_empty() {
        true => vec![ChapterPart::Words(
            "No decision was open in this run: nothing was planned, begun or asked for.".to_owned(),
        )],
        false => vec![ChapterPart::Words(words.to_owned())],
    };
    if let Some(more) = gates.len().checked_sub(MOST_GATES).filter(|more| *more > 0) {
        parts.push(ChapterPart::Words(format!("{more} more decisions are in the timeline of the report.")));
    }
    let heads = &["Decision", "Open from", "Until", "Who decides", "What came of it"];
    parts.push(ChapterPart::Rows(ChapterRows {
        caption: "Decisions, in the order in which they open".to_owned(),
        heads,
        rows,
    }));
    Chapter { id: "gates", title: "Go or no-go, by time", parts }
}

fn gates(outcome: &Outcome) -> Vec<OpenDecision> {
    let events = outcome.record.timeline.events();
    let runs = ControlRun::all(&outcome.record.timeline);
    let begin = |(i, run): (usize, &ControlRun<'_>)| {
        let before = runs[..i].iter().filter(|before| before.name == run.name);
        to_begin(outcome, run, before.filter_map(|before| before.until).max())
    };
    let mut gates: Vec<OpenDecision> = runs.iter().enumerate().map(begin).collect();
    let begun = runs.iter().filter(|run| run.state != RunState::Planned && !run.is_shift);
    gates.extend(begun.map(|run| to_go_back(outcome, run)));
    let asked = events.iter().filter(|event| event.kind == Some(EventKind::Consent(ConsentKind::Asked)));
    gates.extend(asked.map(|asked| to_approve(asked, events)));
    gates.sort_by_key(|gate| gate.from);
    gates
}

/// Whether to begin: open since the plan or the alarm, and not before the run before it was over.
fn to_begin(outcome: &Outcome, run: &ControlRun<'_>, before: Option<Instant>) -> OpenDecision {
    let events = outcome.record.timeline.events();
    let is_plan = |event: &&&TimelineEvent| {
        matches!(event.kind, Some(EventKind::Procedure(ProcedureKind::Planned) | EventKind::Shift(ShiftKind::Planned)))
    };
    let plan = run.events.first().filter(is_plan);
    let last = |kinds: &[WatchKind]| {
        let is_one = |event: &&TimelineEvent| match event.kind {
            Some(EventKind::Watch(kind)) => event.at <= run.from && kinds.contains(&kind),
            _ => false,
        };
        events.iter().rfind(is_one)
    };
    let alarm = plan.is_none().then(|| last(&[WatchKind::Detected, WatchKind::Fit])).flatten();
    let decided = plan.is_none().then(|| last(&[WatchKind::Decided, WatchKind::ComingBack])).flatten();
    let begun = run.state != RunState::Planned;
    let came = match (plan, decided, begun) {
        (Some(plan), _, true) => format!("planned {}; begun", plan.text),
        (Some(plan), _, false) => format!("planned {}; never begun", plan.text),
        (None, Some(decided), _) => format!("begun: {}", decided.text),
        (None, None, _) => "begun".to_owned(),
    };
    OpenDecision {
        from: plan.map(|plan| plan.at).or(alarm.map(|alarm| alarm.at.max(before.unwrap_or(alarm.at)))),
        until: begun.then_some(run.from),
        what: format!("Begin {}, or not", run.name),
        who: if run.is_shift { "control".to_owned() } else { executor(outcome, run.name) },
        came: cut(&came, LONGEST),
    }
}

/// Whether to take back what was begun: open until the step begins in which the point of no return lies.
fn to_go_back(outcome: &Outcome, run: &ControlRun<'_>) -> OpenDecision {
    let closed = closes(&outcome.record, run);
    let came = match (run.state, closed) {
        (RunState::Done, Some(lap)) => {
            format!("not taken back, and no longer possible at the end of {}: from there only forward", lap.step)
        }
        (RunState::Done, None) => "not taken back; every step was done".to_owned(),
        (RunState::Undone, _) => "taken back".to_owned(),
        (RunState::UndoFailed, _) => "taken back in part only: a person must act".to_owned(),
        (RunState::Stopped, _) => "stopped without being taken back: a person must act".to_owned(),
        (RunState::HandedOver, _) => "left to another controller, which did not resume it".to_owned(),
        (RunState::UnderWay | RunState::Planned, _) => "not over when the run ended".to_owned(),
    };
    OpenDecision {
        from: Some(run.from),
        until: closed.map(|lap| lap.start).or(run.until),
        what: format!("Take {} back", run.name),
        who: format!("{}, by itself if a step fails", executor(outcome, run.name)),
        came,
    }
}

/// A question put to people.
fn to_approve(asked: &TimelineEvent, events: &[TimelineEvent]) -> OpenDecision {
    let ends = |event: &&TimelineEvent| match event.kind {
        Some(EventKind::Consent(kind)) => {
            let is_end = match kind {
                ConsentKind::Given | ConsentKind::Refused | ConsentKind::Withdrawn | ConsentKind::Nobody => true,
                ConsentKind::Asked | ConsentKind::Paged | ConsentKind::Acknowledged | ConsentKind::Escalated => false,
                ConsentKind::Unreachable | ConsentKind::Agreed | ConsentKind::Disagreed => false,
            };
            is_end && event.at >= asked.at && event.event.is_about(&asked.text)
        }
        _ => false,
    };
    let end = events.iter().find(ends);
    let until = end.map(|end| end.at);
    let paged = events.iter().filter(|event| {
        let inside = event.at >= asked.at && until.is_none_or(|until| event.at <= until);
        inside && event.kind == Some(EventKind::People(PeopleKind::Paged)) && event.text.ends_with(&asked.text)
    });
    let mut who: Vec<&str> = Vec::new();
    for person in paged.filter_map(|event| event.part("person")) {
        if !who.contains(&person) {
            who.push(person);
        }
    }
    OpenDecision {
        from: Some(asked.at),
        until,
        what: format!("Approve: {}", cut(&asked.text, LONGEST)),
        who: if who.is_empty() { "nobody was reached".to_owned() } else { who.join(", ") },
        came: end.map_or_else(|| "unanswered when the run ended".to_owned(), |end| cut(answer(end, asked), LONGEST)),
    }
}

/// What an answer says without the question it repeats.
fn answer<'a>(end: &'a TimelineEvent, asked: &TimelineEvent) -> &'a str {
    let answer = end.text.strip_suffix(asked.text.as_str()).unwrap_or(&end.text).trim_end_matches([':', ' ']);
    if answer.is_empty() { "withdrawn" } else { answer }
}
