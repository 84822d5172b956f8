//! The distributions that may be written, and the distributions they stand for.

use super::incident::{INCIDENT, incident};
use super::kind::{Field, FieldType, Kind};
use super::place::Place;
use super::problem::{Problem, Problems};
use super::values::{Value, Values};
use crate::kernel::Distribution;
use crate::units::{Ratio, Span};

const SHAPE: FieldType = FieldType::Decimal { min: 0.01, max: 1_000.0 };
const SIGMA: FieldType = FieldType::Decimal { min: 0.0, max: 10.0 };

/// Every distribution by name.
pub const DISTRIBUTIONS: &[&Kind] = &[
    &CONSTANT,
    &UNIFORM,
    &EXPONENTIAL,
    &NORMAL,
    &LOGNORMAL,
    &PARETO,
    &WEIBULL,
    &HYPEREXPONENTIAL,
    &EMPIRICAL,
    &INCIDENT,
];

const CONSTANT: Kind =
    Kind::new("constant", "Always the same.", &[Field::required("value", FieldType::Span, "How long.")]).short("value");
const UNIFORM: Kind = Kind::new(
    "uniform",
    "Anything between two spans, equally likely.",
    &[
        Field::required("low", FieldType::Span, "The shortest."),
        Field::required("high", FieldType::Span, "The longest."),
    ],
);
const EXPONENTIAL: Kind =
    Kind::new("exponential", "Memoryless.", &[Field::required("mean", FieldType::Span, "The mean.")]).short("mean");
const NORMAL: Kind = Kind::new(
    "normal",
    "Normal, given that it is not negative.",
    &[
        Field::required("mean", FieldType::Span, "The mean, negative values included."),
        Field::required("sd", FieldType::Span, "The standard deviation, negative values included."),
    ],
);
const LOGNORMAL: Kind = Kind::new(
    "lognormal",
    "The logarithm is normal: most are near the median, some far above.",
    &[
        Field::optional("median", FieldType::Span, "Half are shorter. Goes with `sigma` or `p95`."),
        Field::optional("sigma", SIGMA, "Standard deviation of the natural logarithm."),
        Field::optional("p95", FieldType::Span, "Nineteen in twenty are shorter. In place of `sigma`."),
        Field::optional("mean", FieldType::Span, "The mean. Goes with `scv`, in place of `median` and `sigma`."),
        Field::optional(
            "scv",
            FieldType::Decimal { min: 0.0, max: 1e9 },
            "The squared coefficient of variation: variance over squared mean.",
        ),
    ],
);
const PARETO: Kind = Kind::new(
    "pareto",
    "Heavy-tailed: the chance to exceed x is (min / x)^alpha.",
    &[
        Field::required("min", FieldType::Span, "The shortest."),
        Field::required("alpha", SHAPE, "The tail index: the smaller, the heavier."),
    ],
);
const WEIBULL: Kind = Kind::new(
    "weibull",
    "The chance to exceed x is exp(-(x / scale)^shape).",
    &[
        Field::required("scale", FieldType::Span, "63.2 % are shorter."),
        Field::required("shape", SHAPE, "Below 1 the hazard falls with age, above 1 it rises."),
    ],
);
const HYPEREXPONENTIAL: Kind = Kind::new(
    "hyperexponential",
    "Exponential with one of several means: most are short, a share is of another kind.",
    &[Field::required("parts", FieldType::Map(&FieldType::Span), "Share to mean, adding up to 100%; at most four.")],
);
const EMPIRICAL: Kind = Kind::new(
    "empirical",
    "Measured quantiles, straight lines between them.",
    &[Field::required("points", FieldType::Map(&FieldType::Span), "Quantile to span, from 0% to 100%.")],
);

/// The distribution a decoded distribution stands for.
pub(super) fn distribution_of(values: &Values, place: Place, problems: &mut Problems) -> Option<Distribution> {
    let distribution = match values.kind.name {
        "constant" => Distribution::Constant(values.span("value")),
        "uniform" => Distribution::Uniform { low: values.span("low"), high: values.span("high") },
        "exponential" => Distribution::Exponential { mean: values.span("mean") },
        "normal" => Distribution::Normal { mean: values.span("mean"), sd: values.span("sd") },
        "lognormal" => lognormal(values, place, problems)?,
        "hyperexponential" => Distribution::Hyperexponential { parts: shares("parts", values, problems)? },
        "incident" => incident(values.text("phase")),
        "pareto" => Distribution::Pareto { min: values.span("min"), alpha: values.decimal("alpha") },
        "weibull" => Distribution::Weibull { scale: values.span("scale"), shape: values.decimal("shape") },
        _ => Distribution::Empirical { points: shares("points", values, problems)? },
    };
    match distribution.validate() {
        Ok(()) => Some(distribution),
        Err(why) => {
            problems.push(Problem::error("FD0112", place, format!("impossible distribution: {why}")));
            None
        }
    }
}

/// A lognormal distribution, from whichever two figures tell it.
fn lognormal(values: &Values, place: Place, problems: &mut Problems) -> Option<Distribution> {
    let (median, mean) = (values.opt_span("median"), values.opt_span("mean"));
    let (sigma, p95, scv) = (values.opt_decimal("sigma"), values.opt_span("p95"), values.opt_decimal("scv"));
    match (median, sigma, p95, mean, scv) {
        (Some(median), Some(sigma), None, None, None) => Some(Distribution::LogNormal { median, sigma }),
        (Some(median), None, Some(p95), None, None) if p95 >= median => {
            Some(Distribution::lognormal_of_p95(median, p95))
        }
        (None, None, None, Some(mean), Some(scv)) => Some(Distribution::lognormal_of_mean(mean, scv)),
        (Some(_), None, Some(_), None, None) => {
            let message = "impossible distribution: the 95th percentile is shorter than the median";
            problems.push(Problem::error("FD0112", place, message));
            None
        }
        _ => {
            let message = "a lognormal distribution is told by exactly two figures";
            let help = "write `median` and `sigma`, `median` and `p95`, or `mean` and `scv`";
            problems.push(Problem::error("FD0103", place, message).help(help));
            None
        }
    }
}

fn shares(field: &str, values: &Values, problems: &mut Problems) -> Option<Vec<(Ratio, Span)>> {
    let mut points = Vec::new();
    for (quantile, item) in values.map(field) {
        match (quantile.parse::<Ratio>(), &item.value) {
            (Ok(ratio), Value::Span(span)) => points.push((ratio, *span)),
            _ => {
                let message = format!("`{quantile}` is not a share");
                problems.push(Problem::error("FD0112", item.place, message).help("expected a share such as `50%`"));
                return None;
            }
        }
    }
    Some(points)
}
