//! Populations of clients, as planned.

use super::{Arrivals, JourneyStep, Refresh};
use crate::kernel::Distribution;
use crate::policy::{Backoff, BreakerSettings};
use crate::record::FailureClass;
use crate::units::{NameId, Ratio, Span};

/// The distribution of keys that requests touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keys {
    /// Every key with equal probability.
    Uniform {
        /// The number of keys.
        count: u32,
    },
    /// Key of rank r in proportion to r to the power −s.
    Zipf {
        /// The number of keys.
        count: u32,
        /// The exponent.
        s: f64,
    },
}

/// A population of clients.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkloadPlan {
    /// Its name.
    pub name: String,
    /// Whether its clients exist for drills only.
    pub synthetic: bool,
    /// The service it calls, unless a journey says otherwise.
    pub service: String,
    /// The requests that make up a session, in order; empty: each is by itself.
    pub journey: Vec<JourneyStep>,
    /// The DNS record it resolves.
    pub record: NameId,
    /// How requests arrive.
    pub arrivals: Arrivals,
    /// The share of requests that write, those that delete among them; the rest read.
    pub writes: Ratio,
    /// The share of requests that delete.
    pub deletes: Ratio,
    /// Whether they write also what no service that they call keeps: the scenario says what share is written, so a write
    /// is as hard to repeat as anywhere.
    pub writes_unkept: bool,
    /// Which keys they touch.
    pub keys: Keys,
    /// The number of client groups; each has its own DNS cache and connection.
    pub groups: u32,
    /// When a group's cache asks again.
    pub refresh: Refresh,
    /// How long a group keeps an address, whatever the TTL says; `None`: as long as that says.
    pub name_cache: Option<Span>,
    /// How long a client waits for an answer to one attempt.
    pub timeout: Span,
    /// Attempts after the first.
    pub retries: u32,
    /// By class of failure: whether it is followed by another attempt.
    pub retried: [bool; FailureClass::COUNT],
    /// Retries at most, as a share of requests, and how many may be made at once beyond that; `None`: no limit.
    pub retry_budget: Option<(Ratio, u32)>,
    /// Waiting before each of them.
    pub backoff: Backoff,
    /// How far they obey who tells them when to come back; `None`: they do not.
    pub obeys: Option<ObeysPlan>,
    /// Whether writes carry a key of their own, so that a repeated one takes effect once. Writes without one are not
    /// retried.
    pub keyed_writes: bool,
    /// How long a group keeps using a connection without asking DNS again, busy or not; `None`: it asks for every
    /// request.
    pub keep_alive: Option<Span>,
    /// After how long without a request a connection ends before that; `None`: it does not.
    pub idle_timeout: Option<Span>,
    /// Whether its clients start with the run, without connections and knowing no address.
    pub cold_start: bool,
    /// How long a connection lives, in place of that, if it is not always the same.
    pub connection_life: Option<Distribution>,
    /// The share of groups whose processes never ask again.
    pub pinned: Ratio,
    /// When those are restarted, from the start; `None`: never.
    pub restarted_at: Option<Span>,
    /// How long after a read was sent a second attempt goes out beside it, if it is still open; `None`: none does.
    pub hedge: Option<Span>,
    /// When clients stop sending to a region that fails; `None`: they never do.
    pub breaker: Option<BreakerSettings>,
    /// How many processes these clients are, each with breakers of its own; its groups are spread over them.
    pub breaker_processes: u32,
}

impl WorkloadPlan {
    /// Every service it calls, in order, some perhaps more than once.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        let alone = self.journey.is_empty().then_some(self.service.as_str());
        alone.into_iter().chain(self.journey.iter().map(|step| step.service.as_str()))
    }
}

/// How far clients obey a limit that tells them when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObeysPlan {
    /// Up to so long they wait as they are told.
    pub up_to: Span,
    /// What they do when told to wait longer.
    pub beyond: Beyond,
}

/// What a client does that is told to come back later than it cares to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// It gives up.
    GiveUp,
    /// It waits as if it had been told nothing.
    Backoff,
}
