//! The runs of a record: which events are about one and the same run of a procedure or shift of traffic, from its plan
//! to its end.
//!
//! Owns the pairing of those events, which everybody who reads runs goes by. Does not know what a run does, nor whether
//! its result is good.
//!
//! Invariant: an event is about one run at most. Of several runs of a name that are under way, one that says where
//! traffic is to go is matched by what speaks of the same; else the latest is, for events do not say whose they are.

use super::event::{CustomEvent, Event, EventKind, ProcedureKind, RunPhase, ShiftEvent, ShiftKind};
use super::{Beginning, Timeline, TimelineEvent};
use crate::units::{Instant, Span};

/// How the text of an event ends that tells of a run found done.
const FOUND_DONE: &str = "is done";

/// A run that begins longer than this after it was planned was not begun as planned. Product default: what people take to approve
/// is minutes, and a window of maintenance is half an hour.
pub const LATE: Span = Span::from_mins(5);

/// What has become of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It is to begin, and has not.
    Planned,
    /// It has begun, and not ended.
    UnderWay,
    /// The controller that had begun it left it to another, which has not resumed it.
    HandedOver,
    /// Every step was done.
    Done,
    /// Everything was rolled back.
    Undone,
    /// Not everything could be rolled back.
    UndoFailed,
    /// It stopped past its point of no return, or could not be written down.
    Stopped,
}

impl RunState {
    /// Whether the run is over.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Undone | Self::UndoFailed | Self::Stopped)
    }

    /// What an event that says so of a run, in these words, makes of it; `None`: it continues as before.
    fn after(phase: RunPhase, text: &str) -> Option<Self> {
        Some(match phase {
            RunPhase::Resumed => Self::UnderWay,
            RunPhase::Superseded => Self::HandedOver,
            RunPhase::Done => Self::Done,
            RunPhase::Found if text.ends_with(FOUND_DONE) => Self::Done,
            RunPhase::Undone | RunPhase::Found => Self::Undone,
            RunPhase::UndoFailed => Self::UndoFailed,
            RunPhase::Stopped => Self::Stopped,
            RunPhase::Started | RunPhase::Failed => return None,
        })
    }
}

/// A run of a procedure, or a shift of traffic.
#[derive(Debug, Clone)]
pub struct ControlRun<'a> {
    /// The procedure, or `shift`.
    pub name: &'a str,
    /// Whether it is a shift, which no procedure makes.
    pub is_shift: bool,
    /// When it began; if it has not, when it was planned.
    pub from: Instant,
    /// When it came to the state it is in, if that is its end.
    pub until: Option<Instant>,
    /// What has become of it.
    pub state: RunState,
    /// Every event about it and its steps, in order.
    pub events: Vec<&'a TimelineEvent>,
}

impl<'a> ControlRun<'a> {
    /// Every run of `timeline`, in the order in which they began; one that never did stands where it was planned.
    pub fn all(timeline: &'a Timeline) -> Vec<Self> {
        let mut runs: Vec<Self> = Vec::new();
        for event in timeline.events() {
            if let Some(name) = planned(event) {
                // A controller that takes over from another says again what is planned.
                let again = |run: &Self| !run.is_shift && run.name == name && run.events[0].text == event.text;
                if !runs.iter().any(again) {
                    runs.push(Self::new(name, RunState::Planned, event));
                }
                continue;
            }
            let Some((name, phase)) = subject(event) else { continue };
            if phase == Some(RunPhase::Started) {
                let planned =
                    |run: &Self| run.state == RunState::Planned && run.name == name && run.is_told_of_by(event);
                let before = runs.iter().position(planned).map(|index| runs.remove(index).events);
                let mut run = Self::new(name, RunState::UnderWay, event);
                run.events.splice(0..0, before.into_iter().flatten());
                runs.push(run);
                continue;
            }
            if phase == Some(RunPhase::Resumed) {
                unite(&mut runs, name, event);
            }
            let mut mine = runs.iter_mut().rev().filter(|run| run.name == name && run.is_told_of_by(event));
            // A resumed run may be one that the process before had taken for ended.
            let goes_on = mutant!("who_takes_over_begins_anew": phase == Some(RunPhase::Resumed) => false);
            let found = if goes_on { mine.next() } else { mine.find(|run| run.is_open()) };
            if let Some(run) = found {
                run.take_in(phase, event);
            }
        }
        runs
    }

    fn new(name: &'a str, state: RunState, event: &'a TimelineEvent) -> Self {
        let is_shift = matches!(event.kind, Some(EventKind::Shift(_)));
        Self { name, is_shift, from: event.at, until: None, state, events: vec![event] }
    }

    fn take_in(&mut self, phase: Option<RunPhase>, event: &'a TimelineEvent) {
        self.events.push(event);
        if let Some(state) = phase.and_then(|phase| RunState::after(phase, &event.text)) {
            self.state = state;
            self.until = state.is_end().then_some(event.at);
        }
    }

