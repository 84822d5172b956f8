//! Writes that go to several places at once: how the legs of a fork are sent, and when the write goes on.
//!
//! Owns the forks whose legs are under way. Does not know what a leg does. Invariants: a fork lets its write go on, or fail,
//! once; a leg that ends later than that changes nothing of the answer, though it may have written.

use crate::model::World;
use crate::model::core::job::{Job, MOST_LEGS, Waiter};
use crate::model::core::slab::Slab;
use crate::model::flow::hop::HopTo;
use crate::model::flow::reply::ClientReply;
use crate::model::plan::{LegRule, RouteStep};
use crate::record::FailureReason;
use crate::units::{RegionId, Span};

/// How a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum LegEnd {
    /// What it was to do is done.
    Done,
    /// It failed for certain.
    Failed(FailureReason),
    /// It failed, and may have happened.
    Doubtful(FailureReason),
    /// Nobody will ever say.
    Silent,
}

/// A write with several legs.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Fork {
    /// The write, where it goes on behind its legs.
    parent: Job,
    region: RegionId,
    rule: LegRule,
    legs: u8,
    /// Legs that are not over.
    open: u8,
    done: u8,
    failed: u8,
    /// How the first leg ended, if it has.
    first: Option<bool>,
    /// Whether a leg that failed may have happened.
    doubtful: bool,
    reason: FailureReason,
    decided: bool,
    /// By leg: the end it has come to, which its service has not heard of yet.
    ends: [Option<LegEnd>; MOST_LEGS as usize],
}

impl Fork {
    /// Leg number `number` has come to `end`.
    fn note(&mut self, number: u32, end: LegEnd) {
        self.open -= 1;
        let done = end == LegEnd::Done;
        self.done += u8::from(done);
        self.failed += u8::from(!done);
        if number == 0 {
            self.first = Some(done);
        }
        match end {
            LegEnd::Done | LegEnd::Silent => {}
            LegEnd::Failed(reason) => self.reason = reason,
            LegEnd::Doubtful(reason) => (self.doubtful, self.reason) = (true, reason),
        }
    }

    /// Whether the write is done; `None`: that is open.
    fn verdict(&self) -> Option<bool> {
        match self.rule {
            LegRule::Primary => mutant!("any_leg_is_the_primary": self.first => (self.done > 0).then_some(true)),
            LegRule::Count(needed) if self.done >= mutant!("who_need_not_wait_waits": needed => self.legs) => {
                Some(true)
            }
            LegRule::Count(needed) => (self.legs - self.failed < needed).then_some(false),
        }
    }

    /// Whether what becomes of leg `number` matters to the answer.
    fn hangs_on(&self, number: u32) -> bool {
        !self.decided && (number == 0 || self.rule != LegRule::Primary)
    }
}

impl World {
    /// `job`, a write, goes on along `legs` legs at once, which begin at its place and end `skip` places further on.
    #[inline(never)]
    pub(in crate::model) fn fork(&mut self, job: Job, region: RegionId, (legs, rule, skip): (u8, LegRule, u8)) {
        let fork = self.flow.forks.insert(Fork {
            parent: Job { stage: job.stage + skip, ..job },
            region,
            rule,
            legs,
            open: legs,
            done: 0,
            failed: 0,
            first: None,
            doubtful: false,
            reason: FailureReason::DatabaseUnreachable,
            decided: false,
            ends: [None; MOST_LEGS as usize],
        });
        let mut place = job.stage;
        for number in 0..u32::from(legs) {
            let step = self.platform.stations[job.entry.index()].route.get(usize::from(place)).copied();
            let Some(RouteStep::Leg { length }) = step else { break };
            let leg = Job { stage: place + 1, waiter: Waiter::Fork, ..job.as_leg(fork, number) };
            // Its beginning and its join.
            place += length + 2;
            self.advance(leg, region);
        }
    }

    /// The leg `job` has come to `end`, of which its service hears `extra` from now.
    pub(in crate::model) fn leg_ends(&mut self, job: &Job, end: LegEnd, extra: Span) {
        if extra == Span::ZERO {
            return self.leg_over(job, end);
        }
        let (fork, number) = job.fork();
        self.flow.forks[fork].ends[number as usize] = Some(end);
        self.send(*job, HopTo::Fork, extra);
    }

    /// The service of the leg `job` hears how it ended.
    pub(in crate::model) fn leg_heard(&mut self, job: &Job) {
        let (fork, number) = job.fork();
        if let Some(end) = self.flow.forks[fork].ends[number as usize].take() {
            self.leg_over(job, end);
        }
    }

    fn leg_over(&mut self, job: &Job, end: LegEnd) {
        let (slot, number) = job.fork();
        let fork = &mut self.flow.forks[slot];
        fork.note(number, end);
        let verdict = fork.verdict().filter(|_| !fork.decided);
        fork.decided |= verdict.is_some();
        let fork = *fork;
        if fork.open == 0 {
            self.flow.forks.release(slot);
        }
        match verdict {
            Some(true) => self.advance(fork.parent, fork.region),
            // Its service is as silent as the leg was.
            Some(false) if end == LegEnd::Silent => self.no_answer(&fork.parent),
            Some(false) if fork.doubtful || fork.done > 0 => {
                self.reply(&fork.parent, fork.region, ClientReply::Unheard(fork.reason), Span::ZERO);
            }
            Some(false) => self.reply(&fork.parent, fork.region, ClientReply::Error(fork.reason), Span::ZERO),
            None => {}
        }
    }

    /// What `job`, which is a leg, is told in place of a client.
    pub(in crate::model) fn leg_replied(&mut self, job: &Job, reply: ClientReply, extra: Span) {
        let end = match reply {
            ClientReply::Ok(_) => LegEnd::Done,
            ClientReply::Error(_) | ClientReply::Limited(_) => LegEnd::Failed(reply.reason()),
            ClientReply::Doubtful(_) | ClientReply::Unheard(_) => LegEnd::Doubtful(reply.reason()),
        };
        self.leg_ends(job, end, extra);
    }

    /// Whether the answer to the client of `job` hangs on what becomes of it.
    pub(in crate::model) fn answer_hangs_on(&self, job: &Job) -> bool {
        if job.waiter != Waiter::Fork {
            return true;
        }
        let (fork, number) = job.fork();
        self.flow.forks[fork].hangs_on(number)
    }
}

/// Forks whose legs are under way.
pub(in crate::model) type Forks = Slab<Fork>;
