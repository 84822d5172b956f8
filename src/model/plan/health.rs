//! How the health of regions is judged, as planned: probes, rules, passive judgement, and what follows.

use crate::units::{Ratio, Span};

/// How health is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct ChecksPlan {
    /// Probes; `None`: health is judged from real traffic alone.
    pub active: Option<ActivePlan>,
    /// Judgement from real traffic, if there is one.
    pub passive: Option<PassivePlan>,
    /// Whether all regions are used when none is healthy.
    pub fail_open: bool,
    /// The greatest share of the weights that is taken out of service, whatever the checks say.
    pub most_removed: Ratio,
}

/// Probes.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivePlan {
    /// How often a checker probes each region.
    pub every: Span,
    /// How long it waits for an answer.
    pub timeout: Span,
    /// What it sends.
    pub probe: ProbeKind,
    /// When it changes its mind.
    pub rule: HealthRule,
    /// How many checkers there are.
    pub checkers: u32,
    /// A region is healthy while more than this share of checkers consider it healthy.
    pub share: Ratio,
    /// Whether each checker probes at instants of its own, drawn at the start.
    pub unsynchronised: bool,
}

/// What a checker sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// It asks whether something is there: any service that is active will do.
    Ping,
    /// It sends a request as clients do, over the network and through the service.
    Request,
}

/// When a checker changes its mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthRule {
    /// After so many results in a row that contradict it.
    Consecutive {
        /// Failures until it says unhealthy.
        unhealthy_after: u32,
        /// Successes until it says healthy.
        healthy_after: u32,
    },
    /// It says healthy while at least so many of the last results are successes.
    OfLast {
        /// How many results count, at most 64.
        window: u32,
        /// How many of them must be successes.
        good: u32,
    },
}

/// Judgement from the answers real requests get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassivePlan {
    /// A region is unhealthy if fewer of its requests succeed.
    pub below: Ratio,
    /// The window over which requests are counted.
    pub window: Span,
    /// With fewer requests in the window, no judgement is made.
    pub minimum: u64,
    /// The evaluation interval.
    pub every: Span,
    /// How long a region stays ejected before it is tried again.
    pub eject_for: Span,
}
