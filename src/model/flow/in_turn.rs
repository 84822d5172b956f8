//! Calls that are made in turn: of another region's service, or of the first of several that does not fail.
//!
//! Owns what a service does with the answer to such a call, and with none. Does not know what the called service does.
//! Invariants: of the legs of such a fork one at most is waited for; one that was given up changes nothing of the answer,
//! though it may have written; a fork is kept until every leg that was begun, and every time-out, is over.

use crate::kernel::Class;
use crate::model::World;
use crate::model::clients::request::NOWHERE;
use crate::model::core::event::KernelEvent;
use crate::model::core::job::{HEDGE, Job, MOST_LEGS, Waiter};
use crate::model::flow::forks::{Fork, LegEnd};
use crate::model::flow::hop::HopTo;
use crate::model::flow::reply::ClientReply;
use crate::model::plan::{LegRule, RouteStep};
use crate::model::platform::layer::repeat;
use crate::record::FailureReason;
use crate::units::{Instant, RegionId, ServiceId, Span};

/// What a service does once a call in turn has come to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It waits for what it waited for before.
    Wait,
    /// It asks the next one.
    Ask,
    /// It goes on with its own work.
    GoOn,
    /// It fails for certain.
    Fail,
    /// It fails, and something may have happened.
    Doubt,
    /// It is silent.
    Hang,
}

impl World {
    /// `job` goes on along one of `legs` legs, which begin at its place and end `skip` places further on: `service`, in `region`,
    /// calls one after the other until one does not fail.
    #[inline(never)]
    pub(in crate::model) fn call_in_turn(
        &mut self,
        job: Job,
        region: RegionId,
        (service, legs, skip): (ServiceId, u8, u8),
    ) {
        let parent = Job { stage: job.stage + skip, ..job };
        let slot = self.flow.forks.insert(Fork::new(parent, region, (LegRule::InTurn(service), legs, job.stage)));
        self.take_turn(slot);
    }

    /// The leg whose turn it is begins.
    fn take_turn(&mut self, slot: u32) {
        let now = self.core.now();
        let fork = &mut self.flow.forks[slot];
        fork.open += 1;
        let (number, region, parent) = (fork.turn, fork.region, fork.parent);
        let wait = fork.caller().and_then(|caller| self.core.plan.services[caller.index()].call_timeout);
        let place = self.leg_place(slot, number);
        let leg = Job { stage: place as u8, waiter: Waiter::Fork, ..parent.as_leg(slot, u32::from(number)) };
        if let Some(wait) = wait {
            self.flow.forks[slot].open += 1;
            let at = now.saturating_add(wait);
            self.core.kernel.schedule(at, Class::Deadline, KernelEvent::LegLate { fork: slot, number });
            self.client_of(&parent, at);
        }
        let route = &self.platform.stations[parent.entry.index()].route;
        let Some(RouteStep::Service(called)) = route.get(place).copied() else { return };
        let there = self.platform.stations[called.index()].region;
        if there == region {
            return self.advance(leg, region);
        }
        match self.travel_between(region, there, (&leg, message(&leg, false))) {
            None => self.leg_lost(&leg, FailureReason::Lost),
            Some(latency) => self.send(leg, HopTo::Elsewhere(there), latency),
        }
    }

    /// The leg `job` reaches the region `there`.
    pub(in crate::model) fn leg_arrives(&mut self, job: Job, there: RegionId) {
        if let Some(fault) = self.core.regions[there.index()].dark.holder() {
            self.touch(&job, fault);
            return self.leg_lost(&job, FailureReason::Dark);
        }
        self.advance(job, there);
    }

    /// The leg `job` has come to `end` in `region`, `extra` from now: how long from now the caller hears of it, and what.
    pub(in crate::model) fn heard_of(
        &mut self,
        job: &Job,
        region: RegionId,
        end: LegEnd,
        extra: Span,
    ) -> (LegEnd, Span) {
        let home = self.flow.forks[job.fork().0].region;
        if home == region || end == LegEnd::Silent {
            return (end, extra);
        }
        match self.travel_between(region, home, (job, message(job, true))) {
            Some(latency) => (end, mutant!("the_way_back_takes_no_time": extra.saturating_add(latency) => extra)),
            None => {
                self.flow.forks[job.fork().0].reason = FailureReason::Lost;
                (LegEnd::Silent, Span::ZERO)
            }
        }
    }

