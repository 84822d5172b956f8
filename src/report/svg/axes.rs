//! Axes with round numbers: where a value stands on one, which of them are written, and how.
//!
//! Refuses to know pixels and markup. Plotters chooses round decimals, in whole numbers. Hours and minutes, and an axis from
//! microseconds to hours, are chosen here.
//!
//! Invariant: round values ascend, there is a handful of them, and an axis of values covers those it was made for.

use crate::report::view::{Axis, Window};
use crate::units::Instant;
use plotters::coord::ranged1d::{KeyPointHint, KeyPointWeight, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordu64;
use std::ops::Range;

/// Steps of time that people count in. Unit: seconds.
const TIME_STEPS: [u64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/// Durations that people count in, each about ten times the one before. Unit: nanoseconds.
const LADDER: [f64; 13] = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 60e9, 600e9, 3_600e9, 36_000e9, 360_000e9];

/// A value that is less than this part of the highest cannot be seen on a linear axis.
const INVISIBLE: f64 = 1.0 / 60.0;

/// Into how many parts an axis of values is divided at most.
const PARTS: usize = 6;

const SECOND: f64 = 1e9;

/// An axis as plotters asks for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    range: Range<f64>,
    is_logarithmic: bool,
    /// The round values, and how they are written.
    written: Vec<(f64, String)>,
}

impl Scale {
    /// Nothing is written on it.
    pub(super) const fn bare(range: Range<f64>) -> Self {
        Self { range, is_logarithmic: false, written: Vec::new() }
    }

    /// Moments in nanoseconds, with round ones at at most about `most` places.
    pub(super) fn time(window: Window, most: usize) -> Self {
        let written = moments(window, most).into_iter().map(|at| (nanos(at), moment(at))).collect();
        Self { written, ..Self::bare(nanos(window.from)..nanos(window.to)) }
    }

    /// From zero to `to`, in at most about `most` parts.
    pub(super) fn up_to(axis: Axis, to: f64, most: usize) -> Self {
        Self::stepped(axis, to, step(axis, to, most))
    }

    /// With so large a part more at its end, on which nothing is written.
    pub(super) fn with_more(mut self, part: f64) -> Self {
        self.range.end *= 1.0 + part;
        self
    }

    fn stepped(axis: Axis, to: f64, step: f64) -> Self {
        let ticks = (0..).map(|i| f64::from(i) * step).take_while(|tick| *tick <= to * 1.001);
        Self { written: ticks.map(|tick| (tick, axis.written(tick))).collect(), ..Self::bare(0.0..to) }
    }

    /// From zero to at least `highest`, and to what can be seen.
    pub(super) fn of(axis: Axis, highest: f64) -> Self {
        let highest = highest.max(match axis {
            Axis::Share if highest > 0.5 => 1.0,
            Axis::Share => 0.01,
            Axis::PerSecond => 1.0,
            Axis::Count => 2.0,
            Axis::Duration => 1e6,
        });
        let step = step(axis, highest, PARTS);
        Self::stepped(axis, (highest / step).ceil() * step, step)
    }

