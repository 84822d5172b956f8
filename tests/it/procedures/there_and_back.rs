//! The failback, the drill and the lease: the same on both clocks, and what each refuses.

use super::clocks::{TokioClock, VirtualClock};
use super::failover::brief;
use super::memory::{Copy, MemoryPorts, Twist, World};
use firedrill::ports::{Clock, PortError, Tenure};
use firedrill::procedure::{
    Brief, Ending, Failback, FailoverDrill, LeaseTerms, Listed, Perform, Procedure, ProcedureOutcome, ProcedurePlan,
    Scribe, What, lead, run,
};
use firedrill::record::LapResult;
use firedrill::units::{Instant, Span};
use std::cell::Cell;
use std::rc::Rc;

pub type Played<R> = (ProcedureOutcome<<R as Procedure>::Evidence>, World, Instant);

async fn perform<R, C>(clock: C, world: World, told: Brief) -> Played<R>
where
    C: Clock + Clone + 'static,
    R: Listed + Perform<MemoryPorts<C>>,
{
    let ports = MemoryPorts::new(clock.clone(), world);
    let scribe = Scribe::open(ports.clone()).await.unwrap();
    let outcome = run(&scribe, &R::ordered(R::order_of(&told)), 1).await;
    let world = ports.world.borrow().clone();
    (outcome, world, clock.now())
}

/// Plays it on both clocks, and insists that they agree.
pub fn play<R>(told: &Brief, world: &World) -> Played<R>
where
    R: Listed + Perform<MemoryPorts<VirtualClock>> + Perform<MemoryPorts<TokioClock>>,
    R::Evidence: std::fmt::Debug + PartialEq,
{
    let clock = VirtualClock::default();
    let simulated = clock.drive(Instant::MAX, perform::<R, _>(clock.clone(), world.clone(), told.clone())).unwrap();
    let horizon = Instant::from_secs(1_000_000);
    let real = TokioClock::drive(horizon, |clock| perform::<R, _>(clock, world.clone(), told.clone())).unwrap();
    assert_eq!(simulated.1.laps, real.1.laps, "the same laps");
    assert_eq!(simulated.1.events, real.1.events, "the same events");
    assert_eq!(simulated.1.journal, real.1.journal, "the same journal");
    assert_eq!((&simulated.0, simulated.2), (&real.0, real.2), "the same end");
    simulated
}

/// The names of the steps that are planned.
pub fn planned<R: Listed>() -> Vec<String> {
    let plan = ProcedurePlan::of(&R::ordered(R::order_of(&brief())));
    plan.steps.into_iter().map(|step| step.name.into_owned()).collect()
}

/// North has taken over; west is fit again, with five writes of its own that north never had.
pub fn west_was_left() -> World {
    let mut world = World::west_is_dark();
    world.dark.clear();
    world.active.insert("north".to_owned(), true);
    world.records.insert("api.example".to_owned(), "north".to_owned());
    world.epochs.insert("orders".to_owned(), 2);
    for (region, copy) in [
        ("west", Copy { epoch: 1, applied: 1005, received: 1005, writable: false }),
        ("north", Copy { epoch: 2, applied: 2000, received: 2000, writable: true }),
    ] {
        world.copies.insert(("orders".to_owned(), region.to_owned()), copy);
    }
    world
}

fn homewards() -> Brief {
    Brief { from: "north".to_owned(), to: "west".to_owned(), ..brief() }
}

#[test]
fn the_way_back_rebuilds_drains_and_loses_nothing() {
    let (outcome, world, _) = play::<Failback>(&homewards(), &west_was_left());
    assert_eq!((outcome.ending, outcome.failure), (Ending::Done, None));
    let steps: Vec<&str> =
        world.laps.iter().filter(|lap| lap.result == LapResult::Done).map(|lap| lap.step.as_str()).collect();
    assert_eq!(steps, planned::<Failback>());
    let west = world.copy("orders", "west");
    assert!(west.writable && west.epoch == 3 && west.applied == 2000, "{west:?}");
    assert!(!world.copy("orders", "north").writable);
    assert_eq!(world.records["api.example"], "west");
    assert_eq!(world.bounds, [("orders".to_owned(), 0)], "nothing may be lost, and that is said beforehand");
    let call = |name: &str| world.calls.iter().position(|call| call.starts_with(name)).unwrap();
    assert!(
        call("rebuild") < call("fence") && call("fence") < call("promote") && call("promote") < call("point_record")
    );
}

