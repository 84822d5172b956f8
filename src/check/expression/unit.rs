//! What the values of an expression count, and which units go together.
//!
//! Inside an expression time is in seconds and a proportion in parts of one, so that no operation needs a factor.

use super::error::ExpressionError;
use super::evaluate::UNANSWERED;
use super::syntax::Operator;
use crate::check::rational::Rational;
use crate::record::SignalUnit;
use crate::units::{Rate, Ratio, Span, decimal_length};
use std::fmt;
use std::ops::Range;

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A proportion: one is the whole.
    Ratio,
    /// Seconds.
    Time,
    /// A count of things.
    Count,
    /// Events per second.
    PerSecond,
    /// A number without a unit, which goes with a count. It is no proportion: `5` may mean 5 % or 500 %.
    Number,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ratio => "a share",
            Self::Time => "a time",
            Self::Count => "a count",
            Self::PerSecond => "a rate per second",
            Self::Number => "a plain number",
        })
    }
}

impl From<SignalUnit> for Unit {
    fn from(unit: SignalUnit) -> Self {
        match unit {
            SignalUnit::Ratio => Self::Ratio,
            SignalUnit::Nanoseconds => Self::Time,
            SignalUnit::Count => Self::Count,
            SignalUnit::PerSecond => Self::PerSecond,
        }
    }
}

impl Unit {
    /// The unit of a sum, a difference or a comparison of both, if there is one.
    pub fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Self::Number, Self::Count) | (Self::Count, Self::Number) => Some(Self::Count),
            (_, Self::Number) => mutant!("a_bare_number_has_any_unit": None => Some(self)),
            _ => mutant!("units_need_not_agree": None => Some(self)),
        }
    }

    /// The unit of a product or quotient, if it has one here.
    pub fn combined(self, operator: Operator, other: Self) -> Option<Self> {
        use Unit::{Count, Number, PerSecond, Ratio, Time};
        match (operator, self, other) {
            (Operator::Divide, Number, Number) => Some(Number),
            (Operator::Divide, a, b) if a == b => Some(mutant!("a_quotient_keeps_its_unit": Ratio => a)),
            (Operator::Divide, Number | Count, Time) => Some(PerSecond),
            (Operator::Divide, Number | Count, PerSecond) => Some(Time),
            (Operator::Multiply, Time, PerSecond) | (Operator::Multiply, PerSecond, Time) => Some(Count),
            (Operator::Multiply, Number, b) => Some(b),
            (Operator::Multiply, Ratio, Count) => Some(Count),
            (Operator::Divide | Operator::Multiply, a, Number | Ratio) => Some(a),
            (Operator::Divide | Operator::Multiply, a, Count) if a != Count => Some(a),
            (Operator::Multiply, Ratio | Count, b) => Some(b),
            _ => None,
        }
    }

    /// `value` as it is printed in reports: a time exactly, anything else to six significant
    /// digits.
    pub fn print(self, value: Rational) -> String {
        match self {
            Self::Time if value >= UNANSWERED => "longer than any (not answered)".to_owned(),
            Self::Time => time(value),
            Self::Ratio => value.times(Rational::integer(100)).map_or_else(String::new, |v| format!("{}%", decimal(v))),
            Self::PerSecond => format!("{}/s", decimal(value)),
            Self::Count | Self::Number => decimal(value),
        }
    }
}

/// Reads a number with its unit.
pub(super) fn literal(text: &str, span: Range<usize>) -> Result<(Rational, Unit), ExpressionError> {
    let read = match &text[decimal_length(text)..] {
        "" => Ratio::scan(text).map(|r| (r, Unit::Number)),
        "k" | "M" | "G" => Rate::scan(&format!("{text}/s")).map(|r| (r, Unit::Count)),
        "%" | "ppm" | "ppb" => Ratio::scan(text).map(|r| (r, Unit::Ratio)),
        unit if unit.contains('/') => Rate::scan(text).map(|r| (r, Unit::PerSecond)),
        _ => Span::scan(text).map(|r| (r, Unit::Time)),
    };
    read.map_err(|problem| {
        let error = ExpressionError::new(span, format!("cannot read `{text}`: {problem}"));
        error.help("write `500ms`, `99.5%`, `10/s` or a plain number")
    })
}

