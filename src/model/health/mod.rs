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
pub(in crate::model) use probing::CheckDue;
use probing::{ProbeUnderWay, checks};

use crate::kernel::Streams;
use crate::model::core::slab::Slab;
use crate::model::plan::WorldPlan;

/// Everybody who checks regions.
#[derive(Debug)]
pub(super) struct Health {
    pub checks: Vec<Checks>,
    probes_under_way: Slab<ProbeUnderWay>,
    checks_sent: u64,
}

impl Health {
    /// As the plan has them, with nothing checked so far.
    pub fn new(plan: &WorldPlan, streams: &Streams) -> Self {
        Self { checks: checks(plan, streams), probes_under_way: probing::under_way(), checks_sent: 0 }
    }
}
