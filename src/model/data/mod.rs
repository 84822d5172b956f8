//! Databases, their copies and their backups.
//!
//! Owns who leads, what every copy holds, the operations under way at copies, and what can be restored. Does not know
//! clients or services: the outcome of a request whose copy is gone is [told](crate::model::message). Invariant: who is
//! asked for a change answers the call it was asked in, at once or when the change is in effect.

mod authority;
mod backups;
pub(super) mod backups_api;
mod books;
mod catching_up;
pub(super) mod database;
pub(super) mod databases_api;
mod dependents;
mod gauges;
mod heartbeat;
mod operations;
mod outage;
mod promotion;
mod rebuilding;
mod replication;
pub(super) mod rows_api;
mod waiting;

use crate::model::core::Core;
use crate::model::plan::DatabasePlan;
use crate::ports::RowsWritten;
use crate::record::{Observer, Witness};
use crate::units::{DatabaseId, RegionId};
use backups::BackupDue;
use database::Database;
use dependents::Dependents;
use gauges::DatabaseGauges;
use promotion::Opening;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Databases.
#[derive(Debug)]
pub struct Data {
    pub(in crate::model) databases: Vec<Database>,
    /// By database.
    gauges: Vec<DatabaseGauges>,
    dependents: Dependents,
}

impl Data {
    /// As the plan has them; `observer` is told what happens to each.
    pub(in crate::model) fn new(core: &mut Core, observer: &Rc<RefCell<dyn Observer>>) -> Self {
        let Core { plan, signals, .. } = core;
        let (keys, regions) = (plan.key_count(), plan.regions.len());
        let name_of = |id: RegionId| plan.regions[id.index()].name.clone();
        let witnesses = (0..).map(|store| Witness::new(Rc::clone(observer), DatabaseId(store)));
        let seconds: BTreeSet<DatabaseId> = plan.compared_databases().into_iter().map(|(_, second)| second).collect();
        let database = |(id, (plan, witness)): (DatabaseId, (&DatabasePlan, Witness))| Database {
            tells_reads: seconds.contains(&id),
            ..Database::new(plan, keys, regions, witness)
        };
        Self {
            databases: (0..).map(DatabaseId).zip(plan.databases.iter().zip(witnesses)).map(database).collect(),
            gauges: plan.databases.iter().map(|d| DatabaseGauges::new(d, signals, name_of)).collect(),
            dependents: Dependents::new(plan),
        }
    }

    fn ids(&self) -> impl Iterator<Item = DatabaseId> + use<> {
        (0..self.databases.len() as u16).map(DatabaseId)
    }
}

/// What is due with databases.
#[derive(Debug)]
pub(super) enum Due {
    /// A copy has applied what it received and opens for writes.
    Promoted { call: u32, database: DatabaseId, opening: Opening },
    /// An epoch is in effect: no copy of an older one can accept writes any more.
    Fenced { call: u32, database: DatabaseId, epoch: u32 },
    /// A lease on a database runs out, unless it was renewed.
    LeaseOut(DatabaseId),
    /// Somebody looks whether writes at a copy have waited too long for a replica.
    Patience(DatabaseId, usize),
    /// The authority's data has been copied to a copy.
    Rebuilt { call: u32, database: DatabaseId, copy: usize },
    /// What one copy lacks has arrived from another.
    CaughtUp { call: u32, database: DatabaseId, copy: usize, source: usize },
    /// A row of control's own is acknowledged, or will not be.
    Heartbeat { call: u32, database: DatabaseId, copy: usize },
    /// Rows that control wrote are durable, or are not waited for any longer.
    RowsWritten { call: u32, database: DatabaseId, copy: usize, written: Option<RowsWritten> },
    /// Something is due with backups.
    Backup(BackupDue),
}

impl Data {
    pub(super) fn data_due(&mut self, core: &mut Core, due: Due) {
        match due {
            Due::Promoted { call, database, opening } => self.promoted(core, call, database, opening),
            Due::Fenced { call, database, epoch } => self.fenced(core, call, database, epoch),
            Due::LeaseOut(database) => self.lease_out(core, database),
            Due::Patience(database, copy) => self.patience_over(core, database, copy),
            Due::Rebuilt { call, database, copy } => self.rebuilt(core, call, database, copy),
            Due::CaughtUp { call, database, copy, source } => self.caught_up(core, call, database, (copy, source)),
            Due::Heartbeat { call, database, copy } => self.heartbeat_due(core, call, database, copy),
            Due::RowsWritten { call, database, copy, written } => {
                self.rows_written(core, call, (database, copy), written);
            }
            Due::Backup(due) => self.backup_due(core, due),
        }
    }
}

#[cfg(test)]
mod tests;
