//! Stretches in which the answers to a class of requests were much slower than usual.
//!
//! Owns where such a stretch begins and ends. Does not know why, nor whether anybody minds.
//!
//! Definition. What is usual for a class is recorded with it: the 95th percentile of its answers while no fault was on. An
//! answer is slow if it took more than twice as long; of what is usual at most one in twenty is. A stretch is slow if more
//! are, by so many that chance would bring them less than once in a thousand runs: [`exceeding`] finds it and tests it. Its
//! own 95th percentile is then more than twice the usual. However often it is interrupted it is one stretch as long as
//! that holds of it as a whole, and it counts once its slow seconds make [`SHORTEST`] together, or the time in which
//! clients waited longer than that for what was answered late: what stood still for ten seconds is answered in one. So
//! stalls that come again and again are found, few requests cry no wolf, and a class that is a small part of all is judged
//! by itself.
//!
//! What is slow while the class is in an outage, or before service has been stable again, belongs to the outage, if that is
//! one in which there was hardly any service: a few failures beside slow answers do not excuse them.

use super::outage::{Counted, exceeding, requests_within};
use crate::outcome::Outage;
use crate::record::event::{Change, EventKind};
use crate::record::{FaultReach, LEAST_SERVICE, Record, Sample, ServiceClass, Signal, TOTAL, TimelineEvent};
use crate::units::{Instant, Ratio, Span};
use std::cmp::Ordering;

/// A stretch in which more than one in twenty answers to a class of requests took more than twice the usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slow {
    /// The class.
    pub class: String,
    /// When it began.
    pub from: Instant,
    /// When it was over.
    pub until: Instant,
    /// Answers that were slow.
    pub slow: u64,
    /// Answers.
    pub answers: u64,
    /// Their 95th percentile; `None`: nobody knows, for it is not known what is usual.
    pub p95: Option<Span>,
    /// What is usual.
    pub usual: Option<Usual>,
}

/// What is usual for a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// The 95th percentile.
    pub p95: Span,
    /// From when it is known.
    pub from: Instant,
    /// Up to when.
    pub until: Instant,
}

/// What is shorter is noise: product default, one scrape interval of monitoring (Prometheus: 15 s in common use).
const SHORTEST: Span = Span::from_secs(15);

/// The share of answers that take no longer than a 95th percentile.
const NOT_BEYOND: Ratio = Ratio::from_percent(95);

/// One answer in so many may take longer.
const TWENTIETH: u64 = 20;

const SECOND: Span = Span::from_secs(1);

/// Every slow stretch of `record` while clients sent requests, class by class, beside the `outages` there were.
pub fn slow_stretches(record: &Record, outages: &[Outage]) -> Vec<Slow> {
    classes(record).flat_map(|class| of_class(class, record, outages)).collect()
}

/// The classes of which it is not known what is usual though a fault or a change may have made them slow, as if they had been
/// slow from the first of these on.
pub fn unjudged(record: &Record) -> Vec<Slow> {
    // What touched no request by itself, nor anything that requests need, slowed none.
    let can_slow = record.faults.iter().filter(|fault| match fault.reach {
        FaultReach::Direct => fault.touched > 0,
        FaultReach::Indirect => fault.hits > 0,
        FaultReach::Control => false,
    });
    let changed = record.timeline.events().iter().find(|event| is_change(event)).map(|event| event.at);
    let Some(from) = can_slow.filter_map(|fault| fault.at).chain(changed).min() else { return Vec::new() };
    let until = record.workload_end;
    let unknown = |class: &&ServiceClass| usual(class, record).is_none();
    let as_slow = |class: &ServiceClass| {
        let (_, answers) = requests_within(record, class, from, until);
        Slow { class: class.name.clone(), from, until, slow: 0, answers, p95: None, usual: None }
    };
    classes(record).filter(unknown).map(as_slow).filter(|slow| slow.answers > 0).collect()
}

/// Whether something was changed on purpose, or came into force.
pub fn is_change(event: &TimelineEvent) -> bool {
    matches!(event.kind.and_then(EventKind::change), Some(Change::Made | Change::Came))
}

fn classes(record: &Record) -> impl Iterator<Item = &ServiceClass> {
    record.objective.classes.iter().filter(|class| class.name != TOTAL)
}

fn usual(class: &ServiceClass, record: &Record) -> Option<Usual> {
    let mut points = record.signal(&class.usual_signal())?.points();
    let (from, sample) = points.find(|(_, sample)| sample.whole > 0)?;
    let until = points.next().map_or(record.workload_end, |(at, _)| at);
    Some(Usual { p95: Span::from_nanos(sample.part), from, until })
}

