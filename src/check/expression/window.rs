//! Functions of a signal over the window that ends now.
//!
//! Invariant: linear in the points of the signal and the seconds of the run (a quantile: times the window's seconds).
//! Windows are closed and clipped at the start of the run; moments without data take no part.

use super::evaluate::{Overflow, UNANSWERED, seconds_or_parts};
use super::tree::WindowFunction;
use crate::check::rational::Rational;
use crate::check::trace::Trace;
use crate::record::event::EventPattern;
use crate::record::{Points, Record, Sample, Signal, SignalUnit};
use crate::units::{Instant, Span};
use std::collections::VecDeque;
use std::iter::Peekable;

type Values = Trace<Option<Rational>>;

/// `function` of `signal`, whose values are `values`, over `window`.
pub(super) fn window(
    function: WindowFunction,
    signal: &Signal,
    values: &Values,
    window: Span,
) -> Result<Values, Overflow> {
    let largest = || extreme(values, window, |new, old| new >= old);
    match function {
        WindowFunction::Mean => {
            // One without end leaves no mean below any bound.
            let means = mean(signal, window, values.end())?;
            Ok(means.join(&largest(), |mean, largest| largest.filter(|largest| *largest >= UNANSWERED).or(mean)))
        }
        WindowFunction::Max => Ok(largest()),
        WindowFunction::Min => Ok(extreme(values, window, |new, old| new <= old)),
        WindowFunction::Rate => rate(values, window),
        WindowFunction::Last => Ok(last(values, window)),
        WindowFunction::Quantile(share) => Ok(quantile(values, share, window)),
    }
}

/// The signal itself. Time is in seconds.
pub(super) fn values(signal: &Signal, end: Instant) -> Values {
    let points = signal.points().map(|(at, sample)| (at, seconds_or_parts(signal.unit, sample)));
    Trace::through(None, points, end)
}

/// How many such events happened in the closed window that ends now.
pub(super) fn count(event: &EventPattern, window: Span, record: &Record) -> Values {
    let times = event.times(record);
    let after = window.saturating_add(Span::from_nanos(1));
    let mut changes: Vec<(Instant, i128)> = times.iter().map(|at| (*at, 1)).collect();
    changes.extend(times.iter().map(|at| (at.saturating_add(after), -1)));
    changes.sort_unstable();
    let mut total = 0;
    let running = changes.into_iter().map(|(at, change)| {
        total += change;
        (at, Some(Rational::integer(total)))
    });
    Trace::through(Some(Rational::ZERO), running, record.end)
}

/// All parts by all wholes, each weighed with the time it held, at each whole second.
fn mean(signal: &Signal, window: Span, end: Instant) -> Result<Values, Overflow> {
    let (mut head, mut tail) = (Integral::of(signal), Integral::of(signal));
    let mut points = Vec::new();
    for now in (0..=end.second()).map(Instant::from_secs) {
        let start = Instant::from_nanos(now.as_nanos().saturating_sub(window.as_nanos()));
        let ((part, whole), (part_before, whole_before)) = (head.until(now)?, tail.until(start)?);
        let factor = if signal.unit == SignalUnit::Nanoseconds { 1_000_000_000 } else { 1 };
        let whole = (whole - whole_before).checked_mul(factor).ok_or(Overflow { at: now })?;
        points.push((now, Rational::new(part - part_before, whole)));
    }
    Ok(Trace::through(None, points, end))
}

/// The integrals of a signal's parts and wholes from the start of the run.
struct Integral<'a> {
    points: Peekable<Points<'a>>,
    at: Instant,
    held: Sample,
    sums: (i128, i128),
}

impl<'a> Integral<'a> {
    fn of(signal: &'a Signal) -> Self {
        Self { points: signal.points().peekable(), at: Instant::ZERO, held: Sample::MISSING, sums: (0, 0) }
    }

    /// The integrals up to `now`, which never runs backwards.
    fn until(&mut self, now: Instant) -> Result<(i128, i128), Overflow> {
        while let Some((next, sample)) = self.points.next_if(|(next, _)| *next <= now) {
            self.hold_until(next)?;
            self.held = sample;
        }
        self.hold_until(now)?;
        Ok(self.sums)
    }

