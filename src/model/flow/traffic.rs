//! The path of a request: from its arrival at a client, through names, network, services and databases, to its outcome.
//!
//! Owns the transitions of requests and jobs. Invariants: a hop that takes no time is a call, not an event; an event is
//! filed only where time passes and the outcome is still open; a request is counted once, at its outcome.

use crate::kernel::Class;
use crate::model::clients::population::Drawn;
use crate::model::clients::request::{NO_CHOICE, NO_CLASS, NO_SESSION, NOBODY, NOWHERE, Request};
use crate::model::core::job::{HEDGE, Job, NO_LEG, Waiter, draw_of};
use crate::model::flow::hop::{Heard, Hop, HopTo};
use crate::model::flow::reply::ClientReply;
use crate::model::observe::meter::RequestOutcome;
use crate::model::plan::Target;
use crate::model::{KernelEvent, REQUEST_FINISHED, World};
use crate::record::{FailureReason, Position, RequestEvent};
use crate::units::{DatabaseId, FaultId, Instant, RegionId, Span, WorkloadId};

impl World {
    #[inline(always)]
    pub(in crate::model) fn arrive(&mut self, workload: WorkloadId) {
        let population = &mut self.clients.populations[workload.index()];
        if population.sessions.is_some() {
            self.arrive_in_person(workload);
            return self.clients.expect_arrival(&mut self.core, workload);
        }
        let drawn = population.draw();
        self.clients.expect_arrival(&mut self.core, workload);
        self.send_request(workload, drawn, NO_SESSION, 0);
    }

    /// A client begins the request that was drawn.
    #[inline(always)]
    pub(in crate::model) fn send_request(&mut self, workload: WorkloadId, drawn: Drawn, session: u32, step: u8) {
        let now = self.core.kernel.now();
        let route = &self.clients.populations[workload.index()].routes[usize::from(step)];
        let writes = drawn.access.writes();
        let (class, wide) = (route.classes[usize::from(writes)], route.wide && writes);
        self.observe.meter.started(class);
        let slot = self.clients.requests.claim(&Request::FRESH);
        let request = &mut self.clients.requests[slot];
        *request = Request {
            number: drawn.number,
            started: now,
            deadline: now,
            timeout: None,
            key: drawn.key,
            group: drawn.group,
            // Goes on counting in a slot that is used again, so that an old job never answers for a new request.
            ticket: request.ticket,
            session,
            workload: workload.0,
            queued_at: NOWHERE,
            hedge_queued_at: NOWHERE,
            sent_to: None,
            attempt: 0,
            fallbacks: 0,
            choice: NO_CHOICE,
            chosen: None,
            open: 1,
            class,
            culprit: NOBODY,
            step,
            access: drawn.access,
            wide,
            in_doubt: false,
            reason: FailureReason::TimedOut,
            appended: None,
        };
        if self.core.requests_watched.is_some() {
            self.tell_who_asks(slot);
        }
        self.attempt(slot);
    }

    pub(in crate::model) fn retry(&mut self, slot: u32, ticket: u32) {
        if self.clients.requests[slot].ticket == ticket {
            self.attempt(slot);
        }
    }

    #[inline(always)]
    fn attempt(&mut self, slot: u32) {
        let now = self.core.kernel.now();
        let sequence = self.core.kernel.reserve();
        let request = &mut self.clients.requests[slot];
        let population = &mut self.clients.populations[request.workload as usize];
        // What the balancer sends on has no more time than what it was sent on from.
        if request.chosen.is_none() {
            request.deadline = now + population.timeout;
        }
        request.timeout = Some(sequence);
        request.queued_at = NOWHERE;
        request.reason = FailureReason::TimedOut;
        request.open = 1;
        let (attempt, ticket, hedge) = (request.attempt, request.ticket, population.hedge);
        self.dispatch(slot, attempt);
        self.watch_answer(slot, ticket);
        if let Some(hedge) = hedge {
            self.clients.expect_hedge(&mut self.core, (slot, ticket), hedge);
        }
    }

