//! An operation under way at one copy of a database.
//!
//! Invariant: an operation that a fault overtook never answers: its stamp no longer matches.

use crate::model::core::job::Job;
use crate::record::Position;
use crate::units::{Instant, Span};

/// What an operation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// A read.
    Read,
    /// A write that stands in the log at this position.
    Write(Position),
    /// Nobody answers: the caller waits until its own time-out.
    Hang,
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct CopyOperation {
    /// Whose it is.
    pub job: Job,
    /// What it is.
    pub kind: OperationKind,
    /// The copy that works on it.
    pub copy: u8,
    /// When the copy took it on.
    pub begun: Instant,
    /// When it answers; [`Instant::MAX`]: not yet known.
    pub ready: Instant,
    /// How long the answer travels back to the service.
    pub back: Span,
    /// Which use of the slot this is.
    pub stamp: u32,
    /// Whether it is still under way.
    pub open: bool,
}

impl CopyOperation {
    /// How long an answer travels back that never arrives.
    pub const UNHEARD: Span = Span::MAX;
}
