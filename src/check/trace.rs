//! Traces: a value of any kind over the whole run, piecewise constant and right-continuous.
//!
//! Invariant: there is a value from the start of the run on, change points increase strictly, and neighbours differ.
//! A trace ends with the observation: what held after `end` is not known.

use crate::units::Instant;

/// What is known about a statement at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Whether it holds. `None`: there is no data, which is neither.
    pub truth: Option<bool>,
    /// How far it is from changing, positive if it holds, each comparison in units of its scale.
    pub slack: Option<f64>,
}

impl Judged {
    /// No data.
    pub const MISSING: Self = Self { truth: None, slack: None };
}

/// A value over the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace<V> {
    points: Vec<(Instant, V)>,
    end: Instant,
}

/// A stretch of constant value: `[from, until)`, or up to and including the end of the trace for the last one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceSegment<V> {
    /// Its first instant.
    pub from: Instant,
    /// The instant from which another value holds; `None` for the last.
    pub until: Option<Instant>,
    /// The value.
    pub value: V,
}

impl<V: Copy + PartialEq> Trace<V> {
    /// The same value throughout.
    pub fn constant(value: V, end: Instant) -> Self {
        Self { points: vec![(Instant::ZERO, value)], end }
    }

    /// A trace through `points`, in order; `before` holds until the first. Of several at one instant, the last counts;
    /// points after `end` are dropped.
    pub fn through(before: V, points: impl IntoIterator<Item = (Instant, V)>, end: Instant) -> Self {
        let mut trace = Self::constant(before, end);
        for (at, value) in points {
            if at > end {
                break;
            }
            trace.set(at, value);
        }
        trace
    }

    fn set(&mut self, at: Instant, value: V) {
        if self.points.last().is_some_and(|(last, _)| *last == at) {
            self.points.pop();
        }
        if self.points.last().is_none_or(|(_, before)| *before != value) {
            self.points.push((at, value));
        }
    }

    /// The last instant of the observation.
    pub const fn end(&self) -> Instant {
        self.end
    }

    /// The stretches of constant value, in order.
    pub fn stretches(&self) -> impl DoubleEndedIterator<Item = TraceSegment<V>> + '_ {
        self.points.iter().enumerate().map(|(i, (from, value))| TraceSegment {
            from: *from,
            until: self.points.get(i + 1).map(|(next, _)| *next),
            value: *value,
        })
    }

    /// The instants at which the value changes, the start of the run included.
    pub fn changes(&self) -> impl Iterator<Item = Instant> + '_ {
        self.points.iter().map(|(at, _)| *at)
    }

    /// The value at `at`; the last one if that is after the end.
    pub fn at(&self, at: Instant) -> V {
        let after = self.points.partition_point(|(from, _)| *from <= at);
        self.points[after.max(1) - 1].1
    }

    /// Another value for each value.
    pub fn map<W: Copy + PartialEq>(&self, change: impl Fn(V) -> W) -> Trace<W> {
        let mut points = self.points.iter().map(|(at, value)| (*at, change(*value)));
        let (_, first) = points.next().expect("a trace has a value from the start");
        Trace::through(first, points, self.end)
    }

    /// The trace of `join` over the values of both. Both must end at the same instant.
    pub fn join<U: Copy + PartialEq, W: Copy + PartialEq>(
        &self,
        other: &Trace<U>,
        mut join: impl FnMut(V, U) -> W,
    ) -> Trace<W> {
        let (mut i, mut j) = (0, 0);
        let mut joined = Trace::constant(join(self.points[0].1, other.points[0].1), self.end);
        loop {
            let next = match (self.points.get(i + 1), other.points.get(j + 1)) {
                (None, None) => return joined,
                (Some((a, _)), Some((b, _))) => *a.min(b),
                (Some((a, _)), None) => *a,
                (None, Some((b, _))) => *b,
            };
            i += usize::from(self.points.get(i + 1).is_some_and(|(at, _)| *at == next));
            j += usize::from(other.points.get(j + 1).is_some_and(|(at, _)| *at == next));
            joined.set(next, join(self.points[i].1, other.points[j].1));
        }
    }

    /// The same up to `from`, and `value` from there on.
    #[must_use]
    pub fn cut(mut self, from: Instant, value: V) -> Self {
        if from <= self.end {
            self.points.truncate(self.points.partition_point(|(at, _)| *at < from));
            if self.points.is_empty() {
                self.points.push((Instant::ZERO, value));
            } else {
                self.set(from, value);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Instant {
        Instant::from_secs(s)
    }

    #[test]
    fn joining_visits_each_change_once() {
        let a = Trace::through(0, [(at(1), 1), (at(3), 2)], at(9));
        let b = Trace::through(0, [(at(1), 10), (at(2), 20), (at(20), 90)], at(9));
        let sum = a.join(&b, |x, y| x + y);
        let points: Vec<_> = sum.stretches().map(|s| (s.from, s.value)).collect();
        assert_eq!(points, [(at(0), 0), (at(1), 11), (at(2), 21), (at(3), 22)]);
        assert_eq!((sum.at(at(0)), sum.at(at(2)), sum.at(at(9))), (0, 21, 22));
        assert_eq!(sum.stretches().last().unwrap().until, None);
    }

    #[test]
    fn equal_neighbours_are_one_stretch_and_a_cut_ends_a_trace_early() {
        let a = Trace::through(0, [(at(1), 0), (at(2), 5), (at(4), 6), (at(4), 5)], at(9));
        assert_eq!(a.changes().collect::<Vec<_>>(), [at(0), at(2)]);
        assert_eq!(a.clone().cut(at(3), 7).stretches().last().unwrap().from, at(3));
        assert_eq!(a.clone().cut(at(0), 7).stretches().count(), 1);
        assert_eq!(a.clone().cut(at(10), 7), a);
    }
}