    /// Sends attempt number `attempt`, which may be a hedge, to wherever its client believes the service is.
    pub(in crate::model) fn dispatch(&mut self, slot: u32, attempt: u16) {
        let workload = self.clients.requests[slot].workload;
        self.send_attempt(slot, attempt);
        self.clients.tell_of_breakers(&mut self.core, workload);
    }

    #[inline(always)]
    fn send_attempt(&mut self, slot: u32, attempt: u16) {
        let now = self.core.kernel.now();
        let request = &mut self.clients.requests[slot];
        let population = &mut self.clients.populations[request.workload as usize];
        let draw = draw_of(request.number, attempt);
        let region = match request.chosen.take() {
            Some(region) => Some(region),
            None => {
                let target = self.names.address(request.workload, (request.group, request.number), now);
                request.choice = if target == Target::Balancer { 0 } else { NO_CHOICE };
                match target {
                    Target::Region(region) => Some(region),
                    Target::Balancer => self.names.balancer.as_ref().and_then(|b| b.pick(population.balance.at(draw))),
                    Target::Nothing => None,
                }
            }
        };
        if let Some(region) = region
            && !population.breakers.admits(region, request.group, now)
        {
            self.observe.meter.clients.refused();
            request.sent_to = None;
            return self.not_sent(slot, attempt, FailureReason::BreakerOpen);
        }
        self.observe.meter.attempted(region);
        if attempt != 0 {
            self.observe.meter.clients.attempted_again(attempt & HEDGE != 0);
        }
        request.sent_to = region;
        let entries = &population.routes[usize::from(request.step)].entries;
        let entry = region.and_then(|region| entries[region.index()].map(|entry| (region, entry)));
        let Some((region, entry)) = entry else {
            return self.not_sent(slot, attempt, FailureReason::NoAddress);
        };
        let job = Job {
            number: request.number,
            entered: now,
            slot,
            ticket: request.ticket,
            key: request.key,
            entry,
            attempt,
            stage: 0,
            repeats: 0,
            caches: 0,
            leg: NO_LEG,
            waiter: Waiter::Client,
            access: request.access,
            redirected: false,
        };
        let link = self.core.network.to(region);
        let travel = link.travel(draw << 1);
        if link.is_touched() {
            culprits(link, draw << 1).into_iter().flatten().for_each(|fault| self.touch(&job, fault));
        }
        match travel {
            None => self.lost(slot),
            Some(Span::ZERO) => self.enter(job),
            Some(latency) => self.send(job, HopTo::Entry, latency),
        }
    }

    /// An attempt was over before it was sent. Its request goes on if another one is open.
    fn not_sent(&mut self, slot: u32, attempt: u16, reason: FailureReason) {
        if attempt & HEDGE != 0 {
            self.clients.requests[slot].open -= 1;
            return;
        }
        let now = self.core.kernel.now();
        self.clients.requests[slot].reason = reason;
        self.attempt_failed(slot, now);
    }

    /// The network has lost a message of the present attempt.
    #[inline(never)]
    fn lost(&mut self, slot: u32) {
        self.clients.requests[slot].reason = FailureReason::Lost;
        self.clients.await_timeout(&mut self.core, slot);
    }

    /// Sends `job` to a place `latency` away.
    pub(in crate::model) fn send(&mut self, job: Job, to: HopTo, latency: Span) {
        let at = self.core.kernel.now() + latency;
        if !job.is_probe() && self.clients.is_live(&job) && at > self.clients.requests[job.slot].deadline {
            self.clients.await_timeout(&mut self.core, job.slot);
        }
        let hop = self.flow.hops.insert(Hop { job, to });
        self.core.push_delay(latency, at, Class::Completion, KernelEvent::Hop(hop));
    }

