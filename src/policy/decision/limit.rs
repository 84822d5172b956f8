//! The limits that figures are compared with.
//!
//! Invariant: comparisons are exact: shares are compared by cross-multiplication, never by rounding; a figure of one kind
//! and a limit of another say nothing about each other.

use crate::units::{Figure, Ratio, Span};
use std::cmp::Ordering;
use std::fmt;

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

impl Limit {
    /// How `figure` compares with it; `None`: they are not alike, or it is a share of nothing.
    pub fn compare(self, figure: Figure) -> Option<Ordering> {
        match (figure, self) {
            (Figure::Share { part, whole }, Self::Share(ratio)) => ratio.compare_to_quotient(part, whole),
            (Figure::Span(span), Self::Span(limit)) => Some(span.cmp(&limit)),
            (Figure::Count(count), Self::Count(limit)) => Some(count.cmp(&limit)),
            (Figure::Share { .. } | Figure::Span(_) | Figure::Count(_), _) => None,
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
        assert_eq!(tenth.compare(Figure::Share { part: 0, whole: 0 }), None);
        assert_eq!(tenth.compare(Figure::Count(3)), None);
        assert_eq!(Limit::Count(1).compare(Figure::Span(Span::from_secs(1))), None);
        assert_eq!(Limit::Count(2).compare(Figure::Count(3)), Some(Ordering::Greater));
    }

    proptest! {
        #[test]
        fn shares_are_compared_exactly(part in any::<u64>(), whole in 1_u64.., ppb in 0_u64..=1_000_000_000) {
            let exact = (u128::from(part) * 1_000_000_000).cmp(&(u128::from(ppb) * u128::from(whole)));
            let limit = Limit::Share(Ratio::from_ppb(ppb));
            prop_assert_eq!(limit.compare(Figure::Share { part, whole }), Some(exact));
        }
    }
}
