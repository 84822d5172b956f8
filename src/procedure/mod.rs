//! Ordered lists of steps with budgets, and what runs them.
//!
//! Owns the control logic that acts: each procedure as data plus one function per step, the runner, and the watch that
//! starts a procedure from metrics. Refuses to know the simulator: it sees ports only, so it can drive real systems. Each
//! part asks for the ports it uses and for no others.
//!
//! Invariants: no effect but a port call, no unbounded wait, and no local survives a step. What a later step needs is
//! typed evidence that can be written down, so that a procedure can be resumed after its process died.
//!
//! Adding a procedure is one file and one line in [`catalog`].
#![expect(async_fn_in_trait, reason = "single-threaded by design: static dispatch, futures need not be Send")]

pub mod approval;
mod catalog;
mod drill;
mod drills;
mod effect;
mod errands;
mod failback;
mod journal;
mod lead;
mod metrics;
mod race;
mod region_failover;
mod restore;
mod runner;
mod shift;
mod step;
mod together;
mod watch;
mod work;

pub use approval::{ApprovalPlan, StepApproval};
pub use catalog::{NAMES, catalog, parts, steps};
pub use drill::{Drill, DrillEvidence, DrillStep};
pub use drills::{DrillPlan, hold_drills};
pub use effect::Effect;
pub use failback::{Failback, FailbackStep};
pub use journal::{Entry, RunId, RunRecord, Scribe, What};
pub use lead::{LeasePlan, lead};
pub use race::{Winner, race};
pub use region_failover::{FailoverDatabase, FailoverEvidence, FailoverStep, RegionFailover};
pub use restore::{ChosenBackup, RestoreDatabase, RestoreEvidence, RestoreFromBackup, RestoreStep};
pub use runner::run;
pub use shift::{ShiftPlan, shift};
pub use step::{Ending, NoReturn, Outcome, Plan, Repeat, Step, StepError, Undo};
pub use watch::{Duty, WatchPlan, watch};
pub use work::Work;

use crate::policy::HealthLimits;
use crate::ports::Runtime;
use crate::units::Span;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::pin::Pin;

/// A sequence of steps that brings a system from one state to another.
pub trait Procedure: Sized + 'static {
    /// Tells the steps apart.
    type StepId: Copy + 'static;
    /// What the steps find and do, passed from one to the next. A step writes down that it is about to change
    /// something *before* it sends the call, for the call may be cut off.
    type Evidence: Default + Clone + Serialize + DeserializeOwned;

    /// Its name in scenarios, laps and events.
    const NAME: &'static str;
    /// What it is for, in one line.
    const DOC: &'static str;
    /// The steps, in order.
    const STEPS: &'static [(Self::StepId, Step)];
    /// How long after its start it may still begin another round of a step, past the point of no return.
    const LIMIT: Span;
    /// Whether traffic is in the region it moves to once it is done; otherwise it stays where it was.
    const MOVES: bool = true;
    /// The names of the procedures that its steps run as a part of themselves.
    const PARTS: &'static [&'static str] = &[];

    /// The procedure, for one system.
    fn assigned(assignment: Assignment) -> Self;
    /// The region it leaves and the one it moves to.
    fn route(&self) -> (String, String);
    /// Whether something may have happened that cannot be taken back.
    fn past_return(&self, evidence: &Self::Evidence) -> bool;
}

/// What a procedure does through ports that have what it needs: the bounds of the implementation say what that is, and
/// whoever lacks something else can still perform it.
pub trait Perform<P>: Procedure {
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

/// What a procedure is told about the system it works on. Without defaults: those are in the scenario language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The region that is left.
    pub from: String,
    /// The region that takes over.
    pub to: String,
    /// The DNS records that must name it.
    pub records: Vec<String>,
    /// The services a region cannot do without; empty for all it has.
    pub services: Vec<String>,
    /// The databases that are moved; empty for all that have a copy there.
    pub databases: Vec<String>,
    /// Whether the region is left by plan: then it must not be failing, and nothing may be lost.
    pub planned: bool,
    /// Who is told.
    pub audiences: Vec<String>,
    /// When a service counts as failing.
    pub limits: HealthLimits,
    /// How often each service is probed to find it healthy. At least once.
    pub probes: u32,
    /// The largest loss, in writes per database, to go on with; `None` for any, even one nobody can bound.
    pub loss_limit: Option<u64>,
    /// The steps that need somebody's consent before they begin; `None` if none does.
    pub approval: Option<StepApproval>,
}

/// A procedure under way, without its types.
pub type Running<'a> = Pin<Box<dyn Future<Output = Ending> + 'a>>;

/// A procedure, without its types: what a scenario names by text.
#[derive(Debug)]
pub struct ProcedureEntry<P> {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Whether it moves traffic to another region.
    pub moves: bool,
    /// Its steps and budgets, for a list or a dry run: calls no port.
    pub plan: fn() -> Plan,
    /// Performs it for one system; the number is that of the run, 1 for the first. A run the journal knows is gone on
    /// with.
    pub start: for<'a> fn(&'a Scribe<P>, Assignment, u32) -> Running<'a>,
}

impl<P> Clone for ProcedureEntry<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for ProcedureEntry<P> {}

impl<P: Runtime> ProcedureEntry<P> {
    /// The entry of `R`: a built-in or one of your own.
    pub fn of<R: Perform<P>>() -> Self {
        Self { name: R::NAME, doc: R::DOC, moves: R::MOVES, plan: plan::<R>, start: start::<P, R> }
    }
}

/// What `R` would do, step by step. Calls no port.
pub fn plan<R: Procedure>() -> Plan {
    let steps = R::STEPS.iter().map(|(_, step)| *step).collect();
    Plan { name: R::NAME, doc: R::DOC, steps, limit: R::LIMIT }
}

fn start<P: Runtime, R: Perform<P>>(scribe: &Scribe<P>, assignment: Assignment, number: u32) -> Running<'_> {
    Box::pin(async move { run(scribe, &R::assigned(assignment), number).await.ending })
}
