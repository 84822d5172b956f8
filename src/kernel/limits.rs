//! What a run may use up, and what is said when it has.
//!
//! Owns the bounds on events, virtual time, pending events and rounds at one instant. Does not guess why a bound
//! was met: it reports the numbers. Invariant: a limit stops a run, it never changes one.

use crate::units::Instant;
use std::fmt;

/// Bounds of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most events handled.
    pub events: u64,
    /// Last instant that may be reached.
    pub until: Instant,
    /// Most events waiting at once.
    pub pending: usize,
    /// Most rounds within one instant.
    pub rounds: u32,
}

/// Why a run was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitReached {
    /// The run has handled as many events as it may.
    Events {
        /// The bound.
        most: u64,
        /// When it was met.
        now: Instant,
    },
    /// The next event lies beyond the last instant allowed.
    Time {
        /// The bound.
        until: Instant,
        /// When the next event would have happened.
        next: Instant,
    },
    /// Too many events wait at once.
    Pending {
        /// The bound.
        most: usize,
        /// When it was met.
        now: Instant,
    },
    /// Busy without progress: events keep causing events at one instant.
    NoProgress {
        /// The instant time is stuck at.
        now: Instant,
        /// Rounds begun at that instant.
        rounds: u32,
        /// Events handled at that instant after having been scheduled at it.
        events: u64,
    },
    /// A task wakes itself each time it is polled.
    Restless {
        /// Name of the task.
        task: String,
        /// How often it was polled without virtual time moving.
        polls: u32,
    },
    /// The run has used up the sequence numbers that order simultaneous events.
    Sequence {
        /// When it happened.
        now: Instant,
    },
}

impl Default for Limits {
    /// Any number of events, any time, 10 million pending events, 1000 rounds at one instant.
    fn default() -> Self {
        Self { events: u64::MAX, until: Instant::MAX, pending: 10_000_000, rounds: 1_000 }
    }
}

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Events { most, now } => write!(f, "the limit of {most} events was reached at {now}"),
            Self::Time { until, next } => write!(f, "the next event, at {next}, is beyond the time limit of {until}"),
            Self::Pending { most, now } => write!(f, "more than {most} events are pending at {now}"),
            Self::NoProgress { now, rounds, events } => {
                write!(f, "livelock: {events} events in {rounds} rounds at {now} without time advancing")
            }
            Self::Restless { task, polls } => {
                write!(f, "livelock: task '{task}' was polled {polls} times without time advancing")
            }
            Self::Sequence { now } => {
                write!(f, "out of sequence numbers at {now}: more than 2^45 events were scheduled")
            }
        }
    }
}

impl std::error::Error for LimitReached {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_explains_itself_with_numbers_and_time() {
        let now = Instant::from_secs(90);
        let said = LimitReached::NoProgress { now, rounds: 1_001, events: 2_002 }.to_string();
        assert_eq!(said, "livelock: 2002 events in 1001 rounds at 90s without time advancing");
        let said = LimitReached::Time { until: now, next: Instant::from_secs(120) }.to_string();
        assert_eq!(said, "the next event, at 2m, is beyond the time limit of 90s");
    }
}
