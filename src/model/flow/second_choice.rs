//! What one region failed, sent on by the balancer to the next.
//!
//! Does not know the choices: they are the balancer's. Invariants: a request goes on at once and through no name; a write that
//! may have happened goes on only if it carries a key; what is sent on counts as no retry, and has no more time than its
//! client gave it.

use crate::kernel::Class;
use crate::model::clients::request::NO_CHOICE;
use crate::model::core::job::HEDGE;
use crate::model::names::balancer::Balancer;
use crate::model::{KernelEvent, World};
use crate::units::Instant;

/// Attempts at one request, its balancer's second choices among them: as many as a job can number beside its hedges.
const MOST_ATTEMPTS: u16 = HEDGE - 2;

impl World {
    /// The balancer waits for the answer to the attempt with this ticket, if it is one that it has sent somewhere, and not for
    /// as long as the client does.
    pub(super) fn watch_answer(&mut self, slot: u32, ticket: u32) {
        let Some(wait) = self.names.balancer.as_ref().and_then(Balancer::waits) else { return };
        let request = &self.clients.requests[slot];
        let at = self.core.now().saturating_add(wait);
        if request.ticket == ticket && request.choice != NO_CHOICE && at < request.deadline {
            self.core.kernel.schedule(at, Class::Deadline, KernelEvent::Unanswered { slot, ticket });
        }
    }

    /// The balancer has waited long enough for the answer to the attempt with this ticket.
    pub(in crate::model) fn unanswered(&mut self, slot: u32, ticket: u32) {
        if self.clients.requests[slot].ticket != ticket {
            return;
        }
        let now = self.core.now();
        self.mark_doubtful(slot);
        self.abandon_queues(slot);
        let request = &self.clients.requests[slot];
        let from = (request.workload, request.group);
        if let Some(region) = request.sent_to {
            self.clients.attempt_ended(&mut self.core, from, region, now, false);
            self.observe.meter.failed(region);
        }
        self.attempt_failed(slot, now);
    }

    /// Whether the balancer sends the request, whose present attempt failed at `at`, to its next choice at once.
    pub(super) fn falls_back(&mut self, slot: u32, at: Instant) -> bool {
        let Some(balancer) = &self.names.balancer else { return false };
        let request = &mut self.clients.requests[slot];
        let repeatable = self.clients.populations[request.workload as usize].may_repeat(request, at);
        if request.choice == NO_CHOICE || !repeatable || request.attempt >= MOST_ATTEMPTS || at >= request.deadline {
            return false;
        }
        let next = balancer.next_choice(request.choice, request.sent_to, request.failed_as(at));
        let Some((choice, region)) = next else { return false };
        (request.choice, request.chosen) = (choice, Some(region));
        request.attempt += 1;
        request.fallbacks += 1;
        let ticket = self.clients.next_ticket(slot);
        self.core.kernel.schedule(at, Class::Arrival, KernelEvent::Retry { slot, ticket });
        self.observe.meter.clients.fell_back();
        true
    }
}
