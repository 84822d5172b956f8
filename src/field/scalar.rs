//! Reading one scalar as a quantity, with what is wrong and what would be right.

use super::decode::is_name;
use super::kind::FieldType;
use super::node::shorten;
use super::renamed::{Renamed, new_word, renamed};
use super::suggest::nearest;
use super::values::Value;
use crate::units::{Bytes, Rate, Ratio, Span, Throughput, UnitError};
use std::str::FromStr;

/// The longest span that makes sense. Longer ones are slips of the unit.
const LONGEST: Span = Span::from_secs(10 * 365 * 86_400);
/// The highest rate that makes sense: beyond what any single service is known to take.
const FASTEST: Rate = Rate::per_second(100_000_000);
/// The largest proportion that makes sense.
const LARGEST_QUOTIENT: Ratio = Ratio::from_percent(100_000);
/// The largest size that makes sense: a million terabytes.
const LARGEST_SIZE: Bytes = Bytes::new(1_000_000_000_000_000_000);

/// The slowest and the fastest that make sense: a byte an hour, and a terabyte a second.
const THROUGHPUTS: (Throughput, Throughput) =
    (Throughput::from_bits_per_hour(8), Throughput::from_bits_per_hour(8_000_000_000_000 * 3_600));

/// Why a scalar cannot stand in a field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ScalarError {
    pub code: &'static str,
    pub message: String,
    pub help: String,
}

/// Reads `text` as `ty`. `None`: the type is not one a scalar can stand for.
pub(super) fn read(ty: &FieldType, text: &str) -> Option<Result<Value, ScalarError>> {
    Some(match ty {
        FieldType::Text => Ok(Value::Text(text.to_owned())),
        FieldType::Name => name(text),
        FieldType::Flag => flag(text),
        FieldType::Count { min, max } => count(ty, text, *min, *max),
        FieldType::CountOr { words, .. } if words.contains(&text.trim()) => Ok(Value::Text(text.trim().to_owned())),
        FieldType::CountOr { min, max, .. } => count(ty, text, *min, *max),
        FieldType::Decimal { min, max } => decimal(ty, text, *min, *max),
        FieldType::Span => quantity(ty, text, Span::ZERO, LONGEST).map(Value::Span),
        FieldType::PositiveSpan => quantity(ty, text, Span::from_nanos(1), LONGEST).map(Value::Span),
        FieldType::Ratio => quantity(ty, text, Ratio::ZERO, Ratio::ONE).map(Value::Ratio),
        FieldType::Quotient => quantity(ty, text, Ratio::ZERO, LARGEST_QUOTIENT).map(Value::Ratio),
        FieldType::Rate => quantity(ty, text, Rate::from_per_million_days(1), FASTEST).map(Value::Rate),
        FieldType::RateOrZero => quantity(ty, text, Rate::ZERO, FASTEST).map(Value::Rate),
        FieldType::Bytes => quantity(ty, text, Bytes::new(0), LARGEST_SIZE).map(Value::Bytes),
        FieldType::Throughput => quantity(ty, text, THROUGHPUTS.0, THROUGHPUTS.1).map(Value::Throughput),
        FieldType::Choice(words) => choice(text, words),
        _ => return None,
    })
}

fn misread(ty: &FieldType, text: &str, why: impl std::fmt::Display) -> ScalarError {
    ScalarError {
        code: "FD0105",
        message: format!("`{}`: {why}", shorten(text)),
        help: format!("expected {}", ty.describe()),
    }
}

fn out_of_range(ty: &FieldType, text: &str, low: impl std::fmt::Display, high: impl std::fmt::Display) -> ScalarError {
    ScalarError {
        code: "FD0106",
        message: format!("`{}` is out of range: from {low} to {high}", shorten(text)),
        help: format!("expected {}", ty.describe()),
    }
}

fn quantity<T>(ty: &FieldType, text: &str, low: T, high: T) -> Result<T, ScalarError>
where
    T: FromStr<Err = UnitError> + PartialOrd + std::fmt::Display,
{
    match text.parse::<T>() {
        Ok(value) if value < low || value > high => Err(out_of_range(ty, text, low, high)),
        Ok(value) => Ok(value),
        Err(UnitError::TooLarge) => Err(out_of_range(ty, text, low, high)),
        Err(error) => Err(misread(ty, text, error)),
    }
}

fn name(text: &str) -> Result<Value, ScalarError> {
    if is_name(text) { Ok(Value::Text(text.to_owned())) } else { Err(bad_name(text)) }
}

/// What to say of a name that is none.
pub(super) fn bad_name(text: &str) -> ScalarError {
    ScalarError {
        code: "FD0110",
        message: format!("`{}` is not a name", shorten(text)),
        help: "a name has 1 to 64 letters, digits, `_`, `-` or `.` and begins with a letter or digit".to_owned(),
    }
}

fn flag(text: &str) -> Result<Value, ScalarError> {
    match text {
        "true" | "True" | "TRUE" => Ok(Value::Flag(true)),
        "false" | "False" | "FALSE" => Ok(Value::Flag(false)),
        _ => Err(misread(&FieldType::Flag, text, "neither `true` nor `false`")),
    }
}

