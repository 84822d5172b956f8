//! The distributions that may be written, and the distributions they stand for.

use super::incident::{INCIDENT, incident};
use super::kind::{Field, FieldType, Kind};
use super::place::Place;
use super::problem::{Problem, Problems};
use super::values::{Item, Value, Values};
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
    "Uniform between two spans.",
    &[
        Field::required("low", FieldType::Span, "The shortest."),
        Field::required("high", FieldType::Span, "The longest."),
    ],
);
const EXPONENTIAL: Kind =
    Kind::new("exponential", "Memoryless.", &[Field::required("mean", FieldType::Span, "The mean.")]).short("mean");
const NORMAL: Kind = Kind::new(
    "normal",
    "Normal, truncated at zero.",
    &[
        Field::required("mean", FieldType::Span, "The mean, negative values included."),
        Field::required("sd", FieldType::Span, "The standard deviation, negative values included."),
    ],
);
const LOGNORMAL: Kind = Kind::new(
    "lognormal",
    "The logarithm is normal: most values are near the median, a few far above.",
    &[
        Field::optional("median", FieldType::Span, "The median. Goes with `sigma` or a percentile."),
        Field::optional("sigma", SIGMA, "Standard deviation of the natural logarithm."),
        Field::optional("p50", FieldType::Span, "The median, by another name. Any two percentiles tell the law."),
        Field::optional("p90", FieldType::Span, "The 90th percentile."),
        Field::optional("p95", FieldType::Span, "The 95th percentile."),
        Field::optional("p99", FieldType::Span, "The 99th percentile."),
        Field::optional("mean", FieldType::Span, "The mean. Goes with `scv`, instead of `median` and `sigma`."),
        Field::optional(
            "scv",
            FieldType::Decimal { min: 0.0, max: 1e9 },
            "The squared coefficient of variation: variance over squared mean.",
        ),
    ],
);
const PARETO: Kind = Kind::new(
    "pareto",
    "Heavy-tailed: the probability of exceeding x is (min / x)^alpha.",
    &[
        Field::required("min", FieldType::Span, "The shortest."),
        Field::required("alpha", SHAPE, "The tail index: smaller is heavier."),
    ],
);
const WEIBULL: Kind = Kind::new(
    "weibull",
    "The probability of exceeding x is exp(-(x / scale)^shape).",
    &[
        Field::required("scale", FieldType::Span, "The scale: 63.2 % of values are shorter."),
        Field::required("shape", SHAPE, "Below 1 the hazard rate falls with age, above 1 it rises."),
    ],
);
const HYPEREXPONENTIAL: Kind = Kind::new(
    "hyperexponential",
    "A mixture of exponentials: most values are short, a share has a different mean.",
    &[
        Field::optional(
            "parts",
            FieldType::Map(&FieldType::Span),
            "Share to mean, adding up to 100%; at most four. Where two shares are equal, write `mixture`.",
        ),
        Field::optional(
            "mixture",
            FieldType::List(&FieldType::Table(&PART)),
            "The same as a list, in which shares may be equal: `[{share: 50%, mean: 1s}, {share: 50%, mean: 5s}]`.",
        ),
    ],
);
const PART: Kind = Kind::new(
    "part",
    "One exponential of a mixture.",
    &[
        Field::required("share", FieldType::Ratio, "Its share of the values."),
        Field::required("mean", FieldType::Span, "Their mean."),
    ],
);
const EMPIRICAL: Kind = Kind::new(
    "empirical",
    "Measured quantiles with linear interpolation.",
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
        "hyperexponential" => Distribution::Hyperexponential { parts: parts(values, place, problems)? },
        "incident" => incident(values.text("phase")),
        "pareto" => Distribution::Pareto { min: values.span("min"), alpha: values.decimal("alpha") },
        "weibull" => Distribution::Weibull { scale: values.span("scale"), shape: values.decimal("shape") },
        _ => Distribution::Empirical { points: shares("points", values, problems)? },
    };
    match distribution.validate() {
        Ok(()) => Some(distribution),
        Err(why) => {
            problems.push(Problem::error("FD0112", place, format!("invalid distribution: {why}")));
            None
        }
    }
}

/// The percentiles that tell a lognormal distribution, with the share of values below each.
const PERCENTILES: [(&str, f64); 5] = [("median", 0.5), ("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

/// A lognormal distribution, from whichever two figures tell it.
fn lognormal(values: &Values, place: Place, problems: &mut Problems) -> Option<Distribution> {
    let written = PERCENTILES.into_iter().filter_map(|(name, share)| Some((name, share, values.opt_span(name)?)));
    let quantiles: Vec<(&str, f64, Span)> = written.collect();
    let others = (values.opt_decimal("sigma"), values.opt_span("mean"), values.opt_decimal("scv"));
    match (&quantiles[..], others) {
        ([(_, 0.5, median)], (Some(sigma), None, None)) => Some(Distribution::LogNormal { median: *median, sigma }),
        ([], (None, Some(mean), Some(scv))) => Some(Distribution::lognormal_of_mean(mean, scv)),
        ([(_, low, lower), (_, high, upper)], (None, None, None)) if lower <= upper && low < high => {
            Some(Distribution::lognormal_of_quantiles((*low, *lower), (*high, *upper)))
        }
        ([(low, below, _), (high, above, _)], (None, None, None)) if below < above => {
            let message = format!("invalid distribution: `{high}` is shorter than `{low}`");
            problems.push(Problem::error("FD0112", place, message));
            None
        }
        _ => {
            let message = "a lognormal distribution takes exactly two parameters";
            let help = "write `median` and `sigma`, two of `p50`, `p90`, `p95` and `p99`, or `mean` and `scv`";
            problems.push(Problem::error("FD0103", place, message).help(help));
            None
        }
    }
}

/// The parts of a mixture, as a map or as a list.
fn parts(values: &Values, place: Place, problems: &mut Problems) -> Option<Vec<(Ratio, Span)>> {
    match (values.opt_map("parts"), values.opt_list("mixture")) {
        (Some(_), None) => shares("parts", values, problems),
        (None, Some(list)) => {
            let part = |item: &Item| match &item.value {
                Value::Table(part) => Some((part.ratio("share"), part.span("mean"))),
                _ => None,
            };
            Some(list.iter().filter_map(part).collect())
        }
        _ => {
            let message = "a hyperexponential distribution takes `parts` or `mixture`";
            let help =
                "write `parts: {95%: 10ms, 5%: 1s}`, or `mixture: [{share: 50%, mean: 10ms}, {share: 50%, mean: 1s}]`";
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
