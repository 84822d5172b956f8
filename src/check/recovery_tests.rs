//! Recovery and its parts: what adds up, what is clipped, what is absent.

use super::*;
use crate::check::cause::Criterion;
use crate::check::fixture::{Fixture, at, secs};
use crate::record::Spell;
use crate::record::event::ConsentEvent;

fn outage(good_again: u64) -> Fixture {
    let points = [(0, 100, 100), (60, 0, 100), (good_again, 100, 100)];
    Fixture::new(500).workload_end(400).served("users.api.read", &points, 400).fault("dark", 60, 9)
}

fn recovered(fixture: Fixture) -> Recovery {
    let record = fixture.record();
    let found = Criterion::promised(&record).attribute(&record);
    let all = recoveries(&record, &found);
    let [dark] = all.as_slice() else { panic!("one fault, one recovery: {all:?}") };
    dark.clone()
}

fn asked() -> ConsentEvent {
    ConsentEvent::Asked { question: "act?".into() }
}

fn given() -> ConsentEvent {
    ConsentEvent::Given { by: vec!["alice".to_owned()], after: secs(9), question: "act?".into() }
}

fn refused() -> ConsentEvent {
    ConsentEvent::Refused { by: "bob".to_owned(), after: secs(9), reason: "no".into(), question: "act?".into() }
}

fn nobody() -> ConsentEvent {
    ConsentEvent::Nobody { asked: vec!["alice".to_owned()], question: "act?".into() }
}

/// Back a tenth of a second into the second of the first good answer.
fn back(second: u64) -> Option<Span> {
    Some(Span::from_millis(second * 1_000 + 100))
}

#[test]
fn the_parts_of_recovery_add_up() {
    let record =
        outage(200).event(70, "backup.started").event(80, "watch.detected").event(95, "region_failover.started");
    let dark = recovered(record.event(100, "region_failover.switch_dns.done").event(130, "served.north"));
    assert_eq!(dark.rto, back(140));
    let parts = [dark.detect, dark.decide, dark.act, dark.converge].map(Option::unwrap);
    assert_eq!(parts, [secs(20), secs(15), secs(35), Span::from_millis(70_100)]);
    assert!(!dark.censored && !dark.healed_by_itself);
}

#[test]
fn a_run_that_was_taken_back_or_served_nobody_is_credited_with_nothing() {
    let undone = outage(200).event(80, "watch.detected").event(95, "region_failover.started");
    let undone = undone.event(120, "served.north").event(130, "region_failover.undone");
    let idle = outage(200).event(80, "watch.detected").event(95, "region_failover.started");
    for fixture in [undone, idle.event(130, "region_failover.done")] {
        let fixture = fixture.change(|record| record.faults[0].spells[0].until = Some(at(200)));
        let dark = recovered(fixture);
        assert_eq!((dark.detect, dark.decide, dark.act, dark.converge), (Some(secs(20)), None, None, None));
        assert!(dark.healed_by_itself, "the fault was healed, and nothing else changed anything");
    }
}

#[test]
fn of_two_runs_the_one_that_took_effect_counts() {
    let twice = outage(300).event(70, "watch.detected").event(80, "region_failover.started");
    let twice = twice.event(90, "region_failover.undone").event(150, "region_failover.started");
    let dark = recovered(twice.event(200, "served.north").event(210, "region_failover.done"));
    assert_eq!((dark.decide, dark.act), (Some(secs(80)), Some(secs(50))));
}

#[test]
fn parts_after_recovery_are_not_credited() {
    let dark = recovered(outage(90).event(80, "watch.detected").event(300, "x.started").event(310, "served.north"));
    assert_eq!((dark.rto, dark.detect, dark.decide, dark.act), (back(30), Some(secs(20)), None, None));
}

#[test]
fn what_did_not_happen_is_absent_and_not_zero() {
    let dark = recovered(outage(340).event(80, "watch.detected"));
    assert_eq!(dark.rto, None, "the 60 s would end after 400, when the workload is over");
    assert_eq!((dark.detect, dark.decide, dark.act, dark.converge), (Some(secs(20)), None, None, None));
    let never = recovered(outage(399));
    assert_eq!((never.rto, never.censored, never.detect), (None, true, None));
}

