//! How a database is backed up, as planned.

use crate::units::{Bytes, Rate, RegionId, Span, Throughput};

/// Backups of one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPlan {
    /// The region they are kept in; `None`: elsewhere, out of reach of any region's outage.
    pub place: Option<RegionId>,
    /// The interval between full backups.
    pub full_every: Span,
    /// Between two archived segments of the log; `None`: the log is not archived.
    pub log_every: Option<Span>,
    /// How far back a restore can go.
    pub retention: Span,
    /// What the database holds at the start.
    pub volume: Bytes,
    /// What each write adds to it, and takes in the log.
    pub record: Bytes,
    /// How fast a backup reaches its store.
    pub upload: Throughput,
    /// How fast a full backup is read back into a database.
    pub restore: Throughput,
    /// How fast a backup is read to verify it.
    pub verify: Throughput,
    /// Log records replayed per second on top of a full backup.
    pub replay: Rate,
    /// Whether a property looks at how old they are: then somebody notices what becomes of them, restored or not.
    pub watched: bool,
}
