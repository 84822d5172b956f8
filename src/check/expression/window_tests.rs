//! Windows against looking at every moment, and against exact values.

use super::*;
use crate::check::expression::Expression;
use crate::check::fixture::events::{answered, began};
use crate::check::fixture::{Fixture, at, secs};
use crate::check::vocabulary::tests::vocabulary;
use crate::record::Viewpoint;
use proptest::prelude::*;

/// `function` of the signal as it is.
fn window(function: WindowFunction, signal: &Signal, window: Span, end: Instant) -> Result<Values, Overflow> {
    super::window(function, signal, &values(signal, end), window)
}

const HALF: u64 = 500_000_000;

/// Points at multiples of half a second; a value of 9 means no data.
fn signal(unit: SignalUnit, points: &[(u64, u64)]) -> Signal {
    let mut signal = Signal::new("queue", unit, Viewpoint::Truth);
    for (halves, value) in points {
        let sample = if *value == 9 { Sample::MISSING } else { Sample::count(*value) };
        signal.set(Instant::from_nanos(halves * HALF), sample);
    }
    signal
}

fn integer(value: Option<u64>) -> Option<Rational> {
    value.map(|value| Rational::integer(i128::from(value)))
}

/// The values that hold at some moment of `[t - window, t]`, by brute force over change points and the start.
fn inside(points: &[(u64, u64)], window: Span, t: Instant) -> Vec<u64> {
    let start = t.as_nanos().saturating_sub(window.as_nanos());
    let held = |(i, (from, value)): (usize, &(u64, u64))| {
        let until = points.get(i + 1).map_or(u64::MAX, |(next, _)| next * HALF);
        (from * HALF <= t.as_nanos() && until > start && *value != 9).then_some(*value)
    };
    points.iter().enumerate().filter_map(held).collect()
}

fn any_points() -> impl Strategy<Value = Vec<(u64, u64)>> {
    proptest::collection::btree_map(0_u64..60, 0_u64..10, 0..20).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #[test]
    fn the_largest_and_smallest_of_a_closed_window_agree_with_brute_force(points in any_points(), length in 1_u64..20) {
        let (signal, span, end) = (signal(SignalUnit::Count, &points), Span::from_nanos(length * HALF), at(30));
        let max = window(WindowFunction::Max, &signal, span, end).unwrap();
        let min = window(WindowFunction::Min, &signal, span, end).unwrap();
        for quarter in 0..=120 {
            let t = Instant::from_nanos(quarter * HALF / 2);
            let held = inside(&points, span, t);
            prop_assert_eq!(max.at(t), integer(held.iter().max().copied()), "max at {}", t);
            prop_assert_eq!(min.at(t), integer(held.iter().min().copied()), "min at {}", t);
        }
    }

    #[test]
    fn the_mean_agrees_with_adding_up_half_seconds(points in any_points(), length in 2_u64..20) {
        let (signal, span) = (signal(SignalUnit::Count, &points), Span::from_nanos(length * HALF));
        let mean = window(WindowFunction::Mean, &signal, span, at(30)).unwrap();
        for s in 0..=30_u64 {
            let halves = (2 * s).saturating_sub(length)..2 * s;
            let held: Vec<u64> = halves.map(|h| signal.at(Instant::from_nanos(h * HALF))).filter(|v| v.whole > 0).map(|v| v.part).collect();
            let expected = Rational::new(held.iter().sum::<u64>().into(), held.len() as i128);
            prop_assert_eq!(mean.at(at(s)), expected, "at {}s", s);
        }
    }

    #[test]
    fn a_quantile_agrees_with_sorting(points in any_points(), length in 1_u64..10, share in 1_u64..=100) {
        let signal = signal(SignalUnit::Count, &points);
        let quantiles = window(WindowFunction::Quantile(share * 10_000_000), &signal, secs(length), at(30)).unwrap();
        for s in 0..=30_u64 {
            let mut held: Vec<u64> = (s.saturating_sub(length)..s).map(|j| signal.at(at(j))).filter(|v| v.whole > 0).map(|v| v.part).collect();
            held.sort_unstable();
            let rank = (held.len() as u64 * share).div_ceil(100);
            let expected = (rank > 0).then(|| held[rank as usize - 1]);
            prop_assert_eq!(quantiles.at(at(s)), integer(expected), "at {}s", s);
        }
    }

    #[test]
    fn counting_events_agrees_with_brute_force(times in proptest::collection::vec(0_u64..60, 0..20), length in 1_u64..20) {
        let mut fixture = Fixture::new(30);
        for t in &times {
            fixture = fixture.happened_at(Instant::from_nanos(t * HALF), answered("north"));
        }
        let (record, span) = (fixture.record(), Span::from_nanos(length * HALF));
        let counts = count(&EventPattern::new("served.north"), span, &record);
        for h in 0..=60_u64 {
            let inside = times.iter().filter(|t| **t <= h && **t + length >= h).count();
            prop_assert_eq!(counts.at(Instant::from_nanos(h * HALF)), integer(Some(inside as u64)));
        }
    }
}

#[test]
fn a_window_is_closed_to_the_nanosecond() {
    let record = Fixture::new(30).happened(10, began("dark")).record();
    let counts = count(&EventPattern::new("fault.dark"), secs(5), &record);
    assert_eq!(counts.at(at(15)), Some(Rational::ONE));
    assert_eq!(counts.at(Instant::from_nanos(at(15).as_nanos() + 1)), Some(Rational::ZERO));
}

#[test]
fn a_rate_is_the_change_over_the_window_and_needs_both_ends() {
    let rate =
        window(WindowFunction::Rate, &signal(SignalUnit::Count, &[(0, 0), (10, 6), (20, 3), (30, 9)]), secs(3), at(30));
    let rate = rate.unwrap();
    assert_eq!(rate.at(at(2)), None, "nothing is known of the time before the run");
    assert_eq!(rate.at(at(5)), Some(Rational::integer(2)));
    assert_eq!(rate.at(at(8)), Some(Rational::ZERO));
    assert_eq!(rate.at(at(10)), Some(Rational::integer(-1)));
    assert_eq!(rate.at(at(15)), None, "no data now");
}

#[test]
fn the_mean_of_a_proportion_weighs_requests_not_seconds() {
    let samples = [(0, 1, 1), (1, 50, 99), (2, 0, 0)];
    let record = Fixture::new(9).signal("success", SignalUnit::Ratio, &samples).record();
    let truth =
        |text: &str, s| Expression::parse(text, &vocabulary()).unwrap().evaluate(&record).unwrap().at(at(s)).truth;
    assert_eq!(truth("mean(success, 2s) == 51%", 2), Some(true));
    assert_eq!(truth("mean(success, 2s) == 100%", 1), Some(true));
    assert_eq!(truth("mean(success, 2s) > 0%", 4), None, "two seconds without requests");
}

#[test]
fn times_inside_windows_are_in_seconds() {
    let lag = [(0, 2_000_000_000, 1), (1, 4_000_000_000, 1)];
    let record = Fixture::new(9).signal("db.orders.lag", SignalUnit::Nanoseconds, &lag).record();
    for text in ["mean(lag, 2s) == 3s", "max(lag, 2s) == 4s", "min(lag, 2s) == 2s", "p50(lag, 2s) == 2s"] {
        let trace = Expression::parse(text, &vocabulary()).unwrap().evaluate(&record).unwrap();
        assert_eq!(trace.at(at(2)).truth, Some(true), "{text}");
    }
}
