//! The watch: when it decides, and when it does not.

use super::clocks::{TokioClock, VirtualClock};
use super::failover::{brief, order};
use super::memory::{MemoryPorts, Twist, World};
use firedrill::control::{RegionTasks, WatchPlan, watch};
use firedrill::policy::{HealthLimits, RegionHealth};
use firedrill::ports::Clock;
use firedrill::procedure::{Brief, RegionFailover, Scribe, Task};
use firedrill::units::{Instant, Span};
use std::cell::RefCell;
use std::rc::Rc;

const fn secs(seconds: u64) -> Span {
    Span::from_secs(seconds)
}

pub fn plan() -> WatchPlan {
    let Brief { from: region, limits, .. } = brief();
    let stale_after = limits.stale_after;
    let (every, cool_down, hold_down) = (secs(5), secs(600), secs(1800));
    WatchPlan { every, cool_down, hold_down, region, stale_after, approval: None, on_call: None }
}

/// West is dark in these seconds; calls take `latency`.
pub fn world(dark: &[(u64, u64)], latency: Span) -> World {
    let mut world = World { latency, ..World::west_is_dark() };
    world.dark = dark.iter().map(|(from, to)| ("west", Instant::from_secs(*from), Instant::from_secs(*to))).collect();
    world
}

async fn begin<C: Clock + Clone + 'static>(ports: MemoryPorts<C>, plan: WatchPlan, sustained: u64) {
    let scribe = Scribe::open(ports).await.unwrap();
    let Brief { services, limits, .. } = brief();
    let health = RegionHealth::new(HealthLimits { sustained: secs(sustained), ..limits }, services);
    watch(&scribe, plan, health, RegionTasks { leave: Task::new(RegionFailover { order: order() }), come_back: None })
        .await;
}

/// Watches until `until` seconds on both clocks a region that must fail for ten seconds.
pub fn observe(plan: &WatchPlan, world: &World, until: u64) -> World {
    observe_for(10, plan, world, until)
}

/// The same for one that must fail for `sustained` seconds.
fn observe_for(sustained: u64, plan: &WatchPlan, world: &World, until: u64) -> World {
    let horizon = Instant::from_nanos(until * 1_000_000_000 + 500_000_000);
    let clock = VirtualClock::default();
    let simulated = MemoryPorts::new(clock.clone(), world.clone());
    assert_eq!(clock.drive(horizon, begin(simulated.clone(), plan.clone(), sustained)), None);
    let shared = Rc::new(RefCell::new(world.clone()));
    TokioClock::drive(horizon, |clock| begin(MemoryPorts::over(clock, shared.clone()), plan.clone(), sustained));
    let simulated = simulated.world.borrow().clone();
    assert_eq!((&simulated.laps, &simulated.events), (&shared.borrow().laps, &shared.borrow().events));
    simulated
}

/// When events of the watch were, in milliseconds.
pub fn times(world: &World, name: &str) -> Vec<u64> {
    world.events.iter().filter(|event| event.1 == name).map(|event| event.0.as_nanos() / 1_000_000).collect()
}

#[test]
fn a_region_that_dies_is_detected_at_once_and_decided_after_the_sustained_time() {
    let world = observe(&plan(), &world(&[(100, 10_000)], Span::ZERO), 2_000);
    assert_eq!((times(&world, "watch.detected"), times(&world, "watch.decided")), (vec![100_000], vec![110_000]));
    assert_eq!(times(&world, "region_failover.started"), [110_000]);
    assert_eq!(times(&world, "region_failover.done").len(), 1);
    assert_eq!(world.records["api.example"], "north");
    let text = &world.events.iter().find(|event| event.1 == "watch.decided").unwrap().2;
    let evidence = "api down: scrape failed, for 10s of 10s; search down: scrape failed, for 10s of 10s";
    assert_eq!(text, &format!("region_failover of west: {evidence}"));
}

#[test]
fn evaluations_do_not_drift_by_the_time_reads_take() {
    let world = observe_for(60, &plan(), &world(&[(101, 10_000)], Span::from_millis(700)), 1_000);
    assert_eq!(times(&world, "watch.detected"), [105_700]);
    assert_eq!(times(&world, "watch.decided"), [165_700]);
    let reads = world.calls.iter().filter(|call| *call == "query west").count();
    let failover = times(&world, "region_failover.done")[0] - times(&world, "region_failover.started")[0];
    let missed = usize::try_from(failover.div_ceil(5_000)).unwrap();
    assert!(reads + missed >= 199, "{reads} evaluations in 1000 s, less {missed} during the failover");
}

