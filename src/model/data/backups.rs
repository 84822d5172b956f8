//! Backups as the world makes them, and as control uses them: when they are due, how they fail, what they take.
//!
//! Does not know which backup control will choose. Invariants: nothing is read from a database that is down, nor from a
//! store whose region is dark. A fault of backups has affected something once somebody reads them, or looks at their age. That a
//! backup cannot be used is found by reading it, which takes its time, by verifying or
//! by restoring it; the catalogue says nothing of it before.

use crate::kernel::Class;
use crate::model::core::Core;
use crate::model::data::backups_api::BackupsAnswer;
use crate::model::data::database::{Corruption, ReplicaState, Restore};
use crate::model::data::operations::LossNotice;
use crate::model::data::{Data, Due};
use crate::ports::{BackupState, CopyDamage, PortError, Verification};
use crate::record::event::DataEvent;
use crate::units::{DatabaseId, FaultId, Instant, RegionId};

/// Something due with backups.
#[derive(Debug)]
pub(in crate::model) enum BackupDue {
    /// A full backup is to be taken.
    Full(DatabaseId),
    /// The log is to be archived.
    Log(DatabaseId),
    /// A full backup is in its store.
    There(DatabaseId, u32),
    /// A backup has been read to its end.
    Verified { call: u32, database: DatabaseId, backup: u32, outages: u32 },
    /// A restore is over.
    Restored { call: u32, database: DatabaseId, backup: u32, epoch: u32 },
}

impl Data {
    /// Files the first backups.
    pub(in crate::model) fn start_backups(&mut self, core: &mut Core) {
        for database in self.ids() {
            let Some(backups) = &self.databases[database.index()].backups else { continue };
            let (full, log) = (backups.plan.full_every, backups.plan.log_every);
            core.schedule(Instant::ZERO.saturating_add(full), Class::Control, Due::Backup(BackupDue::Full(database)));
            if let Some(log) = log {
                core.schedule(Instant::ZERO.saturating_add(log), Class::Control, Due::Backup(BackupDue::Log(database)));
            }
        }
    }

    pub(super) fn backup_due(&mut self, core: &mut Core, due: BackupDue) {
        match due {
            BackupDue::Full(database) => self.take_full_backup(core, database),
            BackupDue::Log(database) => self.archive_log(core, database),
            BackupDue::There(database, backup) => self.backup_there(core, database, backup),
            BackupDue::Verified { call, database, backup, outages } => {
                self.backup_verified(core, call, database, (backup, outages));
            }
            BackupDue::Restored { call, database, backup, epoch } => {
                self.backup_restored(core, call, database, backup, epoch);
            }
        }
    }

    fn take_full_backup(&mut self, core: &mut Core, database: DatabaseId) {
        let now = core.kernel.now();
        let Some(backups) = &self.databases[database.index()].backups else { return };
        let next = now.saturating_add(backups.plan.full_every);
        core.schedule(next, Class::Control, Due::Backup(BackupDue::Full(database)));
        if !self.can_be_backed_up(core, database) {
            return;
        }
        if let Some((number, there, corrupted)) = self.databases[database.index()].take_full_backup(now) {
            self.hit_if_watched(core, database, corrupted);
            core.schedule(there, Class::Control, Due::Backup(BackupDue::There(database, number)));
        }
    }

    fn archive_log(&mut self, core: &mut Core, database: DatabaseId) {
        let now = core.kernel.now();
        let Some(every) = self.databases[database.index()].backups.as_ref().and_then(|b| b.plan.log_every) else {
            return;
        };
        core.schedule(now.saturating_add(every), Class::Control, Due::Backup(BackupDue::Log(database)));
        if self.can_be_backed_up(core, database) {
            let corrupted = self.databases[database.index()].archive_log(now);
            self.hit_if_watched(core, database, corrupted);
        }
    }

    fn hit_if_watched(&self, core: &mut Core, database: DatabaseId, faults: Vec<FaultId>) {
        let watched = self.databases[database.index()].backups.as_ref().is_some_and(|backups| backups.plan.watched);
        faults.into_iter().filter(|_| watched).for_each(|fault| core.hit(fault));
    }

