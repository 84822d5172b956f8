//! The control logic on a real clock: what every procedure needs to run, in a folder that controllers share.
//!
//! Owns the clock, the journal, the lease and the audit trail of a group of controllers on one machine. Does not know
//! the simulator, nor the systems that procedures act on: users add those by wrapping [`LiveRuntime`] in a type of
//! their own that implements the capabilities it has. `examples/live_failover` does it.
//!
//! Invariants: the procedures and their runner are the same code as in a rehearsal, and cannot tell the difference.
//! What the journal has acknowledged survives the process and the machine. A process that was killed anywhere leaves
//! files that the next one can resume from, or that say why not.
//!
//! The lock, the lease and the order of the journal hold for processes on one machine. Controllers on several need a
//! journal that is served by something that several machines agree on: that is [`Journal`](crate::ports::Journal)
//! implemented over it, and nothing else of this.

mod audit;
mod checksum;
mod clock;
mod drill;
mod error;
mod lease;
mod lines;
mod runtime;

pub use audit::LiveRecord;
pub use clock::LiveClock;
pub use drill::{LiveAnswer, LiveDrill, LiveFault, LivePromotion, LiveRequest, LiveStore};
pub use error::LiveError;
pub use runtime::LiveRuntime;

/// The journal, in the folder of a group.
pub const JOURNAL: &str = "journal.jsonl";
/// The lease.
pub const LEASE: &str = "lease.json";
/// What control has told people.
pub const AUDIT: &str = "audit.jsonl";
/// What is locked while any of them is changed.
const LOCK: &str = "lock";
