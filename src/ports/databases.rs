//! The databases' control interface: who may write, and how far each copy has got.
//!
//! Invariant: an epoch has one authority at most, and belongs to the controller that asked for it first.

use super::PortError;
use serde::{Deserialize, Serialize};

/// The state of one copy of a database, as the copy itself reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyStatus {
    /// The copy's region.
    pub region: String,
    /// The epoch it has last seen.
    pub epoch: u32,
    /// The last position it has applied.
    pub applied_lsn: u64,
    /// The last position it has received, applied or not. Of a copy that takes writes or was fenced off from that: the
    /// last one in its log, which after the fence does not change any more.
    pub received_lsn: u64,
    /// Whether it accepts writes.
    pub writable: bool,
    /// Whether it may be promoted: it has data, and nothing that is not in the authority's history.
    pub promotable: bool,
    /// The region whose copy leads, as the control interface of the database knows it.
    pub leader: String,
}

/// Positions that an authority's log has not passed, as far as monitoring can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadBound {
    /// If it took no more writes once a scrape had failed.
    pub if_dead: u64,
    /// If it is only cut off, and has kept accepting writes until now. Never below the other.
    pub if_alive: u64,
}

/// How a database is set up, as far as it decides what a promotion can lose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseTerms {
    /// The regions that hold a copy.
    pub copies: Vec<String>,
    /// The copies of which every acknowledged write is on some, wherever the authority is; `None`: commits do not wait for
    /// other copies, or may stop waiting.
    pub quorum: Option<AckQuorum>,
    /// Whether a promotion discards what its copy has received and not applied.
    pub discards_unapplied: bool,
}

/// What commits wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckQuorum {
    /// The regions of the copies that count, other than the one that leads.
    pub of: Vec<String>,
    /// How many of these have every acknowledged write, at least.
    pub acks: usize,
}

/// A promotion that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// The new epoch.
    pub epoch: u32,
    /// The position the new lineage starts from.
    pub from_lsn: u64,
}

/// The databases' control interface.
pub trait Databases {
    /// The databases that have a copy in `region`, by name.
    async fn databases_in(&self, region: &str) -> Result<Vec<String>, PortError>;
    /// The state of the copy in `region`.
    async fn copy_status(&self, database: &str, region: &str) -> Result<CopyStatus, PortError>;
    /// Positions that the authority's log has not passed: the head last scraped, plus what may have been written since.
    /// `None` if it was not seen often enough to tell.
    async fn head_bound(&self, database: &str) -> Result<Option<HeadBound>, PortError>;
    /// Raises the epoch so that no copy of an older one may acknowledge a write, as far as the database can see to
    /// that: at once, or once the old authority's lease has run out. Returns the epoch that is then in effect. An epoch
    /// belongs to the controller that asked for it first. Idempotent: asking again for one's own succeeds; one that
    /// another controller asked for is refused.
    async fn fence(&self, database: &str, epoch: u32) -> Result<u32, PortError>;
    /// Makes the copy in `region` the authority of `epoch`, after it has applied all it received. Idempotent. Refused if
    /// the epoch is another controller's, or another copy leads it.
    async fn promote(&self, database: &str, region: &str, epoch: u32) -> Result<Promotion, PortError>;
    /// Makes the copy in `region` follow the authority again, whatever it holds: what it has of its own is discarded,
    /// and the authority's data is copied to it. Returns once the data is there; it then catches up. Nothing is done to a
    /// copy that follows. Idempotent.
    async fn rebuild(&self, database: &str, region: &str) -> Result<(), PortError>;
    /// How the database is set up.
    async fn database_terms(&self, database: &str) -> Result<DatabaseTerms, PortError>;
    /// Gives the copy in `region` what the copy in `from` has of their common history. Returns the last position it has
    /// received then. Idempotent. Refused if no records get from one to the other.
    async fn catch_up(&self, database: &str, region: &str, from: &str) -> Result<u64, PortError>;
    /// Commits a row of control's own (a heartbeat) at the copy in `region`, as clients' writes are committed there. Returns
    /// once it is acknowledged; refused if it is not within the time that clients of the database wait.
    async fn write_heartbeat(&self, database: &str, region: &str) -> Result<(), PortError>;
}
