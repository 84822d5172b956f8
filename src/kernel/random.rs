//! Named random streams.
//!
//! Owns the derivation of keys from (seed, path, purpose) and the draws of a stream. Refuses shared sequential
//! generators: a draw is a function of its stream and its index, never of who drew before.
//!
//! Invariant: adding, removing or reordering streams or draws moves no other draw.

use crate::units::Ratio;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng, TryRng, utils};
use std::convert::Infallible;

/// 2^64 divided by the golden ratio, made odd: the increment of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The streams of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

/// One stream of 64-bit draws, addressed by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stream {
    key: u64,
}

/// A stream read in order.
///
/// It is a generator as the crate `rand` has them, so a model or a controller of your own may draw from any distribution
/// that is written for these, beside our own [`Sampler`](super::Sampler):
///
/// ```
/// use firedrill::kernel::Streams;
/// use rand_distr::{Distribution, Gamma};
///
/// # fn main() -> Result<(), rand_distr::GammaError> {
/// let minutes = Gamma::new(2.0, 1.5)?;
/// let draws = || Streams::new(42).stream("approvers", "time to answer").cursor();
/// let (mut first, mut second) = (draws(), draws());
/// for _ in 0..100 {
///     assert_eq!(minutes.sample(&mut first), minutes.sample(&mut second));
/// }
/// # Ok(())
/// # }
/// ```
///
/// How many draws a distribution takes is its own affair. Where one thing's must not move another's, each has a stream of
/// its own. `rand_distr` computes the same figures on every machine as long as its feature `std_math` is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    stream: Stream,
    index: u64,
}

impl Streams {
    /// The streams of the run with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream of one entity and purpose, such as `("regions/eu/api", "service time")`.
    ///
    /// Its key is the first word of ChaCha8, keyed by the run's seed, in the ChaCha stream numbered by a 64-bit hash of
    /// `path`, a zero byte and `purpose`: FNV-1a (RFC 9923) with a SplitMix64 finaliser. Ten thousand names collide
    /// with probability 3e-12.
    pub fn stream(&self, path: &str, purpose: &str) -> Stream {
        let mut seed = *b"________firedrill streams, v1   ";
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        let mut chacha = ChaCha8Rng::from_seed(seed);
        chacha.set_stream(hash(path, purpose));
        Stream { key: chacha.next_u64() }
    }
}

impl Stream {
    /// Draw number `i`: SplitMix64 started at the key and stepped to `i`, that is, `mix(key + (i + 1) * golden)`.
    #[inline]
    pub const fn at(self, i: u64) -> u64 {
        mix(self.key.wrapping_add(i.wrapping_add(1).wrapping_mul(GOLDEN)))
    }

    /// Reads the stream from its first draw on.
    pub const fn cursor(self) -> Cursor {
        Cursor { stream: self, index: 0 }
    }
}

impl Cursor {
    /// The next draw.
    #[inline]
    pub const fn next(&mut self) -> u64 {
        let draw = self.stream.at(self.index);
        self.index += 1;
        draw
    }

    /// Index of the draw that [`Cursor::next`] will give.
    pub const fn index(&self) -> u64 {
        self.index
    }
}

impl TryRng for Cursor {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

/// Whether an event of probability `ratio` happens on this draw: `draw / 2^64 < ratio`, compared as integers.
#[inline]
pub const fn chance(draw: u64, ratio: Ratio) -> bool {
    (draw as u128 * Ratio::ONE.as_ppb() as u128) < ((ratio.as_ppb() as u128) << 64)
}

/// A number below `n`, equally likely up to `n / 2^64` (multiply and shift; Lemire, ACM TOMACS 29(1), 2019). Zero if `n` is.
#[inline]
pub const fn below(draw: u64, n: u64) -> u64 {
    ((draw as u128 * n as u128) >> 64) as u64
}

/// Which of `count` things are among a share of them. Their number is the share of `count`, rounded up or down by chance
/// in the mean, never anything else: of 200, one in a hundred are two. Draws 0 to `count` are used.
pub fn members(draws: Stream, count: u64, share: Ratio) -> Vec<bool> {
    let one = u128::from(Ratio::ONE.as_ppb());
    let expected = u128::from(count) * u128::from(share.as_ppb());
    let rest = Ratio::from_ppb((expected % one) as u64);
    let number = (expected / one) as usize + usize::from(chance(draws.at(count), rest));
    let mut order: Vec<(u64, u64)> = (0..count).map(|index| (draws.at(index), index)).collect();
    order.sort_unstable();
    let mut is_member = vec![false; order.len()];
    for (_, index) in order.into_iter().take(number) {
        is_member[index as usize] = true;
    }
    is_member
}

/// FNV-1a over `path`, a zero byte and `purpose`, finalised so that similar names give unrelated numbers.
fn hash(path: &str, purpose: &str) -> u64 {
    let bytes = path.bytes().chain([0]).chain(purpose.bytes());
    mix(bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)))
}

