//! Arrivals by the day, in bursts and from recordings, counted against their rates.

use super::*;
use crate::kernel::Streams;
use crate::model::clients::trace::TraceShape;
use crate::model::clients::trace::tests::trace;
use crate::model::plan::Gaps;

fn streams(seed: u64) -> ArrivalStreams {
    let stream = |purpose| Streams::new(seed).stream("workload/test", purpose);
    ArrivalStreams {
        gap: stream("arrivals"),
        kept: stream("kept"),
        bursts: stream("bursts"),
        lengths: stream("burst lengths"),
    }
}

/// Every arrival before `end` seconds.
fn arrivals(plan: &Arrivals, end: u64, seed: u64) -> Vec<Instant> {
    let (end, streams) = (Instant::from_secs(end), streams(seed));
    let mut pace = Pace::new(plan, end);
    let mut now = Instant::ZERO;
    let next = |n: u64| {
        now = pace.next(n, now, &streams);
        (now < end).then_some(now)
    };
    (0..).map_while(next).collect()
}

/// How many arrive from one second on, before another.
fn between(arrivals: &[Instant], from: u64, to: u64) -> u64 {
    let within = |at: &&Instant| (from..to).contains(&at.second());
    arrivals.iter().filter(within).count() as u64
}

/// Whether a Poisson count with this mean is `count`, but for once in ten thousand.
fn plausible(count: u64, mean: f64) -> bool {
    (count as f64 - mean).abs() <= 4.0 * mean.sqrt()
}

const WORK_DAY: Diurnal = Diurnal {
    base: Rate::per_second(2),
    peak: Ratio::from_percent(400),
    peak_at: Span::from_secs(14 * 3_600),
    starts_at: Span::from_secs(8 * 3_600),
};

#[test]
fn a_day_has_its_integral_in_every_hour() {
    // Over an hour from h: base·(1 + (peak − 1)/2)·3600 + base·(peak − 1)/2·(sin b − sin a)·24·3600/2π, angles from the peak.
    let angle = |hour: f64| (hour + 8.0 - 14.0) / 24.0 * core::f64::consts::TAU;
    let wave = |hour: f64| libm::sin(angle(hour)) * 86_400.0 / core::f64::consts::TAU;
    for seed in 1..=3 {
        let drawn = arrivals(&Arrivals::Diurnal(WORK_DAY), 24 * 3_600, seed);
        for hour in 0..24 {
            let (from, to) = (hour as f64, (hour + 1) as f64);
            let mean = 2.0 * (2.5 * 3_600.0 + 1.5 * (wave(to) - wave(from)));
            let count = between(&drawn, hour * 3_600, (hour + 1) * 3_600);
            assert!(plausible(count, mean), "{count} in hour {hour}, expected {mean}");
        }
    }
}

#[test]
fn the_busiest_and_the_quietest_hour_are_where_they_were_asked_for() {
    let share = |hour: u64| share_of_peak(&WORK_DAY, Instant::from_secs(hour * 3_600));
    assert_eq!(share(6), Ratio::ONE, "14:00 is six hours after 8:00");
    assert_eq!(share(18), Ratio::from_percent(25), "a quarter at two in the night");
    assert_eq!(share(6 + 24), Ratio::ONE);
    assert_eq!(share(0), Ratio::from_ppb(625_000_000), "halfway, at eight");
}

fn bursts(lasts: Distribution, every: Distribution, spacing: Spacing) -> Arrivals {
    let (base, factor) = (Rate::per_second(10), Ratio::from_percent(500));
    Arrivals::Bursts(Bursts { spacing, base, factor, lasts, every })
}

#[test]
fn periodic_bursts_come_when_they_should_and_as_large_as_they_should() {
    let (lasts, every) = (Distribution::Constant(Span::from_secs(10)), Distribution::Constant(Span::from_secs(60)));
    let even = arrivals(&bursts(lasts.clone(), every.clone(), Spacing::Even), 300, 1);
    for (from, to, count) in [(0, 60, 600), (60, 70, 500), (70, 120, 500), (120, 130, 500), (180, 190, 500)] {
        let found = between(&even, from, to);
        assert!(found.abs_diff(count) <= 1, "{found} from {from} to {to}, expected {count}");
    }
    let drawn = arrivals(&bursts(lasts, every, Spacing::Poisson), 300, 1);
    assert!(plausible(between(&drawn, 60, 70), 500.0) && plausible(between(&drawn, 70, 120), 500.0));
}

