//! Exact quantile functions of the continuous distributions.
//!
//! Owns the inverse of each distribution function. Uses no tables. Invariant: each ascends with `u` and stays within
//! 0..=[`LONGEST`].

use super::distribution::Distribution;
use super::normal;

/// No sample is longer (about 146 years), so that adding one to any instant of a run fits in 64 bits.
pub(super) const LONGEST: u64 = 1 << 62;

/// The quantile function of a distribution. Unit: nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantile {
    Exponential {
        mean: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
        positive: f64,
    },
    LogNormal {
        median: f64,
        sigma: f64,
    },
    Pareto {
        min: f64,
        alpha: f64,
    },
    Weibull {
        scale: f64,
        shape: f64,
    },
    /// Shares and means, in nanoseconds; those that are not used have the share zero.
    Hyperexponential {
        parts: [(f64, f64); Distribution::MOST_PARTS],
    },
}

impl Quantile {
    /// The quantile function of a distribution, or `None` if it is computed in integers.
    pub(super) fn of(distribution: &Distribution) -> Option<Self> {
        let ns = |span: &crate::units::Span| span.as_nanos() as f64;
        Some(match distribution {
            Distribution::Exponential { mean } => Self::Exponential { mean: ns(mean) },
            Distribution::Normal { mean, sd } if sd.as_nanos() > 0 => {
                let (mean, sd) = (ns(mean), ns(sd));
                Self::Normal { mean, sd, positive: normal::cdf(mean / sd) }
            }
            Distribution::LogNormal { median, sigma } => {
                let sigma = mutant!("a_lognormal_law_is_half_as_wide": *sigma => *sigma / 2.0);
                Self::LogNormal { median: ns(median), sigma }
            }
            Distribution::Pareto { min, alpha } => Self::Pareto { min: ns(min), alpha: *alpha },
            Distribution::Weibull { scale, shape } => Self::Weibull { scale: ns(scale), shape: *shape },
            Distribution::Hyperexponential { parts } => {
                let mut all = [(0.0, 1.0); Distribution::MOST_PARTS];
                all.iter_mut().zip(parts).for_each(|(part, (share, mean))| *part = (share.as_f64(), ns(mean)));
                Self::Hyperexponential { parts: all }
            }
            Distribution::Constant(_)
            | Distribution::Uniform { .. }
            | Distribution::Normal { .. }
            | Distribution::Empirical { .. } => return None,
        })
    }

    /// The quantile of `u` in (0, 1), rounded to whole nanoseconds.
    pub(super) fn at(&self, u: f64) -> u64 {
        // A float cast saturates, and NaN cannot arise from validated parameters; it would give zero.
        (libm::floor(self.exact(u) + 0.5) as u64).min(LONGEST)
    }

    /// The quantile of `u` in (0, 1), in nanoseconds.
    pub(super) fn exact(&self, u: f64) -> f64 {
        let waited = -libm::log1p(-u);
        match *self {
            Self::Exponential { mean } => mean * waited,
            Self::Normal { mean, sd, positive } => (mean + sd * truncated(u, positive)).max(0.0),
            Self::LogNormal { median, sigma } => median * libm::exp(sigma * normal::quantile(u)),
            Self::Pareto { min, alpha } => min * libm::exp(waited / alpha),
            Self::Weibull { scale, shape } => scale * libm::pow(waited, 1.0 / shape),
            Self::Hyperexponential { parts } => hyperexponential(&parts, waited),
        }
    }
}

/// Where the survival function, Σ share · exp(−x / mean), has fallen to exp(−waited). It is convex and falls, so Newton's
/// method from the left approaches from the left; each part alone bounds the place from below.
fn hyperexponential(parts: &[(f64, f64)], waited: f64) -> f64 {
    let parts = || parts.iter().filter(|(share, mean)| *share > 0.0 && *mean > 0.0);
    let mut x = parts().map(|(share, mean)| mean * (waited + libm::log(*share))).fold(0.0, f64::max);
    let goal = libm::exp(-waited);
    for _ in 0..100 {
        let (survival, slope) = parts().fold((0.0, 0.0), |(survival, slope), (share, mean)| {
            let left = share * libm::exp(-x / mean);
            (survival + left, slope + left / mean)
        });
        let step = (survival - goal) / slope;
        if !(step > x * 1e-13 && step.is_finite()) {
            break;
        }
        x += step;
    }
    x
}

/// The standard normal quantile of the upper part that has the weight `positive`. Counted from the nearer end, since
/// close to one the sum of two parts would round to one and have no quantile.
fn truncated(u: f64, positive: f64) -> f64 {
    if u < 0.5 { normal::quantile(1.0 - positive + u * positive) } else { -normal::quantile((1.0 - u) * positive) }
}

/// A draw as a number in (0, 1): the middle of one of 2^52 equal cells, so that neither end is ever met.
#[inline]
pub(super) fn unit(draw: u64) -> f64 {
    ((draw >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
}
