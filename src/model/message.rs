//! What parts of the world have to say to each other.
//!
//! Owns the list, and the routing of each message to those it concerns. Does not know what they make of it. Invariant:
//! a message is heard as soon as the transition that sent it is over, in the order in which they were sent.

use super::World;
use super::command::Answer;
use super::core::job::Job;
use super::flow::hop::HopTo;
use crate::ports::PortError;
use crate::record::Position;
use crate::units::{DatabaseId, Instant, NameId, RegionId, ServiceId, Span};

/// On whose behalf health is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// The balancer's, which sends nothing to what is unhealthy.
    Balancer,
    /// A record's, which answers its secondary meanwhile.
    Record(NameId),
}

/// Servers that an autoscaler asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerOrder {
    /// For which service.
    pub service: ServiceId,
    /// How many.
    pub count: u32,
    /// Its number among the autoscaler's orders.
    pub draw: u64,
}

/// What one part has to say to another.
#[derive(Debug)]
pub(super) enum Message {
    /// An answer reaches control.
    Answer(u32, Result<Answer, PortError>),
    /// A job that somebody else than a client sends reaches its entry service, so much later.
    Enter(Job, Span),
    /// Those who check for somebody think otherwise of a region than before.
    Judged { user: User, region: RegionId, healthy: bool },
    /// Health checks want the services of a region.
    Activate(RegionId),
    /// Nobody will answer a job.
    NoAnswer(Job),
    /// A job's service waits for its database without an answer, until then.
    Hangs(Job, Instant),
    /// The connection of a job's service to its database was reset: what it wrote may stand, and that takes so long to learn.
    Reset { job: Job, written: Option<(DatabaseId, Position)>, back: Span },
    /// Control has asked what monitoring has seen of a region.
    AskedOfMonitoring(RegionId),
}

impl World {
    /// Lets every part hear what another one had to tell it.
    pub fn settle(&mut self) {
        while let Some(message) = self.core.next_message() {
            self.hear(message);
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Answer(call, answer) => self.deliver(call, answer),
            Message::Enter(job, Span::ZERO) => self.enter(job),
            Message::Enter(job, latency) => self.send(job, HopTo::Entry, latency),
            Message::Judged { user, region, healthy } => self.names.judged(&mut self.core, user, region, healthy),
            Message::Activate(region) => self.platform.activate_for_checks(&mut self.core, region),
            Message::NoAnswer(job) => self.no_answer(&job),
            Message::Hangs(job, until) => self.hangs(&job, until),
            Message::Reset { job, written, back } => self.reset(&job, written, back),
            Message::AskedOfMonitoring(region) => self.observe.count_unseen(&mut self.core, region),
        }
    }
}
