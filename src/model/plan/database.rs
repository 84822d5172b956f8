//! Databases and their copies, as planned.

use super::BackupPlan;
use crate::kernel::chance;
use crate::units::{Bytes, Rate, Ratio, RegionId, Span};

/// When a database acknowledges a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// Once its own log is durable.
    Asynchronous,
    /// Once, besides, as many replicas as its [`AckRule`] says have it durably.
    Synchronous,
}

/// Which replicas a synchronous commit waits for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AckRule {
    /// The regions of those that count; empty: every replica does. After a failover the first primary counts as well.
    pub of: Vec<RegionId>,
    /// How many of them.
    pub count: AckCount,
}

/// How many of the replicas that count a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckCount {
    /// So many, whichever are first to answer.
    Any(u32),
    /// The first so many, as they are listed, of those that are connected.
    First(u32),
    /// Every one, connected or not.
    All,
}

impl Default for AckCount {
    fn default() -> Self {
        Self::Any(1)
    }
}

/// What keeps a copy that has lost its authority from acknowledging writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fencing {
    /// Every commit checks the epoch at shared quorum storage, wherever the copy is.
    Storage,
    /// The authority holds a lease of this length, which it renews as long as it can; it stops when that runs out.
    Lease(Span),
    /// Nothing but being told.
    None,
}

/// Room for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSpace {
    /// How much there is.
    pub size: Bytes,
    /// How much one record takes.
    pub record: Bytes,
}

/// A database and its copies.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabasePlan {
    /// Its name.
    pub name: String,
    /// The region of the copy that is the authority at the start.
    pub primary: RegionId,
    /// How that copy is fed once it follows another.
    pub primary_follows: Feed,
    /// The other copies.
    pub replicas: Vec<ReplicaPlan>,
    /// The zone, from 1, of each copy that lies in a single one of its region.
    pub zones: Vec<(RegionId, u32)>,
    /// When a write is acknowledged.
    pub commit: Commit,
    /// With synchronous commit, which replicas a write waits for.
    pub acks: AckRule,
    /// With synchronous commit, how long a write waits for a replica before the authority proceeds without any; `None`:
    /// forever.
    pub degrade_after: Option<Span>,
    /// What the disk of a copy can keep of the log for replicas that have not received it; `None`: anything.
    pub log_space: Option<LogSpace>,
    /// Operations a copy can do per second, those of clients and those it sends on to replicas together; `None`: replicas
    /// are fed as fast as they can apply.
    pub capacity: Option<Rate>,
    /// From a write entering the log to its being durable and visible on the copy that took it.
    pub commit_time: Span,
    /// How long a read takes.
    pub read_time: Span,
    /// How long a promotion takes, in addition to applying what was received.
    pub promote_time: Span,
    /// Whether a promotion discards what the copy has received and not applied, instead of applying it first.
    pub discards_unapplied: bool,
    /// Its tables, each with its share of all keys, which make a whole; none: there is one, without a name.
    pub tables: Vec<(String, Ratio)>,
    /// Whether anything of control reads or writes its rows, so that it must be known what they hold.
    pub rows_are_read: bool,
    /// Whether a row that was deleted is left as one that says so, for whoever reads rows; otherwise nothing is left.
    pub soft_deletes: bool,
    /// What keeps a copy that has lost its authority from acknowledging writes.
    pub fencing: Fencing,
    /// With a lease: whether the authority writes on while the store of leases is out, as long as it reaches every other
    /// copy.
    pub failsafe: bool,
    /// How long it takes to copy the authority's data to a copy that is rebuilt, besides catching up.
    pub rebuild_time: Span,
    /// How long a service waits for an answer before it returns an error to its caller.
    pub call_timeout: Span,
    /// How it is backed up; `None`: not at all.
    pub backups: Option<BackupPlan>,
}

impl DatabasePlan {
    /// The table, by number, that the row of `key` is in. Tables take keys as they come, frequent and rare ones alike.
    pub fn table_of(&self, key: u32) -> u16 {
        let draw = scattered(key);
        let mut below = 0;
        let ends = self.tables.iter().map(|(_, share)| {
            below += share.as_ppb();
            Ratio::from_ppb(below)
        });
        let is_in = |(_, end): &(u16, Ratio)| chance(draw, *end);
        (0..).zip(ends).find(is_in).map_or(0, |(table, _)| table)
    }
}

/// A number that looks drawn, the same for the same key: the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
const fn scattered(key: u32) -> u64 {
    let mut x = (key as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// One replica.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaPlan {
    /// Its region.
    pub region: RegionId,
    /// How it is fed.
    pub feed: Feed,
}

/// How a copy that follows is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// From a record being durable on the authority to its being durable on the copy.
    pub delay: Span,
    /// Records the copy applies per second. `None`: as fast as they come.
    pub apply_rate: Option<Rate>,
}
