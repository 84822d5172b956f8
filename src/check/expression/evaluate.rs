//! From a checked tree and a record to traces.

use super::possible::holds;
use super::syntax::{ComparisonOp, Operator};
use super::tree::{Compare, Predicate, Series, ValueTree, calculate};
use super::window;
use crate::check::rational::Rational;
use crate::check::trace::{Judged, Trace};
use crate::record::{Record, Sample, Signal, SignalUnit};
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

/// What stands for a latency longer than any bound, that of a request nobody answered: more seconds than fit any span.
pub(crate) const UNANSWERED: Rational = Rational::integer(1 << 62);

/// The result of two infinite latencies, or of a number that one is taken off: it may be anything. Above any latency,
/// so that it is printed as one of requests that were not answered.
const UNTOLD: Rational = Rational::integer(1 << 63);

/// As [`calculate`], where at least one operand is of requests that were not answered.
pub(super) fn of_unanswered(operator: Operator, a: Rational, b: Rational) -> Option<Rational> {
    let (first, second) = (a >= UNANSWERED, b >= UNANSWERED);
    let stays = match operator {
        Operator::Plus => true,
        Operator::Minus => !second,
        Operator::Multiply => a > Rational::ZERO && b > Rational::ZERO,
        Operator::Divide => first && !second && b > Rational::ZERO,
        Operator::Or | Operator::And | Operator::Compare(_) => false,
    };
    stays.then_some(UNANSWERED)
}

/// The share of a second's requests whose latency a signal is not below, if it is a quantile of what clients saw.
fn quantile_of_clients(name: &str) -> Option<Rational> {
    let percent = match name {
        "latency.p50" => 50,
        "latency.p95" => 95,
        "latency.p99" => 99,
        _ => return None,
    };
    Rational::new(percent, 100)
}

/// A sample as an exact value; time in seconds.
pub(super) fn seconds_or_parts(unit: SignalUnit, sample: Sample) -> Option<Rational> {
    let factor = if unit == SignalUnit::Nanoseconds { 1_000_000_000 } else { 1 };
    Rational::new(i128::from(sample.part), i128::from(sample.whole) * factor)
}

/// The value over the run.
pub(super) fn value(value: &ValueTree<Series>, record: &Record) -> Result<Trace<Option<Rational>>, Overflow> {
    match value {
        ValueTree::Literal(number) => Ok(Trace::constant(Some(*number), record.end)),
        ValueTree::Leaf(series) => leaf(series, record),
        ValueTree::Negative(of) => {
            arithmetic(Operator::Minus, &Trace::constant(Some(Rational::ZERO), record.end), &self::value(of, record)?)
        }
        ValueTree::Arithmetic(operator, a, b) => {
            arithmetic(*operator, &self::value(a, record)?, &self::value(b, record)?)
        }
    }
}

fn leaf(series: &Series, record: &Record) -> Result<Trace<Option<Rational>>, Overflow> {
    let missing = || Trace::constant(None, record.end);
    match series {
        Series::Signal(name) => Ok(record.signal(name).map_or_else(missing, |s| of_all(s, record))),
        Series::Window(function, name, span) => match record.signal(name) {
            Some(signal) => window::window(*function, signal, &of_all(signal, record), *span),
            None => Ok(missing()),
        },
        Series::Count(event, span) => Ok(window::count(event, *span, record)),
    }
}

/// The values of a signal. Where more of the requests started in a second were not answered than a quantile of latency
/// leaves over, that quantile is one of theirs: nobody may judge a service by the few it still answered.
fn of_all(signal: &Signal, record: &Record) -> Trace<Option<Rational>> {
    let values = window::values(signal, record.end);
    match quantile_of_clients(&signal.name).zip(record.signal("success")) {
        Some((quantile, success)) => values.join(&window::values(success, record.end), |latency, success| {
            if success.is_some_and(|success| success < quantile) { Some(UNANSWERED) } else { latency }
        }),
        None => values,
    }
}

fn arithmetic(
    operator: Operator,
    a: &Trace<Option<Rational>>,
    b: &Trace<Option<Rational>>,
) -> Result<Trace<Option<Rational>>, Overflow> {
    let mut fits = true;
    let result = a.join(b, |x, y| {
        let (x, y) = (x?, y?);
        if x.max(y) >= UNANSWERED {
            return if x.max(y) == UNTOLD { None } else { of_unanswered(operator, x, y) }.or(Some(UNTOLD));
        }
        let result = calculate(operator, x, y);
        fits &= result.is_some();
        result.flatten()
    });
    if fits { Ok(result) } else { Err(Overflow { at: a.end() }) }
}

/// Whether the statement holds, over the run. `untold` is what it comes to where only requests that were not answered
/// could tell: what speaks against the claim, so that nothing is claimed of them, or nothing at all.
pub(super) fn condition(
    condition: &Predicate,
    record: &Record,
    untold: Option<bool>,
) -> Result<Trace<Judged>, Overflow> {
    let of = |part| self::condition(part, record, untold);
    match condition {
        Predicate::Compare(compare) => {
            let (left, right) = (value(&compare.left, record)?, value(&compare.right, record)?);
            Ok(left.join(&right, |a, b| judged(compare, [a, b], untold, record.end)))
        }
        Predicate::Not(part) => Ok(self::condition(part, record, untold.map(|untold| !untold))?.map(not)),
        Predicate::And(a, b) => Ok(of(a)?.join(&of(b)?, and)),
        Predicate::Or(a, b) => Ok(of(a)?.join(&of(b)?, |a, b| not(and(not(a), not(b))))),
    }
}

fn judged(compare: &Compare, sides: [Option<Rational>; 2], untold: Option<bool>, end: Instant) -> Judged {
    let [Some(a), Some(b)] = sides else { return Judged::MISSING };
    // For margins a latency without end is as long as the run, which is all that was seen of it.
    let run = Rational::integer(i128::from(end.second() + 1));
    let cannot_be_told = a.max(b) == UNTOLD || a.min(b) >= UNANSWERED;
    if mutant!("unanswered_on_both_sides": cannot_be_told => false) {
        let Some(truth) = untold else { return Judged::MISSING };
        let far = run.as_f64() / compare.scale.as_f64();
        return Judged { truth: Some(truth), slack: Some(if truth { far } else { 0.0 - far }) };
    }
    let truth = holds(compare.comparison, a.cmp(&b));
    let seen = |value: Rational| if value >= UNANSWERED { run } else { value };
    let above = difference(seen(a), seen(b)) / compare.scale.as_f64();
    let slack = match compare.comparison {
        ComparisonOp::AtLeast | ComparisonOp::Above => above,
        ComparisonOp::AtMost | ComparisonOp::Below => -above,
        ComparisonOp::Equal => -above.abs(),
        ComparisonOp::Unequal => above.abs(),
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
