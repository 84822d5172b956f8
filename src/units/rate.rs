//! Event rates as integers.

use super::parse::{UnitError, scaled, split, write_decimal};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const UNITS: &str = "/s, /m, /h, /d, with k, M or G before the slash";

/// Seconds of a day: what every unit of time of a rate divides.
const DAY: u64 = 86_400;

/// How often something happens. Unit: events per million days, so that `2/h` and `0.3/d` are exact, as `500/s` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(u64);

impl Rate {
    /// Never.
    pub const ZERO: Self = Self(0);

    /// `n` events per second. Panics if it exceeds 64 bits of events per million seconds.
    pub const fn per_second(n: u64) -> Self {
        Self(n * 1_000_000 * DAY)
    }
    /// `n` events per million days.
    pub const fn from_per_million_days(n: u64) -> Self {
        Self(n)
    }
    /// Events per million days.
    pub const fn per_million_days(self) -> u64 {
        self.0
    }
    /// Nanoseconds between two events at this rate, rounded down, at most [`u64::MAX`]; `None` when nothing ever happens.
    pub fn interval_nanos(self) -> Option<u64> {
        const MILLION_DAYS: u128 = 1_000_000_000_000_000 * DAY as u128;
        let nanos = MILLION_DAYS.checked_div(u128::from(self.0))?;
        Some(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl FromStr for Rate {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let (multiple, per) = unit.split_once('/').ok_or(UnitError::MissingUnit(UNITS))?;
        let multiple: u64 = match multiple.trim() {
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
            "d" => DAY,
            _ => return Err(UnitError::UnknownUnit(unit.to_owned(), UNITS)),
        };
        let per_day = multiple.checked_mul(1_000_000 * (DAY / seconds)).ok_or(UnitError::TooLarge)?;
        scaled(number, per_day).map(Self)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Per second where that is exact, else per the first unit of which it is a whole number.
        let whole = |scale: u64| self.0.is_multiple_of(scale * 1_000_000);
        let (scale, unit) = match self.0.is_multiple_of(DAY) {
            true => (DAY, "/s"),
            false if whole(DAY / 60) => (DAY / 60, "/m"),
            false if whole(DAY / 3_600) => (DAY / 3_600, "/h"),
            false => (1, "/d"),
        };
        write_decimal(f, self.0 / scale, 1_000_000)?;
        f.write_str(unit)
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
        for (text, per_day, printed) in [
            ("500/s", 43_200_000.0, "500/s"),
            ("2k/s", 172_800_000.0, "2000/s"),
            ("0.5/s", 43_200.0, "0.5/s"),
            ("30/m", 43_200.0, "0.5/s"),
            ("1.5M/s", 129_600_000_000.0, "1500000/s"),
            ("1/m", 1_440.0, "1/m"),
            ("2/h", 48.0, "2/h"),
            ("0.3/d", 0.3, "0.3/d"),
            ("100M/s", 8_640_000_000_000.0, "100000000/s"),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.per_million_days(), (per_day * 1e6) as u64, "{text}");
            assert_eq!(rate.to_string(), printed, "{text}");
            assert_eq!(printed.parse::<Rate>(), Ok(rate));
        }
        assert_eq!("500".parse::<Rate>(), Err(UnitError::MissingUnit(UNITS)));
        assert_eq!(Rate::per_second(500).interval_nanos(), Some(2_000_000));
        assert_eq!("2/h".parse::<Rate>().unwrap().interval_nanos(), Some(1_800_000_000_000));
        assert_eq!("0.000001/d".parse::<Rate>().unwrap().interval_nanos(), Some(u64::MAX));
        assert_eq!(Rate::ZERO.interval_nanos(), None);
        for (text, error) in [("900M/s", UnitError::TooLarge), ("9G/s", UnitError::TooLarge)] {
            assert_eq!(text.parse::<Rate>(), Err(error), "{text}");
        }
    }
}
