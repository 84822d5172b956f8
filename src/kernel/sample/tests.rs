//! Samplers against their distributions: exact quantiles, statrs' distribution functions, means, and golden streams.

use super::quantile::{LONGEST, Quantile, unit};
use super::{Distribution, Poisson, Sampler, Zipf};
use crate::kernel::{Stream, Streams};
use crate::units::{Ratio, Span};
use proptest::prelude::*;
use statrs::distribution::{ContinuousCDF, DiscreteCDF, Exp, LogNormal, Normal, Pareto, Weibull};

const MS: fn(u64) -> Span = Span::from_millis;

fn stream(purpose: &str) -> Stream {
    Streams::new(2024).stream("sample/tests", purpose)
}

fn continuous() -> Vec<Distribution> {
    let mut distributions = vec![
        Distribution::Exponential { mean: MS(250) },
        Distribution::Normal { mean: MS(100), sd: MS(20) },
        Distribution::Normal { mean: MS(100), sd: MS(90) },
        Distribution::Normal { mean: MS(1), sd: MS(900) },
    ];
    distributions.extend([0.0, 0.1, 0.6, 2.0, 10.0].map(|sigma| Distribution::LogNormal { median: MS(80), sigma }));
    distributions.extend([0.3, 1.1, 2.5, 50.0].map(|alpha| Distribution::Pareto { min: MS(5), alpha }));
    distributions.extend([0.2, 0.7, 1.0, 3.0, 40.0].map(|shape| Distribution::Weibull { scale: MS(30), shape }));
    let parts = [(95, 500), (5, 10_500)].map(|(percent, ms)| (Ratio::from_percent(percent), MS(ms))).to_vec();
    distributions.push(Distribution::Hyperexponential { parts });
    distributions
}

fn all() -> Vec<Distribution> {
    let points = [(0, 10), (50, 20), (90, 20), (99, 400), (100, 2_000)];
    let points = points.map(|(percent, ms)| (Ratio::from_percent(percent), MS(ms))).to_vec();
    let integers = [
        Distribution::Constant(MS(7)),
        Distribution::Uniform { low: MS(3), high: MS(9) },
        Distribution::Empirical { points },
    ];
    integers.into_iter().chain(continuous()).collect()
}

/// The distribution function of a distribution in seconds, from an independent implementation where there is one.
fn cumulative(distribution: &Distribution, x: f64) -> f64 {
    let s = |span: &Span| span.as_secs_f64();
    match distribution {
        Distribution::Exponential { mean } => Exp::new(1.0 / s(mean)).unwrap().cdf(x),
        Distribution::Normal { mean, sd } => {
            let normal = Normal::new(s(mean), s(sd)).unwrap();
            (normal.cdf(x) - normal.cdf(0.0)) / normal.sf(0.0)
        }
        Distribution::LogNormal { median, sigma } => LogNormal::new(libm::log(s(median)), *sigma).unwrap().cdf(x),
        Distribution::Pareto { min, alpha } => Pareto::new(s(min), *alpha).unwrap().cdf(x),
        Distribution::Weibull { scale, shape } => Weibull::new(*shape, s(scale)).unwrap().cdf(x),
        Distribution::Hyperexponential { parts } => {
            parts.iter().map(|(share, mean)| share.as_f64() * Exp::new(1.0 / s(mean)).unwrap().cdf(x)).sum()
        }
        Distribution::Uniform { low, high } => ((x - s(low)) / (s(high) - s(low))).clamp(0.0, 1.0),
        Distribution::Constant(_) | Distribution::Empirical { .. } => panic!("{distribution} has steps"),
    }
}

#[test]
fn a_sample_is_within_a_thousandth_of_the_exact_quantile() {
    for distribution in continuous() {
        let (sampler, exact) = (Sampler::new(&distribution), Quantile::of(&distribution).unwrap());
        // Even steps of an odd size meet every cell at many places; small and large draws meet the tails.
        let middle = (0..200_000).map(|i: u64| i.wrapping_mul(0x0000_53E2_D623_8DA3));
        let tails = (0..64).flat_map(|bits| [u64::MAX >> bits, !(u64::MAX >> bits)]);
        for draw in middle.chain(tails) {
            let (sample, truth) = (sampler.span(draw).as_nanos() as f64, exact.exact(unit(draw)).min(LONGEST as f64));
            assert!(
                (sample - truth).abs() <= 1.5 + 1e-3 * truth,
                "{distribution}: draw {draw} gave {sample}, not {truth}"
            );
        }
    }
}