    pub(in crate::model) fn hop(&mut self, hop: u32) {
        let Hop { job, to } = self.flow.hops[hop];
        self.flow.hops.release(hop);
        match to {
            HopTo::Entry => self.enter(job),
            HopTo::Again(region) => self.advance(job, region),
            HopTo::Elsewhere(region) => self.leg_arrives(job, region),
            HopTo::Bucket { bucket, from } => self.bucket_arrive(job, bucket, from),
            HopTo::Unheard(region) => {
                let reply = ClientReply::Unheard(FailureReason::BucketUnreachable);
                self.reply(&job, region, reply, Span::ZERO);
            }
            HopTo::Database { database, copy } => self.database_arrive(job, database, copy as usize),
            HopTo::Fork => self.leg_heard(&job),
            HopTo::Client { region, heard } => self.hedged_answer(&job, region, heard),
        }
    }

    /// The entry service of `region` answers `job`, `extra` from now; the answer then travels to the client.
    pub(in crate::model) fn reply(&mut self, job: &Job, region: RegionId, reply: ClientReply, extra: Span) {
        self.reply_with(job, region, reply, extra);
    }

    /// [`World::reply`] with what was asked for, which wrote nothing: what most requests come to.
    pub(in crate::model) fn reply_at_once(&mut self, job: &Job, region: RegionId) {
        self.reply_with(job, region, ClientReply::Ok(None), Span::ZERO);
    }

    #[inline(always)]
    fn reply_with(&mut self, job: &Job, region: RegionId, reply: ClientReply, extra: Span) {
        if job.waiter == Waiter::Fork {
            return self.leg_replied(job, region, reply, extra);
        }
        let now = self.core.kernel.now() + extra;
        let station = &mut self.platform.stations[job.entry.index()];
        match reply {
            _ if !station.active => {}
            ClientReply::Limited(_) => station.count_limited(),
            _ => station.count(job, !matches!(reply, ClientReply::Ok(_)), now),
        }
        if job.is_probe() {
            return self.probe_answered(job, matches!(reply, ClientReply::Ok(_)));
        }
        if job.caches != 0 {
            let live = self.clients.is_live(job);
            self.platform.pass_caches(&self.core, job, matches!(reply, ClientReply::Ok(_)), live);
        }
        if !self.clients.is_live(job) {
            return;
        }
        let (link, draw) = (self.core.network.from(region), (job.draw() << 1) | 1);
        let travel = link.travel(draw);
        if link.is_touched() {
            culprits(link, draw).into_iter().flatten().for_each(|fault| self.touch(job, fault));
        }
        let Some(latency) = travel else {
            return self.lost(job.slot);
        };
        let at = now + latency;
        let request = &mut self.clients.requests[job.slot];
        if let ClientReply::Ok(Some((database, position))) | ClientReply::Doubtful(Some((database, position))) = reply {
            request.appended = Some((database.0, position));
        }
        if at > request.deadline {
            return self.clients.await_timeout(&mut self.core, job.slot);
        }
        if !matches!(reply, ClientReply::Ok(_)) {
            request.reason = reply.reason();
        }
        let population = &mut self.clients.populations[request.workload as usize];
        if population.hedge.is_some() && !request.access.writes() {
            // Another answer may still overtake this one.
            return self.send(*job, HopTo::Client { region, heard: reply.heard() }, latency);
        }
        let from = (request.workload, request.group);
        self.clients.attempt_ended(&mut self.core, from, region, at, matches!(reply, ClientReply::Ok(_)));
        self.judge_by(region, reply.heard());
        if mutant!("an_error_after_a_write_is_certain": reply.is_refusal() && self.clients.stands_somewhere(job.slot) => false)
        {
            self.mark_doubtful(job.slot);
        }
        match reply {
            ClientReply::Ok(write) => {
                self.core.tell_of_request(at, RequestEvent::Answered { number: job.number, attempt: job.attempt });
                self.answered(job.slot, region, write, at);
            }
            ClientReply::Error(_) => self.attempt_failed(job.slot, at),
            ClientReply::Limited(told) => self.attempt_refused(job.slot, at, told),
            ClientReply::Doubtful(_) | ClientReply::Unheard(_) => {
                self.mark_doubtful(job.slot);
                self.attempt_failed(job.slot, at);
            }
        }
    }

