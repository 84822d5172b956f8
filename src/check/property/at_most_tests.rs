//! `at_most` at the edges of its window, and when nothing happens.

use crate::check::fixture::events::started;
use crate::check::fixture::{Fixture, at, build};
use crate::outcome::Verdict;
use crate::record::Record;
use crate::units::Instant;

fn starts(nanos: &[u64]) -> Record {
    let started = |fixture: Fixture, t: &u64| fixture.happened_at(Instant::from_nanos(*t), started("region_failover"));
    nanos.iter().fold(Fixture::new(3000), started).record()
}

const TEN_MINUTES: u64 = 600_000_000_000;

#[test]
fn the_window_is_closed() {
    let property = build("at_most", &[("event", "region_failover.started"), ("n", "1"), ("per", "10m")]);
    let inside = property.judge(&starts(&[0, TEN_MINUTES]));
    assert_eq!((inside.verdict, inside.margin, inside.at), (Verdict::Fail, Some(-1.0), Some(at(600))));
    let outside = property.judge(&starts(&[0, TEN_MINUTES + 1]));
    assert_eq!((outside.verdict, outside.margin), (Verdict::Pass, Some(0.0)));
}

#[test]
fn the_margin_is_in_parts_of_the_bound() {
    let property = build("at_most", &[("event", "*.started"), ("n", "4")]);
    assert_eq!(property.judge(&starts(&[1, 2, 3])).margin, Some(0.25));
    assert_eq!(property.judge(&starts(&[1, 2, 3, 4, 5, 6])).margin, Some(-0.5));
}

#[test]
fn never_happening_is_no_proof_unless_that_is_the_claim() {
    let some = build("at_most", &[("event", "region_failover.started"), ("n", "1")]);
    assert_eq!(some.judge(&starts(&[])).verdict, Verdict::Inconclusive);
    let none = build("at_most", &[("event", "region_failover.failed"), ("n", "0")]);
    assert_eq!(none.judge(&starts(&[])).verdict, Verdict::Inconclusive, "nothing happened at all");
    assert_eq!(none.judge(&starts(&[5])).verdict, Verdict::Pass);
    let given = build("at_most", &[("event", "*.failed"), ("n", "0"), ("given", "fault.dark")]);
    assert_eq!(given.judge(&starts(&[5])).verdict, Verdict::Inconclusive);
    assert_eq!(given.judge(&Fixture::new(9).fault("dark", 1, 3).record()).verdict, Verdict::Pass);
    assert_eq!(given.judge(&Fixture::new(9).fault("dark", 1, 0).record()).verdict, Verdict::Inconclusive);
}
