//! A job: one attempt at one request, as it travels through the world.
//!
//! Invariant: a job carries all that the places it visits need, so it can go on after its client gave up. It never
//! points into the client's own record except to say whose answer it is.

use crate::units::{Instant, ServiceId};

/// The `slot` of a job that nobody in the client population waits for: a probe of the control logic.
pub const PROBE: u32 = u32::MAX;

/// In place of a population: the number of jobs that health checkers send.
pub const CHECKERS: u16 = u16::MAX - 1;

/// In place of a population: the number of jobs that control interfaces send to services they need.
pub const INTERFACES: u16 = u16::MAX - 2;

/// Set in the `attempt` of a hedge: the second attempt beside the one of the same number. Retries stay below it.
pub const HEDGE: u8 = 0x80;

/// One attempt at one request.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// The request's number, unique in the run.
    pub number: u64,
    /// When the attempt reached the entry service.
    pub entered: Instant,
    /// Where the request is kept, or [`PROBE`].
    pub slot: u32,
    /// Which attempt of the request this is; for a probe, the port call that waits.
    pub ticket: u32,
    /// The key it reads or writes.
    pub key: u32,
    /// The service the client called.
    pub entry: ServiceId,
    /// The client population.
    pub workload: u16,
    /// How many attempts came before; with [`HEDGE`] set, which one it is the hedge of.
    pub attempt: u8,
    /// How many places of its route are behind it: its own work, then each call.
    pub stage: u8,
    /// How often calls were repeated that are under way, four bits for each layer, the outermost least.
    pub repeats: u32,
    /// The caches of its route, by number, that had no answer: what comes back may fill them.
    pub caches: u32,
    /// Whether it writes.
    pub write: bool,
    /// Whether it was already sent on to another copy of the database.
    pub redirected: bool,
}

impl Job {
    /// A read that control, not a client, sends to `entry`, where it arrives now; `ticket` is the port call that waits.
    pub fn probe(number: u64, ticket: u32, entry: ServiceId, workload: u16, now: Instant) -> Self {
        Self {
            number,
            entered: now,
            slot: PROBE,
            ticket,
            key: 0,
            entry,
            workload,
            attempt: 0,
            stage: 0,
            repeats: 0,
            caches: 0,
            write: false,
            redirected: false,
        }
    }

    /// The number under which anything random about this attempt is drawn.
    #[inline]
    pub fn draw(&self) -> u64 {
        // No multiple of that odd number is zero, and no two of so few are equal.
        ((self.number << 8) | u64::from(self.attempt)) ^ u64::from(self.repeats).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// Whether a health checker, neither a client nor the control logic, waits for it.
    #[inline]
    pub fn is_check(&self) -> bool {
        self.workload == CHECKERS
    }

    /// Whether a control interface, neither a client nor control, waits for it.
    #[inline]
    pub fn is_errand(&self) -> bool {
        self.workload == INTERFACES
    }

    /// Whether the control logic, not a client, waits for it.
    #[inline]
    pub fn is_probe(&self) -> bool {
        self.slot == PROBE
    }
}