#[test]
fn a_drill_without_an_alarm_has_a_decision_but_no_detection() {
    let dark = recovered(outage(200).event(70, "rollback.started").event(90, "served.north"));
    let converge = Some(Span::from_millis(110_100));
    assert_eq!((dark.detect, dark.decide, dark.act, dark.converge), (None, None, Some(secs(20)), converge));
}

#[test]
fn a_fault_without_an_outage_has_no_recovery() {
    let record = Fixture::new(100).served("users.api.read", &[(0, 9, 9)], 100).fault("dark", 10, 0).record();
    assert!(recoveries(&record, &Criterion::promised(&record).attribute(&record)).is_empty());
}

#[test]
fn a_fault_has_recovered_at_the_end_of_its_last_outage() {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100), (200, 0, 100), (230, 100, 100)];
    let dark = recovered(Fixture::new(500).served("users.api.read", &points, 500).fault("dark", 60, 9));
    assert_eq!((dark.rto, dark.first_back, dark.outages), (back(170), back(30), 2));
}

#[test]
fn planned_outages_are_counted_apart() {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100), (200, 0, 100), (230, 100, 100)];
    let fixture = Fixture::new(500).served("users.api.read", &points, 500).fault("dark", 60, 9);
    let window = Spell { from: at(195), until: Some(at(240)) };
    let fixture = fixture.change(|record| record.faults[0].spells[0].until = Some(at(90)));
    let fixture = fixture.event(70, "region_failover.started").event(80, "region_failover.done");
    let fixture = fixture.event(195, "failback.started").event(235, "failback.done");
    let dark = recovered(fixture.change(|record| record.maintenance.push(window)));
    assert_eq!((dark.rto, dark.with_planned, dark.outages), (back(30), back(170), 1));
}

#[test]
fn waiting_for_people_is_deciding_and_not_acting_wherever_it_falls() {
    let record = outage(300).event(80, "watch.detected").happened(81, asked()).happened(90, given());
    let record = record.event(90, "watch.decided").event(90, "region_failover.started");
    let record = record.happened(100, asked()).happened(140, given()).event(150, "served.north");
    let dark = recovered(record.happened(200, asked()).happened(220, nobody()));
    let parts = [dark.detect, dark.decide, dark.act, dark.converge].map(Option::unwrap);
    assert_eq!(parts, [secs(20), secs(10 + 40 + 20), secs(60 - 40), Span::from_millis(130_100)]);
    assert_eq!(dark.rto, Some(parts.into_iter().fold(secs(0), |sum, part| sum + part)), "they still add up");
    assert_eq!((dark.decided_at(), dark.mitigated_at()), (Some(at(90)), Some(at(150))), "moments are where they were");
}

#[test]
fn waiting_beyond_recovery_does_not_count() {
    let record = outage(120).event(80, "watch.detected").event(85, "x.started").event(90, "served.north");
    let dark = recovered(record.happened(100, asked()).happened(400, refused()));
    assert_eq!((dark.rto, dark.decide, dark.act), (back(60), Some(Span::from_millis(25_100)), Some(secs(5))));
}

/// All of them but those over random input, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    the_parts_of_recovery_add_up,
    a_run_that_was_taken_back_or_served_nobody_is_credited_with_nothing,
    of_two_runs_the_one_that_took_effect_counts,
    parts_after_recovery_are_not_credited,
    what_did_not_happen_is_absent_and_not_zero,
    a_drill_without_an_alarm_has_a_decision_but_no_detection,
    a_fault_without_an_outage_has_no_recovery,
    a_fault_has_recovered_at_the_end_of_its_last_outage,
    planned_outages_are_counted_apart,
    waiting_for_people_is_deciding_and_not_acting_wherever_it_falls,
    waiting_beyond_recovery_does_not_count,
];
