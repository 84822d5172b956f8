//! What happened: plain data that checks and reports read and that nothing can act on.
//!
//! Owns the timeline of semantic events, the laps of procedures, the signals over time, the write ledger, who
//! could write when, and the digest. Does not know the simulator: a record of a live drill has the same shape, so a check or a report runs on
//! either.
//!
//! Invariant: equal plans and seeds give equal records, byte for byte, whatever queue or lanes the kernel used.

mod authority;
mod books;
mod buckets;
mod cue;
mod digest;
mod dual_write;
pub mod event;
mod failure;
mod form;
mod history;
mod lap;
mod ledger;
mod lineage;
mod loss;
mod objective;
mod observation;
mod observe;
mod overwritten;
mod packed;
mod reconciliation;
mod rows;
mod runs;
mod sampled;
mod served;
mod settled;
mod signal;
mod timeline;
mod wait;
mod write;

pub use authority::{AuthorityLog, AuthorityRecord, NAMED_STALE_EPOCH_WRITES, StaleEpochWrite, WriteTerm};
pub use books::{Books, ClosedBooks, WatchedStore};
pub use buckets::{Buckets, FineBuckets};
pub use cue::{Beginning, Cue};
pub use digest::{DIGEST_FORMAT, Digest};
pub use dual_write::{DifferingRow, DualWriteRecord, NAMED_ROWS};
pub use failure::{FailureClass, FailureCounts, FailureReason};
pub use history::{HistoryLog, KeepHistory, Operation, OperationKind, OperationOutcome, RequestEvent};
pub use lap::{Lap, LapResult};
pub use ledger::{Ledger, NAMED_LOST_WRITES};
pub use loss::{
    Closing, ClosingStore, HistoryCut, Holder, LossBound, LostWrite, LostWriteLocations, Occasion, Reach, Tip,
    Unanswered,
};
pub use objective::{LEAST_SERVICE, Objective, ServiceClass, TOTAL};
pub use observation::{NAMED_VIOLATIONS, Observation, Violation};
pub use observe::{Observer, ObserverSource, Observers, StoreEvent, Witness};
pub use packed::Points;
pub use reconciliation::{Mismatch, MismatchKind, NAMED_MISMATCHES, Reconciliation, Repaired, Strategy, TableCount};
pub use rows::{Row, RowChange, digest_of, is_row, position_of, version};
pub use runs::{ControlRun, LATE, RunState};
pub use sampled::SampledRequest;
pub use served::{Served, ServedSignals};
pub use signal::{OUTDATED, Sample, Signal, SignalUnit, Viewpoint};
pub use timeline::{Actor, Timeline, TimelineEvent};
pub use wait::Wait;
pub use write::{Position, REPAIR, Write};

use crate::units::{As, Instant, Seconds, Span};
use form::{ContentDigest, Hits};
use serde::{Deserialize, Serialize};

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
    /// What the service promised to whom.
    pub objective: Objective,
    /// The populations that sent no request.
    pub silent: Vec<String>,
    /// The windows in which an interruption was declared as planned.
    pub maintenance: Vec<Period>,
    /// Requests counted over the whole run.
    pub requests: RequestTotals,
    /// How long answers took, by class of the objective: those classes that had any.
    pub latency_by_class: Vec<ClassLatency>,
    /// One ledger per database, in plan order.
    pub stores: Vec<StoreRecord>,
    /// One entry for every pair of databases that a dual write goes to.
    pub dual_writes: Vec<DualWriteRecord>,
    /// What control found when it compared databases, in order.
    pub reconciliations: Vec<Reconciliation>,
    /// What those who watched for a property came to, each once.
    pub observations: Vec<Observation>,
    /// What clients asked of databases and were told, where that was to be kept. In no file of results.
    pub history: Option<Vec<Operation>>,
    /// Requests by themselves, a few hundred of all.
    pub sampled: Vec<SampledRequest>,
    /// Who still waited for whom when the run ended.
    pub waits: Vec<Wait>,
    /// One entry per scheduled fault, in plan order.
    pub faults: Vec<FaultRecord>,
}

