//! In which share of all runs a property holds, as far as those that were made can tell.
//!
//! Owns the interval, and whether a claim is shown. Does not know what the property demands.
//!
//! Invariant: a run that exercised the property but could not decide it counts against whoever wants to be sure: as a
//! failure where the claim is to be shown, as none where it is to be refuted.

use super::anytime;
use super::binomial::{Limits, lower_bound, upper_bound};
use super::campaign::MOST_SEEDS;
use crate::outcome::{Claim, Verdict};
use serde::{Deserialize, Serialize};

/// The confidence of an interval that no claim asks for otherwise.
pub const USUAL_CONFIDENCE: f64 = 0.95;

/// How the number of runs came about. What may be concluded depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stopping {
    /// It was fixed before the first.
    #[default]
    Fixed,
    /// There were runs until every claim was settled, or no more seeds.
    Settled,
}

impl Stopping {
    /// What an interval is called that is right under it.
    pub const fn interval_name(self) -> &'static str {
        match self {
            Self::Fixed => "exact",
            Self::Settled => "anytime-valid",
        }
    }
}

/// How often a property held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Runs in which it held.
    pub held: u64,
    /// Runs that exercised it.
    pub of: u64,
    /// Of these, those that could not decide it.
    pub undecided: u64,
    /// Why there were so many.
    pub stopping: Stopping,
}

/// What the runs say about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Shown, refuted, or neither.
    pub verdict: Verdict,
    /// Where neither: how many runs in all would settle it if it went on holding as often. `None`: more than a campaign
    /// takes, for the share is too close to the one claimed.
    pub runs_to_settle: Option<u64>,
}

impl Share {
    /// Runs in which it did not hold, as far as was decided.
    pub const fn failed(&self) -> u64 {
        self.of - self.held - self.undecided
    }

    /// The shares between which the true one lies: both bounds together are missed with what `confidence` leaves.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        match self.stopping {
            Stopping::Fixed => self.bounds((1.0 - confidence) / 2.0),
            Stopping::Settled => {
                let low = anytime::interval(self.held, self.of - self.held, 1.0 - confidence).0;
                (low, anytime::interval(self.of - self.failed(), self.failed(), 1.0 - confidence).1)
            }
        }
    }

    /// The least and the most that the true share may be, each by itself missed with probability `level` at most. They are
    /// those that go with the test of a claim: what is shown is within, and what is refuted is not.
    pub fn bounds(&self, level: f64) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let not_held = self.of - self.held;
        match self.stopping {
            Stopping::Fixed => {
                (1.0 - upper_bound(not_held, self.of, level), 1.0 - lower_bound(self.failed(), self.of, level))
            }
            Stopping::Settled => (
                anytime::at_least(self.held, not_held, level),
                anytime::at_most(self.of - self.failed(), self.failed(), level),
            ),
        }
    }

    /// Whether `claim` is shown.
    pub fn settles(&self, claim: Claim) -> Settled {
        let verdict = self.verdict(claim);
        let runs_to_settle = if verdict == Verdict::Inconclusive { self.runs_to_settle(claim) } else { None };
        Settled { verdict, runs_to_settle }
    }

    fn verdict(&self, claim: Claim) -> Verdict {
        let (not_held, failed) = (self.of - self.held, self.failed());
        let level = level(claim);
        let (shown, refuted) = match self.stopping {
            Stopping::Fixed => {
                let limits = Limits::of(self.of, may_fail(claim), level);
                (limits.pass.is_some_and(|most| not_held <= most), limits.fail.is_some_and(|least| failed >= least))
            }
            Stopping::Settled => {
                let (wanted, enough) = (claim.at_least.as_f64(), -libm::log(level));
                let shown = anytime::bets(self.held, not_held, wanted).0 >= enough;
                (shown, anytime::bets(self.of - failed, failed, wanted).1 >= enough)
            }
        };
        match (shown, refuted) {
            (true, _) => Verdict::Pass,
            (_, true) => Verdict::Fail,
            _ => Verdict::Inconclusive,
        }
    }

    fn runs_to_settle(&self, claim: Claim) -> Option<u64> {
        if self.of == 0 {
            return None;
        }
        let as_often = |runs: u64| {
            let of_more =
                |count: u64| u64::try_from(u128::from(count) * u128::from(runs) / u128::from(self.of)).unwrap_or(runs);
            let (held, undecided) = (of_more(self.held), of_more(self.undecided));
            Self { held, of: runs, undecided, ..*self }.verdict(claim) != Verdict::Inconclusive
        };
        let mut enough = self.of;
        while !as_often(enough) {
            enough = enough.checked_mul(2).filter(|runs| *runs < 2 * MOST_SEEDS)?.min(MOST_SEEDS);
            if enough == MOST_SEEDS && !as_often(enough) {
                return None;
            }
        }
        let (mut low, mut high) = (self.of, enough);
        while low < high {
            let middle = low + (high - low) / 2;
            if as_often(middle) { high = middle } else { low = middle + 1 }
        }
        Some(high)
    }
}