    /// Whether the authority can be read and the store written to. What a fault prevents is missing for whoever reads.
    fn can_be_backed_up(&mut self, core: &mut Core, database: DatabaseId) -> bool {
        let state = &self.databases[database.index()];
        let Some(backups) = &state.backups else { return false };
        let lead = &state.copies[state.authority];
        let dark = |region: RegionId| core.regions[region.index()].dark.holder();
        let prevented =
            backups.stopped.holder().or(dark(lead.region)).or(lead.crashed.holder()).or(lead.wiped.holder());
        let prevented = prevented.or(backups.plan.place.and_then(dark));
        let readable = lead.is_readable();
        if let Some(fault) = prevented {
            self.hit_if_watched(core, database, vec![fault]);
        }
        if let Some(backups) = &mut self.databases[database.index()].backups {
            match prevented {
                None => backups.missing_for.clear(),
                Some(fault) if !backups.missing_for.contains(&fault) => backups.missing_for.push(fault),
                Some(_) => {}
            }
        }
        prevented.is_none() && readable
    }

    fn backup_there(&mut self, core: &mut Core, database: DatabaseId, number: u32) {
        let now = core.kernel.now();
        let state = &mut self.databases[database.index()];
        let name = state.name.clone();
        if let Some(backup) = state.backups.as_mut().and_then(|backups| backups.find(number, now)) {
            let up_to = backup.position.lsn;
            core.note(DataEvent::BackedUp { database: name, backup: number, up_to });
        }
    }

    /// Whether the store of the backups of `database` answers; if there is none, `call` is answered here.
    fn store_answers(&mut self, core: &mut Core, call: u32, database: DatabaseId) -> bool {
        let Some(backups) = &self.databases[database.index()].backups else {
            core.refuse(call, "the database is not backed up");
            return false;
        };
        let place = backups.plan.place;
        !place.is_some_and(|place| core.is_silent(place))
    }

    /// How often the region of the store has become dark.
    fn store_outages(&self, core: &Core, database: DatabaseId) -> u32 {
        let place = self.databases[database.index()].backups.as_ref().and_then(|backups| backups.plan.place);
        place.map_or(0, |place| core.regions[place.index()].outages)
    }

    /// `region` has become dark: if it has the store of the backups, what was on its way into it or out of it is lost.
    pub(super) fn lose_store(&mut self, core: &mut Core, database: DatabaseId, region: RegionId) {
        let now = core.now();
        let Some(backups) = &mut self.databases[database.index()].backups else { return };
        if backups.plan.place == Some(region) {
            backups.abandon_uploads(now);
            self.abort_restore(core, database, |_| true);
        }
    }

    /// The restore under way comes to nothing, if it is one of those.
    pub(super) fn abort_restore(
        &mut self,
        core: &mut Core,
        database: DatabaseId,
        concerned: impl Fn(&Restore) -> bool,
    ) {
        let state = &mut self.databases[database.index()];
        let Some(backups) = &mut state.backups else { return };
        let Some(restore) = backups.restoring.filter(concerned) else { return };
        backups.restoring = None;
        let copy = &state.copies[restore.copy];
        let places = [Some(copy.region), backups.plan.place].into_iter().flatten();
        let dark = places.filter_map(|region| core.regions[region.index()].dark.holder()).next();
        copy.crashed.holder().or(dark).into_iter().for_each(|fault| core.hit(fault));
        core.note(DataEvent::RestoreFailed { database: state.name.clone(), backup: restore.backup });
    }

    pub(super) fn assess_damage(&mut self, core: &mut Core, call: u32, database: DatabaseId, region: RegionId) {
        let Some(copy) = self.copy_that_answers(core, call, database, region) else { return };
        let state = &self.databases[database.index()];
        let (lost, epoch) = (!state.copies[copy].is_readable(), state.epoch);
        let region = core.region_name(region);
        core.answer(call, Ok(BackupsAnswer::Damage(CopyDamage { region, epoch, lost }).into()));
    }

