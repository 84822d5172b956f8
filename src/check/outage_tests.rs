//! Outages at any load, at their edges, and what is no outage.

use super::*;
use crate::check::fixture::{Fixture, at};
use proptest::prelude::*;
use statrs::distribution::{Binomial, DiscreteCDF};

const PROMISED: Ratio = Ratio::from_percent(99);

fn found(points: &[(u64, u64, u64)], until: u64) -> Vec<Stretch> {
    let record = Fixture::new(until).served("users.api.read", points, until).record();
    stretches(&record, &record.objective.classes[0], PROMISED, Span::from_secs(60))
}

fn outages(points: &[(u64, u64, u64)], until: u64) -> Vec<(u64, Option<u64>)> {
    let certain = found(points, until).into_iter().filter(|stretch| stretch.certain);
    certain.map(|stretch| (stretch.from.second(), stretch.until().map(Instant::second))).collect()
}

#[test]
fn an_outage_is_the_same_at_any_load() {
    for rate in [1, 20, 1_000, 50_000] {
        let points = [(0, rate, rate), (60, 0, rate), (90, rate, rate)];
        assert_eq!(outages(&points, 300), [(60, Some(90))], "{rate}/s");
    }
}

#[test]
fn what_is_exactly_as_promised_is_no_outage() {
    assert_eq!(outages(&[(0, 99, 100)], 3_600), []);
    assert_eq!(outages(&[(0, 990, 1_000), (600, 1_000, 1_000)], 3_600), []);
    assert_eq!(outages(&[(0, 1_000, 1_000), (600, 985, 1_000), (900, 1_000, 1_000)], 3_600), [(600, Some(899))]);
}

#[test]
fn a_blip_of_a_fraction_of_a_second_is_found_and_single_failures_are_not() {
    assert_eq!(outages(&[(0, 100, 100), (60, 80, 100), (61, 100, 100)], 300), [(60, Some(60))]);
    let single: Vec<(u64, u64, u64)> = (0..300).map(|second| (second, 100 - u64::from(second % 2 == 0), 100)).collect();
    assert_eq!(outages(&single, 300), []);
}

#[test]
fn a_service_that_is_always_a_little_worse_than_promised_is_one_outage() {
    let two_in = |requests: u64| {
        let served = |second: u64| u64::from(second % requests > 1);
        let points: Vec<(u64, u64, u64)> = (0..36_000).map(|second| (second, served(second), 1)).collect();
        outages(&points, 36_000)
    };
    assert_eq!(two_in(150), [(0, Some(35_852))]);
    assert_eq!(two_in(200), []);
}

#[test]
fn few_requests_most_of_which_failed_are_an_outage_that_ends_with_the_first_answer() {
    let served = |n: u64| u64::from(!(13..18).contains(&n));
    let points: Vec<(u64, u64, u64)> = (0..48).flat_map(|n| [(n * 150, served(n), 1), (n * 150 + 1, 0, 0)]).collect();
    assert_eq!(outages(&points, 7_200), [(1_950, Some(2_700))]);
}

#[test]
fn bursts_do_not_become_chance_by_the_time_between_them() {
    let bursts = |failing: u64| {
        let failed =
            |second: u64| if (60..240).contains(&second) && second % 24 < 14 && second % 24 > 11 { failing } else { 0 };
        let points: Vec<(u64, u64, u64)> = (0..540).map(|second| (second, 40 - failed(second), 40)).collect();
        outages(&points, 540)
    };
    // Of the whole 1.4 % fail, which may be chance; of each burst 15 %, which cannot.
    assert_eq!(bursts(6), [(60, Some(229))]);
    assert_eq!(bursts(1), [], "two of eighty may be chance, however often");
}

#[test]
fn failures_that_the_promise_allows_do_not_prolong_an_outage() {
    let allowed = (61..240).map(|second| (second, 100 - u64::from(second % 2 == 0), 100));
    let points: Vec<(u64, u64, u64)> = [(0, 100, 100), (60, 0, 100)].into_iter().chain(allowed).collect();
    assert_eq!(outages(&points, 240), [(60, Some(61))]);
}

#[test]
fn a_relapse_before_service_was_stable_makes_one_outage_of_two_and_one_later_does_not() {
    let again = |second| [(0, 100, 100), (60, 0, 100), (90, 100, 100), (second, 0, 100), (second + 20, 100, 100)];
    assert_eq!(outages(&again(120), 400), [(60, Some(140))]);
    assert_eq!(outages(&again(200), 400), [(60, Some(90)), (200, Some(220))]);
}

