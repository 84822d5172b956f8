//! The way of a request: from its arrival at a client, through names, network, services and databases, to its outcome.
//!
//! Owns the transitions of requests and jobs. Invariants: a hop that takes no time is a call, not an event; an event is
//! filed only where time passes and the outcome is still open; a request is counted once, at its outcome.

use super::client::Drawn;
use super::job::{HEDGE, Job};
use super::meter::Outcome;
use super::plan::Target;
use super::request::{NO_SESSION, NOWHERE, Request};
use super::serving::count;
use super::{Event, Hop, HopTo, REQUEST_FINISHED, World};
use crate::kernel::Class;
use crate::record::Position;
use crate::units::{DatabaseId, Instant, RegionId, Span, WorkloadId};

/// What comes back to a client.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reply {
    /// What was asked for.
    Ok(Option<(DatabaseId, Position)>),
    /// An error, and nothing has happened.
    Error,
    /// Too many requests: turned away at once, before any service did anything.
    Limited,
    /// An error, but it may have happened.
    Doubtful(Option<(DatabaseId, Position)>),
}

impl World {
    #[inline(always)]
    pub(super) fn arrive(&mut self, workload: WorkloadId) {
        let now = self.kernel.now();
        let population = &mut self.populations[workload.index()];
        if population.sessions.is_some() {
            self.arrive_in_person(workload);
            let next = self.populations[workload.index()].next_arrival(now);
            return self.expect_arrival(workload, next);
        }
        let drawn = population.draw();
        let next = population.next_arrival(now);
        self.expect_arrival(workload, next);
        self.send_request(workload, drawn, NO_SESSION, 0);
    }

    /// The next request, or session, of `workload` arrives at `next`.
    #[inline(always)]
    pub(super) fn expect_arrival(&mut self, workload: WorkloadId, next: Instant) {
        let population = &self.populations[workload.index()];
        if next < self.workload_end {
            self.kernel.push(population.arrivals, next, Class::Arrival, Event::Arrival(workload));
        } else if population.pace.defect().is_some() {
            self.kernel.schedule(self.kernel.now(), Class::Fault, Event::TraceBroken(workload));
        }
    }