#[test]
fn a_copy_that_has_not_received_everything_is_not_promoted_and_the_old_authority_goes_on() {
    let mut world = west_was_left();
    world.always.insert("rebuild".to_owned(), Twist::Lie);
    let behind = Copy { epoch: 2, applied: 1990, received: 1990, writable: false };
    world.copies.insert(("orders".to_owned(), "west".to_owned()), behind);
    let (outcome, world, _) = play::<Failback>(&homewards(), &world);
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some("catch_up")));
    assert!(world.copy("orders", "north").writable && world.records["api.example"] == "north");
}

#[test]
fn nobody_comes_back_to_a_region_that_fails_or_from_one_that_cannot_be_asked() {
    for (dark, step) in [("west", "confirm_fit"), ("north", "confirm_fit")] {
        let mut world = west_was_left();
        world.dark.push((dark, Instant::ZERO, Instant::MAX));
        let (outcome, world, _) = play::<Failback>(&homewards(), &world);
        assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some(step)), "{dark}");
        assert!(world.leaders.is_empty() && world.epochs["orders"] == 2);
    }
}

#[test]
fn a_region_that_dies_right_after_the_names_point_there_is_left_again() {
    let mut world = west_was_left();
    world.copies.clear();
    world.epochs.clear();
    let told = Brief { databases: vec![], ..homewards() };
    let (outcome, untroubled, end) = play::<Failback>(&told, &world);
    assert_eq!((outcome.ending, untroubled.records["api.example"].as_str()), (Ending::Done, "west"));
    let switched = untroubled.laps.iter().find(|lap| lap.step == "switch_dns").expect("the step");
    world.dark.push(("west", switched.start + switched.took, Instant::MAX));
    let (outcome, world, _) = play::<Failback>(&told, &world);
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some("verify_health")), "{end}");
    assert_eq!(world.records["api.example"], "north", "as it was, as it says");
}

/// A zone of its own, at home in the west.
pub fn zone() -> (Brief, World) {
    let mut world = World::west_is_dark();
    world.dark.clear();
    world.copies.get_mut(&("orders".to_owned(), "north".to_owned())).unwrap().received = 1000;
    (Brief { databases: vec!["orders".to_owned()], ..brief() }, world)
}

#[test]
fn a_drill_goes_there_and_back_by_the_real_procedures_and_says_that_it_passed() {
    let (told, world) = zone();
    let (outcome, world, _) = play::<FailoverDrill>(&told, &world);
    assert_eq!((outcome.ending, outcome.failure), (Ending::Done, None));
    assert_eq!(world.records["api.example"], "west");
    assert!(world.copy("orders", "west").writable && !world.copy("orders", "north").writable);
    let regions: Vec<&str> = world.leaders.iter().map(|(_, _, region)| region.as_str()).collect();
    assert_eq!(regions, ["north", "west"], "there and back");
    assert!(world.event_names().contains(&"drill.passed"));
    assert!(world.told.last().unwrap().1.contains("drill passed"), "{:?}", world.told.last());
    for procedure in ["region_failover", "failback", "drill"] {
        assert!(world.laps.iter().any(|lap| lap.procedure == procedure && lap.run == 1), "{procedure}");
    }
}

#[test]
fn a_drill_that_is_told_no_names_or_meets_a_real_failure_is_not_held() {
    let (told, world) = zone();
    for told in [
        Brief { records: vec![], ..told.clone() },
        Brief { databases: vec![], ..told.clone() },
        Brief { services: vec![], ..told.clone() },
    ] {
        let (outcome, world, _) = play::<FailoverDrill>(&told, &world);
        assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some("confirm_calm")), "{told:?}");
        assert!(world.leaders.is_empty() && world.records["api.example"] == "west");
    }
    let mut failing = world;
    failing.dark.push(("west", Instant::ZERO, Instant::MAX));
    let (outcome, world, _) = play::<FailoverDrill>(&told, &failing);
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some("confirm_calm")));
    assert!(world.laps[0].note.contains("not a good time for a drill") && world.leaders.is_empty());
}

