//! What happens to databases, their copies and their backups.

use crate::record::LossBound;
use crate::units::{Span, plural};

events! {
    /// What happens to databases, their copies and their backups.
    DataEvent, DataKind;

    /// No copy of an older epoch accepts writes any more, as far as the database can enforce it.
    Fenced by World "db.{database}.fenced" { database: String, epoch: u32 }
        => "{database} rejects writes older than epoch {epoch}"
    /// Writes waited too long for a replica and no longer wait: commit is asynchronous.
    Degraded by World "db.{database}.degraded" { database: String, region: String, waited: Span }
        => "{database} waited {waited:#} in {region} for a replica and proceeds without one: commit is now asynchronous"
    /// A replica answers again, and writes wait for it.
    Synchronous by World "db.{database}.synchronous" { database: String }
        => "a replica of {database} answers: commit is synchronous again"
    /// Too few of the replicas that commits wait for answer: no write is acknowledged.
    CommitsBlocked by World "db.{database}.commits_blocked" { database: String }
        => "too few replicas of {database} answer: commits wait for them"
    /// Enough of the replicas that commits wait for answer again.
    CommitsUnblocked by World "db.{database}.commits_unblocked" { database: String }
        => "enough replicas of {database} answer: commits go on"
    /// The log kept for replicas filled the authority's disk: it accepts no more writes.
    LogFull by World "db.{database}.log_full" { database: String }
        => "{database}: the log kept for replicas fills the disk: no more writes"
    /// Replicas received enough of the log for writes to resume.
    LogFreed by World "db.{database}.log_freed" { database: String }
        => "{database}: replicas have received enough of the log: writes resume"
    /// The authority could not renew its lease in time and accepts no more writes.
    LeaseOut by World "db.{database}.lease_out" { database: String, region: String }
        => "the lease of {region} on {database} has expired: it accepts no more writes"
    /// A rebuild of a copy started: what only it held was discarded, and the authority's data is copied to it.
    RebuildBegun by World "db.{database}.rebuild_begun" { database: String, region: String, discarded: u64 }
        => {
        let discarded = plural(*discarded, "write");
        format!("{database} is being rebuilt in {region}, which discards {discarded} that no other copy had")
    }
    /// A rebuilt copy replicates again.
    Rebuilt by World "db.{database}.rebuilt" { database: String, region: String, from: u64 }
        => "{region} replicates {database} again, from position {from}"
    /// A copy received what another copy had and it had not.
    CaughtUp by World "db.{database}.caught_up" { database: String, region: String, source: String, up_to: u64 }
        => "{region} has received {database} up to position {up_to} from {source}"
    /// A copy of the database became the authority.
    Promoted by World "db.{database}.promoted" { database: String, region: String, from: u64, epoch: u32 }
        => "{region} leads {database} from position {from}, epoch {epoch}"
    /// A full backup was uploaded completely.
    BackedUp by World "db.{database}.backed_up" { database: String, backup: u32, up_to: u64 }
        => "backup {backup} of {database} is complete up to position {up_to}"
    /// A backup was read to its end and is valid.
    BackupVerified by World "db.{database}.backup_verified" { database: String, backup: u32, up_to: u64, gap: bool } => {
        let gap = if *gap { "; the log after that has a gap" } else { "" };
        format!("backup {backup} of {database} is valid up to position {up_to}{gap}")
    }
    /// A backup was read and cannot be restored.
    BackupUnusable by World "db.{database}.backup_unusable" { database: String, backup: u32 }
        => "backup {backup} of {database} cannot be read"
    /// A restore of a backup started; the previous contents of the copy are gone.
    RestoreBegun by World "db.{database}.restore_begun" { database: String, region: String, backup: u32, up_to: u64 }
        => "backup {backup} of {database} is being restored to {region}, up to position {up_to}"
    /// A restore is complete: the copy holds the contents of the backup and its log.
    Restored by World "db.{database}.restored" { database: String, up_to: u64, ago: Span }
        => "{database} is restored to position {up_to}, {ago:#} ago"
    /// A restore failed.
    RestoreFailed by World "db.{database}.restore_failed" { database: String, backup: u32 }
        => "backup {backup} of {database} could not be restored"
    /// Control announced how much may be lost before it acted.
    LossAnnounced by Control "db.{database}.loss_announced" { database: String, bound: LossBound } => {
        let LossBound { if_dead, if_alive } = bound;
        if if_dead == if_alive {
            format!("{database} may lose up to {if_dead} writes")
        } else {
            format!("{database} may lose up to {if_dead} writes if its authority is dead, {if_alive} if it is only cut off")
        }
    }
}
