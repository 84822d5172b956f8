//! Event rates as integers.

use super::parse::{UnitError, scaled, split, write_decimal};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const UNITS: &str = "/s, /m, /h, with k, M or G before the slash";

/// How often something happens. Unit: events per million seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(u64);

impl Rate {
    /// Never.
    pub const ZERO: Self = Self(0);

    /// `n` events per second. Panics if it exceeds 64 bits of events per million seconds.
    pub const fn per_second(n: u64) -> Self {
        Self(n * 1_000_000)
    }
    /// `n` events per million seconds.
    pub const fn from_per_million_seconds(n: u64) -> Self {
        Self(n)
    }
    /// Events per million seconds.
    pub const fn per_million_seconds(self) -> u64 {
        self.0
    }
    /// Events per second, for samplers and reports.
    pub fn as_per_second_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
    /// Nanoseconds between two events at this rate, rounded down; `None` when nothing ever happens.
    pub fn interval_nanos(self) -> Option<u64> {
        1_000_000_000_000_000_u64.checked_div(self.0)
    }
}

impl FromStr for Rate {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let (multiple, per) = unit.split_once('/').ok_or(UnitError::MissingUnit(UNITS))?;
        let multiple = match multiple.trim() {
            "" => 1,
            "k" => 1_000,
            "M" => 1_000_000,
            "G" => 1_000_000_000,
            _ => return Err(UnitError::UnknownUnit(unit.to_owned(), UNITS)),
        };
        let seconds = match per.trim() {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3_600,
            _ => return Err(UnitError::UnknownUnit(unit.to_owned(), UNITS)),
        };
        let millionths = scaled(number, multiple * 1_000_000)?;
        if millionths.is_multiple_of(seconds) { Ok(Self(millionths / seconds)) } else { Err(UnitError::TooPrecise) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0, 1_000_000)?;
        f.write_str("/s")
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_read_and_print() {
        for (text, millionths, printed) in [
            ("500/s", 500_000_000, "500/s"),
            ("2k/s", 2_000_000_000, "2000/s"),
            ("0.5/s", 500_000, "0.5/s"),
            ("30/m", 500_000, "0.5/s"),
            ("1.5M/s", 1_500_000_000_000, "1500000/s"),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.per_million_seconds(), rate.to_string().as_str()), (millionths, printed), "{text}");
            assert_eq!(printed.parse::<Rate>(), Ok(rate));
        }
        assert_eq!("500".parse::<Rate>(), Err(UnitError::MissingUnit(UNITS)));
        assert_eq!(Rate::per_second(500).interval_nanos(), Some(2_000_000));
        assert_eq!(Rate::ZERO.interval_nanos(), None);
    }
}
