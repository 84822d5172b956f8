//! `agrees`: a figure is what a formula or a published source says it is.
//!
//! A figure that chance moves is compared over many runs, by its mean or its standard deviation: within what chance
//! explains, and with enough runs that this says something. One run of it is inconclusive by design.
//!
//! Invariant: whether one run agrees is decided by exact numbers. A figure that was not reached within the run agrees
//! with nothing, and differs once it is too long already.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::expression::{FigureValue, Reading, RunFigure, UNANSWERED, Unit};
use crate::check::finding::Harm;
use crate::check::rational::Rational;
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::outcome::{Comparison, Quantity, Rule};
use crate::record::Record;
use crate::units::Ratio;
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("agrees", "A figure is what a formula or a published source says it is.", &FIELDS);

const FIELDS: [Field; 9] = [
    Field::required(
        "value",
        FieldType::Expression,
        "The figure, such as `mean(latency)` or `at(dns.share.west, 90s)`.",
    ),
    Field::required("with", FieldType::Expression, "The expected value, such as `5s`."),
    Field::required("source", FieldType::Text, "The formula or publication it comes from."),
    Field::with(
        "over",
        FieldType::Choice(&["mean", "deviation"]),
        "mean",
        "product default: most formulas give a mean",
        "What is compared across runs: the figure's mean or its standard deviation.",
    ),
    Field::with(
        "precision",
        FieldType::Ratio,
        "2%",
        "product default: an error of one part in fifty would be noticed",
        "The largest acceptable sampling error relative to the expected value: four standard errors, or more for few \
         runs (Student's t). Beyond this, there were too few runs.",
    ),
    Field::with(
        "exact",
        FieldType::Flag,
        "false",
        "product default: most figures vary by chance",
        "Whether the figure is deterministic, so that each run must match it within one part in a million.",
    ),
    Field::optional("within", FieldType::Ratio, "Each run must come within this share of the expected value."),
    Field::optional("step", FieldType::Expression, "Each run must come within this difference, such as `1s`."),
    Field::optional(
        "uncertainty",
        FieldType::Expression,
        "The uncertainty of the expected value itself, such as `2m`. Only where runs are compared together.",
    ),
];

/// A deterministic figure agrees within this share: one part in a million.
const EXACT: Ratio = Ratio::from_ppb(1_000);

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let figure = reader.figure("value");
    let chosen = [values.flag("exact"), values.opt_ratio("within").is_some(), values.opt_expression("step").is_some()];
    if chosen.iter().filter(|chosen| **chosen).count() > 1 {
        return reader.refuse(None, "`exact`, `within` and `step` are alternatives", "keep one of them");
    }
    let figure = figure?;
    let expected = reader.constant("with", figure.unit())?;
    let precision = values.ratio("precision").as_f64();
    let uncertainty = match values.opt_expression("uncertainty") {
        Some(_) if chosen.contains(&true) => {
            let message = "`uncertainty` applies only to runs that are compared together";
            return reader.refuse(Some("uncertainty"), message, "put the whole tolerance into `within` or `step`");
        }
        Some(_) => reader.constant("uncertainty", figure.unit())?,
        None => Rational::ZERO,
    };
    let (rule, allowed) = match (chosen, values.opt_ratio("within")) {
        ([true, ..], _) => (Rule::Relative(EXACT.as_f64()), share_of(EXACT, expected)),
        (_, Some(share)) => (Rule::Relative(share.as_f64()), share_of(share, expected)),
        ([_, _, true], None) => {
            let step = reader.constant("step", figure.unit())?;
            (Rule::Absolute(step.as_f64()), Some(step))
        }
        _ if values.text("over") == "deviation" => (Rule::Deviation(precision), Some(uncertainty)),
        _ => (Rule::Mean(precision), Some(uncertainty)),
    };
    let around = allowed.and_then(|allowed| Some([expected.minus(allowed)?, expected.plus(allowed)?]));
    let Some(around) = around.filter(|[least, most]| least <= most) else {
        return reader.refuse(Some("with"), "the tolerance has no exact value", "give a difference of zero or more");
    };
    refuse_foregone(&mut reader, &figure, rule, around)?;
    let source = values.text("source").to_owned();
    Some(Arc::new(Agrees { figure, expected, uncertainty, around, source, rule }))
}

/// Refuses what every run agrees with, and what none can.
fn refuse_foregone(
    reader: &mut Reader<'_>,
    figure: &RunFigure,
    rule: Rule,
    [least, most]: [Rational; 2],
) -> Option<()> {
    if matches!(rule, Rule::Deviation(_)) {
        return Some(());
    }
    let within = figure.bounds(Reading::Answer);
    let bounds = within.describe(&figure.to_string(), figure.unit()).unwrap_or_default();
    if within.least.is_some_and(|lowest| lowest > most) || within.most.is_some_and(|highest| highest < least) {
        return reader.refuse(Some("with"), &format!("no run can agree: {bounds}"), "give a value it can have");
    }
    let always = within.least.is_some_and(|lowest| lowest >= least) && within.most.is_some_and(|top| top <= most);
    if always && !rule.is_over_runs() && least < most {
        return reader.refuse(Some("with"), &format!("every run agrees: {bounds}"), "allow less");
    }
    Some(())
}