    fn hold_until(&mut self, now: Instant) -> Result<(), Overflow> {
        let held = i128::from(now.since(self.at).as_nanos());
        self.at = now;
        if self.held.whole == 0 {
            return Ok(());
        }
        let add = |sum: i128, n: u64| i128::from(n).checked_mul(held).and_then(|area| sum.checked_add(area));
        let sums = add(self.sums.0, self.held.part).zip(add(self.sums.1, self.held.whole));
        self.sums = sums.ok_or(Overflow { at: now })?;
        Ok(())
    }
}

/// The largest or smallest value of the closed window, by a queue of the values that can still become it (Lemire 2006):
/// a value that held on `[from, until)` is in the window on `[from, until + window)`.
fn extreme(values: &Values, window: Span, replaces: impl Fn(Rational, Rational) -> bool) -> Values {
    let mut candidates: VecDeque<(Instant, Rational)> = VecDeque::new();
    let mut points = Vec::new();
    let expire = |candidates: &mut VecDeque<(Instant, Rational)>, now: Instant, points: &mut Vec<_>| {
        while let Some((leaves, _)) = candidates.front().copied().filter(|(leaves, _)| *leaves <= now) {
            candidates.pop_front();
            points.push((leaves, candidates.front().map(|(_, value)| *value)));
        }
    };
    for stretch in values.stretches() {
        expire(&mut candidates, stretch.from, &mut points);
        if let Some(new) = stretch.value {
            while candidates.back().is_some_and(|(_, old)| replaces(new, *old)) {
                candidates.pop_back();
            }
            let leaves = stretch.until.map_or(Instant::MAX, |until| until.saturating_add(window));
            candidates.push_back((leaves, new));
        }
        points.push((stretch.from, candidates.front().map(|(_, value)| *value)));
    }
    expire(&mut candidates, values.end(), &mut points);
    Trace::through(None, points, values.end())
}

/// The change over the window, per second; no data unless there is some at both ends.
fn rate(values: &Values, window: Span) -> Result<Values, Overflow> {
    let shifted = values.stretches().map(|s| (s.from.saturating_add(window), s.value));
    let before = Trace::through(None, shifted, values.end());
    let per_second = Rational::new(1_000_000_000, i128::from(window.as_nanos())).unwrap_or(Rational::ZERO);
    let mut fits = true;
    let rates = values.join(&before, |now, before| {
        let change = now?.minus(before?).and_then(|change| change.times(per_second));
        fits &= change.is_some();
        change
    });
    if fits { Ok(rates) } else { Err(Overflow { at: values.end() }) }
}

/// Fills stretches without data with the value before, for as long as the window.
pub(super) fn last(values: &Values, window: Span) -> Values {
    let mut before = None;
    let points = values.stretches().flat_map(|stretch| {
        let filled = stretch.value.or(before);
        before = stretch.value;
        let empty_from = stretch.from.saturating_add(window);
        let empties = stretch.value.is_none() && stretch.until.is_none_or(|until| empty_from < until);
        [Some((stretch.from, filled)), empties.then_some((empty_from, None))].into_iter().flatten()
    });
    let points: Vec<_> = points.collect();
    Trace::through(None, points, values.end())
}

/// The nearest-rank quantile of the values of the window's complete seconds, at each whole second.
fn quantile(values: &Values, share: u64, window: Span) -> Values {
    let mut inside: VecDeque<(Instant, Option<Rational>)> = VecDeque::new();
    let mut sorted: Vec<Rational> = Vec::new();
    let mut points = Vec::new();
    for now in (0..=values.end().second()).map(Instant::from_secs) {
        while let Some((_, value)) = inside.front().copied().filter(|(at, _)| at.saturating_add(window) < now) {
            inside.pop_front();
            if let Some(value) = value {
                sorted.remove(sorted.partition_point(|v| *v < value));
            }
        }
        let rank = (sorted.len() as u128 * u128::from(share)).div_ceil(1_000_000_000);
        let found = usize::try_from(rank).ok().and_then(|rank| sorted.get(rank.saturating_sub(1)));
        points.push((now, found.copied()));
        let value = values.at(now);
        inside.push_back((now, value));
        if let Some(value) = value {
            sorted.insert(sorted.partition_point(|v| *v < value), value);
        }
    }
    Trace::through(None, points, values.end())
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
