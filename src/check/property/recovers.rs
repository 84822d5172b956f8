//! `recovers`: after an event, a statement comes to hold in time and goes on to hold.
//!
//! Recovery is the earliest `t` at or after the event such that the statement holds on all of `[t, t + stable]`. It must
//! come within the deadline, inclusively. Violated once no moment up to the deadline can be it any more; inconclusive as
//! long as one could, because data is missing or the run ended first.

use super::read::Reader;
use super::{Evidence, Judgement, Property, after_each, time_margin};
use crate::check::event::EventPattern;
use crate::check::expression::Expression;
use crate::check::monitor::{Stable, first_moment, first_stable};
use crate::check::trace::Trace;
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::record::Record;
use crate::units::{Instant, Span};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind =
    Kind::new("recovers", "After an event, the statement comes to hold and goes on to hold.", &FIELDS);

const FIELDS: [Field; 4] = [
    Field::required("after", FieldType::Expression, "The event the clock starts at, such as `fault.dark`."),
    Field::required("holds", FieldType::Expression, "What must come to hold, such as `success >= 99%`."),
    Field::required("within", FieldType::PositiveSpan, "The longest recovery time, measured from the event."),
    Field::with(
        "stable",
        FieldType::Span,
        "60s",
        "own choice: a minute of good service is not luck",
        "How long it must go on to hold, to count as recovered.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let (after, holds) = (reader.event("after"), reader.statement("holds"));
    let (within, stable) = (values.span("within"), values.span("stable"));
    Some(Arc::new(Recovers { after: after?, holds: holds?, within, stable }))
}

#[derive(Debug)]
struct Recovers {
    after: EventPattern,
    holds: Expression,
    within: Span,
    stable: Span,
}

impl Property for Recovers {
    fn demand(&self) -> String {
        let Self { after, holds, within, stable } = self;
        format!("after {after}, `{holds}` again within {within} and then for {stable}")
    }

    fn bound(&self) -> String {
        self.within.to_string()
    }

    fn judge(&self, record: &Record) -> Judgement {
        let trace = match self.holds.evaluate(record) {
            Ok(trace) => trace.map(|judged| judged.truth),
            Err(overflow) => return Judgement::not_exercised(overflow.to_string()),
        };
        if let Some(name) = self.holds.unrecorded(record).first() {
            return Judgement::not_exercised(format!("the run recorded no signal `{name}`"));
        }
        after_each(&self.after, record, |at| self.judge_one(&trace, at))
    }

    fn recovery_objective(&self, name: &str) -> Option<Span> {
        self.after.matches(name).then_some(self.within)
    }
}

impl Recovers {
    fn judge_one(&self, trace: &Trace<Option<bool>>, event: Instant) -> Judgement {
        let deadline = event.saturating_add(self.within);
        let Stable { definite, possible } = first_stable(trace, event, self.stable);
        let taken = definite.map(|at| at.since(event));
        let margin = taken.map(|taken| time_margin(self.within, taken));
        let judged = if definite.is_some_and(|at| at <= deadline) {
            let recovered = Evidence::counted(1, "events to recover from");
            Judgement::pass(recovered, self.why_recovered(trace, event, definite.unwrap_or(event))).at(definite)
        } else if possible > deadline {
            return Judgement::fail(1, self.why_late(taken))
                .measured(taken.map(|taken| format!("{taken:#}")))
                .margin(margin.unwrap_or(-1.0))
                .at(deadline);
        } else {
            Judgement::unknown(1, self.why_unknown(trace, possible)).at(definite)
        };
        judged.measured(taken.map(|taken| format!("{taken:#}"))).margin(margin)
    }

    fn why_recovered(&self, trace: &Trace<Option<bool>>, event: Instant, recovered: Instant) -> String {
        let after = recovered.saturating_add(self.stable);
        let relapse = first_moment(trace, after, |truth| truth == Some(false));
        let later = relapse.map_or_else(String::new, |at| format!(", but failed again at {at:#}"));
        if recovered == event {
            return format!("`{}` never failed within {} of {}{later}", self.holds, self.stable, self.after);
        }
        format!("recovered {:#} after {}{later}", recovered.since(event), self.after)
    }

    fn why_late(&self, taken: Option<Span>) -> String {
        match taken {
            Some(taken) => format!("recovered only {taken:#} after {}", self.after),
            None => format!("not recovered {} after {}, nor later in the run", self.within, self.after),
        }
    }

    fn why_unknown(&self, trace: &Trace<Option<bool>>, possible: Instant) -> String {
        let needed = possible.saturating_add(self.stable);
        match first_moment(trace, possible, |truth| truth.is_none()).filter(|gap| *gap <= needed) {
            Some(gap) => format!("no data at {gap:#}: it cannot be told whether `{}` held", self.holds),
            None => format!("the run ended at {:#}, before it could be told", trace.end()),
        }
    }
}

#[cfg(test)]
#[path = "recovers_tests.rs"]
mod tests;