    /// A client has heard from `region`: whether that speaks against it is for the scenario to say of limits.
    #[inline]
    pub(in crate::model) fn judge_by(&mut self, region: RegionId, heard: Heard) {
        let ignored = heard == Heard::Limited && self.core.plan.monitoring.ignores_limits;
        if heard != Heard::Ok && !ignored {
            self.observe.meter.failed(region);
        }
    }

    #[inline(always)]
    pub(in crate::model) fn answered(
        &mut self,
        slot: u32,
        region: RegionId,
        write: Option<(DatabaseId, Position)>,
        at: Instant,
    ) {
        self.observe.meter.served(region);
        if self.core.remedy == Some(region) {
            self.note_remedy_served(region);
        }
        if let Some((database, position)) = write {
            self.write_acknowledged(slot, database, position, at);
        }
        if mutant!("only_the_last_database_acknowledges": self.clients.is_wide(slot) => false) {
            self.others_acknowledged(slot, write.map(|(database, _)| database), at);
        }
        self.finish(slot, RequestOutcome::Ok, at);
    }

    /// The present attempt failed for certain, as the client learns at `at`.
    pub(in crate::model) fn attempt_failed(&mut self, slot: u32, at: Instant) {
        self.attempt_refused(slot, at, None);
    }

    /// The same, and the client was told after how long to come back.
    #[inline(never)]
    fn attempt_refused(&mut self, slot: u32, at: Instant, told: Option<Span>) {
        if self.falls_back(slot, at) {
            return;
        }
        let request = &mut self.clients.requests[slot];
        let population = &mut self.clients.populations[request.workload as usize];
        self.names.disconnect(request.workload, request.group);
        let Some(wait) = population.retries_in(request, at, told) else {
            population.given_up(request, at);
            let outcome = if request.in_doubt && request.access.writes() {
                RequestOutcome::Unknown
            } else {
                RequestOutcome::Failed
            };
            return self.finish(slot, outcome, at);
        };
        population.spend_retry();
        request.attempt += 1;
        let ticket = self.clients.next_ticket(slot);
        self.core.kernel.schedule(at + wait, Class::Arrival, KernelEvent::Retry { slot, ticket });
    }

    /// The client has waited long enough for the present attempt.
    pub(in crate::model) fn deadline(&mut self, slot: u32, ticket: u32) {
        if self.clients.requests[slot].ticket != ticket {
            return;
        }
        self.mark_doubtful(slot);
        self.abandon_queues(slot);
        let request = &self.clients.requests[slot];
        let at = request.deadline;
        let (workload, group) = (request.workload, request.group);
        if let Some(region) = request.sent_to {
            self.clients.attempt_ended(&mut self.core, (workload, group), region, at, false);
            self.observe.meter.failed(region);
        }
        let request = &self.clients.requests[slot];
        if self.clients.populations[request.workload as usize].retries_in(request, at, None).is_none() {
            let population = &mut self.clients.populations[request.workload as usize];
            population.given_up(request, at);
            self.names.disconnect(workload, request.group);
            return self.finish(slot, RequestOutcome::Unknown, at);
        }
        self.attempt_failed(slot, at);
    }

    /// Whatever of it waits at a service is given up.
    pub(in crate::model) fn abandon_queues(&mut self, slot: u32) {
        let request = &mut self.clients.requests[slot];
        for place in [&mut request.queued_at, &mut request.hedge_queued_at] {
            if *place != NOWHERE {
                self.platform.stations[*place as usize].abandon();
                *place = NOWHERE;
            }
        }
    }

