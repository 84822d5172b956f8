//! What counts as a setback, and which of them a property must speak of.

use super::*;
use crate::check::cause::Criterion;
use crate::check::finding::tests::judged;
use crate::check::fixture::events::{
    self, FAILOVER, done, read_back, resumed, shift_done, shift_planned, shift_started, shift_stopped, started,
    step_over_budget, stopped, superseded, undo_failed, undone,
};
use crate::check::fixture::{Fixture, at};
use crate::outcome::Verdict;
use crate::procedure::Ending;
use crate::record::SignalUnit;
use crate::record::event::{
    ControllerEvent, DrillEvent, Event, OnCallEvent, PeopleEvent, ProcedureEvent, ShiftEvent, WatchEvent,
};

/// The outcome of each setback and whether it was made good, which is the same in what is read back.
fn found(events: &[(u64, Event)]) -> Vec<(&'static str, bool)> {
    let happened = |run: Fixture, (second, event): &(u64, Event)| run.happened(*second, event.clone());
    let record = events.iter().fold(Fixture::new(900), happened).record();
    let of = |record: &Record| {
        let attribution = Criterion::promised(record).attribute(record);
        setbacks(record, &attribution)
            .into_iter()
            .map(|setback| (setback.became, setback.made_good))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&read_back(&record)), of(&record));
    of(&record)
}

fn begun(second: u64) -> (u64, Event) {
    (second, started(FAILOVER))
}

fn ended(second: u64) -> (u64, Event) {
    (second, done(FAILOVER))
}

fn word(state: RunState) -> &'static str {
    became(state, false)
}

#[test]
fn whatever_was_begun_and_not_done_is_a_setback() {
    assert_eq!(found(&[begun(10), ended(90)]), []);
    assert_eq!(found(&[begun(10)]), [(word(RunState::UnderWay), false)]);
    for (state, end) in [
        (RunState::Undone, undone(FAILOVER)),
        (RunState::UndoFailed, undo_failed(FAILOVER)),
        (RunState::Stopped, stopped(FAILOVER)),
    ] {
        assert_eq!(found(&[begun(10), (90, end)]), [(word(state), false)], "{state:?}");
    }
    let refused = || ShiftEvent::Refused { error: "busy".into() }.into();
    assert_eq!(found(&[(10, shift_started()), (20, refused()), (30, shift_done())]), []);
    assert_eq!(found(&[(10, shift_started()), (90, shift_stopped())]), [(word(RunState::Stopped), false)]);
    let planned = || (0, shift_planned());
    assert_eq!(found(&[planned()]), [(word(RunState::Planned), false)]);
    assert_eq!(found(&[planned(), (10, shift_started()), (30, shift_done())]), []);
    let one_of_two = [planned(), planned(), (10, shift_started()), (30, shift_done())];
    assert_eq!(found(&one_of_two), [(word(RunState::Planned), true)], "the other one was done");
    let refused = WatchEvent::Refused { by: "alice".into(), reason: "no".into() };
    assert_eq!(found(&[(10, refused.into())]), [("approval was refused", false)]);
}

#[test]
fn what_is_done_once_clients_have_left_was_not_done_for_them() {
    assert_eq!(found(&[begun(10), ended(901)]), [(became(RunState::Done, true), false)]);
    assert_eq!(found(&[begun(10), ended(900)]), []);
}

#[test]
fn a_step_over_its_budget_is_one_even_if_the_run_is_done() {
    let late = (50, step_over_budget(FAILOVER, "switch_dns"));
    assert_eq!(found(&[begun(10), late, ended(90)]), [(word(RunState::Done), true)]);
}

#[test]
fn a_run_that_somebody_took_over_is_the_same_run() {
    for left in [superseded(FAILOVER), stopped(FAILOVER)] {
        assert_eq!(found(&[begun(10), (20, left), (30, resumed(FAILOVER)), ended(90)]), []);
    }
    for (ending, is_setback) in [(Ending::Done, false), (Ending::Undone, true)] {
        let told = (30, events::found(FAILOVER, ending));
        assert_eq!(!found(&[begun(10), told]).is_empty(), is_setback, "{ending}");
    }
}

