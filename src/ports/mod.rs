//! What a procedure may touch, and nothing else.
//!
//! Owns the traits through which control acts on the world, one file for each capability, and the errors they answer with.
//! Does not know whether the other side is the simulator, a test double or a real system.
//!
//! Invariants: every call that leaves the controller takes time, can be refused, and can end without anybody knowing
//! whether it happened ([`PortError::Indeterminate`]). No call waits forever in silence: an implementation answers
//! within its own time-out, unless the other side has accepted a change that takes time; then the caller's budget is
//! the limit. Dropping the future of a call that was sent leaves its effect indeterminate.
//!
//! Every call that changes something is refused once a newer lease than the one it is made under has been granted, also
//! if that happens between its acceptance and its taking effect.
//!
//! No trait stands for all of them: each caller names what it needs, so that a system without backups or without a
//! balancer need not pretend to have one. The futures need not be `Send`: procedures run on one thread.
#![expect(async_fn_in_trait, reason = "single-threaded by design: static dispatch, futures need not be Send")]

mod audit;
mod backups;
mod balancer;
mod clock;
mod databases;
mod dns;
mod error;
mod journal;
mod metrics;
mod notifier;
mod objects;
mod occurrences;
mod people;
mod probe;
mod rows;
mod services;
mod tenure;

pub use crate::record::Row;
pub use audit::Audit;
pub use backups::{BackupEntry, BackupState, Backups, CopyDamage, RestorePoint, Verification};
pub use balancer::LoadBalancer;
pub use clock::Clock;
pub use databases::{AckQuorum, CopyStatus, DatabaseTerms, Databases, HeadBound, Promotion};
pub use dns::Dns;
pub use error::PortError;
pub use journal::{Journal, Lease};
pub use metrics::{Labels, Metric, MetricSample, Metrics, Query};
pub use notifier::Notifier;
pub use objects::{BucketDamage, BucketRepair, BucketStatus, Objects};
pub use occurrences::Occurrences;
pub use people::{People, Reply};
pub use probe::Probe;
pub use rows::{Expected, RowPage, RowWrite, Rows, RowsWritten};
pub use services::{ServiceStatus, Services};
pub use tenure::Tenure;

/// What it takes to run a procedure at all, whatever its steps touch: time, a journal, a lease to act under, and an audit
/// trail. Whoever has these has it.
pub trait Runtime: Clock + Journal + Tenure + Audit + Clone + 'static {}

impl<P: Clock + Journal + Tenure + Audit + Clone + 'static> Runtime for P {}
