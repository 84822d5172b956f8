//! The short timeline: what a reader at 3 a.m. wants in order of time.
//!
//! Owns the order and the wording of moments: faults and their healing, detection and decision, steps of procedures with
//! the reason of what failed, how clients fared, recovery, violations, the end. The whole event timeline is in the record.
//!
//! Invariant: moments are in order of time; equal instants keep the order cause before effect. Where there is not room
//! for all, the result of something is kept in preference to how it was done.

use super::disruptions::disruptions;
use super::happenings::happenings;
use super::lanes::is_apart_from_steps;
use crate::outcome::{Outcome, PropertyOutcome, Recovery, Verdict};
use crate::record::{Actor, ControlRun, FaultRecord, Lap, LapResult, Timeline};
use crate::report::text::{clock, plural, span};
use crate::units::{Instant, Span};

/// How a moment feels, for colour and symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Things got better.
    Good,
    /// Things got worse.
    Bad,
    /// Worth a look.
    Odd,
    /// It happened.
    Plain,
}

/// One line of the short timeline.
#[derive(Debug, Clone)]
pub(crate) struct TimelineMoment {
    /// When.
    pub at: Instant,
    /// Whose doing it is, if it is anybody's: how clients fared and what was found are nobody's.
    pub actor: Option<Actor>,
    /// When, since the start of the run.
    pub clock: String,
    /// When, since the first fault: `T+1:10.0`. Empty before it, or without one.
    pub since_fault: String,
    /// What kind of moment: `fault`, `detected`, `step` and so on.
    pub label: &'static str,
    /// What happened.
    pub text: String,
    /// How it feels.
    pub tone: Tone,
    /// Whether it may be left out where there is not room for all.
    pub optional: bool,
}

/// A moment before its times are written.
pub(super) struct Raw {
    at: Instant,
    pub(super) label: &'static str,
    pub(super) text: String,
    pub(super) tone: Tone,
    optional: bool,
    actor: Option<Actor>,
}

impl Raw {
    pub(super) fn new(at: Instant, label: &'static str, text: String, tone: Tone) -> Self {
        Self { at, label, text, tone, optional: false, actor: None }
    }

    pub(super) fn by(self, actor: Actor) -> Self {
        Self { actor: Some(actor), ..self }
    }

    pub(super) fn optional(self, optional: bool) -> Self {
        Self { optional, ..self }
    }
}

/// The short timeline of a run.
pub(crate) fn moments(outcome: &Outcome) -> Vec<TimelineMoment> {
    let record = &outcome.record;
    let mut raw = Vec::new();
    record.faults.iter().for_each(|fault| of_fault(fault, &mut raw));
    outcome.properties.iter().for_each(|property| of_property(property, &mut raw));
    outcome.recovery.iter().for_each(|recovery| of_recovery(recovery, &mut raw));
    raw.extend(disruptions(outcome));
    record.laps.iter().for_each(|lap| raw.push(of_lap(lap, &record.timeline)));
    raw.extend(ControlRun::all(&record.timeline).iter().filter_map(|run| late_start(run, &record.timeline)));
    raw.extend(happenings(record));
    raw.push(Raw::new(record.workload_end, "load ends", "everything still broken is healed".to_owned(), Tone::Plain));
    if let Some(stopped) = &outcome.stopped {
        raw.push(Raw::new(stopped.at, "stopped", stopped.why.clone(), Tone::Bad));
    } else {
        raw.push(Raw::new(record.end, "end", "settled; the databases are read".to_owned(), Tone::Plain));
    }
    raw.retain(|moment| moment.at <= record.end);
    raw.sort_by_key(|moment| moment.at);
    let origin = first_fault(outcome);
    raw.into_iter().map(|moment| written(moment, origin)).collect()
}

/// One thing that control or a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecisionRow {
    /// When.
    pub at: Instant,
    /// Control, or a person.
    pub actor: Actor,
    /// When, since the start of the run.
    pub clock: String,
    /// When, since the first fault.
    pub since_fault: String,
    /// The event, as properties name it.
    pub event: String,
    /// What was known.
    pub known: String,
}

