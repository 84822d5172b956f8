//! Databases, their copies and their backups.

pub(super) mod authority;
pub(super) mod backups;
pub(super) mod backups_api;
pub(super) mod database;
pub(super) mod databases_api;
pub(super) mod waiting;

use crate::kernel::Class;
use crate::model::World;
use crate::model::build;
use crate::model::plan::WorldPlan;
use crate::ports::Promotion;
use crate::record::event::DataEvent;
use crate::units::DatabaseId;
use backups::BackupDue;
use database::Database;
use databases_api::DatabasesAnswer;

/// Databases.
#[derive(Debug)]
pub struct Data {
    pub(in crate::model) databases: Vec<Database>,
}

impl Data {
    /// As the plan has them.
    pub(in crate::model) fn new(plan: &WorldPlan) -> Self {
        Self { databases: build::databases(plan) }
    }
}

/// What is due with databases.
#[derive(Debug)]
pub(super) enum Due {
    /// A copy has applied what it received and opens for writes.
    Promoted { call: u32, database: DatabaseId, copy: usize, epoch: u32 },
    /// An epoch is in force: whoever wrote in an older one cannot any more.
    Fenced { call: u32, database: DatabaseId, epoch: u32 },
    /// A lease on a database runs out, unless it was renewed.
    LeaseOut(DatabaseId),
    /// Somebody looks whether writes have waited too long for a replica.
    Patience(DatabaseId),
    /// The authority's data has been copied to a copy.
    Rebuilt { call: u32, database: DatabaseId, copy: usize },
    /// Something is due with backups.
    Backup(BackupDue),
}

impl World {
    pub(super) fn data_due(&mut self, due: Due) {
        match due {
            Due::Promoted { call, database, copy, epoch } => self.promoted(call, database, copy, epoch),
            Due::Fenced { call, database, epoch } => self.fenced(call, database, epoch),
            Due::LeaseOut(database) => self.lease_out(database),
            Due::Patience(database) => self.patience_over(database),
            Due::Rebuilt { call, database, copy } => self.rebuilt(call, database, copy),
            Due::Backup(due) => self.backup_due(due),
        }
    }

    fn promoted(&mut self, call: u32, database: DatabaseId, copy: usize, epoch: u32) {
        if let Some(refusal) = self.core.superseded(call) {
            return self.core.answer(call, Err(refusal));
        }
        let now = self.core.kernel.now();
        let state = &mut self.data.databases[database.index()];
        let region = state.copies[copy].region;
        if let Some(fault) = self.core.regions[region.index()].dark.holder().or(state.copies[copy].crashed.holder()) {
            return self.core.hit(fault);
        }
        if epoch < state.epoch {
            let newer = state.epoch;
            return self.core.refuse(call, format!("epoch {newer} is in force"));
        }
        if let Some(leader) = state.leads(epoch).filter(|leader| *leader != copy) {
            let leader = self.core.regions[state.copies[leader].region.index()].name.clone();
            return self.core.refuse(call, format!("{leader} leads epoch {epoch}"));
        }
        state.advance(now);
        let ready = state.copies[copy].caught_up_at(now);
        if ready > now && state.copies[copy].received(now) > state.copies[copy].applied {
            return self.core.put(ready, Class::Control, Due::Promoted { call, database, copy, epoch });
        }
        let name = self.core.region_name(region);
        let (old, synchronous) = (state.authority, state.synchronous);
        let restored = state.backups.as_ref().and_then(|backups| backups.restored);
        if restored.is_some_and(|restore| restore.copy == copy) {
            // What a restore does for clients begins here; elsewhere it is a change of routes that does it.
            self.core.remedy = Some(region);
        }
        let from_lsn = state.promote(copy, epoch, &name, now);
        for (region, route) in state.routes.iter_mut().enumerate() {
            if !self.core.regions[region].is_silent() {
                *route = copy;
            }
        }
        let told = state.name.clone();
        self.core.note(DataEvent::Promoted { database: told, region: name, from: from_lsn, epoch });
        if synchronous && self.data.databases[database.index()].is_stray(old) {
            self.strand_writes(database, old, from_lsn);
        }
        self.refresh_replication(database);
        self.core.answer_from(region, call, Ok(DatabasesAnswer::Promoted(Promotion { epoch, from_lsn }).into()));
    }
}
