//! `at_most`: an event happens at most so often, in the whole run or in any window of a length.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::monitor::{busiest_window, first_excess};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Referent, Scope, Values};
use crate::record::Record;
use crate::record::event::{EventPattern, ProcedureEvent};
use crate::units::{Span, plural};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("at_most", "An event happens at most a given number of times.", &FIELDS);

const FIELDS: [Field; 4] = [
    Field::required("event", FieldType::Expression, "The event, such as `region_failover.started`."),
    Field::required("n", FieldType::Count { min: 0, max: 1_000_000_000 }, "How many times it may happen."),
    Field::optional("per", FieldType::PositiveSpan, "In any closed window of this length; in the whole run if absent."),
    Field::derived(
        "given",
        FieldType::Expression,
        "the event itself; with `n: 0`, that its procedure was started, or any event at all",
        "a run in which it could not have happened proves nothing",
        "What must have happened for the run to count.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let (event, given) = (reader.event("event"), reader.opt_event("given"));
    let (n, per) = (values.count("n"), values.opt_span("per"));
    let event = event?;
    let procedure = scope.names(Referent::Procedure).find(|name| event.is_of(name)).map(str::to_owned);
    let started =
        procedure.map(|name| EventPattern::new(ProcedureEvent::starts(&name))).filter(|started| *started != event);
    Some(Arc::new(AtMost { event, n, per, given: given?, started }))
}

#[derive(Debug)]
struct AtMost {
    event: EventPattern,
    n: u64,
    per: Option<Span>,
    given: Option<EventPattern>,
    /// The start of the procedure whose event it is, without which it cannot happen.
    started: Option<EventPattern>,
}

impl AtMost {
    fn window(&self) -> String {
        self.per.map_or_else(|| "in the run".to_owned(), |per| format!("within {per}"))
    }

    /// How often something happened that gives the property a chance to fail, or what did not happen.
    fn occasions(&self, record: &Record) -> Result<u64, String> {
        let times = |event: &EventPattern| match event.missing(record) {
            Some(missing) => Err(missing),
            None => Ok(event.effective_times(record).len() as u64),
        };
        let started = self.started.as_ref().map_or(Ok(u64::MAX), times)?;
        Ok(match &self.given {
            Some(given) => times(given)?.min(started),
            None if self.n == 0 => started.min(record.timeline.events().len() as u64),
            None => self.event.times(record).len() as u64,
        })
    }
}

impl Property for AtMost {
    fn demand(&self) -> String {
        format!("{} happens at most {} {}", self.event, plural(self.n, "time"), self.window())
    }

    fn bound(&self) -> String {
        self.per.map_or_else(|| self.n.to_string(), |per| format!("{} per {per}", self.n))
    }

    fn speaks_of(&self, name: &str) -> bool {
        self.event.matches(name) || self.given.as_ref().is_some_and(|given| given.matches(name))
    }

    fn judge(&self, record: &Record) -> Judgement {
        let times = self.event.times(record);
        let (most, busiest) = busiest_window(&times, self.per);
        let excess = first_excess(&times, self.n, self.per);
        let occasions = match self.occasions(record) {
            Err(missing) if excess.is_none() => return Judgement::not_exercised(missing),
            occasions => occasions.unwrap_or(1),
        };
        let why = format!("{} happened {} {} at most", self.event, plural(most, "time"), self.window());
        Judgement::decided(excess.is_none(), Evidence::counted(occasions, "opportunities"), why)
            .measured(most.to_string())
            .margin((self.n as f64 - most as f64) / self.n.max(1) as f64)
            .at(excess.or(busiest))
    }
}

#[cfg(test)]
#[path = "at_most_tests.rs"]
mod tests;
