//! How fast data move, as integers.

use super::bytes::Bytes;
use super::parse::{UnitError, scaled, split, write_decimal};
use super::time::Span;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const UNITS: &str = "bit, kbit, Mbit, Gbit, B, kB, MB, GB, TB, each per s or h: `60Mbit/s`, `100GB/h`";

const HOUR: u64 = 3_600;

/// Bits in one of each amount.
const AMOUNTS: [(&str, u64); 9] = [
    ("bit", 1),
    ("kbit", 1_000),
    ("Mbit", 1_000_000),
    ("Gbit", 1_000_000_000),
    ("B", 8),
    ("kB", 8_000),
    ("MB", 8_000_000),
    ("GB", 8_000_000_000),
    ("TB", 8_000_000_000_000),
];

/// An amount of data per time. Unit: bits per hour, so that `60Mbit/s` and `100GB/h` are both exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Throughput(u64);

impl Throughput {
    /// `n` bits per hour.
    pub const fn from_bits_per_hour(n: u64) -> Self {
        Self(n)
    }

    /// How long `bytes` take, rounded up to a nanosecond; [`Span::MAX`] if nothing moves or it takes longer than that.
    pub fn time_for(self, bytes: Bytes) -> Span {
        let bit_hours = u128::from(bytes.get()) * 8 * u128::from(HOUR) * 1_000_000_000;
        match self.0 {
            0 => Span::MAX,
            rate => Span::from_nanos(u64::try_from(bit_hours.div_ceil(u128::from(rate))).unwrap_or(u64::MAX)),
        }
    }
}

impl FromStr for Throughput {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        let unknown = || UnitError::UnknownUnit(unit.to_owned(), UNITS);
        let (amount, per) = unit.split_once('/').ok_or(UnitError::MissingUnit(UNITS))?;
        let (_, bits) = AMOUNTS.into_iter().find(|(name, _)| *name == amount.trim()).ok_or_else(unknown)?;
        let per_hour = match per.trim() {
            "s" => bits * HOUR,
            "h" => bits,
            _ => return Err(unknown()),
        };
        scaled(number, per_hour).map(Self)
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Per second where that is exact, else per hour.
        let (value, scale, unit) = match (self.0.is_multiple_of(HOUR), self.0.is_multiple_of(8)) {
            (true, _) => (self.0 / HOUR, 1_000_000, "Mbit/s"),
            (false, true) => (self.0 / 8, 1_000_000_000, "GB/h"),
            (false, false) => (self.0, 1, "bit/h"),
        };
        write_decimal(f, value, scale)?;
        f.write_str(unit)
    }
}

impl Serialize for Throughput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throughputs_read_and_print() {
        for (text, bits_per_hour, printed) in [
            ("60Mbit/s", 216_000_000_000, "60Mbit/s"),
            ("7.5MB/s", 216_000_000_000, "60Mbit/s"),
            ("100GB/h", 800_000_000_000, "100GB/h"),
            ("1bit/h", 1, "1bit/h"),
            ("0.5 kbit/s", 1_800_000, "0.0005Mbit/s"),
        ] {
            let rate: Throughput = text.parse().unwrap();
            assert_eq!((rate.0, rate.to_string().as_str()), (bits_per_hour, printed), "{text}");
            assert_eq!(printed.parse::<Throughput>(), Ok(rate), "{printed}");
        }
        assert_eq!("60".parse::<Throughput>(), Err(UnitError::MissingUnit(UNITS)));
        assert_eq!("60Mb/s".parse::<Throughput>(), Err(UnitError::UnknownUnit("Mb/s".into(), UNITS)));
    }

    #[test]
    fn an_amount_takes_its_size_over_the_rate() {
        let at = |rate: &str, size: &str| rate.parse::<Throughput>().unwrap().time_for(size.parse().unwrap());
        assert_eq!(at("60Mbit/s", "300GB"), Span::from_secs(40_000));
        assert_eq!(at("100GB/h", "300GB"), Span::from_secs(3 * 3_600));
        assert_eq!(at("1bit/h", "1B"), Span::from_secs(8 * 3_600));
        assert_eq!(Throughput::default().time_for(Bytes::new(1)), Span::MAX);
    }
}
