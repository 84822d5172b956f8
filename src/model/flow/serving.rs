//! The work of a request inside a region: entry, provider, services with their queues and servers, and the route on.
//!
//! Owns what services do with jobs. Does not know what a client does with the answer. Invariants: a job is in one
//! place at a time; a service counts it once, when it is done with it.

use crate::kernel::Class;
use crate::model::clients::request::NOWHERE;
use crate::model::core::job::{Job, Waiter};
use crate::model::flow::forks::LegEnd;
use crate::model::flow::hop::HopTo;
use crate::model::flow::reply::ClientReply;
use crate::model::plan::RouteStep;
use crate::model::platform::layer::repeat;
use crate::model::{KernelEvent, World};
use crate::record::{FailureReason, Position};
use crate::units::{DatabaseId, RegionId, ServiceId, Span};

impl World {
    /// `job` reaches its entry service.
    #[inline(always)]
    pub(in crate::model) fn enter(&mut self, mut job: Job) {
        job.entered = self.core.kernel.now();
        let region = self.platform.stations[job.entry.index()].region;
        if let Some(fault) = self.core.regions[region.index()].dark.holder() {
            self.touch(&job, fault);
            return self.no_answer(&job);
        }
        if self.platform.providers[self.core.regions[region.index()].provider.index()].is_gate
            && let Some(refusal) = self.refused_by_provider(region, &job)
        {
            return self.reply(&job, region, refusal, Span::ZERO);
        }
        self.visit(job, job.entry);
    }

    /// What the provider of `region` says to `job`, if it turns it away.
    fn refused_by_provider(&mut self, region: RegionId, job: &Job) -> Option<ClientReply> {
        if let Some(told) = self.platform.provider_limits(&self.core, region, job) {
            return Some(ClientReply::Limited(told));
        }
        self.platform
            .provider_fails(&self.core, region, job)
            .then_some(ClientReply::Error(FailureReason::ProviderError))
    }

    /// `job` asks `service` for a server.
    #[inline(always)]
    fn visit(&mut self, job: Job, service: ServiceId) {
        let station = &mut self.platform.stations[service.index()];
        if !station.serves() {
            return self.refused(job, service);
        }
        station.tally.arrived += 1;
        if station.limiter.is_some() && !station.admits(job.draw(), self.core.kernel.now()) {
            station.tally.limited += 1;
            // What the entry service answers is counted where the answer leaves.
            if service != job.entry {
                station.count_limited();
            }
            let (region, told) = (station.region, station.retry_after(job.draw(), self.core.kernel.now()));
            return self.call_failed(&job, service, region, ClientReply::Limited(told));
        }
        if station.has_idle_server() {
            return self.begin(job, service);
        }
        if let Some(fault) = station.losses.first() {
            let gone = station.capacity() == 0;
            self.touch(&job, fault);
            if gone {
                return self.refused(job, service);
            }
        }
        let now = self.core.kernel.now();
        let live = self.is_wanted(&job);
        let station = &mut self.platform.stations[service.index()];
        if !station.has_room() {
            station.tally.refused += 1;
            return self.refused(job, service);
        }
        if live || station.serves_abandoned {
            station.enqueue(job, now);
            if live && !job.is_probe() {
                self.clients.requests[job.slot].waits_at(&job, service.0);
                self.clients.await_timeout(&mut self.core, job.slot);
            }
        } else if job.waiter == Waiter::Fork {
            self.leg_lost(&job, FailureReason::TimedOut);
        }
    }

    fn refused(&mut self, job: Job, service: ServiceId) {
        let now = self.core.kernel.now();
        let station = &mut self.platform.stations[service.index()];
        // What an active entry service answers, refusals included, is counted where the answer leaves.
        if service != job.entry || !station.active {
            station.count(&job, true, now);
        }
        let region = station.region;
        self.call_failed(&job, service, region, ClientReply::Error(FailureReason::Refused));
    }

