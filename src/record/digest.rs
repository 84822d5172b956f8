//! The fingerprint of a run.
//!
//! Each semantic transition (time, kind, entity, request, outcome) is hashed on its own and the hashes are summed, so
//! the digest does not depend on the order in which an engine discovers transitions of one run: time is part of what
//! is hashed. Slots, sequence numbers and skipped timers never enter.

use super::event::Event;
use crate::units::Instant;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Raised whenever the meaning of a digest changes, so that an old one is refused instead of compared.
pub const DIGEST_FORMAT: u32 = 2;

/// An order-independent fingerprint over semantic transitions: sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema), schemars(extend("pattern" = "^[0-9a-f]{16}$")))]
pub struct Digest(#[cfg_attr(feature = "report", schemars(with = "String"))] u64);

impl Digest {
    /// Adds one transition. `kind` is a small stable number of the transition's kind.
    #[inline(always)]
    pub fn note(&mut self, at: Instant, kind: u16, entity: u32, request: u64, outcome: u16) {
        let what = (u64::from(kind) << 48) | (u64::from(outcome) << 32) | u64::from(entity);
        self.0 = self.0.wrapping_add(mix(at.as_nanos() ^ mix(what ^ mix(request))));
    }

    /// Adds an event: the facts, and not the words.
    pub fn note_event(&mut self, at: Instant, event: &Event) {
        self.0 = self.0.wrapping_add(mix(at.as_nanos() ^ mix(event.imprint().hash())));
    }

    /// Adds one transition whose entity is known by name.
    pub fn note_text(&mut self, at: Instant, text: &str) {
        let hash =
            text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        self.0 = self.0.wrapping_add(mix(at.as_nanos() ^ mix(hash)));
    }

    /// Reads the sixteen hexadecimal digits a digest prints as.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection in which each input bit moves half the output.
const fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wanted = "16 hexadecimal digits";
        Self::parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(transitions: &[(u64, u16, u64)]) -> Digest {
        let mut digest = Digest::default();
        for (at, kind, request) in transitions {
            digest.note(Instant::from_nanos(*at), *kind, 0, *request, 0);
        }
        digest
    }

    #[test]
    fn order_of_discovery_does_not_matter_but_time_does() {
        assert_eq!(of(&[(1, 1, 7), (2, 1, 8)]), of(&[(2, 1, 8), (1, 1, 7)]));
        assert_ne!(of(&[(1, 1, 7), (2, 1, 8)]), of(&[(2, 1, 7), (1, 1, 8)]));
        assert_ne!(of(&[(1, 1, 7)]), of(&[(1, 1, 7), (1, 1, 7)]));
    }

    #[test]
    fn a_digest_reads_back_as_printed() {
        let digest = of(&[(5, 2, 9)]);
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse("xyz"), None);
        assert_eq!(serde_json::from_value::<Digest>(serde_json::json!(digest)).unwrap(), digest);
        assert!(serde_json::from_str::<Digest>("\"xyz\"").is_err());
    }
}
