//! When the run waited for people's consent.
//!
//! Owns the intervals between a question and its answer. Refuses to know who was asked and what for. Invariant: time in
//! which several questions are open is counted once; a question nobody closed stays open to the end of the run.

use crate::record::Record;
use crate::units::{Instant, Span};

/// Times without overlap, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    intervals: Vec<(Instant, Instant)>,
}

impl Waiting {
    /// All waiting of a run.
    pub fn of(record: &Record) -> Self {
        let mut intervals = Vec::new();
        let (mut open, mut since) = (0_u32, Instant::ZERO);
        for event in record.timeline.events() {
            match event.name.as_str() {
                "approval.asked" => {
                    if open == 0 {
                        since = event.at;
                    }
                    open += 1;
                }
                "approval.given" | "approval.refused" | "approval.nobody" | "approval.withdrawn" if open > 0 => {
                    open -= 1;
                    if open == 0 {
                        intervals.push((since, event.at));
                    }
                }
                _ => {}
            }
        }
        if open > 0 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::{Fixture, at, secs};

    #[test]
    fn questions_open_at_once_are_counted_once_and_an_open_one_to_the_end() {
        let record = Fixture::new(500).event(10, "approval.asked").event(20, "approval.asked");
        let record =
            record.event(30, "approval.refused").event(40, "approval.withdrawn").event(400, "approval.asked").record();
        let waiting = Waiting::of(&record);
        assert_eq!(waiting.within(at(0), at(500)), secs(130));
        assert_eq!(waiting.within(at(15), at(25)), secs(10));
        assert_eq!(waiting.within(at(40), at(400)), secs(0));
        assert_eq!(waiting.within(at(450), at(420)), secs(0));
    }

    #[test]
    fn an_end_without_a_question_is_nothing() {
        let record =
            Fixture::new(50).event(10, "approval.withdrawn").event(20, "approval.asked").event(25, "approval.given");
        assert_eq!(Waiting::of(&record.record()).within(at(0), at(50)), secs(5));
    }
}
