//! Rehearse the migration before you run it.

pub mod policy;
pub mod ports;
pub mod procedure;
pub mod record;
pub mod units;

#[cfg(feature = "sim")]
pub mod outcome;
