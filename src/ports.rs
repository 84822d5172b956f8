//! What a procedure may touch, and nothing else.
//!
//! Owns the traits through which control acts on the world and the errors they answer with. Refuses to know whether
//! the other side is the simulator, a test double or a real system.
//!
//! Invariants: every call that leaves the controller takes time, can be refused, and can end without anybody knowing whether it happened
//! ([`PortError::Indeterminate`]). No call waits for ever in silence: an implementation answers within its own time-out,
//! unless the other side has accepted a change that takes time; then the caller's budget is the limit. Dropping
//! the future of a call that was sent leaves its effect indeterminate.
//!
//! Every call that changes something is refused once a newer lease than the one it is made under has been granted, also
//! if that happens between its acceptance and its taking effect.
//!
//! The futures need not be `Send`: procedures run on one thread.
#![expect(async_fn_in_trait, reason = "single-threaded by design: static dispatch, futures need not be Send")]

mod metrics;

pub use metrics::{Labels, Metric, MetricSample, Metrics, Query};

use crate::record::event::Event;
use crate::record::{Lap, LossBound};
use crate::units::{Bytes, Instant, Ratio, Span};
use std::fmt;

/// Why a port call did not return what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortError {
    /// The other side understood and said no. It certainly did not happen.
    Refused(String),
    /// Nothing was sent, or the other side is known to be down. It certainly did not happen.
    Unreachable(String),
    /// No answer came. It may have happened.
    Indeterminate(String),
    /// Another controller holds a newer lease: whoever gets this may not act any more. It certainly did not happen.
    Superseded {
        /// The epoch of the lease the call was made under.
        held: u32,
        /// The newest epoch granted.
        newest: u32,
    },
}

impl PortError {
    /// Whether the call certainly had no effect.
    pub const fn is_definite(&self) -> bool {
        !matches!(self, Self::Indeterminate(_))
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Unreachable(why) => write!(f, "unreachable: {why}"),
            Self::Indeterminate(why) => write!(f, "no answer, it may have happened: {why}"),
            Self::Superseded { held, newest } => {
                write!(f, "this controller leads epoch {held}, and epoch {newest} was granted to another")
            }
        }
    }
}

impl std::error::Error for PortError {}

/// The clock the procedure lives by.
pub trait Clock {
    /// The present instant.
    fn now(&self) -> Instant;
    /// Waits for `span`.
    async fn sleep(&self, span: Span);
}

/// The DNS provider's control API.
pub trait Dns {
    /// Points the record `name` at `region`. Returns once the change is published at the authoritative servers;
    /// caches go on serving what they hold until it expires. Idempotent.
    async fn point_record(&self, name: &str, region: &str) -> Result<(), PortError>;
    /// The region the authoritative servers name at present.
    async fn read_record(&self, name: &str) -> Result<String, PortError>;
}

/// Weighted routing of one service name across regions.
pub trait LoadBalancer {
    /// Sets the share of each region; what is not named gets nothing. Idempotent.
    async fn set_weights(&self, weights: &[(String, Ratio)]) -> Result<(), PortError>;
    /// The weights in force, as the balancer reports them.
    async fn read_weights(&self) -> Result<Vec<(String, Ratio)>, PortError>;
}

/// The state of one service in one region, as its platform reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceStatus {
    /// The service.
    pub service: String,
    /// Whether it serves.
    pub active: bool,
    /// Servers ready.
    pub servers: u32,
}

/// The platform that runs the services of a region.
pub trait Services {
    /// Makes every service of `region` ready to serve. Returns once all are. Idempotent.
    async fn activate(&self, region: &str) -> Result<(), PortError>;
    /// Puts the services of `region` back on standby. Idempotent.
    async fn deactivate(&self, region: &str) -> Result<(), PortError>;
    /// The state of every service of `region`.
    async fn service_status(&self, region: &str) -> Result<Vec<ServiceStatus>, PortError>;
}

/// The state of one copy of a database, as the copy itself reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The region whose copy leads, as the control interface of the database knows it.
    pub leader: String,
}

/// Positions that an authority's log has not passed, as far as monitoring can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadBound {
    /// If it took no more writes once a scrape had failed.
    pub if_dead: u64,
    /// If it is only cut off, and has gone on taking writes until now. Never below the other.
    pub if_alive: u64,
}

/// A promotion that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// that: at once, or once the old authority's lease has run out. Returns the epoch that is then in force.
    /// An epoch belongs to the controller that asked for it first. Idempotent: asking again for one's own succeeds; one that
    /// another controller asked for is refused.
    async fn fence(&self, database: &str, epoch: u32) -> Result<u32, PortError>;
    /// Makes the copy in `region` the authority of `epoch`, after it has applied all it received. Idempotent. Refused if
    /// the epoch is another controller's, or another copy leads it.
    async fn promote(&self, database: &str, region: &str, epoch: u32) -> Result<Promotion, PortError>;
    /// Makes the copy in `region` follow the authority again, whatever it holds: what it has of its own is discarded,
    /// and the authority's data is copied to it. Returns once the data is there; it then catches up. Nothing is done to a
    /// copy that follows. Idempotent.
    async fn rebuild(&self, database: &str, region: &str) -> Result<(), PortError>;
}

/// What is left of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The copy's region.
    pub region: String,
    /// The newest epoch of the database that its control interface knows.
    pub epoch: u32,
    /// Whether its data are gone.
    pub lost: bool,
}

