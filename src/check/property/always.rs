//! `always`: a statement holds at every moment of a stretch of the run that has data.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::allowance::{Allowance, Demand, begin, end, one_class_only};
use crate::check::caught::caught_from;
use crate::check::counted::stretches_of;
use crate::check::expression::Expression;
use crate::check::finding::Harm;
use crate::check::monitor::{first_moment, just_after};
use crate::check::rational::Rational;
use crate::check::slowdown::Slow;
use crate::check::trace::{Judged, Trace};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::outcome::Outage;
use crate::record::event::{EventPattern, FaultEvent, FaultKind};
use crate::record::{FaultRecord, Record, TimelineEvent};
use crate::units::{Instant, Span, plural};
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind =
    Kind::new("always", "The statement holds at every moment that has data.", &FIELDS).short("holds");

pub(super) const FIELDS: [Field; 5] = [
    Field::required("holds", FieldType::Expression, "The statement, such as `success >= 99%`."),
    Field::optional(
        "except",
        FieldType::Expression,
        "Periods that do not count: `30s after fault.*`, separated by commas; after a fault, also the requests in \
         flight when it started.",
    ),
    Field::optional(
        "from",
        FieldType::Expression,
        "When it starts to apply: a time or an event. From the start if absent.",
    ),
    Field::optional(
        "until",
        FieldType::Expression,
        "When it stops applying: a time or an event. Until the end if absent.",
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
    Some(Arc::new(Always::read(values, &Vocabulary::new(scope), problems, Sense::Holds)?))
}

/// Whether the statement must hold or must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    Holds,
    HoldsNot,
}

/// A statement over the moments that count.
#[derive(Debug)]
pub(super) struct Always {
    statement: Expression,
    sense: Sense,
    exceptions: Vec<Exception>,
    from: Option<Mark>,
    until: Option<Mark>,
}

/// The closed stretch of `span` after each such event does not count, nor what was sent before and caught by it.
#[derive(Debug)]
struct Exception {
    span: Span,
    after: EventPattern,
}

/// A moment of a run.
#[derive(Debug)]
enum Mark {
    At(Instant),
    First(EventPattern),
}

impl Always {
    pub(super) fn read(values: &Values, known: &Vocabulary, problems: &mut Problems, sense: Sense) -> Option<Self> {
        let mut reader = Reader { values, known, problems };
        let statement = reader.scaled_statement("holds", "scale");
        let exceptions = read_exceptions(&mut reader);
        let (from, until) = (read_mark(&mut reader, "from"), read_mark(&mut reader, "until"));
        Some(Self { statement: statement?, sense, exceptions: exceptions?, from: from?, until: until? })
    }
}

fn read_exceptions(reader: &mut Reader<'_>) -> Option<Vec<Exception>> {
    let Some((text, place)) = reader.values.opt_expression("except") else { return Some(Vec::new()) };
    let mut exceptions = Vec::new();
    for part in text.split(',') {
        let Some((span, event)) = part.split_once(" after ").and_then(|(s, e)| Some((s.trim().parse().ok()?, e)))
        else {
            return reader.refuse(
                Some("except"),
                &format!("cannot read `{}`", part.trim()),
                "write `30s after fault.*`",
            );
        };
        exceptions.push(Exception { span, after: reader.event_at(event.trim(), place)? });
    }
    Some(exceptions)
}

fn read_mark(reader: &mut Reader<'_>, field: &str) -> Option<Option<Mark>> {
    let Some((text, place)) = reader.values.opt_expression(field) else { return Some(None) };
    if let Ok(span) = text.parse::<Span>() {
        return Some(Some(Mark::At(Instant::ZERO.saturating_add(span))));
    }
    reader.event_at(text, place).map(|event| Some(Mark::First(event)))
}

impl Property for Always {
    fn demand(&self) -> String {
        let sense = if self.sense == Sense::Holds { "always" } else { "never" };
        let mut text = format!("`{}` {sense}", self.statement);
        for (word, mark) in [("from", &self.from), ("until", &self.until)] {
            match mark {
                Some(Mark::At(at)) => text.push_str(&format!(", {word} {at}")),
                Some(Mark::First(event)) => text.push_str(&format!(", {word} {event}")),
                None => {}
            }
        }
        for exception in &self.exceptions {
            text.push_str(&format!(", except {} after {}", exception.span, exception.after));
        }
        text
    }

    fn bound(&self) -> String {
        let not = if self.sense == Sense::Holds { "" } else { "never " };
        format!("{not}{}", self.statement)
    }

