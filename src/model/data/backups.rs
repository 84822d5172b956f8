//! Backups as the world makes them, and as control uses them: when they are due, how they fail, what they take.
//!
//! Refuses to know which backup control will choose. Invariants: nothing is read from a database that is down, nor from a
//! store whose region is dark. That a backup cannot be used is found by reading it, which takes its time, by verifying or
//! by restoring it; the catalogue says nothing of it before.

use crate::kernel::Class;
use crate::model::World;
use crate::model::data::Due;
use crate::model::data::backups_api::BackupsAnswer;
use crate::model::data::database::{Restore, Spoils, Standing};
use crate::ports::{BackupState, Damage, PortError, Verification};
use crate::record::Sample;
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
    Verified { call: u32, database: DatabaseId, backup: u32 },
    /// A restore is over.
    Restored { call: u32, database: DatabaseId, backup: u32, epoch: u32 },
}

impl World {
    /// Files the first backups.
    pub(in crate::model) fn start_backups(&mut self) {
        for database in (0..self.data.databases.len() as u16).map(DatabaseId) {
            let Some(backups) = &self.data.databases[database.index()].backups else { continue };
            let (full, log) = (backups.plan.full_every, backups.plan.log_every);
            self.core.put(Instant::ZERO.saturating_add(full), Class::Control, Due::Backup(BackupDue::Full(database)));
            if let Some(log) = log {
                self.core.put(Instant::ZERO.saturating_add(log), Class::Control, Due::Backup(BackupDue::Log(database)));
            }
        }
    }

    pub(in crate::model) fn backup_due(&mut self, due: BackupDue) {
        match due {
            BackupDue::Full(database) => self.take_full_backup(database),
            BackupDue::Log(database) => self.archive_log(database),
            BackupDue::There(database, backup) => self.backup_there(database, backup),
            BackupDue::Verified { call, database, backup } => self.backup_verified(call, database, backup),
            BackupDue::Restored { call, database, backup, epoch } => {
                self.backup_restored(call, database, backup, epoch);
            }
        }
    }

    fn take_full_backup(&mut self, database: DatabaseId) {
        let now = self.core.kernel.now();
        let Some(backups) = &self.data.databases[database.index()].backups else { return };
        let next = now.saturating_add(backups.plan.full_every);
        self.core.put(next, Class::Control, Due::Backup(BackupDue::Full(database)));
        if !self.can_be_backed_up(database) {
            return;
        }
        if let Some((number, there, spoiled)) = self.data.databases[database.index()].take_full_backup(now) {
            spoiled.into_iter().for_each(|fault| self.core.hit(fault));
            self.core.put(there, Class::Control, Due::Backup(BackupDue::There(database, number)));
        }
    }

    fn archive_log(&mut self, database: DatabaseId) {
        let now = self.core.kernel.now();
        let Some(every) = self.data.databases[database.index()].backups.as_ref().and_then(|b| b.plan.log_every) else {
            return;
        };
        self.core.put(now.saturating_add(every), Class::Control, Due::Backup(BackupDue::Log(database)));
        if self.can_be_backed_up(database) {
            let spoiled = self.data.databases[database.index()].archive_log(now);
            spoiled.into_iter().for_each(|fault| self.core.hit(fault));
        }
    }

    /// Whether the authority can be read and the store written to. A fault that prevents it has affected a backup.
    fn can_be_backed_up(&mut self, database: DatabaseId) -> bool {
        let state = &self.data.databases[database.index()];
        let Some(backups) = &state.backups else { return false };
        let lead = &state.copies[state.authority];
        let dark = |region: RegionId| self.core.regions[region.index()].dark.holder();
        let prevented =
            backups.stopped.holder().or(dark(lead.region)).or(lead.crashed.holder()).or(lead.wiped.holder());
        if let Some(fault) = prevented.or(backups.plan.place.and_then(dark)) {
            self.core.hit(fault);
            return false;
        }
        lead.is_readable()
    }

    fn backup_there(&mut self, database: DatabaseId, number: u32) {
        let now = self.core.kernel.now();
        let state = &mut self.data.databases[database.index()];
        let name = state.name.clone();
        if let Some(backup) = state.backups.as_mut().and_then(|backups| backups.find(number, now)) {
            let up_to = backup.position.lsn;
            self.core.note(DataEvent::BackedUp { database: name, backup: number, up_to });
        }
    }

    /// Whether the store of the backups of `database` answers; if there is none, `call` is answered here.
    fn store_answers(&mut self, call: u32, database: DatabaseId) -> bool {
        let Some(backups) = &self.data.databases[database.index()].backups else {
            self.core.refuse(call, "the database is not backed up");
            return false;
        };
        let place = backups.plan.place;
        !place.is_some_and(|place| self.core.is_silent(place))
    }

