//! What a schedule comes to: exact where nothing is random, the right process where something is.

use super::super::{Cue, Start};
use super::*;
use crate::fault::Fault;
use crate::model::World;
use crate::record::FaultReach;
use crate::units::FaultId;
use std::sync::Arc;

#[derive(Debug)]
struct Nothing;

impl Fault for Nothing {
    fn inject(&self, _: &mut World, _: FaultId) {}
    fn heal(&self, _: &mut World, _: FaultId) {}
    fn describe(&self) -> String {
        "nothing".to_owned()
    }
    fn reach(&self) -> FaultReach {
        FaultReach::Control
    }
}

const S: fn(u64) -> Span = Span::from_secs;
const T: fn(u64) -> Instant = Instant::from_secs;
const HOUR: Span = Span::from_mins(60);

fn fault(id: &str, timing: Timing) -> PlannedFault {
    PlannedFault {
        id: id.to_owned(),
        kind: "nothing",
        timing,
        optional: false,
        for_good: false,
        fault: Arc::new(Nothing),
    }
}

fn constant(seconds: u64) -> Distribution {
    Distribution::Constant(S(seconds))
}

fn at_random(rate: &str, lasts: Distribution) -> Timing {
    let start = Start::Rate { rate: rate.parse().unwrap(), from: T(600), to: T(3_000) };
    Timing { start, lasts: Some(lasts), flap: None }
}

/// Beginning and length of each injection by the clock, in seconds.
fn times(injections: &[Injection]) -> Vec<(f64, Option<f64>)> {
    let at = |trigger: &Trigger| match trigger {
        Trigger::At(at) => at.as_secs_f64(),
        Trigger::On(cue) => cue.after.as_secs_f64(),
    };
    injections.iter().map(|i| (at(&i.trigger), i.lasts.map(Span::as_secs_f64))).collect()
}

#[test]
fn what_is_not_random_is_the_same_for_every_seed() {
    let flap =
        |lasts| Timing { start: Start::At(T(100)), lasts, flap: Some(Flap { down: constant(20), up: constant(30) }) };
    let once = [fault("once", Timing::once(T(5), Some(S(7)))), fault("forever", Timing::once(T(9), None))];
    let flapping = [fault("flap", flap(Some(constant(110))))];
    let endless = [fault("flap", flap(None))];
    for seed in 0..5 {
        assert_eq!(times(&expand(&once, HOUR, seed)), [(5.0, Some(7.0)), (9.0, None)]);
        let turns = [(100.0, Some(20.0)), (150.0, Some(20.0)), (200.0, Some(10.0))];
        assert_eq!(times(&expand(&flapping, HOUR, seed)), turns);
        let turns = [(100.0, Some(20.0)), (150.0, Some(20.0)), (200.0, None)];
        assert_eq!(times(&expand(&endless, S(215), seed)), turns);
    }
    let occurrences: Vec<u32> = expand(&flapping, HOUR, 1).iter().map(|i| i.occurrence).collect();
    assert_eq!(occurrences, [1, 2, 3]);
}

#[test]
fn a_fault_that_waits_and_flaps_waits_once_for_each_turn() {
    let cue = Cue { event: "watch.decided".to_owned(), occurrence: 2, after: S(3) };
    let timing = Timing {
        start: Start::When(cue.clone()),
        lasts: Some(constant(25)),
        flap: Some(Flap { down: constant(10), up: constant(5) }),
    };
    let cues: Vec<Trigger> = expand(&[fault("f", timing)], HOUR, 1).into_iter().map(|i| i.trigger).collect();
    let after = |seconds| Trigger::On(Cue { after: S(seconds), ..cue.clone() });
    assert_eq!(cues, [after(3), after(18)]);
}

#[test]
fn a_rate_is_a_poisson_process_in_its_window() {
    let faults = [fault("often", at_random("60/h", constant(5)))];
    let runs: Vec<Vec<Injection>> = (0..400).map(|seed| expand(&faults, HOUR, seed)).collect();
    let counts: Vec<f64> = runs.iter().map(|run| run.len() as f64).collect();
    // 40 are expected in the window of 2400 s, with a standard deviation of the root of 40.
    let mean = counts.iter().sum::<f64>() / 400.0;
    let variance = counts.iter().map(|n| (n - mean) * (n - mean)).sum::<f64>() / 399.0;
    assert!((mean - 40.0).abs() < 4.0 * (40.0_f64 / 400.0).sqrt(), "{mean}");
    // The variance of a sample of 400 has a standard error of some 40 × √(2 / 399).
    assert!((variance - 40.0).abs() < 4.0 * 40.0 * (2.0_f64 / 399.0).sqrt(), "{variance}");
    for (at, lasts) in runs.iter().flat_map(|run| times(run)) {
        assert!((600.0..3_000.0).contains(&at) && lasts == Some(5.0));
    }
    let halves = |run: &Vec<Injection>| times(run).iter().filter(|(at, _)| *at < 1_800.0).count() as f64;
    let first: f64 = runs.iter().map(halves).sum();
    assert!((first - 8_000.0).abs() < 4.0 * 8_000.0_f64.sqrt(), "{first} of some 16000 in the first half");
}

