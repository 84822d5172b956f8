//! A measured value in one of the units, whichever it is.
//!
//! Invariant: a share keeps both of its numbers, so that nothing is rounded before it is compared.

use super::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Figure {
    /// So many of so many.
    Share {
        /// Those counted.
        part: u64,
        /// All.
        whole: u64,
    },
    /// A length of time.
    Span(Span),
    /// A number of things.
    Count(u64),
}

/// A figure, and when the newest of what it was made from was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedFigure {
    /// The value.
    pub figure: Figure,
    /// When.
    pub taken: Instant,
}

impl TimedFigure {
    /// How old it is at `now`.
    pub fn age(&self, now: Instant) -> Span {
        now.since(self.taken)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share { part, whole } => write!(f, "{part} of {whole}"),
            Self::Span(span) => write!(f, "{span:#}"),
            Self::Count(count) => count.fmt(f),
        }
    }
}