    fn judge(&self, record: &Record) -> Judgement {
        let counted = match self.counted(record) {
            Ok(counted) => counted,
            Err(why) => return Judgement::not_exercised(why),
        };
        let evaluated = match self.sense {
            Sense::Holds => self.statement.evaluate(record),
            Sense::HoldsNot => self.statement.evaluate_denied(record),
        };
        let trace = match evaluated {
            Ok(trace) => trace.join(&counted, |judged, counts| counts.then_some(judged)),
            Err(overflow) => return Judgement::not_exercised(overflow.to_string()),
        };
        let judged = self.verdict(record, &Observed::of(&trace, self.sense));
        let faults = record.faults.iter().filter(|fault| fault.hits > 0);
        let unseen = faults.filter_map(|fault| unseen(&trace, fault, record)).next();
        unseen.into_iter().fold(judged, |judged, doubt| judged.without_occasion(&doubt))
    }

    fn speaks_of(&self, event: &str) -> bool {
        self.statement.counts(event)
    }

    fn bounds(&self, harm: &Harm<'_>, record: &Record) -> bool {
        let reads = |names: &[&str]| names.iter().any(|name| self.statement.reads(name));
        let counts = |from: Instant, until: Instant| {
            self.counted(record).is_ok_and(|counted| {
                let begins = first_moment(&counted, from, |counts| counts) == Some(from);
                begins && first_moment(&counted, from, |counts| !counts).is_none_or(|gap| gap > until)
            })
        };
        match harm {
            Harm::Outage(outage) => counts(begin(outage, record), end(outage, record)) && self.allows(outage, record),
            Harm::Failures(fault) => {
                reads(&["success", "errors", "goodput", "served."])
                    && fault.at.is_some_and(|at| counts(at, record.workload_end))
            }
            Harm::Loss(_) => false,
            Harm::Objects(lost) => {
                let most = self.statement.most_of(lost.signal).filter(|_| self.sense == Sense::Holds);
                let enough = most.is_some_and(|most| lost.is_within(most));
                enough && counts(lost.since, record.end)
            }
            Harm::Slow(slow) => {
                let longest = self.statement.longest_latency(self.sense == Sense::Holds);
                let of_the_class = one_class_only(record) || allows_slowness(longest, slow);
                longest.is_some() && counts(slow.from, slow.until) && of_the_class
            }
        }
    }
}

/// Whether the class that was slow was by itself no slower than `longest`, which all requests together must keep.
fn allows_slowness(longest: Option<Rational>, slow: &Slow) -> bool {
    let p95 = slow.p95.and_then(|p95| Rational::new(i128::from(p95.as_nanos()), 1_000_000_000));
    let by_itself = longest.zip(p95).is_some_and(|(longest, p95)| p95 <= longest);
    mutant!("a_latency_at_every_moment_bounds_every_class": by_itself => true)
}

impl Always {
    /// Whether what it demands at every moment allows `outage` of its class.
    fn allows(&self, outage: &Outage, record: &Record) -> bool {
        if self.sense == Sense::HoldsNot {
            return false;
        }
        let class = record.objective.classes.iter().find(|class| class.name == outage.class);
        let of_class = class.and_then(|class| self.statement.least_served(class));
        let Some(share) = of_class.or(self.statement.least_success()) else { return false };
        let (from, to) = (Instant::ZERO, record.workload_end);
        Allowance { demand: Demand::AtEveryMoment(Rational::of_share(share)), from, to }.allows(outage, record)
    }

    /// Which moments count, or why none does.
    fn counted(&self, record: &Record) -> Result<Trace<bool>, String> {
        let from = match &self.from {
            None => Instant::ZERO,
            Some(Mark::At(at)) => *at,
            Some(Mark::First(event)) => {
                let first = event.effective_times(record).first().copied();
                first.ok_or_else(|| event.missing(record).unwrap_or_else(|| format!("`{event}` never happened")))?
            }
        };
        let until = match &self.until {
            None => record.end,
            Some(Mark::At(at)) => *at,
            Some(Mark::First(event)) => {
                let is_meant = |told: &&TimelineEvent| told.at >= from && event.matches(&told.name);
                let first = record.timeline.events().iter().find(is_meant);
                // The moment of the event still counts, that of the first request it caught does not.
                let until = |told: &TimelineEvent| match self.excused_from(told, record) {
                    caught if caught < told.at => Instant::from_nanos(caught.as_nanos().saturating_sub(1)),
                    at => at,
                };
                first.map_or(record.end, |told| until(told).max(from))
            }
        };
        // How many reasons there are, at each moment, not to count it.
        let mut changes = vec![(Instant::ZERO, 1_i64), (from, -1), (just_after(until), 1)];
        for exception in &self.exceptions {
            for event in record.timeline.events().iter().filter(|event| exception.after.matches(&event.name)) {
                let from = self.excused_from(event, record);
                changes.extend([(from, 1), (just_after(event.at.saturating_add(exception.span)), -1)]);
            }
        }
        changes.sort_unstable();
        let mut reasons = 0;
        let running = changes.into_iter().map(|(at, change)| {
            reasons += change;
            (at, reasons == 0)
        });
        Ok(Trace::through(false, running.collect::<Vec<_>>(), record.end))
    }

