//! Signals: quantities over time, piecewise constant and right-continuous.
//!
//! Invariant: change points are strictly increasing in time, and two neighbours differ.

use super::packed::{Packed, Points};
use crate::units::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a copy has lacked for longer is not merely on its way: reads of such a copy are outdated. Product default, one scrape
/// interval of monitoring (Prometheus: 15 s in common use).
pub const OUTDATED: Span = Span::from_secs(15);

/// Whose view a signal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Viewpoint {
    /// What really happened: for checks and reports.
    Truth,
    /// What the control logic was shown: scraped, delayed, possibly missing.
    Control,
}

/// What a signal's value counts. A sample is `part / whole` of this unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignalUnit {
    /// A proportion: 1 is the whole.
    Ratio,
    /// Nanoseconds.
    Nanoseconds,
    /// A count of things.
    Count,
    /// Events per second.
    PerSecond,
}

/// An exact value: the quotient of two integers, or no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// The dividend.
    pub part: u64,
    /// The divisor. Zero means that there was no data.
    pub whole: u64,
}

impl Sample {
    /// No data: neither good nor bad.
    pub const MISSING: Self = Self { part: 0, whole: 0 };

    /// A plain integer value.
    pub const fn count(n: u64) -> Self {
        Self { part: n, whole: 1 }
    }
    /// `part` of `whole`; missing if `whole` is zero.
    pub const fn quotient(part: u64, whole: u64) -> Self {
        Self { part, whole }
    }
    /// The value for charts and reports, if there is one.
    pub fn as_f64(self) -> Option<f64> {
        (self.whole != 0).then(|| self.part as f64 / self.whole as f64)
    }
}

/// A quantity over the run.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Its name in property expressions, such as `success` or `orders.lag`.
    pub name: String,
    /// What a value counts.
    pub unit: SignalUnit,
    /// Whose view it is.
    pub view: Viewpoint,
    /// All points but the last two.
    earlier: Packed,
    /// The last but one, where it must be known whether the last still differs from it.
    previous: Option<(Instant, Sample)>,
    /// The last point, which may still change.
    last: Option<(Instant, Sample)>,
}

/// Equal are signals that say the same, however it came to be kept.
impl PartialEq for Signal {
    fn eq(&self, other: &Self) -> bool {
        let named = |signal: &Self| (signal.unit, signal.view, signal.changes());
        self.name == other.name && named(self) == named(other) && self.points().eq(other.points())
    }
}

impl Signal {
    /// A signal without data so far.
    pub fn new(name: impl Into<String>, unit: SignalUnit, view: Viewpoint) -> Self {
        Self { name: name.into(), unit, view, earlier: Packed::default(), previous: None, last: None }
    }

    /// A signal without data so far, with room for `points` changes before it allocates.
    pub fn with_capacity(name: impl Into<String>, unit: SignalUnit, view: Viewpoint, points: usize) -> Self {
        Self { earlier: Packed::with_capacity(points), ..Self::new(name, unit, view) }
    }

