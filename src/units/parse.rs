//! Reading a decimal number followed by a unit, exactly, into an integer count of the smallest unit.
//!
//! Invariant: no rounding. A value that does not fit the smallest unit or 64 bits is an error, never an approximation.

use std::fmt;

/// Why a quantity could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitError {
    /// The text does not start with a decimal number.
    NotANumber,
    /// A negative quantity, where only zero and more make sense.
    Negative,
    /// The number stands without a unit where one is needed. Holds the units that would do.
    MissingUnit(&'static str),
    /// The unit is not one of those known here. Holds what was written and the units that would do.
    UnknownUnit(String, &'static str),
    /// More digits than the smallest unit can hold.
    TooPrecise,
    /// Parts of a span whose units do not fall, or a fraction in front of a further part.
    NotFalling,
    /// Larger than 64 bits of the smallest unit.
    TooLarge,
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => f.write_str("not a number"),
            Self::Negative => f.write_str("must not be negative"),
            Self::MissingUnit(units) => write!(f, "a unit is missing: one of {units}"),
            Self::UnknownUnit(unit, units) => write!(f, "unknown unit `{unit}`: one of {units}"),
            Self::TooPrecise => f.write_str("more digits than the smallest unit can represent"),
            Self::NotFalling => f.write_str("parts must go from the largest unit to the smallest, as in `13h 30m`"),
            Self::TooLarge => f.write_str("too large"),
        }
    }
}

impl std::error::Error for UnitError {}

/// Splits `text` into its leading decimal number and the trimmed rest.
pub(super) fn split(text: &str) -> Result<(&str, &str), UnitError> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(UnitError::Negative);
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(UnitError::NotANumber);
    }
    Ok((number, unit.trim()))
}

/// `number` × `scale`, exactly.
pub(super) fn scaled(number: &str, scale: u64) -> Result<u64, UnitError> {
    let digits: String = number.chars().filter(|c| *c != '_').collect();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    if fraction.contains('.') || (digits.contains('.') && fraction.is_empty()) {
        return Err(UnitError::NotANumber);
    }
    let whole: u128 = whole.parse().map_err(|_| UnitError::TooLarge)?;
    let mut total = whole.checked_mul(u128::from(scale)).ok_or(UnitError::TooLarge)?;
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        let power = u32::try_from(fraction.len()).ok().filter(|n| *n <= 18).ok_or(UnitError::TooPrecise)?;
        let denominator = 10_u128.pow(power);
        let numerator: u128 = fraction.parse::<u128>().map_err(|_| UnitError::NotANumber)? * u128::from(scale);
        if !numerator.is_multiple_of(denominator) {
            return Err(UnitError::TooPrecise);
        }
        total += numerator / denominator;
    }
    u64::try_from(total).map_err(|_| UnitError::TooLarge)
}

/// Writes `value` / `scale` as the shortest exact decimal.
pub(super) fn write_decimal(f: &mut fmt::Formatter<'_>, value: u64, scale: u64) -> fmt::Result {
    let (whole, mut rest) = (value / scale, value % scale);
    write!(f, "{whole}")?;
    if rest == 0 {
        return Ok(());
    }
    f.write_str(".")?;
    let mut unit = scale / 10;
    while rest != 0 {
        write!(f, "{}", rest / unit)?;
        rest %= unit;
        unit /= 10;
    }
    Ok(())
}
