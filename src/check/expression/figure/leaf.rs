//! The leaves of figures: what one run has to say about each.
//!
//! Invariant: a part of the run that was not lived through has no figure, and what has no data is unknown, never zero.

use super::instant::InstantFigure;
use super::{FigureValue, Reading, delay};
use crate::check::allowance::{Allowance, Demand, clock_runs, is_promise, one_class_only};
use crate::check::cause::Criterion;
use crate::check::expression::evaluate::{self, Overflow, UNANSWERED};
use crate::check::expression::possible::series_bounds;
use crate::check::expression::range::Interval;
use crate::check::expression::tree::{Predicate, Series, ValueTree, WindowFunction};
use crate::check::expression::window;
use crate::check::finding::Harm;
use crate::check::loss::Loss;
use crate::check::rational::Rational;
use crate::check::recovery;
use crate::check::slowdown::Slow;
use crate::check::trace::{Trace, TraceSegment};
use crate::check::vocabulary::Vocabulary;
use crate::outcome::Outage;
use crate::record::event::{EventPattern, FaultEvent};
use crate::record::{Latency, Record, StoreRecord};
use crate::units::{Instant, Ratio, Span};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf {
    /// When something first happened.
    When(InstantFigure),
    /// From when something first happened to the first of another kind at or after it.
    Between {
        /// The beginning.
        from: InstantFigure,
        /// The end.
        to: InstantFigure,
    },
    /// The recovery time after a fault: until seconds succeed at this share again, and keep doing so.
    Rto(String, Ratio),
    /// Something of one ledger, or of all together.
    Ledger(LedgerFigure, Option<String>),
    /// A latency of the requests answered in the whole run.
    Latency(LatencyFigure),
    /// Requests served as promised, of those started and those that users who were held up would have started.
    Availability,
    /// The mean, largest, smallest or last value of a signal over the whole run, or a part of it.
    Over(WindowFunction, String, Option<Part>),
    /// The value of a signal at one instant.
    At(String, Instant),
    /// The values of a signal over a part of the run, each times the seconds it held.
    Sum(String, Part),
    /// Of the time with data, the share in which a statement holds.
    Share(Predicate, Option<Part>),
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

/// Whether a signal says which share of requests was served.
fn is_service(name: &str) -> bool {
    matches!(name, "success" | "errors")
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
    /// Whether it says how much of `harm` there was. `demand`: what is demanded of it, where nothing else is in the figure.
    pub(super) fn answers_for(&self, harm: &Harm<'_>, demand: Option<(Reading, Rational)>, record: &Record) -> bool {
        match harm {
            Harm::Outage(outage) => self.answers_for_outage(outage, demand, record),
            Harm::Failures(fault) => match self {
                Self::Rto(of, _) => *of == fault.id,
                Self::Availability => true,
                Self::Over(_, name, part) => is_service(name) && part.is_none(),
                _ => false,
            },
            Harm::Loss(store) => match self {
                Self::Ledger(LedgerFigure::Lost | LedgerFigure::Rpo, of) => {
                    demand.is_some() && of.as_ref().is_none_or(|name| *name == store.store)
                }
                _ => false,
            },
            Harm::Objects(lost) => match (self, demand) {
                (Self::Over(function, name, None), Some((Reading::Most, bound))) if name == lost.signal => {
                    let covers =
                        *function == WindowFunction::Max || *function == WindowFunction::Last && lost.is_of_the_end();
                    covers && lost.is_within(bound)
                }
                _ => false,
            },
            Harm::Slow(slow) => self.answers_for_slowness(slow, demand, record),
        }
    }

    /// A figure of all requests says nothing of a class that is a part of them, unless it is of the longest answer, or the
    /// class was no slower than that by itself.
    fn answers_for_slowness(&self, slow: &Slow, demand: Option<(Reading, Rational)>, record: &Record) -> bool {
        let meets = match demand {
            Some((Reading::Most, bound)) => slow.p95.is_some_and(|p95| seconds(p95) <= bound),
            Some((Reading::Answer, _)) => one_class_only(record),
            _ => return false,
        };
        let by_itself = mutant!("a_latency_of_all_bounds_every_class": meets => true);
        match self {
            Self::Latency(LatencyFigure::Max) => true,
            // Of a whole run: a stretch of it may be slower.
            Self::Latency(LatencyFigure::P95 | LatencyFigure::P99) => by_itself,
            Self::Over(WindowFunction::Max, name, part) => {
                let covers = |part: Part| part.from <= slow.from && slow.until <= part.to;
                let is_latency = matches!(name.as_str(), "latency.p95" | "latency.p99");
                is_latency && part.is_none_or(covers) && (by_itself || one_class_only(record))
            }
            _ => false,
        }
    }

    /// Whether it counts the event `name`, or waits for it.
    pub(super) fn counts(&self, name: &str) -> bool {
        let waits = |moment: &InstantFigure| matches!(moment, InstantFigure::Event(event) if event.matches(name));
        match self {
            Self::When(moment) => waits(moment),
            Self::Between { from, to } => waits(from) || waits(to),
            Self::Count(event) => event.matches(name),
            Self::Delay(from, to, _) => from.matches(name) || to.matches(name),
            _ => false,
        }
    }

    fn answers_for_outage(&self, outage: &Outage, demand: Option<(Reading, Rational)>, record: &Record) -> bool {
        let (name, window, part) = match self {
            Self::Rto(fault, share) => {
                // Where nobody declared an objective, the share that the figure names is the promise.
                let named = !record.objective.declared && is_promise(Rational::of_share(*share), outage);
                let begins = |fault: &String| {
                    let mut periods = record.faults.iter().filter(|one| one.id == *fault).flat_map(|one| &one.periods);
                    periods.any(|period| clock_runs(outage, fault, period.from, record))
                };
                let is_cause = outage.causes.contains(&FaultEvent::begins(fault));
                return (*share >= outage.promised || named) && is_cause && begins(fault);
            }
            Self::Availability => ("success", WindowFunction::Mean, None),
            Self::Over(window, name, part) if is_service(name) => (name.as_str(), *window, *part),
            _ => return false,
        };
        let part = part.unwrap_or(Part { from: Instant::ZERO, to: record.workload_end });
        let failed = |bound| Rational::ONE.minus(bound);
        let demand = match (demand, name, window) {
            (Some((Reading::Least, bound)), "success", WindowFunction::Mean) => Some(Demand::OfAll(bound)),
            (Some((Reading::Least, bound)), "success", WindowFunction::Min) => Some(Demand::AtEveryMoment(bound)),
            (Some((Reading::Most, bound)), "errors", WindowFunction::Mean) => failed(bound).map(Demand::OfAll),
            (Some((Reading::Most, bound)), "errors", WindowFunction::Max) => failed(bound).map(Demand::AtEveryMoment),
            (Some((Reading::Answer, _)), ..) if one_class_only(record) => Some(Demand::AsExpected),
            _ => None,
        };
        let allowance = |demand| Allowance { demand, from: part.from, to: part.to };
        demand.map(allowance).is_some_and(|allowance| allowance.allows(outage, record))
    }

    /// What it came to in this run, read for a bound from above or from below.
    pub(super) fn evaluate(&self, record: &Record, reading: Reading) -> FigureValue {
        match self {
            Self::When(moment) => moment.first(record, reading),
            Self::Between { from, to } => InstantFigure::between(from, to, record, reading),
            Self::Rto(fault, objective) => rto(fault, *objective, record),
            Self::Ledger(figure, store) => ledger(*figure, store.as_deref(), record),
            Self::Latency(figure) => latency(*figure, record, reading),
            Self::Availability => {
                let (ok, started) = (record.requests.served, record.requests.promised());
                let share = Rational::new(i128::from(ok), i128::from(started));
                share.map_or_else(|| FigureValue::Unknown("no request was started".to_owned()), FigureValue::Known)
            }
            Self::Over(window, name, part) => over(*window, name, *part, record),
            Self::At(name, at) => at_instant(name, *at, record),
            Self::Sum(name, part) => sum(name, *part, record),
            Self::Share(condition, part) => share(condition, *part, record, reading),
            Self::Count(event) => FigureValue::Known(Rational::integer(event.times(record).len() as i128)),
            Self::Delay(from, to, quantile) => delay::delay(from, to, *quantile, record, reading),
        }
    }

    /// Whether what it comes to depends on what it is read for.
    pub(super) const fn depends_on_reading(&self) -> bool {
        matches!(self, Self::Between { .. } | Self::Delay(..) | Self::Share(..) | Self::When(InstantFigure::Holds(..)))
    }

    /// Between what it lies whatever the run does.
    pub(super) fn bounds(&self, known: &Vocabulary, reading: Reading) -> Interval {
        match self {
            // Read for a bound from below, the end may come before the beginning.
            Self::Between { .. } if reading == Reading::Least => Interval::OPEN,
            Self::Availability | Self::Share(..) => Interval::up_to(Rational::ONE),
            Self::Over(window, name, _) => series_bounds(&Series::Window(*window, name.clone(), Span::ZERO), known),
            Self::At(name, _) => series_bounds(&Series::Signal(name.clone()), known),
            _ => Interval::FROM_ZERO,
        }
    }

    /// The share of a part of the run that takes `seconds`, in which a statement holds up to the part's end: times its
    /// length, that is how long it has held so far, not how long it does.
    pub(super) fn is_cut_off(&self, seconds: Rational, record: &Record) -> bool {
        let Self::Share(condition, part) = self else { return false };
        let part = Part::of(*part, record);
        let Ok(judged) = evaluate::condition(condition, record, None) else { return false };
        let last = Instant::from_nanos(part.to.as_nanos().saturating_sub(1)).max(part.from);
        super::leaf::seconds(part.to.since(part.from)) == seconds && judged.at(last).truth == Some(true)
    }
}

impl Part {
    /// Stands for the end of the run, whenever that is.
    pub(super) const END: Instant = Instant::MAX;

    const fn whole(record: &Record) -> Self {
        Self { from: Instant::ZERO, to: record.end }
    }

    /// What it is of this run: all of it if there is none.
    fn of(part: Option<Self>, record: &Record) -> Self {
        match part {
            Some(Self { from, to: Self::END }) => Self { from, to: record.end },
            Some(part) => part,
            None => Self::whole(record),
        }
    }
}

/// In a second.
pub(super) const NANOS: i128 = 1_000_000_000;

pub(super) fn seconds(span: Span) -> Rational {
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
    let found = Criterion { share: Some(objective), stable: record.objective.stable }.attribute(record);
    match recovery::recovery_of(record, id, &found).map(|recovery| recovery.rto) {
        Some(Some(rto)) => FigureValue::Known(seconds(rto)),
        Some(None) => {
            let least = seconds(record.workload_end.since(at));
            FigureValue::AtLeast(least, format!("the run shows no recovery from `{id}`"))
        }
        None => match crate::check::property::recovers::untouched(fault, Some(objective), record) {
            Some(why) => FigureValue::Unknown(why),
            None => FigureValue::Known(Rational::ZERO),
        },
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

/// A request that was not answered took longer than any bound: of quantiles it is one like the others. The mean and the
/// maximum are of those answered, which is no bound from above on those that were not.
fn latency(figure: LatencyFigure, record: &Record, reading: Reading) -> FigureValue {
    let requests = &record.requests;
    if requests.started == 0 {
        return FigureValue::Unknown("no request was started".to_owned());
    }
    let Latency { all_p50, all_p95, all_p99, max, mean, .. } = requests.latency;
    let quantile = |span: Option<Span>| FigureValue::Known(span.map_or(UNANSWERED, seconds));
    let answered = match figure {
        LatencyFigure::P50 => return quantile(all_p50),
        LatencyFigure::P95 => return quantile(all_p95),
        LatencyFigure::P99 => return quantile(all_p99),
        LatencyFigure::Max => max,
        LatencyFigure::Mean => mean,
    };
    match requests.started.saturating_sub(requests.ok) {
        _ if requests.ok == 0 => FigureValue::Unknown("no request was answered".to_owned()),
        unanswered if unanswered > 0 && reading == Reading::Most => FigureValue::AtLeast(
            seconds(answered),
            format!("{unanswered} of {} requests were not answered, so there is no upper bound", requests.started),
        ),
        _ => FigureValue::Known(seconds(answered)),
    }
}

/// The window that spans the part, or the whole run, read at its end.
fn over(window: WindowFunction, name: &str, part: Option<Part>, record: &Record) -> FigureValue {
    let part = Part::of(part, record);
    if part.to.max(part.from) > record.end {
        return ended_before(part.to.max(part.from), record);
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
    match evaluate::value(&ValueTree::Leaf(series.clone()), record) {
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
    let part = Part::of(Some(part), record);
    if part.to.max(part.from) > record.end {
        return ended_before(part.to.max(part.from), record);
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

fn share(condition: &Predicate, part: Option<Part>, record: &Record, reading: Reading) -> FigureValue {
    let part = Part::of(part, record);
    if part.to.max(part.from) > record.end {
        return ended_before(part.to.max(part.from), record);
    }
    let untold = match reading {
        Reading::Answer => None,
        Reading::Most => Some(true),
        Reading::Least => Some(false),
    };
    let judged = match evaluate::condition(condition, record, untold) {
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

/// The values of `trace` within `part`, and how long each held there.
fn held_within<V: Copy + PartialEq>(trace: &Trace<V>, part: Part, end: Instant) -> Vec<(V, Span)> {
    let clipped = |stretch: TraceSegment<V>| {
        let (from, until) = (stretch.from.max(part.from), stretch.until.unwrap_or(end).min(part.to));
        (stretch.value, if until > from { until.since(from) } else { Span::ZERO })
    };
    trace.stretches().map(clipped).filter(|part: &(V, Span)| part.1 > Span::ZERO).collect()
}
