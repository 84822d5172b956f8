//! Hedged reads: a second attempt beside one that takes long; the first answer counts.
//!
//! Owns when a hedge goes out. Does not know where to, or what comes back.
//!
//! Invariants: an attempt is hedged at most once, and only while nothing has answered it. A hedge takes from the retry
//! budget. Source: Dean and Barroso, The Tail at Scale, CACM 56(2), 2013.

use crate::kernel::{Class, LaneId};
use crate::model::clients::Clients;
use crate::model::core::Core;
use crate::model::core::event::KernelEvent;
use crate::units::Span;

impl Clients {
    /// The attempt with this ticket, at a read, will be hedged if it is still open `after` from now.
    pub(in crate::model) fn expect_hedge(
        &self,
        core: &mut Core,
        (slot, ticket): (u32, u32),
        (after, lane): (Span, LaneId),
    ) {
        let wait = mutant!("a_hedge_waits_twice_as_long": after => after.saturating_add(after));
        let at = core.now().saturating_add(wait);
        let request = &self.requests[slot];
        // An attempt that is over already has left another ticket behind.
        if !request.access.writes() && request.ticket == ticket && at < request.deadline {
            core.kernel.push(lane, at, Class::Arrival, KernelEvent::Hedge { slot, ticket });
        }
    }

    /// Whether the attempt with this ticket is still open and another one may be sent beside it; which then is open, too.
    pub(in crate::model) fn begin_hedge(&mut self, slot: u32, ticket: u32) -> bool {
        let request = &mut self.requests[slot];
        let population = &mut self.populations[usize::from(request.workload)];
        if request.ticket != ticket || request.open != 1 || !population.affords_hedge() {
            return false;
        }
        population.spend_retry();
        request.open = 2;
        true
    }

    /// One of the attempts at the read in `slot` has failed. Whether none is open any more.
    pub(in crate::model) fn none_is_open(&mut self, slot: u32) -> bool {
        let request = &mut self.requests[slot];
        request.open -= 1;
        request.open == 0
    }
}

#[cfg(test)]
#[path = "hedge_tests.rs"]
mod tests;
