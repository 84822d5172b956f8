//! The audit trail in a file: whole across processes, in the order of time.

use super::{folder, live};
use firedrill::live::{AUDIT, LiveRecord, LiveRuntime};
use firedrill::ports::Audit;
use firedrill::record::event::{Event, EventKind, ProcedureEvent, ProcedureKind};
use firedrill::record::{Actor, Lap, LapResult, LossBound};
use firedrill::units::{Instant, Span};
use std::io::Write;

fn lap(step: &str, start: Instant) -> Lap {
    Lap {
        procedure: "region_failover".to_owned(),
        run: 1,
        step: step.to_owned(),
        start,
        took: Span::from_millis(5),
        budget: Span::from_secs(1),
        undo: Some(Span::from_secs(60)),
        past_return: true,
        tries: 2,
        result: LapResult::OverBudget,
        note: "not yet".to_owned(),
    }
}

#[test]
fn what_two_processes_tell_is_one_record() {
    let folder = folder("audit_two");
    let laps = live(async {
        let (a, b) = (LiveRuntime::join(&folder, "a").await.unwrap(), LiveRuntime::join(&folder, "b").await.unwrap());
        let done = ProcedureEvent::Done { procedure: "region_failover".to_owned(), steps: 7 };
        b.event(Event::custom(Actor::People, "of our own", "a \"word\""));
        a.event(done);
        a.announce_loss_bound("orders", LossBound { if_dead: 3, if_alive: 9 });
        // Told last, begun first: the clocks of two processes agree no better than the wall clock can be read.
        let [one, two] = [lap("one", Instant::from_secs(1)), lap("two", Instant::from_secs(2))];
        a.lap(two.clone());
        b.lap(one.clone());
        assert_eq!((a.audit_gap(), b.audit_gap()), (None, None));
        [one, two]
    });
    let record = LiveRecord::read(&folder).unwrap();
    assert_eq!(record.laps, laps);
    let events = record.timeline.events();
    let own = events.iter().find(|event| event.name == "of our own").unwrap();
    assert_eq!((own.actor, own.text.as_str()), (Actor::People, "a \"word\""));
    assert!(events.iter().any(|event| event.kind == Some(EventKind::Procedure(ProcedureKind::Done))));
    assert!(events.len() == 2 && events[0].at <= events[1].at);
    let bound = &record.bounds[0];
    assert_eq!((bound.1.as_str(), bound.2.if_dead, bound.2.if_alive), ("orders", 3, 9));
    assert!(record.unreadable.is_empty() && record.last() >= Instant::from_secs(2));
}

#[test]
fn what_a_dying_process_left_unfinished_is_said_and_costs_nobody_else_a_line() {
    let folder = folder("audit_torn");
    live(async { LiveRuntime::join(&folder, "a").await.unwrap().event(Event::custom(Actor::Control, "first", "")) });
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.join(AUDIT)).unwrap();
    file.write_all(b"{\"event\":{\"at\":\"5").unwrap();
    live(async { LiveRuntime::join(&folder, "b").await.unwrap().event(Event::custom(Actor::Control, "second", "")) });
    let record = LiveRecord::read(&folder).unwrap();
    let names: Vec<&str> = record.timeline.events().iter().map(|event| event.name.as_str()).collect();
    assert_eq!((names, record.unreadable), (vec!["first", "second"], vec![2]));
}
