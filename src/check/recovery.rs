//! How the service came back from each fault, measured on clients.
//!
//! Owns the recovery time of a fault and its parts. Does not know which outage belongs to what: that is attribution.
//!
//! Definitions: a fault has recovered at the end of the last outage that belongs to it; NIST SP 800-34r1 and ISO 22301
//! define the objective, this is what was achieved. The parts are detect = t_det − t0, decide = t_dec − t_det, act =
//! t_mit − t_dec, converge = t_rec − t_mit, each clipped at t_rec, so that parts that are known add up to the whole.
//! They come from what took effect: the first run of a procedure that was not rolled back and served a request before
//! the end. Waiting for people's approval is deciding, wherever it falls: what of it lies after t_dec is taken from the
//! part it interrupts and added to decide.

use super::cause::{AttributedRun, Attribution, Owned};
use super::waiting::Waiting;
use crate::outcome::{Outage, Recovery};
use crate::record::event::{EventKind, PlatformKind, WatchKind};
use crate::record::{ControlRun, FaultRecord, Record, RunState};
use crate::units::{Instant, Span};

/// One entry per fault with an outage that belongs to it, in plan order.
pub fn recoveries(record: &Record, found: &Attribution<'_>) -> Vec<Recovery> {
    let of_fault = |fault: &FaultRecord| {
        let periods = found.owned.iter().filter(|one| one.fault.id == fault.id);
        let mut each: Vec<Recovery> = periods.filter_map(|one| recovery(record, one, found)).collect();
        let outages = each.iter().map(|recovery| recovery.outages).sum();
        each.sort_by_key(|recovery| recovery.rto.unwrap_or(Span::MAX));
        each.pop().map(|worst| Recovery { outages, ..worst })
    };
    record.faults.iter().filter_map(of_fault).collect()
}

/// The recovery time after the first period of `fault`, of all the periods the longest; `None`: it has no outage.
pub fn recovery_of(record: &Record, fault: &str, found: &Attribution<'_>) -> Option<Recovery> {
    recoveries(record, found).into_iter().find(|recovery| recovery.fault == fault)
}

fn recovery(record: &Record, one: &Owned<'_>, found: &Attribution<'_>) -> Option<Recovery> {
    let certain = one.outages.iter().map(|index| &found.outages[*index]).filter(|outage| outage.certain);
    let (planned, mine): (Vec<&Outage>, Vec<&Outage>) = certain.partition(|outage| outage.planned);
    let last = last_of(&mine)?;
    let at = one.period.from;
    let recovered = last.until;
    let parts = Parts::of(record, at, recovered, &found.runs);
    let with_planned = last_of(&[mine.as_slice(), planned.as_slice()].concat()).map(|last| last.until);
    let served_again = parts.mitigated.is_some();
    Some(Recovery {
        fault: one.fault.id.clone(),
        at,
        rto: recovered.map(|end| end.since(at)),
        first_back: first_back(&mine).map(|end| end.since(at)),
        outages: apart(&mine),
        class: last.class.clone(),
        criterion: criterion(last, record.objective.stable),
        resolution: last.asked.since(last.last),
        with_planned: if planned.is_empty() { None } else { with_planned.flatten().map(|end| end.since(at)) },
        healed_by_itself: !served_again && recovered.is_some() && one.period.until.is_some(),
        detect: parts.detect,
        decide: parts.decide,
        act: parts.act,
        converge: parts.converge,
        consent_acting: parts.consent_acting,
        consent_converging: parts.consent_converging,
        censored: recovered.is_none(),
        objective: None,
    })
}

/// The promise in words: `99% served within 10s, stable for 1m`.
pub fn criterion(outage: &Outage, stable: Span) -> String {
    format!("{} served within {}, stable for {stable}", outage.promised, outage.within)
}

/// The outage that ends last; one that does not end is later than all.
fn last_of<'a>(outages: &[&'a Outage]) -> Option<&'a Outage> {
    let last = outages.iter().copied().max_by_key(|outage| (outage.until.unwrap_or(Instant::MAX), outage.from));
    mutant!("the_first_outage_counts": last => outages.first().copied())
}