/// What a catalogue says of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupState {
    /// It was taken, and nobody has looked at it since.
    Unverified,
    /// It was read to its end and is good.
    Verified,
    /// It was looked at, and cannot be restored.
    Unusable,
}

/// A point in a database's history that can be gone back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestorePoint {
    /// The last position it holds.
    pub lsn: u64,
    /// When that was the newest, at the least.
    pub at: Instant,
}

/// A backup, as the catalogue has it: what it says need not be true.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// It can be restored, and the log after it up to there.
    Restorable(RestorePoint),
    /// It cannot, and why.
    Unusable(String),
}

/// The backups of databases, and what is left of these.
pub trait Backups {
    /// What is left of the copy in `region`.
    async fn assess_damage(&self, database: &str, region: &str) -> Result<Damage, PortError>;
    /// The backups there are, oldest first, as the catalogue has them.
    async fn list_backups(&self, database: &str) -> Result<Vec<BackupEntry>, PortError>;
    /// Reads a backup and the log after it to their end. Takes as long as that takes. Idempotent.
    async fn verify_backup(&self, database: &str, backup: u32) -> Result<Verification, PortError>;
    /// Restores a backup and the log after it into the copy in `region`, whose own data are discarded, under `epoch`,
    /// which must be in force. Returns where it has got to once that is done; the copy is then whole and takes no writes:
    /// promoting it opens it, and ends what was written after that point. Asking again joins the restore under way.
    /// Idempotent per epoch.
    async fn restore_backup(
        &self,
        database: &str,
        region: &str,
        backup: u32,
        epoch: u32,
    ) -> Result<RestorePoint, PortError>;
}

/// A synthetic request through the data plane of one region.
pub trait Probe {
    /// Sends one request to `service` in `region`, past DNS and balancer. Returns how long the answer took.
    async fn probe(&self, region: &str, service: &str) -> Result<Span, PortError>;
}

/// Telling people.
pub trait Notifier {
    /// Hands `message` to the channel of `audience`. Returns once the channel has accepted it.
    async fn notify(&self, audience: &str, message: &str) -> Result<(), PortError>;
}

/// What a person said to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Yes.
    Approved,
    /// No, and why.
    Refused(String),
}

/// People, one by one: those who are asked before something is done, and those who must act when nothing else can.
///
/// Once the channel has taken on a page or a question, the caller's budget is the limit: a person who does not respond
/// stays silent, and silence is not an error.
pub trait People {
    /// Pages `person` with `message`. Returns once that person has acknowledged.
    async fn page(&self, person: &str, message: &str) -> Result<(), PortError>;
    /// Puts `question` before `person`, who turns to it after acknowledging a page. Returns what was answered.
    async fn ask(&self, person: &str, question: &str) -> Result<Reply, PortError>;
}

/// The right to act alone, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// One above that of any lease before. Every call that changes something carries it.
    pub epoch: u32,
    /// For how long from the instant it was asked for, if it is not renewed.
    pub lasts: Span,
}

/// Where a controller writes what it is about to do and has done, so that whoever comes after it can go on. One
/// journal is shared by all who may take over from each other.
pub trait Journal {
    /// Asks for the right to act alone for `span`. Refused while somebody else holds it; a new holder gets a new epoch.
    /// Asking again while holding it gives a new epoch too: the answer to the first may have been lost.
    async fn acquire_lease(&self, span: Span) -> Result<Lease, PortError>;
    /// Holds the lease of the epoch these ports act under for another `span`. [`PortError::Superseded`] if it was
    /// granted to somebody else since; one that ran out and that nobody took is given again.
    async fn renew_lease(&self, span: Span) -> Result<(), PortError>;
    /// The entries from number `from` on, oldest first.
    async fn read_journal(&self, from: u64) -> Result<Vec<String>, PortError>;
    /// Appends `entry` as number `position`, durably. Refused if the journal does not hold exactly `position` entries.
    async fn append_journal(&self, position: u64, entry: &str) -> Result<(), PortError>;
}

/// Acting in the name of a lease.
pub trait Tenure {
    /// The same ports, every call made under the lease of `epoch`. Until then they act under none, epoch 0.
    #[must_use]
    fn under(&self, epoch: u32) -> Self;
    /// The epoch of the lease these ports act under; 0: none.
    fn epoch(&self) -> u32;
}

/// Where control writes down what it does for people to read. Never fails and never waits.
pub trait Audit {
    /// A step ended.
    fn lap(&self, lap: Lap);
    /// Something was noticed, decided or begun. What no declaration describes is [told by name](Event::told).
    fn event(&self, event: impl Into<Event>);
    /// The largest loss that the action about to be taken may cost in `database`.
    fn announce_loss_bound(&self, database: &str, bound: LossBound);
}

/// Everything a procedure may touch.
pub trait Ports:
    Clock
    + Dns
    + LoadBalancer
    + Services
    + Databases
    + Backups
    + Metrics
    + Probe
    + Notifier
    + People
    + Journal
    + Tenure
    + Audit
    + Clone
    + 'static
{
}

impl<T> Ports for T where
    T: Clock
        + Dns
        + LoadBalancer
        + Services
        + Databases
        + Backups
        + Metrics
        + Probe
        + Notifier
        + People
        + Journal
        + Tenure
        + Audit
        + Clone
        + 'static
{
}
