//! Virtual time: integer nanoseconds, so that equal instants are equal on every machine.

use super::parse::{UnitError, scaled, split, write_decimal};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::str::FromStr;

const UNITS: &str = "ns, us, ms, s, m, h, d";

/// A length of virtual time. Unit: nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

/// A moment of virtual time. Unit: nanoseconds since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span there is: some 584 years.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `ns` nanoseconds.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }
    /// A span of `ms` milliseconds. Panics if it exceeds 64 bits of nanoseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1_000_000)
    }
    /// A span of `s` seconds. Panics if it exceeds 64 bits of nanoseconds.
    pub const fn from_secs(s: u64) -> Self {
        Self(s * 1_000_000_000)
    }
    /// A span of `m` minutes. Panics if it exceeds 64 bits of nanoseconds.
    pub const fn from_mins(m: u64) -> Self {
        Self::from_secs(m * 60)
    }
    /// Whole nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// Seconds, for reports and statistics only; never for deciding the order of anything.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// The sum, or [`Span::MAX`] if it does not fit.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
    /// The difference, or zero if `other` is longer.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Instant {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than anything a run can reach: "never".
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `ns` nanoseconds after the start of the run.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }
    /// The instant `s` seconds after the start of the run.
    pub const fn from_secs(s: u64) -> Self {
        Self(s * 1_000_000_000)
    }
    /// Nanoseconds since the start of the run.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// Whole seconds since the start of the run, rounded down: the index of a one-second bucket.
    pub const fn second(self) -> u64 {
        self.0 / 1_000_000_000
    }
    /// Seconds since the start, for reports and statistics only.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// The time from `earlier` to `self`, or zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
    /// The instant `span` later, or [`Instant::MAX`] if that does not fit.
    pub const fn saturating_add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Add<Span> for Instant {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0 + span.0)
    }
}
impl Sub<Span> for Instant {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0 - span.0)
    }
}
impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}
impl Mul<u64> for Span {
    type Output = Self;
    fn mul(self, n: u64) -> Self {
        Self(self.0 * n)
    }
}

impl FromStr for Span {
    type Err = UnitError;
    /// Reads `15m`, `1.5s`, or parts of falling units one behind the other: `4m45s`, `13h 30m`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (mut total, mut last) = (0_u64, u64::MAX);
        let mut rest = text;
        loop {
            let (number, behind) = split(rest)?;
            let (unit, more) = behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
            let scale = scale(unit.trim(), number, last == u64::MAX && more.is_empty())?;
            if scale >= last {
                return Err(UnitError::NotFalling);
            }
            total = total.checked_add(scaled(number, scale)?).ok_or(UnitError::TooLarge)?;
            if more.is_empty() {
                return Ok(Self(total));
            }
            // A fraction in the middle: nobody can say what was meant.
            if number.contains('.') {
                return Err(UnitError::NotFalling);
            }
            (rest, last) = (more, scale);
        }
    }
}

/// Nanoseconds in a unit. Nothing needs none if it stands `alone`.
fn scale(unit: &str, number: &str, alone: bool) -> Result<u64, UnitError> {
    Ok(match unit {
        "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "" if alone && scaled(number, 1) == Ok(0) => 1,
        "" => return Err(UnitError::MissingUnit(UNITS)),
        other => return Err(UnitError::UnknownUnit(other.to_owned(), UNITS)),
    })
}

impl Span {
    /// For reading: `850ms`, `12.4s`, `4m 12.4s`, `1h 02m 03s`; rounded to what a reader can use.
    fn write_rounded(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1_000_000 {
            return self.write_exact(f);
        }
        if self.0 < 1_000_000_000 {
            return write!(f, "{}ms", (self.0 + 500_000) / 1_000_000);
        }
        let tenths = self.0 / 100_000_000 + u64::from(self.0 % 100_000_000 >= 50_000_000);
        let (hours, minutes, seconds, tenth) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60, tenths % 10);
        let fraction = if tenth == 0 || hours > 0 { String::new() } else { format!(".{tenth}") };
        match (hours, minutes) {
            (0, 0) => write!(f, "{seconds}{fraction}s"),
            (0, _) if seconds == 0 && tenth == 0 => write!(f, "{minutes}m"),
            (0, _) => write!(f, "{minutes}m {seconds:02}{fraction}s"),
            _ if minutes == 0 && seconds == 0 => write!(f, "{hours}h"),
            _ => write!(f, "{hours}h {minutes:02}m {seconds:02}s"),
        }
    }

    fn write_exact(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WHOLE: [(u64, &str); 3] = [(86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m")];
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if let Some((scale, unit)) = WHOLE.into_iter().find(|(scale, _)| self.0.is_multiple_of(*scale)) {
            return write!(f, "{}{unit}", self.0 / scale);
        }
        let (scale, unit) = match self.0 {
            1_000_000_000.. => (1_000_000_000, "s"),
            1_000_000.. => (1_000_000, "ms"),
            1_000.. => (1_000, "us"),
            _ => (1, "ns"),
        };
        write_decimal(f, self.0, scale)?;
        f.write_str(unit)
    }
}

impl fmt::Display for Span {
    /// Exactly, so that it can be read back; `{:#}` rounds to what a reader can use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { self.write_rounded(f) } else { self.write_exact(f) }
    }
}