#[test]
fn a_drill_that_fails_on_the_way_brings_the_zone_home_and_does_not_pass() {
    for call in ["activate north", "promote north", "notify on-call"] {
        let (told, mut world) = zone();
        world.always.insert(call.to_owned(), Twist::Refuse);
        let (outcome, world, _) = play::<FailoverDrill>(&told, &world);
        assert_ne!(outcome.ending, Ending::Done, "{call}");
        assert!(!world.event_names().contains(&"drill.passed"), "{call}");
        if outcome.ending == Ending::Undone {
            assert!(world.copy("orders", "west").writable && world.records["api.example"] == "west", "{call}");
        }
    }
}

/// Two processes of one controller over one world, of which the first dies: who did something when, in seconds.
fn duty(twists: &[(&str, Twist)], dies_at: u64, until: u64) -> (World, Vec<(u32, u64)>) {
    let mut world = World { latency: Span::from_millis(10), ..World::default() };
    world.always = twists.iter().map(|(call, twist)| ((*call).to_owned(), *twist)).collect();
    duty_in(world, dies_at, until)
}

/// The same over that world.
fn duty_in(world: World, dies_at: u64, until: u64) -> (World, Vec<(u32, u64)>) {
    let clock = VirtualClock::default();
    let first = MemoryPorts::new(clock.clone(), world);
    let second = MemoryPorts { process: 2, ..first.clone() };
    let log = Rc::new(std::cell::RefCell::new(Vec::new()));
    let process = |ports: MemoryPorts<VirtualClock>| {
        let log = Rc::clone(&log);
        lead(ports, LeaseTerms::default(), move |scribe| {
            let log = Rc::clone(&log);
            async move {
                let ports = scribe.ports().clone();
                loop {
                    log.borrow_mut().push((ports.process, ports.now().as_nanos() / 1_000_000_000));
                    ports.sleep(Span::from_secs(1)).await;
                }
            }
        })
    };
    let dies = async {
        let life = clock.sleep(Span::from_secs(dies_at));
        firedrill::procedure::race(process(first.clone()), life).await;
        std::future::pending::<()>().await;
    };
    let both = firedrill::procedure::race(dies, process(second));
    assert!(clock.drive(Instant::from_secs(until), both).is_none());
    let world = first.world.borrow().clone();
    let done = log.borrow().clone();
    (world, done)
}

#[test]
fn one_of_two_processes_works_for_as_long_as_it_renews() {
    let (world, done) = duty(&[], 1_000, 100);
    assert!(done.iter().all(|(process, _)| *process == 1) && done.len() > 95, "{done:?}");
    assert_eq!(world.lease.0, 1, "one grant");
}

#[test]
fn a_successor_begins_only_once_the_lease_of_the_dead_has_run_out() {
    let (world, done) = duty(&[], 20, 60);
    let first = done.iter().find(|(process, _)| *process == 2).map(|(_, at)| *at).expect("it takes over");
    assert!((20 + 13..=20 + 18).contains(&first), "renewed every 2 s for 15 s, asked for every 2 s: {first}");
    assert!(done.iter().all(|(process, at)| *process == 2 || *at <= 20), "{done:?}");
    assert_eq!(world.lease.0, 2);
}

#[test]
fn who_cannot_renew_stands_down_before_the_lease_can_be_granted_to_another() {
    let (world, done) = duty(&[("renew_lease", Twist::LoseCall)], 60, 60);
    let idle = done.windows(2).find(|pair| pair[1].1 - pair[0].1 > 1).expect("it stands down");
    assert!(idle[0].1 <= 10, "ten seconds after it was asked for: {done:?}");
    assert!(world.event_names().contains(&"controller.stood_down") && world.lease.0 > 1);
}

