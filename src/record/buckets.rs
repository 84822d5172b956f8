//! A histogram of durations with fixed exponential buckets, as monitoring systems expose them.
//!
//! Invariant: fixed bounds, so that two histograms add and subtract bucket by bucket and equal contents are equal.
//!
//! Source: Prometheus native histograms, schema 3: neighbouring bounds differ by a factor of 2^(1/8), so a quantile is
//! known within 9 %. Here a power of two is cut into eight equal parts, which is never coarser than 12.5 %.

use crate::units::Span;

const PARTS_LOG2: u32 = 3;
const PARTS: usize = 1 << PARTS_LOG2;
/// Durations below are one bucket: 2^13 ns, some 8 µs.
const SMALLEST_LOG2: u32 = 13;
/// Durations above are one bucket: 2^43 ns, some two and a half hours.
const LARGEST_LOG2: u32 = 43;
const COUNT: usize = ((LARGEST_LOG2 - SMALLEST_LOG2) as usize) * PARTS + 2;

/// Counts of durations in fixed exponential buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    counts: Box<[u64; COUNT]>,
    total: u64,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { counts: Box::new([0; COUNT]), total: 0 }
    }
}

impl Buckets {
    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, span: Span) {
        self.counts[index(span.as_nanos())] += 1;
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

    /// The smallest bound below which at least `percent` of a hundred durations lie; `None` if there are none.
    pub fn percentile(&self, percent: u64) -> Option<Span> {
        let rank = (u128::from(self.total) * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0_u128;
        let bucket = self.counts.iter().position(|n| {
            seen += u128::from(*n);
            seen >= rank
        })?;
        Some(Span::from_nanos(upper_bound(bucket)))
    }
}

#[inline]
fn index(nanos: u64) -> usize {
    if nanos < 1 << SMALLEST_LOG2 {
        return 0;
    }
    let log2 = nanos.ilog2();
    if log2 >= LARGEST_LOG2 {
        return COUNT - 1;
    }
    let part = (nanos >> (log2 - PARTS_LOG2)) as usize & (PARTS - 1);
    1 + (log2 - SMALLEST_LOG2) as usize * PARTS + part
}

fn upper_bound(index: usize) -> u64 {
    if index == 0 {
        return 1 << SMALLEST_LOG2;
    }
    let (log2, part) = (SMALLEST_LOG2 + ((index - 1) / PARTS) as u32, ((index - 1) % PARTS) as u64);
    (1_u64 << log2) + ((part + 1) << (log2 - PARTS_LOG2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_lies_below_the_bound_of_its_bucket_and_within_an_eighth_of_it() {
        for nanos in [0, 8_191, 8_192, 9_215, 9_216, 80_000_000, 5_000_000_000, (1 << 43) - 1] {
            let bound = upper_bound(index(nanos));
            assert!(nanos < bound, "{nanos} < {bound}");
            assert!(nanos < 8_192 || bound - nanos <= bound / 8, "{nanos} is near {bound}");
        }
        assert_eq!(index(u64::MAX), COUNT - 1);
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
        buckets.record(Span::from_secs(1));
        assert_eq!(buckets.since(&earlier).count(), 1);
    }
}
