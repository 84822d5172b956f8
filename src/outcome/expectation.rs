//! What a scenario says must come out of a property.
//!
//! Does not know what came out. Invariant: an expectation that one run cannot meet or miss is never met by one.

use super::Verdict;
use crate::units::{As, Ppb, Ratio};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What must come out of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Expectation {
    /// It holds, in every run that exercises it, and some run does.
    Pass,
    /// It holds in every run that exercises it; that none does is no reason to doubt.
    PassIfExercised,
    /// It is violated.
    Fail,
    /// It cannot be decided.
    Inconclusive,
    /// It may hold or not: the word is that of the others.
    Either,
    /// It holds in a share of all runs, as many of them together must show.
    Share(Claim),
}

/// In which share of all runs a property is said to hold, and how surely that is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// In that share of the runs that exercise it, or more.
    #[serde(rename = "at_least_ppb", with = "As::<Ppb>")]
    pub at_least: Ratio,
    /// How rarely a claim that is not true may be taken for shown: in one minus that share of campaigns at most. As
    /// rarely is one that is true taken for refuted.
    #[serde(rename = "confidence_ppb", with = "As::<Ppb>")]
    pub confidence: Ratio,
    /// Whether it is no reason to doubt that no run exercises it.
    pub if_exercised: bool,
}

impl Expectation {
    /// The verdict that one run must come to; `None` if one run cannot decide, or need not.
    pub const fn of_one_run(self) -> Option<Verdict> {
        match self {
            Self::Pass | Self::PassIfExercised => Some(Verdict::Pass),
            Self::Fail => Some(Verdict::Fail),
            Self::Inconclusive => Some(Verdict::Inconclusive),
            Self::Either | Self::Share(_) => None,
        }
    }

    /// What is said of the share of runs in which it holds, if something is.
    pub const fn claim(self) -> Option<Claim> {
        match self {
            Self::Share(claim) => Some(claim),
            _ => None,
        }
    }

    /// Whether runs that exercise it are wanted: without one, all of them together say nothing of it.
    pub const fn wants_exercise(self) -> bool {
        match self {
            Self::Pass | Self::Fail => true,
            Self::PassIfExercised | Self::Inconclusive | Self::Either => false,
            Self::Share(claim) => !claim.if_exercised,
        }
    }

    /// Whether it is wanted to hold, in all runs or in most.
    pub const fn wants_pass(self) -> bool {
        matches!(self, Self::Pass | Self::PassIfExercised | Self::Share(_))
    }
}

/// The verdict, in every run.
impl From<Verdict> for Expectation {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Fail,
            Verdict::Inconclusive => Self::Inconclusive,
        }
    }
}

/// `pass`, `either`, `in >= 95% of runs`.
impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::PassIfExercised => f.write_str("pass, if exercised"),
            Self::Fail => f.write_str("fail"),
            Self::Inconclusive => f.write_str("inconclusive"),
            Self::Either => f.write_str("either"),
            Self::Share(claim) => write!(f, "pass in >= {} of runs", claim.at_least),
        }
    }
}
