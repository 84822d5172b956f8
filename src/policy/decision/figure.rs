//! Figures and the limits they are compared with.
//!
//! Invariant: comparisons are exact: shares are compared by cross-multiplication, never by rounding; a figure of one kind
//! and a limit of another say nothing about each other.

use crate::units::{Instant, Ratio, Span};
use std::cmp::Ordering;
use std::fmt;

/// A measured value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// What a figure is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A share.
    Share(Ratio),
    /// A length of time.
    Span(Span),
    /// A number of things.
    Count(u64),
}

/// A figure, and when the newest of what it was made from was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The value.
    pub figure: Figure,
    /// When.
    pub taken: Instant,
}

impl Sample {
    /// How old it is at `now`.
    pub fn age(&self, now: Instant) -> Span {
        now.since(self.taken)
    }
}

impl Figure {
    /// How it compares with `limit`; `None`: they are not alike, or it is a share of nothing.
    pub fn compare(self, limit: Limit) -> Option<Ordering> {
        match (self, limit) {
            (Self::Share { part, whole }, Limit::Share(ratio)) => ratio.compare_to_quotient(part, whole),
            (Self::Span(span), Limit::Span(limit)) => Some(span.cmp(&limit)),
            (Self::Count(count), Limit::Count(limit)) => Some(count.cmp(&limit)),
            (Self::Share { .. } | Self::Span(_) | Self::Count(_), _) => None,
        }
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

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(ratio) => ratio.fmt(f),
            Self::Span(span) => write!(f, "{span:#}"),
            Self::Count(count) => count.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unlike_things_and_shares_of_nothing_say_nothing() {
        let tenth = Limit::Share(Ratio::from_percent(10));
        assert_eq!(Figure::Share { part: 0, whole: 0 }.compare(tenth), None);
        assert_eq!(Figure::Count(3).compare(tenth), None);
        assert_eq!(Figure::Span(Span::from_secs(1)).compare(Limit::Count(1)), None);
        assert_eq!(Figure::Count(3).compare(Limit::Count(2)), Some(Ordering::Greater));
    }

    proptest! {
        #[test]
        fn shares_are_compared_exactly(part in any::<u64>(), whole in 1_u64.., ppb in 0_u64..=1_000_000_000) {
            let exact = (u128::from(part) * 1_000_000_000).cmp(&(u128::from(ppb) * u128::from(whole)));
            let limit = Limit::Share(Ratio::from_ppb(ppb));
            prop_assert_eq!(Figure::Share { part, whole }.compare(limit), Some(exact));
        }
    }
}
