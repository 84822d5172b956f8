//! From syntax to a checked tree: resolves names and functions, and makes units agree.

use super::error::ExpressionError;
use super::possible::{self, Possible};
use super::range;
use super::syntax::{Form, Operator, Syntax};
use super::tree::{Compare, Predicate, Series, ValueTree, WindowFunction};
use super::unit::Unit;
use crate::check::rational::Rational;
use crate::check::vocabulary::Vocabulary;
use crate::field::nearest;
use crate::units::{Instant, Ratio, Span};
use std::ops::Range;

/// What may stand at the leaves of a value, and how it is written.
pub(super) trait Leaves {
    /// A leaf.
    type Leaf;
    /// The leaf that a bare name means.
    fn name(&self, name: &str, span: Range<usize>) -> Result<(Self::Leaf, Unit), ExpressionError>;
    /// The leaf that a call means.
    fn call(&self, call: &FunctionCall<'_>) -> Result<(Self::Leaf, Unit), ExpressionError>;
}

/// A call as written.
pub(super) struct FunctionCall<'a> {
    pub text: &'a str,
    pub function: &'a str,
    pub span: Range<usize>,
    pub arguments: &'a [Syntax],
}

/// A value with its unit.
pub(super) struct Typed<L> {
    pub value: ValueTree<L>,
    pub unit: Unit,
}

/// Reads `syntax` as a value over `leaves`.
pub(super) fn value<L: Leaves>(leaves: &L, text: &str, syntax: &Syntax) -> Result<Typed<L::Leaf>, ExpressionError> {
    match &syntax.form {
        Form::Literal(number, unit) => Ok(Typed { value: ValueTree::Literal(*number), unit: *unit }),
        Form::Name(name) => leaves.name(name, syntax.span.clone()).map(leaf),
        Form::Call(function, arguments) => {
            leaves.call(&FunctionCall { text, function, span: syntax.span.clone(), arguments }).map(leaf)
        }
        Form::Negative(of) => {
            let of = value(leaves, text, of)?;
            Ok(Typed { value: ValueTree::Negative(Box::new(of.value)), unit: of.unit })
        }
        Form::Binary(operator, a, b) if !is_logical(*operator) => arithmetic(leaves, text, *operator, a, b),
        Form::Binary(..) | Form::Not(_) => {
            let error = ExpressionError::new(syntax.span.clone(), "expected a value, but this is true or false");
            Err(error.help("compare values with `>=` and the like, and join comparisons with `and` and `or`"))
        }
    }
}

fn leaf<L>((leaf, unit): (L, Unit)) -> Typed<L> {
    Typed { value: ValueTree::Leaf(leaf), unit }
}

const fn is_logical(operator: Operator) -> bool {
    matches!(operator, Operator::And | Operator::Or | Operator::Compare(_))
}

fn arithmetic<L: Leaves>(
    leaves: &L,
    text: &str,
    operator: Operator,
    a: &Syntax,
    b: &Syntax,
) -> Result<Typed<L::Leaf>, ExpressionError> {
    let (left, right) = (value(leaves, text, a)?, value(leaves, text, b)?);
    let unit = match operator {
        Operator::Minus if is_whole(&left) && right.unit == Unit::Ratio => Some(Unit::Ratio),
        Operator::Plus | Operator::Minus => common(&left, &right),
        _ => left.unit.combined(operator, right.unit),
    };
    let unit = unit.ok_or_else(|| disagree(text, (a, left.unit), (b, right.unit)))?;
    Ok(Typed { value: ValueTree::Arithmetic(operator, Box::new(left.value), Box::new(right.value)), unit })
}

/// A bare one. In front of a minus and a share it is the whole: a share taken off one hundredth has no meaning.
fn is_whole<L>(value: &Typed<L>) -> bool {
    value.unit == Unit::Number && matches!(&value.value, ValueTree::Literal(one) if *one == Rational::ONE)
}

