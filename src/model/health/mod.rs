//! Health as those see it who check it: checkers that probe, fleets that vote, judgement from real traffic; and what
//! follows, at the balancer or in the zone.
//!
//! Refuses to know why a region does not answer. Invariant: a verdict changes only when a checker has counted enough
//! results of its own, or real requests enough of theirs; nothing here reads the truth about a region but a probe.

mod detector;
mod fleet;
mod passive;
mod probing;
mod verdict;

pub use fleet::{Checks, User};
pub(in crate::model) use probing::{CheckDue, ProbeUnderWay, checks, is_check, under_way};
