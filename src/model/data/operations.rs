//! Operations under way at the copies of databases.
//!
//! Does not know who asked for them, nor what happens to an answer: it tells of those that get none. Invariants: an
//! operation is due once, at the instant it was last timed for; what a fault overtook gets no answer; a service waits for
//! a write no longer than the call time-out, whatever becomes of the write.

use crate::kernel::Class;
use crate::model::core::Core;
use crate::model::core::event::KernelEvent;
use crate::model::core::job::Job;
use crate::model::data::Data;
use crate::model::data::database::{CopyOperation, OperationKind};
use crate::model::message::Message;
use crate::model::plan::{ServicePlan, regions};
use crate::units::{DatabaseId, Instant, RegionId, Span};

/// How services learn that their copy has lost what it was at work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LossNotice {
    /// Their connections are reset: at once.
    Reset,
    /// Nothing comes back: by their own time-out.
    Silent,
}

impl Data {
    /// `operation` is under way from now on.
    #[inline]
    pub(in crate::model) fn begin_operation(
        &mut self,
        core: &mut Core,
        database: DatabaseId,
        mut operation: CopyOperation,
    ) {
        operation.stamp = core.next_stamp();
        let slot = self.databases[database.index()].operations.insert(operation);
        self.file(core, database, slot);
    }

    /// The operation in `slot` is due, unless that was another use of it or it was rescheduled: it is over.
    #[inline]
    pub(in crate::model) fn end_operation(
        &mut self,
        core: &Core,
        database: DatabaseId,
        slot: u32,
        stamp: u32,
    ) -> Option<CopyOperation> {
        let operation = self.databases[database.index()].operations[slot];
        if !operation.open || operation.stamp != stamp || operation.ready > core.now() {
            return None;
        }
        self.close_operation(database, slot);
        Some(operation)
    }

    /// The service of the write in `slot` has waited for its acknowledgement as long as it does, unless that was another
    /// use of it or it was rescheduled: what it does not learn any more may happen all the same.
    pub(in crate::model) fn give_up(
        &mut self,
        core: &mut Core,
        database: DatabaseId,
        slot: u32,
        stamp: u32,
    ) -> Option<CopyOperation> {
        let operation = self.databases[database.index()].operations[slot];
        let late = operation.open && operation.stamp == stamp && operation.ready > core.now();
        if !late || self.given_up_at(database, &operation).is_none() {
            return None;
        }
        let unheard = &mut self.databases[database.index()].operations[slot];
        (unheard.back, unheard.stamp) = (CopyOperation::UNHEARD, core.next_stamp());
        self.file(core, database, slot);
        Some(operation)
    }

    /// When the service of `operation` gives up on it, if that is a write that takes longer than it waits.
    pub(in crate::model) fn given_up_at(&self, database: DatabaseId, operation: &CopyOperation) -> Option<Instant> {
        let waited_for = matches!(operation.kind, OperationKind::Write(_)) && operation.back != CopyOperation::UNHEARD;
        let until = operation.begun.saturating_add(self.databases[database.index()].plan.call_timeout);
        (waited_for && until < operation.ready).then_some(until)
    }

    /// The operation in `slot` comes up when it is done, or when its service gives up on it.
    fn file(&self, core: &mut Core, database: DatabaseId, slot: u32) {
        let operation = &self.databases[database.index()].operations[slot];
        let at = self.given_up_at(database, operation).unwrap_or(operation.ready);
        if at == Instant::MAX {
            return;
        }
        let event = KernelEvent::Database { database, slot, stamp: operation.stamp };
        let wait = at.since(core.now());
        core.push_delay(wait, at, Class::Completion, event);
    }

    #[inline]
    fn close_operation(&mut self, database: DatabaseId, slot: u32) {
        let operations = &mut self.databases[database.index()].operations;
        operations[slot].open = false;
        operations.release(slot);
    }

    /// The operation in `slot` is due at `ready` and not before.
    pub(super) fn time_operation(&mut self, core: &mut Core, database: DatabaseId, slot: u32, ready: Instant) {
        let operation = &mut self.databases[database.index()].operations[slot];
        (operation.ready, operation.stamp) = (ready, core.next_stamp());
        let operation = *operation;
        if let Some(until) = self.given_up_at(database, &operation).filter(|_| ready == Instant::MAX) {
            core.tell(Message::Hangs(operation.job, until));
        }
        self.file(core, database, slot);
    }

    /// Everything under way at `copy` is lost.
    pub(super) fn lose_operations(&mut self, core: &mut Core, database: DatabaseId, copy: usize, loss: LossNotice) {
        for slot in 0..self.databases[database.index()].operations.slots() {
            let operation = self.databases[database.index()].operations[slot];
            if !operation.open || usize::from(operation.copy) != copy || operation.kind == OperationKind::Hang {
                continue;
            }
            let CopyOperation { job, back, .. } = operation;
            let asked_from = asked_from(&core.plan.services, &job);
            if core.regions[asked_from.index()].dark.is_on() {
                self.close_operation(database, slot);
                core.tell(Message::NoAnswer(job));
            } else if back == CopyOperation::UNHEARD {
                // Its service waits beside it already.
                self.close_operation(database, slot);
            } else if loss == LossNotice::Reset {
                self.close_operation(database, slot);
                let written = match operation.kind {
                    OperationKind::Write(position) => Some((database, position)),
                    OperationKind::Read | OperationKind::Hang => None,
                };
                core.tell(Message::Reset { job, written, back });
            } else {
                self.leave_hanging(core, database, slot);
            }
        }
    }

    /// Nobody answers the operation in `slot` any more: its service waits until it gives up.
    fn leave_hanging(&mut self, core: &mut Core, database: DatabaseId, slot: u32) {
        let now = core.now();
        let state = &mut self.databases[database.index()];
        let ready = now + state.plan.call_timeout;
        let operation = &mut state.operations[slot];
        (operation.kind, operation.begun, operation.back) = (OperationKind::Hang, now, Span::ZERO);
        (operation.ready, operation.stamp) = (ready, core.next_stamp());
        let job = operation.job;
        self.file(core, database, slot);
        core.tell(Message::Hangs(job, ready));
    }
}

/// The region of the service that waits for what `job` is at.
fn asked_from(services: &[ServicePlan], job: &Job) -> RegionId {
    let elsewhere = regions(services, job.entry);
    let place = usize::from(job.stage).wrapping_sub(1);
    elsewhere.get(place).copied().unwrap_or(services[job.entry.index()].region)
}