/// The finaliser of SplitMix64 (variant 13 of Stafford's mixers): a bijection.
#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Gamma};
    use std::collections::BTreeSet;

    #[test]
    fn a_share_has_as_many_members_as_it_says_and_the_draws_say_which() {
        let among = |seed, count, share| members(Streams::new(seed).stream("a", "b"), count, share);
        let number = |seed, count, share| among(seed, count, share).iter().filter(|is| **is).count();
        for seed in 0..50 {
            assert_eq!(number(seed, 100, Ratio::from_percent(2)), 2, "{seed}");
            assert_eq!((number(seed, 7, Ratio::ZERO), number(seed, 7, Ratio::ONE)), (0, 7));
        }
        let halves: usize = (0..1_000).map(|seed| number(seed, 100, Ratio::from_ppb(5_000_000))).sum();
        assert!((450..550).contains(&halves), "half a member in the mean, never more than one: {halves}");
        assert!((0..1_000).all(|seed| number(seed, 100, Ratio::from_ppb(5_000_000)) <= 1));
        assert_ne!(among(1, 100, Ratio::from_percent(20)), among(2, 100, Ratio::from_percent(20)));
    }

    #[test]
    fn the_draws_of_a_name_never_change() {
        let stream = Streams::new(42).stream("regions/eu/api", "service time");
        let draws: Vec<u64> = [0, 1, 2, u64::MAX].into_iter().map(|i| stream.at(i)).collect();
        assert_eq!(
            draws,
            [
                11_413_580_309_278_684_243,
                11_272_842_760_354_679_399,
                13_865_968_113_620_950_920,
                18_265_610_370_666_455_939
            ]
        );
    }

    #[test]
    fn one_and_only_one_key_belongs_to_a_seed_path_and_purpose() {
        let mut keys = BTreeSet::new();
        for seed in 0..20 {
            for path in ["", "a", "ab", "a/b", "b"] {
                for purpose in ["", "b", "bc", "c", "a/b"] {
                    keys.insert(Streams::new(seed).stream(path, purpose).key);
                }
            }
        }
        assert_eq!(keys.len(), 20 * 5 * 5);
    }

    #[test]
    fn drawing_from_one_stream_moves_no_other() {
        let streams = Streams::new(7);
        let alone: Vec<u64> = (0..9).map(|i| streams.stream("clients", "arrivals").at(i)).collect();
        let (mut arrivals, mut faults) =
            (streams.stream("clients", "arrivals").cursor(), streams.stream("disk", "faults").cursor());
        let beside: Vec<u64> = (0..9)
            .map(|i| {
                (0..i).for_each(|_| assert_ne!(faults.next(), 0));
                arrivals.next()
            })
            .collect();
        assert_eq!((alone, faults.index()), (beside, 36));
    }

    #[test]
    fn any_distribution_of_the_ecosystem_draws_from_a_stream() {
        let cursor = || Streams::new(11).stream("clients", "think").cursor();
        let sampled = || Gamma::new(2.0, 3.0).unwrap().sample_iter(cursor()).take(10_000).collect::<Vec<f64>>();
        assert_eq!(sampled(), sampled());
        let mean = sampled().iter().sum::<f64>() / 10_000.0;
        // Mean 6, standard deviation 4.24: four standard errors.
        assert!((mean - 6.0).abs() < 0.17, "{mean}");
    }

    #[test]
    fn words_and_bytes_are_cut_from_the_draws_in_order() {
        let stream = Streams::new(42).stream("regions/eu/api", "service time");
        let mut cursor = stream.cursor();
        assert_eq!((cursor.next_u64(), cursor.next_u32()), (stream.at(0), (stream.at(1) >> 32) as u32));
        let mut bytes = [0; 12];
        cursor.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], stream.at(2).to_le_bytes());
        assert_eq!(bytes[8..], stream.at(3).to_le_bytes()[..4]);
        assert_eq!(cursor.index(), 4);
    }

    #[test]
    fn a_chance_is_exact_at_its_threshold() {
        let half = Ratio::from_percent(50);
        assert!(chance((1 << 63) - 1, half) && !chance(1 << 63, half));
        assert!(!chance(0, Ratio::ZERO) && chance(u64::MAX, Ratio::ONE) && chance(u64::MAX, Ratio::from_percent(200)));
        assert!(chance(0, Ratio::from_ppb(1)) && !chance(u64::MAX / 1_000_000_000 + 1, Ratio::from_ppb(1)));
    }

    #[test]
    fn numbers_below_n_are_equally_likely() {
        let stream = Streams::new(3).stream("dice", "throw");
        let mut counts = [0_u32; 6];
        (0..60_000).for_each(|i| counts[below(stream.at(i), 6) as usize] += 1);
        // Chi-square with 5 degrees of freedom: 20.5 is exceeded once in a thousand.
        let chi: f64 = counts.iter().map(|count| (f64::from(*count) - 1e4) * (f64::from(*count) - 1e4) / 1e4).sum();
        assert!(chi < 20.5, "{counts:?}");
        assert_eq!((below(u64::MAX, 6), below(u64::MAX, 0)), (5, 0));
    }
}
