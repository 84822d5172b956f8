//! How long something takes, as plain data.
//!
//! Owns the parameters of the distributions, their checks and means. Does not draw. Invariant: a distribution that
//! [`Distribution::validate`] accepts has a sampler that never fails.

use super::normal::{cdf, density};
use crate::units::{Ratio, Span};
use std::fmt;

/// A distribution of duration.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(Span),
    /// Any nanosecond from `low` to `high`, both included, equally likely.
    Uniform {
        /// The shortest.
        low: Span,
        /// The longest.
        high: Span,
    },
    /// Memoryless.
    Exponential {
        /// The mean.
        mean: Span,
    },
    /// Normal, truncated at zero.
    Normal {
        /// The mean before negative values were excluded.
        mean: Span,
        /// The standard deviation before negative values were excluded.
        sd: Span,
    },
    /// The logarithm is normal.
    LogNormal {
        /// The median.
        median: Span,
        /// Standard deviation of the natural logarithm.
        sigma: f64,
    },
    /// Heavy-tailed: the probability of exceeding x is (min / x)^alpha.
    Pareto {
        /// The shortest.
        min: Span,
        /// The tail index: smaller is heavier.
        alpha: f64,
    },
    /// The probability of exceeding x is exp(-(x / scale)^shape).
    Weibull {
        /// The 63rd percentile.
        scale: Span,
        /// Below 1 the hazard rate falls with age, above 1 it rises.
        shape: f64,
    },
    /// A mixture of exponentials: most values are short, a share has a different mean.
    Hyperexponential {
        /// Shares, which add up to the whole, and their means. At most [`Distribution::MOST_PARTS`].
        parts: Vec<(Ratio, Span)>,
    },
    /// Measured quantiles with linear interpolation.
    Empirical {
        /// Quantiles, from 0 % to 100 %, both ascending.
        points: Vec<(Ratio, Span)>,
    },
}

impl Distribution {
    /// The most parts of a hyperexponential distribution.
    pub const MOST_PARTS: usize = 4;

    /// The lognormal distribution of this mean and squared coefficient of variation: sigma² = ln(1 + scv), and the mean is
    /// exp(sigma² / 2) medians (Johnson, Kotz, Balakrishnan, vol. 1, §14.3).
    pub fn lognormal_of_mean(mean: Span, scv: f64) -> Self {
        let median = mean.as_nanos() as f64 / libm::sqrt(1.0 + scv);
        Self::LogNormal { median: Span::from_nanos(median as u64), sigma: libm::sqrt(libm::log1p(scv)) }
    }

    /// The lognormal distribution of this median and 95th percentile, which lies 1.644854 sigma above it.
    pub fn lognormal_of_p95(median: Span, p95: Span) -> Self {
        Self::lognormal_of_quantiles((0.5, median), (0.95, p95))
    }

    /// The lognormal distribution of two of its quantiles, each with the share of values below it: their logarithms lie as
    /// many sigma apart as those of a normal distribution.
    pub fn lognormal_of_quantiles((low, lower): (f64, Span), (high, upper): (f64, Span)) -> Self {
        let deviations = |share: f64| if share == 0.5 { 0.0 } else { super::normal::quantile(share) };
        let ratio = upper.as_nanos() as f64 / (lower.as_nanos() as f64).max(1.0);
        let sigma = libm::log(ratio) / (deviations(high) - deviations(low));
        let median = match deviations(low) == 0.0 {
            true => lower,
            false => Span::from_nanos((lower.as_nanos() as f64 / libm::exp(sigma * deviations(low))) as u64),
        };
        Self::LogNormal { median, sigma }
    }