#[test]
fn nothing_begins_when_the_workload_is_over() {
    let faults = [fault("often", at_random("60/h", constant(5)))];
    assert!(times(&expand(&faults, S(900), 1)).iter().all(|(at, _)| *at < 900.0));
    assert_eq!(expand(&faults, S(600), 1), []);
}

#[test]
fn another_fault_moves_nobody_elses_dice() {
    let lasts = Distribution::Exponential { mean: S(60) };
    let mine = fault("mine", at_random("30/h", lasts.clone()));
    let alone = expand(std::slice::from_ref(&mine), HOUR, 9);
    let flap = Some(Flap { down: lasts.clone(), up: lasts.clone() });
    let other = fault("other", Timing { flap, ..at_random("90/h", lasts) });
    let beside = expand(&[other, mine], HOUR, 9);
    let of_mine: Vec<_> = beside.into_iter().filter(|i| i.fault == 1).map(|i| Injection { fault: 0, ..i }).collect();
    assert!(alone.len() > 5);
    assert_eq!(of_mine, alone);
}

#[test]
fn a_schedule_that_is_too_long_ends_one_above_the_most() {
    let faults = [fault("storm", at_random("100/s", constant(1)))];
    assert_eq!(expand(&faults, HOUR, 1).len(), MOST_INJECTIONS + 1);
    let timing = Timing {
        start: Start::At(T(0)),
        lasts: None,
        flap: Some(Flap {
            down: Distribution::Uniform { low: Span::ZERO, high: Span::from_nanos(9) },
            up: constant(0),
        }),
    };
    let faults = [fault("flutter", timing)];
    let injections = expand(&faults, HOUR, 1);
    assert_eq!(injections.len(), MOST_INJECTIONS + 1);
    assert!(injections.iter().all(|i| i.lasts > Some(Span::ZERO)));
}

#[test]
fn how_many_to_expect_is_near_how_many_there_are() {
    let flap =
        Flap { down: Distribution::Exponential { mean: S(10) }, up: Distribution::Uniform { low: S(5), high: S(15) } };
    let flapping = Timing { flap: Some(flap), ..at_random("30/h", constant(200)) };
    let pareto = Distribution::Pareto { min: S(1), alpha: 1.0 };
    for (timing, expected_count) in [
        (Timing::once(T(5), None), 1.0),
        (at_random("30/h", constant(5)), 20.0),
        (at_random("30/h", pareto), 20.0),
        (flapping, 200.0),
    ] {
        assert!((expected(&timing, HOUR) - expected_count).abs() < 1e-6, "{timing:?}");
        let faults = [fault("f", timing)];
        let mean = (0..50).map(|seed| expand(&faults, HOUR, seed).len()).sum::<usize>() as f64 / 50.0;
        assert!((mean - expected_count).abs() <= 0.2 * expected_count, "{mean} and {expected_count}");
    }
}

#[test]
fn an_instant_of_a_window_is_drawn_once_evenly_and_by_the_seed() {
    let timing = Timing { start: Start::Within { from: T(600), to: T(3_000) }, lasts: Some(constant(60)), flap: None };
    let faults = [fault("once", timing)];
    let drawn: Vec<f64> = (0..1_000)
        .map(|seed| match times(&expand(&faults, HOUR, seed))[..] {
            [(at, Some(60.0))] if (600.0..3_000.0).contains(&at) => at,
            ref other => panic!("{other:?}"),
        })
        .collect();
    let mean = drawn.iter().sum::<f64>() / 1_000.0;
    // Four standard errors of the mean of a uniform distribution: its width by the root of twelve thousand.
    assert!((mean - 1_800.0).abs() < 4.0 * 2_400.0 / 12_000_f64.sqrt(), "{mean}");
    assert_eq!(times(&expand(&faults, HOUR, 7)), times(&expand(&faults, HOUR, 7)));
    assert!(drawn.iter().any(|at| *at < 700.0) && drawn.iter().any(|at| *at > 2_900.0));
}
