//! Proportions as integers, so that a threshold is compared exactly and never by rounding.

use super::parse::{UnitError, scaled, split, write_decimal};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

const UNITS: &str = "%, ppm, ppb";

/// A proportion. Unit: parts per billion. May exceed one where a quotient may ("latency at 200 % of baseline").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ratio(u64);

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE: Self = Self(1_000_000_000);

    /// `ppb` parts per billion.
    pub const fn from_ppb(ppb: u64) -> Self {
        Self(ppb)
    }
    /// `percent` parts per hundred.
    pub const fn from_percent(percent: u64) -> Self {
        Self(percent * 10_000_000)
    }
    /// Parts per billion.
    pub const fn as_ppb(self) -> u64 {
        self.0
    }
    /// As a fraction of one, for reports and statistics only.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// Compares `part` / `whole` with this ratio by cross-multiplication, exactly. `None` when `whole` is zero.
    pub fn compare_to_quotient(self, part: u64, whole: u64) -> Option<std::cmp::Ordering> {
        (whole != 0).then(|| (u128::from(part) * 1_000_000_000).cmp(&(u128::from(self.0) * u128::from(whole))))
    }
    /// The ratio itself, or one if it is larger.
    pub fn at_most_one(self) -> Self {
        self.min(Self::ONE)
    }
}

impl FromStr for Ratio {
    type Err = UnitError;
    /// Reads `10%`, `250ppm`, `40ppb`, or a plain fraction such as `0.1`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let scale = match unit {
            "%" => 10_000_000,
            "ppm" => 1_000,
            "ppb" => 1,
            "" => 1_000_000_000,
            other => return Err(UnitError::UnknownUnit(other.to_owned(), UNITS)),
        };
        scaled(number, scale).map(Self)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0, 10_000_000)?;
        f.write_str("%")
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads what it is written as, exactly.
impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn ratios_read_and_print() {
        for (text, ppb, printed) in [
            ("10%", 100_000_000, "10%"),
            ("0.1", 100_000_000, "10%"),
            ("99.95%", 999_500_000, "99.95%"),
            ("250ppm", 250_000, "0.025%"),
            ("200%", 2_000_000_000, "200%"),
        ] {
            let ratio: Ratio = text.parse().unwrap();
            assert_eq!((ratio.as_ppb(), ratio.to_string().as_str()), (ppb, printed), "{text}");
            assert_eq!(printed.parse::<Ratio>(), Ok(ratio));
        }
    }

    #[test]
    fn a_quotient_exactly_on_the_threshold_is_equal_to_it() {
        let third = Ratio::from_ppb(333_333_333);
        assert_eq!(Ratio::from_percent(10).compare_to_quotient(1, 10), Some(Ordering::Equal));
        assert_eq!(third.compare_to_quotient(1, 3), Some(Ordering::Greater));
        assert_eq!(third.compare_to_quotient(0, 0), None);
    }
}