/// What control and people decided, in order. Steps that only carry a decision out are not among them.
pub(crate) fn decisions(outcome: &Outcome) -> Vec<DecisionRow> {
    let origin = first_fault(outcome);
    let events = outcome.record.timeline.events().iter();
    let decided = events.filter(|e| match e.actor {
        Actor::Control => is_apart_from_steps(e),
        Actor::People => true,
        Actor::Fault | Actor::World => false,
    });
    decided
        .map(|e| DecisionRow {
            at: e.at,
            actor: e.actor,
            clock: clock(e.at),
            since_fault: since(origin, e.at),
            event: e.name.clone(),
            known: e.text.clone(),
        })
        .collect()
}

fn first_fault(outcome: &Outcome) -> Option<Instant> {
    outcome.record.faults.iter().filter_map(|fault| fault.at).min()
}

/// `T+1:10.0`; empty before the first fault.
fn since(origin: Option<Instant>, at: Instant) -> String {
    let since = origin.filter(|origin| *origin <= at).map(|origin| at.since(origin));
    since.map(|s| format!("T+{}", clock(Instant::ZERO.saturating_add(s)))).unwrap_or_default()
}

fn written(Raw { at, label, text, tone, optional, actor }: Raw, origin: Option<Instant>) -> TimelineMoment {
    TimelineMoment { at, actor, clock: clock(at), since_fault: since(origin, at), label, text, tone, optional }
}

/// At most `most` of `moments`, in order: those that may be left out go first, then those in the middle.
pub(crate) fn shortened(moments: &[TimelineMoment], most: usize) -> Vec<&TimelineMoment> {
    let excess = moments.len().saturating_sub(most);
    let optional = moments.iter().filter(|moment| moment.optional).count();
    let mut room = optional - excess.min(optional);
    let kept: Vec<&TimelineMoment> = moments
        .iter()
        .filter(|moment| {
            let stays = !moment.optional || room > 0;
            room -= usize::from(moment.optional && stays);
            stays
        })
        .collect();
    // How it ended matters as much as how it began.
    let (head, tail) = (most - most / 4, most / 4);
    match kept.len() > most {
        true => kept[..head].iter().chain(&kept[kept.len() - tail..]).copied().collect(),
        false => kept,
    }
}

fn of_fault(fault: &FaultRecord, out: &mut Vec<Raw>) {
    if let Some(at) = fault.at {
        let tone = if fault.hits == 0 { Tone::Odd } else { Tone::Bad };
        let bite = if fault.hits == 0 { "had no effect".to_owned() } else { plural(fault.hits, "hit") };
        out.push(Raw::new(at, "fault", format!("{} ({}), {bite}", fault.id, fault.kind), tone).by(Actor::Fault));
    }
    if let Some(healed) = fault.healed {
        out.push(Raw::new(healed, "healed", fault.id.clone(), Tone::Good).by(Actor::Fault));
    }
}

fn of_property(property: &PropertyOutcome, out: &mut Vec<Raw>) {
    if let (Verdict::Fail, Some(at)) = (property.verdict, property.at) {
        out.push(Raw::new(at, "violated", property.id.clone(), Tone::Bad));
    }
}

fn of_recovery(recovery: &Recovery, out: &mut Vec<Raw>) {
    let phases = [
        (recovery.detect.map(|detect| recovery.at.saturating_add(detect)), "detected", "first correct alarm"),
        (recovery.decided_at(), "decided", "to act"),
        (recovery.mitigated_at(), "acted", "the remediation served its first request"),
    ];
    let mut before = recovery.at;
    for (at, label, what) in phases {
        let Some(at) = at else { break };
        let took = span(at.since(before));
        before = at;
        let actor = if label == "acted" { Actor::World } else { Actor::Control };
        let text = format!("{}: {what}, {took} later", recovery.fault);
        out.push(Raw::new(at, label, text, Tone::Plain).by(actor));
    }
    if let Some(rto) = recovery.rto {
        let text = format!("{}: clients are served again after {}", recovery.fault, span(rto));
        out.push(Raw::new(recovery.at.saturating_add(rto), "recovered", text, Tone::Good));
    }
}

