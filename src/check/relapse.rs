//! When a statement last failed after an event, relapses included.
//!
//! Owns which bad stretches of a trace belong to an event. Does not know what the statement says. Three-valued: moments
//! without data, and everything after clients have left, may turn out either way.

use super::monitor::first_moment;
use super::trace::Trace;
use crate::outcome::Outage;
use crate::record::event::FaultEvent;
use crate::record::{FaultRecord, Period, Record};
use crate::units::{Instant, Span};

/// Something after which a statement must hold again.
#[derive(Debug, Clone, Copy)]
pub struct Obligation<'a> {
    /// When the clock starts.
    pub at: Instant,
    /// The fault whose period begins or ends then, if one does.
    pub period: Option<(&'a FaultRecord, Period)>,
}

impl Obligation<'_> {
    /// Whether chance, or the scenario, may leave out what it begins with, or whomever that meets.
    pub fn may_be_idle(&self) -> bool {
        self.period.is_some_and(|(fault, _)| fault.random || fault.optional)
    }

    /// Whether what it begins with is no fault, or one that `outage` belongs to.
    pub fn is_cause_of(&self, outage: &Outage) -> bool {
        self.period.is_none_or(|(fault, _)| outage.causes.contains(&FaultEvent::begins(&fault.id)))
    }
}

/// When a statement had come back for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastBad {
    /// As far as data shows; `None`: data does not show it.
    pub definite: Option<Instant>,
    /// If every moment without data were good.
    pub possible: Instant,
    /// Why the two differ.
    pub why: String,
}

/// The end of the last stretch in which the statement of `trace` fails that begins while the fault of `one` is on, or
/// before the statement has then held for `stable`.
pub fn last_bad(trace: &Trace<Option<bool>>, one: &Obligation<'_>, stable: Span, record: &Record) -> LastBad {
    let on_until = match one.period {
        Some((_, period)) => period.until.unwrap_or(record.workload_end).max(one.at),
        None => one.at,
    };
    let end_of = |gaps_are_bad: bool| {
        let (mut until, mut end) = (on_until, Some(one.at));
        let while_clients_are_there = trace.stretches().filter(|stretch| stretch.from < record.workload_end);
        for stretch in while_clients_are_there.filter(|s| s.until.is_none_or(|until| until > one.at)) {
            let belongs = match stretch.value {
                Some(true) => false,
                Some(false) => {
                    stretch.from <= until.saturating_add(mutant!("a_statement_never_relapses": stable => Span::ZERO))
                }
                // A gap beside what is bad may be bad too; one in the midst of what is good is no relapse.
                None => gaps_are_bad && end.is_some_and(|end| stretch.from <= end),
            };
            if belongs {
                end = stretch.until;
                until = until.max(stretch.until.unwrap_or(Instant::MAX));
            }
        }
        end
    };
    let shown = |end: &Instant| end.saturating_add(stable) <= record.workload_end;
    let possible = end_of(false).unwrap_or(Instant::MAX);
    let gap = first_moment(trace, one.at, |truth| truth.is_none());
    LastBad {
        definite: end_of(true).filter(shown),
        possible,
        why: match gap.filter(|gap| *gap < record.workload_end) {
            Some(gap) => format!("no data at {gap:#}"),
            None => format!("the run ended at {:#}", record.workload_end),
        },
    }
}
