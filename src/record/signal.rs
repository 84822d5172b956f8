//! Signals: quantities over time, piecewise constant and right-continuous.
//!
//! Invariant: change points are strictly increasing in time, and two neighbours differ.

use super::packed::{Packed, Points};
use crate::units::Instant;

/// Whose view a signal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What really happened: for checks and reports.
    Truth,
    /// What the control logic was shown: scraped, delayed, possibly missing.
    Control,
}

/// What a signal's value counts. A sample is `part / whole` of this unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Its name in property expressions, such as `success` or `orders.lag`.
    pub name: String,
    /// What a value counts.
    pub unit: SignalUnit,
    /// Whose view it is.
    pub view: View,
    /// All points but the last.
    earlier: Packed,
    /// The last point, which may still change.
    last: Option<(Instant, Sample)>,
}

impl Signal {
    /// A signal without data so far.
    pub fn new(name: impl Into<String>, unit: SignalUnit, view: View) -> Self {
        Self { name: name.into(), unit, view, earlier: Packed::default(), last: None }
    }

    /// A signal without data so far, with room for `points` changes before it allocates.
    pub fn with_capacity(name: impl Into<String>, unit: SignalUnit, view: View, points: usize) -> Self {
        Self { earlier: Packed::with_capacity(points), ..Self::new(name, unit, view) }
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
                return;
            }
            self.earlier.push(*last, *value);
        }
        self.last = Some((at, sample));
    }

    /// The change points: the value holds from its instant until the next one's.
    pub fn points(&self) -> Points<'_> {
        self.earlier.iter().and(self.last)
    }

    /// How many change points there are.
    pub fn changes(&self) -> usize {
        self.earlier.len() + usize::from(self.last.is_some())
    }

    /// The value at `at`: missing before the first change point.
    pub fn at(&self, at: Instant) -> Sample {
        let last = self.last.filter(|(from, _)| *from <= at);
        last.or_else(|| self.earlier.before(at)).map_or(Sample::MISSING, |(_, sample)| sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_holds_its_value_until_the_next_change() {
        let mut signal = Signal::new("queue", SignalUnit::Count, View::Truth);
        signal.set(Instant::from_secs(1), Sample::count(3));
        signal.set(Instant::from_secs(2), Sample::count(3));
        signal.set(Instant::from_secs(4), Sample::count(5));
        assert_eq!((signal.points().len(), signal.changes()), (2, 2));
        assert_eq!(signal.at(Instant::ZERO), Sample::MISSING);
        assert_eq!(signal.at(Instant::from_secs(3)), Sample::count(3));
        assert_eq!(signal.at(Instant::from_secs(4)), Sample::count(5));
    }
}