#[test]
fn an_outage_that_clients_leave_before_its_end_does_not_end() {
    assert_eq!(outages(&[(0, 100, 100), (60, 0, 100)], 300), [(60, None)]);
    assert_eq!(outages(&[(0, 100, 100), (60, 0, 100), (290, 100, 100)], 300), [(60, None)], "not stable yet");
    assert_eq!(outages(&[(0, 100, 100), (60, 0, 100), (90, 0, 0)], 300), [(60, None)], "silence is not recovery");
}

#[test]
fn too_few_requests_are_neither_an_outage_nor_none() {
    let sparse: Vec<(u64, u64, u64)> =
        (0..60).flat_map(|n| [(n * 30, u64::from(n != 20 && n != 21), 1), (n * 30 + 1, 0, 0)]).collect();
    let all = found(&sparse, 1_800);
    assert_eq!(all.iter().map(|stretch| (stretch.certain, stretch.unserved)).collect::<Vec<_>>(), [(false, 2)]);
    // With a hundred requests around it, one failure is chance.
    assert_eq!(found(&[(0, 100, 100), (60, 99, 100), (61, 100, 100)], 300), []);
}

#[test]
fn recovery_is_the_first_answer_after_the_last_failure() {
    let one = &found(&[(0, 100, 100), (60, 0, 100), (90, 100, 100)], 300)[0];
    assert_eq!(one.until(), Some(at(90).saturating_add(Span::from_millis(100))));
    assert_eq!(one.last, at(89).saturating_add(Span::from_millis(999)));
    let partial = &found(&[(0, 100, 100), (60, 0, 100), (89, 50, 100), (90, 100, 100)], 300)[0];
    assert_eq!(partial.until(), Some(at(89).saturating_add(Span::from_millis(700))));
}

#[test]
fn the_tail_of_the_binomial_is_that_of_an_independent_library() {
    for (failed, n) in [(1, 1), (5, 5), (3, 40), (12, 40), (60, 1_000), (1_200, 100_000)] {
        let theirs = Binomial::new(0.01, n).unwrap().sf(failed - 1);
        let ours = tail(failed, n, PROMISED);
        assert!((ours - theirs).abs() <= theirs * 1e-6 + 1e-300, "{failed} of {n}: {ours} and {theirs}");
    }
    assert_eq!((tail(0, 9, PROMISED), tail(1, 100, PROMISED), tail(1, 9, Ratio::ONE)), (1.0, 1.0, 0.0));
}

#[test]
fn five_failures_in_a_row_cannot_be_chance() {
    assert_eq!(enough_to_tell(1_000_000, PROMISED), 5);
    assert_eq!(enough_to_tell(1_000_000, Ratio::from_percent(95)), 7);
    assert_eq!(enough_to_tell(10, PROMISED), 3);
    assert_eq!((enough_to_tell(10, Ratio::ONE), enough_to_tell(10, Ratio::ZERO)), (1, u64::MAX));
}

proptest! {
    /// Residual failures well within what is promised are never an outage, at any load.
    #[test]
    fn residual_failures_are_no_outage(rate in 20_u64..2_000, seed in any::<u64>()) {
        let mut state = seed | 1;
        let mut draw = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state };
        let points: Vec<(u64, u64, u64)> = (0..300).map(|second| {
            let failed = (0..rate).filter(|_| draw() % 1_000 < 3).count() as u64;
            (second, rate - failed, rate)
        }).collect();
        prop_assert_eq!(outages(&points, 300), []);
    }
}

/// All of them but those over random input, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    a_service_that_is_always_a_little_worse_than_promised_is_one_outage,
    an_outage_is_the_same_at_any_load,
    what_is_exactly_as_promised_is_no_outage,
    a_blip_of_a_fraction_of_a_second_is_found_and_single_failures_are_not,
    few_requests_most_of_which_failed_are_an_outage_that_ends_with_the_first_answer,
    bursts_do_not_become_chance_by_the_time_between_them,
    failures_that_the_promise_allows_do_not_prolong_an_outage,
    a_relapse_before_service_was_stable_makes_one_outage_of_two_and_one_later_does_not,
    an_outage_that_clients_leave_before_its_end_does_not_end,
    too_few_requests_are_neither_an_outage_nor_none,
    recovery_is_the_first_answer_after_the_last_failure,
    the_tail_of_the_binomial_is_that_of_an_independent_library,
    five_failures_in_a_row_cannot_be_chance,
];
