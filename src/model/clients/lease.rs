//! Holders of leases: who holds one at present, when it ends, and when its holder asks for it.
//!
//! Owns which leases are held. Does not know what a renewal meets on its way: it is notified how each one ended.
//!
//! Invariants: a lease that was granted ends its term after the grant unless it was renewed by then, an answer at that
//! very instant included. A holder has one renewal under way or one planned, never none, so that nobody is forgotten.

use crate::kernel::{Class, Stream};
use crate::model::clients::Clients;
use crate::model::clients::session::Session;
use crate::model::core::Core;
use crate::model::core::event::KernelEvent;
use crate::model::plan::{Arrivals, LeasePlan, WorkloadPlan};
use crate::policy::Backoff;
use crate::record::Sample;
use crate::units::{Instant, Span, WorkloadId};

/// The leases of one population.
#[derive(Debug)]
pub struct Leases {
    plan: LeasePlan,
    /// How long a holder waits after a renewal that failed.
    backoff: Backoff,
    waits: Stream,
    holders: Vec<Holder>,
    held: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Holder {
    held: bool,
    /// When the lease ends, if it is held.
    ends: Instant,
    /// Whether an event waits for that, or for an earlier end.
    watched: bool,
    /// Renewals in a row that failed.
    failures: u32,
}

impl Leases {
    /// The leases of `plan`, if that is what its clients ask for. Waits draw from `waits`.
    pub fn new(plan: &WorkloadPlan, waits: Stream) -> Option<Self> {
        let Arrivals::Closed(closed) = &plan.arrivals else { return None };
        let lease = closed.lease?;
        let holders = vec![Holder::default(); closed.users as usize];
        Some(Self { plan: lease, backoff: plan.backoff, waits, holders, held: 0 })
    }

    /// When `holder` asks for the first time, and when its lease ends, if it has one from the start: renewals are spread
    /// by `draw` over the time between two of them.
    fn begin(&mut self, holder: u32, draw: u64) -> (Instant, Option<Instant>) {
        if self.plan.lapsed {
            return (Instant::ZERO, None);
        }
        let spread = (u128::from(self.plan.every.as_nanos()) * u128::from(draw)) >> 64;
        let first = Span::from_nanos(u64::try_from(spread).unwrap_or(u64::MAX));
        let left = Span::from_nanos(self.plan.term.as_nanos().saturating_sub(self.plan.every.as_nanos()));
        let ends = Instant::ZERO.saturating_add(first).saturating_add(left);
        self.grant(holder, ends);
        (Instant::ZERO.saturating_add(first), Some(ends))
    }

    /// `holder` has a lease until `ends`. Whether the watcher does not know that end yet.
    fn grant(&mut self, holder: u32, ends: Instant) -> bool {
        let holder = &mut self.holders[holder as usize];
        self.held += u32::from(!holder.held);
        let news = !holder.watched;
        *holder = Holder { held: true, ends, watched: true, failures: 0 };
        news
    }

    fn end(&mut self, holder: u32) {
        let holder = &mut self.holders[holder as usize];
        self.held -= u32::from(holder.held);
        holder.held = false;
    }

    /// A renewal, number `number`, failed: how long `holder` waits before the next.
    fn failed(&mut self, holder: u32, number: u64) -> Span {
        if self.plan.gives_up {
            self.end(holder);
        }
        let holder = &mut self.holders[holder as usize];
        let wait = self.backoff.wait(holder.failures, self.waits.at(number));
        holder.failures = holder.failures.saturating_add(1);
        mutant!("a_failed_renewal_waits_for_the_next": wait => self.plan.every)
    }

    /// The lease of `holder` may have ended by `now`: when to look again, if it has not.
    fn look(&mut self, holder: u32, now: Instant) -> Option<Instant> {
        let Holder { held, ends, .. } = self.holders[holder as usize];
        if held && ends > now {
            return Some(ends);
        }
        self.holders[holder as usize].watched = false;
        if held {
            self.end(holder);
        }
        None
    }

    /// Holders that have a lease.
    pub fn held(&self) -> Sample {
        Sample::count(u64::from(self.held))
    }

    /// Holders without one, as a share.
    pub fn out(&self) -> Sample {
        let all = self.holders.len() as u64;
        Sample::quotient(all - u64::from(self.held), all)
    }
}

impl Clients {
    /// When `holder` asks for the first time, in place of thinking.
    pub(super) fn first_renewal(
        &mut self,
        core: &mut Core,
        workload: WorkloadId,
        holder: u32,
        draw: u64,
    ) -> Option<Instant> {
        let leases = self.populations[workload.index()].leases.as_mut()?;
        let (first, ends) = leases.begin(holder, draw);
        if let Some(ends) = ends {
            watch(core, workload, holder, ends);
        }
        Some(first)
    }

    /// A renewal of `session`, number `number`, ended at `at`: when it asks again.
    pub(super) fn renewal_ended(
        &mut self,
        core: &mut Core,
        session: &Session,
        number: u64,
        ok: bool,
        at: Instant,
    ) -> Option<Instant> {
        let population = &mut self.populations[usize::from(session.workload)];
        let (leases, holder) = (population.leases.as_mut()?, population.sessions.as_ref()?.user(session));
        if !ok {
            return Some(at.saturating_add(leases.failed(holder, number)));
        }
        let term = mutant!("a_lease_never_ends": leases.plan.term => Span::MAX);
        let (ends, next) = (at.saturating_add(term), at.saturating_add(leases.plan.every));
        if leases.grant(holder, ends) {
            watch(core, WorkloadId(session.workload), holder, ends);
        }
        Some(next)
    }

    /// A lease may have ended.
    pub(in crate::model) fn lease_ends(&mut self, core: &mut Core, workload: WorkloadId, holder: u32) {
        let Some(leases) = &mut self.populations[workload.index()].leases else { return };
        if let Some(ends) = leases.look(holder, core.now()) {
            watch(core, workload, holder, ends);
        }
    }
}

/// An answer at the end of a lease is in time, so this comes after what is done at the same instant.
fn watch(core: &mut Core, workload: WorkloadId, holder: u32, ends: Instant) {
    core.kernel.schedule(ends, Class::Deadline, KernelEvent::LeaseEnds { workload, holder });
}

#[cfg(test)]
#[path = "lease_tests.rs"]
mod tests;
