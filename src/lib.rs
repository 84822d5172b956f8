//! Rehearse the migration before you run it.
//!
//! firedrill runs the control logic of a migration against a simulated world in virtual time and judges what clients saw
//! and what the stores hold. The layers, from the ground up; each uses only what stands above it here:
//!
//! - [`units`]: integer time, proportions, rates and sizes · [`kernel`]: order of events, random streams, samplers, tasks
//! - [`field`]: the tables that say what a scenario may contain
//! - [`policy`], [`ports`], [`procedure`]: the real control logic; alone, without the simulator, with no features
//! - [`record`]: what happened · [`model`]: the simulated world · [`fault`]: what breaks it
//! - [`conformance`]: what every implementation of a port must satisfy, as suites for your own
//! - [`transcript`]: the calls of control code on its ports, and their replay · `live`, with the feature of that name:
//!   the same control logic on a real clock, with its journal in a file
//! - [`control`]: the control loop, which needs no simulator either, and what reacts in a rehearsal
//! - [`outcome`], [`check`]: verdicts, properties, measures
//! - [`scenario`]: from a file to a plan · [`sim`]: one run · [`rehearse`]: a run, judged · [`explore`]: many
//! - [`harness`]: rehearsals in tests of your own · [`report`]: one file per format · [`cli`]: the program
//!
//! `mutation` plants errors in the models, for the tests that must notice them.
//!
//! Start at [`rehearse::rehearse`]; `docs/architecture.md` tells the rest.

/// Some integration tests are compiled into this crate as well, so that errors can be planted under them.
#[cfg(test)]
extern crate self as firedrill;

#[macro_use]
mod mutation;

#[cfg(feature = "sim")]
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod conformance;
pub mod control;
#[cfg(feature = "sim")]
pub mod explore;
#[cfg(feature = "sim")]
pub mod fault;
#[cfg(feature = "sim")]
pub mod field;
#[cfg(feature = "sim")]
pub mod harness;
#[cfg(feature = "sim")]
pub mod kernel;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "sim")]
pub mod model;
#[cfg(feature = "sim")]
pub mod outcome;
pub mod policy;
pub mod ports;
pub mod procedure;
pub mod record;
#[cfg(feature = "sim")]
pub mod rehearse;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "sim")]
pub mod scenario;
#[cfg(feature = "sim")]
pub mod sim;
pub mod transcript;
pub mod units;

#[cfg(feature = "sim")]
pub use harness::Drill;
