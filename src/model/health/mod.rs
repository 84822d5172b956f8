//! Health as those see it who check it: checkers that probe, fleets that vote, judgement from real traffic.
//!
//! Does not know why a region does not answer, or what follows from a verdict. Invariant: a verdict changes only when a
//! checker has counted enough results of its own, or real requests enough of theirs; nothing here reads the truth about
//! a region but a probe.

mod detector;
mod fleet;
mod passive;
mod probing;

pub use fleet::Checks;
pub(in crate::model) use probing::{CheckDue, Sight};
use probing::{ProbeUnderWay, checks};

use crate::kernel::Streams;
use crate::model::core::slab::Slab;
use crate::model::plan::WorldPlan;

/// Everybody who checks regions.
#[derive(Debug)]
pub struct Health {
    pub(in crate::model) checks: Vec<Checks>,
    probes_under_way: Slab<ProbeUnderWay>,
    checks_sent: u64,
}

impl Health {
    /// As the plan has them, with nothing checked so far.
    pub(in crate::model) fn new(plan: &WorldPlan, streams: &Streams) -> Self {
        Self { checks: checks(plan, streams), probes_under_way: probing::under_way(), checks_sent: 0 }
    }
}
