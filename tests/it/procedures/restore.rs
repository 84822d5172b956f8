//! The restore from backup: the same on both clocks, what it refuses, and what it leaves behind when a call fails.

use super::failover::brief;
use super::memory::{Twist, World};
use super::there_and_back::{Played, planned, play};
use firedrill::procedure::{Brief, Ending, RestoreFromBackup};
use firedrill::record::LapResult;
use std::collections::VecDeque;

/// The data of both copies are gone; of three backups all can be read but those listed.
pub fn deleted(broken: &[u32]) -> World {
    let mut world = World::west_is_dark();
    world.dark.clear();
    world.lost = vec![("orders", "west"), ("orders", "north")];
    world.backups = [(1, 400), (2, 700), (3, 950)].map(|(n, lsn)| (n, lsn, !broken.contains(&n))).to_vec();
    world
}

fn restored(world: &World) -> Played<RestoreFromBackup> {
    play::<RestoreFromBackup>(&brief(), world)
}

fn first(world: &World, call: &str) -> usize {
    world.calls.iter().position(|made| made.starts_with(call)).unwrap_or_else(|| panic!("no {call}"))
}

fn assert_open(world: &World, lsn: u64) {
    let west = world.copy("orders", "west");
    assert!(west.writable && west.epoch == 2 && west.applied == lsn, "{west:?}");
    assert_eq!(world.leaders, [("orders".to_owned(), 2, "west".to_owned())], "opened once");
}

#[test]
fn the_newest_backup_is_read_announced_restored_and_opened_in_this_order() {
    let (outcome, world, _) = restored(&deleted(&[]));
    assert_eq!((outcome.ending, outcome.failure), (Ending::Done, None));
    let steps: Vec<&str> =
        world.laps.iter().filter(|lap| lap.result == LapResult::Done).map(|lap| lap.step.as_str()).collect();
    assert_eq!(steps, planned::<RestoreFromBackup>());
    assert_open(&world, 950);
    let order = ["assess_damage", "fence", "verify_backup 3", "notify", "restore_backup 3", "promote", "rebuild"];
    let places: Vec<usize> = order.iter().map(|call| first(&world, call)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(world.bounds, [("orders".to_owned(), 50)]);
    assert!(world.told[0].1.contains("at most 50 writes lost"), "{}", world.told[0].1);
    assert!(!world.calls.contains(&"verify_backup 2".to_owned()));
    assert!(world.lost.is_empty(), "the other copy was rebuilt");
}

#[test]
fn it_walks_back_to_the_newest_that_verifies_and_says_what_that_costs_before_it_restores() {
    let (outcome, world, _) = restored(&deleted(&[3, 2]));
    assert_eq!(outcome.ending, Ending::Done);
    assert_open(&world, 400);
    assert_eq!(world.bounds, [("orders".to_owned(), 600)]);
    assert_eq!(outcome.evidence.databases["orders"].rejected.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [3, 2]);
    assert!(first(&world, "notify") < first(&world, "restore_backup") && world.told[0].1.contains("at most 600"));
}

#[test]
fn without_a_backup_that_verifies_a_person_must_act_and_nothing_is_overwritten() {
    let (outcome, world, _) = restored(&deleted(&[1, 2, 3]));
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Stopped, Some("find_backup")));
    assert!(outcome.failure.unwrap().1.contains("manual intervention required"));
    assert!(world.leaders.is_empty() && !world.calls.iter().any(|call| call.starts_with("restore_backup")));
}

#[test]
fn nothing_is_restored_while_another_copy_has_the_data_or_might() {
    let mut alive = deleted(&[]);
    alive.lost.truncate(1);
    let mut unknown = deleted(&[]);
    unknown.dark.push(("north", firedrill::units::Instant::ZERO, firedrill::units::Instant::MAX));
    let mut intact = deleted(&[]);
    intact.lost.clear();
    for world in [alive, unknown, intact] {
        let (outcome, world, _) = restored(&world);
        assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Undone, Some("assess_damage")));
        assert!(world.epochs["orders"] == 1 && world.leaders.is_empty());
    }
}

#[test]
fn a_loss_above_the_limit_is_announced_and_left_to_a_person() {
    let told = Brief { loss_limit: Some(49), ..brief() };
    let (outcome, world, _) = play::<RestoreFromBackup>(&told, &deleted(&[]));
    assert_eq!((outcome.ending, outcome.failed_at()), (Ending::Stopped, Some("announce_loss")));
    assert!(world.leaders.is_empty() && !world.calls.iter().any(|call| call.starts_with("restore_backup")));
}

#[test]
fn any_call_may_be_refused_lost_or_half_done_once() {
    let (_, quiet, _) = restored(&deleted(&[3]));
    let ours = |call: &&String| !call.contains("journal") && !call.contains("lease");
    let mut calls: Vec<String> = quiet.calls.iter().filter(ours).cloned().collect();
    calls.sort();
    calls.dedup();
    assert!(calls.len() > 12, "{calls:?}");
    for call in calls {
        for twist in [Twist::Refuse, Twist::LoseCall, Twist::LoseAnswer] {
            let mut world = deleted(&[3]);
            world.next.insert(call.clone(), VecDeque::from([twist]));
            let (outcome, world, _) = restored(&world);
            assert_eq!(outcome.ending, Ending::Done, "{call}, {twist:?}: {:?}", outcome.failure);
            assert!(world.copy("orders", "west").writable && world.copy("orders", "west").applied == 700, "{call}");
        }
    }
}
