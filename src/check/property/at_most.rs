//! `at_most`: an event happens at most so often, in the whole run or in any window of a length.

use super::read::Reader;
use super::{Evidence, Judgement, Property, plural};
use crate::check::event::EventPattern;
use crate::check::monitor::{busiest_window, first_excess};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::record::Record;
use crate::units::Span;
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("at_most", "An event happens at most so often.", &FIELDS);

const FIELDS: [Field; 4] = [
    Field::required("event", FieldType::Expression, "The event, such as `region_failover.started`."),
    Field::required("n", FieldType::Count { min: 0, max: 1_000_000_000 }, "How often it may happen."),
    Field::optional("per", FieldType::PositiveSpan, "In any closed window of this length; in the whole run if absent."),
    Field::derived(
        "given",
        FieldType::Expression,
        "the event itself; with `n: 0`, any event at all",
        "a run in which nothing happened proves nothing",
        "What must have happened for the run to count.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let (event, given) = (reader.event("event"), reader.opt_event("given"));
    let (n, per) = (values.count("n"), values.opt_span("per"));
    Some(Arc::new(AtMost { event: event?, n, per, given: given? }))
}

#[derive(Debug)]
struct AtMost {
    event: EventPattern,
    n: u64,
    per: Option<Span>,
    given: Option<EventPattern>,
}

impl AtMost {
    fn window(&self) -> String {
        self.per.map_or_else(|| "in the run".to_owned(), |per| format!("within {per}"))
    }

    /// How often something happened that gives the property a chance to fail.
    fn exercised(&self, record: &Record) -> u64 {
        let count = match &self.given {
            Some(given) => given.effective_times(record).len(),
            None if self.n == 0 => record.timeline.events().len(),
            None => self.event.times(record).len(),
        };
        count as u64
    }
}

impl Property for AtMost {
    fn demand(&self) -> String {
        format!("{} happens at most {} {}", self.event, plural(self.n, "time"), self.window())
    }

    fn bound(&self) -> String {
        self.per.map_or_else(|| self.n.to_string(), |per| format!("{} per {per}", self.n))
    }

    fn judge(&self, record: &Record) -> Judgement {
        let times = self.event.times(record);
        let (most, busiest) = busiest_window(&times, self.per);
        let excess = first_excess(&times, self.n, self.per);
        let exercised = self.exercised(record);
        if exercised == 0 && excess.is_none() {
            let given = self.given.as_ref().unwrap_or(&self.event);
            let missing = given.missing(record);
            return Judgement::not_exercised(missing.unwrap_or_else(|| format!("`{given}` never happened")));
        }
        let why = format!("{} happened {} {} at most", self.event, plural(most, "time"), self.window());
        Judgement::decided(excess.is_none(), Evidence::counted(exercised, "occasions for it"), why)
            .measured(most.to_string())
            .margin((self.n as f64 - most as f64) / self.n.max(1) as f64)
            .at(excess.or(busiest))
    }
}

#[cfg(test)]
#[path = "at_most_tests.rs"]
mod tests;
