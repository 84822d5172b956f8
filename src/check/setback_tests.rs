//! What counts as a setback, and which of them a property must speak of.

use super::*;
use crate::check::cause::Criterion;
use crate::check::finding::tests::judged;
use crate::check::fixture::{Fixture, at};
use crate::outcome::Verdict;
use crate::procedure::Ending;
use crate::record::{Actor, SignalUnit};

fn found(events: &[(u64, &str, &str)]) -> Vec<(&'static str, bool)> {
    let mut record = Fixture::new(900).record();
    for (second, name, text) in events {
        record.timeline.push_told(at(*second), Actor::Control, *name, *text);
    }
    let attribution = Criterion::promised(&record).attribute(&record);
    setbacks(&record, &attribution).into_iter().map(|setback| (setback.became, setback.made_good)).collect()
}

const STARTED: (u64, &str, &str) = (10, "region_failover.started", "");
const DONE: (u64, &str, &str) = (90, "region_failover.done", "");

#[test]
fn whatever_was_begun_and_not_done_is_a_setback() {
    assert_eq!(found(&[STARTED, DONE]), []);
    assert_eq!(found(&[STARTED]), [(End::Open.became(), false)]);
    for (end, word) in [(End::Undone, "undone"), (End::UndoFailed, "undo_failed"), (End::Stopped, "stopped")] {
        let name = format!("region_failover.{word}");
        assert_eq!(found(&[STARTED, (90, &name, "")]), [(end.became(), false)], "{word}");
    }
    assert_eq!(found(&[(10, "shift.started", ""), (20, "shift.refused", ""), (30, "shift.done", "")]), []);
    assert_eq!(found(&[(10, "shift.started", ""), (90, "shift.stopped", "")]), [(End::Stopped.became(), false)]);
    let planned = (0, "shift.planned", "to west 100% at 10s");
    assert_eq!(found(&[planned]), [(End::Ahead.became(), false)]);
    assert_eq!(found(&[planned, (10, "shift.started", ""), (30, "shift.done", "")]), []);
    let one_of_two = [planned, planned, (10, "shift.started", ""), (30, "shift.done", "")];
    assert_eq!(found(&one_of_two), [(End::Ahead.became(), true)], "the other one was done");
    assert_eq!(found(&[(10, "watch.refused", "no")]), [("people refused it", false)]);
}

#[test]
fn what_is_done_once_clients_have_left_was_not_done_for_them() {
    assert_eq!(found(&[STARTED, (901, "region_failover.done", "")]), [(End::TooLate.became(), false)]);
    assert_eq!(found(&[STARTED, (900, "region_failover.done", "")]), []);
}

#[test]
fn a_step_over_its_budget_is_one_even_if_the_run_is_done() {
    let late = (50, "region_failover.switch_dns.over_budget", "");
    assert_eq!(found(&[STARTED, late, DONE]), [(End::Done.became(), true)]);
}

#[test]
fn a_run_that_somebody_took_over_is_the_same_run() {
    let superseded = [STARTED, (20, "region_failover.superseded", ""), (30, "region_failover.resumed", ""), DONE];
    assert_eq!(found(&superseded), []);
    let without_journal = [STARTED, (20, "region_failover.stopped", ""), (30, "region_failover.resumed", ""), DONE];
    assert_eq!(found(&without_journal), []);
    let ending = |ending: Ending| (30, "region_failover.found", format!("run 1: it {ending}"));
    for (told, is_setback) in [(ending(Ending::Done), false), (ending(Ending::Undone), true)] {
        let (second, name, text) = &told;
        assert_eq!(!found(&[STARTED, (*second, name, text)]).is_empty(), is_setback, "{text}");
    }
}

#[test]
fn what_is_done_later_makes_it_good() {
    let again = [STARTED, (20, "region_failover.undone", ""), (30, "region_failover.started", ""), DONE];
    assert_eq!(found(&again), [(End::Undone.became(), true)]);
    let before = [STARTED, (20, "region_failover.done", ""), (30, "region_failover.started", "")];
    assert_eq!(found(&before), [(End::Open.became(), false)]);
    assert_eq!(found(&[(5, "watch.unanswered", "bob"), STARTED, DONE]), [("nobody who was asked answered", true)]);
}

/// Down from 60 to 90 by a fault, during which a failover is begun and ends so.
fn failover(events: &[(u64, &str)]) -> Fixture {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100)];
    let fixture = Fixture::new(900).served("users.api.read", &points, 900).fault("dark", 60, 9);
    let fixture = fixture.change(|record| record.faults[0].spells[0].until = Some(at(90)));
    let fixture = fixture.signal("success", SignalUnit::Ratio, &points);
    events.iter().fold(fixture, |fixture, (second, name)| fixture.event(*second, name))
}

const RTO: (&str, &[(&str, &str)]) = ("recovers", &[("after", "fault.dark"), ("within", "1m")]);

#[test]
fn a_failover_that_was_taken_back_is_found_unless_a_property_speaks_of_it() {
    let undone = || failover(&[(70, "region_failover.started"), (80, "region_failover.undone")]);
    let outcome = judged(undone(), &[RTO]);
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false));
    assert!(outcome.findings[0].contains("region_failover, begun at 1m 10s, failed and was taken back"), "{outcome:?}");
    let speaking: [(&str, &[(&str, &str)]); 4] = [
        ("at_most", &[("event", "region_failover.undone"), ("n", "1")]),
        ("always", &[("holds", "count(region_failover.undone, 10m) <= 1")]),
        ("measure", &[("value", "count(region_failover.undone)"), ("at_most", "1")]),
        ("responds", &[("after", "region_failover.undone"), ("holds", "success >= 99%"), ("within", "1m")]),
    ];
    for property in speaking {
        assert_eq!(judged(undone(), &[RTO, property]).findings, [""; 0], "{property:?}");
    }
    let of_another: [(&str, &[(&str, &str)]); 2] = [
        ("at_most", &[("event", "region_failover.started"), ("n", "1")]),
        ("at_most", &[("event", "region_failover.undone"), ("n", "0")]),
    ];
    for property in of_another {
        assert_eq!(judged(undone(), &[RTO, property]).findings.len(), 1, "{property:?}");
    }
}

#[test]
fn a_failover_that_was_done_in_the_end_is_bounded_with_its_fault() {
    let twice = [
        (65, "region_failover.started"),
        (70, "region_failover.undone"),
        (75, "region_failover.started"),
        (85, "region_failover.done"),
    ];
    assert_eq!(judged(failover(&twice), &[RTO]).findings, [""; 0]);
    assert_eq!(judged(failover(&twice[..2]), &[RTO]).findings.len(), 1, "only the fault was over");
    let other = ("recovers", &[("after", "fault.slow"), ("within", "1m")][..]);
    let unbounded = judged(failover(&twice).fault("slow", 500, 9), &[other]);
    assert!(unbounded.findings.iter().any(|found| found.starts_with("region_failover")), "{:?}", unbounded.findings);
}

/// All of them, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    what_is_done_once_clients_have_left_was_not_done_for_them,
    whatever_was_begun_and_not_done_is_a_setback,
    a_step_over_its_budget_is_one_even_if_the_run_is_done,
    a_run_that_somebody_took_over_is_the_same_run,
    what_is_done_later_makes_it_good,
    a_failover_that_was_taken_back_is_found_unless_a_property_speaks_of_it,
    a_failover_that_was_done_in_the_end_is_bounded_with_its_fault,
];
