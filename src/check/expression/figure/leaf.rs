//! The leaves of figures: what one run has to say about each.
//!
//! Invariant: a part of the run that was not lived through has no figure, and what has no data is unknown, never zero.

use super::FigureValue;
use crate::check::event::EventPattern;
use crate::check::expression::evaluate::{self, Overflow};
use crate::check::expression::tree::{Condition, Series, Value, Window};
use crate::check::expression::window;
use crate::check::loss::Loss;
use crate::check::rational::Rational;
use crate::check::recovery;
use crate::check::trace::{Stretch, Trace};
use crate::record::{Record, StoreRecord};
use crate::units::{Instant, Ratio, Span};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf {
    /// When such an event first happened.
    FirstTime(EventPattern),
    /// The recovery time after a fault: until seconds succeed at this share again, and go on to.
    Rto(String, Ratio),
    /// Something of one ledger, or of all together.
    Ledger(LedgerFigure, Option<String>),
    /// A latency of the requests answered in the whole run.
    Latency(LatencyFigure),
    /// Requests answered in time, of those started.
    Availability,
    /// The mean, largest or smallest value of a signal over the whole run, or a part of it.
    Over(Window, String, Option<Part>),
    /// The value of a signal at one instant.
    At(String, Instant),
    /// The values of a signal over a part of the run, each times the seconds it held.
    Sum(String, Part),
    /// Of the time with data, the share in which a statement holds.
    Share(Condition, Option<Part>),
    /// When a statement first holds.
    First(Condition),
    /// How many such events happened.
    Count(EventPattern),
    /// The mean time from each event of the first kind to the next of the second, or a quantile of these times, in
    /// parts per thousand million.
    Delay(EventPattern, EventPattern, Option<u64>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LedgerFigure {
    Acked,
    Lost,
    Visible,
    AtRisk,
    Rpo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LatencyFigure {
    P50,
    P95,
    P99,
    Max,
    Mean,
}

/// A part of a run, from its first instant to before its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub from: Instant,
    pub to: Instant,
}

impl Leaf {
    /// What it came to in this run.
    pub(super) fn evaluate(&self, record: &Record) -> FigureValue {
        match self {
            Self::FirstTime(event) => match event.times(record).first() {
                Some(at) => FigureValue::Known(seconds(Span::from_nanos(at.as_nanos()))),
                None => FigureValue::Unknown(format!("`{event}` never happened")),
            },
            Self::Rto(fault, objective) => rto(fault, *objective, record),
            Self::Ledger(figure, store) => ledger(*figure, store.as_deref(), record),
            Self::Latency(figure) => latency(*figure, record),
            Self::Availability => {
                let (ok, started) = (record.requests.ok, record.requests.started);
                let share = Rational::new(i128::from(ok), i128::from(started));
                share.map_or_else(|| FigureValue::Unknown("no request was started".to_owned()), FigureValue::Known)
            }
            Self::Over(window, name, part) => over(*window, name, *part, record),
            Self::At(name, at) => at_instant(name, *at, record),
            Self::Sum(name, part) => sum(name, *part, record),
            Self::Share(condition, part) => share(condition, *part, record),
            Self::First(condition) => first(condition, record),
            Self::Count(event) => FigureValue::Known(Rational::integer(event.times(record).len() as i128)),
            Self::Delay(from, to, quantile) => delay(from, to, *quantile, record),
        }
    }
}

/// In a second.
const NANOS: i128 = 1_000_000_000;

fn seconds(span: Span) -> Rational {
    Rational::new(i128::from(span.as_nanos()), NANOS).unwrap_or(Rational::ZERO)
}

fn rto(id: &str, objective: Ratio, record: &Record) -> FigureValue {
    let Some(fault) = record.faults.iter().find(|fault| fault.id == id) else {
        return FigureValue::Unknown(format!("the run had no fault `{id}`"));
    };
    let Some(at) = fault.at else { return FigureValue::Unknown(format!("fault `{id}` never began")) };
    if fault.hits == 0 {
        return FigureValue::Unknown(format!("fault `{id}` affected nothing"));
    }
    let stable = recovery::recovered(record, at, objective);
    match stable.definite {
        Some(recovered) => FigureValue::Known(seconds(recovered.since(at))),
        None => {
            let least = seconds(stable.possible.since(at));
            FigureValue::AtLeast(least, format!("the run shows no recovery from `{id}`"))
        }
    }
}

fn ledger(figure: LedgerFigure, store: Option<&str>, record: &Record) -> FigureValue {
    let stores: Vec<&StoreRecord> = record.stores.iter().filter(|s| store.is_none_or(|name| name == s.store)).collect();
    let acked: u64 = stores.iter().map(|s| s.acked).sum();
    if acked == 0 {
        return FigureValue::Unknown("no write was acknowledged".to_owned());
    }
    let sum = |of: fn(&StoreRecord) -> u64| {
        FigureValue::Known(Rational::integer(stores.iter().map(|s| i128::from(of(s))).sum()))
    };
    match figure {
        LedgerFigure::Acked => sum(|s| s.acked),
        LedgerFigure::Lost => sum(|s| s.lost_total),
        LedgerFigure::Visible => sum(|s| s.lost_visible),
        LedgerFigure::AtRisk => sum(|s| s.unanswered.gone),
        LedgerFigure::Rpo => recovery_point(&stores),
    }
}

/// How far the losses of `stores` reach. No recovery point covers a write that was acknowledged after the outage and lost,
/// or lost without any: then the figure is at least what all losses reach over.
fn recovery_point(stores: &[&StoreRecord]) -> FigureValue {
    let losses = || stores.iter().map(|store| Loss::of(store));
    let reach = losses().map(|loss| loss.before.saturating_add(loss.after)).max().unwrap_or(Span::ZERO);
    let why = if losses().any(|loss| loss.without_fault) {
        "writes were lost although no fault came before"
    } else if losses().any(|loss| loss.after > Span::ZERO) {
        "writes acknowledged after the outage were lost, which no recovery point covers"
    } else {
        return FigureValue::Known(seconds(reach));
    };
    FigureValue::AtLeast(seconds(reach), why.to_owned())
}

fn latency(figure: LatencyFigure, record: &Record) -> FigureValue {
    let requests = &record.requests;
    if requests.ok == 0 {
        return FigureValue::Unknown("no request was answered".to_owned());
    }
    FigureValue::Known(seconds(match figure {
        LatencyFigure::P50 => requests.latency_p50,
        LatencyFigure::P95 => requests.latency_p95,
        LatencyFigure::P99 => requests.latency_p99,
        LatencyFigure::Max => requests.latency_max,
        LatencyFigure::Mean => requests.latency_mean,
    }))
}

/// The window that spans the part, or the whole run, read at its end.
fn over(window: Window, name: &str, part: Option<Part>, record: &Record) -> FigureValue {
    let part = part.unwrap_or(Part { from: Instant::ZERO, to: record.end });
    if part.to > record.end {
        return ended_before(part.to, record);
    }
    let series = Series::Window(window, name.to_owned(), part.to.since(part.from));
    read(name, &series, part.to, record)
}

fn at_instant(name: &str, at: Instant, record: &Record) -> FigureValue {
    if at > record.end {
        return ended_before(at, record);
    }
    read(name, &Series::Signal(name.to_owned()), at, record)
}

fn read(name: &str, series: &Series, at: Instant, record: &Record) -> FigureValue {
    match evaluate::value(&Value::Leaf(series.clone()), record) {
        Ok(trace) => match trace.at(at) {
            Some(value) => FigureValue::Known(value),
            None => FigureValue::Unknown(format!("`{name}` has no data")),
        },
        Err(overflow @ Overflow { .. }) => FigureValue::Unknown(overflow.to_string()),
    }
}

fn ended_before(at: Instant, record: &Record) -> FigureValue {
    FigureValue::Unknown(format!("the run ended at {}, before {at}", record.end))
}

fn sum(name: &str, part: Part, record: &Record) -> FigureValue {
    if part.to > record.end {
        return ended_before(part.to, record);
    }
    let Some(signal) = record.signal(name) else { return FigureValue::Unknown(format!("`{name}` has no data")) };
    let values = window::values(signal, record.end);
    let mut total = Some(Rational::ZERO);
    for (value, held) in held_within(&values, part, record.end) {
        let area = value.unwrap_or(Rational::ZERO).times(seconds(held));
        total = total.zip(area).and_then(|(total, area)| total.plus(area));
    }
    total.map_or_else(|| FigureValue::Unknown("the sum does not fit 128 bits exactly".to_owned()), FigureValue::Known)
}

fn share(condition: &Condition, part: Option<Part>, record: &Record) -> FigureValue {
    let part = part.unwrap_or(Part { from: Instant::ZERO, to: record.end });
    if part.to > record.end {
        return ended_before(part.to, record);
    }
    let judged = match evaluate::condition(condition, record) {
        Ok(judged) => judged.map(|judged| judged.truth),
        Err(overflow) => return FigureValue::Unknown(overflow.to_string()),
    };
    let (mut holds, mut known) = (0_i128, 0_i128);
    for (truth, held) in held_within(&judged, part, record.end) {
        let held = i128::from(held.as_nanos());
        known += if truth.is_some() { held } else { 0 };
        holds += if truth == Some(true) { held } else { 0 };
    }
    Rational::new(holds, known).map_or_else(|| FigureValue::Unknown("there is no data".to_owned()), FigureValue::Known)
}

fn first(condition: &Condition, record: &Record) -> FigureValue {
    let judged = match evaluate::condition(condition, record) {
        Ok(judged) => judged,
        Err(overflow) => return FigureValue::Unknown(overflow.to_string()),
    };
    let mut holding = judged.stretches().filter(|stretch| stretch.value.truth == Some(true));
    match holding.next() {
        Some(stretch) => FigureValue::Known(seconds(Span::from_nanos(stretch.from.as_nanos()))),
        None => FigureValue::Unknown("it never holds".to_owned()),
    }
}

/// The values of `trace` within `part`, and how long each held there.
fn held_within<V: Copy + PartialEq>(trace: &Trace<V>, part: Part, end: Instant) -> Vec<(V, Span)> {
    let clipped = |stretch: Stretch<V>| {
        let (from, until) = (stretch.from.max(part.from), stretch.until.unwrap_or(end).min(part.to));
        (stretch.value, if until > from { until.since(from) } else { Span::ZERO })
    };
    trace.stretches().map(clipped).filter(|part: &(V, Span)| part.1 > Span::ZERO).collect()
}

fn delay(from: &EventPattern, to: &EventPattern, quantile: Option<u64>, record: &Record) -> FigureValue {
    let mut waits = waits(&from.times(record), &to.times(record));
    if waits.is_empty() {
        return FigureValue::Unknown(format!("`{from}` was never followed by `{to}`"));
    }
    let figure = match quantile {
        Some(part) => {
            waits.sort_unstable();
            // The nearest rank: the smallest of them that at least this part does not exceed.
            let rank = (waits.len() as u128 * u128::from(part)).div_ceil(u128::from(Ratio::ONE.as_ppb()));
            Rational::new(waits[usize::try_from(rank).unwrap_or(usize::MAX).clamp(1, waits.len()) - 1], NANOS)
        }
        None => {
            let nanos = i128::try_from(waits.len()).ok().and_then(|count| count.checked_mul(NANOS));
            nanos.and_then(|nanos| Rational::new(waits.iter().sum(), nanos))
        }
    };
    known_or_too_large(figure)
}

/// From each beginning to the first end after it, in nanoseconds; none if another begins before that.
fn waits(begins: &[Instant], ends: &[Instant]) -> Vec<i128> {
    let mut waits = Vec::new();
    for (index, begin) in begins.iter().enumerate() {
        let next = begins.get(index + 1).copied().unwrap_or(Instant::MAX);
        let after = ends.partition_point(|end| end < begin);
        waits.extend(ends.get(after).filter(|end| **end <= next).map(|end| i128::from(end.since(*begin).as_nanos())));
    }
    waits
}

fn known_or_too_large(figure: Option<Rational>) -> FigureValue {
    let unknown = || FigureValue::Unknown("the figure does not fit 128 bits exactly".to_owned());
    figure.map_or_else(unknown, FigureValue::Known)
}