/// The share of runs that may fail, without what is lost beside one.
pub fn may_fail(claim: Claim) -> f64 {
    (1_000_000_000 - claim.at_least.as_ppb().min(1_000_000_000)) as f64 / 1e9
}

/// How rarely a wrong answer is accepted, on either side.
pub fn level(claim: Claim) -> f64 {
    (1_000_000_000 - claim.confidence.as_ppb().min(1_000_000_000)) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;

    const CLAIM: Claim =
        Claim { at_least: Ratio::from_percent(95), confidence: Ratio::from_percent(95), if_exercised: false };

    fn fixed(held: u64, of: u64) -> Share {
        Share { held, of, undecided: 0, stopping: Stopping::Fixed }
    }

    #[test]
    fn a_claim_is_shown_refuted_or_neither_and_then_it_is_said_what_would_settle_it() {
        assert_eq!(fixed(59, 59).settles(CLAIM), Settled { verdict: Verdict::Pass, runs_to_settle: None });
        assert_eq!(fixed(58, 58).settles(CLAIM), Settled { verdict: Verdict::Inconclusive, runs_to_settle: Some(59) });
        // Of 50 runs, seven may not fail: P(at least 7 of 50 | 5%) = 0.0118; six are 0.0378.
        assert_eq!(fixed(44, 50).settles(CLAIM).verdict, Verdict::Fail);
        assert_eq!(fixed(45, 50).settles(CLAIM).verdict, Verdict::Inconclusive);
        // Just what is claimed: no number of runs settles it.
        assert_eq!(fixed(95, 100).settles(CLAIM).runs_to_settle, None);
        assert_eq!(fixed(0, 0).settles(CLAIM), Settled { verdict: Verdict::Inconclusive, runs_to_settle: None });
    }

    #[test]
    fn a_run_that_cannot_tell_neither_shows_nor_refutes() {
        let doubtful = Share { held: 90, of: 100, undecided: 10, stopping: Stopping::Fixed };
        assert_eq!(doubtful.settles(CLAIM).verdict, Verdict::Inconclusive);
        assert_eq!(fixed(90, 100).settles(CLAIM).verdict, Verdict::Fail);
        let (low, high) = doubtful.interval(0.95);
        assert!(low < 0.85 && high == 1.0, "{low} {high}");
    }

    #[test]
    fn runs_that_were_stopped_when_enough_was_known_need_more_of_them() {
        let settled = |held, of| Share { stopping: Stopping::Settled, ..fixed(held, of) };
        assert_eq!(
            settled(73, 73).settles(CLAIM),
            Settled { verdict: Verdict::Inconclusive, runs_to_settle: Some(74) }
        );
        assert_eq!(settled(74, 74).settles(CLAIM).verdict, Verdict::Pass);
        // What a claim is shown by is what is said of it.
        assert!(settled(74, 74).bounds(0.05).0 >= 0.95 && settled(73, 73).bounds(0.05).0 < 0.95);
        let (wide, narrow) = (settled(990, 1_000).interval(0.95), fixed(990, 1_000).interval(0.95));
        assert!(wide.0 < narrow.0 && wide.1 > narrow.1, "{wide:?} {narrow:?}");
    }
}
