//! What of a run counts for a property: the run up to the end of its workload, and what came after an event.
//!
//! Once clients have stopped, faults are healed and what is late arrives: that says what the stores hold in the end, and
//! it answers for nothing before. So does a sample from before an event not answer for the time after it.
//!
//! Does not know properties. Invariant: nothing is added; a cut record says less than the whole one.

use crate::record::event::FaultEvent;
use crate::record::{FaultRecord, Record, Signal};
use crate::units::{Instant, Span};

/// Signals that are sampled at the instant of every event, and not counted second by second: by the last part of their
/// names.
const STATES: [&str; 10] =
    ["up", "lag", "backlog", "position", "writable", "degraded", "queue", "in_system", "servers", "touched_writes"];

/// `record` up to the end of its workload, as far as properties look at it over time. What the stores hold in the end
/// stays.
pub(super) fn under_load(record: &Record) -> Record {
    let end = record.workload_end.min(record.end);
    let timeline = record.timeline.only(|event| event.at < end);
    let before = |at: Option<Instant>| at.filter(|at| *at < end);
    let fault = |fault: &FaultRecord| FaultRecord { healed: before(fault.healed), ..fault.clone() };
    Record {
        end,
        workload_end: end,
        timeline,
        signals: record.signals.iter().map(|signal| clipped(signal, Instant::ZERO, end)).collect(),
        faults: record.faults.iter().map(fault).collect(),
        laps: record.laps.iter().filter(|lap| lap.start < end).cloned().collect(),
        stores: record.stores.clone(),
        dual_writes: record.dual_writes.clone(),
        reconciliations: record.reconciliations.clone(),
        observations: record.observations.clone(),
        history: None,
        sampled: Vec::new(),
        waits: record.waits.clone(),
        objective: record.objective.clone(),
        silent: record.silent.clone(),
        maintenance: record.maintenance.clone(),
        latency_by_class: record.latency_by_class.clone(),
        ..*record
    }
}

/// What `record` says of the signals called `names` and of events from `event` on. What is counted second by second is
/// known from the next whole second on.
pub(super) fn since(record: &Record, event: Instant, names: &[&str]) -> Record {
    let timeline = record.timeline.only(|later| later.at >= event);
    let signals = record.signals.iter().filter(|signal| names.contains(&signal.name.as_str()));
    Record {
        timeline,
        signals: signals.map(|signal| clipped(signal, known_from(&signal.name, event), Instant::MAX)).collect(),
        faults: Vec::new(),
        laps: Vec::new(),
        stores: Vec::new(),
        dual_writes: Vec::new(),
        reconciliations: Vec::new(),
        observations: Vec::new(),
        history: None,
        sampled: Vec::new(),
        waits: Vec::new(),
        objective: record.objective.clone(),
        silent: Vec::new(),
        maintenance: Vec::new(),
        latency_by_class: Vec::new(),
        ..*record
    }
}

/// From when on a sample of the signal `name` says something of the time after `event`.
pub(super) fn known_from(name: &str, event: Instant) -> Instant {
    let last = name.rsplit('.').next().unwrap_or(name);
    // What monitoring has seen is a state of its own: that it is old is what it says.
    if STATES.contains(&last) || name.starts_with("seen.") {
        return event;
    }
    let second = Instant::from_secs(event.second());
    if second == event { event } else { second.saturating_add(Span::from_secs(1)) }
}

/// `signal` from `from` on and before `until`; what it was at `from` it was before.
fn clipped(signal: &Signal, from: Instant, until: Instant) -> Signal {
    let mut part = Signal::new(signal.name.clone(), signal.unit, signal.view);
    let at_first = signal.at(from);
    if at_first.whole != 0 {
        part.set(from, at_first);
    }
    for (at, sample) in signal.points().filter(|(at, _)| *at > from && *at < until) {
        part.set(at, sample);
    }
    part
}

/// The stretches in which `fault` was there, at any of its occurrences, up to the end of the workload.
pub(super) fn stretches_of(fault: &FaultRecord, record: &Record) -> Vec<(Instant, Instant)> {
    let (begins, ends) = (FaultEvent::begins(&fault.id), FaultEvent::ends(&fault.id));
    let (mut depth, mut since, mut found) = (0_u32, Instant::ZERO, Vec::new());
    for event in record.timeline.events() {
        if event.name == begins {
            since = if depth == 0 { event.at } else { since };
            depth += 1;
        } else if event.name == ends && depth > 0 {
            depth -= 1;
            if depth == 0 {
                found.push((since, event.at));
            }
        }
    }
    if depth > 0 {
        found.push((since, record.end));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::events::{done, healed};
    use crate::check::fixture::{Fixture, at};
    use crate::record::SignalUnit;

    #[test]
    fn what_comes_after_the_workload_is_left_out() {
        let whole = Fixture::new(90)
            .workload_end(60)
            .fault("dark", 10, 3)
            .happened(60, healed("dark"))
            .happened(59, done("failback"))
            .signal("up", SignalUnit::Count, &[(0, 1, 1), (10, 0, 1), (60, 1, 1)])
            .record();
        let part = under_load(&whole);
        assert_eq!((part.end, part.signals[0].at(at(60)).part), (at(60), 0), "it was dark to the end");
        assert_eq!(part.timeline.events().len(), 2);
        assert_eq!(stretches_of(&part.faults[0], &part), [(at(10), at(60))]);
        assert_eq!(stretches_of(&whole.faults[0], &whole), [(at(10), at(60))]);
    }

    #[test]
    fn a_count_of_a_second_says_nothing_of_an_event_within_it() {
        let half = Instant::from_nanos(10_500_000_000);
        assert_eq!((known_from("goodput", half), known_from("goodput", at(10))), (at(11), at(10)));
        assert_eq!(known_from("region.west.up", half), half);
        let record = Fixture::new(60)
            .signal("goodput", SignalUnit::PerSecond, &[(0, 100, 1), (11, 0, 1)])
            .signal("up", SignalUnit::Count, &[(0, 1, 1)])
            .record();
        let later = since(&record, half, &["goodput", "up"]);
        let value = |name: &str, when| later.signal(name).and_then(|signal| signal.at(when).as_f64());
        assert_eq!((value("goodput", half), value("goodput", at(11))), (None, Some(0.0)));
        assert_eq!((value("up", at(10)), value("up", half)), (None, Some(1.0)));
    }
}
