//! What control interfaces need in order to answer: a region that can be reached, a service there that answers first.
//!
//! Owns what waits for such a service. Does not know what is done once it has answered.
//!
//! Invariants: an interface whose region is silent answers nothing and does nothing. What must first ask a service goes
//! there as a request like any other, with its queue and its faults, and is done once or not at all.

use crate::model::World;
use crate::model::command::Command;
use crate::model::core::job::{Job, Waiter};
use crate::model::message::ServerOrder;
use crate::model::plan::Interface;
use crate::ports::PortError;
use crate::units::ServiceId;
use std::collections::BTreeMap;

/// Errands are numbered apart from every population's requests.
const ERRAND_NUMBERS: u64 = (u16::MAX as u64 - 2) << 40;

/// What is asked of an interface.
#[derive(Debug)]
pub(in crate::model) enum Errand {
    /// A command of control, for its call.
    Command(u32, Command),
    /// Servers for an autoscaler.
    Servers(ServerOrder),
}

/// What waits for the service that its interface needs.
#[derive(Debug, Default)]
pub(in crate::model) struct Errands {
    made: u32,
    waiting: BTreeMap<u32, Errand>,
}

impl World {
    /// Whether `interface` can act at once. If not, `errand` waits for what the interface needs, or is lost.
    pub(in crate::model) fn has_what_it_needs(
        &mut self,
        interface: Interface,
        errand: impl FnOnce() -> Errand,
    ) -> bool {
        if self.core.needs(interface).next().is_none() {
            return true;
        }
        if self.core.is_without(interface) {
            self.lose(errand());
            return false;
        }
        let Some(service) = self.core.needs(interface).find_map(|need| need.service) else { return true };
        self.ask_service(service, errand());
        false
    }

    fn ask_service(&mut self, service: ServiceId, errand: Errand) {
        let ticket = self.flow.errands.made;
        self.flow.errands.made += 1;
        self.flow.errands.waiting.insert(ticket, errand);
        let number = ERRAND_NUMBERS | u64::from(ticket);
        self.enter(Job::probe(number, ticket, service, Waiter::Interface, self.core.kernel.now()));
    }

    /// The service that an errand had to ask first has answered.
    pub(in crate::model) fn errand_answered(&mut self, job: &Job, ok: bool) {
        let Some(errand) = self.flow.errands.waiting.remove(&job.ticket) else { return };
        match (errand, ok) {
            (Errand::Command(call, command), true) => self.consider(call, command),
            (Errand::Command(call, _), false) => {
                let name = &self.core.plan.services[job.entry.index()].name;
                let why = format!("`{name}`, which it needs, answered with an error");
                self.core.answer(call, Err(PortError::Unreachable(why)));
            }
            (Errand::Servers(order), true) => self.platform.order_accepted(&mut self.core, order),
            (Errand::Servers(order), false) => self.platform.order_failed(&mut self.core, order),
        }
    }

    /// Nobody will answer `job`, which an errand may have waited for.
    pub(in crate::model) fn errand_lost(&mut self, job: &Job) {
        if job.waiter == Waiter::Interface
            && let Some(errand) = self.flow.errands.waiting.remove(&job.ticket)
        {
            self.lose(errand);
        }
    }

    /// `errand` has no result. Control's call stays without an answer.
    fn lose(&mut self, errand: Errand) {
        if let Errand::Servers(order) = errand {
            self.platform.order_failed(&mut self.core, order);
        }
    }
}