#[test]
fn an_evaluation_is_stamped_with_its_grid_instant_however_late_its_answer() {
    let mut world = world(&[(100, 10_000)], Span::ZERO);
    let slow_at_100 = (0..=20).map(|k| Twist::Take(Span::from_millis(if k == 20 { 900 } else { 0 })));
    world.next.insert("query west".to_owned(), slow_at_100.collect());
    let world = observe(&plan(), &world, 500);
    assert_eq!((times(&world, "watch.detected"), times(&world, "watch.decided")), (vec![100_900], vec![110_000]));
}

#[test]
fn a_spell_one_evaluation_too_short_decides_nothing() {
    let short = observe(&plan(), &world(&[(100, 110), (200, 210)], Span::ZERO), 1_000);
    assert_eq!(times(&short, "watch.detected"), [100_000, 200_000]);
    assert_eq!(times(&short, "watch.cleared"), [110_000, 210_000]);
    assert!(times(&short, "watch.decided").is_empty() && short.laps.is_empty());
    let long = observe(&plan(), &world(&[(100, 111)], Span::ZERO), 1_000);
    assert_eq!(times(&long, "watch.decided"), [110_000]);
}

#[test]
fn a_region_that_was_failed_over_is_not_failed_over_again() {
    let world = observe(&plan(), &world(&[(100, 10_000)], Span::ZERO), 5_000);
    assert_eq!(times(&world, "watch.decided").len(), 1);
}

#[test]
fn a_failover_that_was_undone_is_tried_again_only_after_the_cool_down() {
    let mut world = world(&[(100, 10_000)], Span::ZERO);
    world.always.insert("activate".to_owned(), Twist::Refuse);
    let world = observe(&plan(), &world, 3_000);
    let undone = times(&world, "region_failover.undone");
    let decided = times(&world, "watch.decided");
    assert_eq!(undone[0], 205_000, "twenty tries, five seconds apart");
    assert_eq!(decided[..3], [110_000, 810_000, 1_510_000], "the first evaluation more than 600 s after the end");
    assert_eq!(times(&world, "watch.held_back").len(), 1, "said once");
    let runs: Vec<u32> = world.laps.iter().filter(|lap| lap.step == "detect_failure").map(|lap| lap.run).collect();
    assert_eq!(runs[..3], [1, 2, 3]);
}

#[test]
fn flapping_never_decides_twice_within_a_cool_down() {
    let dark: Vec<(u64, u64)> = (1..100).map(|k| (k * 40, k * 40 + 25)).collect();
    let mut world = world(&dark, Span::ZERO);
    world.always.insert("point_record north".to_owned(), Twist::Refuse);
    let world = observe(&plan(), &world, 4_000);
    let decided = times(&world, "watch.decided");
    assert!(decided.len() >= 3, "{decided:?}");
    assert!(decided.windows(2).all(|pair| pair[1] - pair[0] > 600_000), "{decided:?}");
}

#[test]
fn metrics_that_cannot_be_read_are_said_once_and_decide_nothing() {
    let mut world = world(&[(0, 10_000)], Span::ZERO);
    world.next.insert("query west".to_owned(), vec![Twist::LoseCall; 100].into());
    let world = observe(&plan(), &world, 600);
    assert_eq!(times(&world, "watch.blind"), [0]);
    assert_eq!(times(&world, "watch.detected"), [500_000]);
    assert_eq!(times(&world, "watch.decided"), [510_000], "the time without metrics does not count");
}

#[test]
fn a_watch_begun_between_two_evaluations_waits_for_the_grid() {
    let clock = VirtualClock::default();
    let ports = MemoryPorts::new(clock.clone(), world(&[(0, 10_000)], Span::ZERO));
    let begun_late = async {
        clock.sleep(Span::from_millis(12_300)).await;
        begin(ports.clone(), plan(), 10).await;
    };
    clock.drive(Instant::from_secs(30), begun_late);
    assert_eq!(times(&ports.world.borrow(), "watch.detected"), [15_000]);
}
