//! Rehearse the migration before you run it.

pub mod policy;
pub mod ports;
pub mod record;
pub mod units;

#[cfg(feature = "sim")]
pub mod field;
#[cfg(feature = "sim")]
pub mod kernel;
#[cfg(feature = "sim")]
pub mod model;
#[cfg(feature = "sim")]
pub mod outcome;
#[cfg(feature = "sim")]
pub mod scenario;