    /// Nobody will ever answer the leg `job`, for this reason.
    pub(in crate::model) fn leg_lost(&mut self, job: &Job, reason: FailureReason) {
        self.flow.forks[job.fork().0].reason = reason;
        self.leg_ends(job, LegEnd::Silent, Span::ZERO);
    }

    /// The leg `job` is over, and its caller knows.
    pub(super) fn turn_over(&mut self, job: &Job, end: LegEnd) {
        let (slot, number) = job.fork();
        let fork = &mut self.flow.forks[slot];
        if end == LegEnd::Done && u32::from(fork.turn) == number {
            fork.parent.caches |= job.caches;
        }
        self.call_over(slot, number as u8, end);
    }

    /// A service has waited for a call of that number as long as it does.
    pub(in crate::model) fn leg_late(&mut self, slot: u32, number: u8) {
        let fork = self.flow.forks[slot];
        if fork.waits_for(number) {
            self.leave_the_queue(&fork.parent);
        }
        self.call_over(slot, number, LegEnd::Doubtful(FailureReason::TimedOut));
    }

    /// What waits in a queue for the client of `job` is given up by the service that sent it.
    fn leave_the_queue(&mut self, job: &Job) {
        if job.is_probe() || !self.clients.is_live(job) {
            return;
        }
        let request = &mut self.clients.requests[job.slot];
        let place = if job.attempt & HEDGE == 0 { &mut request.queued_at } else { &mut request.hedge_queued_at };
        if *place != NOWHERE {
            self.platform.stations[usize::from(*place)].abandon();
            *place = NOWHERE;
        }
    }

    fn call_over(&mut self, slot: u32, number: u8, end: LegEnd) {
        if matches!(end, LegEnd::Doubtful(_)) {
            self.may_be_done_twice(slot);
        }
        let fork = &mut self.flow.forks[slot];
        fork.open -= 1;
        let waits = fork.caller().is_some_and(|caller| self.core.plan.services[caller.index()].call_timeout.is_some());
        let next = if fork.waits_for(number) { fork.after(end, waits) } else { Next::Wait };
        fork.decided |= !matches!(next, Next::Wait | Next::Ask);
        let fork = *fork;
        if fork.open == 0 && fork.decided {
            self.flow.forks.release(slot);
        }
        match next {
            Next::Wait => self.client_of(&fork.parent, Instant::MAX),
            Next::Ask => {
                if let Some(caller) = fork.caller() {
                    self.platform.stations[caller.index()].tally.fallbacks += 1;
                }
                self.take_turn(slot);
            }
            Next::GoOn => self.advance(fork.parent, fork.region),
            Next::Fail => self.calls_failed(&fork),
            Next::Doubt => {
                self.reply(&fork.parent, fork.region, ClientReply::Unheard(fork.reason), Span::ZERO);
            }
            Next::Hang => self.no_answer_from(&fork.parent, fork.reason),
        }
    }

    /// A call of the fork in `slot` was given up, or failed in doubt: where its write goes next it may be the second one. Databases
    /// recognise that by its key.
    fn may_be_done_twice(&mut self, slot: u32) {
        let parent = self.flow.forks[slot].parent;
        if !parent.access.writes() || parent.is_probe() || !self.clients.is_live(&parent) {
            return;
        }
        if mutant!("a_write_is_sent_on_without_its_key": self.is_keyed(&parent) => false) {
            return self.mark_doubtful(parent.slot);
        }
        self.clients.requests[parent.slot].in_doubt = true;
    }

    /// Whether a database that `job`, a write whose client waits for it, comes to may have it already.
    pub(in crate::model) fn may_be_there(&self, job: &Job) -> bool {
        if job.attempt != 0 {
            return true;
        }
        let (slot, number) = job.fork();
        job.waiter == Waiter::Fork && number > 0 && self.flow.forks[slot].caller().is_some() && self.is_keyed(job)
    }

