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
}
