//! What begins something that was arranged beforehand: the clock, or an event.
//!
//! Does not know what begins. Invariant: two that are written alike are one; how long something waits after an event counts
//! from the event, whoever asks and whenever.

use super::event::{Fact, Imprint};
use crate::units::{Instant, Span};
use std::fmt;

/// An event to wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// Its name, such as `region_failover.switch_dns.started`.
    pub event: String,
    /// Which occurrence of it, from 1.
    pub occurrence: u32,
    /// How long after it.
    pub after: Span,
}

/// When something begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// By the clock.
    At(Instant),
    /// When something has happened.
    When(Cue),
}

impl fmt::Display for Cue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.after != Span::ZERO {
            write!(f, "{:#} after ", self.after)?;
        }
        match self.occurrence {
            0 | 1 => f.write_str(&self.event),
            occurrence => write!(f, "occurrence {occurrence} of {}", self.event),
        }
    }
}

impl fmt::Display for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(f, "at {at:#}"),
            Self::When(cue) if cue.after == Span::ZERO => write!(f, "upon {cue}"),
            Self::When(cue) => write!(f, "{cue}"),
        }
    }
}

impl Fact for Beginning {
    fn imprint(&self, into: &mut Imprint) {
        match self {
            Self::At(at) => at.imprint(into),
            Self::When(Cue { event, occurrence, after }) => {
                event.imprint(into);
                occurrence.imprint(into);
                after.imprint(into);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_told_in_words() {
        let when = |occurrence, after| {
            let cue = Cue { event: "db.orders.rebuilt".to_owned(), occurrence, after: Span::from_secs(after) };
            Beginning::When(cue).to_string()
        };
        assert_eq!(when(1, 0), "upon db.orders.rebuilt");
        assert_eq!(when(2, 90), "1m 30s after occurrence 2 of db.orders.rebuilt");
        assert_eq!(Beginning::At(Instant::from_secs(60)).to_string(), "at 1m");
    }
}
