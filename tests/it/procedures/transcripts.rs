//! Transcripts: what control code and its ports said to each other is said again, word for word, or the first difference
//! is named.

use super::clocks::{TokioClock, VirtualClock};
use super::failover::{brief, order};
use super::memory::{MemoryPorts, Twist, World};
use super::there_and_back::west_was_left;
use firedrill::ports::{Clock, Dns, Runtime};
use firedrill::procedure::{
    Ending, Failback, FailoverOrder, LeaseTerms, Listed, Perform, Procedure, RegionFailover, Scribe, lead, run,
};
use firedrill::transcript::{Line, Recorded, Replayed, Transcript, replay};
use firedrill::units::{Instant, Span};
use std::cell::Cell;
use std::rc::Rc;

/// What is replayed: the procedure, or nothing that is not its own.
async fn perform<P: Runtime, R: Perform<P>>(ports: P, procedure: R) -> Ending {
    run(&Scribe::open(ports).await.unwrap(), &procedure, 1).await.ending
}

/// Performs the failover in `world` and keeps what was said.
fn recorded(world: World) -> (Ending, Vec<Line>, World) {
    let (clock, transcript) = (VirtualClock::default(), Transcript::default());
    let ports = MemoryPorts::new(clock.clone(), world);
    let recorded = Recorded::new(ports.clone(), transcript.clone());
    let ending = clock.drive(Instant::MAX, perform(recorded, RegionFailover { order: order() })).unwrap();
    let world = ports.world.borrow().clone();
    (ending, transcript.lines(), world)
}

fn failover(order: FailoverOrder) -> impl FnOnce(Replayed) -> std::pin::Pin<Box<dyn Future<Output = Ending>>> {
    |ports| Box::pin(perform(ports, RegionFailover { order }))
}

#[test]
fn what_was_recorded_is_replayed_to_the_same_end_with_every_call_lost_refused_or_late() {
    let calls = ["query", "point_record", "activate", "fence", "promote", "append_journal", "notify", "probe"];
    let twists = [Twist::Refuse, Twist::LoseCall, Twist::LoseAnswer, Twist::Lie, Twist::Take(Span::from_secs(400))];
    // A journal that says it holds what it does not is none.
    let bearable = |(call, twist): &(&str, Twist)| (*call, *twist) != ("append_journal", Twist::Lie);
    for (call, twist) in calls.iter().flat_map(|call| twists.map(|twist| (*call, twist))).filter(bearable) {
        let mut world = World::west_is_dark();
        world.next.insert(call.to_owned(), [twist].into());
        let (ending, lines, _) = recorded(world);
        assert_eq!(replay(lines, failover(order())), Ok(Some(ending)), "{call} {twist:?}");
    }
}

#[test]
fn recording_changes_nothing() {
    let (ending, _, world) = recorded(World::west_is_dark());
    let clock = VirtualClock::default();
    let bare = MemoryPorts::new(clock.clone(), World::west_is_dark());
    let alone = clock.drive(Instant::MAX, perform(bare.clone(), RegionFailover { order: order() })).unwrap();
    assert_eq!((ending, &world.laps, &world.calls), (alone, &bare.world.borrow().laps, &bare.world.borrow().calls));
}

#[test]
fn a_transcript_is_read_back_from_its_text() {
    let (_, lines, _) = recorded(World::west_is_dark());
    let text: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
    assert_eq!(Transcript::parse(&text).unwrap(), lines);
    let torn = &text[..text.len() - 5];
    assert_eq!(Transcript::parse(torn).unwrap(), lines[..lines.len() - 1], "its writer died over the last line");
    let error = Transcript::parse(&text.replacen("call", "cull", 1)).unwrap_err();
    assert!(error.line < 4 && error.to_string().contains("cull"), "{error}");
}

#[test]
fn a_transcript_that_ends_anywhere_is_replayed_up_to_there() {
    let (_, lines, _) = recorded(World::west_is_dark());
    for end in 0..lines.len() - 1 {
        assert_eq!(replay(lines[..end].to_vec(), failover(order())), Ok(None), "cut off behind line {end}");
    }
}

