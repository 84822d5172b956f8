//! Exact quantile functions of the continuous laws.
//!
//! Owns the inverse of each distribution function. Refuses tables. Invariant: each ascends with `u` and stays within
//! 0..=[`LONGEST`].

use super::law::Law;
use super::normal;

/// No sample is longer (about 146 years), so that adding one to any instant of a run fits in 64 bits.
pub(super) const LONGEST: u64 = 1 << 62;

/// The quantile function of a law. Unit: nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantile {
    Exponential { mean: f64 },
    Normal { mean: f64, sd: f64, positive: f64 },
    LogNormal { median: f64, sigma: f64 },
    Pareto { min: f64, alpha: f64 },
    Weibull { scale: f64, shape: f64 },
}

impl Quantile {
    /// The quantile function of a law, or `None` if it is computed in integers.
    pub(super) fn of(law: &Law) -> Option<Self> {
        let ns = |span: &crate::units::Span| span.as_nanos() as f64;
        Some(match law {
            Law::Exponential { mean } => Self::Exponential { mean: ns(mean) },
            Law::Normal { mean, sd } if sd.as_nanos() > 0 => {
                let (mean, sd) = (ns(mean), ns(sd));
                Self::Normal { mean, sd, positive: normal::cdf(mean / sd) }
            }
            Law::LogNormal { median, sigma } => Self::LogNormal { median: ns(median), sigma: *sigma },
            Law::Pareto { min, alpha } => Self::Pareto { min: ns(min), alpha: *alpha },
            Law::Weibull { scale, shape } => Self::Weibull { scale: ns(scale), shape: *shape },
            Law::Constant(_) | Law::Uniform { .. } | Law::Normal { .. } | Law::Empirical { .. } => return None,
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
        }
    }
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
