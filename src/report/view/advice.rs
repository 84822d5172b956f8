//! Go, no-go or unknown: what the verdict means for those who decide whether to go ahead.
//!
//! Invariant: it never says more than the verdict does. A failure is a no-go even if the scenario expects it: to expect a
//! loss is not to accept it. A pass that was not expected is unknown: then the model or the expectation is wrong.

use crate::outcome::Verdict;

/// What a rehearsal says about going ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Everything demanded held.
    Go,
    /// Something demanded did not hold.
    NoGo,
    /// It cannot be told.
    Unknown,
}

impl Advice {
    pub(crate) const fn of(verdict: Verdict, as_expected: bool) -> Self {
        match (verdict, as_expected) {
            (Verdict::Fail, _) => Self::NoGo,
            (Verdict::Pass, true) => Self::Go,
            (Verdict::Pass, false) | (Verdict::Inconclusive, _) => Self::Unknown,
        }
    }

    /// `GO`, `NO-GO`, `UNKNOWN`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::NoGo => "NO-GO",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// What runs without a failure say about runs that were not made: with 95% confidence the share that fails is below
/// this. The exact binomial bound, 1 − 0.05^(1/n), of which the rule of three is the approximation.
///
/// Source: Clopper and Pearson 1934, one-sided, for zero successes.
pub(crate) fn failure_rate_bound(clean_runs: u64) -> Option<f64> {
    (clean_runs > 0).then(|| 1.0 - libm::pow(0.05, 1.0 / clean_runs as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn a_failure_is_a_no_go_even_if_it_was_foreseen() {
        let outage = fixture::outage(7);
        assert_eq!(Advice::of(outage.verdict, outage.as_expected).word(), "NO-GO");
        assert_eq!(Advice::of(Verdict::Pass, false), Advice::Unknown);
        assert_eq!(Advice::of(Verdict::Pass, true), Advice::Go);
        assert_eq!(Advice::of(Verdict::Inconclusive, true), Advice::Unknown);
    }

    /// Figures: the exact one-sided bound, to seven digits, from any table of the beta distribution.
    #[test]
    fn clean_runs_bound_the_failure_rate_and_never_exclude_failure() {
        for (n, bound) in [(1, 0.95), (30, 9.503_385e-2), (100, 2.951_305e-2), (300, 9.936_082e-3)] {
            assert!((failure_rate_bound(n).unwrap() - bound).abs() < 1e-7 * bound.max(0.1), "{n}");
        }
        assert_eq!(failure_rate_bound(0), None);
    }
}
