//! Hedged reads: a second attempt beside one that takes long; the first answer counts.
//!
//! Owns when a hedge goes out, and which of two answers decides. Refuses to call an attempt back: what lost the race
//! stays work for whoever has it.
//!
//! Invariants: an attempt is hedged at most once, and only while nothing has answered it. Where reads are hedged, their
//! answers travel as events, so that the one that arrives first is the first. A hedge takes from the retry budget.
//! Source: Dean and Barroso, The Tail at Scale, CACM 56(2), 2013.

use crate::kernel::{Class, LaneId};
use crate::model::core::job::{HEDGE, Job};
use crate::model::{Event, World};
use crate::units::{RegionId, Span};

impl World {
    /// The attempt with this ticket, at a read, will be hedged if it is still open `after` from now.
    pub(in crate::model) fn expect_hedge(&mut self, slot: u32, ticket: u32, after: Span, lane: LaneId) {
        let wait = mutant!("a_hedge_waits_twice_as_long": after => after.saturating_add(after));
        let at = self.core.kernel.now().saturating_add(wait);
        let request = &self.clients.requests[slot];
        // An attempt that is over already has left another ticket behind.
        if !request.write && request.ticket == ticket && at < request.deadline {
            let event = Event::Hedge { slot, ticket };
            self.core.kernel.push(lane, at, Class::Arrival, event);
        }
    }

    /// The attempt has been open for so long that another one is sent beside it.
    pub(in crate::model) fn hedge(&mut self, slot: u32, ticket: u32) {
        let request = &mut self.clients.requests[slot];
        let population = &mut self.clients.populations[usize::from(request.workload)];
        if request.ticket != ticket || request.open != 1 || !population.affords_hedge() {
            return;
        }
        population.spend_retry();
        request.open = 2;
        let (attempt, sent_to) = (request.attempt, request.sent_to);
        self.dispatch(slot, attempt | HEDGE);
        // What a time-out tells of a region, it tells of that of the first attempt.
        self.clients.requests[slot].sent_to = sent_to;
    }

    /// An answer to a read that is, or might have been, hedged has arrived at its client.
    pub(in crate::model) fn hedged_answer(&mut self, job: Job, region: RegionId, ok: bool) {
        let now = self.core.kernel.now();
        self.clients.populations[usize::from(job.workload)].breakers.ended(region, now, ok);
        self.tell_of_breakers(job.workload);
        if !self.is_live(&job) {
            return;
        }
        if ok {
            self.abandon_queues(job.slot);
            return self.answered(job.slot, region, None, now);
        }
        let request = &mut self.clients.requests[job.slot];
        request.open -= 1;
        if request.open == 0 {
            self.attempt_failed(job.slot, now);
        }
    }
}

#[cfg(test)]
#[path = "hedge_tests.rs"]
mod tests;
