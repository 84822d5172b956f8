//! When the run waited for people's consent.
//!
//! Owns the intervals between a question and its answer. Refuses to know who was asked and what for. Invariant: time in
//! which several questions are open is counted once; a question nobody closed stays open to the end of the run.

use crate::record::Record;
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
            match event.name.as_str() {
                "approval.asked" => {
                    if open.is_empty() {
                        since = event.at;
                    }
                    open.insert(subject(&event.text), &event.text);
                }
                "approval.given" | "approval.refused" | "approval.nobody" | "approval.withdrawn" => {
                    let waited = !open.is_empty();
                    open.retain(|_, question| !event.text.ends_with(*question));
                    if waited && open.is_empty() {
                        intervals.push((since, event.at));
                    }
                }
                _ => {}
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
    use crate::check::fixture::{Fixture, at, secs};
    use crate::record::Actor;

    fn waiting(events: &[(u64, &str, &str)]) -> Waiting {
        let mut record = Fixture::new(500).record();
        for (second, name, text) in events {
            record.timeline.push(at(*second), Actor::Control, format!("approval.{name}"), *text);
        }
        Waiting::of(&record)
    }

    #[test]
    fn questions_open_at_once_are_counted_once_and_an_open_one_to_the_end() {
        let waiting = waiting(&[
            (10, "asked", "a of west: down?"),
            (20, "asked", "b of east: slow?"),
            (30, "refused", "bob refuses after 10s, no: b of east: slow?"),
            (40, "withdrawn", "a of west: down?"),
            (400, "asked", "a of west: down?"),
        ]);
        assert_eq!(waiting.within(at(0), at(500)), secs(130));
        assert_eq!(waiting.within(at(15), at(25)), secs(10));
        assert_eq!(waiting.within(at(40), at(400)), secs(0));
        assert_eq!(waiting.within(at(450), at(420)), secs(0));
    }

    #[test]
    fn an_end_without_a_question_is_nothing() {
        let waiting = waiting(&[(10, "withdrawn", "a: b?"), (20, "asked", "a: b?"), (25, "given", "alice: a: b?")]);
        assert_eq!(waiting.within(at(0), at(50)), secs(5));
    }

    #[test]
    fn a_question_asked_again_by_a_successor_is_one_question() {
        let waiting = waiting(&[
            (10, "asked", "a: down for 1m?"),
            (60, "asked", "a: down for 2m?"),
            (90, "given", "x: a: down for 2m?"),
        ]);
        assert_eq!(waiting.within(at(0), at(500)), secs(80));
    }
}
