//! Writes that wait for a replica, and what an authority does when none answers.
//!
//! Does not know why a replica does not answer. Invariants: a write that waits is rescheduled whenever that may have
//! changed. An authority that proceeds without a replica says so in the signals and in an event, and to nobody else.

use crate::kernel::Class;
use crate::model::core::Core;
use crate::model::data::database::OperationKind;
use crate::model::data::{Data, Due};
use crate::record::event::DataEvent;
use crate::units::{DatabaseId, Instant};

impl Data {
    /// Whether `copy` has no room for a write: its disk is full, or the log it keeps for replicas has filled it.
    pub(in crate::model) fn has_no_room(&mut self, core: &mut Core, database: DatabaseId, copy: usize) -> bool {
        let state = &self.databases[database.index()];
        if let Some(fault) = state.copies[copy].full.holder() {
            core.hit(fault);
            return true;
        }
        if state.plan.log_space.is_none() || copy != state.authority {
            return false;
        }
        let now = core.kernel.now();
        let full = state.log_fills_disk(now);
        let was_full = std::mem::replace(&mut self.databases[database.index()].log_full, full);
        if full != was_full {
            let database = self.databases[database.index()].name.clone();
            core.note(match full {
                true => DataEvent::LogFull { database },
                false => DataEvent::LogFreed { database },
            });
        }
        full
    }

    /// A write that began at `copy` at `begun` is acknowledged at `acknowledged` at the earliest: if that is too late,
    /// somebody will look.
    pub(in crate::model) fn watch_patience(
        &mut self,
        core: &mut Core,
        (database, copy): (DatabaseId, usize),
        begun: Instant,
        acknowledged: Instant,
    ) {
        if let Some(patience) = self.databases[database.index()].patience(copy, begun, acknowledged) {
            let at = begun.saturating_add(patience).max(core.kernel.now());
            core.schedule(at, Class::Control, Due::Patience(database, copy));
        }
    }

    /// Writes at `copy` may have waited for a replica as long as they do: then it proceeds without one, also where it was
    /// replaced and does not know it.
    pub(super) fn patience_over(&mut self, core: &mut Core, database: DatabaseId, copy: usize) {
        let now = core.kernel.now();
        let state = &mut self.databases[database.index()];
        state.copies[copy].patience_watched = false;
        let leads = copy == state.authority || state.is_stale(copy);
        let (Some(patience), true) = (state.plan.degrade_after, leads && state.copies[copy].synchronous) else {
            return;
        };
        let Some(since) = state.waiting_since(copy, now) else { return };
        let until = since.saturating_add(patience);
        if mutant!("patience_ends_early": until > now => false) {
            state.copies[copy].patience_watched = true;
            return core.schedule(until, Class::Control, Due::Patience(database, copy));
        }
        let lead = &mut state.copies[copy];
        (lead.synchronous, lead.heartbeat) = (false, None);
        let (region, name, waited) = (core.region_name(lead.region), state.name.clone(), now.since(since));
        core.note(DataEvent::Degraded { database: name, region, waited });
        self.release_writes(core, database, copy);
    }

    /// Writes wait for replicas again, if one answers.
    pub(super) fn resume_waiting(&mut self, core: &mut Core, database: DatabaseId) {
        let state = &mut self.databases[database.index()];
        if state.copies[state.authority].synchronous
            || mutant!("waiting_resumes_alone": !state.may_be_synchronous() => false)
        {
            return;
        }
        state.copies[state.authority].synchronous = true;
        if state.plan.degrade_after.is_some() {
            let database = state.name.clone();
            core.note(DataEvent::Synchronous { database });
        }
    }

    /// Says when commits that wait for ever begin to, and when they no longer do.
    pub(super) fn note_blocked(&mut self, core: &mut Core, database: DatabaseId) {
        let state = &mut self.databases[database.index()];
        let lead = &state.copies[state.authority];
        if !lead.is_readable() || lead.crashed.is_on() || core.regions[lead.region.index()].dark.is_on() {
            // Of an authority that is down itself no commit waits.
            return;
        }
        if !state.is_blocked() {
            state.copies[state.authority].heartbeat = None;
        }
        let blocked = state.plan.degrade_after.is_none() && state.is_blocked();
        if std::mem::replace(&mut state.blocked, blocked) == blocked {
            return;
        }
        let database = state.name.clone();
        core.note(match blocked {
            true => DataEvent::CommitsBlocked { database },
            false => DataEvent::CommitsUnblocked { database },
        });
    }

    /// What waits at `copy` for a replica waits no longer than for its own disk.
    fn release_writes(&mut self, core: &mut Core, database: DatabaseId, copy: usize) {
        let now = core.kernel.now();
        for slot in 0..self.databases[database.index()].operations.slots() {
            let state = &self.databases[database.index()];
            let operation = state.operations[slot];
            let waits = operation.open && matches!(operation.kind, OperationKind::Write(_)) && operation.ready > now;
            if waits && usize::from(operation.copy) == copy {
                let durable = operation.begun.saturating_add(state.plan.commit_time);
                self.retime(core, database, slot, durable.max(now));
            }
        }
    }

    /// What waits at `copy` for a replica that has continued without it, beyond `from`, is never acknowledged.
    pub(super) fn abandon_pending_writes(&mut self, core: &mut Core, database: DatabaseId, copy: usize, from: u64) {
        for slot in 0..self.databases[database.index()].operations.slots() {
            let operation = self.databases[database.index()].operations[slot];
            let OperationKind::Write(position) = operation.kind else { continue };
            if !operation.open || usize::from(operation.copy) != copy || position.lsn <= from {
                continue;
            }
            self.retime(core, database, slot, Instant::MAX);
        }
    }

    /// Writes that wait at the authority are rescheduled.
    pub(super) fn retime_writes(&mut self, core: &mut Core, database: DatabaseId) {
        let state = &self.databases[database.index()];
        if !state.copies[state.authority].synchronous {
            return;
        }
        for slot in 0..self.databases[database.index()].operations.slots() {
            let state = &self.databases[database.index()];
            let operation = state.operations[slot];
            let OperationKind::Write(position) = operation.kind else { continue };
            if operation.open && usize::from(operation.copy) == state.authority {
                let ready = state.replicated_at(position).max(core.kernel.now());
                self.retime(core, database, slot, ready);
            }
        }
    }

    /// The operation in `slot` is due at `ready`.
    fn retime(&mut self, core: &mut Core, database: DatabaseId, slot: u32, ready: Instant) {
        let operation = self.databases[database.index()].operations[slot];
        if ready == operation.ready {
            return;
        }
        self.time_operation(core, database, slot, ready);
        if ready == Instant::MAX {
            let copy = usize::from(operation.copy);
            self.watch_patience(core, (database, copy), operation.begun, Instant::MAX);
        }
    }
}
