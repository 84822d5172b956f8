//! Ordered lists of steps with budgets, and what runs them.
//!
//! Owns the control logic that acts: each procedure as data plus one function per step, and the runner. Does not know what
//! makes anybody start a procedure, nor the simulator: it sees ports only, so it can drive real systems. Each part asks
//! for the ports it uses and for no others.
//!
//! Invariants: no effect but a port call, no unbounded wait, and no local survives a step. What a later step needs is
//! typed evidence that can be written down, so that a procedure can be resumed after its process died.
//!
//! Adding a procedure is one file and one line in [`catalog`].
#![expect(async_fn_in_trait, reason = "single-threaded by design: static dispatch, futures need not be Send")]

mod appointment;
pub mod approval;
mod brief;
mod catalog;
mod comparison;
mod drill;
mod effect;
mod ending;
mod entry;
mod failback;
mod journal;
mod lead;
pub mod metrics;
mod plan;
mod race;
mod reconcile;
mod region_failover;
mod restore;
mod runbook;
mod runner;
mod scrub;
mod settings;
mod shift;
mod step;
pub mod steps;
mod strand;
mod task;
mod together;
mod work;

pub use appointment::{Appointment, keep_appointment};
pub use approval::{ApprovalPlan, StepApproval};
pub use brief::Brief;
pub use catalog::catalog;
pub use drill::{DrillEvidence, DrillOrder, DrillStep, FailoverDrill};
pub use effect::Effect;
pub use ending::{Ending, ProcedureOutcome};
pub use entry::ProcedureEntry;
pub use failback::{Failback, FailbackOrder, FailbackStep};
pub use journal::{Entry, RunId, RunRecord, Scribe, What};
pub use lead::{LeaseTerms, lead};
pub use plan::ProcedurePlan;
pub use race::{Winner, race};
pub use reconcile::{ReconcilePlan, Repair, reconcile};
pub use region_failover::{FailoverDatabase, FailoverEvidence, FailoverOrder, FailoverStep, RegionFailover};
pub use restore::{
    ChosenBackup, RestoreDatabase, RestoreEvidence, RestoreFirst, RestoreFromBackup, RestoreOrder, RestoreStep,
};
pub use runbook::{
    Before, Lineage, Runbook, RunbookEvidence, RunbookOrder, RunbookPlan, RunbookStep, Site, StepAction, StepCondition,
    StepEvidence,
};
pub use runner::run;
pub use scrub::{ScrubPlan, scrub};
pub use settings::{Settings, StepSettings};
pub use shift::{ShiftPlan, shift};
pub use step::{NoReturn, Repeat, Step, StepError, Undo};
pub use task::{Running, Task};
pub use work::Work;

use crate::record::event::EventKind;
use crate::units::Span;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A sequence of steps that brings a system from one state to another.
pub trait Procedure: Sized + 'static {
    /// Tells the steps apart.
    type StepId: Copy + 'static;
    /// What it knows about the system it works on, and how it is to do it. Written down whole when a run begins: a
    /// controller that resumes that run uses it.
    type Order: Clone + Serialize + DeserializeOwned + 'static;
    /// What the steps find and do, passed from one to the next. A step writes down that it is about to change
    /// something *before* it sends the call, for the call may be cut off.
    type Evidence: Default + Clone + Serialize + DeserializeOwned;

    /// Its name in scenarios, laps and events, unless its order says [another](Self::name).
    const NAME: &'static str;
    /// What it is for, in one line, unless its order says [otherwise](Self::doc).
    const DOC: &'static str;
    /// Whether traffic is in the region it moves to once it is done, unless its order says [otherwise](Self::moves).
    const MOVES: bool = true;

    /// The procedure, by that order.
    fn ordered(order: Self::Order) -> Self;
    /// The order it goes by.
    fn order(&self) -> &Self::Order;
    /// Its name in scenarios, laps and events.
    fn name(&self) -> &str {
        Self::NAME
    }
    /// A one-line description.
    fn doc(&self) -> &str {
        Self::DOC
    }
    /// Whether traffic is in the region it moves to once it is done; otherwise it stays where it was.
    fn moves(&self) -> bool {
        Self::MOVES
    }
    /// The steps, in order. The same order gives the same steps.
    fn steps(&self) -> Vec<(Self::StepId, Step)>;
    /// For what the steps that are done [for each](Step::for_each) are done, in the order in which they are begun. They
    /// must lie past the point of no return, or have nothing to undo. The same evidence gives the same answer.
    fn each(&self, _: &Self::Evidence) -> Vec<String> {
        Vec::new()
    }
    /// For how many of those they are done at the same time.
    fn at_once(&self) -> usize {
        1
    }
    /// How long after its start it may still start another round of a step past the point of no return.
    fn limit(&self) -> Span;
    /// Whether something may have happened that cannot be undone.
    fn past_return(&self, evidence: &Self::Evidence) -> bool;
    /// Whether a step that was gone through did nothing, because what it depends on was not so.
    fn skips(&self, _: Self::StepId, _: &Self::Evidence) -> bool {
        false
    }
}

/// A procedure that can be named by text, and started by a controller that knows the [`Brief`].
pub trait Listed: Procedure {
    /// The steps, unless the order says otherwise.
    const STEPS: &'static [(Self::StepId, Step)];
    /// The limit, unless the order says otherwise.
    const LIMIT: Span;
    /// Where the limit comes from.
    const LIMIT_SOURCE: &'static str;
    /// The kinds of events that it brings about beside those of its run and those that any change of names, services and
    /// databases leads to. `None`: that is not known, so any may be.
    const EVENTS: Option<&'static [EventKind]> = None;

    /// The order for a controller that knows that much. Says what the procedure needs of it, and no more.
    fn order_of(brief: &Brief) -> Self::Order;
}

/// What a procedure does through ports that have what it needs: the bounds of the implementation say what that is, and
/// a system that lacks something else can still perform it.
pub trait Perform<P>: Procedure {
    /// What it may cost at most, in words, as far as that can be told before it is begun; `None` if nothing, or if nobody
    /// answers.
    async fn foreseen_price(&self, _: &P) -> Option<String> {
        None
    }
    /// Waits for the consent that `step` of run number `run` needs before it begins. Returns how long that took, which is
    /// time of people, not of the procedure; `None` if nobody had to be asked.
    ///
    /// # Errors
    ///
    /// Why the step may not begin.
    async fn consent(
        &self,
        run: u32,
        step: &Step,
        ports: &P,
        evidence: &Self::Evidence,
    ) -> Result<Option<Span>, String>;
    /// Does what the step is for. Returns what it did, in words for a person. Whatever it changes it notes as possible in
    /// the evidence, and has that written down, before the call is sent.
    async fn perform(&self, step: Self::StepId, work: &mut Work<'_, P, Self::Evidence>) -> Result<String, StepError>;
    /// Reads back whether the step has had its effect, whatever the calls that made it have answered.
    async fn verify(&self, step: Self::StepId, ports: &P, evidence: &Self::Evidence) -> Result<(), StepError>;
    /// Takes the step back as far as it may have happened, and reads that back. Idempotent.
    async fn undo(&self, step: Self::StepId, work: &mut Work<'_, P, Self::Evidence>) -> Result<String, StepError>;
}