    /// The axis on which all of `values` can be read: a logarithmic one for durations that are far apart.
    pub(super) fn over(axis: Axis, values: impl Iterator<Item = f64>) -> Self {
        let (lowest, highest) =
            values.fold((f64::MAX, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if axis != Axis::Duration || lowest == 0.0 || lowest >= highest * INVISIBLE {
            return Self::of(axis, highest);
        }
        let from = LADDER.into_iter().rev().find(|rung| *rung <= lowest).unwrap_or(LADDER[0]);
        let to = LADDER.into_iter().find(|rung| *rung >= highest).unwrap_or(LADDER[LADDER.len() - 1]);
        let rungs = LADDER.into_iter().filter(|rung| (from..=to).contains(rung));
        let written = rungs.map(|rung| (rung, axis.written(rung))).collect();
        Self { range: from..to, is_logarithmic: true, written }
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    /// Beyond the range, the nearer end.
    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let Range { start, end } = self.range;
        let place = match self.is_logarithmic {
            true => libm::log10(value.max(start) / start) / libm::log10(end / start),
            false => (value - start) / (end - start),
        };
        first + (f64::from(last - first) * place.clamp(0.0, 1.0) + 0.5).floor() as i32
    }
    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<f64> {
        match hint.weight() {
            KeyPointWeight::Bold => self.written.iter().map(|(value, _)| *value).collect(),
            KeyPointWeight::Any => Vec::new(),
        }
    }
    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        self.written.iter().find(|(known, _)| known == value).map(|(_, text)| text.clone()).unwrap_or_default()
    }
}

pub(super) fn nanos(at: Instant) -> f64 {
    at.as_nanos() as f64
}

/// A round step that divides what ends at `to` into at most about `most` parts.
fn step(axis: Axis, to: f64, most: usize) -> f64 {
    let wanted = to / most as f64;
    if axis == Axis::Duration && wanted > SECOND {
        return seconds_step(wanted / SECOND) as f64 * SECOND;
    }
    // How many of the smallest steps one is: things are whole, and so are the steps of plotters.
    let parts = match axis {
        Axis::Count | Axis::Duration => 1.0,
        Axis::PerSecond => 100.0,
        Axis::Share => 10_000.0,
    };
    let ticks = RangedCoordu64::from(0..(to * parts).ceil() as u64).key_points(most);
    ticks.get(1).map_or(to, |tick| *tick as f64 / parts)
}

fn seconds_step(wanted: f64) -> u64 {
    let found = TIME_STEPS.into_iter().find(|step| *step as f64 >= wanted);
    found.unwrap_or_else(|| (wanted / 604_800.0).ceil() as u64 * 604_800)
}

/// Round moments within `window`, at most about `most`.
fn moments(window: Window, most: usize) -> Vec<Instant> {
    // A run that ends a little after a round length is divided as one that ends with it.
    let step = seconds_step(window.length().as_secs_f64() * 0.999 / most as f64);
    let first = window.from.as_nanos().div_ceil(step * 1_000_000_000) * step;
    let from_first = (0..=most as u64 + 1).map(|i| (first + i * step).checked_mul(1_000_000_000));
    let representable = from_first.map_while(|nanos| nanos.map(Instant::from_nanos));
    representable.take_while(|at| *at <= window.to).collect()
}

/// A moment as an axis shows it: `5m`, `5m30s`, `1h05m`.
fn moment(at: Instant) -> String {
    let (hours, minutes, seconds) = (at.second() / 3_600, at.second() / 60 % 60, at.second() % 60);
    match (hours, minutes, seconds) {
        (0, 0, s) => format!("{s}s"),
        (0, m, 0) => format!("{m}m"),
        (0, m, s) => format!("{m}m{s:02}s"),
        (h, 0, 0) => format!("{h}h"),
        (h, m, 0) => format!("{h}h{m:02}m"),
        (h, m, s) => format!("{h}h{m:02}m{s:02}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is written along an axis.
    fn read(scale: &Scale) -> String {
        scale.written.iter().map(|(value, _)| scale.format_ext(value)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn axes_are_round() {
        let read = |axis, highest| read(&Scale::of(axis, highest));
        assert_eq!(read(Axis::PerSecond, 523.0), "0/s 100/s 200/s 300/s 400/s 500/s 600/s");
        assert_eq!(read(Axis::Share, 0.97), "0% 20% 40% 60% 80% 100%");
        assert_eq!(read(Axis::Share, 0.013), "0% 0.5% 1% 1.5%");
        assert_eq!(read(Axis::Count, 1.0), "0 1 2");
        assert_eq!(read(Axis::Count, 0.0), "0 1 2");
        assert_eq!(read(Axis::Duration, 250e9), "0s 1m 2m 3m 4m 5m");
        assert_eq!(read(Axis::Duration, 180e6), "0s 50ms 100ms 150ms 200ms");
        assert_eq!(read(Axis::Duration, 6.003e9), "0s 2s 4s 6s 8s", "not a part more than there is room for");
    }

    #[test]
    fn latencies_far_apart_are_on_a_logarithmic_axis() {
        let scale = Scale::over(Axis::Duration, [2e6, 5e9].into_iter());
        assert_eq!((scale.range(), &*read(&scale)), (1e6..1e10, "1ms 10ms 100ms 1s 10s"));
        assert_eq!([1e6, 1e8, 1e10, 0.0, 1e11].map(|value| scale.map(&value, (400, 0))), [400, 200, 0, 400, 0]);
        assert_eq!(Scale::over(Axis::Duration, [1e10, 1e9].into_iter()).range(), 0.0..1e10);
        assert_eq!(read(&Scale::over(Axis::Duration, [2e8, 400e9].into_iter())), "100ms 1s 10s 1m 10m");
    }

    #[test]
    fn moments_are_those_people_count_in() {
        let window = |from, to| Window { from: Instant::from_secs(from), to: Instant::from_secs(to) };
        let seconds = |from, to, most| moments(window(from, to), most).iter().map(|at| at.second()).collect::<Vec<_>>();
        assert_eq!(seconds(0, 2_400, 8), [0, 300, 600, 900, 1_200, 1_500, 1_800, 2_100, 2_400]);
        assert_eq!(seconds(268, 646, 8), [300, 360, 420, 480, 540, 600]);
        assert_eq!(seconds(7, 7, 8), [7]);
        assert_eq!(read(&Scale::time(window(3_240, 4_000), 4)), "55m 1h 1h05m");
        assert_eq!(Scale::time(window(3_240, 4_000), 4).map(&3_430e9, (0, 760)), 190);
        assert_eq!([0, 330, 3_600, 3_900].map(|s| moment(Instant::from_secs(s))), ["0s", "5m30s", "1h", "1h05m"]);
    }

    proptest! {
        #[test]
        fn every_axis_covers_its_values_with_a_handful_of_ticks(highest in 0.0_f64..1e13, axis in 0..4) {
            let axis = [Axis::PerSecond, Axis::Share, Axis::Duration, Axis::Count][axis as usize];
            let highest = if axis == Axis::Share { highest / 1e13 } else { highest };
            let scale = Scale::of(axis, highest);
                prop_assert!(scale.range.end >= highest);
            prop_assert!((2..=7).contains(&scale.written.len()), "{:?}", scale);
        }

        #[test]
        fn every_window_has_a_handful_of_moments(from in 0_u64..1_000_000, length in 1_u64..10_000_000, most in 2_usize..10) {
            let window = Window { from: Instant::from_secs(from), to: Instant::from_secs(from + length) };
            let moments = moments(window, most);
            prop_assert!(moments.len() <= most + 1);
            prop_assert!(moments.iter().all(|at| *at >= window.from && *at <= window.to));
        }
    }
}
