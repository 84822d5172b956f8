//! How many standard errors an estimate from few runs may be off by chance.
//!
//! Owns the quantiles of Student's t distribution at one level: that at which an estimate with a known error is four
//! standard errors off. Does not know what is estimated.
//!
//! Invariant: never less than four. The standard error of few runs is itself an estimate, and often too small: of eight
//! runs, four standard errors are exceeded once in 190 times and not once in 15,800.

/// For a normal estimate with a known error.
pub const OF_A_NORMAL: f64 = 4.0;

/// Above, the expansion for many degrees of freedom is exact to 1e-9, and the series would be long.
const MANY: u32 = 2_000;

/// What the standard error from `runs` runs is to be multiplied with.
pub fn standard_errors(runs: usize) -> f64 {
    let degrees = u32::try_from(runs).unwrap_or(u32::MAX).saturating_sub(1).max(1);
    if degrees > MANY { expansion(f64::from(degrees)) } else { by_halving(degrees) }
}

/// The probability to be further off on either side, were the error known.
fn level() -> f64 {
    libm::erfc(OF_A_NORMAL / std::f64::consts::SQRT_2)
}

/// Between a bound that is too small and one that is too large, to the last bit.
fn by_halving(degrees: u32) -> f64 {
    let wanted = level();
    let (mut low, mut high) = (OF_A_NORMAL, 2.0 * OF_A_NORMAL);
    while outside(high, degrees) > wanted {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if outside(middle, degrees) > wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The probability that t is more than `t` away from zero, by the finite series for whole degrees of freedom
/// (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4, with tan θ = t / √ν).
fn outside(t: f64, degrees: u32) -> f64 {
    let nu = f64::from(degrees);
    let (sine, cosine) = (t / (nu + t * t).sqrt(), (nu / (nu + t * t)).sqrt());
    let square = cosine * cosine;
    let even = degrees.is_multiple_of(2);
    let mut term = if even { 1.0 } else { cosine };
    let mut sum = if degrees == 1 { 0.0 } else { term };
    let mut k = if even { 1 } else { 2 };
    while k + 1 < degrees {
        term *= square * f64::from(k) / f64::from(k + 1);
        sum += term;
        k += 2;
    }
    if even {
        return 1.0 - sine * sum;
    }
    let angle = libm::atan(t / nu.sqrt());
    1.0 - std::f64::consts::FRAC_2_PI * (angle + sine * sum)
}

/// Abramowitz and Stegun 1964, 26.7.5: the quantile in powers of one over the degrees of freedom.
fn expansion(nu: f64) -> f64 {
    let x = OF_A_NORMAL;
    let (x3, x5, x7) = (x * x * x, x * x * x * x * x, x * x * x * x * x * x * x);
    let first = (x3 + x) / 4.0;
    let second = (5.0 * x5 + 16.0 * x3 + 3.0 * x) / 96.0;
    let third = (3.0 * x7 + 19.0 * x5 + 17.0 * x3 - 15.0 * x) / 384.0;
    x + first / nu + second / (nu * nu) + third / (nu * nu * nu)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn the_quantiles_are_those_of_student() {
        for degrees in [1, 2, 3, 4, 7, 8, 19, 29, 30, 39, 99, 499, 1_000, 2_000] {
            let student = StudentsT::new(0.0, 1.0, f64::from(degrees)).unwrap();
            let found = standard_errors(degrees as usize + 1);
            let beyond = 2.0 * student.sf(found);
            assert!((beyond / level() - 1.0).abs() < 1e-8, "{degrees}: {found} leaves {beyond}");
        }
        assert!((level() - 6.334_248_366_623_996e-5).abs() < 1e-18);
    }

    #[test]
    fn one_in_190_is_what_four_standard_errors_of_eight_runs_leave() {
        let off = 1.0 / outside(4.0, 7);
        assert!((189.0..194.0).contains(&off), "{off}");
        assert!((standard_errors(8) - 8.466_925).abs() < 1e-5, "{}", standard_errors(8));
    }

    #[test]
    fn the_two_ways_meet_and_fewer_runs_never_need_less() {
        let (series, expanded) = (by_halving(MANY), expansion(f64::from(MANY)));
        assert!((series - expanded).abs() < 1e-8, "{series} and {expanded}");
        let all: Vec<f64> = (2..200).map(standard_errors).collect();
        assert!(all.windows(2).all(|pair| pair[0] > pair[1]) && all[197] > OF_A_NORMAL);
        assert!(standard_errors(1_000_000) - OF_A_NORMAL < 1e-4);
    }
}
