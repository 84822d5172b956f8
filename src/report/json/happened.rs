//! What happened, in `results.json`: faults, steps and events.

use super::scalar::{Moment, Seconds, one_of};
use super::service::{How, PeriodEntry};
use crate::record::{Actor, FaultRecord, Lap, LapResult, Timeline, TimelineEvent};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

const ACTORS: [Actor; 4] = [Actor::Fault, Actor::World, Actor::Control, Actor::People];

const LAP_RESULTS: [LapResult; 6] = [
    LapResult::Done,
    LapResult::Skipped,
    LapResult::Failed,
    LapResult::OverBudget,
    LapResult::Undone,
    LapResult::UndoFailed,
];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultEntry<'a> {
    id: Cow<'a, str>,
    kind: Cow<'a, str>,
    at_s: Option<Moment>,
    healed_s: Option<Moment>,
    bit: bool,
    hits: u64,
    reach: How,
    touched: u64,
    periods: Vec<PeriodEntry>,
    random: bool,
    optional: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LapEntry<'a> {
    procedure: Cow<'a, str>,
    run: u32,
    step: Cow<'a, str>,
    start_s: Moment,
    took_s: Seconds,
    budget_s: Seconds,
    tries: u32,
    result: Ending,
    note: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventEntry<'a> {
    at_s: Moment,
    actor: Who,
    name: Cow<'a, str>,
    text: Cow<'a, str>,
}

struct Who(Actor);

struct Ending(LapResult);

impl<'a> FaultEntry<'a> {
    pub(super) fn of(f: &'a FaultRecord) -> Self {
        Self {
            id: (&f.id).into(),
            kind: (&f.kind).into(),
            at_s: f.at.map(Moment),
            healed_s: f.healed.map(Moment),
            bit: f.hits > 0,
            hits: f.hits,
            reach: How(f.reach),
            touched: f.touched,
            periods: f.periods.iter().map(PeriodEntry::of).collect(),
            random: f.random,
            optional: f.optional,
        }
    }

    pub(super) fn into_fault(self) -> FaultRecord {
        FaultRecord {
            id: self.id.into_owned(),
            kind: self.kind.into_owned(),
            at: self.at_s.map(|at| at.0),
            healed: self.healed_s.map(|at| at.0),
            hits: self.hits,
            reach: self.reach.0,
            touched: self.touched,
            periods: self.periods.into_iter().map(PeriodEntry::into_period).collect(),
            random: self.random,
            optional: self.optional,
        }
    }
}

impl<'a> LapEntry<'a> {
    pub(super) fn of(l: &'a Lap) -> Self {
        Self {
            procedure: l.procedure.as_str().into(),
            run: l.run,
            step: l.step.as_str().into(),
            start_s: Moment(l.start),
            took_s: Seconds(l.took),
            budget_s: Seconds(l.budget),
            tries: l.tries,
            result: Ending(l.result),
            note: (&l.note).into(),
        }
    }

    pub(super) fn into_lap(self) -> Lap {
        Lap {
            procedure: self.procedure.into_owned(),
            run: self.run,
            step: self.step.into_owned(),
            start: self.start_s.0,
            took: self.took_s.0,
            budget: self.budget_s.0,
            tries: self.tries,
            result: self.result.0,
            note: self.note.into_owned(),
        }
    }
}

impl<'a> EventEntry<'a> {
    pub(super) fn of(e: &'a TimelineEvent) -> Self {
        Self { at_s: Moment(e.at), actor: Who(e.actor), name: (&e.name).into(), text: (&e.text).into() }
    }
}

/// The timeline again, or the number of the first event that is earlier than the one before it.
pub(super) fn timeline(entries: Vec<EventEntry<'_>>) -> Result<Timeline, usize> {
    let backwards = entries.windows(2).position(|two| two[1].at_s.0 < two[0].at_s.0);
    if let Some(i) = backwards {
        return Err(i + 1);
    }
    let mut timeline = Timeline::default();
    entries.into_iter().for_each(|e| timeline.push_told(e.at_s.0, e.actor.0, e.name, e.text));
    Ok(timeline)
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(deserializer, &ACTORS, "fault, world, control or people").map(Self)
    }
}

impl Serialize for Ending {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Ending {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(deserializer, &LAP_RESULTS, "done, skipped, failed, over_budget, undone or undo_failed").map(Self)
    }
}
