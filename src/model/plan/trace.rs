//! Recorded load, as planned: where it is read from, and what is in there.
//!
//! Does not hold the recording itself, which may be larger than memory. Invariant: two traces are equal if and only
//! if they are read in the same way and their content has the same fingerprint.

use crate::units::{Instant, Span};
use std::fmt;
use std::io::{self, BufRead};
use std::sync::Arc;

/// Something that can be read from the beginning as often as needed, by several runs at once.
pub trait Readable: fmt::Debug + Send + Sync {
    /// A reader at the beginning.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    fn open(&self) -> io::Result<Box<dyn BufRead>>;
}

/// What a row of a trace says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceKind {
    /// When a request arrived.
    Requests,
    /// From when on how many arrive.
    Rates,
}

/// What holds where no row says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// A trace with a gap is refused.
    Refuse,
    /// Nothing arrives.
    Zero,
    /// The last rate continues.
    Hold,
}

/// A recording of load.
#[derive(Debug, Clone)]
pub struct LoadTrace {
    /// What it is read from.
    pub source: Arc<dyn Readable>,
    /// Its name, for messages.
    pub name: String,
    /// What a row says.
    pub kind: TraceKind,
    /// Whether times count from the first row, instead of from the start of the run.
    pub from_first_row: bool,
    /// How long a row's rate holds at most; `None`: until the next row.
    pub step: Option<Span>,
    /// What holds where no row does.
    pub gaps: Gaps,
    /// How many rows there are.
    pub rows: u64,
    /// The time of the first one.
    pub first: Instant,
    /// The time of the last one.
    pub last: Instant,
    /// A fingerprint of the content (FNV-1a, 128 bits).
    pub fingerprint: u128,
}

impl PartialEq for LoadTrace {
    fn eq(&self, other: &Self) -> bool {
        let read = |trace: &Self| (trace.kind, trace.from_first_row, trace.step, trace.gaps);
        read(self) == read(other) && self.fingerprint == other.fingerprint
    }
}