/// The unit both have or, for a bare zero, the other one's: nothing is nothing in any unit.
pub(super) fn common<A, B>(a: &Typed<A>, b: &Typed<B>) -> Option<Unit> {
    match (&a.value, a.unit, &b.value, b.unit) {
        (ValueTree::Literal(zero), Unit::Number, _, unit) | (_, unit, ValueTree::Literal(zero), Unit::Number)
            if zero.is_zero() =>
        {
            Some(unit)
        }
        _ => a.unit.common(b.unit),
    }
}

/// Says which part has which unit.
fn disagree(text: &str, (a, a_unit): (&Syntax, Unit), (b, b_unit): (&Syntax, Unit)) -> ExpressionError {
    let (left, right) = (&text[a.span.clone()], &text[b.span.clone()]);
    let error = ExpressionError::new(
        a.span.start..b.span.end,
        format!("`{left}` is {a_unit}, `{right}` is {b_unit}: they cannot be compared"),
    );
    match (a_unit, b_unit) {
        (Unit::Ratio, Unit::Number) => error.help(percent(right)),
        (Unit::Number, Unit::Ratio) => error.help(percent(left)),
        (Unit::Time, Unit::Number) => error.help(format!("write a unit: `{right}s` or `{right}ms`")),
        (Unit::PerSecond, Unit::Number) => error.help(format!("write `{right}/s`")),
        (Unit::Count, Unit::PerSecond) => error.help(format!("`rate({left}, 30s)` is per second")),
        _ => error,
    }
}

/// How a share is written that was meant by the bare `number`.
pub(crate) fn percent(number: &str) -> String {
    match number.parse::<Ratio>() {
        Ok(share) if share < Ratio::ONE => format!("a share needs its unit: write `{share}`"),
        Ok(Ratio::ONE) => "a share needs its unit: write `100%` for the whole, or `1%`".to_owned(),
        Ok(_) => format!("a share needs its unit: write `{number}%`"),
        Err(_) => "a share needs its unit, such as `5%`".to_owned(),
    }
}

/// Reads `syntax` as a statement over series that some run can violate and some run can meet.
pub(super) fn statement(known: &Vocabulary, text: &str, syntax: &Syntax) -> Result<Predicate, ExpressionError> {
    let read = condition(known, text, syntax)?;
    demanding(known, text, syntax, &read)?;
    Ok(read)
}

/// Fails if `condition` comes to the same whatever happens.
fn demanding(known: &Vocabulary, text: &str, syntax: &Syntax, condition: &Predicate) -> Result<(), ExpressionError> {
    let (never, help) = match possible::possible(condition, known) {
        Possible::Both => return Ok(()),
        Possible::OnlyHolds => ("can never fail", "it demands nothing: give a bound that a bad run would violate"),
        Possible::OnlyFails => ("can never hold", "give a bound that a good run can meet"),
    };
    let mut why = String::new();
    if let (Predicate::Compare(compare), Form::Binary(_, a, b)) = (condition, &syntax.form) {
        let (side, value) = if compare.left.constant().is_some() { (b, &compare.right) } else { (a, &compare.left) };
        why = range::bounds(value, &|series| possible::series_bounds(series, known))
            .describe(&text[side.span.clone()], compare.unit)
            .map_or(why, |bounds| format!(": {bounds}"));
    }
    let written = &text[syntax.span.clone()];
    Err(ExpressionError::new(syntax.span.clone(), format!("`{written}` {never}{why}")).help(help))
}

