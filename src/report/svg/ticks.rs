//! Round numbers for axes.
//!
//! Invariant: ticks ascend, the first axis value is covered, and there are never more than asked for plus one.

use crate::report::view::{Axis, Window};
use crate::units::{Instant, Span};

/// Steps of time that people count in. Unit: seconds.
const TIME_STEPS: [u64; 20] = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    86_400,
    2 * 86_400,
    7 * 86_400,
];

/// Durations that people count in, each about ten times the one before. Unit: nanoseconds.
const LADDER: [f64; 13] = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 60e9, 600e9, 3_600e9, 36_000e9, 360_000e9];

/// Where a value stands on the vertical axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// From zero to this.
    Linear(f64),
    /// From the first, which is positive, to the second.
    Logarithmic(f64, f64),
}

/// A value that is less than this part of the highest cannot be seen on a linear axis.
const INVISIBLE: f64 = 1.0 / 60.0;

impl Scale {
    /// The axis on which values from `lowest` (that are not zero) to `highest` can be read.
    pub(super) fn of(axis: Axis, lowest: Option<f64>, highest: f64) -> Self {
        match (axis, lowest) {
            (Axis::Duration, Some(lowest)) if lowest < highest * INVISIBLE => {
                let (below, above) =
                    (LADDER.iter().rev().find(|rung| **rung <= lowest), LADDER.iter().find(|rung| **rung >= highest));
                Self::Logarithmic(*below.unwrap_or(&LADDER[0]), *above.unwrap_or(&LADDER[LADDER.len() - 1]))
            }
            (Axis::Share, _) if highest > 0.5 => Self::Linear(1.0),
            (Axis::Count, _) if highest <= 2.0 => Self::Linear(2.0),
            _ => {
                let step = step(axis, highest.max(least(axis)), 4);
                Self::Linear((highest.max(least(axis)) / step).ceil() * step)
            }
        }
    }

    /// 0 at the bottom, 1 at the top.
    pub(super) fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear(top) => value / top,
            Self::Logarithmic(bottom, top) => libm::log10(value.max(bottom) / bottom) / libm::log10(top / bottom),
        };
        place.clamp(0.0, 1.0)
    }

    /// The round values.
    pub(super) fn ticks(self, axis: Axis) -> Vec<f64> {
        match self {
            Self::Linear(top) => {
                let step = step(axis, top, 4);
                (0..).map(|i| f64::from(i) * step).take_while(|tick| *tick <= top * 1.001).collect()
            }
            Self::Logarithmic(bottom, top) => {
                LADDER.into_iter().filter(|rung| *rung >= bottom && *rung <= top).collect()
            }
        }
    }
}

/// A value so small that the axis goes up to it even if nothing else is there.
const fn least(axis: Axis) -> f64 {
    match axis {
        Axis::Share => 0.01,
        Axis::PerSecond | Axis::Count => 1.0,
        Axis::Duration => 1_000_000.0,
    }
}

/// The largest power of ten that is not above `value`.
fn power_below(value: f64) -> f64 {
    libm::pow(10.0, libm::log10(value).floor())
}

/// A round step that divides `top` into at most about `most` parts.
fn step(axis: Axis, top: f64, most: u32) -> f64 {
    let wanted = top / f64::from(most);
    let second = 1e9;
    if axis == Axis::Duration && wanted > second {
        return seconds_step(wanted / second) as f64 * second;
    }
    let power = power_below(wanted);
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let whole_only = axis == Axis::Count && top <= 10.0;
    let round = factors.into_iter().filter(|f| !(whole_only && *f == 2.5)).find(|f| f * power >= wanted * 0.999);
    let step = round.unwrap_or(10.0) * power;
    if axis == Axis::Count { step.max(1.0) } else { step }
}

fn seconds_step(wanted: f64) -> u64 {
    let found = TIME_STEPS.into_iter().find(|step| *step as f64 >= wanted * 0.999);
    found.unwrap_or_else(|| (wanted / 604_800.0).ceil() as u64 * 604_800)
}

/// Round moments within `window`, at most about `most`.
pub(super) fn moments(window: Window, most: u32) -> Vec<Instant> {
    let step = seconds_step(window.length().as_secs_f64() / f64::from(most));
    let first = window.from.as_nanos().div_ceil(step * 1_000_000_000) * step;
    let from_first = (0..=u64::from(most) + 1).map(|i| (first + i * step).checked_mul(1_000_000_000));
    let representable = from_first.map_while(|nanos| nanos.map(Instant::from_nanos));
    representable.take_while(|at| *at <= window.to).collect()
}

