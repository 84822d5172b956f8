//! Figures of a whole run: one number, or the reason why there is none.

mod delay;
mod instant;
mod leaf;

use super::bind::{self, FunctionCall, Leaves};
use super::evaluate::{UNANSWERED, of_unanswered};
use super::range::{self, Interval};
use super::syntax::Operator;
use super::tree::{ValueTree, WindowFunction, calculate};
use super::unit::Unit;
use super::{ExpressionError, parser};
use crate::check::finding::Harm;
use crate::check::rational::Rational;
use crate::check::vocabulary::Vocabulary;
use crate::field::nearest;
use crate::record::Record;
use crate::units::Ratio;
use instant::InstantFigure;
use leaf::{LatencyFigure, Leaf, LedgerFigure, Part};
use std::fmt;
use std::ops::Range;

/// A number computed from a whole run, such as `t(cutover.done) - t(cutover.started)`.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFigure {
    text: String,
    value: ValueTree<Leaf>,
    unit: Unit,
    /// For each reading, in the order they are declared in.
    bounds: [Interval; 3],
}

/// What a figure came to. Time is in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureValue {
    /// This.
    Known(Rational),
    /// At least this: the run ended first.
    AtLeast(Rational, String),
    /// What it waits for never came, in this time or longer: more than any bound that has passed, and no proof of
    /// anything else.
    Never(Rational, String),
    /// Nothing, and why.
    Unknown(String),
}

/// What a figure is read for. Where a run leaves a choice, that is read which can violate the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Comparing it with what it should be.
    Answer,
    /// A bound from above.
    Most,
    /// A bound from below.
    Least,
}

impl Reading {
    /// What the subtracted part of a difference is read for.
    const fn of_the_opposite(self) -> Self {
        match self {
            Self::Answer => Self::Answer,
            Self::Most => Self::Least,
            Self::Least => Self::Most,
        }
    }
}

const FUNCTIONS: [(&str, &str); 21] = [
    ("t", "t(cutover.done)"),
    ("rto", "rto(fault.dark, 99%)"),
    ("acked", "acked(orders)"),
    ("lost", "lost(orders)"),
    ("visible", "visible(orders)"),
    ("at_risk", "at_risk(orders)"),
    ("rpo", "rpo(orders)"),
    ("p50", "p50(latency)"),
    ("p90", "p90(lag)"),
    ("p95", "p95(latency)"),
    ("p99", "p99(latency)"),
    ("max", "max(lag)"),
    ("min", "min(success)"),
    ("mean", "mean(busy)"),
    ("last", "last(lag)"),
    ("at", "at(goodput, 90s)"),
    ("sum", "sum(goodput, 5m, 10m)` or `sum(goodput, 5m, end)"),
    ("share", "share(success >= 99%)"),
    ("first", "first(seen.west.api.errors >= 1%)"),
    ("count", "count(fault.dark)"),
    ("delay", "delay(fault.dark, watch.detected)` or `delay(fault.dark, watch.detected, 95%)"),
];

impl RunFigure {
    /// Reads `text` with the names of `known`.
    ///
    /// # Errors
    /// If it cannot be read, names something unknown or mixes units.
    pub fn parse(text: &str, known: &Vocabulary) -> Result<Self, ExpressionError> {
        let typed = bind::value(&Figures(known), text, &parser::parse(text)?)?;
        let value = paired(typed.value);
        let bounds = [Reading::Answer, Reading::Most, Reading::Least].map(|reading| {
            range::bounds(&as_read(&value, reading), &|(leaf, reading): &(Leaf, Reading)| leaf.bounds(known, *reading))
        });
        Ok(Self { text: text.trim().to_owned(), value, unit: typed.unit, bounds })
    }

    /// Between what it lies whatever the run does, if read so.
    pub fn bounds(&self, reading: Reading) -> Interval {
        self.bounds[reading as usize]
    }