    /// The mean in seconds; `None` if it is infinite (Pareto with alpha of at most 1).
    pub fn mean(&self) -> Option<f64> {
        Some(match self {
            Self::Constant(span) => span.as_secs_f64(),
            Self::Uniform { low, high } => (low.as_secs_f64() + high.as_secs_f64()) / 2.0,
            Self::Exponential { mean } => mean.as_secs_f64(),
            Self::Normal { mean, sd } => truncated_mean(mean.as_secs_f64(), sd.as_secs_f64()),
            Self::LogNormal { median, sigma } => median.as_secs_f64() * libm::exp(sigma * sigma / 2.0),
            Self::Pareto { alpha, .. } if *alpha <= 1.0 => return None,
            Self::Pareto { min, alpha } => min.as_secs_f64() * alpha / (alpha - 1.0),
            Self::Weibull { scale, shape } => scale.as_secs_f64() * libm::tgamma(1.0 + 1.0 / shape),
            Self::Hyperexponential { parts } => {
                parts.iter().map(|(share, mean)| share.as_f64() * mean.as_secs_f64()).sum()
            }
            Self::Empirical { points } => points.windows(2).map(trapezium).sum(),
        })
    }

    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// What is wrong with which parameter, and what it may be.
    pub fn validate(&self) -> Result<(), String> {
        match self {
            Self::Constant(_) | Self::Exponential { .. } => Ok(()),
            Self::Uniform { low, high } if low > high => Err(format!("low ({low}) is greater than high ({high})")),
            Self::Uniform { .. } => Ok(()),
            Self::Normal { mean, sd } if sd.as_nanos() > 0 && mean.as_nanos() == 0 => {
                Err("a normal distribution needs a mean above zero: half of it would be negative".to_owned())
            }
            Self::Normal { .. } => Ok(()),
            Self::LogNormal { sigma, .. } => within("sigma", *sigma, 0.0, 10.0),
            Self::Pareto { alpha, .. } => within("alpha", *alpha, 0.01, 1_000.0),
            Self::Weibull { shape, .. } => within("shape", *shape, 0.01, 1_000.0),
            Self::Hyperexponential { parts } => validate_parts(parts),
            Self::Empirical { points } => validate_points(points),
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(span) => write!(f, "{span}"),
            Self::Uniform { low, high } => write!(f, "uniform {low}..{high}"),
            Self::Exponential { mean } => write!(f, "exponential, mean {mean}"),
            Self::Normal { mean, sd } => write!(f, "normal, mean {mean}, sd {sd}, not negative"),
            Self::LogNormal { median, sigma } => write!(f, "lognormal, median {median}, sigma {sigma}"),
            Self::Pareto { min, alpha } => write!(f, "pareto, min {min}, alpha {alpha}"),
            Self::Weibull { scale, shape } => write!(f, "weibull, scale {scale}, shape {shape}"),
            Self::Hyperexponential { parts } => {
                f.write_str("hyperexponential")?;
                parts.iter().try_for_each(|(share, mean)| write!(f, ", {share} of mean {mean}"))
            }
            Self::Empirical { points } => {
                f.write_str("empirical")?;
                points.iter().try_for_each(|(ratio, span)| write!(f, ", {ratio}: {span}"))
            }
        }
    }
}

/// Mean of a normal distribution given that it is not negative (Johnson, Kotz, Balakrishnan, vol. 1, §13.10.1).
fn truncated_mean(mean: f64, sd: f64) -> f64 {
    if sd == 0.0 {
        return mean;
    }
    let z = mean / sd;
    mean + sd * density(z) / cdf(z)
}

fn trapezium(pair: &[(Ratio, Span)]) -> f64 {
    let width = pair[1].0.as_f64() - pair[0].0.as_f64();
    width * (pair[0].1.as_secs_f64() + pair[1].1.as_secs_f64()) / 2.0
}

fn within(name: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    // Written so that NaN fails.
    if value >= low && value <= high {
        Ok(())
    } else {
        Err(format!("{name} is {value}, but must be from {low} to {high}"))
    }
}

fn validate_parts(parts: &[(Ratio, Span)]) -> Result<(), String> {
    let most = Distribution::MOST_PARTS;
    if parts.is_empty() || parts.len() > most {
        return Err(format!("{} parts given, but there must be one to {most}", parts.len()));
    }
    let whole: u64 = parts.iter().map(|(share, _)| share.as_ppb()).sum();
    if whole != Ratio::ONE.as_ppb() {
        return Err(format!("the shares of the parts add up to {}, but must be 100%", Ratio::from_ppb(whole)));
    }
    Ok(())
}

