//! What must hold: the trait, and one file per kind.
//!
//! Margins: zero is exactly on the bound, negative is violated, in parts of the bound. Deadlines are inclusive, windows
//! closed.

pub mod agrees;
pub mod always;
pub mod at_most;
pub mod authority;
pub mod consistent;
mod evidence;
pub mod ledger;
pub mod measure;
pub mod never;
mod read;
pub mod recovers;
pub mod responds;

use crate::outcome::{Comparison, Verdict};
use crate::record::Record;
use crate::units::{Instant, Span};
use std::fmt::Debug;

/// Something that must hold of a run.
pub trait Property: Debug + Send + Sync {
    /// What it demands, in words.
    fn demand(&self) -> String;
    /// The bound, as printed: `15m`, `0 lost`, `99%`.
    fn bound(&self) -> String;
    /// Whether it held. Never a pass if nothing was observed.
    fn judge(&self, record: &Record) -> Judgement;
    /// The figure it compares with what that should be, if that is what it does.
    fn comparison(&self, record: &Record) -> Option<Comparison> {
        let _ = record;
        None
    }
    /// How soon after the event `name` it demands that clients are served again, if that is what it demands.
    fn recovery_objective(&self, name: &str) -> Option<Span> {
        let _ = name;
        None
    }
}

/// What a property came to in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
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

impl Judgement {
    /// Nothing was observed.
    pub fn not_exercised(why: impl Into<String>) -> Self {
        let why = why.into();
        Self { verdict: Verdict::Inconclusive, measured: None, margin: None, at: None, exercised: 0, why }
    }

    /// The one that weighs more: by verdict, then by the smaller margin, then the first.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let exercised = self.exercised + other.exercised;
        let margin = |judgement: &Self| judgement.margin.unwrap_or(f64::INFINITY);
        let other_is_worse =
            other.verdict > self.verdict || (other.verdict == self.verdict && margin(&other) < margin(&self));
        Self { exercised, ..if other_is_worse { other } else { self } }
    }
}

/// How much of `allowed` is left of `taken`, in parts of `allowed`; not below -1, so that late never ranks below never.
fn time_margin(allowed: Span, taken: Span) -> f64 {
    let left = allowed.as_nanos() as f64 - taken.as_nanos() as f64;
    (left / allowed.as_nanos().max(1) as f64).max(-1.0)
}

/// `1 write`, `2 writes`.
fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