    /// What it counts.
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// Whether it is another figure with a number added or taken off. Who writes one may set it against that very number,
    /// and so land exactly on the end of what it can be.
    pub fn is_shifted(&self) -> bool {
        let ValueTree::Arithmetic(Operator::Plus | Operator::Minus, _, number) = &self.value else { return false };
        number.constant().is_some_and(|number| !number.is_zero())
    }

    /// Whether it rests on what the stores hold in the end.
    pub fn rests_on_stores(&self) -> bool {
        let mut found = false;
        self.value.leaves(&mut |leaf: &Leaf| found |= matches!(leaf, Leaf::Ledger(..)));
        found
    }

    /// Whether it says how much of `harm` there was, where it must be on that side of the bound.
    pub fn answers_for(&self, harm: &Harm<'_>, side: Reading, bound: Rational, record: &Record) -> bool {
        let mut found = false;
        let alone = matches!(self.value, ValueTree::Leaf(_));
        let demand = alone.then_some((side, bound));
        self.value.leaves(&mut |leaf: &Leaf| found |= leaf.answers_for(harm, demand, record));
        found
    }

    /// Whether it counts the event `name`, or waits for it.
    pub fn counts(&self, name: &str) -> bool {
        let mut found = false;
        self.value.leaves(&mut |leaf: &Leaf| found |= leaf.counts(name));
        found
    }

    /// What it came to in this run.
    pub fn evaluate(&self, record: &Record, reading: Reading) -> FigureValue {
        evaluate(&self.value, record, reading)
    }
}

impl fmt::Display for RunFigure {
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

    fn call(&self, call: &FunctionCall<'_>) -> Result<(Leaf, Unit), ExpressionError> {
        let Some((_, usage)) = FUNCTIONS.iter().find(|(function, _)| *function == call.function) else {
            let error = ExpressionError::new(call.span.clone(), format!("unknown function `{}`", call.function));
            let names = FUNCTIONS.map(|(name, _)| name);
            let meant = nearest(call.function, names).map(|meant| format!("did you mean `{meant}`?"));
            return Err(error.help(meant.unwrap_or_else(|| format!("functions: {}", names.join(", ")))));
        };
        if call.function == "share" {
            return self.share(call);
        }
        if call.function == "first" {
            call.expect_arguments(1, &format!("write `{usage}`"))?;
            let condition = bind::statement(self.0, call.text, &call.arguments[0])?;
            let written = call.text[call.arguments[0].span.clone()].to_owned();
            return Ok((Leaf::When(InstantFigure::Holds(condition, written)), Unit::Time));
        }
        let parts = matches!(call.function, "max" | "min" | "mean") && call.arguments.len() > 1;
        let quantile = call.function == "delay" && call.arguments.len() > 2;
        let arguments = match call.function {
            "rto" | "at" | "delay" if !quantile => 2,
            "sum" => 3,
            _ if parts || quantile => 3,
            _ => 1,
        };
        call.expect_arguments(arguments, &format!("write `{usage}`"))?;
        let (name, span) = (call.word(0)?, call.arguments[0].span.clone());
        let ledger = |figure, unit| Ok((Leaf::Ledger(figure, self.store(name, span.clone())?), unit));
        match call.function {
            "t" => Ok((Leaf::When(InstantFigure::Event(self.0.event(name, span)?)), Unit::Time)),
            "count" => Ok((Leaf::Count(self.0.event(name, span)?), Unit::Count)),
            "delay" => {
                let then = self.0.event(call.word(1)?, call.arguments[1].span.clone())?;
                let quantile = if quantile { Some(call.share(2)?) } else { None };
                Ok((Leaf::Delay(self.0.event(name, span)?, then, quantile), Unit::Time))
            }
            "rto" => Ok((Leaf::Rto(self.0.fault(name, span)?, Ratio::from_ppb(call.share(1)?)), Unit::Time)),
            "acked" => ledger(LedgerFigure::Acked, Unit::Count),
            "lost" => ledger(LedgerFigure::Lost, Unit::Count),
            "visible" => ledger(LedgerFigure::Visible, Unit::Count),
            "at_risk" => ledger(LedgerFigure::AtRisk, Unit::Count),
            "rpo" => ledger(LedgerFigure::Rpo, Unit::Time),
            "at" => {
                let (name, unit) = self.0.signal(name, span)?;
                Ok((Leaf::At(name, call.instant(1)?), unit.into()))
            }
            "sum" => {
                let (name, unit) = self.0.signal(name, span)?;
                let unit = if Unit::from(unit) == Unit::PerSecond { Unit::Count } else { Unit::from(unit) };
                Ok((Leaf::Sum(name, part(call)?), unit))
            }
            _ => self.distribution(call, name, span),
        }
    }
}