/// That share of `of`, whatever its sign.
fn share_of(share: Ratio, of: Rational) -> Option<Rational> {
    let part = Rational::of_share(share).times(of)?;
    if part < Rational::ZERO { Rational::ZERO.minus(part) } else { Some(part) }
}

#[derive(Debug)]
struct Agrees {
    figure: RunFigure,
    expected: Rational,
    /// How far `expected` itself may be off.
    uncertainty: Rational,
    /// Between what one run agrees, or the expected value lies.
    around: [Rational; 2],
    source: String,
    rule: Rule,
}

impl Agrees {
    const fn quantity(&self) -> Quantity {
        match self.figure.unit() {
            Unit::Ratio => Quantity::Share,
            Unit::Time => Quantity::Time,
            Unit::Count | Unit::Number => Quantity::Count,
            Unit::PerSecond => Quantity::PerSecond,
        }
    }

    fn evaluated(&self, record: &Record) -> (Comparison, Option<String>) {
        let (value, least, why) = match self.figure.evaluate(record, Reading::Answer) {
            FigureValue::Known(value) if value >= UNANSWERED => {
                let seen = Rational::integer(i128::from(record.end.second() + 1));
                (Some(seen), true, Some(format!("{} is about requests that were not answered", self.figure)))
            }
            FigureValue::Known(value) => (Some(value), false, None),
            FigureValue::AtLeast(value, why) | FigureValue::Never(value, why) => (Some(value), true, Some(why)),
            FigureValue::Unknown(why) => (None, false, Some(why)),
        };
        let [lowest, highest] = self.around;
        let agrees = value.filter(|_| !self.rule.is_over_runs()).and_then(|value| match least {
            _ if value > highest => Some(false),
            false => Some(value >= lowest),
            true => None,
        });
        let comparison = Comparison {
            figure: self.figure.to_string(),
            quantity: self.quantity(),
            expected: self.expected.as_f64(),
            uncertainty: self.uncertainty.as_f64(),
            source: self.source.clone(),
            rule: self.rule,
            value: value.map(Rational::as_f64),
            at_least: least,
            agrees,
        };
        (comparison, why)
    }
}

impl Property for Agrees {
    fn demand(&self) -> String {
        let expected = self.bound();
        let percent = |share: f64| Quantity::Share.print(share);
        match self.rule {
            Rule::Mean(_) => format!("{} is {expected} on average over many runs", self.figure),
            Rule::Deviation(_) => format!("{} has a standard deviation of {expected} over many runs", self.figure),
            Rule::Relative(share) => format!("{} is {expected}, give or take {}", self.figure, percent(share)),
            Rule::Absolute(most) => {
                format!("{} is {expected}, give or take {}", self.figure, self.quantity().print(most))
            }
        }
    }

    fn bound(&self) -> String {
        self.quantity().print(self.expected.as_f64())
    }

    fn judge(&self, record: &Record) -> Judgement {
        let (comparison, why) = self.evaluated(record);
        let why = why.unwrap_or_default();
        let Some(value) = comparison.value else { return Judgement::not_exercised(why) };
        let least = if comparison.at_least { "at least " } else { "" };
        let printed = format!("{least}{}", self.quantity().print(value));
        let Some(agrees) = comparison.agrees else {
            if !self.rule.is_over_runs() {
                return Judgement::not_exercised(why).measured(printed);
            }
            let why = format!("one run gives {printed}; a comparison takes many: `--seeds 0..40`");
            return Judgement::unknown(1, why).measured(printed);
        };
        let said = format!("{} is {printed}; {} says {}", self.figure, self.source, self.bound());
        let why = if comparison.at_least { format!("{why}: {said}") } else { said };
        Judgement::decided(agrees, Evidence::counted(1, "figures"), why).measured(printed).margin(self.margin(value))
    }

    fn comparison(&self, record: &Record) -> Option<Comparison> {
        Some(self.evaluated(record).0)
    }

    fn bounds(&self, harm: &Harm<'_>, record: &Record) -> bool {
        self.figure.answers_for(harm, Reading::Answer, self.expected, record)
    }
}

impl Agrees {
    /// How much of what is allowed is left.
    fn margin(&self, value: f64) -> f64 {
        let expected = self.expected.as_f64();
        let allowed = match self.rule {
            Rule::Absolute(most) => most,
            Rule::Relative(share) | Rule::Mean(share) | Rule::Deviation(share) => share * expected.abs(),
        };
        if allowed > 0.0 { 1.0 - (value - expected).abs() / allowed } else { 0.0 }
    }
}

#[cfg(test)]
#[path = "agrees_tests.rs"]
mod tests;
