//! Changes of authority as control makes them: an epoch is raised, old authorities are fenced off, a copy is promoted.
//!
//! Does not know why. Invariants: an epoch belongs to the controller that claimed it first; nothing lowers it; a copy
//! opens for writes once it has applied what it had received, unless it discards that.

use crate::kernel::Class;
use crate::model::core::Core;
use crate::model::core::desk::Caller;
use crate::model::core::drills::DrillTouch;
use crate::model::data::database::{Database, Replica, ReplicaState};
use crate::model::data::databases_api::DatabasesAnswer;
use crate::model::data::{Data, Due};
use crate::ports::{PortError, Promotion};
use crate::record::StoreEvent;
use crate::record::event::DataEvent;
#[cfg(test)]
use crate::units::Span;
use crate::units::{DatabaseId, Instant, RegionId};

/// A copy that is being opened.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) struct Opening {
    pub copy: usize,
    /// That it is to lead.
    pub epoch: u32,
    /// How often what was at work there had been lost when it was begun: once more, and it comes to nothing.
    pub interruptions: u32,
}

impl Data {
    /// Control fences off any copy that leads an older epoch.
    pub(super) fn fence(&mut self, core: &mut Core, call: u32, database: DatabaseId, epoch: u32) {
        let now = core.kernel.now();
        if self.has_no_lease_to_give(core, database) {
            return;
        }
        if let Some(why) = outdated(&self.databases[database.index()], epoch) {
            return core.refuse(call, why);
        }
        if !self.claims(core, call, database, epoch) {
            return;
        }
        core.note_drill(call, DrillTouch::Database(database));
        self.raise_epoch(core, database, epoch);
        let at = self.databases[database.index()].in_force_from(now);
        if at > now {
            return core.accept_change(call, at, Due::Fenced { call, database, epoch });
        }
        self.fenced(core, call, database, epoch);
    }

    /// Control makes the copy in `region` the authority of `epoch`.
    pub(super) fn promote(&mut self, core: &mut Core, call: u32, database: DatabaseId, region: RegionId, epoch: u32) {
        let now = core.kernel.now();
        let Some(copy) = self.copy_that_answers(core, call, database, region) else { return };
        if self.has_no_lease_to_give(core, database) {
            return;
        }
        let state = &mut self.databases[database.index()];
        state.advance(now);
        if state.authority == copy && state.copies[copy].epoch == epoch && state.may_write(copy, now) {
            let from_lsn = state.log.first(state.log.epoch()) - 1;
            return core.answer(call, Ok(DatabasesAnswer::Promoted(Promotion { epoch, from_lsn }).into()));
        }
        if let Some(why) = led_by_another(state, copy, epoch, core) {
            return core.refuse(call, why);
        }
        if mutant!("anything_may_be_promoted": !state.is_promotable(copy) => false) {
            let why = match state.copies[copy].state {
                ReplicaState::Lost => "the copy has no data",
                _ => "the copy holds writes the authority does not have; it must be rebuilt first",
            };
            return core.refuse(call, why);
        }
        if !self.claims(core, call, database, epoch) {
            return;
        }
        let state = &self.databases[database.index()];
        let takes = mutant!("a_promotion_takes_no_time": state.plan.promote_time => Span::ZERO);
        let ready = if state.plan.discards_unapplied { now } else { state.copies[copy].caught_up_at(now).max(now) };
        let at = ready.saturating_add(takes);
        core.note_drill(call, DrillTouch::Database(database));
        let at = at.max(
            mutant!("a_bare_promotion_does_not_wait_for_the_lease": self.open_epoch(core, database, epoch) => now),
        );
        let interruptions = self.interruptions(core, database, copy);
        core.accept_change(call, at, Due::Promoted { call, database, opening: Opening { copy, epoch, interruptions } });
    }

