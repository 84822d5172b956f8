//! When faults happen: as a scenario says it, and as the written schedule of one run.
//!
//! Owns both forms and the conversion from one to the other. Does not know what a fault does, and does not react to
//! anything: an injection that waits for an event names it, and the run listens.
//!
//! Invariants: all chance is in [`expand`], so a written schedule is run, replayed and shortened without sampling. The
//! random streams of a fault are its own, keyed by its id: another fault in the scenario does not affect its samples.
//! What an injection does depends on its own line only, so taking out a line takes out that injection and nothing else.

mod expand;
mod written;

pub use expand::{expand, expected};
pub use written::{Written, stream_key};

pub use crate::record::Cue;

use crate::kernel::Distribution;
use crate::units::{Instant, Rate, Span};

/// The most injections of one run. An identifier has 16 bits; a schedule that nobody can read has become its own
/// problem long before.
pub const MOST_INJECTIONS: usize = 10_000;

/// When a fault happens, as a scenario says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// What begins it.
    pub start: Start,
    /// How long it lasts each time; `None`: to the end of the workload.
    pub lasts: Option<Distribution>,
    /// Whether it comes and goes within that time.
    pub flap: Option<Flap>,
}

/// What begins a fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// The clock.
    At(Instant),
    /// Something that happens.
    When(Cue),
    /// Once, at an instant that chance draws from a window, each as likely as any other.
    Within {
        /// From when on.
        from: Instant,
        /// Before when.
        to: Instant,
    },
    /// Chance: independently of everything, at a mean rate, within a window.
    Rate {
        /// How often, on average.
        rate: Rate,
        /// From when on.
        from: Instant,
        /// Before when.
        to: Instant,
    },
}

/// Comes and goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Flap {
    /// How long the fault is there each time; it is there first.
    pub down: Distribution,
    /// How long it is gone in between.
    pub up: Distribution,
}

/// One line of a written schedule: a fault happens once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injection {
    /// The fault's position among the scenario's faults.
    pub fault: usize,
    /// Which happening of that fault this is, from 1.
    pub occurrence: u32,
    /// What begins it.
    pub trigger: Trigger,
    /// How long it lasts; `None`: to the end of the workload.
    pub lasts: Option<Span>,
}

/// What begins an injection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The clock.
    At(Instant),
    /// Something that happens.
    On(Cue),
}

impl Timing {
    /// Once, at that instant, for that long.
    pub const fn once(at: Instant, lasts: Option<Span>) -> Self {
        let lasts = match lasts {
            Some(span) => Some(Distribution::Constant(span)),
            None => None,
        };
        Self { start: Start::At(at), lasts, flap: None }
    }

    /// Whether chance decides if and how often it happens.
    pub const fn is_random(&self) -> bool {
        matches!(self.start, Start::Rate { .. })
    }

    /// Whether the fault may happen more than once.
    pub const fn recurs(&self) -> bool {
        self.flap.is_some() || matches!(self.start, Start::Rate { .. })
    }
}