impl Figures<'_> {
    /// The database called `name`; `all` means all of them.
    fn store(&self, name: &str, span: Range<usize>) -> Result<Option<String>, ExpressionError> {
        if name == "all" { Ok(None) } else { self.0.database(name, span).map(Some) }
    }

    fn distribution(
        &self,
        call: &FunctionCall<'_>,
        name: &str,
        span: Range<usize>,
    ) -> Result<(Leaf, Unit), ExpressionError> {
        let whole = call.arguments.len() == 1;
        if name == "latency" && whole {
            let figure = match call.function {
                "p50" => LatencyFigure::P50,
                "p95" => LatencyFigure::P95,
                "p99" => LatencyFigure::P99,
                "max" => LatencyFigure::Max,
                "mean" => LatencyFigure::Mean,
                _ => {
                    let error = ExpressionError::new(call.span.clone(), "this figure of latencies is not recorded");
                    return Err(error.help("write `p50`, `p95`, `p99`, `max` or `mean` of `latency`"));
                }
            };
            return Ok((Leaf::Latency(figure), Unit::Time));
        }
        let (name, unit) = self.0.signal_or(name, if whole { &["latency"] } else { &[] }, span)?;
        let window = match call.function {
            "max" => WindowFunction::Max,
            "min" => WindowFunction::Min,
            "mean" => WindowFunction::Mean,
            "last" => WindowFunction::Last,
            "p90" => WindowFunction::Quantile(900_000_000),
            "p50" => WindowFunction::Quantile(500_000_000),
            "p95" => WindowFunction::Quantile(950_000_000),
            _ => WindowFunction::Quantile(990_000_000),
        };
        let part = if whole { None } else { Some(part(call)?) };
        Ok((Leaf::Over(window, name, part), unit.into()))
    }

    fn share(&self, call: &FunctionCall<'_>) -> Result<(Leaf, Unit), ExpressionError> {
        let parts = call.arguments.len() > 1;
        call.expect_arguments(
            if parts { 3 } else { 1 },
            "write `share(success >= 99%)` or `share(success >= 99%, 5m, 10m)`",
        )?;
        let condition = bind::statement(self.0, call.text, &call.arguments[0])?;
        let part = if parts { Some(part(call)?) } else { None };
        Ok((Leaf::Share(condition, part), Unit::Ratio))
    }
}

/// The part of the run that the second and third argument bound.
fn part(call: &FunctionCall<'_>) -> Result<Part, ExpressionError> {
    let to = if call.word(2).is_ok_and(|word| word == "end") { Part::END } else { call.instant(2)? };
    let from = call.instant(1)?;
    if from < to {
        return Ok(Part { from, to });
    }
    let error = ExpressionError::new(call.arguments[2].span.clone(), "this is not after the start of the part");
    Err(error.help(format!("write the earlier time first: `{}(…, 5m, 10m)`", call.function)))
}

/// The same, where an instant less another is the time between them: what happened before the second is no answer to it.
/// What stands in brackets is paired first.
fn paired(value: ValueTree<Leaf>) -> ValueTree<Leaf> {
    let inner = |part: Box<ValueTree<Leaf>>| Box::new(paired(*part));
    match value {
        ValueTree::Negative(of) => paired_sum(ValueTree::Negative(inner(of))),
        ValueTree::Arithmetic(operator @ (Operator::Plus | Operator::Minus), a, b) => {
            paired_sum(ValueTree::Arithmetic(operator, inner(a), inner(b)))
        }
        ValueTree::Arithmetic(operator, a, b) => ValueTree::Arithmetic(operator, inner(a), inner(b)),
        leaf => leaf,
    }
}

