//! Stretches in which answers were much slower than before anything went wrong.
//!
//! Owns where such a stretch begins and ends. Does not know why, nor whether anybody minds.
//!
//! Definition: usual is the median of the seconds' 95th percentiles before the first fault. A stretch is slow from the
//! first second above twice that to the last, as long as slow seconds are no more than [`GAP`] apart and it lasts
//! [`SHORTEST`]. Seconds without data do not count.

use crate::record::{Record, Sample};
use crate::units::{Instant, Span};

/// A stretch of seconds in which the 95th percentile was more than twice the usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slow {
    /// When it began.
    pub from: Instant,
    /// When it was over.
    pub until: Instant,
    /// The median of its seconds' 95th percentiles.
    pub p95: Span,
    /// The usual one.
    pub usual: Span,
}

/// Good seconds that do not end a stretch: product default, a tail of a few requests is noisy.
const GAP: Span = Span::from_secs(5);

/// What is shorter is noise: product default, one scrape interval of monitoring (Prometheus: 15 s in common use).
const SHORTEST: Span = Span::from_secs(15);

/// Seconds needed to know what is usual.
const NEEDED: usize = 10;

/// Every slow stretch of `record` while clients sent requests.
pub fn slow_stretches(record: &Record) -> Vec<Slow> {
    let Some(signal) = record.signal("latency.p95") else { return Vec::new() };
    let value = |(second, sample): (u64, Sample)| Some((second, sample.part.checked_div(sample.whole)?));
    let values: Vec<(u64, u64)> = signal.seconds(record.workload_end).filter_map(value).collect();
    let first_fault = record.faults.iter().filter_map(|fault| fault.at).min().unwrap_or(record.workload_end);
    let before: Vec<u64> =
        values.iter().filter(|(second, _)| *second < first_fault.second()).map(|(_, p95)| *p95).collect();
    if before.len() < NEEDED {
        return Vec::new();
    }
    let usual = median(before);
    let mut found = Vec::new();
    let mut open: Option<(u64, u64, Vec<u64>)> = None;
    for (second, p95) in
        values.into_iter().filter(|(_, p95)| *p95 > usual.saturating_mul(mutant!("slow_is_thrice_the_usual": 2 => 3)))
    {
        match &mut open {
            Some((_, last, inside)) if second - *last <= GAP.as_nanos() / 1_000_000_000 => {
                *last = second;
                inside.push(p95);
            }
            _ => {
                found.extend(open.take().and_then(|stretch| slow(stretch, usual)));
                open = Some((second, second, vec![p95]));
            }
        }
    }
    found.extend(open.and_then(|stretch| slow(stretch, usual)));
    found
}

fn slow((first, last, inside): (u64, u64, Vec<u64>), usual: u64) -> Option<Slow> {
    let (from, until) = (Instant::from_secs(first), Instant::from_secs(last + 1));
    // Most of its seconds were slow.
    let dense = inside.len() as u64 * 2 > last + 1 - first;
    let stretch = Slow { from, until, p95: Span::from_nanos(median(inside)), usual: Span::from_nanos(usual) };
    (until.since(from) >= SHORTEST && dense).then_some(stretch)
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::check::fixture::{Fixture, at};
    use crate::record::SignalUnit;

    fn slow(points: &[(u64, u64, u64)]) -> Vec<Slow> {
        let fixture = Fixture::new(300).signal("latency.p95", SignalUnit::Nanoseconds, points);
        slow_stretches(&fixture.fault("dark", 60, 1).record())
    }

    #[test]
    fn more_than_twice_the_usual_for_a_while_is_slow() {
        let found = slow(&[(0, 100, 1), (100, 201, 1), (120, 100, 1)]);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.from, one.until), (at(100), at(120)));
        assert_eq!(slow(&[(0, 100, 1), (100, 200, 1), (120, 100, 1)]), [], "exactly twice is not more");
        assert_eq!(slow(&[(0, 100, 1), (100, 900, 1), (114, 100, 1)]), [], "a blip");
        assert_eq!(slow(&[(0, 100, 1), (5, 0, 0), (100, 900, 1)]), [], "nobody knows what is usual");
    }

    #[test]
    fn a_short_pause_does_not_end_it() {
        let found = slow(&[(0, 100, 1), (100, 900, 1), (110, 100, 1), (114, 900, 1), (125, 100, 1)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].until, at(125));
        assert_eq!(slow(&[(0, 100, 1), (100, 900, 1), (110, 100, 1), (116, 900, 1), (125, 100, 1)]), []);
    }

    /// All of them, for who plants errors.
    pub(crate) const EACH: &[fn()] = &[more_than_twice_the_usual_for_a_while_is_slow, a_short_pause_does_not_end_it];
}
