//! `measure`: a figure of the whole run stays within a bound.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::expression::{FigureValue, Reading, RunFigure, UNANSWERED, scale_of};
use crate::check::finding::Harm;
use crate::check::rational::Rational;
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::record::Record;
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("measure", "A figure of the whole run stays within a bound.", &FIELDS);

const FIELDS: [Field; 4] = [
    Field::required(
        "value",
        FieldType::Expression,
        "The figure, such as `t(cutover.done) - t(cutover.started)`, `p99(latency)`, `rto(fault.dark, 99%)` or `max(lag)`.",
    ),
    Field::optional("at_most", FieldType::Expression, "The largest value allowed, such as `4h`."),
    Field::optional("at_least", FieldType::Expression, "The smallest value allowed, such as `99.9%`."),
    Field::derived(
        "scale",
        FieldType::Expression,
        "the bound, or one of its unit where that is zero",
        "Fainekos and Pappas 2009: robustness is in units of the signal",
        "The difference that makes a margin of one.",
    ),
];

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let figure = reader.figure("value");
    let (field, side) = match (values.opt_expression("at_most"), values.opt_expression("at_least")) {
        (Some(_), None) => ("at_most", Side::AtMost),
        (None, Some(_)) => ("at_least", Side::AtLeast),
        (Some(_), Some(_)) => {
            return reader.refuse(Some("at_least"), "two bounds", "write two properties, one for each");
        }
        (None, None) => return reader.refuse(None, "a bound is missing", "add `at_most: …` or `at_least: …`"),
    };
    let figure = figure?;
    let bound = reader.constant(field, figure.unit())?;
    let within = figure.bounds(side.reading());
    let on_the_end = |end: Rational| end == bound && !figure.is_shifted();
    let (met, unmet) = match side {
        Side::AtMost => (
            within.most.is_some_and(|most| most < bound || on_the_end(most)),
            within.least.is_some_and(|least| least > bound),
        ),
        Side::AtLeast => (
            within.least.is_some_and(|least| least > bound || on_the_end(least)),
            within.most.is_some_and(|most| most < bound),
        ),
    };
    if met || unmet {
        let bounds = within.describe(&figure.to_string(), figure.unit()).unwrap_or_default();
        let help =
            if met { "give a bound that a bad run would violate" } else { "give a bound that a good run can meet" };
        let never = if met { "fail" } else { "hold" };
        return reader.refuse(Some(field), &format!("this can never {never}: {bounds}"), help);
    }
    let scale = match values.opt_expression("scale") {
        Some((text, place)) => {
            let value = reader.constant("scale", figure.unit())?;
            reader.placed(text, place, scale_of(text, value, bound, figure.unit()))?
        }
        None if bound.is_zero() => Rational::ONE,
        None => bound,
    };
    Some(Arc::new(Measure { figure, side, bound, scale }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    AtMost,
    AtLeast,
}

impl Side {
    const fn reading(self) -> Reading {
        match self {
            Self::AtMost => Reading::Most,
            Self::AtLeast => Reading::Least,
        }
    }
}

#[derive(Debug)]
struct Measure {
    figure: RunFigure,
    side: Side,
    bound: Rational,
    scale: Rational,
}

impl Property for Measure {
    fn demand(&self) -> String {
        let side = if self.side == Side::AtMost { "at most" } else { "at least" };
        format!("{} is {side} {}", self.figure, self.bound())
    }

    fn bound(&self) -> String {
        self.figure.unit().print(self.bound)
    }

    fn judge(&self, record: &Record) -> Judgement {
        match self.figure.evaluate(record, self.side.reading()) {
            FigureValue::Known(value) => self.judge_value(value, record),
            FigureValue::AtLeast(least, why) => self.judge_least(least, &why),
            FigureValue::Never(least, why) if self.side == Side::AtMost && least > self.bound => {
                self.judge_least(least, &why)
            }
            FigureValue::Never(_, why) => Judgement::not_exercised(why),
            FigureValue::Unknown(why) => Judgement::not_exercised(why),
        }
    }

    fn speaks_of(&self, name: &str) -> bool {
        self.figure.counts(name)
    }

    fn rests_on_stores(&self) -> bool {
        self.figure.rests_on_stores()
    }

    fn bounds(&self, harm: &Harm<'_>, record: &Record) -> bool {
        // Service that is at most so good is no limit to harm, nor are answers that are at least so slow.
        let limits = match harm {
            Harm::Slow(_) | Harm::Loss(_) | Harm::Objects(_) => self.side == Side::AtMost,
            Harm::Outage(_) | Harm::Failures(_) => true,
        };
        limits && self.figure.answers_for(harm, self.side.reading(), self.bound, record)
    }
}

impl Measure {
    fn judge_value(&self, value: Rational, record: &Record) -> Judgement {
        let holds = match self.side {
            Side::AtMost => value <= self.bound,
            Side::AtLeast => value >= self.bound,
        };
        let printed = self.figure.unit().print(value);
        Judgement::decided(holds, Evidence::counted(1, "figures"), format!("{} is {printed}", self.figure))
            .measured(printed)
            .margin(if value >= UNANSWERED { self.margin_of_unanswered(record) } else { self.margin(value) })
    }

    /// The run ended first: more than the bound already is certain, less is not.
    fn judge_least(&self, least: Rational, why: &str) -> Judgement {
        let why = format!("{why}: {} is at least {}", self.figure, self.figure.unit().print(least));
        match self.side {
            Side::AtMost if least > self.bound => Judgement::fail(1, why).margin(self.margin(least).min(-1.0)),
            Side::AtLeast if least >= self.bound => {
                Judgement::pass(Evidence::counted(1, "figures"), why).margin(self.margin(least))
            }
            Side::AtMost | Side::AtLeast => Judgement::unknown(1, why),
        }
    }

    /// That of a latency as long as the run, which is all that was seen of it, but at least once the scale.
    fn margin_of_unanswered(&self, record: &Record) -> f64 {
        let seen = self.margin(Rational::integer(i128::from(record.end.second() + 1)));
        if self.side == Side::AtMost { seen.min(-1.0) } else { seen.max(1.0) }
    }

    fn margin(&self, value: Rational) -> f64 {
        let below = self.bound.minus(value).map_or_else(|| self.bound.as_f64() - value.as_f64(), Rational::as_f64);
        let signed = if self.side == Side::AtMost { below } else { 0.0 - below };
        signed / self.scale.as_f64().abs() + 0.0
    }
}

#[cfg(test)]
#[path = "measure_tests.rs"]
mod tests;