fn choice(text: &str, words: &'static [&'static str]) -> Result<Value, ScalarError> {
    if words.contains(&text) {
        return Ok(Value::Text(text.to_owned()));
    }
    let mut help = format!("expected {}", FieldType::Choice(words).describe());
    if renamed(Renamed::Value, text).is_some() {
        help = new_word(Renamed::Value, text);
    } else if let Some(meant) = nearest(text, words.iter().copied()) {
        help.push_str(&format!("; did you mean `{meant}`?"));
    }
    Err(ScalarError { code: "FD0107", message: format!("`{}` is not a valid choice", shorten(text)), help })
}

/// A whole number, written plainly, with `k`, `M` or `G`, or with a power of ten: `1e6`.
fn count(ty: &FieldType, text: &str, min: u64, max: u64) -> Result<Value, ScalarError> {
    let not_whole = || misread(ty, text, "not a whole number");
    let digits = text.trim();
    let (digits, scale) = match digits.chars().last() {
        Some('k') => (&digits[..digits.len() - 1], 1_000_u128),
        Some('M') => (&digits[..digits.len() - 1], 1_000_000),
        Some('G') => (&digits[..digits.len() - 1], 1_000_000_000),
        _ => (digits, 1),
    };
    if digits.starts_with('-') {
        return Err(out_of_range(ty, text, min, max));
    }
    let (digits, scale) = match digits.split_once(['e', 'E']) {
        Some((digits, power)) if scale == 1 => (digits, power_of_ten(power).ok_or_else(not_whole)?),
        _ => (digits, scale),
    };
    let digits: String = digits.trim().chars().filter(|c| *c != '_').collect();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(not_whole());
    }
    // Longer numbers are beyond every range and need not be exact.
    if whole.len() > 20 {
        return Err(out_of_range(ty, text, min, max));
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 9 {
        return Err(not_whole());
    }
    let power = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let parts: u128 = format!("{whole}{fraction}").parse().map_err(|_| not_whole())?;
    let Some(scaled) = parts.checked_mul(scale) else { return Err(out_of_range(ty, text, min, max)) };
    if !scaled.is_multiple_of(power) {
        return Err(not_whole());
    }
    match u64::try_from(scaled / power) {
        Ok(value) if (min..=max).contains(&value) => Ok(Value::Count(value)),
        _ => Err(out_of_range(ty, text, min, max)),
    }
}

/// Ten to the power that is written. `None`: none that a count can have.
fn power_of_ten(written: &str) -> Option<u128> {
    let digits = written.strip_prefix('+').unwrap_or(written);
    let power = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok()).flatten()?;
    // A larger one is beyond every range; its value makes no difference.
    Some(10_u128.pow(power.min(30)))
}

fn decimal(ty: &FieldType, text: &str, min: f64, max: f64) -> Result<Value, ScalarError> {
    let number: f64 = text.trim().parse().map_err(|_| misread(ty, text, "not a number"))?;
    // Written so that NaN fails.
    if number >= min && number <= max { Ok(Value::Decimal(number)) } else { Err(out_of_range(ty, text, min, max)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: FieldType = FieldType::Count { min: 1, max: 5_000_000 };

    fn code(ty: &FieldType, text: &str) -> &'static str {
        read(ty, text).unwrap().map_or_else(|misfit| misfit.code, |_| "ok")
    }

    #[test]
    fn counts_take_multiples_and_refuse_fractions() {
        for (text, value) in [
            ("64", 64),
            ("100k", 100_000),
            ("2.5k", 2_500),
            ("1_000", 1_000),
            ("2.0", 2),
            ("1e2", 100),
            ("2.5E+3", 2_500),
        ] {
            assert_eq!(read(&COUNT, text).unwrap(), Ok(Value::Count(value)), "{text}");
        }
        for text in ["", "k", "2.5", "1.0005k", "many", "1e", "e3", "1e-3", "1.5e0", "1e3k", "5 apples", ".5k", "1.k"] {
            assert_eq!(code(&COUNT, text), "FD0105", "{text}");
        }
        for text in ["0", "-3", "6M", "1e18", "1e99", "0e5", "99999999999999999999999999", "18446744073709551616G"] {
            assert_eq!(code(&COUNT, text), "FD0106", "{text}");
        }
    }

    #[test]
    fn absurd_quantities_are_out_of_range() {
        for (ty, text) in [
            (FieldType::Span, "11000d"),
            (FieldType::Span, "99999999999999d"),
            (FieldType::PositiveSpan, "0"),
            (FieldType::Ratio, "101%"),
            (FieldType::Rate, "0/s"),
            (FieldType::Rate, "101M/s"),
            (FieldType::RateOrZero, "101M/s"),
            (FieldType::Decimal { min: 0.0, max: 4.0 }, "NaN"),
            (FieldType::Decimal { min: 0.0, max: 4.0 }, "inf"),
        ] {
            assert_eq!(code(&ty, text), "FD0106", "{ty:?} {text}");
        }
    }

    #[test]
    fn a_missing_unit_names_the_units() {
        let misfit = read(&FieldType::Span, "15").unwrap().unwrap_err();
        assert_eq!(misfit.message, "`15`: a unit is missing: one of ns, us, ms, s, m, h, d");
        assert_eq!(code(&FieldType::Flag, "yes"), "FD0105");
        assert!(read(&FieldType::Choice(&["pass", "fail"]), "pas").unwrap().unwrap_err().help.contains("`pass`"));
    }
}
