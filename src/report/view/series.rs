//! Signals cut into cells of time, so that a run of any length fits a chart and a file.
//!
//! Does not know pixels or markup. Invariant: no extreme is lost: a cell keeps the lowest and the highest value in it
//! beside the mean; a cell without data has no value, never a zero.

use crate::record::{Signal, SignalUnit};
use crate::units::{Instant, Span};

/// A part of the run: from its first instant to before its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub from: Instant,
    pub to: Instant,
}

/// What a signal did in one cell, in the signal's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    pub min: f64,
    /// Weighted by time, and for proportions also by what they are proportions of: requests, not seconds, are averaged.
    pub mean: f64,
    pub max: f64,
}

impl Window {
    pub(crate) fn length(self) -> Span {
        self.to.since(self.from)
    }

    /// How far into the window `at` is: 0 at its beginning, 1 at its end; beyond that outside of it.
    pub(crate) fn place(self, at: Instant) -> f64 {
        let from = self.from.as_nanos() as f64;
        (at.as_nanos() as f64 - from) / (self.length().as_nanos().max(1)) as f64
    }

    /// The borders of at most `most` cells of equal length: whole seconds, because signals change with the second.
    pub(crate) fn cells(self, most: u64) -> Vec<Instant> {
        let seconds = self.length().as_nanos().div_ceil(1_000_000_000).max(1);
        let length = Span::from_secs(seconds.div_ceil(most.max(1)));
        let mut borders = vec![self.from];
        let mut at = self.from;
        while at < self.to {
            at = at.saturating_add(length).min(self.to);
            borders.push(at);
        }
        borders
    }
}

/// What `signal` did between each two neighbours of `borders`, which ascend.
pub(crate) fn cells(signal: &Signal, borders: &[Instant]) -> Vec<Option<Cell>> {
    let points: Vec<_> = signal.points().collect();
    let first = borders.first().map_or(0, |from| points.partition_point(|(t, _)| t <= from));
    let mut next = first.saturating_sub(1);
    borders
        .windows(2)
        .map(|border| {
            let mut sum = Sum::default();
            while let Some((at, sample)) = points.get(next) {
                let until = points.get(next + 1).map_or(Instant::MAX, |(t, _)| *t);
                let lasted = until.min(border[1]).since((*at).max(border[0]).min(until.min(border[1])));
                sum.add(sample.part, sample.whole, lasted, signal.unit);
                if until > border[1] {
                    break;
                }
                next += 1;
            }
            sum.cell()
        })
        .collect()
}

#[derive(Default)]
struct Sum {
    dividend: f64,
    divisor: f64,
    extremes: Option<(f64, f64)>,
}

impl Sum {
    fn add(&mut self, part: u64, whole: u64, lasted: Span, unit: SignalUnit) {
        if whole == 0 || lasted == Span::ZERO {
            return;
        }
        let value = part as f64 / whole as f64;
        let weight = lasted.as_secs_f64() * if unit == SignalUnit::Ratio { whole as f64 } else { 1.0 };
        self.dividend += value * weight;
        self.divisor += weight;
        self.extremes = Some(self.extremes.map_or((value, value), |(min, max)| (min.min(value), max.max(value))));
    }

    fn cell(self) -> Option<Cell> {
        let (min, max) = self.extremes?;
        Some(Cell { min, mean: (self.dividend / self.divisor).clamp(min, max), max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Sample, Viewpoint};
    use proptest::prelude::*;

    fn at(secs: u64) -> Instant {
        Instant::from_secs(secs)
    }

    fn signal(unit: SignalUnit, points: &[(u64, u64, u64)]) -> Signal {
        let mut signal = Signal::new("x", unit, Viewpoint::Truth);
        points.iter().for_each(|&(t, part, whole)| signal.set(at(t), Sample::quotient(part, whole)));
        signal
    }

    #[test]
    fn a_cell_keeps_extremes_and_weighs_the_mean_by_time() {
        let queue = signal(SignalUnit::Count, &[(0, 2, 1), (8, 10, 1), (12, 0, 0), (15, 1, 1)]);
        let cells = cells(&queue, &[at(0), at(10), at(12), at(15), at(20)]);
        let expected = [Some((2.0, 3.6, 10.0)), Some((10.0, 10.0, 10.0)), None, Some((1.0, 1.0, 1.0))];
        assert_eq!(cells.iter().map(|c| c.map(|c| (c.min, c.mean, c.max))).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn proportions_are_averaged_over_what_they_are_proportions_of() {
        let errors = signal(SignalUnit::Ratio, &[(0, 0, 90), (1, 10, 10)]);
        assert_eq!(cells(&errors, &[at(0), at(2)])[0].map(|c| (c.mean, c.max)), Some((0.1, 1.0)));
    }

    #[test]
    fn a_window_may_begin_before_and_end_after_the_data() {
        let late = signal(SignalUnit::Count, &[(5, 3, 1)]);
        let mean = |from, to| cells(&late, &[at(from), at(to)])[0].map(|c| c.mean);
        assert_eq!([mean(0, 5), mean(0, 6), mean(7, 9)], [None, Some(3.0), Some(3.0)]);
        assert_eq!(cells(&late, &[]), []);
    }

    #[test]
    fn cells_are_whole_seconds_and_as_few_as_asked_for() {
        let borders = |from, to, most| Window { from: at(from), to: at(to) }.cells(most);
        assert_eq!(borders(0, 4, 10).len(), 5);
        assert_eq!(borders(0, 10, 4), [at(0), at(3), at(6), at(9), at(10)]);
        assert_eq!(borders(7, 7, 4), [at(7)], "nothing to show");
        assert!(borders(0, 72 * 3600, 480).len() <= 481);
    }

    proptest! {
        /// The oracle asks for the value at every second.
        #[test]
        fn cells_agree_with_looking_at_every_second(
            points in prop::collection::btree_map(0_u64..60, (0_u64..9, 0_u64..3), 0..20),
            from in 0_u64..40, length in 1_u64..40, most in 1_u64..12,
        ) {
            let points: Vec<_> = points.into_iter().map(|(t, (part, whole))| (t, part, whole)).collect();
            let signal = signal(SignalUnit::Count, &points);
            let borders = Window { from: at(from), to: at(from + length) }.cells(most);
            let found = cells(&signal, &borders);
            for (border, cell) in borders.windows(2).zip(found) {
                let values: Vec<f64> =
                    (border[0].second()..border[1].second()).filter_map(|t| signal.at(at(t)).as_f64()).collect();
                prop_assert_eq!(cell.is_some(), !values.is_empty());
                let Some(cell) = cell else { continue };
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                prop_assert!((cell.mean - mean).abs() < 1e-9, "{} {}", cell.mean, mean);
                prop_assert_eq!(cell.max, values.iter().copied().fold(f64::MIN, f64::max));
                prop_assert_eq!(cell.min, values.iter().copied().fold(f64::MAX, f64::min));
            }
        }
    }
}
