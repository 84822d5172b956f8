//! A histogram of durations with fixed exponential buckets, as monitoring systems expose them.
//!
//! Invariant: fixed bounds, so that two histograms add and subtract bucket by bucket and equal contents are equal.
//!
//! Source: Prometheus native histograms cut each power of two into equal factors; here it is cut into equal parts, which
//! needs no logarithm: a duration and the bound of its bucket differ by at most one part of the power of two below.

use crate::units::Span;

/// Durations below are one bucket: 2^13 ns, some 8 µs.
const SMALLEST_LOG2: u32 = 13;
/// Durations above are one bucket: 2^43 ns, some two and a half hours.
const LARGEST_LOG2: u32 = 43;

/// Counts of durations in fixed exponential buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    parts_log2: u32,
    counts: Box<[u64]>,
    total: u64,
}

impl Default for Buckets {
    /// As coarse as a monitoring system's: within an eighth.
    fn default() -> Self {
        Self::with_parts(3)
    }
}

impl Buckets {
    /// Fine enough for reports: within one part in sixty-four.
    pub fn fine() -> Self {
        Self::with_parts(6)
    }

    fn with_parts(parts_log2: u32) -> Self {
        let count = ((LARGEST_LOG2 - SMALLEST_LOG2) << parts_log2) + 2;
        Self { parts_log2, counts: vec![0; count as usize].into_boxed_slice(), total: 0 }
    }

    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, span: Span) {
        let index = self.index(span.as_nanos());
        self.counts[index] += 1;
        self.total += 1;
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// What was counted since `earlier`, an earlier state of the same histogram.
    pub fn since(&self, earlier: &Self) -> Self {
        let mut difference = self.clone();
        for (now, then) in difference.counts.iter_mut().zip(earlier.counts.iter()) {
            *now -= then;
        }
        difference.total -= earlier.total;
        difference
    }

    /// Adds what `other`, a histogram of the same bounds, has counted, and empties it.
    pub fn take_in(&mut self, other: &mut Self) {
        for (sum, more) in self.counts.iter_mut().zip(other.counts.iter_mut()) {
            *sum += std::mem::take(more);
        }
        self.total += std::mem::take(&mut other.total);
    }

    /// For each of `percents`, ascending, the smallest bound below which at least that many of a hundred durations lie;
    /// `None` if there are none.
    pub fn percentiles<const N: usize>(&self, percents: [u64; N]) -> Option<[Span; N]> {
        let (mut bucket, mut seen) = (0, *self.counts.first()?);
        (self.total > 0).then(|| {
            percents.map(|percent| {
                let rank = (u128::from(self.total) * u128::from(percent)).div_ceil(100).max(1);
                while u128::from(seen) < rank {
                    bucket += 1;
                    seen += self.counts[bucket];
                }
                Span::from_nanos(self.upper_bound(bucket))
            })
        })
    }

    /// The smallest bound below which at least `percent` of a hundred durations lie; `None` if there are none.
    pub fn percentile(&self, percent: u64) -> Option<Span> {
        self.percentiles([percent]).map(|[span]| span)
    }

    #[inline]
    fn index(&self, nanos: u64) -> usize {
        if nanos < 1 << SMALLEST_LOG2 {
            return 0;
        }
        let log2 = nanos.ilog2();
        if log2 >= LARGEST_LOG2 {
            return self.counts.len() - 1;
        }
        let part = (nanos >> (log2 - self.parts_log2)) as usize & ((1 << self.parts_log2) - 1);
        1 + (((log2 - SMALLEST_LOG2) as usize) << self.parts_log2) + part
    }

    fn upper_bound(&self, index: usize) -> u64 {
        if index == 0 {
            return 1 << SMALLEST_LOG2;
        }
        let parts = 1 << self.parts_log2;
        let (log2, part) = (SMALLEST_LOG2 + ((index - 1) / parts) as u32, ((index - 1) % parts) as u64);
        (1_u64 << log2) + ((part + 1) << (log2 - self.parts_log2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_lies_below_the_bound_of_its_bucket_and_within_one_part_of_it() {
        for (buckets, parts) in [(Buckets::default(), 8), (Buckets::fine(), 64)] {
            for nanos in [0, 8_191, 8_192, 9_215, 9_216, 80_000_000, 5_000_000_000, (1 << 43) - 1] {
                let bound = buckets.upper_bound(buckets.index(nanos));
                assert!(nanos < bound, "{nanos} < {bound}");
                assert!(nanos < 8_192 || bound - nanos <= bound / parts, "{nanos} is near {bound}");
            }
            assert_eq!(buckets.index(u64::MAX), buckets.counts.len() - 1);
        }
    }

    #[test]
    fn a_percentile_counts_from_below() {
        let mut buckets = Buckets::default();
        assert_eq!(buckets.percentile(95), None);
        for ms in 1..=100 {
            buckets.record(Span::from_millis(ms));
        }
        let earlier = buckets.clone();
        let p95 = buckets.percentile(95).unwrap().as_secs_f64();
        assert!((0.095..0.107).contains(&p95), "{p95}");
        assert_eq!(buckets.percentiles([95, 100]).map(|p| p[0]), buckets.percentile(95));
        buckets.record(Span::from_secs(1));
        assert_eq!(buckets.since(&earlier).count(), 1);
    }

    #[test]
    fn what_is_taken_in_is_moved() {
        let (mut sum, mut more) = (Buckets::fine(), Buckets::fine());
        sum.record(Span::from_millis(5));
        more.record(Span::from_millis(7));
        sum.take_in(&mut more);
        assert_eq!((sum.count(), more.count(), more == Buckets::fine()), (2, 0, true));
    }
}
