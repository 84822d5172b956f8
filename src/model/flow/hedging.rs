//! Two attempts at one read: how the second is sent, and which of two answers decides.
//!
//! Owns nothing. Does not call an attempt back: what lost the race stays work for the service that has it. Invariant:
//! where reads are hedged, their answers travel as events, so that the one that arrives first is the first.

use crate::model::World;
use crate::model::core::job::{HEDGE, Job};
use crate::model::flow::hop::Heard;
use crate::record::RequestEvent;
use crate::units::RegionId;

impl World {
    /// The attempt has been open for so long that another one is sent beside it.
    pub(in crate::model) fn hedge(&mut self, slot: u32, ticket: u32) {
        if !self.clients.begin_hedge(slot, ticket) {
            return;
        }
        let request = &self.clients.requests[slot];
        let (attempt, sent_to, choice) = (request.attempt, request.sent_to, request.choice);
        self.dispatch(slot, attempt | HEDGE);
        // What a time-out tells of a region, it tells of that of the first attempt; and where the balancer has got to with
        // that is no matter of the hedge's.
        let request = &mut self.clients.requests[slot];
        request.sent_to = sent_to;
        request.choice = mutant!("a_hedge_begins_the_choices_again": choice => request.choice);
    }

    /// An answer to a read that is, or might have been, hedged has arrived at its client.
    pub(super) fn hedged_answer(&mut self, job: &Job, region: RegionId, heard: Heard) {
        let (now, ok) = (self.core.now(), heard == Heard::Ok);
        let request = &self.clients.requests[job.slot];
        // Where another request has its place by now, whoever sent it has gone on to other things.
        if request.number == job.number {
            let from = (request.workload, request.group);
            self.clients.attempt_ended(&mut self.core, from, region, now, ok);
        }
        self.judge_by(region, heard);
        if !self.clients.is_live(job) {
            return;
        }
        if ok {
            self.abandon_queues(job.slot);
            self.core.tell_of_request(now, RequestEvent::Answered { number: job.number, attempt: job.attempt });
            return self.answered(job.slot, region, None, now);
        }
        if self.clients.none_is_open(job.slot) {
            self.attempt_failed(job.slot, now);
        }
    }
}
