//! Figures of a whole run: one number, or the reason why there is none.

use super::bind::{self, Call, Leaves};
use super::evaluate::{self, Overflow};
use super::tree::{Series, Value, Window, calculate};
use super::unit::Unit;
use super::{ExpressionError, parser};
use crate::check::event::EventPattern;
use crate::check::rational::Rational;
use crate::check::recovery;
use crate::check::vocabulary::Vocabulary;
use crate::field::nearest;
use crate::record::{Record, StoreRecord};
use crate::units::{Ratio, Span};
use std::fmt;
use std::ops::Range;

/// A number computed from a whole run, such as `t(cutover.done) - t(cutover.started)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    text: String,
    value: Value<Leaf>,
    unit: Unit,
}

/// What a figure came to. Time is in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureValue {
    /// This.
    Known(Rational),
    /// At least this: the run ended first.
    AtLeast(Rational, String),
    /// Nothing, and why.
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Leaf {
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
    /// The mean, largest or smallest value of a signal over the whole run.
    Whole(Window, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LedgerFigure {
    Acked,
    Lost,
    Visible,
    AtRisk,
    Rpo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LatencyFigure {
    P50,
    P95,
    P99,
    Max,
    Mean,
}

const FUNCTIONS: [(&str, &str); 13] = [
    ("t", "t(cutover.done)"),
    ("rto", "rto(fault.dark, 99%)"),
    ("acked", "acked(orders)"),
    ("lost", "lost(orders)"),
    ("visible", "visible(orders)"),
    ("at_risk", "at_risk(orders)"),
    ("rpo", "rpo(orders)"),
    ("p50", "p50(latency)"),
    ("p95", "p95(latency)"),
    ("p99", "p99(latency)"),
    ("max", "max(lag)"),
    ("min", "min(success)"),
    ("mean", "mean(busy)"),
];

impl Figure {
    /// Reads `text` with the names of `known`.
    ///
    /// # Errors
    /// If it cannot be read, names something unknown or mixes units.
    pub fn parse(text: &str, known: &Vocabulary) -> Result<Self, ExpressionError> {
        let typed = bind::value(&Figures(known), text, &parser::parse(text)?)?;
        Ok(Self { text: text.trim().to_owned(), value: typed.value, unit: typed.unit })
    }

    /// What it counts.
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// What it came to in this run.
    pub fn evaluate(&self, record: &Record) -> FigureValue {
        evaluate(&self.value, record)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The leaves of figures, with the names they may use.
struct Figures<'a>(&'a Vocabulary);

impl Leaves for Figures<'_> {
    type Leaf = Leaf;

    fn name(&self, name: &str, span: Range<usize>) -> Result<(Leaf, Unit), ExpressionError> {
        if name == "availability" {
            return Ok((Leaf::Availability, Unit::Ratio));
        }
        let error = ExpressionError::new(span, format!("`{name}` is not a figure of the whole run"));
        Err(match FUNCTIONS.iter().find(|(function, _)| *function == name) {
            Some((_, usage)) => error.help(format!("write `{usage}`")),
            None => error.help(format!("of a signal, write `max({name})`; of an event, `t({name})`")),
        })
    }

    fn call(&self, call: &Call<'_>) -> Result<(Leaf, Unit), ExpressionError> {
        let Some((_, usage)) = FUNCTIONS.iter().find(|(function, _)| *function == call.function) else {
            let error = ExpressionError::new(call.span.clone(), format!("unknown function `{}`", call.function));
            let names = FUNCTIONS.map(|(name, _)| name);
            let meant = nearest(call.function, names).map(|meant| format!("did you mean `{meant}`?"));
            return Err(error.help(meant.unwrap_or_else(|| format!("functions: {}", names.join(", ")))));
        };
        call.expect_arguments(if call.function == "rto" { 2 } else { 1 }, &format!("write `{usage}`"))?;
        let (name, span) = (call.word(0)?, call.arguments[0].span.clone());
        let ledger = |figure, unit| Ok((Leaf::Ledger(figure, self.store(name, span.clone())?), unit));
        match call.function {
            "t" => Ok((Leaf::FirstTime(self.0.event(name, span)?), Unit::Time)),
            "rto" => Ok((Leaf::Rto(self.0.fault(name, span)?, Ratio::from_ppb(call.share(1)?)), Unit::Time)),
            "acked" => ledger(LedgerFigure::Acked, Unit::Count),
            "lost" => ledger(LedgerFigure::Lost, Unit::Count),
            "visible" => ledger(LedgerFigure::Visible, Unit::Count),
            "at_risk" => ledger(LedgerFigure::AtRisk, Unit::Count),
            "rpo" => ledger(LedgerFigure::Rpo, Unit::Time),
            _ => self.distribution(call, name, span),
        }
    }
}

impl Figures<'_> {
    /// The database called `name`; `all` means all of them.
    fn store(&self, name: &str, span: Range<usize>) -> Result<Option<String>, ExpressionError> {
        if name == "all" { Ok(None) } else { self.0.database(name, span).map(Some) }
    }

    fn distribution(&self, call: &Call<'_>, name: &str, span: Range<usize>) -> Result<(Leaf, Unit), ExpressionError> {
        if name == "latency" {
            let figure = match call.function {
                "p50" => LatencyFigure::P50,
                "p95" => LatencyFigure::P95,
                "p99" => LatencyFigure::P99,
                "max" => LatencyFigure::Max,
                "mean" => LatencyFigure::Mean,
                _ => return Err(ExpressionError::new(call.span.clone(), "the smallest latency is not recorded")),
            };
            return Ok((Leaf::Latency(figure), Unit::Time));
        }
        let (name, unit) = self.0.signal(name, span)?;
        let window = match call.function {
            "max" => Window::Max,
            "min" => Window::Min,
            "mean" => Window::Mean,
            "p50" => Window::Quantile(500_000_000),
            "p95" => Window::Quantile(950_000_000),
            _ => Window::Quantile(990_000_000),
        };
        Ok((Leaf::Whole(window, name), unit.into()))
    }
}

fn evaluate(value: &Value<Leaf>, record: &Record) -> FigureValue {
    match value {
        Value::Literal(number) => FigureValue::Known(*number),
        Value::Leaf(leaf) => leaf.evaluate(record),
        Value::Negative(of) => match evaluate(of, record) {
            FigureValue::Known(n) => known_or(Rational::ZERO.minus(n), "does not fit 128 bits exactly"),
            other => unknown(other),
        },
        Value::Arithmetic(operator, a, b) => match (evaluate(a, record), evaluate(b, record)) {
            (FigureValue::Known(a), FigureValue::Known(b)) => match calculate(*operator, a, b) {
                Some(result) => known_or(result, "is a quotient by zero"),
                None => FigureValue::Unknown("the figure does not fit 128 bits exactly".to_owned()),
            },
            (FigureValue::Known(_), other) | (other, _) => unknown(other),
        },
    }
}

fn known_or(value: Option<Rational>, why: &str) -> FigureValue {
    value.map_or_else(|| FigureValue::Unknown(format!("the figure {why}")), FigureValue::Known)
}

/// A bound on a part says nothing certain about the whole.
fn unknown(part: FigureValue) -> FigureValue {
    match part {
        FigureValue::Known(_) => FigureValue::Unknown(String::new()),
        FigureValue::AtLeast(_, why) | FigureValue::Unknown(why) => FigureValue::Unknown(why),
    }
}

impl Leaf {
    fn evaluate(&self, record: &Record) -> FigureValue {
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
            Self::Whole(window, name) => whole(*window, name, record),
        }
    }
}

fn seconds(span: Span) -> Rational {
    Rational::new(i128::from(span.as_nanos()), 1_000_000_000).unwrap_or(Rational::ZERO)
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
        LedgerFigure::AtRisk => sum(|s| s.at_risk),
        LedgerFigure::Rpo => {
            let worst = stores.iter().map(|s| crate::check::loss::Loss::of(s).before).max().unwrap_or(Span::ZERO);
            FigureValue::Known(seconds(worst))
        }
    }
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

/// The window that spans the run, read at its end.
fn whole(window: Window, name: &str, record: &Record) -> FigureValue {
    let span = Span::from_nanos(record.end.as_nanos());
    match evaluate::value(&Value::Leaf(Series::Window(window, name.to_owned(), span)), record) {
        Ok(trace) => match trace.at(record.end) {
            Some(value) => FigureValue::Known(value),
            None => FigureValue::Unknown(format!("`{name}` has no data")),
        },
        Err(overflow @ Overflow { .. }) => FigureValue::Unknown(overflow.to_string()),
    }
}
