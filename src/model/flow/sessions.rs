//! Users who send: what each step of their journey asks for, and how it ended.
//!
//! Owns nothing. Does not know when a user goes on.

use crate::model::World;
use crate::units::{Instant, WorkloadId};

impl World {
    /// A user arrives and begins their journey.
    pub(super) fn arrive_in_person(&mut self, workload: WorkloadId) {
        if let Some(session) = self.clients.begin_session(workload) {
            self.proceed(session);
        }
    }

    /// A user sends their next request.
    pub(in crate::model) fn proceed(&mut self, session: u32) {
        if let Some((workload, drawn, step)) = self.clients.next_visit(session) {
            self.send_request(workload, drawn, session, step);
        }
    }

    /// The request of a user has come to its outcome at `at`.
    pub(super) fn step_ended(&mut self, session: u32, number: u64, ok: bool, at: Instant) {
        if let Some(ok) = self.clients.step_ended(&mut self.core, session, number, ok, at) {
            self.observe.meter.clients.journey_ended(ok);
        }
    }
}
