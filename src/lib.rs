//! Rehearse the migration before you run it.

#[cfg(feature = "sim")]
pub mod fault;
#[cfg(feature = "sim")]
pub mod check;
#[cfg(feature = "sim")]
pub mod field;
#[cfg(feature = "sim")]
pub mod kernel;
#[cfg(feature = "sim")]
pub mod model;
pub mod policy;
pub mod ports;
pub mod procedure;
pub mod record;
pub mod units;

#[cfg(feature = "sim")]
pub mod outcome;
#[cfg(feature = "sim")]
pub mod sim;
