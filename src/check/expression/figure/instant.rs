//! Instants of a run: when something first happened, and how long after it something else did.
//!
//! Owns which of several events answers which. Does not know what the time is compared with.
//!
//! Invariant: what happened before the beginning is no answer to it. What never came is known to have taken longer than
//! the run, not to be unknown.

use super::leaf::seconds;
use super::{FigureValue, Reading};
use crate::check::expression::evaluate;
use crate::check::expression::tree::Predicate;
use crate::record::Record;
use crate::record::event::{EventPattern, FaultEvent, FaultKind};
use crate::units::{Instant, Span};

/// Something that happens at an instant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum InstantFigure {
    /// Such an event.
    Event(EventPattern),
    /// A statement, as written, comes to hold.
    Holds(Predicate, String),
}

impl InstantFigure {
    /// When it first happened, from the start of the run.
    pub(super) fn first(&self, record: &Record, reading: Reading) -> FigureValue {
        match self.from(Instant::ZERO, record, reading) {
            Ok(Some(at)) => FigureValue::Known(seconds(at.since(Instant::ZERO))),
            // A fault that never began is none to be answered; the run was made without it.
            Ok(None) if self.is_a_beginning() => FigureValue::Unknown(self.never()),
            Ok(None) => FigureValue::Never(seconds(record.end.since(Instant::ZERO)), self.never()),
            Err(why) => FigureValue::Unknown(why),
        }
    }

    /// From the first `from` to the first `to` at or after it. A bound from below is about the very first `to`: one that
    /// came too early is not made good by a later one.
    pub(super) fn between(from: &Self, to: &Self, record: &Record, reading: Reading) -> FigureValue {
        let begin = match from.from(Instant::ZERO, record, reading.of_the_opposite()) {
            Ok(Some(begin)) => begin,
            Ok(None) => return FigureValue::Unknown(from.never()),
            Err(why) => return FigureValue::Unknown(why),
        };
        let earliest = if reading == Reading::Least { Instant::ZERO } else { begin };
        match to.from(earliest, record, reading) {
            Ok(Some(end)) => {
                let (late, early) = (seconds(end.since(begin)), seconds(begin.since(end)));
                late.minus(early).map_or_else(|| FigureValue::Unknown(to.never()), FigureValue::Known)
            }
            Ok(None) if from.was_idle(record) => FigureValue::Unknown(from.why_idle(record)),
            Ok(None) => FigureValue::Never(seconds(record.end.since(begin)), format!("{} after {from}", to.never())),
            Err(why) => FigureValue::Unknown(why),
        }
    }

    /// When it first happens at or after `earliest`. A bound from above is about what comes late, so that moments of which
    /// nobody can tell do not count for it; one from below is about what comes early.
    fn from(&self, earliest: Instant, record: &Record, reading: Reading) -> Result<Option<Instant>, String> {
        match self {
            Self::Event(event) => Ok(event.times(record).into_iter().find(|at| *at >= earliest)),
            Self::Holds(condition, text) => {
                let untold = match reading {
                    Reading::Answer => None,
                    Reading::Most => Some(false),
                    Reading::Least => Some(true),
                };
                let judged = evaluate::condition(condition, record, untold).map_err(|overflow| overflow.to_string())?;
                let later = || judged.stretches().filter(|stretch| stretch.until.is_none_or(|until| until > earliest));
                if later().all(|stretch| stretch.value.truth.is_none()) {
                    return Err(format!("`{text}` has no data"));
                }
                let holding = later().find(|stretch| stretch.value.truth == Some(true));
                Ok(holding.map(|stretch| stretch.from.max(earliest)).filter(|at| *at <= record.end))
            }
        }
    }

    fn never(&self) -> String {
        match self {
            Self::Event(event) => format!("`{event}` never happened"),
            Self::Holds(_, text) => format!("`{text}` never held"),
        }
    }

    /// Whether it is the beginning of a fault.
    fn is_a_beginning(&self) -> bool {
        let Self::Event(event) = self else { return false };
        FaultEvent::of(&event.to_string()).is_some_and(|(_, kind)| kind == FaultKind::Began)
    }

    fn was_idle(&self, record: &Record) -> bool {
        matches!(self, Self::Event(event) if event.effective_times(record).is_empty())
    }

    fn why_idle(&self, record: &Record) -> String {
        match self {
            Self::Event(event) => event.why_never(record),
            Self::Holds(..) => self.never(),
        }
    }
}

impl std::fmt::Display for InstantFigure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event(event) => write!(f, "`{event}`"),
            Self::Holds(_, text) => write!(f, "`{text}`"),
        }
    }
}

/// So long, in nanoseconds.
pub(super) fn nanos(span: Span) -> i128 {
    i128::from(span.as_nanos())
}
