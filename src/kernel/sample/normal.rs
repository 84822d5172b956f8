//! The normal distribution: density, distribution and quantile.
//!
//! Owns these three, on `libm`, and nothing else. Invariant: the quantile is odd about one half and ascends.

use std::f64::consts::{PI, SQRT_2};

/// Density of the standard normal distribution.
pub(super) fn density(z: f64) -> f64 {
    libm::exp(-z * z / 2.0) / libm::sqrt(2.0 * PI)
}

/// Chance that a standard normal variable is at most `z`.
pub(super) fn cdf(z: f64) -> f64 {
    libm::erfc(-z / SQRT_2) / 2.0
}

/// The standard normal quantile of `p` in (0, 1).
///
/// Algorithm AS 241, routine PPND16, accurate to about 1 part in 10^16: M. J. Wichura, "The percentage points of the
/// normal distribution", Applied Statistics 37 (1988), 477-484.
pub(super) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&A, r) / polynomial(&B, r);
    }
    let r = libm::sqrt(-libm::log(if q < 0.0 { p } else { 1.0 - p }));
    let z = if r <= 5.0 {
        polynomial(&C, r - 1.6) / polynomial(&D, r - 1.6)
    } else {
        polynomial(&E, r - 5.0) / polynomial(&F, r - 5.0)
    };
    if q < 0.0 { -z } else { z }
}

/// Horner's rule, lowest coefficient first.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const A: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const B: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_854e3,
];
const C: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const D: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const E: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const F: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_inverts_the_distribution_from_tail_to_tail() {
        for exponent in 1..=300 {
            let p = libm::exp(-f64::from(exponent) / 8.0);
            // An error of one part in 10^15 in z is one of z^2 parts in p.
            let (z, error) = (quantile(p), (cdf(quantile(p)) / p - 1.0).abs());
            assert!(error < 1e-15 * (2.0 + z * z), "p = {p}: {error}");
        }
        for step in 1..1000 {
            let p = f64::from(step) / 1000.0;
            assert!((cdf(quantile(p)) - p).abs() < 1e-15, "p = {p}");
            assert!((quantile(p) + quantile(1.0 - p)).abs() < 1e-14);
        }
    }

    #[test]
    fn known_percentage_points_are_met() {
        // R's qnorm, 15 digits.
        for (p, z) in [(0.975, 1.959_963_984_540_05), (0.25, -0.674_489_750_196_082), (1e-10, -6.361_340_902_404_06)] {
            assert!((quantile(p) - z).abs() < 1e-13, "p = {p}");
        }
    }
}