/// Reads `syntax` as a statement over series.
fn condition(known: &Vocabulary, text: &str, syntax: &Syntax) -> Result<Predicate, ExpressionError> {
    match &syntax.form {
        Form::Not(of) => condition(known, text, of).map(|of| Predicate::Not(Box::new(of))),
        Form::Binary(Operator::And, a, b) => {
            Ok(Predicate::And(Box::new(condition(known, text, a)?), Box::new(condition(known, text, b)?)))
        }
        Form::Binary(Operator::Or, a, b) => {
            Ok(Predicate::Or(Box::new(condition(known, text, a)?), Box::new(condition(known, text, b)?)))
        }
        Form::Binary(Operator::Compare(comparison), a, b) => {
            let (left, right) = (value(known, text, a)?, value(known, text, b)?);
            let unit = common(&left, &right).ok_or_else(|| disagree(text, (a, left.unit), (b, right.unit)))?;
            let bound = right.value.constant().or_else(|| left.value.constant()).and_then(magnitude);
            let scale = bound.filter(|bound| !bound.is_zero()).unwrap_or(Rational::ONE);
            let (left, right) = (left.value, right.value);
            let compare = Predicate::Compare(Compare { comparison: *comparison, left, right, unit, scale });
            demanding(known, text, syntax, &compare)?;
            Ok(compare)
        }
        _ => {
            let (unit, part) = (value(known, text, syntax)?.unit, &text[syntax.span.clone()]);
            let error = ExpressionError::new(syntax.span.clone(), format!("`{part}` is {unit}, not a statement"));
            Err(error.help(format!("compare it: `{part} >= …`")))
        }
    }
}

/// Its distance from zero; `None` if that does not fit.
pub(super) fn magnitude(value: Rational) -> Option<Rational> {
    if value < Rational::ZERO { Rational::ZERO.minus(value) } else { Some(value) }
}

const FUNCTIONS: [&str; 11] = ["rate", "mean", "max", "min", "last", "p50", "p90", "p95", "p99", "quantile", "count"];

impl Leaves for Vocabulary {
    type Leaf = Series;

    fn name(&self, name: &str, span: Range<usize>) -> Result<(Series, Unit), ExpressionError> {
        if FUNCTIONS.contains(&name) {
            let error = ExpressionError::new(span, format!("`{name}` is a function"));
            return Err(error.help(usage(name)));
        }
        self.signal(name, span).map(|(name, unit)| (Series::Signal(name), unit.into()))
    }

    fn call(&self, call: &FunctionCall<'_>) -> Result<(Series, Unit), ExpressionError> {
        if !FUNCTIONS.contains(&call.function) {
            let error = ExpressionError::new(call.span.clone(), format!("unknown function `{}`", call.function));
            return Err(match nearest(call.function, FUNCTIONS) {
                Some(meant) => error.help(usage(meant)),
                None => error.help(format!("functions: {}", FUNCTIONS.join(", "))),
            });
        }
        if call.function == "count" {
            call.expect_arguments(2, &usage("count"))?;
            let event = self.event(call.word(0)?, call.arguments[0].span.clone())?;
            return Ok((Series::Count(event, call.window(1)?), Unit::Count));
        }
        self.window_of_signal(call)
    }
}

impl Vocabulary {
    fn window_of_signal(&self, call: &FunctionCall<'_>) -> Result<(Series, Unit), ExpressionError> {
        call.expect_arguments(if call.function == "quantile" { 3 } else { 2 }, &usage(call.function))?;
        let (signal, unit) = self.signal(call.word(0)?, call.arguments[0].span.clone())?;
        let unit = Unit::from(unit);
        let window = call.window(call.arguments.len() - 1)?;
        let (function, unit) = match call.function {
            "rate" if unit == Unit::Count => (WindowFunction::Rate, Unit::PerSecond),
            "rate" => return Err(no_rate(call, unit)),
            "mean" => (WindowFunction::Mean, unit),
            "max" => (WindowFunction::Max, unit),
            "min" => (WindowFunction::Min, unit),
            "last" => (WindowFunction::Last, unit),
            "p50" => (WindowFunction::Quantile(500_000_000), unit),
            "p90" => (WindowFunction::Quantile(900_000_000), unit),
            "p95" => (WindowFunction::Quantile(950_000_000), unit),
            "p99" => (WindowFunction::Quantile(990_000_000), unit),
            _ => (WindowFunction::Quantile(call.share(1)?), unit),
        };
        Ok((Series::Window(function, signal, window), unit))
    }
}