impl Record {
    /// The signal of that name, if the run recorded one.
    pub fn signal(&self, name: &str) -> Option<&Signal> {
        self.signals.binary_search_by(|s| s.name.as_str().cmp(name)).ok().map(|i| &self.signals[i])
    }

    /// What the observer of that name came to; nothing if two of one name came to different things, for then nobody knows which
    /// of them is meant.
    pub fn observation(&self, observer: &str) -> Option<&Observation> {
        let mut named = self.observations.iter().filter(|seen| seen.observer == observer);
        named.next().filter(|_| named.next().is_none())
    }
}

/// Requests of all workloads together, counted by their final outcome, and their latencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestTotals {
    /// Requests clients started. In files it stands beside the others, as what they are of.
    #[serde(skip)]
    pub started: u64,
    /// Requests answered before their client gave up.
    pub ok: u64,
    /// Of all started, those of clients that exist for drills only.
    pub by_drills: u64,
    /// Of those answered, those answered within what the objective allows; clients of drills not counted.
    pub served: u64,
    /// Requests that certainly failed.
    pub failed: u64,
    /// Requests whose last attempt timed out: they may have happened.
    pub unknown: u64,
    /// Requests that users would have made if the service had not held them up.
    pub missing: u64,
    /// Attempts made, retries included.
    pub attempts: u64,
    /// Those that failed and those of unknown outcome, by the reason of their last attempt.
    #[serde(rename = "by_reason")]
    pub reasons: FailureCounts,
    /// How long they took. In files it stands beside the counts.
    #[serde(skip)]
    pub latency: Latency,
}

/// How long requests took, from when they began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// The median of the requests answered.
    #[serde(rename = "p50_s", with = "As::<Seconds>")]
    pub p50: Span,
    /// Their 95th percentile.
    #[serde(rename = "p95_s", with = "As::<Seconds>")]
    pub p95: Span,
    /// Their 99th percentile.
    #[serde(rename = "p99_s", with = "As::<Seconds>")]
    pub p99: Span,
    /// The largest of them.
    #[serde(rename = "max_s", with = "As::<Seconds>")]
    pub max: Span,
    /// Their mean.
    #[serde(rename = "mean_s", with = "As::<Seconds>")]
    pub mean: Span,
    /// The median of all requests started, of which those not answered took longer than any other: `None` if it is one of
    /// these.
    #[serde(rename = "all_p50_s", with = "As::<Option<Seconds>>")]
    pub all_p50: Option<Span>,
    /// The same of the 95th percentile.
    #[serde(rename = "all_p95_s", with = "As::<Option<Seconds>>")]
    pub all_p95: Option<Span>,
    /// The same of the 99th percentile.
    #[serde(rename = "all_p99_s", with = "As::<Option<Seconds>>")]
    pub all_p99: Option<Span>,
}

/// How long the answers to one class of requests took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClassLatency {
    /// The class, as the objective names it.
    pub class: String,
    /// Its requests that were answered.
    pub answered: u64,
    /// Their median.
    #[serde(rename = "p50_s", with = "As::<Seconds>")]
    pub p50: Span,
    /// Their 95th percentile.
    #[serde(rename = "p95_s", with = "As::<Seconds>")]
    pub p95: Span,
    /// Their 99th percentile.
    #[serde(rename = "p99_s", with = "As::<Seconds>")]
    pub p99: Span,
    /// The longest of them.
    #[serde(rename = "max_s", with = "As::<Seconds>")]
    pub max: Span,
}

impl RequestTotals {
    /// Requests that users made, or would have made: what is promised to be served.
    pub const fn promised(&self) -> u64 {
        self.started - self.by_drills + self.missing
    }
}

