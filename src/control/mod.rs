//! Controllers: what decides that something is to be done, and does it.
//!
//! Owns the control loop and its instances, which see ports alone and can drive real systems; beside them, and only
//! where there is a simulator, how a controller is written in a scenario and how it is started on its ports. Does not
//! know the world: all a controller gets is the plan's names and numbers.
//!
//! Adding a kind of controller is one file and one line in the catalog.
#![expect(async_fn_in_trait, reason = "single-threaded by design: static dispatch, futures need not be Send")]

#[cfg(feature = "sim")]
mod catalog;
#[cfg(feature = "sim")]
mod cue;
pub mod cycle;
#[cfg(feature = "sim")]
mod drill;
#[cfg(feature = "sim")]
mod events;
#[cfg(feature = "sim")]
mod kind;
#[cfg(feature = "sim")]
mod lease;
#[cfg(feature = "sim")]
mod order;
#[cfg(feature = "sim")]
mod people;
#[cfg(feature = "sim")]
mod policies;
#[cfg(feature = "sim")]
mod procedures;
#[cfg(feature = "sim")]
mod reconcile;
mod region_watch;
#[cfg(feature = "sim")]
mod run;
#[cfg(feature = "sim")]
mod runbook;
#[cfg(feature = "sim")]
mod scrub;
#[cfg(feature = "sim")]
mod settings;
#[cfg(feature = "sim")]
mod shift;
#[cfg(feature = "sim")]
mod short_budgets;
#[cfg(feature = "sim")]
mod watch;

#[cfg(feature = "sim")]
pub use crate::procedure::{RunbookPlan, approval::STEP as APPROVE};
#[cfg(feature = "sim")]
pub use catalog::CATALOG;
#[cfg(feature = "sim")]
pub use cue::{WHEN, cue};
#[cfg(feature = "sim")]
pub use kind::{Control, ControlKind, Declared, Working};
#[cfg(feature = "sim")]
pub use policies::{POLICIES, Policy, PolicyKind};
#[cfg(feature = "sim")]
pub use procedures::{MOVES, PROCEDURES, Procedures, SimulatedProcedure};
pub use region_watch::{RegionTasks, WatchPlan, watch};
#[cfg(feature = "sim")]
pub use runbook::{ACTIONS, ActionKind, CONDITIONS, RUNBOOK, STEP, StepMisfit, WrittenStep, misfits, runbook};
#[cfg(feature = "sim")]
pub use settings::{PROCEDURE, ProcedureSettings};
#[cfg(feature = "sim")]
pub use short_budgets::{ShortBudget, short_budgets};