fn paired_sum(value: ValueTree<Leaf>) -> ValueTree<Leaf> {
    let mut terms = Vec::new();
    collect(value, false, &mut terms);
    let instant = |term: &(bool, ValueTree<Leaf>), off: bool| match term {
        (taken_off, ValueTree::Leaf(Leaf::When(moment))) if *taken_off == off => Some(moment.clone()),
        _ => None,
    };
    let find = |terms: &[(bool, ValueTree<Leaf>)], off| {
        terms.iter().enumerate().find_map(|(index, term)| Some((index, instant(term, off)?)))
    };
    while let (Some((end, to)), Some((begin, from))) = (find(&terms, false), find(&terms, true)) {
        terms[end].1 = ValueTree::Leaf(Leaf::Between { from, to });
        terms.remove(begin);
    }
    sum(terms)
}

/// The terms of a sum, each with whether it is taken off.
fn collect(value: ValueTree<Leaf>, off: bool, terms: &mut Vec<(bool, ValueTree<Leaf>)>) {
    match value {
        ValueTree::Negative(of) => collect(*of, !off, terms),
        ValueTree::Arithmetic(operator @ (Operator::Plus | Operator::Minus), a, b) => {
            collect(*a, off, terms);
            collect(*b, off != (operator == Operator::Minus), terms);
        }
        other => terms.push((off, other)),
    }
}

fn sum(terms: Vec<(bool, ValueTree<Leaf>)>) -> ValueTree<Leaf> {
    let add = |sum: Option<ValueTree<Leaf>>, (off, term): (bool, ValueTree<Leaf>)| {
        Some(match (sum, off) {
            (None, false) => term,
            (None, true) => ValueTree::Negative(Box::new(term)),
            (Some(sum), off) => {
                let operator = if off { Operator::Minus } else { Operator::Plus };
                ValueTree::Arithmetic(operator, Box::new(sum), Box::new(term))
            }
        })
    };
    terms.into_iter().fold(None, add).unwrap_or(ValueTree::Literal(Rational::ZERO))
}

/// What the two parts of a calculation are read for, where the whole is read for `reading`.
fn readings(operator: Operator, a: &ValueTree<Leaf>, b: &ValueTree<Leaf>, reading: Reading) -> [Reading; 2] {
    let shrinks_with = |other: &ValueTree<Leaf>| {
        let by_a_factor = matches!(operator, Operator::Multiply | Operator::Divide);
        by_a_factor && other.constant().is_some_and(|factor| factor < Rational::ZERO)
    };
    let read = |opposite| if opposite { reading.of_the_opposite() } else { reading };
    [read(shrinks_with(b)), read(takes_off(operator) != shrinks_with(a))]
}

/// The same, each leaf with what it is read for. One that says the same however it is read has one reading, so that it
/// can still be taken off itself.
fn as_read(value: &ValueTree<Leaf>, reading: Reading) -> ValueTree<(Leaf, Reading)> {
    match value {
        ValueTree::Literal(number) => ValueTree::Literal(*number),
        ValueTree::Leaf(leaf) => {
            ValueTree::Leaf((leaf.clone(), if leaf.depends_on_reading() { reading } else { Reading::Answer }))
        }
        ValueTree::Negative(of) => ValueTree::Negative(Box::new(as_read(of, reading.of_the_opposite()))),
        ValueTree::Arithmetic(operator, a, b) => {
            let [of_a, of_b] = readings(*operator, a, b, reading);
            ValueTree::Arithmetic(*operator, Box::new(as_read(a, of_a)), Box::new(as_read(b, of_b)))
        }
    }
}

