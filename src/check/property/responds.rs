//! `responds`: after each event, a statement comes to hold in time, and holds from then on for long enough.
//!
//! Unlike `recovers`, the first moment at which it holds is the one that counts: losing it again is a violation, even if
//! it comes back. Samples from before the event say nothing of the time after it.
//!
//! It bounds no outage: users may still be served when the event happens, so that it holds at once, and nothing is said of
//! what comes after. `recovers` bounds one.

use super::read::Reader;
use super::{Evidence, Judgement, Property, after_each, time_margin};
use crate::check::counted::{known_from, since};
use crate::check::expression::Expression;
use crate::check::monitor::{first_moment, just_after};
use crate::check::trace::Trace;
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::record::Record;
use crate::record::event::EventPattern;
use crate::units::{Instant, Span};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind =
    Kind::new("responds", "After each event, the statement becomes true in time and stays true.", &FIELDS);

const FIELDS: [Field; 4] = [
    Field::required("after", FieldType::Expression, "The event, such as `region_failover.started`."),
    Field::required(
        "holds",
        FieldType::Expression,
        "What must become true, such as `region.north.share == 100%`. With `success` it does not bound an outage: \
         `recovers` does.",
    ),
    Field::required("within", FieldType::PositiveSpan, "The longest time from the event to the first moment it holds."),
    Field::with("for", FieldType::Span, "0s", "none: becoming true is enough", "How long it must hold from then on."),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let (after, holds) = (reader.event("after"), reader.statement("holds"));
    let (within, hold) = (values.span("within"), values.span("for"));
    Some(Arc::new(Responds { after: after?, holds: holds?, within, hold }))
}

#[derive(Debug)]
struct Responds {
    after: EventPattern,
    holds: Expression,
    within: Span,
    hold: Span,
}

impl Property for Responds {
    fn demand(&self) -> String {
        let Self { after, holds, within, hold } = self;
        let hold = if *hold == Span::ZERO { String::new() } else { format!(" and from then on for {hold}") };
        format!("within {within} of {after}, `{holds}`{hold}")
    }

    fn bound(&self) -> String {
        let hold = if self.hold == Span::ZERO { String::new() } else { format!(", for {}", self.hold) };
        format!("{}{hold}", self.within)
    }

    fn speaks_of(&self, name: &str) -> bool {
        self.after.matches(name) || self.holds.counts(name)
    }

    fn judge(&self, record: &Record) -> Judgement {
        let trace = match self.holds.evaluate(record) {
            Ok(trace) => trace.map(|judged| judged.truth),
            Err(overflow) => return Judgement::not_exercised(overflow.to_string()),
        };
        if let Some(name) = self.holds.unrecorded(record).first() {
            return Judgement::not_exercised(format!("the run recorded no signal `{name}`"));
        }
        let signals = self.holds.signals();
        after_each(&self.after, record, |at| {
            let known = signals.iter().map(|name| known_from(name, at)).max().unwrap_or(at);
            if !self.holds.looks_back() {
                return self.judge_one(&trace, at, known);
            }
            match self.holds.evaluate(&since(record, at, &signals)) {
                Ok(trace) => {
                    let trace = trace.map(|judged| judged.truth);
                    // A window is first full, as far as it is after the event, a second after the first count.
                    let said = first_moment(&trace, known, |truth| truth.is_some());
                    let known = said.filter(|said| said.since(known) <= Span::from_secs(1)).unwrap_or(known);
                    self.judge_one(&trace, at, known)
                }
                Err(overflow) => Judgement::not_exercised(overflow.to_string()),
            }
        })
    }
}

impl Responds {
    /// The result of `event`, of which `trace` says something from `known` on.
    fn judge_one(&self, trace: &Trace<Option<bool>>, event: Instant, known: Instant) -> Judgement {
        let deadline = event.saturating_add(self.within);
        let entry = first_moment(trace, known, |truth| truth == Some(true));
        let maybe = first_moment(trace, known, |truth| truth != Some(false));
        if known > deadline {
            return Judgement::unknown(1, format!("no sample was taken from {event:#} to {deadline:#}"));
        }
        // After the end anything may happen.
        if maybe.unwrap_or_else(|| just_after(trace.end()).max(event)) > deadline {
            return self.late(event, deadline, entry);
        }
        match entry.filter(|entry| Some(*entry) == maybe) {
            Some(entry) => self.judge_hold(trace, event, entry),
            None => self.unknown(trace, maybe),
        }
    }

    fn late(&self, event: Instant, deadline: Instant, entry: Option<Instant>) -> Judgement {
        let taken = entry.map(|entry| entry.since(event));
        let why = match taken {
            Some(taken) => format!("`{}` only {taken:#} after {}", self.holds, self.after),
            None => format!("`{}` never held after {}", self.holds, self.after),
        };
        Judgement::fail(1, why)
            .measured(taken.map(|taken| format!("{taken:#}")))
            .margin(taken.map_or(-1.0, |taken| time_margin(self.within, taken)))
            .at(deadline)
    }

    fn judge_hold(&self, trace: &Trace<Option<bool>>, event: Instant, entry: Instant) -> Judgement {
        let needed = entry.saturating_add(self.hold);
        let latency = entry.since(event);
        let lost = first_moment(trace, entry, |truth| truth == Some(false));
        // It held up to the last nanosecond before it did not, or before that is unknown.
        let last_good = first_moment(trace, entry, |truth| truth != Some(true))
            .map_or(trace.end(), |gone| Instant::from_nanos(gone.as_nanos() - 1));
        let margin = |held: Span| {
            let margin = time_margin(self.within, latency);
            if self.hold > Span::ZERO { margin.min(-time_margin_above(self.hold, held)) } else { margin }
        };
        if let Some(lost) = lost.filter(|lost| *lost <= needed) {
            let held = Instant::from_nanos(lost.as_nanos() - 1).since(entry);
            return Judgement::fail(1, format!("`{}` after {latency:#}, but lost at {lost:#}", self.holds))
                .measured(format!("{latency:#}, held {held:#}"))
                .margin(margin(held))
                .at(lost);
        }
        if last_good < needed {
            return self.unknown(trace, Some(just_after(last_good)));
        }
        let answered = Evidence::counted(1, "events to respond to");
        Judgement::pass(answered, format!("`{}` {latency:#} after {}", self.holds, self.after))
            .measured(format!("{latency:#}"))
            .margin(margin(last_good.since(entry)))
            .at(entry)
    }

    fn unknown(&self, trace: &Trace<Option<bool>>, gap: Option<Instant>) -> Judgement {
        let why = match gap.filter(|gap| *gap <= trace.end()) {
            Some(gap) => format!("no data at {gap:#}: it cannot be decided whether `{}` held", self.holds),
            None => format!("the run ended at {:#}, before it could be decided", trace.end()),
        };
        Judgement::unknown(1, why)
    }
}

/// `(wanted - held) / wanted`: above zero if it was too short.
fn time_margin_above(wanted: Span, held: Span) -> f64 {
    (wanted.as_nanos() as f64 - held.as_nanos() as f64) / wanted.as_nanos().max(1) as f64
}

#[cfg(test)]
#[path = "responds_tests.rs"]
mod tests;
