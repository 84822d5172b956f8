//! `agrees`: a figure is what a formula or a published source says it is.
//!
//! A figure that chance moves is compared over many runs, by its mean or its standard deviation: within four standard
//! errors, and with enough runs that these say something. One run of it is inconclusive by design.

use super::read::Reader;
use super::{Evidence, Judgement, Property};
use crate::check::expression::{Figure, FigureValue, Unit};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Field, FieldType, Kind, Problems, Scope, Values};
use crate::outcome::{Comparison, Quantity, Rule};
use crate::record::Record;
use crate::units::Ratio;
use std::sync::Arc;

/// Its fields.
pub const KIND: Kind = Kind::new("agrees", "A figure is what a formula or a published source says it is.", &FIELDS);

const FIELDS: [Field; 8] = [
    Field::required(
        "value",
        FieldType::Expression,
        "The figure, such as `mean(latency)` or `at(dns.share.west, 90s)`.",
    ),
    Field::required("with", FieldType::Expression, "What it should be, such as `5s`."),
    Field::required("source", FieldType::Text, "The formula or the publication that says so."),
    Field::with(
        "over",
        FieldType::Choice(&["mean", "deviation"]),
        "mean",
        "product default: most formulas give a mean",
        "What is compared over runs: the figure's mean or its standard deviation.",
    ),
    Field::with(
        "precision",
        FieldType::Ratio,
        "2%",
        "product default: an error of one part in fifty would be seen",
        "How much four standard errors may be of the expected value; with more, too few runs were made.",
    ),
    Field::with(
        "exact",
        FieldType::Flag,
        "false",
        "product default: chance moves most figures",
        "Whether nothing in the figure is left to chance, so that each run must come to it within one part in a million.",
    ),
    Field::optional("within", FieldType::Ratio, "Each run must come within this share of what the figure should be."),
    Field::optional("step", FieldType::Expression, "Each run must come within this difference, such as `1s`."),
];

/// A deterministic figure agrees within this share.
const EXACT: f64 = 1e-6;

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    let mut reader = Reader { values, known: &Vocabulary::new(scope), problems };
    let figure = reader.figure("value");
    let chosen = [values.flag("exact"), values.opt_ratio("within").is_some(), values.opt_expression("step").is_some()];
    if chosen.iter().filter(|chosen| **chosen).count() > 1 {
        return reader.refuse(None, "`exact`, `within` and `step` are three rules", "keep one of them");
    }
    let figure = figure?;
    let expected = reader.constant("with", figure.unit())?.as_f64();
    let precision = parts(values.ratio("precision"));
    let rule = match (chosen, values.opt_ratio("within")) {
        ([true, ..], _) => Rule::Relative(EXACT),
        (_, Some(share)) => Rule::Relative(parts(share)),
        ([_, _, true], None) => Rule::Absolute(reader.constant("step", figure.unit())?.as_f64()),
        _ if values.text("over") == "deviation" => Rule::Deviation(precision),
        _ => Rule::Mean(precision),
    };
    let source = values.text("source").to_owned();
    Some(Arc::new(Agrees { figure, expected, source, rule }))
}

fn parts(ratio: Ratio) -> f64 {
    ratio.as_ppb() as f64 / Ratio::ONE.as_ppb() as f64
}

#[derive(Debug)]
struct Agrees {
    figure: Figure,
    expected: f64,
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
        let (value, why) = match self.figure.evaluate(record) {
            FigureValue::Known(value) => (Some(value.as_f64()), None),
            FigureValue::AtLeast(_, why) | FigureValue::Unknown(why) => (None, Some(why)),
        };
        let comparison = Comparison {
            figure: self.figure.to_string(),
            quantity: self.quantity(),
            expected: self.expected,
            source: self.source.clone(),
            rule: self.rule,
            value,
        };
        (comparison, why)
    }
}

impl Property for Agrees {
    fn demand(&self) -> String {
        let expected = self.quantity().print(self.expected);
        let percent = |share: f64| Quantity::Share.print(share);
        match self.rule {
            Rule::Mean(_) => format!("{} is {expected} in the mean of many runs", self.figure),
            Rule::Deviation(_) => format!("{} has a standard deviation of {expected} over many runs", self.figure),
            Rule::Relative(share) => format!("{} is {expected}, give or take {}", self.figure, percent(share)),
            Rule::Absolute(most) => {
                format!("{} is {expected}, give or take {}", self.figure, self.quantity().print(most))
            }
        }
    }

    fn bound(&self) -> String {
        self.quantity().print(self.expected)
    }

    fn judge(&self, record: &Record) -> Judgement {
        let (comparison, why) = self.evaluated(record);
        let Some(value) = comparison.value else { return Judgement::not_exercised(why.unwrap_or_default()) };
        let printed = self.quantity().print(value);
        let Some(agrees) = comparison.agrees_alone() else {
            let why = format!("one run says {printed}; it takes many to compare: `--seeds 0..40`");
            return Judgement::unknown(1, why).measured(printed);
        };
        let why = format!("{} is {printed}; {} says {}", self.figure, self.source, self.bound());
        Judgement::decided(agrees, Evidence::counted(1, "figures"), why).measured(printed).margin(self.margin(value))
    }

    fn comparison(&self, record: &Record) -> Option<Comparison> {
        Some(self.evaluated(record).0)
    }
}

impl Agrees {
    /// How much of what is allowed is left.
    fn margin(&self, value: f64) -> f64 {
        let allowed = match self.rule {
            Rule::Absolute(most) => most,
            Rule::Relative(share) | Rule::Mean(share) | Rule::Deviation(share) => share * self.expected.abs(),
        };
        if allowed > 0.0 { 1.0 - (value - self.expected).abs() / allowed } else { 0.0 }
    }
}

#[cfg(test)]
#[path = "agrees_tests.rs"]
mod tests;