    /// The time a promotion takes is over.
    pub(super) fn promoted(&mut self, core: &mut Core, call: u32, database: DatabaseId, opening: Opening) {
        let Opening { copy, epoch, interruptions } = opening;
        if let Some(refusal) = mutant!("a_superseded_promotion_goes_through": core.superseded(call) => None) {
            return core.answer(call, Err(refusal));
        }
        let now = core.kernel.now();
        let state = &mut self.databases[database.index()];
        let region = state.copies[copy].region;
        if let Some(fault) = core.regions[region.index()].dark.holder().or(state.copies[copy].crashed.holder()) {
            return core.hit(fault);
        }
        if mutant!("opened_though_it_went_down": self.interruptions(core, database, copy) != interruptions => false) {
            let why = "it went down while it was being opened".to_owned();
            return core.answer_from(region, call, Err(PortError::Refused(why)));
        }
        let state = &mut self.databases[database.index()];
        if let Some(why) = led_by_another(state, copy, epoch, core) {
            return core.refuse(call, why);
        }
        state.advance(now);
        let ready = state.copies[copy].caught_up_at(now);
        if mutant!("the_log_is_not_applied_first": !state.plan.discards_unapplied => false)
            && ready > now
            && state.copies[copy].received(now) > state.copies[copy].applied
        {
            return core.schedule(ready, Class::Control, Due::Promoted { call, database, opening });
        }
        let name = core.region_name(region);
        let old = state.authority;
        let restored = state.backups.as_ref().and_then(|backups| backups.restored);
        if restored.is_some_and(|restore| restore.copy == copy) {
            // What a restore does for clients begins here; elsewhere it is a change of routes that does it.
            core.remedy = Some(region);
        }
        let from_lsn = state.promote(copy, epoch, now);
        for (region, route) in state.routes.iter_mut().enumerate() {
            if mutant!("who_is_cut_off_is_rerouted": !core.regions[region].is_silent() => true) {
                *route = copy;
            }
        }
        let told = state.name.clone();
        core.note_setting(call, &format!("the authority of {told}"), &name);
        core.note(DataEvent::Promoted { database: told, region: name, from: from_lsn, epoch });
        let state = &self.databases[database.index()];
        if mutant!("what_waits_is_promised_after_all": state.is_stale(old) && state.copies[old].synchronous => false) {
            self.abandon_pending_writes(core, database, old, from_lsn);
        }
        self.refresh_replication(core, database);
        core.answer_from(region, call, Ok(DatabasesAnswer::Promoted(Promotion { epoch, from_lsn }).into()));
    }

    /// How often what was at work at `copy` was lost so far.
    fn interruptions(&self, core: &Core, database: DatabaseId, copy: usize) -> u32 {
        let copy = &self.databases[database.index()].copies[copy];
        copy.crashes + core.regions[copy.region.index()].outages
    }

    /// Raises the epoch, unless it is that high. Copies that can be reached learn of it.
    fn raise_epoch(&mut self, core: &mut Core, database: DatabaseId, epoch: u32) {
        let now = core.kernel.now();
        let (regions, state) = (&core.regions, &mut self.databases[database.index()]);
        if epoch > state.epoch {
            let reached = |copy: &Replica| mutant!("the_cut_off_are_told": !copy.crashed.is_on() && !regions[copy.region.index()].is_silent() => true);
            state.note_change(now);
            state.raise(epoch, reached);
            self.watch_authority(core, database);
        }
    }

    /// Whether `epoch` is, or becomes, that of the controller that made `call`: the first to claim an epoch keeps it,
    /// through all its restarts, and with it all that share its lease. If it is another's, control is answered here. A call whose caller has given up on it
    /// claims nothing.
    fn claims(&mut self, core: &mut Core, call: u32, database: DatabaseId, epoch: u32) -> bool {
        let lease = |caller: Caller| mutant!("a_claim_is_no_successors": core.calls.lease_of(caller.controller) => caller.controller);
        let Some(caller) = core.calls.caller(call).map(lease) else { return true };
        let owner = self.databases[database.index()].claim(epoch, caller);
        if owner != caller {
            let name = &core.plan.controllers[usize::from(owner)].name;
            let why = format!("epoch {epoch} belongs to {name}, which claimed it first");
            core.refuse(call, why);
        }
        owner == caller
    }

    /// Raises the epoch for a promotion that nobody fenced for, where that takes more than the promotion itself.
    /// Returns when it is in effect.
    fn open_epoch(&mut self, core: &mut Core, database: DatabaseId, epoch: u32) -> Instant {
        let now = core.kernel.now();
        if !self.databases[database.index()].checks_every_commit() {
            self.raise_epoch(core, database, epoch);
        }
        self.databases[database.index()].in_force_from(now)
    }

    /// `epoch` is in effect.
    pub(super) fn fenced(&mut self, core: &mut Core, call: u32, database: DatabaseId, epoch: u32) {
        let state = &mut self.databases[database.index()];
        if epoch > state.in_force {
            state.in_force = epoch;
            state.witness.tell(core.now(), StoreEvent::Fenced { epoch });
            let database = state.name.clone();
            core.note(DataEvent::Fenced { database, epoch });
        }
        // The epoch was raised when it was asked for and cannot be lowered: only the answer may be another.
        let answer = core.superseded(call).map_or(Ok(DatabasesAnswer::Epoch(epoch).into()), Err);
        core.answer(call, answer);
    }
}

/// Why `epoch` is too old, if it is.
fn outdated(database: &Database, epoch: u32) -> Option<String> {
    (mutant!("an_old_epoch_is_accepted": epoch < database.epoch => false))
        .then(|| format!("epoch {} is current", database.epoch))
}

/// Why `copy` cannot lead `epoch`, if a newer one is in effect or another copy leads it.
fn led_by_another(database: &Database, copy: usize, epoch: u32, core: &Core) -> Option<String> {
    outdated(database, epoch).or_else(|| {
        let leader =
            database.leads(epoch).filter(|leader| mutant!("two_may_lead_an_epoch": *leader != copy => false))?;
        Some(format!("{} leads epoch {epoch}", core.region_name(database.copies[leader].region)))
    })
}