fn of_class(class: &ServiceClass, record: &Record, outages: &[Outage]) -> Vec<Slow> {
    let (Some(usual), Some(slow)) = (usual(class, record), record.signal(&class.slow_signal())) else {
        return Vec::new();
    };
    let seconds = seconds(class, slow, record, outages);
    let p95 = record.signal(&class.slow_p95_signal());
    let found = exceeding(&seconds, NOT_BEYOND, record.workload_end).into_iter().map(|stretch| {
        let until = stretch.last.saturating_add(SECOND);
        let inside: Vec<&Counted> =
            seconds.iter().filter(|second| (stretch.from..until).contains(&second.at)).collect();
        let limit = usual.p95.saturating_add(usual.p95);
        let waited = p95.map_or(Span::ZERO, |signal| waited(&inside, signal, limit));
        let p95 = p95.map(|signal| percentile(&inside, signal));
        let found = Slow {
            class: class.name.clone(),
            from: stretch.from,
            until,
            slow: stretch.unserved,
            answers: stretch.requests,
            p95,
            usual: Some(usual),
        };
        let counts = together(&inside, until.since(stretch.from)).max(waited);
        (counts >= mutant!("a_blip_is_a_slowdown": SHORTEST => Span::ZERO)).then_some(found)
    });
    found.flatten().collect()
}

/// The answers of a class second by second, but for those that belong to an outage.
fn seconds(class: &ServiceClass, slow: &Signal, record: &Record, outages: &[Outage]) -> Vec<Counted> {
    let Some(requests) = record.signal(&class.share_signal()) else { return Vec::new() };
    let stable = record.objective.stable;
    let no_service = |outage: &&Outage| {
        let served = outage.requests - outage.unserved;
        let few = LEAST_SERVICE.compare_to_quotient(served, outage.requests) == Some(Ordering::Less);
        outage.certain && mutant!("a_few_failures_excuse_slowness": few => true)
    };
    let of_class = |outage: &&Outage| outage.class == class.name || outage.class == TOTAL;
    let mine = outages.iter().filter(no_service).filter(of_class);
    let spans: Vec<(Instant, Instant)> = mine
        .map(|outage| (Instant::from_secs(outage.from.second()), outage.until.unwrap_or(Instant::MAX)))
        .map(|(from, until)| {
            (from, until.saturating_add(mutant!("an_outage_excuses_itself_alone": stable => Span::ZERO)))
        })
        .collect();
    let in_outage = |at: Instant| spans.iter().any(|(from, until)| (*from..=*until).contains(&at));
    let mut shares = slow.points().peekable();
    let mut held = Sample::MISSING;
    let counted = |(second, requests): (u64, Sample)| {
        let at = Instant::from_secs(second);
        while let Some((_, sample)) = shares.next_if(|(from, _)| *from <= at) {
            held = sample;
        }
        // A second without a slow answer says nothing of their number: so many were sent as were answered.
        let (all, slow) = if held.part > 0 { (held.whole, held.part) } else { (requests.whole, 0) };
        Counted { at, all, beyond: slow }
    };
    let all = requests.seconds(record.workload_end).map(counted);
    all.filter(|second| second.all > 0 && !in_outage(second.at)).collect()
}

/// Whether the 95th percentile of that second was more than twice the usual.
fn is_slow(second: &Counted) -> bool {
    second.beyond * TWENTIETH > second.all
}

/// How long the slow seconds of a stretch that lasted `length` were together, of the time in which there were answers.
fn together(inside: &[&Counted], length: Span) -> Span {
    let slow = inside.iter().filter(|second| is_slow(second)).count() as u128;
    let nanos = u128::from(length.as_nanos()) * slow / (inside.len() as u128).max(1);
    Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The time in which clients waited longer than `limit` for the answers of the slow seconds, each second's as long as its 95th
/// percentile, and those seconds themselves.
fn waited(inside: &[&Counted], signal: &Signal, limit: Span) -> Span {
    let (mut waited, mut counted) = (Span::ZERO, Instant::ZERO);
    for second in inside.iter().filter(|second| is_slow(second)) {
        let longer = Span::from_nanos(signal.at(second.at).part).saturating_sub(limit);
        let from = Instant::from_nanos(second.at.as_nanos().saturating_sub(longer.as_nanos())).max(counted);
        counted = second.at.saturating_add(SECOND);
        waited = waited.saturating_add(counted.since(from));
    }
    mutant!("a_stall_lasts_as_long_as_its_answers": waited => Span::ZERO)
}

/// What one in twenty answers of a stretch took at least, at most: every slow one as long as the 95th percentile of its
/// second.
fn percentile(inside: &[&Counted], signal: &Signal) -> Span {
    let mut slow: Vec<(u64, u64)> =
        inside.iter().filter(|second| is_slow(second)).map(|s| (signal.at(s.at).part, s.beyond)).collect();
    slow.sort_unstable_by(|a, b| b.cmp(a));
    let answers: u64 = inside.iter().map(|second| second.all).sum();
    let mut seen = 0;
    let found = slow.iter().find(|(_, count)| {
        seen += count;
        seen * TWENTIETH > answers
    });
    Span::from_nanos(found.or(slow.last()).map_or(0, |(p95, _)| *p95))
}

#[cfg(test)]
#[path = "slowdown_tests.rs"]
pub(crate) mod tests;