#[test]
fn what_is_done_later_makes_it_good() {
    let again = [begun(10), (20, undone(FAILOVER)), begun(30), ended(90)];
    assert_eq!(found(&again), [(word(RunState::Undone), true)]);
    assert_eq!(found(&[begun(10), ended(20), begun(30)]), [(word(RunState::UnderWay), false)]);
    let unanswered = (5, WatchEvent::Unanswered {}.into());
    assert_eq!(found(&[unanswered, begun(10), ended(90)]), [("nobody who was asked answered", true)]);
}

/// Down from 60 to 90 by a fault, during which a failover is begun and ends so.
fn failover(events: &[(u64, Event)]) -> Fixture {
    let points = [(0, 100, 100), (60, 0, 100), (90, 100, 100)];
    let fixture = Fixture::new(900).served("users.api.read", &points, 900).fault("dark", 60, 9);
    let fixture = fixture.change(|record| record.faults[0].periods[0].until = Some(at(90)));
    let fixture = fixture.signal("success", SignalUnit::Ratio, &points);
    events.iter().fold(fixture, |fixture, (second, event)| fixture.happened(*second, event.clone()))
}

const RTO: (&str, &[(&str, &str)]) = ("recovers", &[("after", "fault.dark"), ("within", "1m")]);

#[test]
fn a_failover_that_was_taken_back_is_found_unless_a_property_speaks_of_it() {
    let taken_back = || failover(&[begun(70), (80, undone(FAILOVER))]);
    let outcome = judged(taken_back(), &[RTO]);
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false));
    assert!(
        outcome.findings[0].contains("region_failover, started at 1m 10s, failed and was rolled back"),
        "{outcome:?}"
    );
    let speaking: [(&str, &[(&str, &str)]); 4] = [
        ("at_most", &[("event", "region_failover.undone"), ("n", "1")]),
        ("always", &[("holds", "count(region_failover.undone, 10m) <= 1")]),
        ("measure", &[("value", "count(region_failover.undone)"), ("at_most", "1")]),
        ("responds", &[("after", "region_failover.undone"), ("holds", "success >= 99%"), ("within", "1m")]),
    ];
    for property in speaking {
        assert_eq!(judged(taken_back(), &[RTO, property]).findings, [""; 0], "{property:?}");
    }
    let of_another: [(&str, &[(&str, &str)]); 2] = [
        ("at_most", &[("event", "region_failover.started"), ("n", "1")]),
        ("at_most", &[("event", "region_failover.undone"), ("n", "0")]),
    ];
    for property in of_another {
        assert_eq!(judged(taken_back(), &[RTO, property]).findings.len(), 1, "{property:?}");
    }
}

#[test]
fn a_failover_that_was_done_in_the_end_is_bounded_with_its_fault() {
    let twice = [begun(65), (70, undone(FAILOVER)), begun(75), ended(85)];
    assert_eq!(judged(failover(&twice), &[RTO]).findings, [""; 0]);
    assert_eq!(judged(failover(&twice[..2]), &[RTO]).findings.len(), 1, "only the fault was over");
    let other = ("recovers", &[("after", "fault.slow"), ("within", "1m")][..]);
    let unbounded = judged(failover(&twice).fault("slow", 500, 9), &[other]);
    assert!(unbounded.findings.iter().any(|found| found.starts_with("region_failover")), "{:?}", unbounded.findings);
}

#[test]
fn a_run_that_skipped_every_step_has_done_nothing() {
    let step = |second: u64, event: fn(String, String) -> ProcedureEvent| {
        (second, event(FAILOVER.to_owned(), "a_step".to_owned()).into())
    };
    let skipped = || step(20, |procedure, step| ProcedureEvent::StepSkipped { procedure, step, note: "not so".into() });
    let performed = || step(30, |procedure, step| ProcedureEvent::StepDone { procedure, step, note: "so".into() });
    assert_eq!(found(&[begun(10), skipped(), ended(90)]), [("skipped every step", false)]);
    assert_eq!(found(&[begun(10), skipped(), performed(), ended(90)]), []);
    assert_eq!(found(&[begun(10), ended(90)]), [], "what names no step is not known to have skipped one");
}

