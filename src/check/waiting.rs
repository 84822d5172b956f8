//! When the run waited for people's approval.
//!
//! Owns the intervals between a question and its answer. Does not know who was asked or what for. Invariant: time in
//! which several questions are open is counted once; a question nobody closed stays open to the end of the run.

use crate::record::Record;
use crate::record::event::{ConsentKind, EventKind};
use crate::units::{Instant, Span};
use std::collections::BTreeMap;

/// Times without overlap, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    intervals: Vec<(Instant, Instant)>,
}

impl Waiting {
    /// All waiting of a run.
    pub fn of(record: &Record) -> Self {
        let mut intervals = Vec::new();
        // What is asked, by what it is asked for: who takes over from a dead controller asks the same thing again.
        let mut open: BTreeMap<&str, &str> = BTreeMap::new();
        let mut since = Instant::ZERO;
        for event in record.timeline.events() {
            let Some(EventKind::Consent(kind)) = event.kind else { continue };
            match kind {
                ConsentKind::Asked => {
                    if open.is_empty() {
                        since = event.at;
                    }
                    // To ask is to say the question.
                    open.insert(subject(&event.text), &event.text);
                }
                ConsentKind::Given | ConsentKind::Refused | ConsentKind::Nobody | ConsentKind::Withdrawn => {
                    let waited = !open.is_empty();
                    open.retain(|_, question| !event.event.is_about(question));
                    if waited && open.is_empty() {
                        intervals.push((since, event.at));
                    }
                }
                ConsentKind::Paged | ConsentKind::Acknowledged | ConsentKind::Escalated => {}
                ConsentKind::Unreachable | ConsentKind::Agreed | ConsentKind::Disagreed => {}
            }
        }
        if !open.is_empty() {
            intervals.push((since, record.end));
        }
        Self { intervals }
    }

    /// How much of it lies between two instants.
    pub fn within(&self, from: Instant, to: Instant) -> Span {
        let overlap = |(begin, end): &(Instant, Instant)| (*end).min(to).since((*begin).max(from));
        self.intervals.iter().map(overlap).fold(Span::ZERO, Span::saturating_add)
    }
}

/// `region_failover of west` of `region_failover of west: api down?`.
fn subject(question: &str) -> &str {
    question.split_once(": ").map_or(question, |(subject, _)| subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::events::read_back;
    use crate::check::fixture::{Fixture, at, secs};
    use crate::record::event::{ConsentEvent, Prose};

    fn question(text: &str) -> Prose {
        text.into()
    }

    fn asked(text: &str) -> ConsentEvent {
        ConsentEvent::Asked { question: question(text) }
    }

    fn given(text: &str) -> ConsentEvent {
        ConsentEvent::Given { by: vec!["alice".to_owned()], after: secs(5), question: question(text) }
    }

    fn withdrawn(text: &str) -> ConsentEvent {
        ConsentEvent::Withdrawn { question: question(text) }
    }

    fn waiting(events: &[(u64, ConsentEvent)]) -> Waiting {
        let fixture =
            events.iter().fold(Fixture::new(500), |run, (second, event)| run.happened(*second, event.clone()));
        let record = fixture.record();
        let waiting = Waiting::of(&record);
        assert_eq!(Waiting::of(&read_back(&record)), waiting, "what results tell of it says the same");
        waiting
    }

    #[test]
    fn questions_open_at_once_are_counted_once_and_an_open_one_to_the_end() {
        let (by, after, reason) = ("bob".to_owned(), secs(10), Prose::from("no"));
        let waiting = waiting(&[
            (10, asked("a of west: down?")),
            (20, asked("b of east: slow?")),
            (30, ConsentEvent::Refused { by, after, reason, question: question("b of east: slow?") }),
            (40, withdrawn("a of west: down?")),
            (400, asked("a of west: down?")),
        ]);
        assert_eq!(waiting.within(at(0), at(500)), secs(130));
        assert_eq!(waiting.within(at(15), at(25)), secs(10));
        assert_eq!(waiting.within(at(40), at(400)), secs(0));
        assert_eq!(waiting.within(at(450), at(420)), secs(0));
    }

    #[test]
    fn an_end_without_a_question_is_nothing() {
        let waiting = waiting(&[(10, withdrawn("a: b?")), (20, asked("a: b?")), (25, given("a: b?"))]);
        assert_eq!(waiting.within(at(0), at(50)), secs(5));
    }

    #[test]
    fn a_question_asked_again_by_a_successor_is_one_question() {
        let waiting =
            waiting(&[(10, asked("a: down for 1m?")), (60, asked("a: down for 2m?")), (90, given("a: down for 2m?"))]);
        assert_eq!(waiting.within(at(0), at(500)), secs(80));
    }
}