/// The second in which the first process works for the last time before it rests for a while.
fn rests_after(done: &[(u32, u64)]) -> u64 {
    let mine: Vec<u64> = done.iter().filter(|(process, _)| *process == 1).map(|(_, at)| *at).collect();
    mine.windows(2).find(|pair| pair[1] - pair[0] > 1).map_or(mine[mine.len() - 1], |pair| pair[0])
}

#[test]
fn a_lease_counts_from_the_instant_it_was_asked_for_however_late_the_answer() {
    // Asked for at 2 s, answered at 6 s, and then never again: it is over by 12 s for whoever holds it.
    let mut world = World { latency: Span::from_millis(10), ..World::default() };
    world.next.insert("renew_lease".to_owned(), [Twist::Take(Span::from_secs(4))].into());
    world.always.insert("renew_lease".to_owned(), Twist::LoseCall);
    let (_, done) = duty_in(world, 60, 40);
    assert!((11..=12).contains(&rests_after(&done)), "{done:?}");
    // So is the first, asked for at once and answered at 4 s. What the other asks until then is lost.
    let mut world = World { latency: Span::from_millis(10), ..World::default() };
    let (late, lost) = (Twist::Take(Span::from_secs(4)), Twist::LoseCall);
    world.next.insert("acquire_lease".to_owned(), [late, lost, lost].into());
    world.always.insert("renew_lease".to_owned(), Twist::LoseCall);
    let (_, done) = duty_in(world, 60, 40);
    assert!((9..=10).contains(&rests_after(&done)), "{done:?}");
}

#[test]
fn who_learns_that_another_leads_stands_down_at_once() {
    let clock = VirtualClock::default();
    let world = World { latency: Span::from_millis(10), ..World::default() };
    let ports = MemoryPorts::new(clock.clone(), world);
    let worked = Rc::new(Cell::new(Instant::ZERO));
    let seen = Rc::clone(&worked);
    let working = lead(ports.clone(), LeaseTerms::default(), move |scribe| {
        let seen = Rc::clone(&seen);
        async move {
            loop {
                seen.set(scribe.ports().now());
                scribe.ports().sleep(Span::from_secs(1)).await;
            }
        }
    });
    let overruled = async {
        clock.sleep(Span::from_secs(20)).await;
        // The lease was taken from it, and nobody gives it back.
        ports.world.borrow_mut().lease = (2, 2, Instant::MAX);
        std::future::pending::<()>().await;
    };
    assert!(clock.drive(Instant::from_secs(60), firedrill::procedure::race(working, overruled)).is_none());
    assert!(worked.get() < Instant::from_secs(23), "it worked at {}, though renewing was refused", worked.get());
    assert!(ports.world.borrow().event_names().contains(&"controller.stood_down"));
}

#[test]
fn a_stale_writer_cannot_append_and_a_lost_answer_does_not_append_twice() {
    let clock = VirtualClock::default();
    let mut world = World::default();
    world.next.insert("append_journal".to_owned(), vec![Twist::LoseAnswer].into());
    world.lease = (1, 1, Instant::MAX);
    let ports = MemoryPorts::new(clock.clone(), world).under(1);
    let refused = Rc::new(Cell::new(false));
    let seen = Rc::clone(&refused);
    let told = ports.clone();
    let work = async move {
        let scribe = Scribe::open(told.clone()).await.unwrap();
        let run = firedrill::procedure::RunId::top(1);
        let entry = What::Approved { step: "a".to_owned() };
        assert!(scribe.append(&run, entry.clone()).await.is_err(), "an unknown number");
        scribe.append(&run, entry).await.unwrap();
        told.world.borrow_mut().lease.0 = 2;
        let error = scribe.append(&run, What::Approved { step: "b".to_owned() }).await.unwrap_err();
        seen.set(error == PortError::Superseded { held: 1, newest: 2 });
    };
    clock.drive(Instant::MAX, work).unwrap();
    assert!(refused.get());
    assert_eq!(ports.world.borrow().journal.len(), 1);
}
