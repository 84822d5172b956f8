//! How often something holds, from how often it did: exact intervals and decisions for a number of runs fixed before.
//!
//! Owns the binomial distribution and the incomplete beta function behind it. Does not know what a run is.
//!
//! Invariant: bounds are exact, never a normal approximation, which is wrong just where almost every run holds. All is
//! worked out from the smaller of the two shares, whose digits are not lost beside one.

/// The probability that at most `k` of `n` independent runs fail, if each does with probability `p`.
pub fn at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 1.0 } else { incomplete_beta((n - k) as f64, k as f64 + 1.0, 1.0 - p) }
}

/// The probability that at least `k` of `n` fail.
pub fn at_least(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 { 1.0 } else { incomplete_beta(k as f64, (n - k) as f64 + 1.0, p) }
}

/// The largest share of failures that `failed` of `n` does not make less likely than `level`: an upper bound that is
/// exceeded with that probability at most (Clopper and Pearson 1934, one side).
pub fn upper_bound(failed: u64, n: u64, level: f64) -> f64 {
    if failed >= n { 1.0 } else { quantile(1.0 - level, failed as f64 + 1.0, (n - failed) as f64) }
}

/// The smallest such share: a lower bound that is missed with that probability at most.
pub fn lower_bound(failed: u64, n: u64, level: f64) -> f64 {
    if failed == 0 || n == 0 { 0.0 } else { quantile(level, failed as f64, (n - failed) as f64 + 1.0) }
}

/// What may and what must not fail of a number of runs that is fixed before they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// At most so many failures show that enough hold; `None`: no number of failures does, for there are too few runs.
    pub pass: Option<u64>,
    /// So many failures or more show that not enough hold; `None`: not even if all fail.
    pub fail: Option<u64>,
}

impl Limits {
    /// For `n` runs, of which the share `fails` may fail; each is wrong with probability `level` at most.
    pub fn of(n: u64, fails: f64, level: f64) -> Self {
        let first = |beyond: &dyn Fn(u64) -> bool| first_from(0, n + 1, beyond);
        let pass = first(&|k| at_most(k, n, fails) > level).checked_sub(1).filter(|k| *k <= n);
        let fail = Some(first(&|k| at_least(k, n, fails) <= level)).filter(|k| *k <= n);
        Self { pass, fail }
    }
}

/// The smallest number of runs, up to `most`, of which `failures` may fail and the rest shows enough; `None`: more.
pub fn runs_that_pass(failures: u64, fails: f64, level: f64, most: u64) -> Option<u64> {
    let passes = |n: u64| at_most(failures, n, fails) <= level;
    passes(most).then(|| first_from(failures + 1, most, &passes))
}

