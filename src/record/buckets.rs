//! A histogram of durations with fixed exponential buckets, as monitoring systems expose them.
//!
//! Invariant: fixed bounds, so that two histograms add and subtract bucket by bucket and equal contents are equal.
//!
//! Source: Prometheus native histograms cut each power of two into equal factors; here it is cut into equal parts, which
//! needs no logarithm: a duration and the bound of its bucket differ by at most one part of the power of two below.

use crate::units::Span;
use std::ops::Range;

/// Durations below are one bucket: 2^13 ns, some 8 µs.
const SMALLEST_LOG2: u32 = 13;
/// Durations above are one bucket: 2^43 ns, some two and a half hours.
const LARGEST_LOG2: u32 = 43;

/// Counts of durations in fixed exponential buckets, 2^`PARTS_LOG2` to each power of two. Unless it says otherwise, they
/// are as coarse as a monitoring system's: within an eighth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets<const PARTS_LOG2: u32 = 3> {
    counts: Box<[u64]>,
    total: u64,
    /// Bit `l`: something was counted whose logarithm is `l`. What was not is passed over.
    powers: u64,
}

/// Fine enough for reports: within one part in sixty-four.
pub type FineBuckets = Buckets<6>;

impl<const PARTS_LOG2: u32> Default for Buckets<PARTS_LOG2> {
    fn default() -> Self {
        let count = ((LARGEST_LOG2 - SMALLEST_LOG2) << PARTS_LOG2) + 2;
        Self { counts: vec![0; count as usize].into_boxed_slice(), total: 0, powers: 0 }
    }
}