#[test]
fn samples_follow_their_law() {
    const N: usize = 20_000;
    let uniform = Distribution::Uniform { low: MS(3), high: MS(9) };
    // A distribution with steps, or with much of its weight below a nanosecond, has none of the continuous distributions.
    let smooth = |distribution: &Distribution| match distribution {
        Distribution::LogNormal { sigma, .. } => *sigma > 0.0 && *sigma < 10.0,
        Distribution::Weibull { shape, .. } => *shape > 0.2,
        _ => true,
    };
    for distribution in continuous().into_iter().filter(smooth).chain([uniform]) {
        let sampler = Sampler::new(&distribution);
        let mut samples: Vec<Span> = (0..N as u64).map(|i| sampler.span(stream("ks").at(i))).collect();
        samples.sort_unstable();
        let gaps = samples.iter().enumerate().map(|(i, sample)| {
            let expected = cumulative(&distribution, sample.as_secs_f64());
            (expected - i as f64 / N as f64).abs().max((expected - (i + 1) as f64 / N as f64).abs())
        });
        // Kolmogorov's limit distribution: 1.95 is exceeded once in a thousand (Massey, JASA 46, 1951).
        let distance = gaps.fold(0.0, f64::max) * libm::sqrt(N as f64);
        assert!(distance < 1.95, "{distribution}: {distance}");
    }
}

#[test]
fn the_mean_of_the_samples_is_the_mean_of_the_law() {
    const N: u64 = 1 << 18;
    for distribution in all() {
        // Where the mean hides in a tail thinner than the grid, the grid cannot find it.
        let tail_heavy = match distribution {
            Distribution::LogNormal { sigma, .. } => sigma > 1.0,
            Distribution::Pareto { alpha, .. } => alpha < 2.0,
            Distribution::Weibull { shape, .. } => shape < 0.5,
            _ => false,
        };
        if !tail_heavy {
            let sampler = Sampler::new(&distribution);
            let grid = (0..N).map(|i| sampler.span((i << 46) | 1 << 45).as_secs_f64());
            let (seen, mean) = (grid.sum::<f64>() / N as f64, distribution.mean().unwrap());
            assert!((seen / mean - 1.0).abs() < 1e-3, "{distribution}: {seen} for {mean}");
        }
    }
}

#[test]
fn golden_samples_never_change() {
    let samples: Vec<u64> =
        all().iter().map(|distribution| Sampler::new(distribution).span(stream("golden").at(0)).as_nanos()).collect();
    assert_eq!(
        samples,
        [
            7_000_000,
            4_390_738,
            14_635_792,
            65_922_919,
            85_340_696,
            61_439_444,
            265_442_755,
            80_000_000,
            74_346_012,
            51_534_274,
            18_469_027,
            52_464,
            12_042_117,
            6_354_464,
            5_556_200,
            5_026_439,
            38_247,
            4_468_031,
            7_910_750,
            19_237_710,
            29_016_743,
            139_390_906
        ]
    );
    let digests: Vec<u64> = all().iter().map(|distribution| digest(&Sampler::new(distribution))).collect();
    assert_eq!(
        digests,
        [
            12_845_612_707_047_194_469,
            7_311_457_590_125_276_118,
            18_248_192_513_289_760_328,
            11_049_898_578_132_908_727,
            1_802_076_167_403_867_752,
            8_205_492_825_671_539_458,
            11_746_045_963_642_625_642,
            4_916_475_103_465_089_125,
            15_489_290_321_787_899_105,
            2_990_790_540_680_206_520,
            6_198_581_484_111_275_193,
            13_380_313_698_599_032_990,
            10_088_724_508_007_862_104,
            2_419_769_681_912_288_037,
            16_428_480_515_434_253_880,
            3_848_920_905_523_123_554,
            10_001_540_117_525_685_454,
            1_001_080_127_096_550_588,
            7_439_452_397_163_392_351,
            16_157_300_622_402_204_770,
            3_892_433_481_471_227_281,
            8_314_694_491_144_369_690
        ]
    );
}

/// FNV-1a of ten thousand samples.
fn digest(sampler: &Sampler) -> u64 {
    let samples = (0..10_000).map(|i| sampler.span(stream("golden").at(i)).as_nanos());
    samples.fold(0xCBF2_9CE4_8422_2325, |hash, ns| (hash ^ ns).wrapping_mul(0x0000_0100_0000_01B3))
}

#[test]
fn measured_quantiles_are_met_exactly_and_joined_by_straight_lines() {
    let points = vec![(Ratio::ZERO, MS(10)), (Ratio::from_percent(50), MS(20)), (Ratio::ONE, MS(60))];
    let sampler = Sampler::new(&Distribution::Empirical { points });
    let at = |draw| sampler.span(draw);
    assert_eq!((at(0), at(1 << 62), at(1 << 63), at(3 << 62)), (MS(10), MS(15), MS(20), MS(40)));
    assert_eq!(at(u64::MAX), Span::from_nanos(59_999_999));
}