    #[inline(always)]
    fn finish(&mut self, slot: u32, outcome: RequestOutcome, at: Instant) {
        let request = &self.clients.requests[slot];
        let (number, write, session) = (request.number, request.access.writes(), request.session);
        let workload = request.workload;
        let (started, class, culprit) = (request.started, request.class, request.culprit);
        if outcome != RequestOutcome::Ok {
            self.observe.meter.clients.failed(request.reason);
        }
        self.observe.meter.finished((started, class), at, outcome);
        if outcome != RequestOutcome::Ok || at.since(started) > self.observe.meter.limit(class) {
            self.not_served(slot, (started, at), culprit);
        }
        if self.observe.sampled.picks(number) {
            self.sample(slot, outcome, at);
        }
        let request = &self.clients.requests[slot];
        self.core.tell_of_request(at, RequestEvent::Ended { number, outcome: outcome.of_operation() });
        self.core.chronicle.digest.note(at, REQUEST_FINISHED, u32::from(request.workload), number, outcome as u16);
        if write && outcome != RequestOutcome::Ok {
            self.write_unanswered(slot, outcome);
        }
        if write && self.core.drills.has_touched(workload) {
            self.clients.touched_writes += 1;
        }
        if self.clients.is_wide(slot) {
            self.clients.places.forget(slot);
        }
        self.clients.next_ticket(slot);
        self.clients.requests.release(slot);
        if session != NO_SESSION {
            self.step_ended(session, number, outcome == RequestOutcome::Ok, at);
        }
    }

    /// The request in `slot`, from and to then, was not served; a fault may be why, and its user may have stood still.
    #[cold]
    fn not_served(&mut self, slot: u32, (from, to): (Instant, Instant), culprit: u16) {
        let request = &self.clients.requests[slot];
        if request.class == NO_CLASS {
            return;
        }
        if culprit != NOBODY {
            self.observe.meter.touches.not_served(culprit, from);
        }
        if let Some(think) = self.clients.populations[usize::from(request.workload)].thinks {
            self.observe.meter.held_up(request.class, (from, to), think);
        }
    }

    /// `fault` gets at `job`.
    pub(in crate::model) fn touch(&mut self, job: &Job, fault: FaultId) {
        self.core.hit_by(fault, job);
        self.blame(job, fault);
    }

    /// `fault` gets at `job`, which has been counted as an operation already.
    pub(in crate::model) fn blame(&mut self, job: &Job, fault: FaultId) {
        if !job.is_probe() && self.clients.is_live(job) {
            let request = &mut self.clients.requests[job.slot];
            request.culprit = self.observe.meter.touches.touch(fault, request.culprit);
        }
    }

    /// Nobody will answer `job`: if its client still waits, it waits until its time-out.
    pub(in crate::model) fn no_answer(&mut self, job: &Job) {
        let region = self.platform.stations[job.entry.index()].region;
        let is_dark = self.core.regions[region.index()].dark.is_on();
        // Where nothing else is known, it is a database that does not answer.
        self.no_answer_from(job, if is_dark { FailureReason::Dark } else { FailureReason::DatabaseUnreachable });
    }

    /// The same, for this reason.
    pub(in crate::model) fn no_answer_from(&mut self, job: &Job, reason: FailureReason) {
        if job.waiter == Waiter::Fork {
            self.leg_lost(job, reason);
        } else if job.is_probe() {
            self.errand_lost(job);
        } else if self.clients.is_live(job) {
            self.clients.requests[job.slot].reason = reason;
            self.clients.await_timeout(&mut self.core, job.slot);
        }
    }
}

/// The faults that affected message number `draw` on its way; of more than four, the first four.
pub(in crate::model) fn culprits(link: &crate::model::core::network::Link, draw: u64) -> [Option<FaultId>; 4] {
    let mut found = [None; 4];
    found.iter_mut().zip(link.culprits(draw)).for_each(|(place, fault)| *place = Some(fault));
    found
}