fn validate_points(points: &[(Ratio, Span)]) -> Result<(), String> {
    let [(first, _), .., (last, _)] = points else {
        return Err(format!("{} quantiles given, but at least two are needed: those of 0% and 100%", points.len()));
    };
    if *first != Ratio::ZERO || *last != Ratio::ONE {
        return Err(format!("quantiles run from {first} to {last}, but must run from 0% to 100%"));
    }
    for pair in points.windows(2) {
        if pair[0].0 >= pair[1].0 || pair[0].1 > pair[1].1 {
            let [(low, short), (high, long)] = [pair[0], pair[1]];
            return Err(format!("quantiles must ascend, but {low}: {short} is followed by {high}: {long}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_parameter_is_named_with_what_it_may_be() {
        let (s, ms) = (Span::from_secs, Span::from_millis);
        let points = |points: &[(u64, u64)]| Distribution::Empirical {
            points: points.iter().map(|(percent, at)| (Ratio::from_percent(*percent), ms(*at))).collect(),
        };
        for (distribution, said) in [
            (Distribution::Uniform { low: s(2), high: s(1) }, "low (2s) is greater than high (1s)"),
            (
                Distribution::Normal { mean: s(0), sd: s(1) },
                "a normal distribution needs a mean above zero: half of it would be negative",
            ),
            (Distribution::LogNormal { median: s(1), sigma: f64::NAN }, "sigma is NaN, but must be from 0 to 10"),
            (Distribution::LogNormal { median: s(1), sigma: -0.1 }, "sigma is -0.1, but must be from 0 to 10"),
            (Distribution::Pareto { min: s(1), alpha: 0.0 }, "alpha is 0, but must be from 0.01 to 1000"),
            (
                Distribution::Weibull { scale: s(1), shape: f64::INFINITY },
                "shape is inf, but must be from 0.01 to 1000",
            ),
            (points(&[(0, 1)]), "1 quantiles given, but at least two are needed: those of 0% and 100%"),
            (points(&[(0, 1), (99, 2)]), "quantiles run from 0% to 99%, but must run from 0% to 100%"),
            (
                points(&[(0, 1), (50, 3), (50, 4), (100, 5)]),
                "quantiles must ascend, but 50%: 3ms is followed by 50%: 4ms",
            ),
            (points(&[(0, 1), (50, 3), (100, 2)]), "quantiles must ascend, but 50%: 3ms is followed by 100%: 2ms"),
        ] {
            assert_eq!(distribution.validate(), Err(said.to_owned()), "{distribution}");
        }
    }

    #[test]
    fn laws_print_with_their_parameters() {
        let distribution = Distribution::LogNormal { median: Span::from_millis(80), sigma: 0.6 };
        assert_eq!(
            (distribution.validate(), distribution.to_string().as_str()),
            (Ok(()), "lognormal, median 80ms, sigma 0.6")
        );
        let distribution =
            Distribution::Empirical { points: vec![(Ratio::ZERO, Span::ZERO), (Ratio::ONE, Span::from_secs(1))] };
        assert_eq!(distribution.to_string(), "empirical, 0%: 0s, 100%: 1s");
    }

    #[test]
    fn a_lognormal_law_is_found_from_its_mean_or_its_percentile() {
        let Distribution::LogNormal { median, sigma } = Distribution::lognormal_of_mean(Span::from_secs(1), 4.0) else {
            panic!()
        };
        // 1 / √5 and √ln 5.
        assert_eq!((median.as_nanos() / 1_000, (sigma * 1e6) as u64), (447_213, 1_268_636));
        let distribution = Distribution::lognormal_of_mean(Span::from_secs(1), 4.0);
        assert!((distribution.mean().unwrap() - 1.0).abs() < 1e-8);
        // GPT-4o-mini, time to first token: 645 ms and 1094 ms.
        let Distribution::LogNormal { sigma, .. } =
            Distribution::lognormal_of_p95(Span::from_millis(645), Span::from_millis(1_094))
        else {
            panic!()
        };
        assert!((sigma - 0.321).abs() < 5e-4, "{sigma}");
        // The 90th and the 99th percentile of that law: 645 ms times the exponential of 1.281552 and of 2.326348 times 0.3212114.
        let (p90, p99) = (Span::from_nanos(973_501_373), Span::from_nanos(1_361_714_267));
        let Distribution::LogNormal { median, sigma } = Distribution::lognormal_of_quantiles((0.9, p90), (0.99, p99))
        else {
            panic!()
        };
        assert!(
            (sigma - 0.321).abs() < 1e-3 && median.as_nanos().abs_diff(645_000_000) < 1_000_000,
            "{median} {sigma}"
        );
    }

    #[test]
    fn parts_of_a_hyperexponential_law_make_up_the_whole() {
        let s = Span::from_secs;
        let of = |parts: &[(u64, u64)]| Distribution::Hyperexponential {
            parts: parts.iter().map(|(percent, mean)| (Ratio::from_percent(*percent), s(*mean))).collect(),
        };
        assert_eq!(of(&[(95, 1), (5, 21)]).validate(), Ok(()));
        assert_eq!(of(&[(95, 1), (5, 21)]).mean(), Some(2.0));
        assert!(of(&[(95, 1), (4, 21)]).validate().unwrap_err().contains("add up to 99%"));
        assert!(of(&[]).validate().is_err() && of(&[(20, 1); 5]).validate().is_err());
    }

    #[test]
    fn a_pareto_law_without_a_mean_says_so() {
        assert_eq!(Distribution::Pareto { min: Span::from_secs(1), alpha: 1.0 }.mean(), None);
        assert_eq!(Distribution::Pareto { min: Span::from_secs(1), alpha: 2.0 }.mean(), Some(2.0));
    }
}