    /// A client begins the request that was drawn.
    #[inline(always)]
    pub(super) fn send_request(&mut self, workload: WorkloadId, drawn: Drawn, session: u32, step: u8) {
        let now = self.kernel.now();
        let second = self.meter.started();
        let slot = self.requests.claim(&Request::FRESH);
        let request = &mut self.requests[slot];
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
            open: 1,
            second,
            step,
            write: drawn.write,
            in_doubt: false,
            appended: None,
        };
        self.attempt(slot);
    }

    pub(super) fn retry(&mut self, slot: u32, ticket: u32) {
        if self.requests[slot].ticket == ticket {
            self.attempt(slot);
        }
    }

    #[inline(always)]
    fn attempt(&mut self, slot: u32) {
        let now = self.kernel.now();
        let sequence = self.kernel.reserve();
        let request = &mut self.requests[slot];
        let population = &mut self.populations[request.workload as usize];
        request.deadline = now + population.timeout;
        request.timeout = Some(sequence);
        request.queued_at = NOWHERE;
        request.open = 1;
        let (attempt, ticket, hedge) = (request.attempt, request.ticket, population.hedge);
        self.dispatch(slot, attempt);
        if let Some((after, lane)) = hedge {
            self.expect_hedge(slot, ticket, after, lane);
        }
    }

    /// Sends attempt number `attempt`, which may be a hedge, to wherever its client believes the service is.
    pub(super) fn dispatch(&mut self, slot: u32, attempt: u8) {
        let now = self.kernel.now();
        let request = &mut self.requests[slot];
        let population = &mut self.populations[request.workload as usize];
        let draw = (request.number << 8) | u64::from(attempt);
        let target =
            population.stubs.address((request.group, request.number), &mut self.resolvers, &mut self.zone, now);
        let region = match target {
            Target::Region(region) => Some(region),
            Target::Balancer => self.balancer.as_ref().and_then(|b| b.pick(population.balance.at(draw))),
            Target::Nothing => None,
        };
        if let Some(region) = region
            && !population.breaker_admits(region, now)
        {
            self.meter.clients.refused();
            request.sent_to = None;
            return self.not_sent(slot, attempt);
        }
        self.meter.attempted(region);
        if attempt != 0 {
            self.meter.clients.attempted_again(attempt & HEDGE != 0);
        }
        request.sent_to = region;
        let entries = &population.ways[usize::from(request.step)].entries;
        let entry = region.and_then(|region| entries[region.index()].map(|entry| (region, entry)));
        let Some((region, entry)) = entry else {
            return self.not_sent(slot, attempt);
        };
        let job = Job {
            number: request.number,
            entered: now,
            slot,
            ticket: request.ticket,
            key: request.key,
            entry,
            workload: request.workload,
            attempt,
            stage: 0,
            repeats: 0,
            caches: 0,
            write: request.write,
            redirected: false,
        };
        let link = self.network.to(region);
        let travel = link.travel(draw << 1);
        if link.is_touched() {
            count_touched(link, draw << 1, &mut self.hits);
        }
        match travel {
            None => self.await_timeout(slot),
            Some(Span::ZERO) => self.enter(job),
            Some(latency) => self.send(job, HopTo::Entry, latency),
        }
    }

    /// An attempt was over before it was sent. Its request goes on if another one is open.
    fn not_sent(&mut self, slot: u32, attempt: u8) {
        if attempt & HEDGE != 0 {
            self.requests[slot].open -= 1;
            return;
        }
        let now = self.kernel.now();
        self.attempt_failed(slot, now);
    }

    /// Sends `job` to a place `latency` away.
    pub(super) fn send(&mut self, job: Job, to: HopTo, latency: Span) {
        let at = self.kernel.now() + latency;
        if !job.is_probe() && self.is_live(&job) && at > self.requests[job.slot].deadline {
            self.await_timeout(job.slot);
        }
        let hop = self.hops.insert(Hop { job, to });
        self.push_delay(latency, at, Class::Completion, Event::Hop(hop));
    }

    pub(super) fn hop(&mut self, hop: u32) {
        let Hop { job, to } = self.hops[hop];
        self.hops.release(hop);
        match to {
            HopTo::Entry => self.enter(job),
            HopTo::Again(region) => self.go_on(job, region),
            HopTo::Database { database, copy } => self.database_arrive(job, database, copy as usize),
            HopTo::Client { region, ok } => self.hedged_answer(job, region, ok),
        }
    }

    /// The entry service of `region` answers `job`, `extra` from now; the answer then travels to the client.
    pub(super) fn reply(&mut self, job: &Job, region: RegionId, reply: Reply, extra: Span) {
        self.reply_with(job, region, reply, extra);
    }

    /// [`World::reply`] with what was asked for, which wrote nothing: what most requests come to.
    pub(super) fn reply_at_once(&mut self, job: &Job, region: RegionId) {
        self.reply_with(job, region, Reply::Ok(None), Span::ZERO);
    }

    #[inline(always)]
    fn reply_with(&mut self, job: &Job, region: RegionId, reply: Reply, extra: Span) {
        let now = self.kernel.now() + extra;
        let station = &mut self.stations[job.entry.index()];
        if station.active && !matches!(reply, Reply::Limited) {
            count(station, job, !matches!(reply, Reply::Ok(_)), now);
        }
        if job.is_probe() {
            return self.probe_answered(job, matches!(reply, Reply::Ok(_)));
        }
        if job.caches != 0 {
            self.pass_caches(job, matches!(reply, Reply::Ok(_)));
        }
        if !self.is_live(job) {
            return;
        }
        let (link, draw) = (self.network.from(region), (job.draw() << 1) | 1);
        let travel = link.travel(draw);
        if link.is_touched() {
            count_touched(link, draw, &mut self.hits);
        }
        let Some(latency) = travel else {
            return self.await_timeout(job.slot);
        };
        let at = now + latency;
        let request = &mut self.requests[job.slot];
        if let Reply::Ok(Some((database, position))) | Reply::Doubtful(Some((database, position))) = reply {
            request.appended = Some((database.0, position));
        }
        if at > request.deadline {
            return self.await_timeout(job.slot);
        }
        let population = &mut self.populations[request.workload as usize];
        if population.hedge.is_some() && !request.write {
            // Another answer may still overtake this one.
            return self.send(*job, HopTo::Client { region, ok: matches!(reply, Reply::Ok(_)) }, latency);
        }
        population.attempt_ended(region, at, matches!(reply, Reply::Ok(_)));
        match reply {
            Reply::Ok(write) => {
                self.answered(job.slot, region, write, at);
            }
            Reply::Error | Reply::Limited => self.attempt_failed(job.slot, at),
            Reply::Doubtful(_) => {
                self.mark_doubtful(job.slot);
                self.attempt_failed(job.slot, at);
            }
        }
    }

    #[inline(always)]
    pub(super) fn answered(&mut self, slot: u32, region: RegionId, write: Option<(DatabaseId, Position)>, at: Instant) {
        self.meter.served(region);
        if self.remedy == Some(region) {
            self.note_remedy_served(region);
        }
        if let Some((database, position)) = write {
            let key = self.requests[slot].key;
            let state = &mut self.databases[database.index()];
            state.ledger.client_acked(position, key, at);
            state.note_acknowledged(at);
        }
        self.finish(slot, Outcome::Ok, at);
    }

    /// The present attempt failed for certain, as the client learns at `at`.
    #[inline(never)]
    pub(super) fn attempt_failed(&mut self, slot: u32, at: Instant) {
        let request = &mut self.requests[slot];
        let population = &mut self.populations[request.workload as usize];
        population.stubs.disconnect(request.group);
        let Some(wait) = population.retry_after(request) else {
            let outcome = if request.in_doubt && request.write { Outcome::Unknown } else { Outcome::Failed };
            return self.finish(slot, outcome, at);
        };
        population.spend_retry();
        request.attempt += 1;
        let ticket = self.next_ticket(slot);
        self.kernel.schedule(at + wait, Class::Arrival, Event::Retry { slot, ticket });
    }

    /// The client has waited long enough for the present attempt.
    pub(super) fn deadline(&mut self, slot: u32, ticket: u32) {
        if self.requests[slot].ticket != ticket {
            return;
        }
        self.mark_doubtful(slot);
        self.abandon_queues(slot);
        let request = &mut self.requests[slot];
        let at = request.deadline;
        if let Some(region) = request.sent_to {
            self.populations[request.workload as usize].attempt_ended(region, at, false);
        }
        if self.populations[request.workload as usize].retry_after(request).is_none() {
            self.populations[request.workload as usize].stubs.disconnect(request.group);
            return self.finish(slot, Outcome::Unknown, at);
        }
        self.attempt_failed(slot, at);
    }

    /// Whatever of it waits at a service is given up.
    pub(super) fn abandon_queues(&mut self, slot: u32) {
        let request = &mut self.requests[slot];
        for place in [&mut request.queued_at, &mut request.hedge_queued_at] {
            if *place != NOWHERE {
                self.stations[*place as usize].abandon();
                *place = NOWHERE;
            }
        }
    }

    fn mark_doubtful(&mut self, slot: u32) {
        let request = &mut self.requests[slot];
        request.in_doubt = true;
        if !request.write {
            return;
        }
        if let Some(database) = self.populations[request.workload as usize].ways[usize::from(request.step)].database {
            let appended = request.appended.map(|(_, position)| position);
            self.databases[database.index()].ledger.in_doubt(request.number, appended);
        }
    }

    #[inline(always)]
    fn finish(&mut self, slot: u32, outcome: Outcome, at: Instant) {
        let request = &self.requests[slot];
        let (number, write, session) = (request.number, request.write, request.session);
        let workload = usize::from(request.workload);
        self.meter.finished((request.started, request.second), at, outcome);
        self.digest.note(at, REQUEST_FINISHED, u32::from(request.workload), number, outcome as u16);
        if write && outcome != Outcome::Ok {
            self.write_unanswered(slot, outcome);
        }
        if write && self.populations[workload].touched {
            self.touched_writes += 1;
        }
        self.next_ticket(slot);
        self.requests.release(slot);
        if session != NO_SESSION {
            self.step_ended(session, number, outcome, at);
        }
    }

    /// A write came to an end that was not told to be done.
    fn write_unanswered(&mut self, slot: u32, outcome: Outcome) {
        let request = &self.requests[slot];
        let ways = &self.populations[request.workload as usize].ways;
        let Some(database) = ways[usize::from(request.step)].database else { return };
        let ledger = &mut self.databases[database.index()].ledger;
        match outcome {
            Outcome::Unknown => ledger.gave_up(request.number),
            _ => ledger.refused(),
        }
    }

    #[inline(always)]
    fn next_ticket(&mut self, slot: u32) -> u32 {
        let request = &mut self.requests[slot];
        request.ticket = request.ticket.wrapping_add(1);
        request.ticket
    }

    /// Whether the client still waits for `job`.
    #[inline]
    pub(super) fn is_live(&self, job: &Job) -> bool {
        self.requests[job.slot].ticket == job.ticket
    }

    /// `job` no longer waits at any service.
    pub(super) fn leave_queue(&mut self, job: &Job) {
        if !job.is_probe() && self.is_live(job) {
            self.requests[job.slot].waits_at(job, NOWHERE);
        }
    }

    /// Nobody will answer `job`: if its client still waits, it waits until its time-out.
    pub(super) fn no_answer(&mut self, job: &Job) {
        if job.is_probe() {
            self.errand_lost(job);
        } else if self.is_live(job) {
            self.await_timeout(job.slot);
        }
    }

    /// Files the time-out of the present attempt, unless it is filed already.
    #[inline(never)]
    pub(super) fn await_timeout(&mut self, slot: u32) {
        let request = &mut self.requests[slot];
        let Some(sequence) = request.timeout.take() else { return };
        let lane = self.populations[request.workload as usize].timeouts;
        let event = Event::Deadline { slot, ticket: request.ticket };
        self.kernel.push_reserved(lane, request.deadline, Class::Deadline, sequence, event);
    }
}

/// Counts message number `draw` for every fault that affected it on its way.
pub(super) fn count_touched(link: &super::network::Link, draw: u64, hits: &mut [u64]) {
    for fault in link.culprits(draw) {
        hits[fault.index()] += 1;
    }
}
