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

/// The length of the decimal number that `text` begins with, its exponent included: that of `2.5e-3` in `2.5e-3/s`.
pub fn decimal_length(text: &str) -> usize {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let Some(exponent) = text[digits..].strip_prefix(['e', 'E']).filter(|_| digits > 0) else { return digits };
    let sign = usize::from(exponent.starts_with(['+', '-']));
    let figures = exponent[sign..].find(|c: char| !c.is_ascii_digit()).unwrap_or(exponent.len() - sign);
    if figures == 0 { digits } else { digits + 1 + sign + figures }
}

/// Splits `text` into its leading decimal number and the trimmed rest.
pub(super) fn split(text: &str) -> Result<(&str, &str), UnitError> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(UnitError::Negative);
    }
    let (number, unit) = text.split_at(decimal_length(text));
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(UnitError::NotANumber);
    }
    Ok((number, unit.trim()))
}

/// `number` × `scale`, exactly.
pub(super) fn scaled(number: &str, scale: u64) -> Result<u64, UnitError> {
    let digits: String = number.chars().filter(|c| *c != '_').collect();
    let (digits, exponent) = digits.split_once(['e', 'E']).unwrap_or((&digits, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.contains('.') || (digits.contains('.') && fraction.is_empty()) {
        return Err(UnitError::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let figures: u128 = format!("{whole}{fraction}").parse().map_err(|_| UnitError::TooLarge)?;
    let total = figures.checked_mul(u128::from(scale)).ok_or(UnitError::TooLarge)?;
    if total == 0 {
        return Ok(0);
    }
    let tiny = exponent.starts_with('-');
    let exponent: i64 = exponent.parse().map_err(|_| if tiny { UnitError::TooPrecise } else { UnitError::TooLarge })?;
    let power = exponent.saturating_sub(fraction.len() as i64);
    let of_ten = u32::try_from(power.unsigned_abs()).ok().and_then(|power| 10_u128.checked_pow(power));
    let total = match of_ten {
        Some(of_ten) if power >= 0 => total.checked_mul(of_ten).ok_or(UnitError::TooLarge)?,
        Some(of_ten) if total.is_multiple_of(of_ten) => total / of_ten,
        None if power >= 0 => return Err(UnitError::TooLarge),
        Some(_) | None => return Err(UnitError::TooPrecise),
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_moves_the_point_and_nothing_is_rounded() {
        let read = |text: &str| split(text).and_then(|(number, _)| scaled(number, 1_000_000_000));
        for (text, value) in [
            ("1e-9", 1),
            ("2.5e3", 2_500_000_000_000),
            ("1_000E+2", 100_000_000_000_000),
            ("0e99", 0),
            ("25e-1", 2_500_000_000),
        ] {
            assert_eq!(read(text), Ok(value), "{text}");
        }
        assert_eq!(read("1e-10"), Err(UnitError::TooPrecise));
        assert_eq!(read("1e-99999999999999999999"), Err(UnitError::TooPrecise));
        assert_eq!(read("1e11"), Err(UnitError::TooLarge));
        assert_eq!(read("1e99999999999999999999"), Err(UnitError::TooLarge));
        assert_eq!(split("1e-3/s"), Ok(("1e-3", "/s")));
        assert_eq!(split("3 events"), Ok(("3", "events")), "no exponent without a figure");
        assert_eq!(split("e3"), Err(UnitError::NotANumber));
    }
}