    /// The same values under another name.
    pub fn renamed(&self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self.clone() }
    }

    /// Sets the value from `at` on. Panics if `at` is earlier than the last change: the caller's bug.
    pub fn set(&mut self, at: Instant, sample: Sample) {
        if let Some((last, value)) = &mut self.last {
            assert!(*last <= at, "signal {} set at {at} after {last}", self.name);
            if *value == sample {
                return;
            }
            if *last == at {
                *value = sample;
                return self.forget_no_change();
            }
            if let Some((from, held)) = self.previous.replace((*last, *value)) {
                self.earlier.push(from, held);
            }
        }
        self.last = Some((at, sample));
    }

    /// The change points: the value holds from its instant until the next one's.
    pub fn points(&self) -> Points<'_> {
        self.earlier.iter().and([self.previous, self.last])
    }

    /// The value of each whole second before `end` that has one: the second's number and its value.
    pub fn seconds(&self, end: Instant) -> impl Iterator<Item = (u64, Sample)> {
        let known = self.stretches(end).filter(|(_, sample)| sample.whole != 0);
        known.flat_map(|(seconds, sample)| seconds.map(move |second| (second, sample)))
    }

    /// The whole seconds before `end` from the first change on, neighbours of one value together: a quiet year is one
    /// stretch.
    pub fn stretches(&self, end: Instant) -> impl Iterator<Item = (Range<u64>, Sample)> {
        let mut points = self.points().peekable();
        std::iter::from_fn(move || {
            let (from, sample) = points.next()?;
            let until = points.peek().map_or(end, |(next, _)| (*next).min(end));
            Some((from.as_nanos().div_ceil(1_000_000_000)..until.as_nanos().div_ceil(1_000_000_000), sample))
        })
    }

    /// How many change points there are.
    pub fn changes(&self) -> usize {
        self.earlier.len() + usize::from(self.previous.is_some()) + usize::from(self.last.is_some())
    }

    /// The value at `at`: missing before the first change point.
    pub fn at(&self, at: Instant) -> Sample {
        let held = |point: Option<(Instant, Sample)>| point.filter(|(from, _)| *from <= at);
        let found = held(self.last).or_else(|| held(self.previous)).or_else(|| self.earlier.before(at));
        found.map_or(Sample::MISSING, |(_, sample)| sample)
    }

    /// A value that was set and reset at the same instant was never there.
    fn forget_no_change(&mut self) {
        if let Some(previous) = self.previous.take_if(|(_, held)| self.last.is_some_and(|(_, now)| now == *held)) {
            self.last = Some(previous);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_holds_its_value_until_the_next_change() {
        let mut signal = Signal::new("queue", SignalUnit::Count, Viewpoint::Truth);
        signal.set(Instant::from_secs(1), Sample::count(3));
        signal.set(Instant::from_secs(2), Sample::count(3));
        signal.set(Instant::from_secs(4), Sample::count(5));
        assert_eq!((signal.points().len(), signal.changes()), (2, 2));
        assert_eq!(signal.at(Instant::ZERO), Sample::MISSING);
        assert_eq!(signal.at(Instant::from_secs(3)), Sample::count(3));
        assert_eq!(signal.at(Instant::from_secs(4)), Sample::count(5));
    }

    #[test]
    fn a_second_has_the_value_it_begins_with_and_none_where_there_is_no_data() {
        let mut signal = Signal::new("success", SignalUnit::Ratio, Viewpoint::Truth);
        let points = [(1_500, Sample::quotient(9, 10)), (4_000, Sample::MISSING), (7_000, Sample::count(1))];
        for (millis, sample) in points {
            signal.set(Instant::from_nanos(millis * 1_000_000), sample);
        }
        let stretches = |end| signal.stretches(Instant::from_secs(end)).map(|(seconds, _)| seconds).collect::<Vec<_>>();
        assert_eq!(stretches(9), [2..4, 4..7, 7..9]);
        let seconds = |end| signal.seconds(Instant::from_secs(end)).map(|(at, v)| (at, v.part)).collect::<Vec<_>>();
        assert_eq!(seconds(9), [(2, 9), (3, 9), (7, 1), (8, 1)]);
        assert_eq!(seconds(3), [(2, 9)], "the run may end before the last change");
    }

    #[test]
    fn what_is_set_and_taken_back_at_one_instant_leaves_no_trace() {
        let mut signal = Signal::new("queue", SignalUnit::Count, Viewpoint::Truth);
        for (second, count) in [(1, 3), (2, 5), (2, 3), (2, 7), (2, 3), (4, 5), (4, 6), (9, 1)] {
            signal.set(Instant::from_secs(second), Sample::count(count));
        }
        let points: Vec<_> = signal.points().map(|(at, sample)| (at.second(), sample.part)).collect();
        assert_eq!(points, [(1, 3), (4, 6), (9, 1)]);
        assert_eq!((signal.at(Instant::from_secs(8)).part, signal.changes()), (6, 3));
    }
}
