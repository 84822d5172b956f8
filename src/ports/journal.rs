//! The journal of a controller, and the lease under which it is written.
//!
//! Invariant: one holder of the lease at a time, and an entry goes to the end or nowhere.

use super::PortError;
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// The right to act alone, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// One above that of any lease before. Every call that changes something carries it.
    pub epoch: u32,
    /// For how long from the instant it was asked for, if it is not renewed.
    pub lasts: Span,
}

/// Where a controller writes what it is about to do and has done, so that its successor can resume. One journal is
/// shared by all who may take over from each other.
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
