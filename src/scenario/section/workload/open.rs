//! `open`: requests that arrive by themselves, at a rate that is constant, follows the day, bursts, or changes in steps.

use super::super::Context;
use crate::field::{Field, FieldType, Item, Kind, Value, Values};
use crate::model::plan::{Arrivals, Bursts, Diurnal, Spacing};
use crate::units::{Instant, Rate, Ratio, Span};

const SPACING: Field = Field::with(
    "spacing",
    FieldType::Choice(&["poisson", "even"]),
    "poisson",
    "product default: many independent clients",
    "Whether arrivals are independent of each other, or as evenly spaced as the rate allows.",
);

/// Every kind of arrivals.
pub const ARRIVALS: &[&Kind] = &[&POISSON, &CONSTANT, &DIURNAL, &BURST, &STEPS];

const POISSON: Kind = Kind::new("poisson", "Independent of each other.", &[]);
const CONSTANT: Kind = Kind::new("constant", "Evenly spaced.", &[]);
const DIURNAL: Kind = Kind::new(
    "diurnal",
    "Independent arrivals at a rate that follows the time of day: a cosine from `rate` at the quietest hour to `peak` \
     times that, half a day later.",
    &[
        Field::with(
            "peak",
            FieldType::Quotient,
            "300%",
            "product default: office hours",
            "The rate at the busiest hour, as a multiple of the quietest hour's; at least 100%.",
        ),
        Field::with(
            "peak_at",
            FieldType::Span,
            "14h",
            "product default: early afternoon",
            "The time of day at which it is busiest, before 24h.",
        ),
        Field::with(
            "starts_at",
            FieldType::Span,
            "0h",
            "product default: the run begins at midnight",
            "The time of day at which the run begins, before 24h.",
        ),
    ],
);
const BURST: Kind = Kind::new(
    "burst",
    "At `rate`, with recurring bursts at a multiple of it.",
    &[
        Field::with(
            "factor",
            FieldType::Quotient,
            "500%",
            "product default: a burst worth rehearsing",
            "The rate in a burst, as a multiple of `rate`.",
        ),
        Field::required("lasts", FieldType::Distribution, "How long a burst lasts."),
        Field::required(
            "every",
            FieldType::Distribution,
            "The interval between the starts of two bursts, and before the first; at least 1s, whatever is drawn. A \
             burst that would start within another starts at its end.",
        ),
        SPACING,
    ],
);
const STEPS: Kind = Kind::new(
    "steps",
    "At `rate` at first, and at a new rate from each given time on.",
    &[
        Field::required(
            "to",
            FieldType::Map(&FieldType::RateOrZero),
            "The new rate by time, such as `{60s: 140/s, 5m: 100/s, 8m: 0/s}`.",
        ),
        SPACING,
    ],
);

pub(super) const OPEN: Kind = Kind::new(
    "open",
    "An open workload: requests arrive whether or not earlier ones have been answered.",
    &[
        Field::derived("name", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::required(
            "rate",
            FieldType::RateOrZero,
            "How many requests arrive; with a `journey`, how many users. 0/s only with `arrivals: steps`.",
        ),
        Field {
            name: "arrivals",
            ty: FieldType::OneOf(ARRIVALS),
            default: crate::field::Default::Tagged("poisson", &[]),
            source: "product default: many independent clients",
            doc: "How arrivals are spaced, and how the rate changes.",
        },
    ],
);

pub(super) fn arrivals(values: &Values, context: &mut Context<'_>) -> Option<Arrivals> {
    let (base, how) = (values.rate("rate"), values.table("arrivals"));
    if base == Rate::ZERO && how.kind.name != "steps" {
        let help = "expected a rate above zero, or `arrivals: {steps: …}` with a later one";
        context.refuse("FD0106", values.place("rate"), "no requests arrive at `0/s`", help);
        return None;
    }
    Some(match how.kind.name {
        "constant" => Arrivals::Constant(base),
        "diurnal" => Arrivals::Diurnal(diurnal(base, how, context)?),
        "burst" => Arrivals::Bursts(Bursts {
            spacing: spacing(how),
            base,
            factor: how.ratio("factor"),
            lasts: how.distribution("lasts").clone(),
            every: how.distribution("every").clone(),
        }),
        "steps" => Arrivals::Steps(spacing(how), steps(base, how, context)?),
        _ => Arrivals::Poisson(base),
    })
}

/// How arrivals at a rate are spaced.
pub(super) fn spacing(values: &Values) -> Spacing {
    if values.text("spacing") == "even" { Spacing::Even } else { Spacing::Poisson }
}

fn diurnal(base: Rate, values: &Values, context: &mut Context<'_>) -> Option<Diurnal> {
    const DAY: Span = Span::from_secs(86_400);
    let peak = values.ratio("peak");
    if peak < Ratio::ONE {
        let message = format!("the busiest hour has {peak} of the rate of the quietest");
        context.refuse("FD0106", values.place("peak"), message, "`rate` is that of the quietest hour");
        return None;
    }
    for field in ["peak_at", "starts_at"] {
        let time = values.span(field);
        if time >= DAY {
            let message = format!("`{field}` is a time of day, but {time} is not");
            context.refuse("FD0106", values.place(field), message, "a time of day is less than 24h");
            return None;
        }
    }
    Some(Diurnal { base, peak, peak_at: values.span("peak_at"), starts_at: values.span("starts_at") })
}

/// The rate from the beginning on, and each change of it, in order.
fn steps(base: Rate, values: &Values, context: &mut Context<'_>) -> Option<Vec<(Instant, Rate)>> {
    let mut steps = vec![(Instant::ZERO, base)];
    for (at, item) in values.map("to") {
        let (Ok(span), Item { value: Value::Rate(rate), .. }) = (at.parse::<Span>(), item) else {
            let message = format!("`{}` is not a time in the run", crate::field::shorten(at));
            context.refuse(
                "FD0105",
                item.place,
                message,
                "give the time from the start of the run, such as `60s: \
                                                           140/s`",
            );
            return None;
        };
        steps.push((Instant::ZERO.saturating_add(span), *rate));
    }
    if steps.iter().all(|(_, rate)| *rate == Rate::ZERO) {
        context.refuse(
            "FD0106",
            values.place("to"),
            "no requests arrive, for every rate is `0/s`",
            "give a rate above zero",
        );
        return None;
    }
    steps.sort_by_key(|(at, _)| *at);
    if let Some(pair) = steps.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let message = format!("there are two rates from {} on", pair[0].0);
        context.refuse("FD0109", values.place("to"), message, "give each time once; `rate` applies from 0s");
        return None;
    }
    Some(steps)
}
