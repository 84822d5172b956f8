//! How long answers took over a whole run, by class of requests: the truth, of every single answer.
//!
//! What monitoring sees is coarser, and what is shown second by second is kept for its second only: both are
//! [`Buckets`](crate::record::Buckets). Influences nothing.
//!
//! Invariants: fixed bounds, so that the histograms of classes add up; memory follows the classes, not the answers.

use crate::record::{ClassLatency, Latency, Objective, TOTAL};
use crate::units::Span;
use hdrhistogram::Histogram;

/// Differences below do not matter: the smallest is told from nothing.
const SMALLEST: Span = Span::from_nanos(1_000);
/// Answers that take longer count as this long, some two and a half hours, in all but the longest.
const LARGEST: Span = Span::from_nanos((1 << 43) - 1);
/// The digits to which a value is right.
const DIGITS: u8 = 3;

/// The answers to one class.
#[derive(Debug, Clone)]
struct Answers {
    histogram: Histogram<u64>,
    longest: Span,
}

/// The answers of a run so far.
#[derive(Debug)]
pub(super) struct Latencies {
    names: Vec<String>,
    /// By class; last those to requests of no class.
    classes: Vec<Answers>,
}

impl Latencies {
    pub(super) fn new(objective: &Objective) -> Self {
        let names = objective.classes.iter().map(|class| class.name.clone()).filter(|name| name != TOTAL);
        let names: Vec<String> = names.collect();
        Self { classes: vec![Answers::none(); names.len() + 1], names }
    }

    /// A request of `class` was answered after `took`.
    #[inline(always)]
    pub(super) fn answered(&mut self, class: u16, took: Span) {
        let none = self.classes.len() - 1;
        self.classes[usize::from(class).min(none)].record(took);
    }

    /// The figures of all together, but for their mean, and of each class that had answers. `unanswered`: requests that
    /// took longer than any of them.
    pub(super) fn close(self, unanswered: u64) -> (Latency, Vec<ClassLatency>) {
        let mut all = Answers::none();
        self.classes.iter().for_each(|answers| all.add(answers));
        let [p50, p95, p99] = all.quantiles(0).map(|span| span.unwrap_or(Span::ZERO));
        let [all_p50, all_p95, all_p99] = all.quantiles(unanswered);
        let total = Latency { p50, p95, p99, max: all.longest, mean: Span::ZERO, all_p50, all_p95, all_p99 };
        let by_class = self.names.into_iter().zip(&self.classes).filter_map(|(name, answers)| answers.figures(name));
        (total, by_class.collect())
    }
}

impl Answers {
    fn none() -> Self {
        let bounds = (SMALLEST.as_nanos(), LARGEST.as_nanos());
        let histogram = Histogram::new_with_bounds(bounds.0, bounds.1, DIGITS).expect("the bounds are in order");
        Self { histogram, longest: Span::ZERO }
    }

    #[inline(always)]
    fn record(&mut self, took: Span) {
        self.histogram.saturating_record(took.as_nanos());
        self.longest = self.longest.max(took);
    }

    fn add(&mut self, other: &Self) {
        self.histogram.add(&other.histogram).expect("all have the same bounds");
        self.longest = self.longest.max(other.longest);
    }

    fn figures(&self, class: String) -> Option<ClassLatency> {
        let [Some(p50), Some(p95), Some(p99)] = self.quantiles(0) else { return None };
        Some(ClassLatency { class, answered: self.histogram.len(), p50, p95, p99, max: self.longest })
    }

    /// The median, the 95th and the 99th percentile of these answers and of `longer` ones, which took longer than all of
    /// them; `None` if it is one of the longer, or there are none. Ranks are exact: the histogram's own quantiles count in
    /// floating point.
    fn quantiles(&self, longer: u64) -> [Option<Span>; 3] {
        let all = u128::from(self.histogram.len()) + u128::from(longer);
        let (mut recorded, mut value, mut seen) = (self.histogram.iter_recorded(), 0, 0);
        [50, 95, 99].map(|percent| {
            let rank = (all * percent).div_ceil(100).max(1);
            while seen < rank {
                let next = recorded.next()?;
                value = self.histogram.median_equivalent(next.value_iterated_to());
                seen += u128::from(next.count_since_last_iteration());
            }
            Some(Span::from_nanos(value).min(self.longest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The exact order statistic of that rank.
    fn exactly(sorted: &[u64], percent: u64) -> u64 {
        sorted[(sorted.len() as u64 * percent).div_ceil(100).max(1) as usize - 1]
    }

    proptest! {
        /// From a millisecond to an hour, even and heavy-tailed.
        #[test]
        fn a_quantile_is_within_a_thousandth_of_the_order_statistic(
            scale in 1_000_000_u64..3_600_000_000_000,
            heavy in any::<bool>(),
            draws in prop::collection::vec(1_u64..1_000_000, 1..400),
        ) {
            let of = |draw: u64| {
                let share = draw as f64 / 1e6;
                (scale as f64 * if heavy { 1.0 / share } else { share }).clamp(1e6, 3.6e12) as u64
            };
            let mut sorted: Vec<u64> = draws.into_iter().map(of).collect();
            let mut answers = Answers::none();
            sorted.iter().for_each(|nanos| answers.record(Span::from_nanos(*nanos)));
            sorted.sort_unstable();
            for (percent, found) in [50, 95, 99].into_iter().zip(answers.quantiles(0)) {
                let (exact, found) = (exactly(&sorted, percent), found.unwrap().as_nanos());
                prop_assert!(exact.abs_diff(found) * 1_000 <= exact, "p{}: {} for {}", percent, found, exact);
            }
        }
    }

    #[test]
    fn what_was_not_answered_has_the_highest_ranks() {
        let mut answers = Answers::none();
        (1..=98).for_each(|ms| answers.record(Span::from_millis(ms)));
        let [_, p95, p99] = answers.quantiles(2);
        assert!(p95.is_some_and(|p95| p95.as_nanos().abs_diff(95_000_000) <= 95_000), "{p95:?}");
        assert_eq!((p99, Answers::none().quantiles(3)), (None, [None; 3]));
    }

    #[test]
    fn the_shortest_and_the_longest_answers_count() {
        let mut answers = Answers::none();
        assert_eq!(answers.figures("none".to_owned()), None);
        answers.record(Span::ZERO);
        assert_eq!(answers.quantiles(0), [Some(Span::ZERO); 3]);
        (0..9).for_each(|_| answers.record(Span::MAX));
        let figures = answers.figures("long".to_owned()).unwrap();
        assert_eq!((figures.answered, figures.max), (10, Span::MAX));
        assert!(figures.p50.as_nanos().abs_diff(LARGEST.as_nanos()) < LARGEST.as_nanos() / 1_000);
    }
}