#[test]
fn the_first_call_that_differs_is_named() {
    let (_, lines, _) = recorded(World::west_is_dark());
    let mut other = order();
    other.audiences = vec!["on-call".to_owned(), "nobody".to_owned()];
    // The order is written down first of all.
    let error = replay(lines.clone(), failover(other)).unwrap_err();
    assert!(error.to_string().contains("append_journal") && error.to_string().contains("nobody"), "{error}");
    let changed = |from: &str, to: &str| {
        let text: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        assert!(text.contains(from), "{text}");
        replay(Transcript::parse(&text.replacen(from, to, 1)).unwrap(), failover(order())).unwrap_err()
    };
    let call = r#""name":"promote","with":["orders","north",2]"#;
    let error = changed(call, &call.replace("north", "south")).to_string();
    assert!(
        error.contains(r#"promote["orders","south",2]"#) && error.contains(r#"promote["orders","north",2]"#),
        "{error}"
    );
    assert!(error.starts_with("line ") && error.contains("call "), "{error}");
    let error = changed(r#""answer":{"Ok":{"epoch":2,"#, r#""answer":{"Ok":{"apoch":2,"#).to_string();
    assert!(error.contains("cannot read") && error.contains("epoch"), "{error}");
}

#[test]
fn doing_less_or_more_is_a_difference_too() {
    let (_, lines, _) = recorded(World::west_is_dark());
    let nothing = replay(lines.clone(), |_| async {}).unwrap_err();
    assert_eq!((nothing.line, nothing.sent.as_deref()), (1, Some("the end")));
    let waits = replay(lines.clone(), |ports| async move { ports.sleep(Span::from_secs(1)).await }).unwrap_err();
    assert!(waits.to_string().contains("now it is call 1, sleep"), "{waits}");
    let stuck = replay(lines, |_| std::future::pending::<()>()).unwrap_err();
    assert_eq!((stuck.line, stuck.sent), (1, None));
    let read = [Line::Call {
        number: 1,
        at: Instant::ZERO,
        epoch: 0,
        name: "read_record".to_owned(),
        with: serde_json::json!(["a"]),
    }];
    let beyond = Cell::new(false);
    let ended = replay(read.to_vec(), |ports| async {
        let ports = ports;
        drop(ports.read_record("a").await);
        beyond.set(true);
    });
    assert_eq!((ended, beyond.get()), (Ok(None), false), "nothing is answered behind the end");
}

/// A controller that fails over whenever it leads, and counts how often it did.
async fn controller<P: Runtime>(ports: P, ended: Rc<Cell<u32>>)
where
    RegionFailover: Perform<P>,
{
    lead(ports, LeaseTerms::default(), move |scribe| {
        let ended = ended.clone();
        async move {
            run(&scribe, &RegionFailover { order: order() }, 1).await;
            ended.set(ended.get() + 1);
        }
    })
    .await;
}

#[test]
fn a_controller_under_a_lease_is_replayed_in_no_time() {
    let (transcript, then, now) = (Transcript::default(), Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    TokioClock::drive(Instant::from_secs(300), |clock| {
        let ports = MemoryPorts::new(clock, World::west_is_dark());
        controller(Recorded::new(ports, transcript.clone()), then.clone())
    });
    assert_eq!(replay(transcript.lines(), |ports| controller(ports, now.clone())), Ok(None));
    assert!(then.get() > 1, "it asked for the lease again once its work was over");
    assert_eq!(now.get(), then.get());
}

#[test]
fn the_way_back_is_replayed_as_well() {
    let back = || Failback::ordered(Failback::order_of(&brief().reversed()));
    let (clock, transcript) = (VirtualClock::default(), Transcript::default());
    let ports = Recorded::new(MemoryPorts::new(clock.clone(), west_was_left()), transcript.clone());
    let ending = clock.drive(Instant::MAX, perform(ports, back())).unwrap();
    let replayed = replay(transcript.lines(), |ports| perform(ports, back()));
    assert_eq!((ending, replayed), (Ending::Done, Ok(Some(Ending::Done))));
}