/// Round spans from zero to `longest`, at most about `most`.
pub(super) fn spans(longest: Span, most: u32) -> Vec<Span> {
    let window = Window { from: Instant::ZERO, to: Instant::ZERO.saturating_add(longest) };
    if longest >= Span::from_secs(u64::from(most)) {
        return moments(window, most).into_iter().map(|at| at.since(Instant::ZERO)).collect();
    }
    let top = longest.as_nanos().max(1) as f64;
    let step = step(Axis::Duration, top, most);
    let ticks = (0..).map(|i| f64::from(i) * step).take_while(|tick| *tick <= top);
    ticks.map(|tick| Span::from_nanos((tick + 0.5).floor() as u64)).collect()
}

/// A moment as an axis shows it: `5m`, `5m30s`, `1h05m`.
pub(super) fn moment(at: Instant) -> String {
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

    #[test]
    fn axes_are_round() {
        let ticks = |axis, highest| Scale::of(axis, None, highest).ticks(axis);
        assert_eq!(ticks(Axis::PerSecond, 523.0), [0.0, 200.0, 400.0, 600.0]);
        assert_eq!(ticks(Axis::Share, 0.97), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(Axis::Count, 1.0), [0.0, 1.0, 2.0]);
        assert_eq!(ticks(Axis::Duration, 250e9), [0.0, 120e9, 240e9, 360e9]);
        assert_eq!(ticks(Axis::Count, 0.0), [0.0, 1.0, 2.0]);
    }

    #[test]
    fn latencies_far_apart_are_on_a_logarithmic_axis() {
        let scale = Scale::of(Axis::Duration, Some(2e6), 5e9);
        assert_eq!(scale, Scale::Logarithmic(1e6, 1e10));
        assert_eq!(scale.ticks(Axis::Duration), [1e6, 1e7, 1e8, 1e9, 1e10]);
        assert_eq!([scale.place(1e6), scale.place(1e8), scale.place(1e10), scale.place(0.0)], [0.0, 0.5, 1.0, 0.0]);
        assert_eq!(Scale::of(Axis::Duration, Some(1e9), 1e10), Scale::Linear(1e10));
        let hours = Scale::of(Axis::Duration, Some(2e8), 400e9);
        assert_eq!(hours.ticks(Axis::Duration), [1e8, 1e9, 1e10, 60e9, 600e9]);
    }

    #[test]
    fn moments_are_those_people_count_in() {
        let window = |from, to| Window { from: Instant::from_secs(from), to: Instant::from_secs(to) };
        let seconds = |from, to, most| moments(window(from, to), most).iter().map(|at| at.second()).collect::<Vec<_>>();
        assert_eq!(seconds(0, 2_400, 8), [0, 300, 600, 900, 1_200, 1_500, 1_800, 2_100, 2_400]);
        assert_eq!(seconds(268, 646, 8), [300, 360, 420, 480, 540, 600]);
        assert_eq!(seconds(7, 7, 8), [7]);
        assert_eq!([0, 330, 3_600, 3_900].map(|s| moment(Instant::from_secs(s))), ["0s", "5m30s", "1h", "1h05m"]);
        assert_eq!(spans(Span::from_millis(900), 4).len(), 4);
    }

    proptest! {
        #[test]
        fn every_axis_covers_its_values_with_a_handful_of_ticks(highest in 0.0_f64..1e13, axis in 0..4) {
            let axis = [Axis::PerSecond, Axis::Share, Axis::Duration, Axis::Count][axis as usize];
            let highest = if axis == Axis::Share { highest / 1e13 } else { highest };
            let scale = Scale::of(axis, None, highest);
            let Scale::Linear(top) = scale else { panic!("linear without a lowest value") };
            prop_assert!(top >= highest);
            let ticks = scale.ticks(axis);
            prop_assert!((2..=7).contains(&ticks.len()), "{:?}", ticks);
        }

        #[test]
        fn every_window_has_a_handful_of_moments(from in 0_u64..1_000_000, length in 1_u64..10_000_000, most in 2_u32..10) {
            let window = Window { from: Instant::from_secs(from), to: Instant::from_secs(from + length) };
            let moments = moments(window, most);
            prop_assert!(moments.len() <= most as usize + 1);
            prop_assert!(moments.iter().all(|at| *at >= window.from && *at <= window.to));
        }
    }
}
