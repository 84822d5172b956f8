//! How values of a record stand in files of results, where that is more or other than what is kept of them.
//!
//! Refuses to know the files. Invariant: what is read and written again is the same text.

use crate::units::Form;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many operations a fault affected, and whether that is any.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
pub(super) struct Hits {
    /// Whether it affected any operation.
    bit: bool,
    /// How many operations it affected. Zero means that it did not bite and proves nothing.
    hits: u64,
}

/// The digest of a copy's content: 32 hexadecimal digits, comparable at equal epoch and position only.
#[cfg_attr(feature = "report", derive(schemars::JsonSchema), schemars(extend("pattern" = "^[0-9a-f]{32}$")))]
pub(super) struct ContentDigest(#[cfg_attr(feature = "report", schemars(with = "String"))] u128);

impl Form<u64> for Hits {
    fn of(hits: &u64) -> Self {
        Self { bit: *hits > 0, hits: *hits }
    }
    fn value(self) -> u64 {
        self.hits
    }
}

impl Form<u128> for ContentDigest {
    fn of(digest: &u128) -> Self {
        Self(*digest)
    }
    fn value(self) -> u128 {
        self.0
    }
}

impl Serialize for ContentDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for ContentDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digest = u128::from_str_radix(&text, 16);
        digest.map(Self).map_err(|_| D::Error::custom("the digest of a copy is 32 hexadecimal digits"))
    }
}
