//! From a checked tree and a record to traces.

use super::possible::holds;
use super::syntax::{Comparison, Operator};
use super::tree::{Compare, Condition, Series, Value, calculate};
use super::window;
use crate::check::rational::Rational;
use crate::check::trace::{Judged, Trace};
use crate::record::{Record, Sample, SignalUnit};
use crate::units::Instant;
use std::fmt;

/// A number came up that does not fit 128 bits exactly. Nothing is rounded instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow {
    /// When, or the end of the run if it cannot be told.
    pub at: Instant,
}

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the expression needs more than 128 bits to be exact (by {})", self.at)
    }
}

/// A sample as an exact value; time in seconds.
pub(super) fn seconds_or_parts(unit: SignalUnit, sample: Sample) -> Option<Rational> {
    let factor = if unit == SignalUnit::Nanoseconds { 1_000_000_000 } else { 1 };
    Rational::new(i128::from(sample.part), i128::from(sample.whole) * factor)
}

/// The value over the run.
pub(super) fn value(value: &Value<Series>, record: &Record) -> Result<Trace<Option<Rational>>, Overflow> {
    match value {
        Value::Literal(number) => Ok(Trace::constant(Some(*number), record.end)),
        Value::Leaf(series) => leaf(series, record),
        Value::Negative(of) => {
            arithmetic(Operator::Minus, &Trace::constant(Some(Rational::ZERO), record.end), &self::value(of, record)?)
        }
        Value::Arithmetic(operator, a, b) => arithmetic(*operator, &self::value(a, record)?, &self::value(b, record)?),
    }
}

fn leaf(series: &Series, record: &Record) -> Result<Trace<Option<Rational>>, Overflow> {
    let missing = || Trace::constant(None, record.end);
    match series {
        Series::Signal(name) => Ok(record.signal(name).map_or_else(missing, |s| window::values(s, record.end))),
        Series::Window(function, name, span) => match record.signal(name) {
            Some(signal) => window::window(*function, signal, *span, record.end),
            None => Ok(missing()),
        },
        Series::Count(event, span) => Ok(window::count(event, *span, record)),
    }
}

fn arithmetic(
    operator: Operator,
    a: &Trace<Option<Rational>>,
    b: &Trace<Option<Rational>>,
) -> Result<Trace<Option<Rational>>, Overflow> {
    let mut fits = true;
    let result = a.join(b, |x, y| {
        let result = calculate(operator, x?, y?);
        fits &= result.is_some();
        result.flatten()
    });
    if fits { Ok(result) } else { Err(Overflow { at: a.end() }) }
}

/// Whether the statement holds, over the run.
pub(super) fn condition(condition: &Condition, record: &Record) -> Result<Trace<Judged>, Overflow> {
    match condition {
        Condition::Compare(compare) => {
            let (left, right) = (value(&compare.left, record)?, value(&compare.right, record)?);
            Ok(left.join(&right, |a, b| judged(compare, a, b)))
        }
        Condition::Not(of) => Ok(self::condition(of, record)?.map(not)),
        Condition::And(a, b) => Ok(self::condition(a, record)?.join(&self::condition(b, record)?, and)),
        Condition::Or(a, b) => {
            Ok(self::condition(a, record)?.join(&self::condition(b, record)?, |a, b| not(and(not(a), not(b)))))
        }
    }
}

fn judged(compare: &Compare, a: Option<Rational>, b: Option<Rational>) -> Judged {
    let Some((a, b)) = a.zip(b) else { return Judged::MISSING };
    let truth = holds(compare.comparison, a.cmp(&b));
    let above = difference(a, b) / compare.scale.as_f64();
    let slack = match compare.comparison {
        Comparison::AtLeast | Comparison::Above => above,
        Comparison::AtMost | Comparison::Below => -above,
        Comparison::Equal => -above.abs(),
        Comparison::Unequal => above.abs(),
    };
    // Adding zero turns a negative zero into a plain one, which prints better.
    Judged { truth: Some(truth), slack: Some(slack + 0.0) }
}

/// For margins only: where the exact difference does not fit, that of the rounded values.
fn difference(a: Rational, b: Rational) -> f64 {
    a.minus(b).map_or_else(|| a.as_f64() - b.as_f64(), Rational::as_f64)
}

fn not(of: Judged) -> Judged {
    Judged { truth: of.truth.map(|truth| !truth), slack: of.slack.map(|slack| 0.0 - slack) }
}

/// Kleene's conjunction: false with anything is false, whatever the other would have been.
fn and(a: Judged, b: Judged) -> Judged {
    let least = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    };
    match (a.truth, b.truth) {
        (Some(true), Some(true)) | (Some(false), _) | (_, Some(false)) => {
            let truth = a.truth == Some(true) && b.truth == Some(true);
            Judged { truth: Some(truth), slack: least(a.slack, b.slack) }
        }
        (None, _) | (_, None) => Judged::MISSING,
    }
}
