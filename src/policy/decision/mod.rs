//! Decisions by rules: what is called for, and why.
//!
//! Owns how rules are asked and what they answer. Does not know what is observed, nor what is done about a class of
//! decision: who observes and who acts are beside it.
//!
//! Invariants: a class fires only at an evaluation that was shown the reason; missing data neither fires nor clears.
//! What fires is listed most severe first, and severity is the order of the classes.

mod condition;
mod gate;
mod limit;
mod matrix;

pub use condition::{Condition, Side};
pub use gate::Gate;
pub use limit::Limit;
pub use matrix::{DecisionRule, Gap, Matrix, RuleTrigger, Triggers};

use crate::units::{Instant, Span};
use std::fmt;

/// What one evaluation has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<C, E> {
    /// What is called for now, most severe first.
    pub firing: Vec<C>,
    /// The classes with a condition that holds, or held when it could last be seen, for long enough or not.
    pub active: Vec<C>,
    /// The classes that are known to have none. A class in neither list was not looked at, or could not be seen.
    pub clear: Vec<C>,
    /// How long the most severe of those active has been seen to hold.
    pub held: Span,
    /// What it was decided by.
    pub evidence: E,
}

/// How an action has ended, as far as decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    /// It was done.
    Done,
    /// It failed, and what could be undone was.
    Undone,
    /// It stopped half way, and a person must act.
    Stopped,
}

/// Rules that turn what is seen into classes of decision.
pub trait Rules {
    /// What an evaluation is shown.
    type Seen;
    /// What can be called for; the greater, the more severe.
    type Class: Copy + Ord + fmt::Debug;
    /// What a decision is made by, for a person to read.
    type Evidence: Clone + fmt::Display;

    /// Judges the evaluation at `now`; `None`: nothing could be seen. `now` does not run backwards.
    fn judge(&mut self, now: Instant, seen: Option<&Self::Seen>) -> Decision<Self::Class, Self::Evidence>;

    /// Learns that an action ended at `at`: one that was taken for `class`, or, if that is `None`, one that these rules have
    /// never called for.
    fn learn(&mut self, class: Option<Self::Class>, aftermath: Aftermath, at: Instant);

    /// An action happened in between: what was seen before it is too old to still count.
    fn start_over(&mut self);

    /// Whether a breach of `class` that was seen before an action continues after it, where it is seen again.
    fn outlasts_an_action(&self, class: Self::Class) -> bool;
}
