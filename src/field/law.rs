//! The distributions that may be written, and the laws they stand for.

use super::kind::{Field, FieldType, Kind};
use super::place::Place;
use super::problem::{Problem, Problems};
use super::values::{Value, Values};
use crate::kernel::Law;
use crate::units::{Rate, Ratio, Span};

const SHAPE: FieldType = FieldType::Decimal { min: 0.01, max: 1_000.0 };
const SIGMA: FieldType = FieldType::Decimal { min: 0.0, max: 10.0 };

/// Every distribution by name.
pub const LAWS: &[&Kind] = &[
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
const INCIDENT: Kind = Kind::new(
    "incident",
    "How long phases of published incidents lasted: lognormal laws fitted to 356 coded cloud incidents (the corpus of \
     IntelligentDDS/Post-mortems-Analysis, ISSRE 2022).",
    &[Field::required(
        "phase",
        FieldType::Choice(&["all", "aws", "azure", "google", "detect", "identify", "fix", "decide", "llm_outage"]),
        "Which phase, or of which incidents: `firedrill list laws` says what each is.",
    )],
)
.short("phase");

const EVERY: Kind = Kind::new(
    "incident",
    "How often published incidents happened.",
    &[Field::required(
        "of",
        FieldType::Choice(&["aws_us_east_1", "aws_region", "data_centre", "llm_provider"]),
        "Of what: `firedrill list laws` says how often each is.",
    )],
)
.short("of");

/// How often something happens, by name.
pub const FREQUENCIES: &[&Kind] = &[&EVERY];

/// A lognormal law of published durations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase {
    /// Its name.
    pub name: &'static str,
    /// What it is the duration of, with its median and where it comes from.
    pub doc: &'static str,
    /// Mean of the natural logarithm of minutes.
    mu: f64,
    /// Standard deviation of that.
    sigma: f64,
}

const fn phase(name: &'static str, mu: f64, sigma: f64, doc: &'static str) -> Phase {
    Phase { name, doc, mu, sigma }
}

/// Every `{incident: …}` that stands for a length of time. All but the last two are fitted to one corpus.
pub const PHASES: [Phase; 9] = [
    phase("all", 5.402, 1.238, "Incidents from beginning to end, 354 of them: median 222 min."),
    phase("aws", 6.059, 1.362, "Those of AWS, 14 of them: median 428 min."),
    phase("azure", 5.544, 1.137, "Those of Azure, 241 of them: median 256 min."),
    phase("google", 4.964, 1.341, "Those of Google Cloud, 99 of them: median 143 min."),
    phase("detect", 2.142, 1.246, "Until an incident was detected, 66 of them: median 9 min."),
    phase("identify", 3.789, 1.235, "Until its cause was known, 37 of them: median 44 min."),
    phase("fix", 4.650, 1.397, "Until it was fixed, 104 of them: median 105 min."),
    phase(
        "decide",
        4.34,
        0.88,
        "From a fault to a decision under uncertainty, in ten famous incidents: median 77 min.",
    ),
    phase("llm_outage", 4.248_495, 0.7, "Outages of providers of language models, four reports only: median 70 min."),
];

/// How often something was known to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frequency {
    /// Its name.
    pub name: &'static str,
    /// What happens that often, and where the figure comes from.
    pub doc: &'static str,
    /// Per million days, a year being 365.25 days.
    rate: u64,
}

const fn frequency(name: &'static str, rate: u64, doc: &'static str) -> Frequency {
    Frequency { name, doc, rate }
}

/// Every `{incident: …}` that stands for a rate.
pub const INCIDENTS: [Frequency; 4] = [
    frequency("aws_us_east_1", 2_300, "0.84 a year: AWS post-event summaries of us-east-1, 2011 to 2021."),
    frequency("aws_region", 110, "0.04 a year: AWS post-event summaries of an average other region, 2011 to 2021."),
    frequency(
        "data_centre",
        689,
        "0.2517 a year: 53 % of operators had an outage in three years (Uptime Institute, 2025).",
    ),
    frequency("llm_provider", 80_500, "0.08 a day: with `llm_outage` 0.5 % of the time; 0.3 to 0.8 % were observed."),
];

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
        "lognormal" => lognormal(values, place, problems)?,
        "hyperexponential" => Law::Hyperexponential { parts: shares("parts", values, problems)? },
        "incident" => incident(values.text("phase")),
        "pareto" => Law::Pareto { min: values.span("min"), alpha: values.decimal("alpha") },
        "weibull" => Law::Weibull { scale: values.span("scale"), shape: values.decimal("shape") },
        _ => Law::Empirical { points: shares("points", values, problems)? },
    };
    match law.validate() {
        Ok(()) => Some(law),
        Err(why) => {
            problems.push(Problem::error("FD0112", place, format!("impossible distribution: {why}")));
            None
        }
    }
}

/// The rate a decoded frequency stands for.
pub(super) fn rate_of(values: &Values) -> Rate {
    let named = INCIDENTS.iter().find(|known| known.name == values.text("of"));
    Rate::from_per_million_days(named.map_or(0, |known| known.rate))
}

fn incident(name: &str) -> Law {
    let phase = PHASES.iter().find(|known| known.name == name).unwrap_or(&PHASES[0]);
    Law::LogNormal { median: Span::from_nanos((libm::exp(phase.mu) * 60e9) as u64), sigma: phase.sigma }
}

/// A lognormal law, from whichever two figures tell it.
fn lognormal(values: &Values, place: Place, problems: &mut Problems) -> Option<Law> {
    let (median, mean) = (values.opt_span("median"), values.opt_span("mean"));
    let (sigma, p95, scv) = (values.opt_decimal("sigma"), values.opt_span("p95"), values.opt_decimal("scv"));
    match (median, sigma, p95, mean, scv) {
        (Some(median), Some(sigma), None, None, None) => Some(Law::LogNormal { median, sigma }),
        (Some(median), None, Some(p95), None, None) if p95 >= median => Some(Law::lognormal_of_p95(median, p95)),
        (None, None, None, Some(mean), Some(scv)) => Some(Law::lognormal_of_mean(mean, scv)),
        (Some(_), None, Some(_), None, None) => {
            let message = "impossible distribution: the 95th percentile is shorter than the median";
            problems.push(Problem::error("FD0112", place, message));
            None
        }
        _ => {
            let message = "a lognormal law is told by exactly two figures";
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