    const fn is_open(&self) -> bool {
        matches!(self.state, RunState::UnderWay | RunState::HandedOver)
    }

    /// Whether `event`, which is about a run of this name, is about no other place for traffic to go.
    fn is_told_of_by(&self, event: &TimelineEvent) -> bool {
        match (self.events.first().and_then(|first| wanted(first)), wanted(event)) {
            (Some(mine), Some(its)) => mine == its,
            _ => true,
        }
    }

    /// When it was to begin, if somebody had planned it and what it was to wait for has happened.
    pub fn planned_for(&self, timeline: &Timeline) -> Option<Instant> {
        let plan = self.events.first().filter(|event| planned(event).is_some())?;
        // A shift says first where to.
        let of_shift = || Some(format!("at {}", plan.text.rsplit_once(" at ")?.1));
        let words = if self.is_shift { of_shift()? } else { plan.text.clone() };
        Beginning::read(&words)?.due(timeline)
    }

    /// By how much it began later than it was planned for, if that is too much.
    pub fn began_late(&self, timeline: &Timeline) -> Option<Span> {
        let begun = self.state != RunState::Planned;
        let late = self.planned_for(timeline).filter(|_| begun).map(|at| self.from.since(at.min(self.from)));
        late.filter(|late| *late > LATE)
    }

    /// The messages to somebody that were sent while it was under way and never arrived. What is lost of a page is tried again.
    pub fn lost_messages(&self, timeline: &'a Timeline) -> impl Iterator<Item = &'a TimelineEvent> {
        let (from, until) = (self.from, self.until.unwrap_or(Instant::MAX));
        let inside = move |event: &&TimelineEvent| (from..=until).contains(&event.at);
        timeline.events().iter().filter(inside).filter(|event| event.is_lost_message())
    }

    /// The steps that were not finished within their budgets, or failed, as the events that say so, in order.
    pub fn failed_steps(&self) -> impl Iterator<Item = &'a TimelineEvent> + '_ {
        let failed = [ProcedureKind::StepOverBudget, ProcedureKind::StepFailed].map(EventKind::Procedure);
        self.events.iter().copied().filter(move |event| event.kind.is_some_and(|kind| failed.contains(&kind)))
    }

    /// The last event that tells of this becoming of it.
    pub fn last(&self, phases: &[RunPhase]) -> Option<&'a TimelineEvent> {
        let tells = |event: &&TimelineEvent| event.run().is_some_and(|(_, phase)| phases.contains(&phase));
        self.events.iter().copied().rfind(tells)
    }
}

/// A controller that resumes a run that had only just started reports its start again, for the process before may not
/// have got to say so: where it had, both tell of one run.
fn unite(runs: &mut Vec<ControlRun<'_>>, name: &str, resumed: &TimelineEvent) {
    let mut mine = (0..runs.len()).rev().filter(|index| runs[*index].name == name);
    let (Some(again), Some(before)) = (mine.next(), mine.next()) else { return };
    let [told] = runs[again].events[..] else { return };
    if told.at == resumed.at && runs[before].is_open() {
        runs.remove(again);
        runs[before].events.push(told);
    }
}

/// What is to run, if `event` tells of a plan.
fn planned(event: &TimelineEvent) -> Option<&str> {
    match event.kind? {
        kind @ EventKind::Shift(ShiftKind::Planned) => Some(kind.first()),
        EventKind::Procedure(ProcedureKind::Planned) => event.part("procedure"),
        _ => None,
    }
}

/// What runs, and the state of the run, if `event` is about one or about a step or round of it.
fn subject(event: &TimelineEvent) -> Option<(&str, Option<RunPhase>)> {
    if let Some((name, phase)) = event.run() {
        return Some((name, Some(phase)));
    }
    let of_a_round = event.kind.filter(|kind| matches!(kind, EventKind::Shift(_))).map(EventKind::first);
    Some((event.part("procedure").or(of_a_round)?, None))
}

/// Where a shift that is planned, begins or ends is to send traffic, in words: what was only told says no more.
fn wanted(event: &TimelineEvent) -> Option<String> {
    match &event.event {
        Event::Shift(
            ShiftEvent::Planned { wanted, .. }
            | ShiftEvent::Started { wanted }
            | ShiftEvent::Done { wanted, .. }
            | ShiftEvent::Stopped { wanted, .. },
        ) => Some(wanted.to_string()),
        Event::Custom(CustomEvent { text, .. }) => {
            let Some(EventKind::Shift(kind)) = event.kind else { return None };
            Some(match kind {
                ShiftKind::Planned => text.strip_prefix("to ")?.rsplit_once(" at ")?.0.to_owned(),
                ShiftKind::Started => text.strip_prefix("to ")?.to_owned(),
                ShiftKind::Done => text.rsplit_once(" read back in round ")?.0.to_owned(),
                ShiftKind::Stopped => text.rsplit_once(" not in effect within ")?.0.to_owned(),
                ShiftKind::Refused | ShiftKind::Mismatch => return None,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