    /// `service` has answered `job` with `reply`, which is no success. Another service that called it asks it again, or
    /// fails with it; a client gets the answer.
    #[inline(never)]
    fn call_failed(&mut self, job: &Job, service: ServiceId, region: RegionId, reply: ClientReply) {
        if service == job.entry {
            return self.reply(job, region, reply, Span::ZERO);
        }
        let mut again = *job;
        let from = self.leg_start(job);
        if repeat(&self.platform.stations[job.entry.index()].layers, &mut again, from) {
            return self.send(again, HopTo::Again(region), Span::ZERO);
        }
        self.reply(job, region, ClientReply::Error(reply.reason()), Span::ZERO);
    }

    #[inline(always)]
    fn begin(&mut self, job: Job, service: ServiceId) {
        let now = self.core.kernel.now();
        let station = &mut self.platform.stations[service.index()];
        let mut work = station.warmth.stretch(station.work(job.draw()), now);
        if !station.degradations.is_empty() {
            let slower = station.slowed(&job, work, &mut self.core.hits);
            work = slower.0;
            slower.1.into_iter().for_each(|fault| self.blame(&job, fault));
        }
        let station = &mut self.platform.stations[service.index()];
        let begun = station.begin(job);
        let done = now.saturating_add(work);
        if !job.is_probe() && self.is_wanted(&job) {
            let request = &mut self.clients.requests[job.slot];
            request.waits_at(&job, NOWHERE);
            if done > request.deadline {
                self.clients.await_timeout(&mut self.core, job.slot);
            }
        }
        let event = KernelEvent::Served { service, server: begun.server, stamp: begun.stamp };
        self.core.kernel.schedule(done, Class::Completion, event);
    }

    pub(in crate::model) fn served(&mut self, service: ServiceId, server: u32, stamp: u32) {
        let Some(job) = self.platform.stations[service.index()].finish(server, stamp) else { return };
        if self.platform.stations[service.index()].has_queue() {
            self.serve_next(service);
        }
        let station = &mut self.platform.stations[service.index()];
        let region = station.region;
        if let Some(culprit) = station.failure(&job) {
            culprit.into_iter().for_each(|fault| self.touch(&job, fault));
            let station = &mut self.platform.stations[service.index()];
            if service != job.entry {
                station.count(&job, true, self.core.kernel.now());
            }
            return self.call_failed(&job, service, region, ClientReply::Error(FailureReason::Error));
        }
        if service != job.entry {
            station.count(&job, false, self.core.kernel.now());
        }
        self.advance(job, region);
    }

    /// Sends `job` to the next place of its route; after the last one, the answer goes back.
    #[inline(always)]
    pub(in crate::model) fn advance(&mut self, mut job: Job, region: RegionId) {
        loop {
            let step = self.platform.stations[job.entry.index()].route.get(job.stage as usize).copied();
            job.stage += 1;
            match step {
                Some(RouteStep::Service(service)) => return self.visit(job, service),
                Some(RouteStep::Cache { service, skip, number }) => {
                    if self.platform.cache_answers(&mut self.core, &mut job, service, number) {
                        job.stage = job.stage.saturating_add(skip);
                    }
                }
                Some(RouteStep::Bucket(bucket)) if !job.is_probe() => return self.bucket_call(job, bucket, region),
                Some(RouteStep::Database(database)) if !job.is_probe() => return self.database_call(job, database),
                Some(RouteStep::All { legs, rule, skip }) if job.access.writes() => {
                    return self.fork(job, region, (legs, rule, skip));
                }
                Some(RouteStep::Join { .. }) if job.waiter == Waiter::Fork => {
                    let (end, extra) = self.heard_of(&job, region, LegEnd::Done, Span::ZERO);
                    return self.leg_ends(&job, end, extra);
                }
                Some(RouteStep::Join { skip } | RouteStep::Pass { skip }) => job.stage += skip,
                Some(RouteStep::FirstOf { service, legs, skip }) => {
                    return self.call_in_turn(job, region, (service, legs, skip));
                }
                Some(RouteStep::Choose { service, arms }) => self.choose(&mut job, service, arms),
                Some(
                    RouteStep::Bucket(_)
                    | RouteStep::Database(_)
                    | RouteStep::All { .. }
                    | RouteStep::Leg { .. }
                    | RouteStep::Arm { .. },
                ) => {}
                None => return self.reply_at_once(&job, region),
            }
        }
    }