    /// A database that is not backed up has no backups: nobody has to try again to learn that.
    pub(super) fn list_backups(&mut self, core: &mut Core, call: u32, database: DatabaseId) {
        if self.databases[database.index()].backups.is_none() {
            return core.answer(call, Ok(BackupsAnswer::Backups(Vec::new()).into()));
        }
        if !self.store_answers(core, call, database) {
            return;
        }
        let now = core.kernel.now();
        let backups = self.databases[database.index()].backups.as_ref();
        backups.into_iter().flat_map(|backups| &backups.missing_for).for_each(|fault| core.hit(*fault));
        let entries = backups.map(|backups| backups.entries(now));
        core.answer(call, Ok(BackupsAnswer::Backups(entries.unwrap_or_default()).into()));
    }

    pub(super) fn verify_backup(&mut self, core: &mut Core, call: u32, database: DatabaseId, backup: u32) {
        if !self.store_answers(core, call, database) {
            return;
        }
        let now = core.kernel.now();
        let Some(backups) = &self.databases[database.index()].backups else { return };
        match backups.get(backup, now).map(|found| backups.verification(found, now)) {
            None => core.answer(call, Err(no_such(backup))),
            Some(takes) => {
                let due = BackupDue::Verified { call, database, backup, outages: self.store_outages(core, database) };
                core.accept_change(call, now.saturating_add(takes), Due::Backup(due));
            }
        }
    }

    /// The backup has been read: now it is known what it is worth.
    fn backup_verified(&mut self, core: &mut Core, call: u32, database: DatabaseId, (number, outages): (u32, u32)) {
        if !self.store_answers(core, call, database) {
            return;
        }
        if self.store_outages(core, database) != outages {
            return core.refuse(call, "the store went down while it was read");
        }
        let now = core.kernel.now();
        let state = &mut self.databases[database.index()];
        let name = state.name.clone();
        let Some(backups) = &mut state.backups else { return };
        let Some(backup) = backups.get(number, now) else { return core.answer(call, Err(no_such(number))) };
        let (broken, gap) = (backup.broken.holder(), backups.gap_after(backup));
        let point = backups.reaches(backup, now);
        let state = if broken.is_some() { BackupState::Unusable } else { BackupState::Verified };
        if let Some(backup) = backups.find(number, now) {
            backup.state = state;
        }
        broken.or(gap).into_iter().for_each(|fault| core.hit(fault));
        let found = if broken.is_some() {
            let why = format!("backup {number} of {name} cannot be read");
            core.note(DataEvent::BackupUnusable { database: name, backup: number });
            Verification::Unusable(why)
        } else {
            let (up_to, gap) = (point.lsn, gap.is_some());
            core.note(DataEvent::BackupVerified { database: name, backup: number, up_to, gap });
            Verification::Restorable(point)
        };
        core.answer(call, Ok(BackupsAnswer::Verified(found).into()));
    }

    pub(super) fn restore_backup(
        &mut self,
        core: &mut Core,
        call: u32,
        database: DatabaseId,
        to: RegionId,
        backup: u32,
        epoch: u32,
    ) {
        let now = core.kernel.now();
        if !self.store_answers(core, call, database) {
            return;
        }
        let Some(copy) = self.copy_that_answers(core, call, database, to) else { return };
        let state = &self.databases[database.index()];
        let Some(backups) = &state.backups else { return };
        let same = |r: &&Restore| (r.backup, r.copy, r.epoch) == (backup, copy, epoch);
        if let Some(done) = backups.restored.as_ref().filter(same)
            && state.copies[copy].epoch == epoch
            && state.copies[copy].state != ReplicaState::Lost
        {
            return core.answer(call, Ok(BackupsAnswer::Restored(done.point).into()));
        }
        if let Some(under_way) = &backups.restoring {
            if !same(&under_way) {
                let why = format!("backup {} is being restored", under_way.backup);
                return core.refuse(call, why);
            }
            let at = under_way.ends.max(now);
            return core.accept_change(call, at, Due::Backup(BackupDue::Restored { call, database, backup, epoch }));
        }
        if epoch != state.epoch || state.may_write(copy, now) {
            let why = format!("epoch {} is current, and the copy may accept writes in it", state.epoch);
            return core.refuse(call, why);
        }
        let Some(found) = backups.get(backup, now) else { return core.answer(call, Err(no_such(backup))) };
        let restore = backups.plan_restore(found, copy, epoch, now);
        backups.gap_after(found).into_iter().for_each(|fault| core.hit(fault));
        let name = state.name.clone();
        self.databases[database.index()].begin_restore(restore, now);
        self.lose_operations(core, database, copy, LossNotice::Reset);
        self.refresh_replication(core, database);
        let region = core.region_name(to);
        core.note(DataEvent::RestoreBegun { database: name, region, backup, up_to: restore.point.lsn });
        core.accept_change(call, restore.ends, Due::Backup(BackupDue::Restored { call, database, backup, epoch }));
    }

