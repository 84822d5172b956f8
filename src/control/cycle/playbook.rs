//! What a control loop is given: how to look, what to do, and how to tell it.
//!
//! Owns the interfaces. Does not know in which order they are asked. Invariant: all three are pure but for the ports they are
//! handed: what must survive a restart is in the journal, and read from there.

use crate::ports::PortError;
use crate::procedure::{ApprovalPlan, RunRecord, Task};
use crate::record::event::Event;
use crate::units::{Instant, Span};
use std::fmt;

/// How to look.
pub trait Observer<P> {
    /// What is seen, with the time each part of it was taken.
    type Seen;

    /// Looks once.
    ///
    /// # Errors
    ///
    /// Why nothing can be seen.
    async fn observe(&self, ports: &P) -> Result<Self::Seen, PortError>;
}

/// What is done about each class of decision, and how the loop reports.
pub trait Playbook<P> {
    /// What can be called for.
    type Class: Copy + Ord;
    /// What a decision is made by.
    type Evidence: fmt::Display;

    /// What the loop is about, in words: a region, a provider, a rollout.
    fn subject(&self) -> &str;
    /// What is done about `class`.
    fn action(&self, class: Self::Class) -> Response<P>;
    /// For which class a run was begun that the journal knows; `None`: for none of these.
    fn class_of(&self, run: &RunRecord) -> Option<Self::Class>;
    /// The event that reports a moment of the loop; `None`: it is not reported.
    fn report(&self, moment: &LoopMoment<'_, Self::Class, Self::Evidence>) -> Option<Event>;
    /// What acting may cost, for those who must consent, if that can be told.
    async fn price(&self, _: Self::Class, _: &P) -> Option<String> {
        None
    }
    /// Whether an action for `class` waits for the cool-down, and starts it. A manual decision does neither.
    fn heeds_cool_down(&self, _: Self::Class) -> bool {
        true
    }
}

/// What is done about a class of decision.
#[derive(Debug)]
pub enum Response<P> {
    /// It is reported, once per breach, and nothing else is done: to hold, or to continue.
    Report,
    /// People are paged, once in a breach.
    Page(ApprovalPlan),
    /// A procedure is run.
    Run(Play<P>),
}

/// A procedure to be run, and who must agree.
#[derive(Debug)]
pub struct Play<P> {
    /// What is run.
    pub task: Task<P>,
    /// Who must consent first; `None`: it is started at once.
    pub approval: Option<ApprovalPlan>,
}

/// Something about a control loop that is worth telling.
#[derive(Debug)]
pub enum LoopMoment<'a, C, E> {
    /// A condition for a class has begun to hold.
    Began {
        /// The class.
        class: C,
        /// What was seen.
        evidence: &'a E,
    },
    /// No condition for a class holds any more.
    Ended {
        /// The class.
        class: C,
        /// What was seen.
        evidence: &'a E,
    },
    /// What is called for is not done until the cool-down has passed. Once in a breach.
    HeldBack {
        /// The class.
        class: C,
        /// When it has.
        until: Instant,
    },
    /// An action is taken: a procedure starts, people are paged, or it is only told.
    Decided {
        /// The class.
        class: C,
        /// What is run, if something is.
        procedure: Option<&'a str>,
        /// What was seen, and who agreed.
        why: &'a str,
        /// How long that has been observed.
        held: Span,
    },
    /// Nothing can be seen. Once, until something can.
    Blind {
        /// Why.
        error: &'a PortError,
    },
    /// While people were asked the reason went away.
    NoLongerNeeded {
        /// The class.
        class: C,
    },
    /// Somebody said no.
    Refused {
        /// The class.
        class: C,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Nobody answered.
    Unanswered {
        /// The class.
        class: C,
    },
}
