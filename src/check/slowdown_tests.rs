//! Slow stretches at any load, interrupted or not, and what is none.

use super::*;
use crate::check::fixture::{Fixture, at};

const CLASS: &str = "users.api.read";

/// A class of which so many answers were slow in each second: `(second, slow, answers)`, each until the next, up to 600;
/// 100 ms are usual, and what is slow takes 250 ms.
fn fixture(points: &[(u64, u64, u64)]) -> Fixture {
    let requests: Vec<(u64, u64, u64)> = points.iter().map(|(at, _, all)| (*at, *all, *all)).collect();
    Fixture::new(600).served(CLASS, &requests, 600).slow(CLASS, (100, 250), points).fault("dark", 60, 9)
}

fn slow(points: &[(u64, u64, u64)]) -> Vec<(u64, u64)> {
    let found = slow_stretches(&fixture(points).record(), &[]);
    found.into_iter().map(|slow| (slow.from.second(), slow.until.second())).collect()
}

#[test]
fn a_stretch_is_slow_at_any_load_for_as_long_as_it_lasts() {
    for rate in [1, 20, 5_000] {
        assert_eq!(slow(&[(0, 0, rate), (100, rate, rate), (160, 0, rate)]), [(100, 160)], "{rate}/s");
    }
    let one = &slow_stretches(&fixture(&[(0, 0, 10), (100, 4, 10), (160, 0, 10)]).record(), &[])[0];
    assert_eq!((one.slow, one.answers, one.p95), (240, 600, Some(Span::from_millis(250))));
    assert_eq!(one.usual.map(|usual| (usual.p95, usual.until)), Some((Span::from_millis(100), at(60))));
}

#[test]
fn one_in_twenty_is_what_a_percentile_allows() {
    assert_eq!(slow(&[(0, 1, 20)]), []);
    assert_eq!(slow(&[(0, 0, 100), (100, 5, 100), (400, 0, 100)]), []);
    assert_eq!(slow(&[(0, 0, 100), (100, 9, 100), (400, 0, 100)]), [(100, 400)]);
}

#[test]
fn few_slow_answers_of_few_are_chance() {
    let sparse = |slow: u64| {
        let points = (0..60).flat_map(|n| [(n * 10, u64::from((20..20 + slow).contains(&n)), 1), (n * 10 + 1, 0, 0)]);
        points.collect::<Vec<_>>()
    };
    assert_eq!(slow(&sparse(3)), []);
    assert_eq!(slow(&sparse(8)), [(200, 271)]);
}

#[test]
fn a_blip_is_no_slowdown_and_stalls_that_come_again_are_one() {
    assert_eq!(slow(&[(0, 0, 50), (100, 50, 50), (114, 0, 50)]), []);
    assert_eq!(slow(&[(0, 0, 50), (100, 50, 50), (115, 0, 50)]), [(100, 115)]);
    let flap = |up: u64| {
        let stalls = (0..10).flat_map(|n| [(100 + n * (7 + up), 50, 50), (107 + n * (7 + up), 0, 50)]);
        [(0, 0, 50)].into_iter().chain(stalls.take_while(|point| point.0 < 600)).collect::<Vec<_>>()
    };
    assert_eq!(slow(&flap(11)), [(100, 269)]);
    assert_eq!(slow(&flap(40)), [(100, 530)]);
}

#[test]
fn what_stood_still_and_is_answered_in_one_second_was_slow_as_long_as_it_stood_still() {
    let stalls = |n: u64| {
        let second = |at: u64| [(at, 0, 0), (at + 9, 95, 100), (at + 10, 0, 10)];
        let points = (1..=n).flat_map(|n| second(n * 60)).collect::<Vec<_>>();
        let points: Vec<(u64, u64, u64)> = [(0, 0, 10)].into_iter().chain(points).collect();
        let requests: Vec<(u64, u64, u64)> = points.iter().map(|(at, _, all)| (*at, *all, *all)).collect();
        let run = Fixture::new(600).served(CLASS, &requests, 600).slow(CLASS, (100, 9_000), &points);
        let found = slow_stretches(&run.fault("dark", 60, 9).record(), &[]);
        found.into_iter().map(|slow| (slow.from.second(), slow.until.second())).collect::<Vec<_>>()
    };
    assert_eq!(stalls(1), [], "of nine seconds");
    assert_eq!(stalls(2), [(69, 130)]);
    assert_eq!(stalls(8), [(69, 490)]);
}

#[test]
fn what_is_slow_in_an_outage_and_just_after_belongs_to_it() {
    let outage = |class: &str, until: u64| Outage {
        class: class.into(),
        promised: Ratio::from_percent(99),
        within: Span::from_secs(10),
        from: at(90),
        last: at(until),
        asked: at(until),
        answered: Some(at(until)),
        until: Some(at(until)),
        unserved: 9,
        requests: 9,
        certain: true,
        planned: false,
        causes: Vec::new(),
        bounded_by: None,
    };
    let record = fixture(&[(0, 0, 50), (100, 50, 50), (200, 0, 50)]).record();
    let beside =
        |outage: Outage| slow_stretches(&record, &[outage]).iter().map(|s| s.from.second()).collect::<Vec<_>>();
    assert_eq!(beside(outage(CLASS, 140)), [0; 0], "service is stable a minute later");
    assert_eq!(beside(outage(CLASS, 100)), [161], "what lasts longer does not belong to it");
    assert_eq!(beside(outage("users.api.write", 140)), [100], "an outage of another class");
    assert_eq!(beside(Outage { requests: 90, ..outage(CLASS, 140) }), [100], "nine in ten were served");
    assert_eq!(beside(Outage { requests: 89, ..outage(CLASS, 140) }), [0; 0]);
    assert_eq!(beside(Outage { certain: false, ..outage(CLASS, 140) }), [100]);
}

#[test]
fn without_anything_usual_nothing_is_judged_and_that_is_said_where_a_fault_may_have_slowed_it() {
    let served = || Fixture::new(600).served(CLASS, &[(0, 10, 10)], 600);
    let blind = || served().change(|record| record.signals.retain(|signal| !signal.name.starts_with("usual.")));
    let unknown = |fixture: Fixture| unjudged(&fixture.record()).iter().map(|slow| slow.from).collect::<Vec<_>>();
    assert_eq!(unknown(blind().fault("dark", 5, 9)), [at(5)]);
    assert_eq!(unknown(blind()), []);
    assert_eq!(unknown(blind().fault("dark", 5, 0)), [], "it did nothing");
    let control = blind().fault("dark", 5, 9).change(|record| record.faults[0].reach = FaultReach::Control);
    assert_eq!(unknown(control), [], "it cannot reach requests");
    assert_eq!(unknown(fixture(&[(0, 0, 10)])), [], "it is known");
    assert_eq!(slow_stretches(&blind().fault("dark", 5, 9).record(), &[]), []);
}

/// All of them, for who plants errors.
pub(crate) const EACH: &[fn()] = &[
    a_stretch_is_slow_at_any_load_for_as_long_as_it_lasts,
    one_in_twenty_is_what_a_percentile_allows,
    few_slow_answers_of_few_are_chance,
    a_blip_is_no_slowdown_and_stalls_that_come_again_are_one,
    what_stood_still_and_is_answered_in_one_second_was_slow_as_long_as_it_stood_still,
    what_is_slow_in_an_outage_and_just_after_belongs_to_it,
    without_anything_usual_nothing_is_judged_and_that_is_said_where_a_fault_may_have_slowed_it,
];
