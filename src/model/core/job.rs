//! A job: one attempt at one request, as it travels through the world.
//!
//! Invariant: a job carries all that the places it visits need, so it can go on after its client gave up. It never
//! points into the client's own record except to say whose answer it is.

use crate::units::{Instant, ServiceId};

/// Who waits for the answer to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiter {
    /// The client whose request it is.
    Client,
    /// The control logic, which sent it as a probe.
    Control,
    /// A health checker.
    Checker,
    /// A control interface, which needs the service.
    Interface,
    /// The service that sent it beside others, for a client.
    Fork,
}

/// What a request does with the row of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It reads it.
    Read,
    /// It writes it, whether there was one or not.
    Write,
    /// It deletes it: a write that leaves no row.
    Delete,
}

impl Access {
    /// Whether it changes the row.
    #[inline(always)]
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Read)
    }

    /// One that writes, or reads.
    pub const fn writing(writes: bool) -> Self {
        if writes { Self::Write } else { Self::Read }
    }
}

/// The `slot` of a job that no client waits for.
const NO_REQUEST: u32 = u32::MAX;

/// The `leg` of a job that is none.
pub const NO_LEG: u32 = u32::MAX;

/// The most legs a fork may have: more than anybody writes to at once.
pub const MOST_LEGS: u32 = 8;

/// Set in the `attempt` of a hedge: the second attempt beside the one of the same number. Retries stay below it.
pub const HEDGE: u16 = 0x8000;

/// The number under which anything random about that attempt at request `number` is drawn.
#[inline]
pub fn draw_of(number: u64, attempt: u16) -> u64 {
    // The first 128 attempts and their hedges have a byte below the number of the request; what is beyond is spread as
    // repeated calls are.
    let (tries, hedge) = (attempt & !HEDGE, u64::from(attempt & HEDGE != 0));
    let (low, beyond) = (u64::from(tries & 0x7f), u64::from(tries >> 7));
    ((number << 8) | (hedge << 7) | low) ^ beyond.wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// One attempt at one request.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// The request's number, unique in the run.
    pub number: u64,
    /// When the attempt reached the entry service.
    pub entered: Instant,
    /// Where the request is kept that it belongs to, if a client waits for it or for what it is a leg of.
    pub slot: u32,
    /// Which attempt of the request this is; otherwise what is waited for: a port call, a check, an errand.
    pub ticket: u32,
    /// The key it reads or writes.
    pub key: u32,
    /// The service the client called.
    pub entry: ServiceId,
    /// How many attempts came before; with [`HEDGE`] set, which one it is the hedge of.
    pub attempt: u16,
    /// How many places of its route are behind it: its own work, then each call.
    pub stage: u8,
    /// How often calls were repeated that are under way, four bits for each layer, the outermost least.
    pub repeats: u32,
    /// The caches of its route, by number, that had no answer: what comes back may fill them.
    pub caches: u32,
    /// Which leg of which fork it is, or [`NO_LEG`].
    pub leg: u32,
    /// Who waits for it.
    pub waiter: Waiter,
    /// What it does with the row of its key.
    pub access: Access,
    /// Whether it was already sent on to another copy of the database.
    pub redirected: bool,
}

impl Job {
    /// A read that somebody else than a client sends to `entry`, where it arrives now; `ticket` is what `waiter` knows it by.
    pub fn probe(number: u64, ticket: u32, entry: ServiceId, waiter: Waiter, now: Instant) -> Self {
        Self {
            number,
            entered: now,
            slot: NO_REQUEST,
            ticket,
            key: 0,
            entry,
            attempt: 0,
            stage: 0,
            repeats: 0,
            caches: 0,
            leg: NO_LEG,
            waiter,
            access: Access::Read,
            redirected: false,
        }
    }

    /// The number under which anything random about this attempt is drawn.
    #[inline(always)]
    pub fn draw(&self) -> u64 {
        // No multiple of that odd number is zero, and no two of so few are equal.
        let repeated = u64::from(self.repeats).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // The first leg is drawn as the write would be without the others.
        let leg =
            if self.leg == NO_LEG { 0 } else { u64::from(self.leg % MOST_LEGS).wrapping_mul(0xBF58_476D_1CE4_E5B9) };
        draw_of(self.number, self.attempt) ^ repeated ^ leg
    }

    /// The leg number `number` of `fork`, on its way as this is.
    pub fn as_leg(&self, fork: u32, number: u32) -> Self {
        Self { leg: fork * MOST_LEGS + number, ..*self }
    }

    /// The fork it is a leg of, and its number among the legs.
    pub fn fork(&self) -> (u32, u32) {
        (self.leg / MOST_LEGS, self.leg % MOST_LEGS)
    }

    /// Whether a health checker waits for it.
    #[inline]
    pub fn is_check(&self) -> bool {
        self.waiter == Waiter::Checker
    }

    /// Whether it belongs to no request of a client: control, a health checker or an interface sent it.
    #[inline]
    pub fn is_probe(&self) -> bool {
        self.slot == NO_REQUEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_attempt_and_every_hedge_has_a_draw_of_its_own() {
        let numbers = [0, 1, 2, 1_000_000];
        let attempts = (0..10_001).flat_map(|attempt| [attempt, attempt | HEDGE]);
        let draws: BTreeSet<u64> =
            attempts.flat_map(|attempt| numbers.map(|number| draw_of(number, attempt))).collect();
        assert_eq!(draws.len(), 4 * 20_002);
        assert_eq!((draw_of(5, 3), draw_of(5, 3 | HEDGE)), (5 << 8 | 3, 5 << 8 | 0x83));
    }
}
