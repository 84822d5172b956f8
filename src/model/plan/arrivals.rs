//! When requests arrive, as planned.

use super::LoadTrace;
use crate::kernel::Distribution;
use crate::units::{Instant, Rate, Ratio, Span};

/// How requests arrive.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// Independently of each other, at a mean rate.
    Poisson(Rate),
    /// Evenly spaced.
    Constant(Rate),
    /// Independently of each other, at a rate that follows the time of day.
    Diurnal(Diurnal),
    /// At a rate that jumps up for a while, again and again.
    Bursts(Bursts),
    /// At a rate that changes at known instants, the first of them the beginning.
    Steps(Spacing, Vec<(Instant, Rate)>),
    /// As somebody recorded it.
    Trace(Spacing, LoadTrace),
    /// From users each of whom waits for an answer, thinks, and goes on.
    Closed(Closed),
}

/// How arrivals at a known rate are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// Independent of each other.
    Poisson,
    /// Evenly, as far as the rate is even.
    Even,
}

/// A day: a cosine between the quietest hour and the busiest, half a day apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Diurnal {
    /// The rate when it is quietest.
    pub base: Rate,
    /// The rate when it is busiest, as a multiple of that.
    pub peak: Ratio,
    /// The time of day when it is busiest.
    pub peak_at: Span,
    /// The time of day when the run begins.
    pub starts_at: Span,
}

/// Bursts over a base rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Bursts {
    /// How arrivals are spaced.
    pub spacing: Spacing,
    /// The rate between bursts.
    pub base: Rate,
    /// The rate in a burst, as a multiple of that.
    pub factor: Ratio,
    /// How long a burst lasts.
    pub lasts: Distribution,
    /// From the beginning of one burst to that of the next, and from the beginning of the run to the first.
    pub every: Distribution,
}

/// A number of users.
#[derive(Debug, Clone, PartialEq)]
pub struct Closed {
    /// How many.
    pub users: u32,
    /// How long each thinks before it begins, and again after each journey; without journeys, after each request.
    pub think: Distribution,
    /// The lease each of them holds, if that is what they ask for.
    pub lease: Option<LeasePlan>,
}

/// A lease, and how its holders keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeasePlan {
    /// How long a holder waits after a renewal before it asks for the next.
    pub every: Span,
    /// How long a lease is valid from when it was granted.
    pub term: Span,
    /// Whether a holder gives its lease up when a renewal fails, without waiting for its end.
    pub gives_up: bool,
    /// Whether nobody holds one when the run begins.
    pub lapsed: bool,
}

/// One step of a journey: a request.
#[derive(Debug, Clone, PartialEq)]
pub struct JourneyStep {
    /// The service it calls.
    pub service: String,
    /// Whether it writes.
    pub write: bool,
    /// How long the user thinks after it, if another step follows.
    pub think: Distribution,
}
