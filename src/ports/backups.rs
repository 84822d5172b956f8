//! The backups of databases, and what is left of the databases themselves.
//!
//! Invariant: what a catalogue says is a claim; only reading a backup to its end shows whether it can be restored.

use super::PortError;
use crate::units::{Bytes, Instant};
use serde::{Deserialize, Serialize};

/// What is left of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyDamage {
    /// The copy's region.
    pub region: String,
    /// The newest epoch of the database that its control interface knows.
    pub epoch: u32,
    /// Whether its data are gone.
    pub lost: bool,
}

/// What a catalogue says of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackupState {
    /// It was taken, and nobody has looked at it since.
    Unverified,
    /// It was read to its end and is good.
    Verified,
    /// It was looked at, and cannot be restored.
    Unusable,
}

/// A point in a database's history that can be gone back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorePoint {
    /// The last position it holds.
    pub lsn: u64,
    /// When that was the newest, at the least.
    pub at: Instant,
}

/// A backup, as the catalogue has it: what it says need not be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupEntry {
    /// Its number; later ones have higher numbers.
    pub backup: u32,
    /// When it was taken.
    pub taken: Instant,
    /// How large it is.
    pub size: Bytes,
    /// What is known of it.
    pub state: BackupState,
    /// How far it reaches with the log that was archived after it.
    pub reaches: RestorePoint,
}

/// What verifying a backup has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verification {
    /// It can be restored, and the log after it up to there.
    Restorable(RestorePoint),
    /// It cannot, and why.
    Unusable(String),
}

/// The backups of databases, and what is left of these.
pub trait Backups {
    /// What is left of the copy in `region`.
    async fn assess_damage(&self, database: &str, region: &str) -> Result<CopyDamage, PortError>;
    /// The backups there are, oldest first, as the catalogue has them.
    async fn list_backups(&self, database: &str) -> Result<Vec<BackupEntry>, PortError>;
    /// Reads a backup and the log after it to their end. Takes as long as that takes. Idempotent.
    async fn verify_backup(&self, database: &str, backup: u32) -> Result<Verification, PortError>;
    /// Restores a backup and the log after it into the copy in `region`, whose own data are discarded, under `epoch`,
    /// which must be in effect. Returns where it has got to once that is done; the copy is then whole and takes no
    /// writes: promoting it opens it, and ends what was written after that point. Asking again joins the restore under
    /// way. Idempotent per epoch.
    async fn restore_backup(
        &self,
        database: &str,
        region: &str,
        backup: u32,
        epoch: u32,
    ) -> Result<RestorePoint, PortError>;
}
