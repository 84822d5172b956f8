//! What happened: plain data that checks and reports read and that nothing can act on.
//!
//! Owns the timeline of semantic events, the laps of procedures, the signals over time, the write ledger, who
//! could write when, and the digest. Refuses to know the simulator: a record of a live drill has the same shape, so a check or a report runs on
//! either.
//!
//! Invariant: equal plans and seeds give equal records, byte for byte, whatever queue or lanes the kernel used.

mod authority;
mod buckets;
mod digest;
mod lap;
mod ledger;
mod packed;
mod signal;
mod timeline;

pub use authority::{AuthorityLog, AuthorityRecord, NAMED_STRAY_WRITES, StrayWrite, WriteTerm};
pub use buckets::{Buckets, FineBuckets};
pub use digest::{DIGEST_FORMAT, Digest};
pub use lap::{Lap, LapResult};
pub use ledger::{Ledger, NAMED_LOST_WRITES, Position, Write};
pub use packed::Points;
pub use signal::{Sample, Signal, SignalUnit, View};
pub use timeline::{Actor, Timeline, TimelineEvent};

use crate::units::{Instant, Span};

/// Everything one run left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The seed of the run.
    pub seed: u64,
    /// The fingerprint of every semantic transition.
    pub digest: Digest,
    /// Kernel events handled.
    pub events: u64,
    /// When the workload ended and healing of what was left began.
    pub workload_end: Instant,
    /// When the run ended: after the settling phase.
    pub end: Instant,
    /// What happened, in order.
    pub timeline: Timeline,
    /// Every step of every procedure, as it went.
    pub laps: Vec<Lap>,
    /// Signals over time, sorted by name.
    pub signals: Vec<Signal>,
    /// Requests counted over the whole run.
    pub requests: RequestTotals,
    /// One ledger per database, in plan order.
    pub stores: Vec<StoreRecord>,
    /// One entry per scheduled fault, in plan order.
    pub faults: Vec<FaultRecord>,
}

impl Record {
    /// The signal of that name, if the run recorded one.
    pub fn signal(&self, name: &str) -> Option<&Signal> {
        self.signals.binary_search_by(|s| s.name.as_str().cmp(name)).ok().map(|i| &self.signals[i])
    }
}

/// Requests of all workloads together, counted by their final outcome, and their latencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestTotals {
    /// Requests clients started.
    pub started: u64,
    /// Requests answered in time.
    pub ok: u64,
    /// Requests that certainly failed.
    pub failed: u64,
    /// Requests whose last attempt timed out: they may have happened.
    pub unknown: u64,
    /// Attempts made, retries included.
    pub attempts: u64,
    /// Latency quantiles of the requests answered: median, 95th and 99th percentile, and the largest.
    pub latency_p50: Span,
    /// 95th percentile.
    pub latency_p95: Span,
    /// 99th percentile.
    pub latency_p99: Span,
    /// The largest.
    pub latency_max: Span,
    /// Mean latency of the requests answered.
    pub latency_mean: Span,
}

/// A write that was acknowledged to its client and is in no surviving copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostWrite {
    /// The operation's number, unique in the run.
    pub operation: u64,
    /// The key it wrote.
    pub key: u32,
    /// The epoch of the lineage it was written in.
    pub epoch: u32,
    /// Its position in that lineage's log.
    pub lsn: u64,
    /// When the database acknowledged it.
    pub server_acked: Instant,
    /// When the client saw the acknowledgement.
    pub client_acked: Instant,
    /// Whether no surviving later write legally overwrote it, so that a reader could notice.
    pub visible: bool,
    /// The region whose copy held it last.
    pub last_seen: String,
}

/// The write ledger of one database, closed at the end of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreRecord {
    /// The database's name.
    pub store: String,
    /// Writes acknowledged to clients.
    pub acked: u64,
    /// Of these, those in no surviving copy.
    pub lost_total: u64,
    /// Of the lost, those not legally overwritten by a surviving later write.
    pub lost_visible: u64,
    /// Writes whose client never learnt the outcome and that no surviving copy holds.
    pub at_risk: u64,
    /// Lost writes the database acknowledged before the first fault began.
    pub lost_before_fault: u64,
    /// Of the lost writes the server acknowledged before the fault, the earliest client acknowledgement.
    pub first_lost_before_fault: Option<Instant>,
    /// Of the lost writes the server acknowledged after the fault, the latest client acknowledgement.
    pub last_lost_after_fault: Option<Instant>,
    /// The instant the split into before and after refers to: the start of the first fault, if there was one.
    pub fault_at: Option<Instant>,
    /// The first thousand lost writes, by acknowledgement.
    pub lost: Vec<LostWrite>,
    /// The largest loss that control announced before it acted, in writes, all its promotions together; `None` if it
    /// announced nothing.
    pub announced_bound: Option<u64>,
    /// The copies' digests at the aligned position.
    pub copies: Vec<CopyRecord>,
    /// Who could write, and who did.
    pub authority: AuthorityRecord,
}

/// The state of one copy of a database, read when everything had settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRecord {
    /// The copy's region.
    pub region: String,
    /// The epoch of the lineage it holds.
    pub epoch: u32,
    /// How far it has applied that lineage.
    pub applied_lsn: u64,
    /// Rows it holds.
    pub rows: u64,
    /// An order-independent 128-bit digest over (key, version), comparable at equal (epoch, lsn) only.
    pub digest: u128,
    /// Whether it is the authority, a follower, or set aside.
    pub role: CopyRole,
}

/// What a copy was at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyRole {
    /// It accepted writes.
    Authority,
    /// It followed the authority.
    Follower,
    /// It held writes the authority's lineage does not have, and waits for a person.
    Diverged,
    /// It could not be read: its region or process was down.
    Unreachable,
}

/// A scheduled fault, as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRecord {
    /// Its id in the scenario.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// When it began.
    pub at: Option<Instant>,
    /// When it was healed.
    pub healed: Option<Instant>,
    /// How many operations it affected. Zero means that it did not bite and proves nothing.
    pub hits: u64,
    /// Whether chance decides if and how often it happens.
    pub random: bool,
    /// Whether the scenario says that it need not happen, nor affect anything.
    pub optional: bool,
}
