//! What an autoscaler decides, step by step.

use super::*;
use crate::kernel::Distribution;
use crate::units::Span;

const T: fn(u64) -> Instant = Instant::from_secs;

fn autoscaler(min: u32, max: u32, cool_down: u64) -> Autoscaler {
    let plan = AutoscalePlan {
        min,
        max,
        target: Ratio::from_percent(50),
        tolerance: Ratio::from_percent(10),
        every: Span::from_secs(15),
        provision: Distribution::Constant(Span::from_secs(60)),
        cool_down: Span::from_secs(cool_down),
        fails: Ratio::ZERO,
    };
    Autoscaler::new(&plan, "service/a/b", &Streams::new(1))
}

#[test]
fn it_asks_for_as_many_as_bring_the_mean_to_the_target() {
    for (busy, decision) in [
        (50, Decision::Stay),
        (55, Decision::Stay),
        (56, Decision::Add(12)),
        (100, Decision::Add(100)),
        (45, Decision::Stay),
        (44, Decision::Remove(12)),
        (0, Decision::Remove(90)),
    ] {
        let mut scaler = autoscaler(10, 200, 0);
        scaler.observe(busy, 100, 15);
        assert_eq!(scaler.decide(100, T(15)), decision, "{busy} of 100 at work");
    }
}

#[test]
fn it_stays_within_its_bounds_and_counts_what_is_coming() {
    let mut scaler = autoscaler(10, 120, 0);
    scaler.observe(100, 100, 15);
    assert_eq!(scaler.decide(100, T(15)), Decision::Add(20));
    scaler.coming = 20;
    scaler.observe(100, 100, 15);
    assert_eq!(scaler.decide(100, T(30)), Decision::Stay);
    scaler.coming = 5;
    scaler.observe(100, 100, 15);
    assert_eq!(scaler.decide(100, T(45)), Decision::Add(15));
}

#[test]
fn it_takes_servers_away_only_after_the_cool_down() {
    let mut scaler = autoscaler(10, 200, 60);
    let mut decided = |busy, at| {
        scaler.observe(busy, 100, 15);
        scaler.decide(100, T(at))
    };
    assert_eq!(decided(50, 0), Decision::Stay);
    assert_eq!([15, 30, 45].map(|at| decided(10, at)), [Decision::Stay; 3]);
    assert_eq!(decided(15, 60), Decision::Remove(70), "the most it wanted within the cool-down was 30");
}

#[test]
fn without_figures_it_does_nothing() {
    assert_eq!(autoscaler(1, 9, 0).decide(5, T(15)), Decision::Stay);
}