/// When service was first back: the end of the first outage and of those that overlap it.
fn first_back(outages: &[&Outage]) -> Option<Instant> {
    let mut end = outages.first()?.until?;
    for outage in outages.iter().filter(|outage| outage.from <= outages[0].until.unwrap_or(Instant::MAX)) {
        end = end.max(outage.until?);
    }
    Some(end)
}

/// How many outages there are if those that overlap count as one.
fn apart(outages: &[&Outage]) -> u64 {
    let (mut count, mut until) = (0, None);
    for outage in outages {
        if until.is_none_or(|until| outage.from > until) {
            count += 1;
        }
        until = until.max(Some(outage.until.unwrap_or(Instant::MAX)));
    }
    count
}

/// The parts of a recovery.
struct Parts {
    mitigated: Option<Instant>,
    detect: Option<Span>,
    decide: Option<Span>,
    act: Option<Span>,
    converge: Option<Span>,
    consent_acting: Span,
    consent_converging: Span,
}

impl Parts {
    fn of(record: &Record, at: Instant, recovered: Option<Instant>, runs: &[AttributedRun<'_>]) -> Self {
        let marks = Marks::find(record, at, recovered, runs);
        let clip = |mark: Option<Instant>| mark.map(|t| recovered.map_or(t, |end| t.min(end)));
        let between = |from: Option<Instant>, to: Option<Instant>| Some(clip(to)?.since(clip(from)?));
        let waiting = Waiting::of(record);
        let waited = |from: Option<Instant>, to: Option<Instant>| match (clip(from), clip(to)) {
            (Some(from), Some(to)) => waiting.within(from, to),
            _ => Span::ZERO,
        };
        let (end, mitigated) = (recovered.unwrap_or(record.end), marks.mitigated);
        let (acting, converging) = (waited(marks.decided, mitigated.or(Some(end))), waited(mitigated, Some(end)));
        let thinking = acting + converging;
        Self {
            mitigated,
            detect: between(Some(at), marks.detected),
            decide: match between(marks.detected, marks.decided) {
                // Started by hand: no alarm to count from, but people were waited for.
                None if thinking > Span::ZERO => Some(thinking),
                decide => decide.map(|decide| decide + thinking),
            },
            act: between(marks.decided, mitigated).map(|act| act.saturating_sub(acting)),
            converge: between(mitigated, recovered).map(|converge| converge.saturating_sub(converging)),
            consent_acting: acting,
            consent_converging: converging,
        }
    }
}

/// The moments between a fault and recovery.
struct Marks {
    detected: Option<Instant>,
    decided: Option<Instant>,
    mitigated: Option<Instant>,
}

impl Marks {
    /// What took effect is the first run that was not rolled back and served a request. Before any has, or if none
    /// does, nothing is credited with more than the alarm.
    fn find(record: &Record, fault: Instant, recovered: Option<Instant>, runs: &[AttributedRun<'_>]) -> Self {
        let end = recovered.unwrap_or(record.end);
        let first = |from: Instant, until: Instant, wanted: EventKind| {
            let events = record.timeline.events().iter();
            events
                .skip_while(|e| e.at < from)
                .take_while(|e| e.at <= until)
                .find(|e| e.kind == Some(wanted))
                .map(|e| e.at)
        };
        // What is served after the next run has started is that one's doing.
        let runs = runs.iter().map(|run| &run.run);
        let next = runs.clone().skip(1).map(|run| run.from.min(end)).chain([end]);
        let served =
            |run: &ControlRun<'_>, until: Instant| first(run.from, until, EventKind::Platform(PlatformKind::Served));
        let later = runs.zip(next).filter(|(run, _)| {
            let stays = run.state != RunState::Undone;
            run.from >= fault && run.from <= end && mutant!("what_was_taken_back_counts": stays => true)
        });
        let effective = later.filter_map(|(run, until)| Some((run, served(run, until)?))).next();
        let until = effective.map_or(end, |(run, _)| run.from);
        let detected = first(fault, until, EventKind::Watch(WatchKind::Detected));
        Self { detected, decided: effective.map(|(run, _)| run.from), mitigated: effective.map(|(_, at)| at) }
    }
}

#[cfg(test)]
#[path = "recovery_tests.rs"]
pub(crate) mod tests;