/// A quantity that can be read into a rational of its base unit.
trait Scan: std::str::FromStr {
    fn rational(self) -> Rational;
    fn scan(text: &str) -> Result<Rational, Self::Err> {
        text.parse::<Self>().map(Self::rational)
    }
}

/// Parts of `parts`, which is positive.
fn of(part: u64, parts: i128) -> Rational {
    Rational::new(i128::from(part), parts).unwrap_or(Rational::ZERO)
}

impl Scan for Ratio {
    fn rational(self) -> Rational {
        of(self.as_ppb(), 1_000_000_000)
    }
}
impl Scan for Rate {
    fn rational(self) -> Rational {
        of(self.per_million_days(), 86_400_000_000)
    }
}
impl Scan for Span {
    fn rational(self) -> Rational {
        of(self.as_nanos(), 1_000_000_000)
    }
}

/// A span, rounded for reading, if it is one; otherwise seconds.
fn time(seconds: Rational) -> String {
    let nanos = seconds.times(Rational::integer(1_000_000_000)).map(Rational::lowest_terms);
    match nanos.map(|(part, whole)| (u64::try_from(part), whole)) {
        Some((Ok(nanos), 1)) => format!("{:#}", Span::from_nanos(nanos)),
        _ => format!("{}s", decimal(seconds)),
    }
}

/// A decimal, cut (not rounded: 99.9999 % is never shown as the whole) after six significant digits.
fn decimal(value: Rational) -> String {
    const ENOUGH: u128 = 100_000;
    let (part, whole) = value.lowest_terms();
    let (sign, part, whole) = (if part < 0 { "-" } else { "" }, part.unsigned_abs(), whole.unsigned_abs());
    let mut rest = part % whole;
    let mut digits = part / whole;
    let mut decimals = String::new();
    while rest != 0 && digits < ENOUGH && decimals.len() < 12 {
        let Some(next) = rest.checked_mul(10) else { break };
        let digit = next / whole;
        decimals.push_str(&digit.to_string());
        digits = digits * 10 + digit;
        rest = next % whole;
    }
    let decimals = decimals.trim_end_matches('0');
    let dot = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{}{dot}{decimals}", part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_keep_every_digit() {
        let read = |text: &str| literal(text, 0..0).unwrap();
        assert_eq!(read("99.5%"), (Rational::new(995, 1000).unwrap(), Unit::Ratio));
        assert_eq!(read("500ms"), (Rational::new(1, 2).unwrap(), Unit::Time));
        assert_eq!(read("30/min"), (Rational::new(1, 2).unwrap(), Unit::PerSecond));
        assert_eq!(read("1e-6/s"), (Rational::new(1, 1_000_000).unwrap(), Unit::PerSecond));
        assert_eq!(read("0.99"), (Rational::new(99, 100).unwrap(), Unit::Number));
        assert_eq!(read("10k"), (Rational::integer(10_000), Unit::Count));
        assert!(literal("5parsecs", 3..11).unwrap_err().message.starts_with("cannot read `5parsecs`"));
    }

    #[test]
    fn values_print_short_and_exact() {
        let q = |a, b| Rational::new(a, b).unwrap();
        assert_eq!(Unit::Ratio.print(q(995, 1000)), "99.5%");
        assert_eq!(Unit::Time.print(q(-3, 2)), "-1.5s");
        assert_eq!(Unit::Time.print(q(900, 1)), "15m");
        assert_eq!(Unit::Ratio.print(q(2, 3)), "66.6666%");
        assert_eq!(Unit::Count.print(q(12, 1)), "12");
        assert_eq!(Unit::PerSecond.print(q(1, 3)), "0.333333/s");
    }
}