    fn is_keyed(&self, job: &Job) -> bool {
        let workload = self.clients.requests[job.slot].workload;
        self.clients.populations[usize::from(workload)].keyed_writes
    }

    /// Every service that was to be called has failed: whoever called the caller asks it again, or fails with it.
    fn calls_failed(&mut self, fork: &Fork) {
        let mut again = Job { stage: fork.place, ..fork.parent };
        let from = self.leg_start(&again);
        if repeat(&self.platform.stations[again.entry.index()].layers, &mut again, from) {
            return self.send(again, HopTo::Again(fork.region), Span::ZERO);
        }
        self.reply(&fork.parent, fork.region, ClientReply::Error(fork.reason), Span::ZERO);
    }

    /// The client of `job` may have to wait until `at`: its time-out is filed if that is before.
    fn client_of(&mut self, job: &Job, at: Instant) {
        if !job.is_probe() && self.clients.is_live(job) && at > self.clients.requests[job.slot].deadline {
            self.clients.await_timeout(&mut self.core, job.slot);
        }
    }

    /// The first place of leg `number` of a fork.
    fn leg_place(&self, slot: u32, number: u8) -> usize {
        let fork = &self.flow.forks[slot];
        let route = &self.platform.stations[fork.parent.entry.index()].route;
        let mut place = usize::from(fork.place);
        for _ in 0..number {
            let Some(RouteStep::Leg { length }) = route.get(place).copied() else { break };
            // Its beginning and its join.
            place += usize::from(length) + 2;
        }
        place + 1
    }

    /// The first place of the leg that `job` is, and the first of all if it is none: what called it from further out does not
    /// hear of what happens within.
    pub(in crate::model) fn leg_start(&self, job: &Job) -> usize {
        if job.waiter != Waiter::Fork {
            return 0;
        }
        let (slot, number) = job.fork();
        self.leg_place(slot, number as u8)
    }

    /// Whether whoever sent `job` still waits for its answer.
    #[inline(always)]
    pub(in crate::model) fn is_wanted(&self, job: &Job) -> bool {
        let live = job.is_probe() || self.clients.requests[job.slot].ticket == job.ticket;
        live && (job.waiter != Waiter::Fork || self.flow.is_leg_wanted(job))
    }
}

impl super::Flow {
    /// Whether its fork still waits for the leg `job`.
    #[inline(never)]
    pub(in crate::model) fn is_leg_wanted(&self, job: &Job) -> bool {
        let (slot, number) = job.fork();
        let fork = &self.forks[slot];
        fork.caller().is_none() || fork.waits_for(number as u8)
    }
}

impl Fork {
    /// Who calls in turn, if it is such a fork.
    pub(super) fn caller(&self) -> Option<ServiceId> {
        match self.rule {
            LegRule::InTurn(service) => Some(service),
            LegRule::Primary | LegRule::Count(_) => None,
        }
    }

    /// Whether call `number` is the one that is waited for.
    fn waits_for(&self, number: u8) -> bool {
        !self.decided && self.turn == number
    }

    /// What follows from the `end` of the call that is waited for; `gives_up`: the caller does not wait for ever.
    fn after(&mut self, end: LegEnd, gives_up: bool) -> Next {
        match end {
            LegEnd::Done => return Next::GoOn,
            LegEnd::Silent if mutant!("silence_is_an_answer": gives_up => false) => return Next::Wait,
            LegEnd::Silent => return Next::Hang,
            LegEnd::Failed(reason) => self.reason = reason,
            LegEnd::Doubtful(reason) => (self.doubtful, self.reason) = (true, reason),
        }
        if mutant!("nobody_is_asked_next": self.turn + 1 < self.legs => false) {
            self.turn += 1;
            return Next::Ask;
        }
        if self.doubtful { Next::Doubt } else { Next::Fail }
    }
}

/// The number of a leg's message to another region or, if `back`, of its answer.
fn message(job: &Job, back: bool) -> u64 {
    let leg = u64::from(job.leg % MOST_LEGS) + 1;
    ((job.draw() ^ leg.wrapping_mul(0xD1B5_4A32_D192_ED03)) << 1) | u64::from(back)
}
