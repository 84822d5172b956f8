//! What begins something that was arranged beforehand: the clock, or an event.
//!
//! Does not know what begins. Invariant: two that are written alike are one; how long something waits after an event counts
//! from the event, whoever asks and whenever.

use super::Timeline;
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

impl Cue {
    /// What [`Display`](fmt::Display) writes, read back.
    fn read(words: &str, after: Span) -> Option<Self> {
        let cue = |event: &str, occurrence| Some(Self { event: event.to_owned(), occurrence, after });
        let Some(counted) = words.strip_prefix("occurrence ") else { return cue(words, 1) };
        let (occurrence, event) = counted.split_once(" of ")?;
        cue(event, occurrence.parse().ok()?)
    }

    /// When it comes, by what has happened: `None` if the event has not.
    fn due(&self, timeline: &Timeline) -> Option<Instant> {
        let occurrence = usize::try_from(self.occurrence.max(1) - 1).ok()?;
        let event = timeline.events().iter().filter(|event| event.name == self.event).nth(occurrence)?;
        Some(event.at.saturating_add(self.after))
    }
}

impl Beginning {
    /// What [`Display`](fmt::Display) writes, read back: of results that were read from a file no more is left.
    pub fn read(words: &str) -> Option<Self> {
        if let Some(at) = words.strip_prefix("at ") {
            return Some(Self::At(Instant::ZERO.saturating_add(at.parse().ok()?)));
        }
        if let Some(cue) = words.strip_prefix("upon ") {
            return Cue::read(cue, Span::ZERO).map(Self::When);
        }
        let (after, cue) = words.split_once(" after ")?;
        Cue::read(cue, after.parse().ok()?).map(Self::When)
    }

    /// The instant it stands for, by what has happened: `None` if what it waits for has not.
    pub fn due(&self, timeline: &Timeline) -> Option<Instant> {
        match self {
            Self::At(at) => Some(*at),
            Self::When(cue) => cue.due(timeline),
        }
    }
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

    #[test]
    fn its_words_are_read_back() {
        let when = |occurrence, after| {
            let event = "db.orders.rebuilt".to_owned();
            Beginning::When(Cue { event, occurrence, after: Span::from_secs(after) })
        };
        let all = [when(1, 0), when(2, 0), when(1, 90), when(3, 7_260), Beginning::At(Instant::from_secs(285))];
        for beginning in all {
            assert_eq!(Beginning::read(&beginning.to_string()), Some(beginning));
        }
        assert_eq!(Beginning::read("whenever"), None);
    }
}
