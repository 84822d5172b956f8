//! Sizes of data.

use super::parse::{UnitError, scaled, split, write_decimal};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

const UNITS: &str = "B, kB, MB, GB, TB (decimal)";

/// An amount of data. Unit: bytes, decimal multiples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes(u64);

impl Bytes {
    /// `n` bytes.
    pub const fn new(n: u64) -> Self {
        Self(n)
    }
    /// The number of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }
}

const MULTIPLES: [(u64, &str); 5] =
    [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"), (1, "B")];

impl FromStr for Bytes {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = split(text)?;
        if unit.is_empty() {
            return Err(UnitError::MissingUnit(UNITS));
        }
        let (scale, _) = MULTIPLES
            .into_iter()
            .find(|(_, name)| *name == unit)
            .ok_or_else(|| UnitError::UnknownUnit(unit.to_owned(), UNITS))?;
        scaled(number, scale).map(Self)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scale, unit) = MULTIPLES.into_iter().find(|(scale, _)| self.0 >= *scale).unwrap_or((1, "B"));
        write_decimal(f, self.0, scale)?;
        f.write_str(unit)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads what it is written as, exactly.
impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_and_print() {
        for (text, bytes, printed) in [("300GB", 300_000_000_000, "300GB"), ("1.5 kB", 1_500, "1.5kB"), ("0B", 0, "0B")]
        {
            let size: Bytes = text.parse().unwrap();
            assert_eq!((size.get(), size.to_string().as_str()), (bytes, printed), "{text}");
        }
        assert_eq!("5".parse::<Bytes>(), Err(UnitError::MissingUnit(UNITS)));
        assert_eq!("5GiB".parse::<Bytes>(), Err(UnitError::UnknownUnit("GiB".into(), UNITS)));
    }
}