/// That a run began long after it was planned.
fn late_start(run: &ControlRun<'_>, timeline: &Timeline) -> Option<Raw> {
    let late = run.began_late(timeline)?;
    let planned = run.planned_for(timeline).map(clock)?;
    let text = format!("{}: planned for {planned}, begun {} later", run.name, span(late));
    Some(Raw::new(run.from, "run", text, Tone::Odd).by(Actor::Control))
}

/// What was lost of the messages that a step sent, in words.
fn lost_messages(lap: &Lap, timeline: &Timeline) -> String {
    let inside = lap.start..=lap.start.saturating_add(lap.took);
    let lost = timeline.events().iter().filter(|event| inside.contains(&event.at) && event.is_lost_message());
    lost.map(|event| format!("; {}", event.text)).collect()
}

fn of_lap(lap: &Lap, timeline: &Timeline) -> Raw {
    let lost = lost_messages(lap, timeline);
    let tone = match lap.result {
        LapResult::Done if lost.is_empty() => Tone::Plain,
        LapResult::Done | LapResult::Skipped | LapResult::OverBudget | LapResult::Undone => Tone::Odd,
        LapResult::Failed | LapResult::UndoFailed => Tone::Bad,
    };
    let tries = if lap.tries > 1 { format!(", {} tries", lap.tries) } else { String::new() };
    let budget = if lap.budget == Span::ZERO { String::new() } else { format!(" of {}", span(lap.budget)) };
    // Done needs no reason; anything else has one.
    let why =
        if lap.result == LapResult::Done || lap.note.is_empty() { String::new() } else { format!("; {}", lap.note) };
    let text = format!(
        "{} › {}: {}, {}{budget}{tries}{why}{lost}",
        lap.procedure,
        lap.step,
        lap.result.to_string().replace('_', " "),
        span(lap.took)
    );
    Raw::new(lap.start, "step", text, tone).optional(tone == Tone::Plain).by(Actor::Control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn the_short_timeline_runs_from_the_fault_to_the_end() {
        let labels: Vec<_> = moments(&fixture::quiet(7)).iter().map(|m| (m.since_fault.clone(), m.label)).collect();
        let expected = [
            ("", "control"),
            ("T+0:00.0", "fault"),
            ("T+0:00.0", "clients"),
            ("T+0:05.1", "detected"),
            ("T+0:15.2", "decided"),
            ("T+0:15.2", "step"),
            ("T+0:15.5", "step"),
            ("T+0:15.9", "step"),
            ("T+0:21.2", "dns"),
            ("T+0:21.5", "step"),
            ("T+0:26.7", "region"),
            ("T+0:26.9", "acted"),
            ("T+0:26.9", "recovered"),
            ("T+0:27.1", "step"),
            ("T+0:27.3", "step"),
            ("T+0:30.0", "step"),
            ("T+0:30.4", "run"),
            ("T+0:35.1", "people"),
            ("T+2:30.0", "healed"),
            ("T+3:00.0", "load ends"),
            ("T+3:00.0", "end"),
        ];
        assert_eq!(labels, expected.map(|(at, label)| (at.to_owned(), label)));
    }

    #[test]
    fn decisions_say_when_and_on_what_they_rest() {
        let decisions = decisions(&fixture::quiet(7));
        let said: Vec<_> = decisions.iter().map(|d| (d.since_fault.as_str(), d.event.as_str())).collect();
        let expected = [
            ("", "controller.leads"),
            ("T+0:05.1", "watch.detected"),
            ("T+0:15.1", "watch.decided"),
            ("T+0:15.2", "region_failover.started"),
            ("T+0:30.4", "region_failover.done"),
            ("T+0:35.1", "notified.stakeholders"),
        ];
        assert_eq!(said, expected);
        assert_eq!(decisions[2].known, "region_failover of westeurope: api down: scrape failed, for 10s of 10s");
    }

    #[test]
    fn a_run_that_never_recovered_shows_no_recovery() {
        let moments = moments(&fixture::stalled(0));
        assert!(moments.iter().all(|m| m.label != "recovered" && m.label != "decided"));
        assert!(moments.iter().any(|m| m.label == "stopped" && m.tone == Tone::Bad));
    }
}
