//! The requests of a live drill, counted.
//!
//! Invariant: a request counts as served by the rules of a rehearsal: it was answered, and within what is promised.

use super::{LiveDrill, signal};
use crate::record::{
    ClassLatency, FailureCounts, FailureReason, Latency, Objective, Position, RequestTotals, Sample, Served, Signal,
    SignalUnit, TOTAL,
};
use crate::units::{Instant, Span};
use std::collections::BTreeMap;

/// The outcome of a request, as its client knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveAnswer {
    /// It was answered.
    Done,
    /// It certainly did not happen.
    Failed(FailureReason),
    /// Nobody knows.
    Unknown(FailureReason),
}

/// A request that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRequest {
    /// Its number, unique in the drill.
    pub operation: u64,
    /// Its class, by position among those of the objective, the total left out.
    pub class: u16,
    /// The region it was sent to.
    pub region: String,
    /// When it began.
    pub began: Instant,
    /// When its client knew, or gave up.
    pub ended: Instant,
    /// Its outcome.
    pub answer: LiveAnswer,
    /// If it writes: to which database, and where it stands there if that was acknowledged.
    pub write: Option<(String, Option<Position>)>,
}

/// What is counted.
pub(super) struct ClientFigures {
    pub objective: Objective,
    pub signals: Vec<Signal>,
    pub totals: RequestTotals,
    pub latency_by_class: Vec<ClassLatency>,
}

/// Counts the requests of `drill`.
pub(super) fn counted(drill: &LiveDrill) -> ClientFigures {
    let mut served = Served::new(&drill.objective, 0);
    let requests = &drill.requests;
    requests.iter().for_each(|request| served.started(request.class, request.began.second()));
    for request in requests {
        served.ended(request.class, request.began, request.ended, request.answer == LiveAnswer::Done);
    }
    let closed = served.close(drill.workload_end);
    let done = || requests.iter().filter(|request| request.answer == LiveAnswer::Done);
    let mut totals = totals(drill);
    totals.served = closed.served;
    let mut signals = closed.signals;
    let per_second = |name: &str, at: &mut dyn Iterator<Item = Instant>| per_second(name, at, drill.end);
    signals.push(per_second("offered", &mut requests.iter().map(|request| request.began)));
    signals.push(per_second("attempts", &mut requests.iter().map(|request| request.began)));
    signals.push(per_second("goodput", &mut done().map(|request| request.ended)));
    for reason in FailureReason::ALL {
        let mut failed = requests.iter().filter(|request| reason_of(request) == Some(reason));
        let name = format!("failed.{}", reason.name());
        signals.push(per_second(&name, &mut failed.by_ref().map(|request| request.ended)));
    }
    signals.extend(latencies(drill));
    ClientFigures { objective: closed.objective, signals, totals, latency_by_class: by_class(drill) }
}

fn reason_of(request: &LiveRequest) -> Option<FailureReason> {
    match request.answer {
        LiveAnswer::Done => None,
        LiveAnswer::Failed(reason) | LiveAnswer::Unknown(reason) => Some(reason),
    }
}

/// How many of `instants` there are in each second.
pub(super) fn per_second(name: &str, instants: impl Iterator<Item = Instant>, end: Instant) -> Signal {
    let mut counts: BTreeMap<u64, u64> = (0..=end.second()).map(|second| (second, 0)).collect();
    instants.for_each(|at| *counts.entry(at.second()).or_insert(0) += 1);
    let mut signal = signal(name.to_owned(), SignalUnit::PerSecond);
    counts.into_iter().for_each(|(second, count)| signal.set(Instant::from_secs(second), Sample::count(count)));
    signal
}

/// The response times by the second of the answer; who was not answered took longer than any.
fn latencies(drill: &LiveDrill) -> impl Iterator<Item = Signal> {
    let mut seconds: BTreeMap<u64, (Vec<Span>, usize)> =
        (0..=drill.end.second()).map(|second| (second, Default::default())).collect();
    for request in &drill.requests {
        let (took, all) = seconds.entry(request.ended.second()).or_default();
        *all += 1;
        if request.answer == LiveAnswer::Done {
            took.push(request.ended.since(request.began));
        }
    }
    seconds.values_mut().for_each(|(took, _)| took.sort());
    [50, 95, 99].into_iter().map(move |percent| {
        let mut shown = signal(format!("latency.p{percent}"), SignalUnit::Nanoseconds);
        for (second, (took, all)) in &seconds {
            let sample = took.get(place(*all, percent)).map_or(Sample::MISSING, |span| Sample::count(span.as_nanos()));
            shown.set(Instant::from_secs(*second), sample);
        }
        shown
    })
}

/// Where the one stands, among `of` in their order, that so many in a hundred do not exceed.
fn place(of: usize, percent: usize) -> usize {
    (of * percent).div_ceil(100).saturating_sub(1)
}

/// How long the answers to `requests` took, ascending.
fn answered<'a>(requests: impl Iterator<Item = &'a LiveRequest>) -> Vec<Span> {
    let answered = requests.filter(|request| request.answer == LiveAnswer::Done);
    let mut took: Vec<Span> = answered.map(|request| request.ended.since(request.began)).collect();
    took.sort();
    took
}

fn by_class(drill: &LiveDrill) -> Vec<ClassLatency> {
    let figures = |(index, class): (usize, &str)| {
        let took = answered(drill.requests.iter().filter(|request| usize::from(request.class) == index));
        let [p50, p95, p99] = [50, 95, 99].map(|percent| took.get(place(took.len(), percent)).copied());
        let (class, answered, max) = (class.to_owned(), took.len() as u64, *took.last()?);
        Some(ClassLatency { class, answered, p50: p50?, p95: p95?, p99: p99?, max })
    };
    drill.classes().enumerate().filter_map(figures).collect()
}

fn totals(drill: &LiveDrill) -> RequestTotals {
    let requests = &drill.requests;
    let latencies = answered(requests.iter());
    let quantile = |percent| latencies.get(place(latencies.len(), percent)).copied().unwrap_or(Span::ZERO);
    // Who was not answered waited longer than any who was.
    let of_all = |percent| latencies.get(place(requests.len(), percent)).copied();
    let mut reasons = FailureCounts::default();
    requests.iter().filter_map(reason_of).for_each(|reason| reasons.add(reason, 1));
    let count = |wanted: fn(&LiveAnswer) -> bool| requests.iter().filter(|r| wanted(&r.answer)).count() as u64;
    let sum: u128 = latencies.iter().map(|span| u128::from(span.as_nanos())).sum();
    let mean = u64::try_from(sum.checked_div(latencies.len() as u128).unwrap_or(0)).unwrap_or(u64::MAX);
    RequestTotals {
        started: requests.len() as u64,
        ok: latencies.len() as u64,
        failed: count(|answer| matches!(answer, LiveAnswer::Failed(_))),
        unknown: count(|answer| matches!(answer, LiveAnswer::Unknown(_))),
        reasons,
        attempts: requests.len() as u64,
        latency: Latency {
            p50: quantile(50),
            p95: quantile(95),
            p99: quantile(99),
            max: latencies.last().copied().unwrap_or(Span::ZERO),
            mean: Span::from_nanos(mean),
            all_p50: of_all(50),
            all_p95: of_all(95),
            all_p99: of_all(99),
        },
        ..RequestTotals::default()
    }
}

impl LiveDrill {
    /// The classes that requests are of, in their order.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.objective.classes.iter().map(|class| class.name.as_str()).filter(|name| *name != TOTAL)
    }
}