#[test]
fn a_uniform_law_meets_both_ends() {
    let ends = |low, high| {
        let sampler = Sampler::new(&Distribution::Uniform { low: Span::from_nanos(low), high: Span::from_nanos(high) });
        (sampler.span(0).as_nanos(), sampler.span(u64::MAX).as_nanos())
    };
    assert_eq!((ends(3, 5), ends(4, 4), ends(0, u64::MAX)), ((3, 5), (4, 4), (0, LONGEST)));
}

#[test]
fn poisson_counts_follow_their_law() {
    for mean in [0.0, 0.1, 1.0, 7.5, 40.0, 999.5, 250_000.0] {
        let poisson = Poisson::new(mean).unwrap();
        if mean == 0.0 {
            assert_eq!((poisson.at(0), poisson.at(u64::MAX)), (0, 0));
            continue;
        }
        let oracle = statrs::distribution::Poisson::new(mean).unwrap();
        for i in 0..500 {
            let draw = stream("poisson").at(i);
            let (count, u) = (poisson.at(draw), unit(draw));
            let below = if count == 0 { 0.0 } else { oracle.cdf(count - 1) };
            assert!(below - 1e-9 <= u && u <= oracle.cdf(count) + 1e-9, "mean {mean}: {count} for {u}");
        }
    }
    assert!(Poisson::new(f64::NAN).is_err() && Poisson::new(-1.0).is_err() && Poisson::new(1e7).is_err());
}

#[test]
fn golden_poisson_and_zipf_draws_never_change() {
    let (poisson, zipf) = (Poisson::new(12.5).unwrap(), Zipf::new(100_000, 0.99).unwrap());
    let counts: Vec<u64> = (0..8).map(|i| poisson.at(stream("golden").at(i))).collect();
    let ranks: Vec<u32> = (0..8).map(|i| zipf.at(stream("golden").at(i))).collect();
    assert_eq!(counts, [10, 19, 9, 10, 13, 10, 10, 9]);
    assert_eq!(ranks, [0, 2852, 13_442, 0, 23, 0, 0, 18_559]);
}

#[test]
fn zipf_ranks_are_drawn_in_proportion() {
    for (count, s) in [(1, 1.0), (2, 0.0), (10, 0.99), (1000, 1.2), (7, 10.0)] {
        let zipf = Zipf::new(count, s).unwrap();
        let weights: Vec<f64> = (1..=count).map(|rank| libm::pow(f64::from(rank), -s)).collect();
        let total: f64 = weights.iter().sum();
        // The alias table is a set of intervals of draws: a fine grid measures them.
        let n = 1_u64 << 20;
        let mut seen = vec![0_u64; count as usize];
        (0..n).for_each(|i| seen[zipf.at((i << 44) | 1 << 43) as usize] += 1);
        for (rank, weight) in weights.iter().enumerate() {
            let (seen, expected) = (seen[rank] as f64 / n as f64, weight / total);
            assert!((seen - expected).abs() < 2e-4, "{count} ranks, s {s}: rank {rank} has {seen}, not {expected}");
        }
    }
    assert!(Zipf::new(0, 1.0).is_err() && Zipf::new(5, f64::NAN).is_err() && Zipf::new(u32::MAX, 1.0).is_err());
}

fn distribution(longest: u64) -> impl Strategy<Value = Distribution> {
    let span = move || (0..longest).prop_map(Span::from_nanos);
    prop_oneof![
        span().prop_map(|mean| Distribution::Exponential { mean }),
        (span(), span()).prop_map(|(mean, sd)| Distribution::Normal { mean, sd }),
        (span(), 0.0..10.0).prop_map(|(median, sigma)| Distribution::LogNormal { median, sigma }),
        (span(), 0.01..1_000.0).prop_map(|(min, alpha)| Distribution::Pareto { min, alpha }),
        (span(), 0.01..1_000.0).prop_map(|(scale, shape)| Distribution::Weibull { scale, shape }),
        proptest::sample::select(all()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn a_sampler_never_fails_and_never_descends_by_more_than_rounding(
        (short, distribution) in prop_oneof![(Just(true), distribution(1 << 45)), (Just(false), distribution(u64::MAX))],
        mut draws in proptest::collection::vec(any::<u64>(), 500),
    ) {
        prop_assert!(distribution.validate().is_ok());
        let sampler = Sampler::new(&distribution);
        draws.extend([0, u64::MAX]);
        draws.sort_unstable();
        let spans: Vec<Span> = draws.into_iter().map(|draw| sampler.span(draw)).collect();
        // A double carries 53 bits: beyond some days of mean, neighbouring samples may change places.
        let descends = |pair: &[Span]| pair[1].as_nanos() as f64 * (1.0 + 1e-13) + 1.0 < pair[0].as_nanos() as f64;
        let fault = spans.windows(2).find(|pair| short && descends(pair));
        prop_assert_eq!(fault, None);
        prop_assert!(spans.iter().all(|span| span.as_nanos() <= LONGEST));
    }
}
