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

/// Fine enough for what clients saw in a second: the middle of a bucket is within half a part in a hundred and twenty-eight, 0.4 %,
/// of everything in it.
pub type FineBuckets = Buckets<7>;

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

    /// What was counted, by bucket, ascending.
    pub fn counts(&self) -> impl Iterator<Item = (u16, u32)> {
        let buckets = ones(self.powers).flat_map(Self::block).filter(|bucket| self.counts[*bucket] > 0);
        buckets.map(|bucket| (bucket as u16, u32::try_from(self.counts[bucket]).unwrap_or(u32::MAX)))
    }

    /// Counts so many durations of a bucket that [`Buckets::counts`] has named.
    pub fn add(&mut self, bucket: u16, count: u32) {
        self.counts[usize::from(bucket)] += u64::from(count);
        self.total += u64::from(count);
        let power = (usize::from(bucket) + (1 << PARTS_LOG2) - 1) >> PARTS_LOG2;
        self.powers |= 1 << (SMALLEST_LOG2 as usize + power - 1);
    }

    /// How many durations lie in a bucket beyond that of `limit`.
    pub fn longer_than(&self, limit: Span) -> u64 {
        let (bucket, log2) = Self::index(limit.as_nanos());
        let beyond = ones(self.powers).filter(|power| *power >= log2).flat_map(Self::block);
        beyond.filter(|other| *other > bucket).map(|other| self.counts[other]).sum()
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

    /// Forgets everything.
    pub fn clear(&mut self) {
        ones(self.powers).for_each(|power| self.counts[Self::block(power)].fill(0));
        (self.total, self.powers) = (0, 0);
    }

    /// For each of `percents`, ascending, the middle of the bucket of the duration that has this rank among those
    /// counted and `longer` ones, which were longer than all of them; `None` if it is one of the longer, or there are none.
    pub fn middles<const N: usize>(&self, percents: [u64; N], longer: u64) -> [Option<Span>; N] {
        let mut buckets = ones(self.powers).flat_map(Self::block);
        let (mut bucket, mut seen) = (0, 0);
        let all = u128::from(self.total) + u128::from(longer);
        percents.map(|percent| {
            let rank = (all * u128::from(percent)).div_ceil(100).max(1);
            while u128::from(seen) < rank {
                bucket = buckets.next()?;
                seen += self.counts[bucket];
            }
            let bound = self.upper_bound(bucket);
            Some(Span::from_nanos(bound - Self::width(bound) / 2))
        })
    }

    /// The smallest bound below which at least `percent` of a hundred durations lie; `None` if there are none.
    pub fn percentile(&self, percent: u64) -> Option<Span> {
        let rank = (u128::from(self.total) * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        let reaches = |bucket: &usize| {
            seen += u128::from(self.counts[*bucket]);
            seen >= rank
        };
        let found = ones(self.powers).flat_map(Self::block).find(reaches);
        found.map(|bucket| Span::from_nanos(self.upper_bound(bucket)))
    }

    /// The width of the bucket below `bound`.
    const fn width(bound: u64) -> u64 {
        if bound == 1 << SMALLEST_LOG2 { bound } else { 1 << ((bound - 1).ilog2() - PARTS_LOG2) }
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
    use proptest::prelude::*;

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
        assert_eq!(FineBuckets::default().middles([50], 3), [None], "none of those counted");
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

    /// The exact order statistic of that rank.
    fn exactly(sorted: &[u64], percent: u64) -> u64 {
        sorted[(sorted.len() as u64 * percent).div_ceil(100).max(1) as usize - 1]
    }

    proptest! {
        /// Over distributions of latencies from 10 µs to an hour: constant, even, exponential, heavy-tailed, and in two lumps.
        #[test]
        fn a_middle_is_within_half_a_percent_of_the_order_statistic(
            scale in 10_000_u64..3_600_000_000_000,
            distribution in 0_u8..5,
            draws in prop::collection::vec(1_u64..1_000_000, 1..400),
        ) {
            let of = |u: u64| {
                let share = u as f64 / 1e6;
                let factor = match distribution {
                    0 => 1.0,
                    1 => share,
                    2 => -libm::log(share),
                    3 => 1.0 / share,
                    _ => if u.is_multiple_of(50) { 100.0 } else { 1.0 },
                };
                (scale as f64 * factor).clamp(10_000.0, 3.6e12) as u64
            };
            let mut sorted: Vec<u64> = draws.into_iter().map(of).collect();
            let mut buckets = FineBuckets::default();
            sorted.iter().for_each(|nanos| buckets.record(Span::from_nanos(*nanos)));
            sorted.sort_unstable();
            for (percent, found) in [1, 50, 95, 99, 100].into_iter().zip(buckets.middles([1, 50, 95, 99, 100], 0)) {
                let (exact, found) = (exactly(&sorted, percent), found.unwrap().as_nanos());
                prop_assert!(exact.abs_diff(found) * 200 <= exact, "p{}: {} for {}", percent, found, exact);
            }
        }
    }

    #[test]
    fn what_was_not_answered_has_the_highest_ranks() {
        let mut buckets = FineBuckets::default();
        (1..=98).for_each(|ms| buckets.record(Span::from_millis(ms)));
        let [p98, p99] = buckets.middles([98, 99], 2);
        assert!(p98.is_some_and(|p98| p98.as_nanos().abs_diff(98_000_000) <= 490_000), "{p98:?}");
        assert_eq!(p99, None);
    }

    #[test]
    fn what_is_counted_by_bucket_makes_the_same_histogram() {
        let mut buckets = FineBuckets::default();
        for nanos in [0, 8_191, 8_192, 16_383, 16_384, 80_000_000, 80_000_001, (1 << 43) - 1, 1 << 43, u64::MAX] {
            buckets.record(Span::from_nanos(nanos));
        }
        let mut again = FineBuckets::default();
        buckets.counts().for_each(|(bucket, count)| again.add(bucket, count));
        assert_eq!(again, buckets);
        let longer = [Span::ZERO, Span::from_millis(80), Span::from_millis(81), Span::MAX]
            .map(|limit| buckets.longer_than(limit));
        assert_eq!(longer, [8, 3, 3, 0]);
    }

    #[test]
    fn what_is_taken_in_is_moved() {
        let (mut sum, mut more) = (FineBuckets::default(), FineBuckets::default());
        sum.record(Span::from_millis(5));
        more.record(Span::from_millis(7));
        sum.take_in(&mut more);
        assert_eq!((sum.count(), more.count(), more == FineBuckets::default()), (2, 0, true));
        sum.clear();
        assert_eq!(sum, more);
    }
}