#[test]
fn bursts_that_overlap_are_one_long_one_and_endless_ones_still_end_the_search() {
    let (lasts, every) = (Distribution::Constant(Span::from_secs(90)), Distribution::Constant(Span::from_secs(60)));
    let even = arrivals(&bursts(lasts, every, Spacing::Even), 600, 1);
    assert!(between(&even, 60, 600).abs_diff(540 * 50) <= 1);
    let nothing = Distribution::Constant(Span::ZERO);
    assert!(arrivals(&bursts(nothing.clone(), nothing, Spacing::Even), 60, 1).len().abs_diff(600) <= 1);
}

#[test]
fn drawn_bursts_are_addressed_by_their_number_not_by_the_load() {
    let every = Distribution::Exponential { mean: Span::from_secs(60) };
    let Arrivals::Bursts(plan) = bursts(Distribution::Constant(Span::from_secs(10)), every, Spacing::Even) else {
        panic!()
    };
    let begins = |base: u64| {
        let mut pace =
            Pace::new(&Arrivals::Bursts(Bursts { base: Rate::per_second(base), ..plan.clone() }), Instant::MAX);
        let Pace::Piecewise(piecewise) = &mut pace else { panic!() };
        (0..20).map(|_| piecewise.change_with(&streams(1)).unwrap().0).collect::<Vec<_>>()
    };
    assert_eq!(begins(10), begins(1_000));
}

#[test]
fn steps_are_exact_when_even_and_right_in_the_mean_when_drawn() {
    let steps = vec![(Instant::ZERO, Rate::per_second(280)), (Instant::from_secs(60), Rate::per_second(140))];
    let even = arrivals(&Arrivals::Steps(Spacing::Even, steps.clone()), 120, 1);
    assert!(between(&even, 0, 60).abs_diff(280 * 60) <= 1 && between(&even, 60, 120).abs_diff(140 * 60) <= 1);
    let constant = arrivals(&Arrivals::Constant(Rate::per_second(280)), 60, 1);
    assert_eq!(even[..1_000], constant[..1_000], "a rate that does not change is a constant one");
    let drawn = arrivals(&Arrivals::Steps(Spacing::Poisson, steps), 120, 1);
    assert!(plausible(between(&drawn, 0, 60), 16_800.0) && plausible(between(&drawn, 60, 120), 8_400.0));
}

#[test]
fn a_recording_of_requests_is_repeated_to_the_nanosecond() {
    let shape = TraceShape { from_first_row: false, step: None, gaps: Gaps::Refuse };
    let trace = trace("time\n0.5\n0.5\n2\n7.000000001\n", shape);
    let read = arrivals(&Arrivals::Trace(Spacing::Poisson, trace), 60, 1);
    assert_eq!(
        read.iter().map(|at| at.as_nanos()).collect::<Vec<_>>(),
        [500_000_000, 500_000_000, 2_000_000_000, 7_000_000_001]
    );
}

#[test]
fn a_recording_of_rates_is_followed_and_ends_when_it_says_so() {
    let shape = TraceShape { from_first_row: false, step: Some(Span::from_secs(10)), gaps: Gaps::Zero };
    let trace = trace("time,rate\n0,100\n10,20\n40,50\n", shape);
    let even = arrivals(&Arrivals::Trace(Spacing::Even, trace), 100, 1);
    for (from, to, count) in [(0, 10, 1_000), (10, 20, 200), (20, 40, 0), (40, 50, 500), (50, 100, 0)] {
        assert!(between(&even, from, to).abs_diff(count) <= 1, "from {from} to {to}");
    }
}

#[test]
fn a_recording_that_has_changed_since_it_was_checked_says_so() {
    let shape = TraceShape { from_first_row: false, step: None, gaps: Gaps::Refuse };
    for (text, other) in [("time\n1\n2\n", "time\n1\n3\n"), ("time,rate\n0,5\n9,1\n", "time,rate\n0,5\n8,1\n")] {
        let checked = trace(text, shape);
        let now = LoadTrace { source: trace(other, shape).source, ..checked.clone() };
        for (trace, defect) in [(checked, None), (now, Some("load.csv: it has changed since it was checked"))] {
            let (end, streams) = (Instant::from_secs(60), streams(1));
            let mut pace = Pace::new(&Arrivals::Trace(Spacing::Even, trace), end);
            let mut at = Instant::ZERO;
            for n in 0.. {
                at = pace.next(n, at, &streams);
                if at >= end {
                    break;
                }
            }
            assert_eq!(pace.defect().as_deref(), defect, "{text:?}");
        }
    }
}
