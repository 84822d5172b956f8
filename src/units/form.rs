//! How quantities stand in files of results, where that is not how they are printed.
//!
//! Owns the forms, and the way to name one on a field: `#[serde(with = "As::<Option<Seconds>>")]` writes it, reads it and
//! describes it. Refuses to know the files.
//!
//! Invariant: what is read and written again is the same text; times up to [`EXACT`] read back to the nanosecond.

use super::{Instant, Ratio, Span};
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::marker::PhantomData;

/// The longest time that surely reads back to the nanosecond: 2^22 s, 48 days. A 64-bit float tells half a nanosecond
/// apart there; far beyond, neighbouring nanoseconds share a number of seconds, and reading takes one of them.
pub const EXACT: Span = Span::from_secs(1 << 22);

/// How values of `V` stand in a file.
pub trait Form<V>: Sized {
    /// What is written of `value`.
    fn of(value: &V) -> Self;
    /// What was read.
    fn value(self) -> V;
}

impl<V, F: Form<V>> Form<Option<V>> for Option<F> {
    fn of(value: &Option<V>) -> Self {
        value.as_ref().map(F::of)
    }
    fn value(self) -> Option<V> {
        self.map(F::value)
    }
}

/// A field in the form `F`.
pub struct As<F>(PhantomData<F>);

impl<F> As<F> {
    /// Writes `value`.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<V, S>(value: &V, serializer: S) -> Result<S::Ok, S::Error>
    where
        F: Form<V> + Serialize,
        S: Serializer,
    {
        F::of(value).serialize(serializer)
    }

    /// Reads a value.
    ///
    /// # Errors
    /// What is not of the form.
    pub fn deserialize<'de, V, D>(deserializer: D) -> Result<V, D::Error>
    where
        F: Form<V> + Deserialize<'de>,
        D: Deserializer<'de>,
    {
        F::deserialize(deserializer).map(F::value)
    }
}

#[cfg(feature = "report")]
impl<F: schemars::JsonSchema> schemars::JsonSchema for As<F> {
    fn inline_schema() -> bool {
        F::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        F::schema_name()
    }
    fn schema_id() -> std::borrow::Cow<'static, str> {
        F::schema_id()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        F::json_schema(generator)
    }
}

/// Seconds of virtual time.
///
/// Nanoseconds over 1e9 are correctly rounded, so the shortest decimal is the exact one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "report", schemars(description = "Seconds of virtual time.", extend("minimum" = 0)))]
pub struct Seconds(#[cfg_attr(feature = "report", schemars(with = "f64"))] Span);

/// A number that needs all its 64 bits, such as a seed: decimal, in a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema), schemars(extend("pattern" = "^[0-9]+$")))]
pub struct Wide(#[cfg_attr(feature = "report", schemars(with = "String"))] u64);

/// A proportion in parts per thousand million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
pub struct Ppb(u64);

impl Form<Span> for Seconds {
    fn of(span: &Span) -> Self {
        Self(*span)
    }
    fn value(self) -> Span {
        self.0
    }
}

impl Form<Instant> for Seconds {
    fn of(at: &Instant) -> Self {
        Self(at.since(Instant::ZERO))
    }
    fn value(self) -> Instant {
        Instant::ZERO.saturating_add(self.0)
    }
}

impl Form<u64> for Wide {
    fn of(number: &u64) -> Self {
        Self(*number)
    }
    fn value(self) -> u64 {
        self.0
    }
}

impl Form<Ratio> for Ppb {
    fn of(ratio: &Ratio) -> Self {
        Self(ratio.as_ppb())
    }
    fn value(self) -> Ratio {
        Ratio::from_ppb(self.0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again<V, F: Form<V> + Serialize + for<'a> Deserialize<'a>>(value: V) -> V {
        let text = serde_json::to_string(&F::of(&value)).unwrap();
        serde_json::from_str::<F>(&text).unwrap().value()
    }

    proptest! {
        #[test]
        fn times_shares_and_wide_numbers_read_back(ns in 0..=EXACT.as_nanos(), wide: u64) {
            prop_assert_eq!(again::<Span, Seconds>(Span::from_nanos(ns)).as_nanos(), ns);
            let seconds = Span::from_nanos(wide).as_secs_f64();
            prop_assert_eq!(nearest(seconds).as_secs_f64(), seconds);
            prop_assert_eq!(again::<Instant, Seconds>(Instant::from_nanos(ns)).as_nanos(), ns);
            prop_assert_eq!(again::<_, Option<Wide>>(Some(wide)), Some(wide));
            prop_assert_eq!(again::<Ratio, Ppb>(Ratio::from_ppb(wide)).as_ppb(), wide);
        }
    }

    #[test]
    fn the_longest_time_and_its_neighbours_read_back() {
        for back in 0..1_000 {
            let span = Span::from_nanos(EXACT.as_nanos() - back);
            assert_eq!(again::<Span, Seconds>(span), span);
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
    }
}
