//! The region failover with calls that go wrong at random: nothing may pass silently, whatever they do.

use super::failover::{order, play_with};
use super::memory::{Twist, World};
use firedrill::procedure::Ending;
use firedrill::record::LapResult;
use firedrill::units::{Instant, Span};
use proptest::prelude::*;

const CALLS: [&str; 13] = [
    "query",
    "service_status",
    "databases_in",
    "copy_status",
    "head_bound",
    "read_record",
    "point_record",
    "activate",
    "deactivate",
    "fence",
    "promote",
    "probe",
    "notify",
];

/// Lies only of the calls whose effect can be read back.
fn twist(call: &'static str) -> impl Strategy<Value = Twist> {
    let lie = if ["point_record", "activate", "deactivate"].contains(&call) { Twist::Lie } else { Twist::Refuse };
    let millis = (1_u64..400_000).prop_map(|millis| Twist::Take(Span::from_millis(millis)));
    prop_oneof![Just(Twist::Refuse), Just(Twist::LoseCall), Just(Twist::LoseAnswer), Just(lie), millis]
}

fn troubles() -> impl Strategy<Value = Vec<(&'static str, Twist)>> {
    let trouble = prop::sample::select(CALLS.to_vec()).prop_flat_map(|call| (Just(call), twist(call)));
    prop::collection::vec(trouble, 0..30)
}

fn check(world: World) -> Result<(), TestCaseError> {
    let (outcome, world, end) = play_with(&order(), &world);
    let (west, north) = (world.copy("orders", "west"), world.copy("orders", "north"));
    for (_, epoch, region) in &world.leaders {
        let others = world.leaders.iter().filter(|(_, e, r)| e == epoch && r != region).count();
        prop_assert_eq!(others, 0, "I18: one writable copy per epoch");
    }
    // An old authority that is back in time passes on what it has, once it is fenced off.
    prop_assert!([990, 1000].contains(&north.received), "all or nothing of what was missing");
    prop_assert!(
        world.leaders.is_empty() || world.bounds.last() == Some(&("orders".to_owned(), 1000 - north.received)),
        "I19: the bound was announced"
    );
    match outcome.ending {
        Ending::Done => {
            prop_assert!(world.records["api.example"] == "north" && world.active["north"]);
            prop_assert!(north.writable && north.epoch == 2 && north.applied == north.received && !west.writable);
            prop_assert!(["on-call", "status page"].iter().all(|a| world.told.iter().any(|(told, _)| told == a)));
            prop_assert_eq!(world.laps.iter().filter(|lap| lap.result == LapResult::Done).count(), 7);
        }
        Ending::Undone => {
            prop_assert_eq!(world.records["api.example"].as_str(), "west");
            prop_assert!(!world.active["north"] && west.writable && !north.writable);
        }
        Ending::Superseded => prop_assert!(false, "nobody else leads"),
        Ending::UndoFailed => prop_assert!(!north.writable && outcome.failure.is_some()),
        Ending::Stopped => prop_assert!(!west.writable, "never two routes at once"),
    }
    prop_assert!(end < Instant::from_secs(900 + 870), "it ends");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn passing_troubles_end_in_one_of_four_honest_ways(troubles in troubles(), back_at in 0_u64..600) {
        let mut world = World::west_is_dark();
        world.dark[0].2 = Instant::from_secs(back_at);
        for (call, twist) in troubles {
            world.next.entry(call.to_owned()).or_default().push_back(twist);
        }
        check(world)?;
    }

    #[test]
    fn lasting_troubles_end_in_one_of_four_honest_ways(troubles in troubles()) {
        let mut world = World::west_is_dark();
        world.always = troubles.into_iter().take(2).map(|(call, twist)| (call.to_owned(), twist)).collect();
        check(world)?;
    }
}