fn no_rate(call: &FunctionCall<'_>, unit: Unit) -> ExpressionError {
    let signal = &call.text[call.arguments[0].span.clone()];
    let error = ExpressionError::new(call.span.clone(), format!("`rate` needs a count, and `{signal}` is {unit}"));
    if unit == Unit::PerSecond { error.help(format!("it is already per second: `mean({signal}, 30s)`")) } else { error }
}

fn usage(function: &str) -> String {
    match function {
        "count" => "write `count(fault.*, 10m)`: an event and a window".to_owned(),
        "quantile" => "write `quantile(latency.p95, 99%, 1m)`: a signal, a share and a window".to_owned(),
        "rate" => "write `rate(db.orders.backlog, 30s)`: a count and a window".to_owned(),
        other => format!("write `{other}(success, 1m)`: a signal and a window"),
    }
}

impl FunctionCall<'_> {
    /// Fails unless there are `n` arguments.
    pub(super) fn expect_arguments(&self, n: usize, usage: &str) -> Result<(), ExpressionError> {
        if self.arguments.len() == n {
            return Ok(());
        }
        let plural = if n == 1 { "" } else { "s" };
        let message = format!("`{}` takes {n} argument{plural}, not {}", self.function, self.arguments.len());
        Err(ExpressionError::new(self.span.clone(), message).help(usage))
    }

    /// The `index`th argument, which must be a name.
    pub(super) fn word(&self, index: usize) -> Result<&str, ExpressionError> {
        match &self.arguments[index].form {
            Form::Name(name) => Ok(name),
            _ => Err(self.misfit(index, "the name of a signal or an event")),
        }
    }

    fn window(&self, index: usize) -> Result<Span, ExpressionError> {
        let Form::Literal(seconds, Unit::Time) = &self.arguments[index].form else {
            return Err(self.misfit(index, "a window such as `30s`"));
        };
        if *seconds < Rational::ONE {
            let error = ExpressionError::new(self.arguments[index].span.clone(), "the window is too short");
            return Err(error.help("signals hold one value per second: take `1s` or longer"));
        }
        let nanos = seconds.times(Rational::integer(1_000_000_000)).map(Rational::lowest_terms);
        let nanos = nanos.and_then(|(nanos, _)| u64::try_from(nanos).ok());
        nanos.map(Span::from_nanos).ok_or_else(|| self.misfit(index, "a window such as `30s`"))
    }

    /// An instant, counted from the start of the run.
    pub(super) fn instant(&self, index: usize) -> Result<Instant, ExpressionError> {
        let seconds = match &self.arguments[index].form {
            Form::Literal(seconds, Unit::Time) => Some(*seconds),
            Form::Literal(zero, Unit::Number) if zero.is_zero() => Some(Rational::ZERO),
            _ => None,
        };
        let nanos = seconds.and_then(|s| s.times(Rational::integer(1_000_000_000))).map(Rational::lowest_terms);
        let nanos = nanos.and_then(|(nanos, _)| u64::try_from(nanos).ok());
        nanos.map(Instant::from_nanos).ok_or_else(|| self.misfit(index, "an instant of the run such as `90s`"))
    }

    /// A share above zero and up to the whole, in parts per billion.
    pub(super) fn share(&self, index: usize) -> Result<u64, ExpressionError> {
        let billion = Rational::integer(1_000_000_000);
        let parts = match &self.arguments[index].form {
            Form::Literal(share, Unit::Ratio) => share.times(billion).map(Rational::lowest_terms),
            Form::Literal(_, Unit::Number) => {
                let written = &self.text[self.arguments[index].span.clone()];
                return Err(self.misfit(index, "a share such as `99%`").help(percent(written)));
            }
            _ => None,
        };
        let parts = parts.and_then(|(parts, _)| u64::try_from(parts).ok()).filter(|p| (1..=1_000_000_000).contains(p));
        parts.ok_or_else(|| self.misfit(index, "a share such as `99%`"))
    }

    fn misfit(&self, index: usize, expected: &str) -> ExpressionError {
        let span = self.arguments[index].span.clone();
        let written = &self.text[span.clone()];
        ExpressionError::new(span, format!("expected {expected}, not `{written}`"))
    }
}
