//! What a procedure must not be content with: answers that say something else than was asked for.

use super::clocks::VirtualClock;
use super::failover::{brief, order, play_with};
use super::memory::{Copy, MemoryPorts, Twist, World};
use super::restore::deleted;
use super::there_and_back::{play, zone};
use firedrill::procedure::{
    Brief, Ending, FailoverDrill, FailoverOrder, RegionFailover, RestoreFromBackup, Scribe, Settings, StepSettings, run,
};
use firedrill::units::{Instant, Span};
use std::cell::RefCell;
use std::rc::Rc;

fn ending(world: &World, order: &FailoverOrder) -> (Ending, String, World) {
    let (outcome, world, _) = play_with(order, world);
    (outcome.ending, outcome.failure.map(|(step, why)| format!("{step}: {why}")).unwrap_or_default(), world)
}

#[test]
fn a_promotion_that_answers_with_another_epoch_is_not_what_was_asked_for() {
    let mut world = World::west_is_dark();
    world.promotes_one_epoch_further = true;
    let (ending, why, _) = ending(&world, &order());
    assert_eq!(ending, Ending::Stopped, "{why}");
    assert!(why.contains("leads epoch 3, not 2"), "{why}");
}

#[test]
fn a_copy_that_was_promoted_and_takes_no_writes_does_not_lead() {
    let mut world = World::west_is_dark();
    world.promotes_without_writes = true;
    let (ending, why, world) = ending(&world, &order());
    assert_eq!(ending, Ending::Stopped, "{why}");
    assert!(why.starts_with("verify_data_sync") && why.contains("does not lead epoch 2 yet"), "{why}");
    assert!(!world.calls.iter().any(|call| call.starts_with("write_heartbeat")), "it is not even asked for a write");
}

#[test]
fn a_copy_that_another_one_has_more_than_is_fed_before_it_is_opened() {
    let mut world = World::west_is_dark();
    let south = Copy { epoch: 1, applied: 998, received: 998, writable: false };
    world.copies.insert(("orders".to_owned(), "south".to_owned()), south);
    // Before anything is changed it is refused, and what is missing then is within the limit.
    world.next.insert("catch_up north".to_owned(), [Twist::Refuse].into());
    let told = Brief { loss_limit: Some(100), ..brief() };
    let (outcome, world, _) = play::<RegionFailover>(&told, &world);
    assert_eq!((outcome.ending, world.copy("orders", "north").received), (Ending::Done, 998), "{:?}", outcome.failure);
}

#[test]
fn records_that_were_said_to_be_set_back_and_were_not_are_not_taken_for_undone() {
    let mut world = World::west_is_dark();
    world.always.insert("activate north".to_owned(), Twist::Refuse);
    world.always.insert("point_record west".to_owned(), Twist::Lie);
    let (ending, why, world) = ending(&world, &order());
    assert_eq!((ending, world.records["api.example"].as_str()), (Ending::UndoFailed, "north"), "{why}");
}

#[test]
fn a_planned_move_waits_until_the_copy_has_all_the_old_authority_had() {
    let mut world = World::west_is_dark();
    world.dark.clear();
    let told = Brief { planned: true, ..brief() };
    let (outcome, world, _) = play::<RegionFailover>(&told, &world);
    let why = format!("{:?}", outcome.failure);
    assert_eq!((outcome.ending, world.leaders.iter().any(|led| led.2 == "north")), (Ending::Undone, false), "{why}");
    assert!(why.contains("would keep 990 of 1000"), "{why}");
}

#[test]
fn a_region_that_is_merely_degraded_is_not_left() {
    let mut world = World::west_is_dark();
    world.dark.clear();
    world.degraded = true;
    let (ending, why, world) = ending(&world, &order());
    assert_eq!(ending, Ending::Undone, "{why}");
    assert!(why.starts_with("detect_failure: west is degraded"), "{why}");
    assert!(world.leaders.is_empty() && world.records["api.example"] == "west");
}

#[test]
fn a_failover_that_a_drill_cuts_off_past_its_point_of_no_return_is_finished_and_then_come_back_from() {
    let (told, mut world) = zone();
    world.next.insert("promote north".to_owned(), [Twist::Take(Span::from_secs(100))].into());
    let short = StepSettings { budget: Some(Span::from_secs(60)), ..StepSettings::default() };
    let settings = Settings { limit: None, steps: [("fail_over".to_owned(), short)].into() };
    let told = Brief { settings: [("drill".to_owned(), settings)].into(), ..told };
    let (outcome, world, _) = play::<FailoverDrill>(&told, &world);
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some("fail_over")), "{:?}", outcome.failure);
    let led: Vec<&str> = world.leaders.iter().map(|(_, _, region)| region.as_str()).collect();
    assert_eq!((led.last(), world.records["api.example"].as_str()), (Some(&"west"), "west"), "{led:?}");
    assert!(world.event_names().contains(&"region_failover.done"), "{:?}", world.event_names());
    assert!(world.copy("orders", "west").writable && !world.copy("orders", "north").writable);
}