fn evaluate(value: &ValueTree<Leaf>, record: &Record, reading: Reading) -> FigureValue {
    match value {
        ValueTree::Literal(number) => FigureValue::Known(*number),
        ValueTree::Leaf(leaf) => leaf.evaluate(record, reading),
        ValueTree::Negative(of) => match evaluate(of, record, reading.of_the_opposite()) {
            FigureValue::Known(n) => known_or(Rational::ZERO.minus(n), "does not fit 128 bits exactly"),
            other => unknown(other),
        },
        ValueTree::Arithmetic(operator, a, b) => {
            let [of_a, of_b] = readings(*operator, a, b, reading);
            let (left, right) = (evaluate(a, record, of_a), evaluate(b, record, of_b));
            let is_cut_off = |share: &ValueTree<Leaf>, seconds: &ValueTree<Leaf>| match (share, seconds.constant()) {
                (ValueTree::Leaf(share), Some(seconds)) => share.is_cut_off(seconds, record),
                _ => false,
            };
            match arithmetic(*operator, left, right) {
                FigureValue::Known(held)
                    if *operator == Operator::Multiply && (is_cut_off(a, b) || is_cut_off(b, a)) =>
                {
                    FigureValue::AtLeast(held, "it still held at the end of that part of the run".to_owned())
                }
                result => result,
            }
        }
    }
}

fn arithmetic(operator: Operator, left: FigureValue, right: FigureValue) -> FigureValue {
    match (left, right) {
        (FigureValue::Known(a), FigureValue::Known(b)) if a >= UNANSWERED || b >= UNANSWERED => {
            known_or(of_unanswered(operator, a, b), "is about requests that were not answered")
        }
        (FigureValue::Known(a), FigureValue::Known(b)) => match calculate(operator, a, b) {
            Some(result) => known_or(result, "is a division by zero"),
            None => FigureValue::Unknown("the figure does not fit 128 bits exactly".to_owned()),
        },
        (FigureValue::Unknown(why), _) | (_, FigureValue::Unknown(why)) => FigureValue::Unknown(why),
        (least, FigureValue::Known(b)) if grows(operator, b) => least.with(|a| calculate(operator, a, b)?),
        (FigureValue::Known(a), least) if grows(operator, a) && !takes_off(operator) => {
            least.with(|b| calculate(operator, a, b)?)
        }
        (first, FigureValue::AtLeast(b, why) | FigureValue::Never(b, why)) if operator == Operator::Plus => match first
        {
            FigureValue::AtLeast(a, _) | FigureValue::Never(a, _) => match a.plus(b) {
                Some(sum) => FigureValue::Never(sum, why),
                None => FigureValue::Unknown(why),
            },
            other => unknown(other),
        },
        (first, other) => unknown(if matches!(first, FigureValue::Known(_)) { other } else { first }),
    }
}

/// Whether the result grows with the other operand, where this one is `known`.
fn grows(operator: Operator, known: Rational) -> bool {
    matches!(operator, Operator::Plus | Operator::Minus) || known > Rational::ZERO
}

/// Whether the result shrinks as the second operand grows.
const fn takes_off(operator: Operator) -> bool {
    matches!(operator, Operator::Minus | Operator::Divide)
}

impl FigureValue {
    /// A bound from below, changed by something that grows with it.
    fn with(self, change: impl FnOnce(Rational) -> Option<Rational>) -> Self {
        match self {
            Self::AtLeast(least, why) => {
                change(least).map_or(Self::Unknown(why.clone()), |least| Self::AtLeast(least, why))
            }
            Self::Never(least, why) => {
                change(least).map_or(Self::Unknown(why.clone()), |least| Self::Never(least, why))
            }
            other => other,
        }
    }
}

fn known_or(value: Option<Rational>, why: &str) -> FigureValue {
    value.map_or_else(|| FigureValue::Unknown(format!("the figure {why}")), FigureValue::Known)
}

/// A bound from below on a part says nothing certain about the whole.
fn unknown(part: FigureValue) -> FigureValue {
    match part {
        FigureValue::Known(_) => FigureValue::Unknown(String::new()),
        FigureValue::AtLeast(_, why) | FigureValue::Never(_, why) | FigureValue::Unknown(why) => {
            FigureValue::Unknown(why)
        }
    }
}
