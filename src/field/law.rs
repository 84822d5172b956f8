//! The distributions that may be written, and the laws they stand for.

use super::kind::{Field, FieldType, Kind};
use super::place::Place;
use super::problem::{Problem, Problems};
use super::values::{Value, Values};
use crate::kernel::Law;
use crate::units::Ratio;

const SHAPE: FieldType = FieldType::Decimal { min: 0.01, max: 1_000.0 };
const SIGMA: FieldType = FieldType::Decimal { min: 0.0, max: 10.0 };

/// Every distribution by name.
pub const LAWS: &[&Kind] = &[&CONSTANT, &UNIFORM, &EXPONENTIAL, &NORMAL, &LOGNORMAL, &PARETO, &WEIBULL, &EMPIRICAL];

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
        Field::required("median", FieldType::Span, "Half are shorter."),
        Field::required("sigma", SIGMA, "Standard deviation of the natural logarithm."),
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
const EMPIRICAL: Kind = Kind::new(
    "empirical",
    "Measured quantiles, straight lines between them.",
    &[Field::required("points", FieldType::Map(&FieldType::Span), "Quantile to span, from 0% to 100%.")],
);

/// The law a decoded distribution stands for.
pub(super) fn law_of(values: &Values, place: Place, problems: &mut Problems) -> Option<Law> {
    let law = match values.kind.name {
        "constant" => Law::Constant(values.span("value")),
        "uniform" => Law::Uniform { low: values.span("low"), high: values.span("high") },
        "exponential" => Law::Exponential { mean: values.span("mean") },
        "normal" => Law::Normal { mean: values.span("mean"), sd: values.span("sd") },
        "lognormal" => Law::LogNormal { median: values.span("median"), sigma: values.decimal("sigma") },
        "pareto" => Law::Pareto { min: values.span("min"), alpha: values.decimal("alpha") },
        "weibull" => Law::Weibull { scale: values.span("scale"), shape: values.decimal("shape") },
        _ => Law::Empirical { points: points(values, problems)? },
    };
    match law.validate() {
        Ok(()) => Some(law),
        Err(why) => {
            problems.push(Problem::error("FD0112", place, format!("impossible distribution: {why}")));
            None
        }
    }
}

fn points(values: &Values, problems: &mut Problems) -> Option<Vec<(Ratio, crate::units::Span)>> {
    let mut points = Vec::new();
    for (quantile, item) in values.map("points") {
        match (quantile.parse::<Ratio>(), &item.value) {
            (Ok(ratio), Value::Span(span)) => points.push((ratio, *span)),
            _ => {
                let message = format!("`{quantile}` is not a quantile");
                problems.push(Problem::error("FD0112", item.place, message).help("expected a share such as `50%`"));
                return None;
            }
        }
    }
    Some(points)
}
