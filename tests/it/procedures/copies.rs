//! Which copy is opened, what it is given first, and what that may lose.

use super::failover::{order, play_with};
use super::memory::{Copy, Twist, World};
use firedrill::ports::AckQuorum;
use firedrill::procedure::{Ending, FailoverOrder};
use firedrill::units::Instant;

/// `north` has received 990, `south` 998, both of at most 1000; `west` is dark.
fn south_has_more() -> World {
    let mut world = World::west_is_dark();
    world.active.insert("south".to_owned(), false);
    let copy = Copy { epoch: 1, applied: 998, received: 998, writable: false };
    world.copies.insert(("orders".to_owned(), "south".to_owned()), copy);
    world
}

fn any(acks: usize) -> Option<AckQuorum> {
    Some(AckQuorum { of: ["west", "north", "south"].map(str::to_owned).to_vec(), acks })
}

#[test]
fn the_copy_that_is_opened_first_gets_what_another_one_has() {
    let (outcome, world, _) = play_with(&order(), &south_has_more());
    assert_eq!(outcome.ending, Ending::Done);
    let opened = world.copy("orders", "north");
    assert!(opened.writable && opened.applied == 998, "{opened:?}");
    let call = |name: &str| world.calls.iter().position(|call| call.starts_with(name)).unwrap();
    assert!(call("catch_up north") < call("promote north"));
    assert_eq!(world.bounds.last(), Some(&("orders".to_owned(), 2)), "1000 less 998");
}

#[test]
fn a_better_copy_that_cannot_pass_on_what_it_has_is_named_and_nothing_is_changed() {
    let mut world = south_has_more();
    world.always.insert("catch_up north".to_owned(), Twist::Refuse);
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Undone, "verify_secondary"));
    let note = &world.laps.last().unwrap().note;
    assert!(note.contains("the copy in south has 8 writes that the one in north lacks"), "{note}");
    assert_eq!(world.records["api.example"], "west");
}

#[test]
fn what_the_limit_allows_may_be_missing() {
    for (limit, ending) in [(10, Ending::Done), (7, Ending::Undone)] {
        let mut world = south_has_more();
        world.always.insert("catch_up north".to_owned(), Twist::Refuse);
        let (outcome, world, _) = play_with(&FailoverOrder { loss_limit: Some(limit), ..order() }, &world);
        assert_eq!(outcome.ending, ending, "{limit}: {:?}", outcome.failure);
        assert_eq!(world.copy("orders", "north").received, 990);
    }
}

#[test]
fn nothing_is_announced_as_lost_where_every_commit_is_on_a_copy_that_answered() {
    for (quorum, limit, bound) in [(any(1), Some(0), 0), (None, None, 2)] {
        let mut world = south_has_more();
        world.quorum = quorum;
        let (outcome, world, _) = play_with(&FailoverOrder { loss_limit: limit, ..order() }, &world);
        assert_eq!(outcome.ending, Ending::Done, "{:?}", outcome.failure);
        assert!(world.bounds.iter().all(|(_, announced)| *announced == bound), "{:?}", world.bounds);
    }
}

#[test]
fn where_a_copy_that_may_have_a_commit_does_not_answer_the_bound_is_that_of_the_log() {
    let mut world = south_has_more();
    world.quorum = any(1);
    world.dark.push(("south", Instant::ZERO, Instant::MAX));
    let (outcome, world, _) = play_with(&FailoverOrder { loss_limit: Some(0), ..order() }, &world);
    assert_eq!(outcome.ending, Ending::Undone);
    assert!(world.laps.last().unwrap().note.contains("at most 10 writes lost"), "{:?}", world.laps.last());
}

#[test]
fn a_copy_that_leads_and_acknowledges_no_write_has_not_taken_over() {
    let mut world = World::west_is_dark();
    world.always.insert("write_heartbeat north".to_owned(), Twist::Refuse);
    let (outcome, world, _) = play_with(&order(), &world);
    assert_eq!((outcome.ending, outcome.failed_at().unwrap()), (Ending::Stopped, "verify_data_sync"));
    let note = &world.laps.last().unwrap().note;
    assert!(note.contains("orders in north acknowledges no writes"), "{note}");
}

#[test]
fn a_service_that_fails_for_want_of_the_database_does_not_disqualify_its_region() {
    for (needs, ending) in [(vec!["orders".to_owned()], Ending::Done), (Vec::new(), Ending::Undone)] {
        let mut world = World::west_is_dark();
        world.active.insert("north".to_owned(), true);
        world.service_databases = needs;
        // Until the copy in north is open, as many probes as there are attempts.
        let refused = ["probe api", "probe search"].map(|probe| (probe.to_owned(), [Twist::Refuse].into()));
        world.next = refused.into();
        if ending == Ending::Undone {
            world.always.insert("probe api".to_owned(), Twist::Refuse);
        }
        let (outcome, world, _) = play_with(&order(), &world);
        assert_eq!(outcome.ending, ending, "{:?}", outcome.failure);
        let said = world.laps.iter().any(|lap| lap.note.contains("api fails for want of orders"));
        assert_eq!(said, ending == Ending::Done);
    }
}