    pub(in crate::model) fn assess_damage(&mut self, call: u32, database: DatabaseId, region: RegionId) {
        let Some(copy) = self.copy_that_answers(call, database, region) else { return };
        let state = &self.data.databases[database.index()];
        let (lost, epoch) = (!state.copies[copy].is_readable(), state.epoch);
        let region = self.core.region_name(region);
        self.core.answer(call, Ok(BackupsAnswer::Damage(Damage { region, epoch, lost }).into()));
    }

    pub(in crate::model) fn list_backups(&mut self, call: u32, database: DatabaseId) {
        if !self.store_answers(call, database) {
            return;
        }
        let now = self.core.kernel.now();
        let entries = self.data.databases[database.index()].backups.as_ref().map(|backups| backups.entries(now));
        self.core.answer(call, Ok(BackupsAnswer::Backups(entries.unwrap_or_default()).into()));
    }

    pub(in crate::model) fn verify_backup(&mut self, call: u32, database: DatabaseId, backup: u32) {
        if !self.store_answers(call, database) {
            return;
        }
        let now = self.core.kernel.now();
        let Some(backups) = &self.data.databases[database.index()].backups else { return };
        match backups.get(backup, now).map(|found| backups.verification(found, now)) {
            None => self.core.answer(call, Err(no_such(backup))),
            Some(takes) => {
                let due = BackupDue::Verified { call, database, backup };
                self.core.take_on(call, now.saturating_add(takes), Due::Backup(due));
            }
        }
    }

    /// The backup has been read: now it is known what it is worth.
    fn backup_verified(&mut self, call: u32, database: DatabaseId, number: u32) {
        if !self.store_answers(call, database) {
            return;
        }
        let now = self.core.kernel.now();
        let state = &mut self.data.databases[database.index()];
        let name = state.name.clone();
        let Some(backups) = &mut state.backups else { return };
        let Some(backup) = backups.get(number, now) else { return self.core.answer(call, Err(no_such(number))) };
        let (broken, gap) = (backup.broken.holder(), backups.gap_after(backup));
        let point = backups.reaches(backup, now);
        let state = if broken.is_some() { BackupState::Unusable } else { BackupState::Verified };
        if let Some(backup) = backups.find(number, now) {
            backup.state = state;
        }
        broken.or(gap).into_iter().for_each(|fault| self.core.hit(fault));
        let found = if broken.is_some() {
            let why = format!("backup {number} of {name} cannot be read");
            self.core.note(DataEvent::BackupUnusable { database: name, backup: number });
            Verification::Unusable(why)
        } else {
            let (up_to, gap) = (point.lsn, gap.is_some());
            self.core.note(DataEvent::BackupVerified { database: name, backup: number, up_to, gap });
            Verification::Restorable(point)
        };
        self.core.answer(call, Ok(BackupsAnswer::Verified(found).into()));
    }

    pub(in crate::model) fn restore_backup(
        &mut self,
        call: u32,
        database: DatabaseId,
        to: RegionId,
        backup: u32,
        epoch: u32,
    ) {
        let now = self.core.kernel.now();
        if !self.store_answers(call, database) {
            return;
        }
        let Some(copy) = self.copy_that_answers(call, database, to) else { return };
        let state = &self.data.databases[database.index()];
        let Some(backups) = &state.backups else { return };
        let same = |r: &&Restore| (r.backup, r.copy, r.epoch) == (backup, copy, epoch);
        if let Some(done) = backups.restored.as_ref().filter(same)
            && state.copies[copy].epoch == epoch
            && state.copies[copy].standing != Standing::Lost
        {
            return self.core.answer(call, Ok(BackupsAnswer::Restored(done.point).into()));
        }
        if let Some(under_way) = &backups.restoring {
            if !same(&under_way) {
                let why = format!("backup {} is being restored", under_way.backup);
                return self.core.refuse(call, why);
            }
            let at = under_way.ends.max(now);
            return self.core.take_on(call, at, Due::Backup(BackupDue::Restored { call, database, backup, epoch }));
        }
        if epoch != state.epoch || state.may_write(copy, now) {
            let why = format!("epoch {} is in force, and the copy may take writes in it", state.epoch);
            return self.core.refuse(call, why);
        }
        let Some(found) = backups.get(backup, now) else { return self.core.answer(call, Err(no_such(backup))) };
        let restore = backups.plan_restore(found, copy, epoch, now);
        let name = state.name.clone();
        self.data.databases[database.index()].begin_restore(restore, now);
        self.lose_operations(database, copy, true);
        self.refresh_replication(database);
        let region = self.core.region_name(to);
        self.core.note(DataEvent::RestoreBegun { database: name, region, backup, up_to: restore.point.lsn });
        self.core.take_on(call, restore.ends, Due::Backup(BackupDue::Restored { call, database, backup, epoch }));
    }

