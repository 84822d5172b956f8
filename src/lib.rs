//! Rehearse the migration before you run it.

#[cfg(feature = "sim")]
pub mod kernel;
pub mod units;
