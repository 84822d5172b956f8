//! Exit codes: what a script learns without reading anything.
//!
//! Invariant: 0 if and only if every verdict of every run is the expected one.

use crate::explore::Campaign;
use crate::outcome::{Outcome, Verdict};
use std::process::ExitCode;

/// How the program ended, mildest first: of several scenarios, the worst decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    AsExpected,
    Inconclusive,
    NotAsExpected,
    DigestDiffers,
    Usage,
    Internal,
}

/// Interrupted from the keyboard: 128 + SIGINT, as shells count.
pub(super) const INTERRUPTED: i32 = 130;
/// Asked to end: 128 + SIGTERM.
#[cfg(unix)]
pub(super) const TERMINATED: i32 = 143;

/// The codes, for `--help`.
pub(super) const HELP: &str = "\
Exit codes:
  0    every verdict is as expected (an expected failure that failed is as expected)
  1    some verdict is not as expected (also an expected failure that passed)
  2    usage, invalid scenario, results that cannot be read back, or output that cannot be written
  3    inconclusive: not exercised (in no run of many), a fault that did not happen, nothing asserted, not settled, stopped early
  4    the digest differs (--expect-digest, --verify-determinism): trust no result
  101  internal error, a bug of firedrill
  130  interrupted    143  terminated    (nothing that looks whole is left behind)";

impl Exit {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::NotAsExpected => 1,
            Self::Usage => 2,
            Self::Inconclusive => 3,
            Self::DigestDiffers => 4,
            Self::Internal => 101,
        }
    }

    /// What one run came to.
    pub(super) fn of_run(outcome: &Outcome) -> Self {
        let surprise = |verdict: Verdict| verdict != Verdict::Inconclusive;
        if outcome.properties.iter().any(|p| !p.as_expected() && surprise(p.verdict)) {
            Self::NotAsExpected
        } else if outcome.as_expected && !outcome.properties.is_empty() {
            Self::AsExpected
        } else {
            Self::Inconclusive
        }
    }

    /// What many runs came to. The rows carry each property's verdict, the worst run what was expected of it.
    pub(super) fn of_campaign(campaign: &Campaign) -> Self {
        if campaign.summary.runs.broken > 0 {
            return Self::Internal;
        }
        let expected: Vec<Option<Verdict>> =
            campaign.summary.properties.iter().map(|p| p.expected.of_one_run()).collect();
        let of_row = |run: &crate::explore::RunRow| {
            let mut verdicts = run.properties.iter().zip(&expected);
            if run.beyond
                || verdicts.any(|((verdict, _), expected)| {
                    expected.is_some_and(|expected| *verdict != expected) && *verdict != Verdict::Inconclusive
                })
            {
                Self::NotAsExpected
            } else if run.as_expected && !run.properties.is_empty() {
                Self::AsExpected
            } else {
                Self::Inconclusive
            }
        };
        // A run that exercised nothing says nothing, unless all of them do.
        let runs = campaign.rows.iter().filter_map(|row| row.run.as_ref().ok()).filter(|run| !run.is_idle());
        let refuted = campaign.summary.claims().any(|(_, settled)| settled.verdict == Verdict::Fail);
        if refuted {
            return Self::NotAsExpected;
        }
        let at_best = if campaign.as_expected() { Self::AsExpected } else { Self::Inconclusive };
        runs.map(of_row).max().unwrap_or(Self::Inconclusive).max(at_best)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    fn passed_unexpectedly(seed: u64) -> Outcome {
        let mut outcome = fixture::quiet(seed);
        outcome.properties[0].expected = crate::outcome::Expectation::Fail;
        outcome.as_expected = false;
        outcome
    }

    fn asserting_nothing(seed: u64) -> Outcome {
        let mut outcome = fixture::quiet(seed);
        outcome.properties.clear();
        outcome
    }

    #[test]
    fn a_run_and_a_campaign_of_it_end_alike() {
        type Make = fn(u64) -> Outcome;
        let table = [
            (fixture::quiet as Make, 0),
            (fixture::outage, 0),
            (passed_unexpectedly, 1),
            (fixture::stalled, 3),
            (asserting_nothing, 3),
        ];
        for (make, code) in table {
            assert_eq!(Exit::of_run(&make(1)).code(), code);
            assert_eq!(Exit::of_campaign(&explore::run(0..3, None, make).unwrap()).code(), code);
        }
    }

    #[test]
    fn the_worst_run_decides_and_a_broken_one_is_worst() {
        let mixed = |seed| if seed == 1 { fixture::stalled(seed) } else { fixture::outage(seed) };
        assert_eq!(Exit::of_campaign(&explore::run(0..3, None, mixed).unwrap()), Exit::Inconclusive);
        let worse = |seed| if seed == 2 { passed_unexpectedly(seed) } else { mixed(seed) };
        assert_eq!(Exit::of_campaign(&explore::run(0..3, None, worse).unwrap()), Exit::NotAsExpected);
        let broken = |seed| if seed == 0 { panic!("broken") } else { worse(seed) };
        assert_eq!(Exit::of_campaign(&explore::run(0..3, None, broken).unwrap()), Exit::Internal);
    }
}
