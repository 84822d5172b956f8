//! The way of a request: from its arrival at a client, through names, network, services and databases, to its outcome.
//!
//! Owns the transitions of requests and jobs. Invariants: a hop that takes no time is a call, not an event; an event is
//! filed only where time passes and the outcome is still open; a request is counted once, at its outcome.

use super::client::{NOWHERE, Request};
use super::job::Job;
use super::meter::Outcome;
use super::plan::Target;
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
    pub(super) fn arrive(&mut self, workload: WorkloadId) {
        let now = self.kernel.now();
        let population = &mut self.populations[workload.index()];
        let drawn = population.draw();
        let next = now.saturating_add(population.next_gap());
        if next < self.workload_end {
            self.kernel.push(population.arrivals, next, Class::Arrival, Event::Arrival(workload));
        }
        self.meter.started(now);
        let request = Request {
            number: drawn.number,
            started: now,
            deadline: now,
            timeout: None,
            key: drawn.key,
            group: drawn.group,
            ticket: 0,
            workload: workload.0,
            queued_at: NOWHERE,
            attempt: 0,
            write: drawn.write,
            in_doubt: false,
            appended: None,
        };
        let slot = self.insert(request);
        self.attempt(slot);
    }

    /// Tickets go on counting in a reused slot, so that an old job never answers for a new request.
    fn insert(&mut self, request: Request) -> u32 {
        let slot = self.requests.insert(request);
        if slot as usize >= self.tickets.len() {
            self.tickets.push(0);
        }
        self.requests[slot].ticket = self.tickets[slot as usize];
        slot
    }

    pub(super) fn retry(&mut self, slot: u32, ticket: u32) {
        if self.requests[slot].ticket == ticket {
            self.attempt(slot);
        }
    }

    fn attempt(&mut self, slot: u32) {
        let now = self.kernel.now();
        let sequence = self.kernel.reserve();
        let request = &mut self.requests[slot];
        let population = &mut self.populations[request.workload as usize];
        request.deadline = now + population.timeout;
        request.timeout = Some(sequence);
        request.queued_at = NOWHERE;
        let draw = (request.number << 8) | u64::from(request.attempt);
        let target = population.address(request.group, &mut self.resolvers, &self.zone, now);
        let region = match target {
            Target::Region(region) => Some(region),
            Target::Balancer => self.balancer.as_ref().and_then(|b| b.pick(population.balance.at(draw))),
        };
        self.meter.attempted(region);
        let entry = region.and_then(|region| population.entries[region.index()].map(|entry| (region, entry)));
        let Some((region, entry)) = entry else {
            return self.attempt_failed(slot, now);
        };
        let request = &self.requests[slot];
        let job = Job {
            number: request.number,
            entered: now,
            slot,
            ticket: request.ticket,
            key: request.key,
            entry,
            workload: request.workload,
            attempt: request.attempt,
            stage: 0,
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
            HopTo::Database { database, copy } => self.database_arrive(job, database, copy as usize),
        }
    }

    /// The entry service of `region` answers `job`, `extra` from now; the answer then travels to the client.
    pub(super) fn reply(&mut self, job: Job, region: RegionId, reply: Reply, extra: Span) {
        let now = self.kernel.now() + extra;
        let station = &mut self.stations[job.entry.index()];
        if station.active && !matches!(reply, Reply::Limited) {
            count(station, &job, !matches!(reply, Reply::Ok(_)), now);
        }
        if job.is_probe() {
            return self.probe_answered(&job, matches!(reply, Reply::Ok(_)));
        }
        if job.caches != 0 {
            self.pass_caches(&job, matches!(reply, Reply::Ok(_)));
        }
        if !self.is_live(&job) {
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

    fn answered(&mut self, slot: u32, region: RegionId, write: Option<(DatabaseId, Position)>, at: Instant) {
        self.meter.served(region);
        if self.remedy == Some(region) {
            self.note_remedy_served(region);
        }
        if let Some((database, position)) = write {
            let key = self.requests[slot].key;
            self.databases[database.index()].ledger.client_acked(position, key, at);
        }
        self.finish(slot, Outcome::Ok, at);
    }

    /// The present attempt failed for certain, as the client learns at `at`.
    fn attempt_failed(&mut self, slot: u32, at: Instant) {
        let request = &mut self.requests[slot];
        let population = &mut self.populations[request.workload as usize];
        population.disconnect(request.group);
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
        let request = &mut self.requests[slot];
        if request.queued_at != NOWHERE {
            self.stations[request.queued_at as usize].abandon();
            request.queued_at = NOWHERE;
        }
        let at = request.deadline;
        if self.populations[request.workload as usize].retry_after(request).is_none() {
            self.populations[request.workload as usize].disconnect(request.group);
            return self.finish(slot, Outcome::Unknown, at);
        }
        self.attempt_failed(slot, at);
    }

    fn mark_doubtful(&mut self, slot: u32) {
        let request = &mut self.requests[slot];
        request.in_doubt = true;
        if !request.write {
            return;
        }
        if let Some(database) = self.populations[request.workload as usize].database {
            let appended = request.appended.map(|(_, position)| position);
            self.databases[database.index()].ledger.in_doubt(request.number, appended);
        }
    }

    fn finish(&mut self, slot: u32, outcome: Outcome, at: Instant) {
        let request = &self.requests[slot];
        let (number, write) = (request.number, request.write);
        self.meter.finished(request.started, at, outcome);
        self.digest.note(at, REQUEST_FINISHED, u32::from(request.workload), number, outcome as u16);
        if outcome == Outcome::Unknown && write {
            for database in &mut self.databases {
                database.ledger.gave_up(number);
            }
        }
        if write && self.populations[request.workload as usize].touched {
            self.touched_writes += 1;
        }
        self.next_ticket(slot);
        self.requests.release(slot);
    }

    fn next_ticket(&mut self, slot: u32) -> u32 {
        let ticket = &mut self.tickets[slot as usize];
        *ticket = ticket.wrapping_add(1);
        self.requests[slot].ticket = *ticket;
        *ticket
    }

    /// Whether the client still waits for `job`.
    #[inline]
    pub(super) fn is_live(&self, job: &Job) -> bool {
        self.requests[job.slot].ticket == job.ticket
    }

    /// `job` no longer waits at any service.
    pub(super) fn leave_queue(&mut self, job: &Job) {
        if !job.is_probe() && self.is_live(job) {
            self.requests[job.slot].queued_at = NOWHERE;
        }
    }

    /// Nobody will answer `job`: if its client still waits, it waits until its time-out.
    pub(super) fn no_answer(&mut self, job: &Job) {
        if !job.is_probe() && self.is_live(job) {
            self.await_timeout(job.slot);
        }
    }

    /// Files the time-out of the present attempt, unless it is filed already.
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
