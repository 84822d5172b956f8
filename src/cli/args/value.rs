//! Single values as they are typed: seeds, ranges, settings, digests.
//!
//! Invariant: a value that cannot be read is answered with what one looks like.

use crate::record::Digest;
use std::num::NonZeroUsize;
use std::ops::Range;

pub(in crate::cli) fn seed(text: &str) -> Result<u64, String> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |hex| (hex, 16));
    let number = digits.bytes().all(|b| b.is_ascii_alphanumeric()).then(|| u64::from_str_radix(digits, radix).ok());
    number.flatten().ok_or_else(|| "a seed is a number below 2^64, decimal or 0x…".to_owned())
}

pub(in crate::cli) fn seed_range(text: &str) -> Result<Range<u64>, String> {
    const WAYS: &str = "write a number of runs, such as 200, or a range, such as 0..200 or 0..=199";
    let Some((start, end)) = text.split_once("..") else {
        let count = seed(text).map_err(|_| WAYS)?;
        return if count == 0 { Err(format!("no run at all: {WAYS}")) } else { Ok(0..count) };
    };
    let range = match end.strip_prefix('=') {
        None => seed(start)?..seed(end)?,
        Some(last) => seed(start)?..seed(last)?.checked_add(1).ok_or("the last seed of all cannot be in a range")?,
    };
    if range.is_empty() {
        return Err("the range is empty: A..B runs from A to before B, A..=B to B".to_owned());
    }
    Ok(range)
}

/// The most runs at a time: each is a thread. The figure is ours, above the cores of any machine of today.
const MOST_JOBS: usize = 1_024;

pub(in crate::cli) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse::<NonZeroUsize>().ok().filter(|jobs| jobs.get() <= MOST_JOBS);
    number.ok_or_else(|| format!("a number from 1 to {MOST_JOBS}; left out, one per core"))
}

pub(super) fn setting(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((path, _)) if !path.trim().is_empty() => Ok(text.to_owned()),
        _ => Err("a setting is written path=value, for example dns.ttl=60s".to_owned()),
    }
}

pub(super) fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| "a digest is 16 hexadecimal digits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_decimal_or_hexadecimal() {
        assert_eq!([seed("42"), seed("0xff"), seed("18446744073709551615")], [Ok(42), Ok(255), Ok(u64::MAX)]);
        for bad in ["", "-1", "+1", "0x", "0x+1", "1e3", "18446744073709551616", "0xg"] {
            assert!(seed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_number_of_runs_at_a_time_is_bounded() {
        assert_eq!([jobs("1"), jobs("1024")].map(|jobs| jobs.unwrap().get()), [1, 1_024]);
        for bad in ["0", "-1", "1025", "1000000", "99999999999999999999", "x"] {
            assert!(jobs(bad).unwrap_err().contains("from 1 to 1024"), "{bad}");
        }
    }

    #[test]
    fn a_range_is_half_open_and_not_empty() {
        assert_eq!(seed_range("0..10"), Ok(0..10));
        assert_eq!([seed_range("0..=9"), seed_range("10")], [Ok(0..10), Ok(0..10)]);
        let bad = [
            ("5..5", "empty"),
            ("6..=5", "empty"),
            ("many", "0..200"),
            ("..5", "seed"),
            ("0..=", "seed"),
            ("0", "no run"),
        ];
        for (bad, why) in bad {
            assert!(seed_range(bad).unwrap_err().contains(why), "{bad}");
        }
    }
}
