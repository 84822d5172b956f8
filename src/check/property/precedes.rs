//! `precedes`: nothing of one kind happens before something of another kind has.
//!
//! Does not say that either must happen. Invariant: of two events at one instant the one that stands first in the timeline was
//! first.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::record::Record;
use crate::record::event::EventPattern;
use crate::units::{Instant, Span};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("precedes", "One event does not happen before another one has.", &FIELDS);

const FIELDS: [Field; 3] = [
    Field::required("first", FieldType::Expression, "What must come first, such as `approval.given`."),
    Field::required("then", FieldType::Expression, "What must not come before it, such as `region_failover.started`."),
    Field::with(
        "scale",
        FieldType::PositiveSpan,
        "1m",
        "product default: how closely people read a timeline",
        "The distance of the two that counts as a margin of one.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let (first, then) = (reader.event("first"), reader.event("then"));
    let (first, then) = (first?, then?);
    if first == then {
        let message = format!("`{first}` does not come before itself");
        return reader.refuse(Some("then"), &message, "name another event");
    }
    Some(Arc::new(Precedes { first, then, scale: values.span("scale") }))
}

#[derive(Debug)]
struct Precedes {
    first: EventPattern,
    then: EventPattern,
    scale: Span,
}

impl Precedes {
    /// Where in the timeline the first event is that `pattern` means, and when.
    fn earliest(pattern: &EventPattern, record: &Record) -> Option<(usize, Instant)> {
        let events = record.timeline.events().iter().enumerate();
        events.filter(|(_, event)| pattern.matches(&event.name)).map(|(place, event)| (place, event.at)).next()
    }
}

impl Property for Precedes {
    fn demand(&self) -> String {
        format!("no {} before {}", self.then, self.first)
    }

    fn bound(&self) -> String {
        format!("{} first", self.first)
    }

    fn speaks_of(&self, name: &str) -> bool {
        self.first.matches(name) || self.then.matches(name)
    }

    fn judge(&self, record: &Record) -> Judgement {
        let Some((then_place, then_at)) = Self::earliest(&self.then, record) else {
            return Judgement::not_exercised(format!("{} did not happen, so nothing could come before it", self.then));
        };
        let Some((first_place, first_at)) = Self::earliest(&self.first, record) else {
            return Judgement::fail(1, format!("{} happened at {then_at:#}, and {} never did", self.then, self.first))
                .margin(-1.0)
                .at(then_at);
        };
        let holds = mutant!("the_second_may_come_first": first_place < then_place => true);
        let (early, late) = (first_at.min(then_at), first_at.max(then_at));
        let apart = late.since(early);
        let margin = apart.as_nanos() as f64 / self.scale.as_nanos() as f64;
        let order = if holds { "before" } else { "after" };
        let why = format!("{} happened {apart:#} {order} {}", self.first, self.then);
        Judgement::decided(holds, Evidence::counted(1, "events that could come too early"), why)
            .measured(format!("{apart:#} {order}"))
            .margin(if holds { margin } else { -margin })
            .at(then_at)
    }
}

#[cfg(test)]
#[path = "precedes_tests.rs"]
mod tests;
