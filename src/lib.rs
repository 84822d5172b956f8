//! Rehearse the migration before you run it.

#[cfg(feature = "sim")]
pub mod control;
#[cfg(feature = "sim")]
pub mod fault;
#[cfg(feature = "sim")]
pub mod field;
#[cfg(feature = "sim")]
pub mod kernel;
#[cfg(feature = "sim")]
pub mod model;
#[cfg(feature = "sim")]
pub mod outcome;
pub mod policy;
pub mod ports;
pub mod procedure;
pub mod record;
#[cfg(feature = "sim")]
pub mod scenario;
#[cfg(feature = "sim")]
pub mod sim;
pub mod units;