/// The write ledger of one database, closed at the end of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreRecord {
    /// The database's name.
    pub store: String,
    /// Writes acknowledged to clients.
    pub acked: u64,
    /// Of these, those acknowledged while something touched a copy of it, or within reach of that or of a change of authority: the
    /// ones that could have been lost.
    pub at_stake: u64,
    /// Of those acknowledged, the ones that are not in the history that leads at the end.
    pub lost_total: u64,
    /// Of the lost, those not legally overwritten by a surviving later write.
    pub lost_visible: u64,
    /// Where the lost ones are.
    pub whereabouts: LostWriteLocations,
    /// Writes never acknowledged to a client.
    pub unanswered: Unanswered,
    /// Every cut of its history, in order, and what it cost.
    pub cuts: Vec<HistoryCut>,
    /// The first thousand lost writes, by acknowledgement.
    pub lost: Vec<LostWrite>,
    /// The largest loss that control announced before it acted, in writes, all its promotions together; `None` if it
    /// announced nothing.
    pub announced: Option<LossBound>,
    /// The copies' digests at the aligned position.
    pub copies: Vec<CopyRecord>,
    /// Who could write, and who did.
    pub authority: AuthorityRecord,
}

impl StoreRecord {
    /// How far its losses reach from the outages they are measured from: the farthest of all cuts on either side.
    pub fn reach(&self) -> Reach {
        self.cuts.iter().filter_map(HistoryCut::reach).fold(Reach::default(), Reach::or)
    }

    /// Whether anything was lost to a cut before which there was no fault.
    pub fn lost_without_fault(&self) -> bool {
        self.cuts.iter().any(|cut| cut.lost > 0 && cut.outage.is_none())
    }

    /// Lost writes that were acknowledged before the outage they are measured from.
    pub fn lost_before(&self) -> u64 {
        self.cuts.iter().map(|cut| cut.lost_before).sum()
    }

    /// The cut that cost most.
    pub fn worst_cut(&self) -> Option<&HistoryCut> {
        self.cuts.iter().rev().filter(|cut| cut.lost > 0).max_by_key(|cut| cut.lost)
    }
}

/// The state of one copy of a database, read when everything had settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
pub struct CopyRecord {
    /// The copy's region.
    pub region: String,
    /// Whether it is the authority, a follower, or set aside.
    pub role: CopyRole,
    /// The epoch of the lineage it holds.
    pub epoch: u32,
    /// How far it has applied that lineage.
    pub applied_lsn: u64,
    /// Rows it holds.
    pub rows: u64,
    /// An order-independent 128-bit digest over (key, version), comparable at equal (epoch, lsn) only.
    #[serde(with = "As::<ContentDigest>")]
    pub digest: u128,
}

/// What a copy was at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaultRecord {
    /// Its id in the scenario.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// When it began.
    #[serde(rename = "at_s", with = "As::<Option<Seconds>>")]
    pub at: Option<Instant>,
    /// When it was healed.
    #[serde(rename = "healed_s", with = "As::<Option<Seconds>>")]
    pub healed: Option<Instant>,
    /// How many operations it affected. Zero means that it had no effect and proves nothing.
    #[serde(flatten, with = "As::<Hits>")]
    pub hits: u64,
    /// How it can get at the requests of clients.
    pub reach: FaultReach,
    /// Requests of clients it touched by itself, served or not.
    pub touched: u64,
    /// The times it was on, in order and apart; a fault that flaps is on until it has stopped flapping.
    pub periods: Vec<Period>,
    /// Whether chance decides if and how often it happens.
    pub random: bool,
    /// Whether the scenario says that it need not happen, nor affect anything.
    pub optional: bool,
}

/// How a fault can get at the requests of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FaultReach {
    /// It touches them itself: they are refused, lost or late because of it.
    Direct,
    /// It takes away what they need, so that they fail.
    Indirect,
    /// It affects control, monitoring or people only: alone it makes no request fail.
    Control,
}

impl std::fmt::Display for FaultReach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Indirect => "indirect",
            Self::Control => "control",
        })
    }
}

/// A time during which a fault was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// When it began.
    #[serde(rename = "from_s", with = "As::<Seconds>")]
    pub from: Instant,
    /// When it was healed; `None`: never while clients sent requests.
    #[serde(rename = "until_s", with = "As::<Option<Seconds>>")]
    pub until: Option<Instant>,
}