    /// The time a restore takes is over.
    fn backup_restored(&mut self, core: &mut Core, call: u32, database: DatabaseId, backup: u32, epoch: u32) {
        if let Some(refusal) = core.superseded(call) {
            return core.answer(call, Err(refusal));
        }
        let now = core.kernel.now();
        let state = &self.databases[database.index()];
        let Some(backups) = &state.backups else { return };
        let ours = |r: &Restore| r.backup == backup && r.epoch == epoch;
        let Some(restore) = backups.restoring.filter(ours).filter(|restore| restore.ends <= now) else {
            // Another call may have joined this restore and ended it, or it was aborted, perhaps for one that is under way.
            let done = backups.restored.filter(ours).map(|restore| BackupsAnswer::Restored(restore.point).into());
            return core.answer(call, done.ok_or_else(|| PortError::Refused("the restore was aborted".into())));
        };
        let (name, region) = (state.name.clone(), state.copies[restore.copy].region);
        if epoch != state.epoch {
            let why = format!("epoch {} is current", state.epoch);
            return core.refuse(call, why);
        }
        let broken = backups.get(backup, now).map_or(Some(None), |found| found.broken.holder().map(Some));
        let down = core.regions[region.index()].dark.holder().or(state.copies[restore.copy].crashed.holder());
        if broken.is_some() || down.is_some() {
            let state = &mut self.databases[database.index()];
            state.backups.iter_mut().for_each(|backups| backups.restoring = None);
            broken.flatten().or(down).into_iter().for_each(|fault| core.hit(fault));
            let why = format!("backup {backup} of {name} could not be restored");
            core.note(DataEvent::RestoreFailed { database: name, backup });
            return core.answer_from(region, call, Err(PortError::Refused(why)));
        }
        self.databases[database.index()].end_restore(restore, now);
        let point = restore.point;
        core.note(DataEvent::Restored { database: name, up_to: point.lsn, ago: now.since(point.at) });
        core.answer_from(region, call, Ok(BackupsAnswer::Restored(point).into()));
    }

    /// Backups of `database` silently stop.
    pub fn stop_backups(&mut self, database: DatabaseId, fault: FaultId) {
        if let Some(backups) = &mut self.databases[database.index()].backups {
            backups.stopped.hold(fault);
        }
    }

    /// Backups are taken again, as far as this fault is concerned.
    pub fn resume_backups(&mut self, database: DatabaseId, fault: FaultId) {
        if let Some(backups) = &mut self.databases[database.index()].backups {
            backups.stopped.release(fault);
        }
    }

    /// Backups of `database` silently become unusable.
    pub fn corrupt_backups(&mut self, core: &mut Core, database: DatabaseId, corruption: Corruption, fault: FaultId) {
        let now = core.kernel.now();
        if let Some(backups) = &mut self.databases[database.index()].backups {
            let count = backups.corrupt(corruption, fault, now);
            core.hits[fault.index()] += if backups.plan.watched { count } else { 0 };
        }
    }

    /// They can be used again, as far as this fault is concerned.
    pub fn repair_backups(&mut self, database: DatabaseId, fault: FaultId) {
        if let Some(backups) = &mut self.databases[database.index()].backups {
            backups.heal_corruption(fault);
        }
    }
}

fn no_such(backup: u32) -> PortError {
    PortError::Refused(format!("there is no backup {backup}"))
}