    /// `job` goes on along the arm that `service` chooses of so many.
    #[inline(never)]
    fn choose(&mut self, job: &mut Job, service: ServiceId, arms: u8) {
        let chosen = self.platform.stations[service.index()].choice.as_ref().map_or(0, |choice| choice.arm(job));
        let route = &self.platform.stations[job.entry.index()].route;
        for _ in 0..chosen.min(arms.saturating_sub(1)) {
            let Some(RouteStep::Arm { length }) = route.get(usize::from(job.stage)).copied() else { return };
            // Its beginning and its pass.
            job.stage += length + 2;
        }
    }

    /// A database has done what `job` asked for, of which its service hears `back` from now; `written`: where it stands now.
    #[inline(always)]
    pub(in crate::model) fn stored(&mut self, job: Job, written: Option<(DatabaseId, Position)>, back: Span) {
        let station = &self.platform.stations[job.entry.index()];
        let region = station.region;
        if mutant!("what_comes_after_a_database_is_skipped": usize::from(job.stage) >= station.route.len() => true) {
            // What reads have come to is what most requests do.
            if written.is_none() && back == Span::ZERO {
                return self.reply_at_once(&job, region);
            }
            return self.reply(&job, region, ClientReply::Ok(written), back);
        }
        self.goes_on(job, written, back);
    }

    /// The same, and there is more to come for it.
    #[inline(never)]
    fn goes_on(&mut self, job: Job, written: Option<(DatabaseId, Position)>, back: Span) {
        let region = self.platform.region_of(&job);
        if let Some((database, position)) = written.filter(|_| self.clients.is_live(&job)) {
            self.clients.places.promised(job.slot, database, position);
        }
        if back == Span::ZERO { self.advance(job, region) } else { self.send(job, HopTo::Again(region), back) }
    }

    /// Lets a free server turn to who waits longest. Whether there was anybody.
    pub(in crate::model) fn serve_next(&mut self, service: ServiceId) -> bool {
        let now = self.core.kernel.now();
        loop {
            let (requests, flow) = (&self.clients.requests, &mut self.flow);
            let station = &mut self.platform.stations[service.index()];
            let next = station.next_waiting(|job| {
                let live = job.is_probe() || requests[job.slot].ticket == job.ticket;
                if job.waiter != Waiter::Fork {
                    return live;
                }
                let wanted = live && flow.is_leg_wanted(job);
                if !wanted {
                    flow.dropped.push(*job);
                }
                wanted
            });
            while let Some(leg) = self.flow.dropped.pop() {
                self.leg_lost(&leg, FailureReason::TimedOut);
            }
            let Some((job, since)) = next else { return false };
            let station = &mut self.platform.stations[service.index()];
            if station.shed_after.is_none_or(|limit| now.since(job.entered) <= limit) {
                station.tally.turn(now.since(since), station.wait_target);
                self.begin(job, service);
                return true;
            }
            self.shed(&job, service);
        }
    }

    /// `job` has been in the region for too long to be worth working on.
    fn shed(&mut self, job: &Job, service: ServiceId) {
        self.clients.leave_queue(job);
        let station = &mut self.platform.stations[service.index()];
        let region = station.region;
        if service != job.entry {
            station.count(job, true, self.core.kernel.now());
        }
        self.call_failed(job, service, region, ClientReply::Error(FailureReason::Shed));
    }
}
