//! A request under way, as its client sees it.
//!
//! Invariant: at most two attempts at a request are open at once: the present one and, beside it, its hedge. Both are
//! over when the request's ticket changes.

use crate::kernel::{Class, Sequence};
use crate::model::clients::Clients;
use crate::model::core::Core;
use crate::model::core::event::KernelEvent;
use crate::model::core::job::{Access, HEDGE, Job};
use crate::record::{FailureClass, FailureReason, Position};
use crate::units::{DatabaseId, Instant, RegionId};

/// `queued_at` of a request that waits at no service.
pub const NOWHERE: u16 = u16::MAX;

/// `session` of a request that belongs to none.
pub const NO_SESSION: u32 = u32::MAX;

/// `class` of a request that is promised nothing.
pub const NO_CLASS: u16 = u16::MAX;

/// `choice` of an attempt that no balancer has chosen a region for.
pub const NO_CHOICE: u8 = u8::MAX;

/// `culprit` of a request that no fault has touched.
pub const NOBODY: u16 = u16::MAX;

/// A request under way.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Its number, unique in the run.
    pub number: u64,
    /// When the client first sent it.
    pub started: Instant,
    /// When the client gives up on the present attempt.
    pub deadline: Instant,
    /// The place in the order of events its time-out takes, if it comes to one.
    pub timeout: Option<Sequence>,
    /// The key it reads or writes.
    pub key: u32,
    /// The client group.
    pub group: u32,
    /// Which attempt is the present one. Changes with every attempt and when the slot is freed.
    pub ticket: u32,
    /// The user's session, or [`NO_SESSION`].
    pub session: u32,
    /// The population.
    pub workload: u16,
    /// The service the present attempt waits at, or [`NOWHERE`].
    pub queued_at: u16,
    /// The service the hedge of the present attempt waits at, or [`NOWHERE`].
    pub hedge_queued_at: u16,
    /// Where the present attempt was sent; `None`: the client knew no place.
    pub sent_to: Option<RegionId>,
    /// How many attempts came before, hedges not counted.
    pub attempt: u16,
    /// How many of them were second choices of the balancer, which count as no retry.
    pub fallbacks: u16,
    /// Which choice of the balancer the present attempt is: 0 by weight, then its fallbacks; or [`NO_CHOICE`].
    pub choice: u8,
    /// Where the next attempt goes, if the balancer has chosen.
    pub chosen: Option<RegionId>,
    /// Attempts that may still answer. Kept only where reads are hedged.
    pub open: u8,
    /// The class of requests it is counted in.
    pub class: u16,
    /// The fault that touched it last.
    pub culprit: u16,
    /// Which step of its journey it is; zero for a request by itself.
    pub step: u8,
    /// What it does with the row of its key.
    pub access: Access,
    /// Whether what it writes is kept in more than one place, or goes on after it is.
    pub wide: bool,
    /// Whether an attempt may have happened without its answer coming back.
    pub in_doubt: bool,
    /// Why the present attempt fails, should it: it runs out of time unless something else is known.
    pub reason: FailureReason,
    /// Where its write stands in a log, if it is known to.
    pub appended: Option<(u16, Position)>,
}

impl Request {
    /// What its present attempt, which failed at `at`, looks like to its client.
    #[inline]
    pub fn failed_as(&self, at: Instant) -> FailureClass {
        match self.reason.class() {
            FailureClass::Connection => FailureClass::Connection,
            _ if at >= self.deadline => FailureClass::TimedOut,
            class => class,
        }
    }

    /// What a slot holds that was never used.
    pub const FRESH: Self = Self {
        number: 0,
        started: Instant::ZERO,
        deadline: Instant::ZERO,
        timeout: None,
        key: 0,
        group: 0,
        ticket: 0,
        session: NO_SESSION,
        workload: 0,
        queued_at: NOWHERE,
        hedge_queued_at: NOWHERE,
        sent_to: None,
        attempt: 0,
        fallbacks: 0,
        choice: NO_CHOICE,
        chosen: None,
        open: 0,
        class: NO_CLASS,
        culprit: NOBODY,
        step: 0,
        access: Access::Read,
        wide: false,
        in_doubt: false,
        reason: FailureReason::TimedOut,
        appended: None,
    };

    /// `job`, an attempt at it, now waits at `service`, or [`NOWHERE`].
    #[inline]
    pub fn waits_at(&mut self, job: &Job, service: u16) {
        if job.attempt & HEDGE == 0 {
            self.queued_at = service;
        } else {
            self.hedge_queued_at = service;
        }
    }
}

impl Clients {
    /// The present attempt at the request in `slot` is over: nobody waits for it any more. Returns the ticket of the next.
    #[inline(always)]
    pub(in crate::model) fn next_ticket(&mut self, slot: u32) -> u32 {
        let request = &mut self.requests[slot];
        request.ticket = request.ticket.wrapping_add(1);
        request.ticket
    }

    /// Whether the client still waits for `job`.
    #[inline]
    pub(in crate::model) fn is_live(&self, job: &Job) -> bool {
        self.requests[job.slot].ticket == job.ticket
    }

    /// Whether what the request in `slot` writes is kept in more than one place, or goes on after it is.
    #[inline]
    pub(in crate::model) fn is_wide(&self, slot: u32) -> bool {
        self.requests[slot].wide
    }

    /// The write of the request in `slot` entered the log of `database`.
    #[inline]
    pub(in crate::model) fn note_appended(&mut self, slot: u32, database: DatabaseId, position: Position) {
        self.requests[slot].appended = Some((database.0, position));
        if self.is_wide(slot) {
            self.places.appended(slot, database, position);
        }
    }

    /// Where it stands in `database`, if it is known to.
    pub(in crate::model) fn stands_at(&self, slot: u32, database: DatabaseId) -> Option<Position> {
        if self.is_wide(slot) {
            return self.places.in_database(slot, database);
        }
        self.requests[slot].appended.map(|(_, position)| position)
    }

    /// Whether it may stand somewhere though it is answered with an error.
    #[inline]
    pub(in crate::model) fn stands_somewhere(&self, slot: u32) -> bool {
        self.is_wide(slot) && !self.places.of(slot).is_empty()
    }

    /// `job` no longer waits at any service.
    pub(in crate::model) fn leave_queue(&mut self, job: &Job) {
        if !job.is_probe() && self.is_live(job) {
            self.requests[job.slot].waits_at(job, NOWHERE);
        }
    }

    /// Files the time-out of the present attempt, unless it is filed already.
    #[inline(never)]
    pub(in crate::model) fn await_timeout(&mut self, core: &mut Core, slot: u32) {
        let request = &mut self.requests[slot];
        let Some(sequence) = request.timeout.take() else { return };
        let lane = self.populations[usize::from(request.workload)].timeouts;
        let event = KernelEvent::Deadline { slot, ticket: request.ticket };
        core.kernel.push_reserved(lane, request.deadline, Class::Deadline, sequence, event);
    }
}
