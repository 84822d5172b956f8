//! Rehearse the migration before you run it.

pub mod units;