    /// From when on an exception after `event` holds: what is counted when requests began shows a fault in those that it
    /// caught.
    fn excused_from(&self, event: &TimelineEvent, record: &Record) -> Instant {
        let by_beginning = |name: &&str| matches!(*name, "success" | "errors") || name.starts_with("served.");
        let all_by_beginning = self.statement.signals().iter().all(by_beginning);
        match FaultEvent::of(&event.name).filter(|_| all_by_beginning) {
            Some((fault, FaultKind::Began)) => {
                mutant!("an_exception_forgets_whom_it_caught": caught_from(fault, event.at, record) => event.at)
            }
            Some((_, FaultKind::Healed)) | None => event.at,
        }
    }

    fn verdict(&self, record: &Record, observed: &Observed) -> Judgement {
        let data = plural(observed.seconds, "second");
        let Some(worst) = observed.worst else {
            let missing = self.statement.unrecorded(record);
            return Judgement::not_exercised(match missing.first() {
                Some(name) => format!("the run recorded no signal `{name}`"),
                None => "there was no data while it applied".to_owned(),
            });
        };
        let gaps = match observed.missing_seconds {
            0 => String::new(),
            n => format!(" ({} had no data)", plural(n, "second")),
        };
        let judged = match observed.violated {
            Some(at) => {
                let why = format!("first violated at {at:#}, {} of {data}{gaps}", observed.bad());
                Judgement::fail(observed.seconds, why).at(at)
            }
            None => {
                let seen = Evidence::counted(observed.seconds, "seconds with data");
                Judgement::pass(seen, format!("held in all {data} with data{gaps}")).at(worst.0)
            }
        };
        judged
            .measured(self.statement.value_at(record, worst.0).map(|value| format!("{value} at worst")))
            .margin(worst.1.filter(|_| self.statement.has_one_unit()))
    }
}

/// What is wrong with a pass that saw too little of the time `fault` was on, if it did: nothing, or there was a stretch
/// without data that was longer than the rest of that time (product default: what is missing for longer than it was there
/// may have been otherwise).
fn unseen(trace: &Trace<Option<Judged>>, fault: &FaultRecord, record: &Record) -> Option<String> {
    let (mut counted, mut gap, mut longest) = (Span::ZERO, Span::ZERO, Span::ZERO);
    for (from, until) in stretches_of(fault, record) {
        for stretch in trace.stretches() {
            let begins = stretch.from.max(from);
            let ends = stretch.until.unwrap_or_else(|| trace.end()).min(until);
            let Some(judged) = stretch.value.filter(|_| begins < ends) else { continue };
            counted = counted.saturating_add(ends.since(begins));
            gap = if judged.truth.is_none() { gap.saturating_add(ends.since(begins)) } else { Span::ZERO };
            longest = longest.max(gap);
        }
    }
    let enough = longest.saturating_add(longest) <= counted;
    (!enough).then(|| format!("there was no data for {longest:#} of the {counted:#} that `{}` was active", fault.id))
}

/// What was seen of a statement while it counted.
#[derive(Debug, Default)]
struct Observed {
    /// The first moment of violation.
    violated: Option<Instant>,
    /// The moment of the least slack, and that slack.
    worst: Option<(Instant, Option<f64>)>,
    /// Time with data, rounded up.
    seconds: u64,
    /// Time of violation.
    bad_nanos: u64,
    /// Time without data, rounded up.
    missing_seconds: u64,
}

impl Observed {
    fn of(trace: &Trace<Option<Judged>>, sense: Sense) -> Self {
        let mut seen = Self::default();
        let (mut with_data, mut without) = (0_u64, 0_u64);
        for stretch in trace.stretches() {
            let Some(judged) = stretch.value else { continue };
            // The last moment of the run counts, so that a stretch of no length is not nothing.
            let length = stretch.until.unwrap_or_else(|| just_after(trace.end())).since(stretch.from).as_nanos();
            let good = judged.truth.map(|truth| truth == (sense == Sense::Holds));
            let slack = judged.slack.map(|slack| if sense == Sense::Holds { slack } else { 0.0 - slack });
            match good {
                None => without += length,
                Some(good) => {
                    with_data += length;
                    seen.note(stretch.from, good, slack);
                    seen.bad_nanos += if good { 0 } else { length };
                }
            }
        }
        let seconds = |nanos: u64| nanos.saturating_sub(1).div_ceil(1_000_000_000).max(u64::from(nanos > 0));
        Self { seconds: seconds(with_data), missing_seconds: seconds(without), ..seen }
    }

    fn note(&mut self, at: Instant, good: bool, slack: Option<f64>) {
        if !good && self.violated.is_none() {
            self.violated = Some(at);
        }
        let least = |slack: Option<f64>| slack.unwrap_or(f64::INFINITY);
        if self.worst.is_none_or(|(_, worst)| least(slack) < least(worst)) {
            self.worst = Some((at, slack));
        }
    }

    fn bad(&self) -> String {
        format!("for {:.1}s", self.bad_nanos as f64 / 1e9)
    }
}

#[cfg(test)]
#[path = "always_tests.rs"]
pub(crate) mod tests;
