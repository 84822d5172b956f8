//! What a procedure must not be content with: answers that say something else than was asked for.

use super::failover::{brief, order, play_with};
use super::memory::{Copy, Twist, World};
use super::there_and_back::play;
use firedrill::procedure::{Brief, Ending, FailoverOrder, RegionFailover};

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
