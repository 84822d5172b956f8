//! The expression language of properties: comparisons of signals, exact and three-valued.
//!
//! Owns syntax, units and evaluation. Does not know what a property does with the result.
//!
//! A value is a share, a time, a count or a rate, and is compared with its like. A share is written with its unit: `5%`,
//! never `5`. A bare `0` goes with anything, and in front of a minus and a share `1` is the whole.
//!
//! Grammar, loosest first: `or`, `and`, `not`, one comparison (`>= <= > < == !=`), `+ -`, `* /`, a minus sign; brackets;
//! numbers with units (`99.5%`, `500ms`, `10/s`, `2`); signals; and functions over the window that ends now: `mean`,
//! `max`, `min`, `last`, `rate`, `p50`, `p90`, `p95`, `p99` of a signal, `quantile(signal, share, window)`,
//! `count(event, window)`.
//!
//! Invariant: comparisons are exact. No statement is read that holds, or fails, whatever the run does. Where data is missing a statement neither holds nor fails. A number that does not
//! fit is an error, never a rounded number.

mod bind;
mod error;
mod evaluate;
mod figure;
mod parser;
mod possible;
mod range;
mod service;
mod syntax;
mod token;
mod tree;
mod unit;
mod window;

pub use error::ExpressionError;
pub use evaluate::Overflow;
pub use figure::{FigureValue, Reading, RunFigure};
pub use range::Interval;
pub use unit::Unit;

pub(crate) use bind::percent;
pub(crate) use evaluate::UNANSWERED;

use super::rational::Rational;
use super::trace::{Judged, Trace};
use super::vocabulary::Vocabulary;
use crate::record::Record;
use crate::units::Instant;
use std::fmt;
use tree::{Predicate, Series};

/// A statement about signals that holds or not at each moment of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    condition: Predicate,
}

impl Expression {
    /// Reads `text` with the names of `known`.
    ///
    /// # Errors
    /// If it cannot be read, names something unknown or mixes units, or if it holds, or fails, whatever happens.
    pub fn parse(text: &str, known: &Vocabulary) -> Result<Self, ExpressionError> {
        let condition = bind::statement(known, text, &parser::parse(text)?)?;
        Ok(Self { text: text.trim().to_owned(), condition })
    }

    /// The same, with margins in units of `scale` (a number with a unit, such as `5%`) instead of the bound.
    ///
    /// # Errors
    /// If `scale` is not above zero or is not of the unit of every comparison.
    pub fn scaled(mut self, scale: &str) -> Result<Self, ExpressionError> {
        let (value, unit) = quantity(scale)?;
        let everything = 0..scale.len();
        if value <= Rational::ZERO {
            return Err(not_above_zero(scale));
        }
        let mut other = None;
        self.condition
            .comparisons(&mut |compare| other = other.or(Some(compare.unit).filter(|u| u.common(unit).is_none())));
        if let Some(other) = other {
            return Err(ExpressionError::new(everything, format!("the scale is {unit}, what is compared is {other}")));
        }
        let out_of_scale = |compare: &tree::Compare| {
            let bound = compare.right.constant().or_else(|| compare.left.constant())?;
            beside_its_bound(scale, value, bound, compare.unit).err()
        };
        let mut beside = None;
        self.condition.comparisons(&mut |compare| beside = beside.take().or_else(|| out_of_scale(compare)));
        if let Some(error) = beside {
            return Err(error);
        }
        self.condition.rescale(value);
        Ok(self)
    }

    /// Whether it holds, at each moment of the run, for who claims that it does: where only requests that were not
    /// answered could tell, it does not.
    ///
    /// # Errors
    /// If a number does not fit 128 bits exactly.
    pub fn evaluate(&self, record: &Record) -> Result<Trace<Judged>, Overflow> {
        evaluate::condition(&self.condition, record, Some(false))
    }

    /// The same for who claims that it does not hold: where only requests that were not answered could tell, it does.
    ///
    /// # Errors
    /// If a number does not fit 128 bits exactly.
    pub fn evaluate_denied(&self, record: &Record) -> Result<Trace<Judged>, Overflow> {
        evaluate::condition(&self.condition, record, Some(true))
    }

    /// Whether all comparisons are of one unit, so that the smallest slack among them means something: a margin over
    /// several units would hide the ones with the larger scale (Zhang et al. 2019, "scale masking").
    pub fn has_one_unit(&self) -> bool {
        let mut units = Vec::new();
        self.condition.comparisons(&mut |compare| units.push(compare.unit));
        units.windows(2).all(|pair| pair[0].common(pair[1]).is_some())
    }

