//! What one region failed, sent on by the balancer to the next.
//!
//! Does not know the choices: they are the balancer's. Invariants: a request goes on at once and through no name; a write that
//! may have happened goes on only if it carries a key; what is sent on counts as no retry.

use crate::kernel::Class;
use crate::model::clients::request::NO_CHOICE;
use crate::model::core::job::HEDGE;
use crate::model::{KernelEvent, World};
use crate::units::Instant;

/// Attempts at one request, its balancer's second choices among them: as many as a job can number beside its hedges.
const MOST_ATTEMPTS: u8 = HEDGE - 2;

impl World {
    /// Whether the balancer sends the request, whose present attempt failed at `at`, to its next choice at once.
    pub(super) fn falls_back(&mut self, slot: u32, at: Instant) -> bool {
        let Some(balancer) = &self.names.balancer else { return false };
        let request = &mut self.clients.requests[slot];
        let repeatable = self.clients.populations[request.workload as usize].may_repeat(request, at);
        if request.choice == NO_CHOICE || !repeatable || request.attempt >= MOST_ATTEMPTS {
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