#[test]
fn what_nobody_set_out_to_do_is_one_and_an_event_of_it_covers_it() {
    let (controller, thing) = (|| "pilot".to_owned(), || "app.example".to_owned());
    let (before, value) = (|| "east".to_owned(), || "west".to_owned());
    let interfered = ControllerEvent::Interfered {
        controller: controller(),
        other: "rival".to_owned(),
        thing: thing(),
        before: before(),
        value: value(),
    };
    let mishaps: [(Event, &str); 4] = [
        (interfered.into(), "controller.pilot.interfered"),
        (
            ControllerEvent::StaleChange { controller: controller(), held: 1, newest: 2 }.into(),
            "controller.pilot.stale_change",
        ),
        (DrillEvent::TouchedProduction { workload: "users".to_owned() }.into(), "drill.touched_production"),
        (OnCallEvent::Nobody { paged: vec!["bob".to_owned()], message: "look".into() }.into(), "on_call.nobody"),
    ];
    for (event, name) in mishaps {
        assert_eq!(found(&[(10, event.clone())]).len(), 1, "{event:?}");
        let record = Fixture::new(900).happened(10, event.clone()).record();
        let attribution = Criterion::promised(&record).attribute(&record);
        let told: Vec<Setback> = setbacks(&record, &attribution);
        assert!(told[0].events.iter().any(|told| told == name), "{told:?}");
    }
}

#[test]
fn a_plan_that_is_begun_long_after_its_time_is_one() {
    let planned = || {
        (
            0,
            ProcedureEvent::Planned { procedure: FAILOVER.to_owned(), begins: crate::record::Beginning::At(at(60)) }
                .into(),
        )
    };
    assert_eq!(found(&[planned(), begun(360), ended(400)]), []);
    assert_eq!(found(&[planned(), begun(361), ended(400)]), [("was not begun as planned", false)]);
    assert_eq!(found(&[planned(), begun(30), ended(400)]), [], "who begins early is not late");
    assert_eq!(found(&[begun(361), ended(400)]), [], "nobody had planned it");
}

#[test]
fn a_plan_upon_an_event_is_late_by_what_it_waited_for() {
    use crate::record::{Beginning, Cue};
    let cue = Cue { event: "fault.dark".to_owned(), occurrence: 1, after: crate::units::Span::from_secs(60) };
    let planned =
        || (0, ProcedureEvent::Planned { procedure: FAILOVER.to_owned(), begins: Beginning::When(cue.clone()) }.into());
    let dark = || {
        (
            100,
            crate::record::event::FaultEvent::Began { fault: "dark".to_owned(), effect: "".into(), occurrence: None }
                .into(),
        )
    };
    assert_eq!(found(&[planned(), dark(), begun(460), ended(500)]), []);
    assert_eq!(found(&[planned(), dark(), begun(461), ended(500)]), [("was not begun as planned", false)]);
}

#[test]
fn a_message_of_a_run_that_was_lost_is_one_and_a_page_is_tried_again() {
    let lost = |second: u64, what: &str| (second, PeopleEvent::NotificationLost { what: what.into() }.into());
    let unheard = [("did not reach those it was to notify", false)];
    assert_eq!(found(&[begun(10), lost(20, "a message to sales"), ended(90)]), unheard);
    assert_eq!(found(&[begun(10), lost(20, "a page to bob"), ended(90)]), []);
    assert_eq!(found(&[lost(5, "a message to sales"), begun(10), ended(90), lost(91, "a message to sales")]), []);
}

/// All of them, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    what_is_done_once_clients_have_left_was_not_done_for_them,
    whatever_was_begun_and_not_done_is_a_setback,
    a_step_over_its_budget_is_one_even_if_the_run_is_done,
    a_run_that_somebody_took_over_is_the_same_run,
    what_is_done_later_makes_it_good,
    a_run_that_skipped_every_step_has_done_nothing,
    what_nobody_set_out_to_do_is_one_and_an_event_of_it_covers_it,
    a_plan_that_is_begun_long_after_its_time_is_one,
    a_message_of_a_run_that_was_lost_is_one_and_a_page_is_tried_again,
    a_failover_that_was_taken_back_is_found_unless_a_property_speaks_of_it,
    a_failover_that_was_done_in_the_end_is_bounded_with_its_fault,
];