#[test]
fn who_resumes_a_rollback_knows_that_a_part_of_it_could_not_be_undone() {
    let mut world = World::west_is_dark();
    world.always.insert("activate north".to_owned(), Twist::Refuse);
    world.always.insert("point_record west".to_owned(), Twist::Refuse);
    let (ending, why, mut world) = ending(&world, &order());
    assert_eq!(ending, Ending::UndoFailed, "{why}");
    let incomplete = |entry: &String| entry.contains("\"complete\":false");
    let last = world.journal.iter().rposition(incomplete).expect("it is written down");
    // The process dies then, and whoever resumes meets no further trouble.
    world.journal.truncate(last + 1);
    world.always.clear();
    let clock = VirtualClock::default();
    let resume = async {
        let ports = MemoryPorts::over(clock.clone(), Rc::new(RefCell::new(world)));
        let scribe = Scribe::open(ports).await.unwrap();
        run(&scribe, &RegionFailover { order: order() }, 1).await.ending
    };
    assert_eq!(clock.drive(Instant::MAX, resume), Some(Ending::UndoFailed));
}

#[test]
fn a_database_that_is_reopened_in_another_epoch_or_from_elsewhere_is_not_what_was_restored() {
    for (epoch, further, found) in [(true, 0, "epoch 3 from position 950"), (false, 7, "epoch 2 from position 957")] {
        let mut world = deleted(&[]);
        (world.promotes_one_epoch_further, world.promotes_from_further) = (epoch, further);
        let (outcome, ..) = play::<RestoreFromBackup>(&brief(), &world);
        let why = outcome.failure.clone().unwrap_or_default().1;
        assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Stopped, Some("reopen")), "{why}");
        assert!(why.contains(&format!("orders leads {found}, not epoch 2 from 950")), "{why}");
    }
}

#[test]
fn what_was_restored_is_looked_at_before_it_is_opened() {
    let mut world = deleted(&[]);
    world.lagging_until = Instant::MAX;
    let (outcome, world, _) = play::<RestoreFromBackup>(&brief(), &world);
    let why = outcome.failure.clone().unwrap_or_default().1;
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Stopped, Some("verify_restore")), "{why}");
    assert!(why.contains("orders is at position 945, not 950") && world.leaders.is_empty(), "{why}");
}

#[test]
fn of_several_records_only_the_one_that_was_refused_is_asked_for_again() {
    let mut world = World::west_is_dark();
    world.records.insert("www.example".to_owned(), "west".to_owned());
    let once = [Twist::Take(Span::from_millis(10)), Twist::Refuse];
    world.next.insert("point_record north".to_owned(), once.into());
    let records = vec!["api.example".to_owned(), "www.example".to_owned()];
    let (outcome, world, _) = play::<RegionFailover>(&Brief { records, ..brief() }, &world);
    assert_eq!((outcome.ending, outcome.failure), (Ending::Done, None));
    assert!(world.records.values().all(|region| region == "north"), "{:?}", world.records);
    assert_eq!(world.calls.iter().filter(|call| *call == "point_record north").count(), 3);
}

#[test]
fn of_several_records_only_the_one_that_could_not_be_set_back_is_set_back_again() {
    let mut world = World::west_is_dark();
    world.records.insert("www.example".to_owned(), "west".to_owned());
    world.always.insert("activate north".to_owned(), Twist::Refuse);
    let once = [Twist::Take(Span::from_millis(10)), Twist::Refuse];
    world.next.insert("point_record west".to_owned(), once.into());
    let records = vec!["api.example".to_owned(), "www.example".to_owned()];
    let (outcome, world, _) = play::<RegionFailover>(&Brief { records, ..brief() }, &world);
    assert_eq!(outcome.ending, Ending::Undone, "{:?}", outcome.failure);
    assert!(world.records.values().all(|region| region == "west"), "{:?}", world.records);
    assert_eq!(world.calls.iter().filter(|call| *call == "point_record west").count(), 3);
}
