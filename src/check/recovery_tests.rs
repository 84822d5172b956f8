//! Recovery and its parts: what adds up, what is clipped, what is absent.

use super::*;
use crate::check::cause::Criterion;
use crate::check::fixture::events::{answered, decided, detected, done, started, step_done, undone};
use crate::check::fixture::{Fixture, at, secs};
use crate::record::Period;
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
        outage(200).happened(70, started("backup")).happened(80, detected()).happened(95, started("region_failover"));
    let dark =
        recovered(record.happened(100, step_done("region_failover", "switch_dns")).happened(130, answered("north")));
    assert_eq!(dark.rto, back(140));
    let parts = [dark.detect, dark.decide, dark.act, dark.converge].map(Option::unwrap);
    assert_eq!(parts, [secs(20), secs(15), secs(35), Span::from_millis(70_100)]);
    assert!(!dark.censored && !dark.healed_by_itself);
}

#[test]
fn a_run_that_was_taken_back_or_served_nobody_is_credited_with_nothing() {
    let taken_back = outage(200).happened(80, detected()).happened(95, started("region_failover"));
    let taken_back = taken_back.happened(120, answered("north")).happened(130, undone("region_failover"));
    let idle = outage(200).happened(80, detected()).happened(95, started("region_failover"));
    for fixture in [taken_back, idle.happened(130, done("region_failover"))] {
        let fixture = fixture.change(|record| record.faults[0].periods[0].until = Some(at(200)));
        let dark = recovered(fixture);
        assert_eq!((dark.detect, dark.decide, dark.act, dark.converge), (Some(secs(20)), None, None, None));
        assert!(dark.healed_by_itself, "the fault was healed, and nothing else changed anything");
    }
}

#[test]
fn of_two_runs_the_one_that_took_effect_counts() {
    let twice = outage(300).happened(70, detected()).happened(80, started("region_failover"));
    let twice = twice.happened(90, undone("region_failover")).happened(150, started("region_failover"));
    let dark = recovered(twice.happened(200, answered("north")).happened(210, done("region_failover")));
    assert_eq!((dark.decide, dark.act), (Some(secs(80)), Some(secs(50))));
}

#[test]
fn parts_after_recovery_are_not_credited() {
    let dark =
        recovered(outage(90).happened(80, detected()).happened(300, started("x")).happened(310, answered("north")));
    assert_eq!((dark.rto, dark.detect, dark.decide, dark.act), (back(30), Some(secs(20)), None, None));
}

#[test]
fn what_did_not_happen_is_absent_and_not_zero() {
    let dark = recovered(outage(340).happened(80, detected()));
    assert_eq!(dark.rto, None, "the 60 s would end after 400, when the workload is over");
    assert_eq!((dark.detect, dark.decide, dark.act, dark.converge), (Some(secs(20)), None, None, None));
    let never = recovered(outage(399));
    assert_eq!((never.rto, never.censored, never.detect), (None, true, None));
}

#[test]
fn a_drill_without_an_alarm_has_a_decision_but_no_detection() {
    let dark = recovered(outage(200).happened(70, started("rollback")).happened(90, answered("north")));
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
    let window = Period { from: at(195), until: Some(at(240)) };
    let fixture = fixture.change(|record| record.faults[0].periods[0].until = Some(at(90)));
    let fixture = fixture.happened(70, started("region_failover")).happened(80, done("region_failover"));
    let fixture = fixture.happened(195, started("failback")).happened(235, done("failback"));
    let dark = recovered(fixture.change(|record| record.maintenance.push(window)));
    assert_eq!((dark.rto, dark.with_planned, dark.outages), (back(30), back(170), 1));
}

#[test]
fn waiting_for_people_is_deciding_and_not_acting_wherever_it_falls() {
    let record = outage(300).happened(80, detected()).happened(81, asked()).happened(90, given());
    let record = record.happened(90, decided()).happened(90, started("region_failover"));
    let record = record.happened(100, asked()).happened(140, given()).happened(150, answered("north"));
    let dark = recovered(record.happened(200, asked()).happened(220, nobody()));
    let parts = [dark.detect, dark.decide, dark.act, dark.converge].map(Option::unwrap);
    assert_eq!(parts, [secs(20), secs(10 + 40 + 20), secs(60 - 40), Span::from_millis(130_100)]);
    assert_eq!(dark.rto, Some(parts.into_iter().fold(secs(0), |sum, part| sum + part)), "they still add up");
    assert_eq!((dark.decided_at(), dark.mitigated_at()), (Some(at(90)), Some(at(150))), "moments are where they were");
}

#[test]
fn waiting_beyond_recovery_does_not_count() {
    let record = outage(120).happened(80, detected()).happened(85, started("x")).happened(90, answered("north"));
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
