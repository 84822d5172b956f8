//! Jobs with legs; and of these, writes that go to several places at once: how the legs are sent, and when the write goes on.
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

/// A job with several legs.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Fork {
    /// The job, where it goes on behind its legs.
    pub(super) parent: Job,
    pub(super) region: RegionId,
    pub(super) rule: LegRule,
    pub(super) legs: u8,
    /// The place at which the first of them begins.
    pub(super) place: u8,
    /// Of calls in turn, the one that is waited for.
    pub(super) turn: u8,
    /// Legs that are not over, and time-outs that have not passed.
    pub(super) open: u8,
    done: u8,
    failed: u8,
    /// How the first leg ended, if it has.
    first: Option<bool>,
    /// Whether a leg that failed may have happened.
    pub(super) doubtful: bool,
    pub(super) reason: FailureReason,
    pub(super) decided: bool,
    /// By leg: the end it has come to, which its service has not heard of yet.
    ends: [Option<LegEnd>; MOST_LEGS as usize],
}

impl Fork {
    /// `parent` goes on behind so many legs, which begin at `place`, by that rule. None has begun.
    pub(super) fn new(parent: Job, region: RegionId, (rule, legs, place): (LegRule, u8, u8)) -> Self {
        Self {
            parent,
            region,
            rule,
            legs,
            place,
            turn: 0,
            open: 0,
            done: 0,
            failed: 0,
            first: None,
            doubtful: false,
            reason: FailureReason::DatabaseUnreachable,
            decided: false,
            ends: [None; MOST_LEGS as usize],
        }
    }

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
            LegRule::InTurn(_) => None,
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
        let parent = Job { stage: job.stage + skip, ..job };
        let fork = Fork { open: legs, ..Fork::new(parent, region, (rule, legs, job.stage)) };
        let fork = self.flow.forks.insert(fork);
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
        if fork.caller().is_some() {
            return self.turn_over(job, end);
        }
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

    /// What `job`, which is a leg, is told in `region` in place of a client.
    pub(in crate::model) fn leg_replied(&mut self, job: &Job, region: RegionId, reply: ClientReply, extra: Span) {
        let end = match reply {
            ClientReply::Ok(_) => LegEnd::Done,
            ClientReply::Error(_) | ClientReply::Limited(_) => LegEnd::Failed(reply.reason()),
            ClientReply::Doubtful(_) | ClientReply::Unheard(_) => LegEnd::Doubtful(reply.reason()),
        };
        let (end, extra) = self.heard_of(job, region, end, extra);
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