impl fmt::Display for Instant {
    /// The time since the start, as a span prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

impl Instant {
    /// As a clock shows it that was started with the run, to the tenth of a second below: `5:00.0`, `1:02:03.4`.
    pub fn clock(self) -> String {
        let tenths = self.0 / 100_000_000;
        let (hours, minutes, seconds, tenth) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60, tenths % 10);
        if hours == 0 {
            format!("{minutes}:{seconds:02}.{tenth}")
        } else {
            format!("{hours}:{minutes:02}:{seconds:02}.{tenth}")
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads what it is written as, exactly.
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads the time since the start, as it is written.
impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Span::deserialize(deserializer).map(|since| Self(since.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_and_print() {
        for (text, ns, printed) in [
            ("15m", 900_000_000_000, "15m"),
            ("1.5s", 1_500_000_000, "1.5s"),
            ("200ms", 200_000_000, "200ms"),
            ("0", 0, "0s"),
            ("90s", 90_000_000_000, "90s"),
            ("3600s", 3_600_000_000_000, "1h"),
            ("0.25us", 250, "250ns"),
            ("1_000 ms", 1_000_000_000, "1s"),
            ("4m45s", 285_000_000_000, "285s"),
            ("4m 45s", 285_000_000_000, "285s"),
            ("13h 30m", 48_600_000_000_000, "810m"),
            ("1d 2h 3 m 4.5s", 93_784_500_000_000, "93784.5s"),
            ("1h 02m 03s", 3_723_000_000_000, "3723s"),
            ("2s 5ms", 2_005_000_000, "2.005s"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.as_nanos(), span.to_string().as_str()), (ns, printed), "{text}");
            assert_eq!(printed.parse::<Span>(), Ok(span));
            assert_eq!(serde_json::from_value::<Span>(serde_json::json!(span)).unwrap(), span);
        }
    }

    #[test]
    fn for_reading_a_span_is_rounded() {
        for (text, printed) in [
            ("185.977593ms", "186ms"),
            ("405s", "6m 45s"),
            ("94.128s", "1m 34.1s"),
            ("3723s", "1h 02m 03s"),
            ("15m", "15m"),
        ] {
            assert_eq!(format!("{:#}", text.parse::<Span>().unwrap()), printed);
        }
    }

    #[test]
    fn a_bad_span_says_what_is_wrong() {
        assert_eq!("15".parse::<Span>(), Err(UnitError::MissingUnit(UNITS)));
        assert_eq!("-1s".parse::<Span>(), Err(UnitError::Negative));
        assert_eq!("15 parsecs".parse::<Span>(), Err(UnitError::UnknownUnit("parsecs".into(), UNITS)));
        assert_eq!("1es".parse::<Span>(), Err(UnitError::UnknownUnit("es".into(), UNITS)));
        assert_eq!("1e9s".parse(), Ok(Span::from_secs(1_000_000_000)));
        for unclear in ["30m 13h", "5m 5m", "5m 5min", "1.5h 30m"] {
            assert_eq!(unclear.parse::<Span>(), Err(UnitError::NotFalling), "{unclear}");
        }
        assert_eq!("4m 45".parse::<Span>(), Err(UnitError::MissingUnit(UNITS)));
        assert_eq!("4m 0".parse::<Span>(), Err(UnitError::MissingUnit(UNITS)));
        assert_eq!("213503d 24h".parse::<Span>(), Err(UnitError::TooLarge));
        assert_eq!("0.1ns".parse::<Span>(), Err(UnitError::TooPrecise));
        assert_eq!("999999999999d".parse::<Span>(), Err(UnitError::TooLarge));
        assert_eq!("fast".parse::<Span>(), Err(UnitError::NotANumber));
        assert_eq!("1.s".parse::<Span>(), Err(UnitError::NotANumber));
    }
}