impl<const PARTS_LOG2: u32> Buckets<PARTS_LOG2> {
    /// Counts one duration.
    #[inline(always)]
    pub fn record(&mut self, span: Span) {
        let (index, log2) = Self::index(span.as_nanos());
        self.counts[index] += 1;
        self.total += 1;
        self.powers |= 1_u64.wrapping_shl(log2);
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// What was counted since `earlier`, an earlier state of the same histogram.
    pub fn since(&self, earlier: &Self) -> Self {
        let mut difference = self.clone();
        for power in ones(earlier.powers) {
            let block = Self::block(power);
            for (now, then) in difference.counts[block.clone()].iter_mut().zip(&earlier.counts[block.clone()]) {
                *now -= then;
            }
            if difference.counts[block].iter().all(|count| *count == 0) {
                difference.powers &= !(1 << power);
            }
        }
        difference.total -= earlier.total;
        difference
    }

    /// Adds what `other`, a histogram of the same bounds, has counted, and empties it.
    pub fn take_in(&mut self, other: &mut Self) {
        for power in ones(other.powers) {
            let block = Self::block(power);
            for (sum, more) in self.counts[block.clone()].iter_mut().zip(&mut other.counts[block]) {
                *sum += std::mem::take(more);
            }
        }
        self.total += std::mem::take(&mut other.total);
        self.powers |= std::mem::take(&mut other.powers);
    }

    /// For each of `percents`, ascending, the smallest bound below which at least that many of a hundred durations lie;
    /// `None` if there are none.
    pub fn percentiles<const N: usize>(&self, percents: [u64; N]) -> Option<[Span; N]> {
        let mut buckets = ones(self.powers).flat_map(Self::block);
        let (mut bucket, mut seen) = (0, 0);
        (self.total > 0).then(|| {
            percents.map(|percent| {
                let rank = (u128::from(self.total) * u128::from(percent)).div_ceil(100).max(1);
                while u128::from(seen) < rank {
                    bucket = buckets.next().expect("all that was counted lies in the powers that were");
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

    /// The bucket of a duration, and the power of two that bucket belongs to.
    #[inline(always)]
    fn index(nanos: u64) -> (usize, u32) {
        // One less than the least bound, and the greatest: the first and the last bucket, by the same sum.
        let nanos = nanos.clamp((1 << SMALLEST_LOG2) - 1, 1 << LARGEST_LOG2);
        let log2 = nanos.ilog2();
        let counted = (nanos >> log2.wrapping_sub(PARTS_LOG2)) as usize + ((log2 as usize) << PARTS_LOG2);
        (counted + 1 - ((SMALLEST_LOG2 as usize + 1) << PARTS_LOG2), log2)
    }

    /// The buckets of a power of two.
    fn block(log2: u32) -> Range<usize> {
        let first = |log2: u32| 1 + ((log2 as usize - SMALLEST_LOG2 as usize) << PARTS_LOG2);
        match log2 {
            ..SMALLEST_LOG2 => 0..1,
            LARGEST_LOG2.. => first(LARGEST_LOG2)..first(LARGEST_LOG2) + 1,
            _ => first(log2)..first(log2 + 1),
        }
    }

    fn upper_bound(&self, index: usize) -> u64 {
        if index == 0 {
            return 1 << SMALLEST_LOG2;
        }
        let parts = 1 << PARTS_LOG2;
        let (log2, part) = (SMALLEST_LOG2 + ((index - 1) / parts) as u32, ((index - 1) % parts) as u64);
        (1_u64 << log2) + ((part + 1) << (log2 - PARTS_LOG2))
    }
}

/// The numbers of the bits that are set, ascending.
fn ones(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let least = bits.trailing_zeros();
        bits = bits.checked_sub(1)? & bits;
        Some(least)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_lies_below_the_bound_of_its_bucket_and_within_one_part_of_it() {
        fn holds<const PARTS_LOG2: u32>(buckets: &Buckets<PARTS_LOG2>) {
            for nanos in [0, 8_191, 8_192, 9_215, 9_216, 80_000_000, 5_000_000_000, (1 << 43) - 1] {
                let bound = buckets.upper_bound(Buckets::<PARTS_LOG2>::index(nanos).0);
                assert!(nanos < bound, "{nanos} < {bound}");
                assert!(nanos < 8_192 || bound - nanos <= bound >> PARTS_LOG2, "{nanos} is near {bound}");
            }
            assert_eq!(Buckets::<PARTS_LOG2>::index(u64::MAX).0, buckets.counts.len() - 1);
        }
        holds(&Buckets::<3>::default());
        holds(&FineBuckets::default());
    }

    #[test]
    fn a_percentile_counts_from_below() {
        let mut buckets = Buckets::<3>::default();
        assert_eq!(buckets.percentile(95), None);
        for ms in 1..=100 {
            buckets.record(Span::from_millis(ms));
        }
        let earlier = buckets.clone();
        let p95 = buckets.percentile(95).unwrap().as_secs_f64();
        assert!((0.095..0.107).contains(&p95), "{p95}");
        assert_eq!(buckets.percentiles([95, 100]).map(|p| p[0]), buckets.percentile(95));
        buckets.record(Span::from_secs(1));
        let mut second = Buckets::default();
        second.record(Span::from_secs(1));
        assert_eq!(buckets.since(&earlier), second, "nothing is left of what both have counted");
    }

    #[test]
    fn the_shortest_and_the_longest_durations_have_buckets_of_their_own() {
        let mut buckets = Buckets::<3>::default();
        for nanos in [0, 8_191, 8_192, (1 << 43) - 1, 1 << 43, u64::MAX] {
            buckets.record(Span::from_nanos(nanos));
        }
        let last = buckets.counts.len() - 1;
        assert_eq!(
            (buckets.counts[0], buckets.counts[1], buckets.counts[last - 1], buckets.counts[last]),
            (2, 1, 1, 2)
        );
        let bounds = [1, 50, 66, 100].map(|percent| buckets.percentile(percent).unwrap().as_nanos());
        assert_eq!(bounds, [8_192, 9_216, 1 << 43, buckets.upper_bound(last)]);
    }

    #[test]
    fn what_is_taken_in_is_moved() {
        let (mut sum, mut more) = (FineBuckets::default(), FineBuckets::default());
        sum.record(Span::from_millis(5));
        more.record(Span::from_millis(7));
        sum.take_in(&mut more);
        assert_eq!((sum.count(), more.count(), more == FineBuckets::default()), (2, 0, true));
    }
}