    /// The signals it reads that `record` does not have.
    pub fn unrecorded(&self, record: &Record) -> Vec<&str> {
        let mut missing: Vec<&str> = self.signals();
        missing.retain(|name| record.signal(name).is_none());
        missing.dedup();
        missing
    }

    /// Every series it reads.
    fn series<'a>(&'a self, note: &mut impl FnMut(&'a Series)) {
        self.condition.comparisons(&mut |compare| {
            compare.left.leaves(note);
            compare.right.leaves(note);
        });
    }

    /// The signals it reads.
    pub fn signals(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.series(&mut |series| match series {
            Series::Signal(name) | Series::Window(_, name, _) => names.push(&**name),
            Series::Count(..) => {}
        });
        names
    }

    /// Whether it counts the event `name`.
    pub fn counts(&self, name: &str) -> bool {
        let mut found = false;
        self.series(&mut |series| found |= matches!(series, Series::Count(event, _) if event.matches(name)));
        found
    }

    /// Whether what it says of a moment rests on a time before that moment.
    pub fn looks_back(&self) -> bool {
        let mut back = false;
        self.series(&mut |series| back |= !matches!(series, Series::Signal(_)));
        back
    }

    /// The value of the first comparison's non-constant side at `at`, as printed, for reports.
    pub fn value_at(&self, record: &Record, at: Instant) -> Option<String> {
        let mut first = None;
        self.condition.comparisons(&mut |compare| first = first.or(Some(compare)));
        let compare = first?;
        let side = if compare.left.constant().is_some() { &compare.right } else { &compare.left };
        let value = evaluate::value(side, record).ok()?.at(at)?;
        Some(compare.unit.print(value))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The scale of a margin written `scale`, whose bound is `bound`.
///
/// # Errors
/// If margins in units of it could not be told apart, or compared with others.
pub(crate) fn scale_of(scale: &str, value: Rational, bound: Rational, unit: Unit) -> Result<Rational, ExpressionError> {
    if value <= Rational::ZERO { Err(not_above_zero(scale)) } else { beside_its_bound(scale, value, bound, unit) }
}

fn not_above_zero(scale: &str) -> ExpressionError {
    ExpressionError::new(0..scale.len(), "the scale must be above zero").help("leave it out: the bound is the scale")
}

fn beside_its_bound(scale: &str, value: Rational, bound: Rational, unit: Unit) -> Result<Rational, ExpressionError> {
    // Product default: what is a hundred times the bound, or a hundredth of it, makes every distance look the same.
    let far = |large: Rational, small: Rational| small.times(Rational::integer(100)).is_some_and(|most| large > most);
    let bound = bind::magnitude(bound).unwrap_or(Rational::ZERO);
    if bound.is_zero() || !(far(value, bound) || far(bound, value)) {
        return Ok(value);
    }
    let (scale_text, bound) = (scale.trim(), unit.print(bound));
    let message = format!("a scale of `{scale_text}` with a bound of {bound} makes every margin look the same");
    Err(ExpressionError::new(0..scale.len(), message).help("leave it out: the bound is the scale"))
}

/// Reads a constant such as `4h`, `99.5%` or `2 * 30s`.
pub(crate) fn quantity(text: &str) -> Result<(Rational, Unit), ExpressionError> {
    let syntax = parser::parse(text)?;
    let typed = bind::value(&Constants, text, &syntax)?;
    let error = || ExpressionError::new(0..text.len(), format!("`{text}` has no exact value"));
    Ok((typed.value.constant().ok_or_else(error)?, typed.unit))
}

/// No leaves at all.
struct Constants;

impl bind::Leaves for Constants {
    type Leaf = std::convert::Infallible;
    fn name(&self, name: &str, span: std::ops::Range<usize>) -> Result<(Self::Leaf, Unit), ExpressionError> {
        Err(ExpressionError::new(span, format!("expected a constant such as `5%` or `30s`, not `{name}`")))
    }
    fn call(&self, call: &bind::FunctionCall<'_>) -> Result<(Self::Leaf, Unit), ExpressionError> {
        let written = &call.text[call.span.clone()];
        Err(ExpressionError::new(
            call.span.clone(),
            format!("expected a constant such as `5%` or `30s`, not `{written}`"),
        ))
    }
}

#[cfg(test)]
pub(crate) mod tests;
