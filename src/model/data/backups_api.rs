//! The control interface of backups.
//!
//! Owns its commands. Does not know which backup control will choose.

use super::Data;
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::operation::{Action, Nature, Operation};
use crate::model::plan::Interface;
use crate::model::ports::{SimulatedPorts, misfit};
use crate::ports::{BackupEntry, Backups, CopyDamage, PortError, RestorePoint, Verification};
use crate::units::{DatabaseId, Instant, RegionId};

/// What can be asked of it.
#[derive(Debug, Clone, PartialEq)]
pub enum BackupsCommand {
    /// Look what is left of a copy.
    AssessDamage(DatabaseId, RegionId),
    /// Read the catalogue of backups.
    ListBackups(DatabaseId),
    /// Read a backup to its end.
    VerifyBackup(DatabaseId, u32),
    /// Restore a backup into a copy, under an epoch.
    RestoreBackup { database: DatabaseId, region: RegionId, backup: u32, epoch: u32 },
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub enum BackupsAnswer {
    /// What is left of a copy.
    Damage(CopyDamage),
    /// The catalogue of backups.
    Backups(Vec<BackupEntry>),
    /// What verifying a backup has found.
    Verified(Verification),
    /// Where a restore has got to.
    Restored(RestorePoint),
}

impl Operation for BackupsCommand {
    fn nature(&self) -> Nature {
        match self {
            Self::AssessDamage(..) | Self::ListBackups(_) | Self::VerifyBackup(..) => Nature::Asks,
            Self::RestoreBackup { .. } => Nature::Changes(Action::RestoreBackup),
        }
    }

    fn interface(&self) -> Option<Interface> {
        match self {
            // The database's own control interface knows that.
            Self::AssessDamage(..) => Some(Interface::Databases),
            Self::ListBackups(_) | Self::VerifyBackup(..) | Self::RestoreBackup { .. } => Some(Interface::Backups),
        }
    }
}

impl Data {
    /// Control asks something of backups.
    pub(in crate::model) fn execute_backups(&mut self, core: &mut Core, call: u32, command: BackupsCommand) {
        match command {
            BackupsCommand::AssessDamage(database, region) => self.assess_damage(core, call, database, region),
            BackupsCommand::ListBackups(database) => self.list_backups(core, call, database),
            BackupsCommand::VerifyBackup(database, backup) => self.verify_backup(core, call, database, backup),
            BackupsCommand::RestoreBackup { database, region, backup, epoch } => {
                self.restore_backup(core, call, database, region, backup, epoch);
            }
        }
    }

    /// What `command` is answered with when it is done.
    pub(in crate::model) fn backups_as_if_done(&self, core: &Core, command: &BackupsCommand) -> Answer {
        match command {
            BackupsCommand::RestoreBackup { database, backup, .. } => {
                let (now, backups) = (core.now(), &self.databases[database.index()].backups);
                let found = backups.as_ref().and_then(|held| Some(held.reaches(held.get(*backup, now)?, now)));
                BackupsAnswer::Restored(found.unwrap_or(RestorePoint { lsn: 0, at: Instant::ZERO })).into()
            }
            _ => Answer::Done,
        }
    }
}

impl Backups for SimulatedPorts {
    async fn assess_damage(&self, database: &str, region: &str) -> Result<CopyDamage, PortError> {
        match self.ask(BackupsCommand::AssessDamage(self.database(database)?, self.region(region)?)).await? {
            Answer::Backups(BackupsAnswer::Damage(damage)) => Ok(damage),
            other => misfit(&other),
        }
    }
    async fn list_backups(&self, database: &str) -> Result<Vec<BackupEntry>, PortError> {
        match self.ask(BackupsCommand::ListBackups(self.database(database)?)).await? {
            Answer::Backups(BackupsAnswer::Backups(mut entries)) => {
                for entry in &mut entries {
                    (entry.taken, entry.reaches) = (self.shifted(entry.taken), self.point_shifted(entry.reaches));
                }
                Ok(entries)
            }
            other => misfit(&other),
        }
    }
    async fn verify_backup(&self, database: &str, backup: u32) -> Result<Verification, PortError> {
        match self.ask(BackupsCommand::VerifyBackup(self.database(database)?, backup)).await? {
            Answer::Backups(BackupsAnswer::Verified(Verification::Restorable(point))) => {
                Ok(Verification::Restorable(self.point_shifted(point)))
            }
            Answer::Backups(BackupsAnswer::Verified(unusable)) => Ok(unusable),
            other => misfit(&other),
        }
    }
    async fn restore_backup(
        &self,
        database: &str,
        region: &str,
        backup: u32,
        epoch: u32,
    ) -> Result<RestorePoint, PortError> {
        let (database, region) = (self.database(database)?, self.region(region)?);
        match self.ask(BackupsCommand::RestoreBackup { database, region, backup, epoch }).await? {
            Answer::Backups(BackupsAnswer::Restored(point)) => Ok(self.point_shifted(point)),
            other => misfit(&other),
        }
    }
}
