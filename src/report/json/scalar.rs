//! Single values of `results.json`, each of which reads back as what was written.
//!
//! Owns how a time, a figure, a 64-bit number and a verdict stand in the file. Invariant: what is read and written again
//! is the same text; times up to [`EXACT`] read back to the nanosecond.

use crate::outcome::Verdict;
use crate::record::Digest;
use crate::report::text::six_digits;
use crate::units::{Instant, Span};
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest time that surely reads back to the nanosecond: 2^22 s, 48 days. A 64-bit float tells half a nanosecond
/// apart there; far beyond, neighbouring nanoseconds share a number of seconds, and reading takes one of them.
pub(super) const EXACT: Span = Span::from_secs(1 << 22);

/// A time in seconds. Nanoseconds over 1e9 are correctly rounded, so the shortest decimal is the exact one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seconds(pub Span);

/// A moment in seconds since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(pub Instant);

/// A computed figure: six significant digits, or null if it is not a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure(pub f64);

/// A figure from which others are computed again: twelve significant digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Precise(pub f64);

/// A number that needs all its 64 bits: decimal, in a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wide(pub u64);

/// A verdict, as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer(pub Verdict);

/// A digest: sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(pub Digest);

impl Figure {
    /// A figure that may be none: also where it is infinite.
    pub(super) fn of(x: Option<f64>) -> Option<Self> {
        x.filter(|x| x.is_finite()).map(Self)
    }

    /// What was read, to the digits that are kept.
    pub(super) fn value(read: Option<Self>) -> Option<f64> {
        read.map(|figure| six_digits(figure.0))
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if !(0.0..=Span::MAX.as_secs_f64()).contains(&seconds) {
            let wanted = "a number of seconds that is not negative";
            return Err(D::Error::invalid_value(Unexpected::Float(seconds), &wanted));
        }
        Ok(Self(nearest(seconds)))
    }
}

/// The span that is written as `seconds`, if there is one; else the nearest.
fn nearest(seconds: f64) -> Span {
    let near = (seconds * 1e9 + 0.5).floor() as u64;
    // What a float of 53 significant bits can tell apart there.
    let step = 1 << (u64::BITS - near.leading_zeros()).saturating_sub(53);
    let candidates = [near, near.saturating_sub(step), near.saturating_add(step)].map(Span::from_nanos);
    candidates.into_iter().find(|span| span.as_secs_f64() == seconds).unwrap_or(candidates[0])
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Seconds(self.0.since(Instant::ZERO)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Seconds(since) = Seconds::deserialize(deserializer)?;
        Ok(Self(Instant::ZERO.saturating_add(since)))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(six_digits(self.0))
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The last bit of a parsed number is not to be trusted; rounding again makes it the one that was written.
        f64::deserialize(deserializer).map(|x| Self(six_digits(x)))
    }
}

impl Precise {
    fn rounded(self) -> f64 {
        format!("{:.11e}", self.0).parse().unwrap_or(self.0)
    }
}

impl Serialize for Precise {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.rounded())
    }
}

impl<'de> Deserialize<'de> for Precise {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(|x| Self(Self(x).rounded()))
    }
}

impl Serialize for Wide {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Wide {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wanted = "a number below 2^64 in quotes";
        text.parse().map(Self).map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &wanted))
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive];
        one_of(deserializer, &verdicts, "pass, fail or inconclusive").map(Self)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wanted = "16 hexadecimal digits";
        Digest::parse(&text).map(Self).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &wanted))
    }
}

/// The one of `all` that prints as the text.
pub(super) fn one_of<'de, D, T>(deserializer: D, all: &[T], wanted: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: ToString + Copy,
{
    let text = String::deserialize(deserializer)?;
    let found = all.iter().find(|one| one.to_string() == text);
    found.copied().ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again<T: Serialize + for<'a> Deserialize<'a>>(value: T) -> T {
        serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn times_figures_and_wide_numbers_read_back(ns in 0..=EXACT.as_nanos(), wide: u64, margin in -1e9..1e9_f64) {
            prop_assert_eq!(again(Seconds(Span::from_nanos(ns))).0.as_nanos(), ns);
            let seconds = Span::from_nanos(wide).as_secs_f64();
            prop_assert_eq!(nearest(seconds).as_secs_f64(), seconds);
            prop_assert_eq!(again(Moment(Instant::from_nanos(ns))).0.as_nanos(), ns);
            prop_assert_eq!(again(Wide(wide)).0, wide);
            prop_assert_eq!(again(Figure(margin)).0, six_digits(margin));
            let precise = again(Precise(margin));
            prop_assert!((precise.0 - margin).abs() <= 1e-11 * margin.abs());
            prop_assert_eq!(again(precise), precise);
        }
    }

    #[test]
    fn the_longest_time_and_its_neighbours_read_back() {
        for back in 0..1_000 {
            let span = Span::from_nanos(EXACT.as_nanos() - back);
            assert_eq!(again(Seconds(span)).0, span);
        }
    }

    #[test]
    fn what_no_run_can_have_written_is_refused() {
        for bad in ["-1", "1e300", "18446744074", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Seconds>(bad).is_err(), "{bad}");
        }
        for bad in ["7", "\"\"", "\"-1\"", "\"18446744073709551616\""] {
            assert!(serde_json::from_str::<Wide>(bad).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<Answer>("\"PASS\"").is_err());
        assert!(serde_json::from_str::<Fingerprint>("\"xyz\"").is_err());
    }
}