    /// The time a restore takes is over.
    fn backup_restored(&mut self, call: u32, database: DatabaseId, backup: u32, epoch: u32) {
        if let Some(refusal) = self.core.superseded(call) {
            return self.core.answer(call, Err(refusal));
        }
        let now = self.core.kernel.now();
        let state = &self.data.databases[database.index()];
        let Some(backups) = &state.backups else { return };
        let ours = |r: &Restore| r.backup == backup && r.epoch == epoch;
        let Some(restore) = backups.restoring.filter(ours) else {
            // Another call may have joined this restore and ended it.
            let done = backups.restored.filter(ours).map(|restore| BackupsAnswer::Restored(restore.point).into());
            return self.core.answer(call, done.ok_or_else(|| PortError::Refused("the restore was broken off".into())));
        };
        let (name, region) = (state.name.clone(), state.copies[restore.copy].region);
        if epoch != state.epoch {
            let why = format!("epoch {} is in force", state.epoch);
            return self.core.refuse(call, why);
        }
        let broken = backups.get(backup, now).map_or(Some(None), |found| found.broken.holder().map(Some));
        let down = self.core.regions[region.index()].dark.holder().or(state.copies[restore.copy].crashed.holder());
        if broken.is_some() || down.is_some() {
            let state = &mut self.data.databases[database.index()];
            state.backups.iter_mut().for_each(|backups| backups.restoring = None);
            broken.flatten().or(down).into_iter().for_each(|fault| self.core.hit(fault));
            let why = format!("backup {backup} of {name} could not be restored");
            self.core.note(DataEvent::RestoreFailed { database: name, backup });
            return self.core.answer_from(region, call, Err(PortError::Refused(why)));
        }
        self.data.databases[database.index()].end_restore(restore, now);
        let point = restore.point;
        self.core.note(DataEvent::Restored { database: name, up_to: point.lsn, ago: now.since(point.at) });
        self.core.answer_from(region, call, Ok(BackupsAnswer::Restored(point).into()));
    }

    pub(in crate::model) fn sample_backups(&mut self, database: DatabaseId, at: Instant) {
        let Some(gauges) = self.observe.gauges.databases[database.index()].backups else { return };
        let Some(backups) = &self.data.databases[database.index()].backups else { return };
        let age = |of: Option<Instant>| of.map_or(Sample::MISSING, |of| Sample::count(at.since(of).as_nanos()));
        let (newest, restorable) = (backups.newest(at), backups.restorable(at).map(|point| point.at));
        let (copied, whole) = backups.copied(at);
        self.core.signals.sample(gauges.age, at, age(newest));
        self.core.signals.sample(gauges.restorable, at, age(restorable));
        self.core.signals.sample(gauges.restored, at, Sample::quotient(copied, whole));
    }

    /// The data of `database` are destroyed: in `region`, or everywhere.
    pub fn destroy_data(&mut self, database: DatabaseId, region: Option<RegionId>, fault: FaultId) {
        let now = self.core.kernel.now();
        let copies = self.data.databases[database.index()].copies.len();
        for copy in 0..copies {
            let state = &mut self.data.databases[database.index()];
            if region.is_some_and(|region| state.copies[copy].region != region) {
                continue;
            }
            state.copies[copy].wiped.hold(fault);
            state.wipe(copy, now);
            self.lose_operations(database, copy, true);
        }
        self.refresh_replication(database);
    }

    /// The fault is over. What it destroyed is not back.
    pub fn stop_destroying(&mut self, database: DatabaseId, fault: FaultId) {
        for copy in &mut self.data.databases[database.index()].copies {
            copy.wiped.release(fault);
        }
    }

    /// Backups of `database` are no longer taken, and nobody is told.
    pub fn stop_backups(&mut self, database: DatabaseId, fault: FaultId) {
        if let Some(backups) = &mut self.data.databases[database.index()].backups {
            backups.stopped.hold(fault);
        }
    }

    /// Backups are taken again, as far as this fault is concerned.
    pub fn resume_backups(&mut self, database: DatabaseId, fault: FaultId) {
        if let Some(backups) = &mut self.data.databases[database.index()].backups {
            backups.stopped.release(fault);
        }
    }

    /// Backups of `database` cannot be used, and nobody is told.
    pub fn spoil_backups(&mut self, database: DatabaseId, spoils: Spoils, fault: FaultId) {
        let now = self.core.kernel.now();
        if let Some(backups) = &mut self.data.databases[database.index()].backups {
            self.core.hits[fault.index()] += backups.spoil(spoils, fault, now);
        }
    }

    /// They can be used again, as far as this fault is concerned.
    pub fn unspoil_backups(&mut self, database: DatabaseId, fault: FaultId) {
        if let Some(backups) = &mut self.data.databases[database.index()].backups {
            backups.unspoil(fault);
        }
    }
}

fn no_such(backup: u32) -> PortError {
    PortError::Refused(format!("there is no backup {backup}"))
}
