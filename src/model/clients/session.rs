//! Users: they think, send, wait for the outcome, and go on, through the steps of a journey if there is one.
//!
//! Owns who is where on their way. Does not know what an attempt is: it is given outcomes.
//!
//! Invariants: a user has at most one request under way. A journey succeeds when each of its steps has; the first that
//! does not ends it. Requests are numbered by user and by how many that user has sent, so that what one user draws does
//! not depend on how fast the others are.

use crate::kernel::{Class, Lives, Sampler, Stream, left_over};
use crate::model::clients::Clients;
use crate::model::clients::population::{Drawn, NUMBER_BITS};
use crate::model::core::Core;
use crate::model::core::event::KernelEvent;
use crate::model::plan::{Arrivals, JourneyStep, WorkloadPlan};
use crate::units::{Instant, Span, WorkloadId};

/// Steps of a journey are numbered below this power of two.
pub const STEP_BITS: u32 = 4;

/// A user on their way.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// The number of the first request of this user.
    first: u64,
    /// How many requests came before the present one.
    sent: u32,
    group: u32,
    /// Its population.
    pub workload: u16,
    step: u8,
}

/// A request that a user makes.
#[derive(Debug, Clone, Copy)]
pub struct Visit {
    /// Its number within the population.
    pub number: u64,
    /// The step of the journey.
    pub step: u8,
    /// The user's client group, possibly beyond the groups there are.
    pub group: u32,
}

/// What the users of one population do.
#[derive(Debug)]
pub struct Sessions {
    /// Users who are there from the start and stay; zero: users come, go through their journey once, and leave.
    users: u32,
    /// Bits of a request's number that count what one user sends.
    bits: u32,
    is_journey: bool,
    /// How long users think before their first request, and after a journey that they will repeat.
    between: Sampler,
    /// How long they think after each step but the last.
    thinks: Vec<Sampler>,
    stream: Stream,
    /// What users are at when the run begins; `None`: they begin with it.
    at_start: Option<Stream>,
}

impl Sessions {
    /// What the users of `plan` do, if its requests belong to sessions. Thinking draws from `stream`, and what is left
    /// of it at the start from `at_start`.
    pub fn new(plan: &WorkloadPlan, stream: Stream, at_start: Stream) -> Option<Self> {
        let closed = match &plan.arrivals {
            Arrivals::Closed(closed) => Some(closed),
            _ => None,
        };
        if closed.is_none() && plan.journey.is_empty() {
            return None;
        }
        let users = closed.map_or(0, |closed| closed.users);
        let user_bits = u32::BITS - users.saturating_sub(1).leading_zeros();
        let between = closed.map_or(crate::kernel::Distribution::Constant(Span::ZERO), |closed| closed.think.clone());
        let think = |step: &JourneyStep| Sampler::new(&step.think);
        Some(Self {
            users,
            bits: if users == 0 { STEP_BITS } else { NUMBER_BITS - user_bits },
            is_journey: !plan.journey.is_empty(),
            between: Sampler::new(&between),
            thinks: plan.journey.iter().map(think).collect(),
            stream,
            at_start: (!plan.cold_start).then_some(at_start),
        })
    }

    /// Users who are there from the start.
    pub const fn users(&self) -> u32 {
        self.users
    }

    /// The user, of those who are there from the start, whose session it is.
    pub const fn user(&self, session: &Session) -> u32 {
        (session.first >> self.bits) as u32
    }

    /// How long `user` thinks before the first request, of which `draw` is a whole time to think.
    fn first_think(&self, user: u64, draw: u64) -> Span {
        let Some(stream) = self.at_start else { return self.between.span(draw) };
        let first = user << 6;
        let row = Lives::Unequal(|n| self.between.span(stream.at(first + 1 + n)));
        left_over(&row, Span::ZERO, stream.at(first)).unwrap_or(Span::ZERO)
    }

    /// The session of user, or arrival, number `n`.
    fn begin(&self, n: u64, group: u32, workload: WorkloadId) -> Session {
        Session { first: n << self.bits, sent: 0, group, workload: workload.0, step: 0 }
    }

