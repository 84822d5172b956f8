//! How often a fault happened and for how long in all, read off the timeline.
//!
//! Invariant: time in which a fault overlaps itself is counted once; a fault that is still there at the end counts until
//! the end.

use crate::outcome::Outcome;
use crate::record::event::FaultEvent;
use crate::record::{Actor, FaultRecord};
use crate::units::{Instant, Span};

/// The happenings of one fault, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Occurrences {
    pub count: u64,
    /// How long it was there, all happenings together.
    pub total: Span,
    /// When the last one began.
    pub last: Option<Instant>,
}

impl Occurrences {
    /// Those of `fault`. A record without events, such as a made-up one, still has the one it speaks of.
    pub(crate) fn of(fault: &FaultRecord, outcome: &Outcome) -> Self {
        let (begins, ends) = (FaultEvent::begins(&fault.id), FaultEvent::ends(&fault.id));
        let (mut found, mut open, mut since) = (Self::default(), 0_u64, Instant::ZERO);
        for event in outcome.timeline().events().iter().filter(|event| event.actor == Actor::Fault) {
            if event.name == begins {
                (found.count, found.last) = (found.count + 1, Some(event.at));
                since = if open == 0 { event.at } else { since };
                open += 1;
            } else if event.name == ends && open > 0 {
                open -= 1;
                let lasted = if open == 0 { event.at.since(since) } else { Span::ZERO };
                found.total = found.total.saturating_add(lasted);
            }
        }
        if open > 0 {
            found.total = found.total.saturating_add(outcome.record.end.since(since));
        }
        if found.count == 0 { Self::of_record(fault, outcome) } else { found }
    }

    fn of_record(fault: &FaultRecord, outcome: &Outcome) -> Self {
        let Some(at) = fault.at else { return Self::default() };
        let total = fault.healed.unwrap_or(outcome.record.end).since(at);
        Self { count: 1, total, last: Some(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::record::Timeline;

    fn of(events: &[(u64, &str)]) -> (u64, u64, Option<u64>) {
        let mut outcome = fixture::outage(7);
        outcome.record.timeline = Timeline::default();
        for (at, name) in events {
            outcome.record.timeline.push_told(Instant::from_secs(*at), Actor::Fault, *name, "");
        }
        let found = Occurrences::of(&outcome.record.faults[0], &outcome);
        (found.count, found.total.as_nanos() / 1_000_000_000, found.last.map(Instant::second))
    }

    #[test]
    fn every_happening_counts_and_time_counts_once() {
        let (begins, ends) = ("fault.dark", "fault.dark.healed");
        assert_eq!(of(&[(10, begins), (30, ends), (50, begins), (55, ends)]), (2, 25, Some(50)));
        assert_eq!(of(&[(10, begins), (20, begins), (30, ends), (40, ends)]), (2, 30, Some(20)), "overlapping");
        assert_eq!(of(&[(10, begins), (20, "fault.darker"), (30, ends)]), (1, 20, Some(10)), "another fault");
        assert_eq!(of(&[(420, begins)]), (1, 60, Some(420)), "still there at the end");
        assert_eq!(of(&[]), (1, 360, Some(60)), "what the record says");
    }
}