/// The first number from `low` on at which something that stays so is so, `high` if it is at none before.
fn first_from(mut low: u64, mut high: u64, is_so: &dyn Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if is_so(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// Which of `n` values in order enclose the `share` quantile of their distribution, whatever that is, missing it on either
/// side with probability `level` at most: positions from 1. `None` on a side: no value does.
///
/// Source: order statistics, David and Nagaraja 2003, 7.1.
pub fn around_quantile(n: u64, share: f64, level: f64) -> (Option<u64>, Option<u64>) {
    // So many of them lie below the quantile with a probability that is binomial.
    let too_late = first_from(1, n + 1, &|k| at_most(k - 1, n, share) > level);
    let late_enough = first_from(1, n + 1, &|k| at_most(k - 1, n, share) >= 1.0 - level);
    (too_late.checked_sub(1).filter(|k| *k > 0), Some(late_enough).filter(|k| *k <= n))
}

/// The logarithm of the beta function.
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

/// The regularised incomplete beta function, by its continued fraction on whichever side that converges fast
/// (DLMF 8.17.22, evaluated by Lentz's method).
pub(super) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - ln_beta(a, b));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction. A few terms do, or some times the square root of the larger parameter.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for m in 1..100_000_u32 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            change = c * d;
            product *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

/// Where the incomplete beta function reaches `p`, by halving until no number lies between.
fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    loop {
        // Small shares are halved in their exponent first: they keep all their digits.
        let middle = if low == 0.0 { high / 2.0 } else { low + (high - low) / 2.0 };
        if middle <= low || middle >= high || middle < 1e-300 {
            return high;
        }
        if incomplete_beta(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, ContinuousCDF};

    fn near(found: f64, right: f64, within: f64) {
        assert!((found - right).abs() <= within, "{found} is not {right}");
    }

    /// Vectors: worked out apart from this program, to fifteen digits; and `statrs`.
    #[test]
    fn the_incomplete_beta_function_is_right() {
        let table = [
            (0.5, 0.5, 0.3, 0.369_010_119_565_545),
            (2.0, 3.0, 0.4, 0.5248),
            (991.0, 11.0, 0.99, 0.581_783_401_189_835),
            (0.1, 5.0, 0.001, 0.612_898_359_374_994),
            (500.5, 0.5, 0.999, 0.317_068_476_655_798),
        ];
        for (a, b, x, right) in table {
            near(incomplete_beta(a, b, x), right, 2e-12);
        }
        for (a, b) in [(3.0, 1.0), (40.0, 2.0), (1.0, 700.0), (20_000.0, 31.0), (5_000.0, 5_000.0)] {
            let oracle = Beta::new(a, b).unwrap();
            for x in [0.01, 0.2, 0.5, 0.9, 0.998, 0.9999] {
                near(incomplete_beta(a, b, x), oracle.cdf(x), 1e-9);
            }
        }
    }

    /// Vectors: worked out apart from this program, two sides of 2.5% each, and one side of 5%.
    #[test]
    fn intervals_are_those_of_clopper_and_pearson() {
        let both = [
            (0, 10, 0.0, 0.308_497),
            (1, 10, 0.002_529, 0.445_016),
            (5, 10, 0.187_086, 0.812_914),
            (3, 100, 0.006_230, 0.085_176),
            (297, 300, 0.971_055, 0.997_933),
            (299, 299, 0.987_738, 1.0),
            (990, 1_000, 0.981_687, 0.995_194),
            (9_990, 10_000, 0.998_162, 0.999_520),
        ];
        for (x, n, low, high) in both {
            near(lower_bound(x, n, 0.025), low, 5e-7);
            near(upper_bound(x, n, 0.025), high, 5e-7);
            // From the other side, where a share close to one is what is left of a small one.
            near(1.0 - upper_bound(n - x, n, 0.025), low, 5e-7);
        }
        near(lower_bound(995, 1_000, 0.05), 0.989_516, 5e-7);
        near(upper_bound(995, 1_000, 0.05), 0.998_028, 5e-7);
        for (n, bound) in [(30, 9.503_385e-2), (100, 2.951_305e-2), (1_000, 2.991_250e-3), (10_000, 2.995_284e-4)] {
            near(upper_bound(0, n, 0.05) / bound, 1.0, 1e-6);
        }
        near(upper_bound(0, 299_572, 0.05) / 1e-5, 1.0, 1e-5);
    }

    /// Vectors: exact binomial sums.
    #[test]
    fn what_may_fail_is_known_before_the_first_run() {
        let table = [
            (300, 0.99, 0, 7),
            (1_000, 0.99, 4, 16),
            (5_000, 0.99, 38, 63),
            (10_000, 0.99, 83, 118),
            (300, 0.98, 1, 11),
            (300, 0.95, 8, 22),
            (500, 0.95, 16, 34),
            (3_000, 0.95, 130, 171),
        ];
        for (n, holds, pass, fail) in table {
            let limits = Limits::of(n, 1.0 - holds, 0.05);
            assert_eq!(limits, Limits { pass: Some(pass), fail: Some(fail) }, "{n} {holds}");
        }
        assert_eq!(Limits::of(58, 0.05, 0.05), Limits { pass: None, fail: Some(7) });
        assert_eq!(Limits::of(59, 0.05, 0.05).pass, Some(0));
        assert_eq!(Limits::of(1, 0.5, 0.05), Limits { pass: None, fail: None });
        assert_eq!(Limits::of(0, 0.05, 0.05), Limits { pass: None, fail: None });
    }

    #[test]
    fn the_smallest_number_of_runs_that_can_pass() {
        let table = [(0.95, [59, 93, 124]), (0.99, [299, 473, 628]), (0.999, [2_995, 4_742, 6_294])];
        for (holds, runs) in table {
            let found = [0, 1, 2].map(|failures| runs_that_pass(failures, 1.0 - holds, 0.05, 1_000_000).unwrap());
            assert_eq!(found, runs, "{holds}");
        }
        assert_eq!(runs_that_pass(0, 0.05, 0.05, 58), None);
        assert_eq!(runs_that_pass(0, 0.01, 0.01, 1_000_000), Some(459));
    }

    /// Vectors: exact binomial sums, two sides of 2.5% each, and one side of 5%.
    #[test]
    fn quantiles_are_enclosed_by_order_statistics() {
        let both = [
            (100, 0.5, 40, 61),
            (100, 0.9, 84, 96),
            (200, 0.95, 184, 197),
            (1_000, 0.95, 936, 964),
            (1_000, 0.99, 983, 997),
            (2_000, 0.99, 1_971, 1_989),
        ];
        for (n, share, low, high) in both {
            assert_eq!(around_quantile(n, share, 0.025), (Some(low), Some(high)), "{n} {share}");
        }
        let upper = |n, share| around_quantile(n, share, 0.05).1;
        assert_eq!((upper(298, 0.99), upper(299, 0.99), upper(473, 0.99)), (None, Some(299), Some(472)));
        assert_eq!((upper(1_000, 0.99), upper(1_000, 0.95)), (Some(996), Some(962)));
        assert_eq!(around_quantile(1, 0.5, 0.025), (None, None));
    }
}