    /// The request that `session` makes next. Past the end of the numbers of a user, they start over: that takes eight
    /// million requests of one user where there are a hundred thousand.
    fn visit(&self, session: &Session) -> Visit {
        let within = u64::from(session.sent) & ((1 << self.bits) - 1);
        Visit { number: session.first | within, step: session.step, group: session.group }
    }
}

impl Clients {
    /// Users who are there from the start begin in the middle of thinking, so that they are not in step; holders of leases, when theirs is to be renewed.
    pub(super) fn start_users(&mut self, core: &mut Core, workload: WorkloadId) {
        let users = self.populations[workload.index()].sessions.as_ref().map_or(0, Sessions::users);
        for user in 0..users {
            let Some(sessions) = &self.populations[workload.index()].sessions else { return };
            let session = sessions.begin(u64::from(user), user, workload);
            // The draws after requests are addressed by their numbers; this one by what no number is.
            let draw = sessions.stream.at(!u64::from(user));
            let think = sessions.first_think(u64::from(user), draw);
            let renewal = self.first_renewal(core, workload, user, draw);
            let first = renewal.unwrap_or_else(|| Instant::ZERO.saturating_add(think));
            let slot = self.sessions.insert(session);
            proceed_at(core, slot, first);
        }
    }

    /// A user of that population arrives. Returns the session.
    pub(in crate::model) fn begin_session(&mut self, workload: WorkloadId) -> Option<u32> {
        let population = &mut self.populations[workload.index()];
        let (n, group) = population.draw_session();
        let session = population.sessions.as_ref()?.begin(n, group, workload);
        Some(self.sessions.insert(session))
    }

    /// The next request of the user whose session is in `slot`: the population, the request, and the step it is.
    pub(in crate::model) fn next_visit(&mut self, slot: u32) -> Option<(WorkloadId, Drawn, u8)> {
        let session = &mut self.sessions[slot];
        let workload = WorkloadId(session.workload);
        let population = &mut self.populations[workload.index()];
        let visit = population.sessions.as_ref()?.visit(session);
        session.sent = session.sent.wrapping_add(1);
        Some((workload, population.draw_visit(&visit), visit.step))
    }

    /// The request of a user has come to its outcome at `at`. If that is the end of a journey, whether it succeeded.
    pub(in crate::model) fn step_ended(
        &mut self,
        core: &mut Core,
        slot: u32,
        number: u64,
        ok: bool,
        at: Instant,
    ) -> Option<bool> {
        let session = &mut self.sessions[slot];
        let population = &self.populations[usize::from(session.workload)];
        let sessions = population.sessions.as_ref()?;
        if population.leases.is_some() {
            self.plan_renewal(core, slot, number, ok, at);
            return None;
        }
        let is_last = usize::from(session.step) + 1 >= population.routes.len();
        let draw = sessions.stream.at(number);
        if ok && !is_last {
            let think = sessions.thinks[usize::from(session.step)].span(draw);
            session.step += 1;
            proceed_at(core, slot, at.saturating_add(think));
            return None;
        }
        let ended = sessions.is_journey.then_some(ok);
        if sessions.users == 0 {
            self.sessions.release(slot);
            return ended;
        }
        session.step = 0;
        let think = mutant!("a_user_does_not_think": sessions.between.span(draw) => Span::ZERO);
        proceed_at(core, slot, at.saturating_add(think));
        ended
    }

    fn plan_renewal(&mut self, core: &mut Core, slot: u32, number: u64, ok: bool, at: Instant) {
        let session = self.sessions[slot];
        if let Some(next) = self.renewal_ended(core, &session, number, ok, at) {
            proceed_at(core, slot, next);
        }
    }
}

/// The user whose session is in `slot` goes on at `next`, unless clients send nothing any more by then.
fn proceed_at(core: &mut Core, slot: u32, next: Instant) {
    if next < core.workload_end {
        core.kernel.schedule(next, Class::Arrival, KernelEvent::Proceed(slot));
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
pub(in crate::model) mod tests;
