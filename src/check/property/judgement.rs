//! What a property came to in one run, and the only way to pass.
//!
//! Does not know what a property is about or how it got to its judgement.
//!
//! Invariant: a pass is made by [`Judgement::pass`] and nowhere else, out of [`Evidence`]: observations that could have
//! failed the claim, made during what the claim is about. Without any it is not a pass, whoever asks for one.

use crate::outcome::Verdict;
use crate::units::Instant;
use std::ops::Deref;

/// What a pass rests on: observations, each of which could have failed the claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    observations: u64,
    of: String,
}

impl Evidence {
    /// So many observations, of what and during what: "writes acknowledged while `dark` was on". What was seen while the
    /// claim was not about it does not count.
    pub fn counted(observations: u64, of: impl Into<String>) -> Self {
        Self { observations, of: of.into() }
    }
}

/// What was found, to be read; see [`Judgement`] for how it comes about.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Pass, inconclusive or fail.
    pub verdict: Verdict,
    /// What was measured, as printed, if anything was.
    pub measured: Option<String>,
    /// How far from violation: zero is exactly on the bound.
    pub margin: Option<f64>,
    /// The first moment of violation, or the moment that decided.
    pub at: Option<Instant>,
    /// How often it was exercised.
    pub exercised: u64,
    /// Why the verdict is what it is, in one sentence.
    pub why: String,
}

/// What a property came to in one run. It reads like a [`Finding`]; nobody else can write one.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    finding: Finding,
}

impl Deref for Judgement {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.finding
    }
}

impl Judgement {
    fn new(verdict: Verdict, exercised: u64, why: String) -> Self {
        Self { finding: Finding { verdict, measured: None, margin: None, at: None, exercised, why } }
    }

    /// It held, and `evidence` could have said otherwise. Without evidence: not exercised.
    pub fn pass(evidence: Evidence, why: impl Into<String>) -> Self {
        match evidence.observations {
            0 => Self::not_exercised(format!("{}, but there were no {}", why.into(), evidence.of)),
            n => Self::new(Verdict::Pass, n, why.into()),
        }
    }

    /// It was violated, by one of so many observations.
    pub fn fail(observations: u64, why: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, observations.max(1), why.into())
    }

    /// A pass on `evidence` if it held, a failure if not.
    pub fn decided(holds: bool, evidence: Evidence, why: impl Into<String>) -> Self {
        if holds { Self::pass(evidence, why) } else { Self::fail(evidence.observations, why) }
    }

    /// There were so many observations, and they do not decide it.
    pub fn unknown(observations: u64, why: impl Into<String>) -> Self {
        Self::new(Verdict::Inconclusive, observations, why.into())
    }

    /// Nothing was observed that could have failed it.
    pub fn not_exercised(why: impl Into<String>) -> Self {
        Self::unknown(0, why)
    }

    /// With what was measured, as printed.
    #[must_use]
    pub fn measured(mut self, measured: impl Into<Option<String>>) -> Self {
        self.finding.measured = measured.into();
        self
    }

    /// With the distance from violation.
    #[must_use]
    pub fn margin(mut self, margin: impl Into<Option<f64>>) -> Self {
        self.finding.margin = margin.into();
        self
    }

    /// With the moment of violation, or the one that decided.
    #[must_use]
    pub fn at(mut self, at: impl Into<Option<Instant>>) -> Self {
        self.finding.at = at.into();
        self
    }

    /// With something to add to the reason.
    #[must_use]
    pub fn adding(mut self, more: &str) -> Self {
        self.finding.why.push_str(more);
        self
    }

    /// No pass after all, for what `doubt` says; whatever is no pass stays as it is.
    #[must_use]
    pub fn doubted(mut self, doubt: &str) -> Self {
        if self.verdict == Verdict::Pass {
            self.finding.verdict = Verdict::Inconclusive;
            self.finding.why.push_str(&format!(", but {doubt}"));
        }
        self
    }

    /// No pass after all, for what `doubt` says: what was observed could not have failed it.
    #[must_use]
    pub fn without_occasion(mut self, doubt: &str) -> Self {
        if self.verdict == Verdict::Pass {
            self.finding.exercised = 0;
        }
        self.doubted(doubt)
    }

    /// What `under_load` says, which is this judged up to the end of the workload, if this is a pass: what came later counts
    /// for nobody.
    #[must_use]
    pub fn only_as_far_as(self, under_load: Self) -> Self {
        if self.verdict != Verdict::Pass || under_load.verdict == Verdict::Pass {
            return if self.verdict == Verdict::Pass { under_load } else { self };
        }
        let doubt =
            format!("what happened after the workload ended does not count, and before that: {}", under_load.why);
        let mut judged = self.doubted(&doubt);
        judged.finding.exercised = under_load.exercised;
        judged
    }

    /// The one that weighs more: by verdict, then by the smaller margin, then the first.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let exercised = self.exercised + other.exercised;
        let margin = |judgement: &Self| judgement.margin.unwrap_or(f64::INFINITY);
        let other_is_worse =
            other.verdict > self.verdict || (other.verdict == self.verdict && margin(&other) < margin(&self));
        let mut worse = if other_is_worse { other } else { self };
        worse.finding.exercised = exercised;
        worse
    }

    /// What was found, for keeps.
    pub fn into_finding(self) -> Finding {
        self.finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_without_evidence_is_none() {
        let pass = |n| Judgement::pass(Evidence::counted(n, "writes while it was dark"), "all survived");
        assert_eq!((pass(3).verdict, pass(3).exercised), (Verdict::Pass, 3));
        assert_eq!((pass(0).verdict, pass(0).exercised), (Verdict::Inconclusive, 0));
        assert_eq!(pass(0).why, "all survived, but there were no writes while it was dark");
        let failed = Judgement::decided(false, Evidence::counted(0, "writes"), "one is gone");
        assert_eq!((failed.verdict, failed.exercised), (Verdict::Fail, 1), "a violation is its own evidence");
    }

    #[test]
    fn a_doubt_takes_a_pass_away_and_leaves_a_failure() {
        let pass = Judgement::pass(Evidence::counted(2, "writes"), "all survived");
        let doubted = pass.clone().doubted("the run stopped at 5s");
        assert_eq!((doubted.verdict, doubted.exercised), (Verdict::Inconclusive, 2));
        assert_eq!(doubted.why, "all survived, but the run stopped at 5s");
        assert_eq!(pass.without_occasion("nothing went wrong").exercised, 0);
        let fail = Judgement::fail(2, "one is gone");
        assert_eq!(fail.clone().doubted("the run stopped at 5s"), fail);
        assert_eq!(fail.clone().without_occasion("nothing went wrong"), fail);
    }
}
