//! `ends_with`: a statement holds when the run is over, and has for a while: what a migration is meant to leave behind.
//!
//! The end is the last moment with data. A run that says nothing of its last minute proves nothing about how it ended.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::expression::Expression;
use crate::check::finding::Harm;
use crate::check::monitor::just_after;
use crate::check::trace::{Judged, Trace, TraceSegment};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::record::Record;
use crate::units::{Instant, Span, plural};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind =
    Kind::new("ends_with", "The statement holds at the end of the run, and has done for a while.", &FIELDS)
        .short("holds");

const FIELDS: [Field; 3] = [
    Field::required("holds", FieldType::Expression, "The statement, such as `region.east.share >= 99%`."),
    Field::with(
        "for",
        FieldType::PositiveSpan,
        "1m",
        "product default: a state that has lasted a minute is not transient",
        "How long it must have held by then, without interruption.",
    ),
    Field::derived(
        "scale",
        FieldType::Expression,
        "the bound, or one of its unit where that is zero or not a constant",
        "Fainekos and Pappas 2009: robustness is in units of the signal",
        "The difference that makes a margin of one.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let statement = reader.scaled_statement("holds", "scale")?;
    Some(Arc::new(EndsWith { statement, lasts: values.span("for") }))
}

#[derive(Debug)]
struct EndsWith {
    statement: Expression,
    lasts: Span,
}

impl EndsWith {
    /// Since when the statement has held without a break, of the last moments with data; how these end.
    fn judge_end(&self, trace: &Trace<Judged>, record: &Record) -> Judgement {
        let with_data = |stretch: &TraceSegment<Judged>| stretch.value.truth.is_some();
        let Some(last) = trace.stretches().rev().find(with_data) else {
            return Judgement::not_exercised(match self.statement.unrecorded(record).first() {
                Some(name) => format!("the run recorded no signal `{name}`"),
                None => "there was no data".to_owned(),
            });
        };
        let end = last.until.unwrap_or_else(|| just_after(trace.end()));
        let silent = record.workload_end.max(end).since(end);
        if silent > self.lasts {
            return Judgement::not_exercised(format!("there was no data for the last {silent:#} of the workload"));
        }
        let from = Instant::from_nanos(end.as_nanos().saturating_sub(self.lasts.as_nanos()));
        let counted = trace.stretches().filter(|s| s.until.is_none_or(|until| until > from) && s.from < end);
        let mut worst: Option<(Instant, f64)> = None;
        let (mut broken, mut missing) = (None, Span::ZERO);
        for stretch in counted {
            let (begins, ends) = (stretch.from.max(from), stretch.until.unwrap_or(end).min(end));
            match stretch.value.truth {
                None => missing = missing.saturating_add(ends.since(begins)),
                Some(true) => {}
                Some(false) => broken = Some(begins),
            }
            if let Some(slack) = stretch.value.slack.filter(|slack| worst.is_none_or(|(_, least)| *slack < least)) {
                worst = Some((begins, slack));
            }
        }
        let window = format!("the last {:#} with data, up to {:#}", self.lasts, end.min(trace.end()));
        let at = broken.or(worst.map(|(at, _)| at)).unwrap_or(from);
        let judged = if let Some(broken) = broken {
            Judgement::fail(1, format!("did not hold at {broken:#}, in {window}"))
        } else if missing > Span::ZERO {
            return Judgement::not_exercised(format!("there was no data for {missing:#} of {window}"));
        } else {
            let seconds = self.lasts.as_nanos().div_ceil(1_000_000_000);
            let seen = Evidence::counted(seconds, "seconds with data");
            Judgement::pass(seen, format!("held for {}: {window}", plural(seconds, "second")))
        };
        judged
            .at(at)
            .measured(self.statement.value_at(record, at).map(|value| format!("{value} at worst")))
            .margin(worst.map(|(_, slack)| slack).filter(|_| self.statement.has_one_unit()))
    }
}

impl Property for EndsWith {
    fn demand(&self) -> String {
        format!("`{}` at the end, for {}", self.statement, self.lasts)
    }

    fn bound(&self) -> String {
        format!("{} at the end", self.statement)
    }

    fn judge(&self, record: &Record) -> Judgement {
        match self.statement.evaluate(record) {
            Ok(trace) => self.judge_end(&trace, record),
            Err(overflow) => Judgement::not_exercised(overflow.to_string()),
        }
    }

    /// What a copy lacks in the end, or that it has nothing; what was lost before that may be hidden by what was put since.
    fn bounds(&self, harm: &Harm<'_>, _: &Record) -> bool {
        let Harm::Objects(lost) = harm else { return false };
        let most = self.statement.most_of(lost.signal).filter(|_| lost.is_of_the_end());
        most.is_some_and(|most| lost.is_within(most))
    }

    fn speaks_of(&self, event: &str) -> bool {
        self.statement.counts(event)
    }
}

#[cfg(test)]
#[path = "ends_with_tests.rs"]
mod tests;
