//! Which events are about the same run, typed and read back.

use super::*;
use crate::record::event::{ControllerEvent, ProcedureEvent, Prose, Shares};
use crate::units::{Ratio, Span};

fn timeline(events: &[(u64, Event)]) -> Timeline {
    let mut timeline = Timeline::default();
    for (at, event) in events {
        timeline.push(TimelineEvent::new(Instant::from_secs(*at), event.clone()));
    }
    timeline
}

/// Name, begin, end and state of each run, which are the same in what is read back.
fn runs(events: &[(u64, Event)]) -> Vec<(String, u64, Option<u64>, RunState)> {
    let said = |timeline: &Timeline| {
        let of =
            |run: &ControlRun<'_>| (run.name.to_owned(), run.from.second(), run.until.map(Instant::second), run.state);
        ControlRun::all(timeline).iter().map(of).collect::<Vec<_>>()
    };
    let typed = timeline(events);
    let mut told = Timeline::default();
    for event in typed.events() {
        told.push_told(event.at, event.actor, event.name.clone(), event.text.clone());
    }
    assert_eq!(said(&typed), said(&told), "what results tell of it says the same");
    said(&typed)
}

fn to(region: &str) -> Shares {
    Shares(vec![(region.to_owned(), Ratio::ONE)])
}

fn planned(region: &str, at: u64) -> Event {
    ShiftEvent::Planned { wanted: to(region), at: Instant::from_secs(at) }.into()
}

fn begun(region: &str) -> Event {
    ShiftEvent::Started { wanted: to(region) }.into()
}

fn in_force(region: &str) -> Event {
    ShiftEvent::Done { wanted: to(region), round: 2 }.into()
}

fn given_up(region: &str) -> Event {
    ShiftEvent::Stopped { wanted: to(region), within: Span::from_secs(60) }.into()
}

#[test]
fn shifts_that_overlap_are_told_apart_by_where_they_send() {
    let both = [(0, planned("west", 10)), (0, planned("north", 11)), (10, begun("west")), (11, begun("north"))];
    let shift = |from, until, state| ("shift".to_owned(), from, until, state);
    let ended = [both.as_slice(), &[(20, in_force("west")), (21, in_force("north"))]].concat();
    assert_eq!(runs(&ended), [shift(10, Some(20), RunState::Done), shift(11, Some(21), RunState::Done)]);
    let one_stopped = [both.as_slice(), &[(20, in_force("north")), (70, given_up("west"))]].concat();
    assert_eq!(runs(&one_stopped), [shift(10, Some(70), RunState::Stopped), shift(11, Some(20), RunState::Done)]);
    assert_eq!(runs(&both[1..3]), [shift(0, None, RunState::Planned), shift(10, None, RunState::UnderWay)]);
}

#[test]
fn what_does_not_say_where_it_sends_is_told_of_the_latest_that_is_under_way() {
    let mismatch = ShiftEvent::Mismatch { in_force: to("east") }.into();
    let events = timeline(&[(10, begun("west")), (11, begun("north")), (12, mismatch), (13, in_force("north"))]);
    let told: Vec<usize> = ControlRun::all(&events).iter().map(|run| run.events.len()).collect();
    assert_eq!(told, [1, 3]);
}

fn of(kind: &str) -> Event {
    let procedure = "failover".to_owned();
    let (run, why, step) = ("failover#1".to_owned(), Prose::from("gone"), "switch".to_owned());
    match kind {
        "started" => ProcedureEvent::Started { procedure, does: why },
        "done" => ProcedureEvent::Done { procedure, steps: 1 },
        "stopped" => ProcedureEvent::Stopped { procedure, step: None, why },
        "superseded" => ProcedureEvent::Superseded { procedure, why },
        "resumed" => ProcedureEvent::Resumed { procedure, run, at: None },
        "found done" => ProcedureEvent::Found { procedure, run: Some(run), ending: "it is done".into() },
        "late" => ProcedureEvent::StepOverBudget { procedure, step, note: why },
        other => panic!("{other}"),
    }
    .into()
}

#[test]
fn who_goes_on_with_a_run_goes_on_with_the_same_one() {
    let run = |until, state| ("failover".to_owned(), 10, until, state);
    for before in ["superseded", "stopped"] {
        let events = [(10, of("started")), (20, of(before)), (30, of("resumed")), (40, of("done"))];
        assert_eq!(runs(&events), [run(Some(40), RunState::Done)], "{before}");
    }
    assert_eq!(runs(&[(10, of("started")), (20, of("superseded"))]), [run(None, RunState::HandedOver)]);
    assert_eq!(runs(&[(10, of("started")), (30, of("found done"))]), [run(Some(30), RunState::Done)]);
    let twice = [(10, of("started")), (20, of("done")), (30, of("found done"))];
    assert_eq!(runs(&twice), [run(Some(20), RunState::Done)], "it had ended before");
}

#[test]
fn who_goes_on_with_a_run_that_had_only_been_begun_says_again_that_it_starts() {
    let run = |from, until, state| ("failover".to_owned(), from, until, state);
    let again = [(10, of("started")), (30, of("started")), (30, of("resumed")), (40, of("done"))];
    assert_eq!(runs(&again), [run(10, Some(40), RunState::Done)]);
    assert_eq!(runs(&again[1..]), [run(30, Some(40), RunState::Done)], "the process before had not got to say so");
    let another = [(10, of("started")), (20, of("done")), (30, of("started")), (30, of("resumed")), (40, of("done"))];
    assert_eq!(runs(&another), [run(10, Some(20), RunState::Done), run(30, Some(40), RunState::Done)]);
}

#[test]
fn a_run_knows_its_steps_and_what_is_about_no_run_belongs_to_none() {
    let leads = ControllerEvent::Leads { epoch: 1 }.into();
    let events = timeline(&[(1, leads), (10, of("started")), (15, of("late")), (20, of("done")), (25, of("late"))]);
    let all = ControlRun::all(&events);
    let late: Vec<u64> = all[0].failed_steps().map(|event| event.at.second()).collect();
    assert_eq!((all.len(), all[0].events.len(), late), (1, 3, vec![15]));
    assert_eq!(all[0].last(&[RunPhase::Done]).map(|event| event.at.second()), Some(20));
    assert_eq!(all[0].last(&[RunPhase::Failed]), None);
}
