//! A rule that was made for a big service, on a small one: what chance makes of a threshold that must be exceeded in every
//! window of a minute.

use super::{ROOT, plan_of};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::Instant;

/// In how many of `seeds` runs the rule fired at its first chance.
fn found_in_time(file: &str, seeds: u64) -> u64 {
    let path = format!("scenarios/platform-rollback/{file}.yaml");
    let text = std::fs::read_to_string(format!("{ROOT}/{path}")).expect("it ships");
    let plan = plan_of(&text, &path, &[]);
    let fired = |seed: &u64| {
        let record = rehearse(&plan, &Provenance::default(), *seed).record;
        let mut events = record.timeline.events().iter().filter(|event| event.name == "region_failover.started");
        // The release is at 5 min; the first window that has seen it is judged ten seconds later, and the last of a minute
        // of them after another sixty.
        events.next().is_some_and(|event| event.at < Instant::from_secs(375))
    };
    (0..seeds).filter(fired).count() as u64
}

/// Seven looks from the first to the one a minute later, each at a hundred requests of which 8% fail: each is above 5% with
/// probability 0.8201 (binomial: more than five of a hundred), so that all are in 0.2494 of runs.
#[test]
fn a_rule_for_a_big_service_overlooks_most_incidents_of_a_small_one() {
    let (seeds, above) = (200, binomial_above(100, 0.08, 5));
    assert!((libm::pow(above, 6.0) - 0.304_282).abs() < 1e-6, "the published figure for six windows: {above}");
    let found = found_in_time("threshold-at-10-a-second", seeds);
    let expected = libm::pow(above, 7.0);
    // Four standard errors: chance exceeds that once in 15,800 times.
    let error = (expected * (1.0 - expected) / seeds as f64).sqrt();
    let share = found as f64 / seeds as f64;
    assert!((share - expected).abs() < 4.0 * error, "{share} beside {expected} ± {error}");
}

#[test]
fn the_same_rule_finds_them_where_there_are_a_thousand_requests_in_a_window() {
    let above = binomial_above(1_000, 0.08, 50);
    assert!((libm::pow(above, 6.0) - 0.999_221).abs() < 1e-6, "the published figure for six windows: {above}");
    assert_eq!(found_in_time("threshold-at-100-a-second", 20), 20, "all of twenty, but for one in fifty times");
}

/// The probability of more than `most` of `n`, each of which happens with probability `p`.
fn binomial_above(n: u64, p: f64, most: u64) -> f64 {
    let mut term = libm::pow(1.0 - p, n as f64);
    let mut sum = 0.0;
    for k in 0..=most {
        sum += term;
        term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
    }
    1.0 - sum
}
