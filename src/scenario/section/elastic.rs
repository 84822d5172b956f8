//! What bounds and changes how much a service can do: `limit`, `llm`, `cache`, `autoscale` and `fleet`.

use super::Context;
use crate::field::{Default, Field, FieldType, Kind, Node, Origin, Place, Value, Values, decode};
use crate::kernel::Distribution;
use crate::model::plan::{
    AutoscalePlan, CachePlan, CountDistribution, FleetPlan, GenerationPlan, LimitPlan, RetryAfter,
};
use crate::units::{Ratio, Span};

const TOKENS_MOST: u64 = 10_000_000;

pub(super) const LIMIT: Kind = Kind::new(
    "limit",
    "A rate limit: a token bucket for requests, one for tokens, or both. Requests above it are answered at once with \
     \"too many requests\", which clients may retry.",
    &[
        Field::optional("requests", FieldType::Rate, "Requests per unit of time. Left out: unlimited."),
        Field::optional(
            "tokens",
            FieldType::Rate,
            "Tokens per unit of time, prompt and answer together, for services with `llm`: `2M/m`. Left out: \
             unlimited.",
        ),
        Field::with(
            "over",
            FieldType::PositiveSpan,
            "1m",
            "limits of model providers are per minute and refill continuously (Anthropic API documentation, rate limits)",
            "The bucket's capacity is the rate times this span: that much may pass at once after a pause.",
        ),
        Field::with(
            "retry_after",
            FieldType::Choice(&["reset", "next", "nothing"]),
            "reset",
            "OpenAI API documentation, rate limits: headers say when the limit resets to its initial state",
            "What those who are limited are told of when to come back: when the limit is as if nobody had used it, when it \
             would let the next through, or nothing. Clients obey if `retry_after` of theirs says so.",
        ),
    ],
);

const COUNT: Kind = Kind::new(
    "count",
    "A lognormal distribution of whole numbers.",
    &[
        Field::required("median", FieldType::Count { min: 1, max: TOKENS_MOST }, "The median."),
        Field::with(
            "sigma",
            FieldType::Decimal { min: 0.0, max: 10.0 },
            "0",
            "product default: always the same",
            "Standard deviation of the natural logarithm.",
        ),
    ],
)
.short("median");

const PROBES: &str = "probes of six models through one router over seven days";
/// Name, median and 95th percentile of the time to the first token in milliseconds, tokens per second, by [`PROBES`].
const MODELS: [(&str, u64, u64, f64); 6] = [
    ("gpt-4o-mini", 645, 1_094, 105.3),
    ("claude-3.5-haiku", 731, 1_106, 58.1),
    ("gemini-2.0-flash", 556, 2_313, 136.8),
    ("llama-3.3-70b", 761, 2_221, 48.3),
    ("deepseek-chat", 1_068, 3_017, 26.0),
    ("mistral-small", 2_735, 10_852, 191.6),
];
/// Of 60 480 such probes, 9 failed.
const MODEL_ERRORS: Ratio = Ratio::from_ppb(150_000);

const TRACES: &str = "Azure's traces of language model inference, conversations of 2023 (Splitwise, ISCA 2024): the \
                      median; the spread is a product default";

pub(super) const LLM: Kind = Kind::new(
    "llm",
    "A language model generates the answer: after the time to the first token, it is written token by token.",
    &[
        Field::optional(
            "model",
            FieldType::Choice(&[
                "gpt-4o-mini",
                "claude-3.5-haiku",
                "gemini-2.0-flash",
                "llama-3.3-70b",
                "deepseek-chat",
                "mistral-small",
            ]),
            "A model with published figures, from probes of six models through one router over seven days. It sets the \
             service's `time` (to the first token), `speed` and, unless given, `errors` of 0.015%.",
        ),
        Field::derived(
            "speed",
            FieldType::Decimal { min: 0.1, max: 100_000.0 },
            "that of `model`",
            PROBES,
            "Tokens generated per second.",
        ),
        Field {
            name: "prompt",
            ty: FieldType::Table(&COUNT),
            default: Default::Derived("a median of 1020, sigma 1"),
            source: TRACES,
            doc: "Tokens per prompt.",
        },
        Field {
            name: "output",
            ty: FieldType::Table(&COUNT),
            default: Default::Derived("a median of 129, sigma 1"),
            source: TRACES,
            doc: "Tokens per answer.",
        },
    ],
)
.short("model");

pub(super) const CACHE: Kind = Kind::new(
    "cache",
    "A look-aside cache, consulted before the service's calls and its database, and filled by their answers.",
    &[
        Field::optional(
            "hit_ratio",
            FieldType::Ratio,
            "The share of reads it answers once warm, regardless of key. Left out: it answers the reads whose keys it \
             holds, which needs a database. Which reads are stale is known only then.",
        ),
        Field::with(
            "entries",
            FieldType::Count { min: 1, max: 10_000_000 },
            "100k",
            "product default: the working set of a workload's default keys",
            "Its capacity in keys: it holds the most frequently requested ones. With `hit_ratio`, how many values must \
             be read again until it is warm.",
        ),
        Field::optional("ttl", FieldType::PositiveSpan, "How long it keeps a key. Left out: until the cache is lost."),
        Field::derived(
            "warm",
            FieldType::Flag,
            "as `active`: what serves from the start is warm, a standby is cold",
            "",
            "Whether it is full at the start.",
        ),
        Field::with(
            "fills_late",
            FieldType::Flag,
            "false",
            "product default: the handler that would fill it ends with its client's request",
            "Whether an answer still fills it when the client has already given up.",
        ),
    ],
);

const KUBERNETES: &str = "Kubernetes documentation, horizontal pod autoscaling";

pub(super) const AUTOSCALE: Kind = Kind::new(
    "autoscale",
    "Scales the number of servers by utilisation. Low utilisation is taken for low demand, whatever its cause.",
    &[
        Field::derived(
            "min",
            FieldType::Count { min: 1, max: 100_000 },
            "`servers`",
            "product default: never fewer than planned",
            "The fewest servers.",
        ),
        Field::required("max", FieldType::Count { min: 1, max: 100_000 }, "The most servers."),
        Field::with(
            "target",
            FieldType::Ratio,
            "80%",
            "default CPU utilisation of Kubernetes horizontal pod autoscaling",
            "The target utilisation.",
        ),
        Field::with(
            "tolerance",
            FieldType::Ratio,
            "10%",
            KUBERNETES,
            "The deviation from the target, as a share of it, within which nothing is done.",
        ),
        Field::with("every", FieldType::PositiveSpan, "15s", KUBERNETES, "The evaluation interval."),
        Field::with(
            "provision",
            FieldType::Distribution,
            "3m",
            "product default: new machines take minutes; containers on existing machines take seconds",
            "How long until a requested server starts to serve.",
        ),
        Field::with(
            "cool_down",
            FieldType::Span,
            "5m",
            "Kubernetes: downscale stabilization of 5 minutes; AWS: default cooldown of 300 s",
            "The scale-down stabilisation: servers are removed only if they would have been for this long.",
        ),
        Field::with(
            "fails",
            FieldType::Ratio,
            "0%",
            "product default: what fails is written down as a fault",
            "The share of its provisioning requests that fail.",
        ),
    ],
);

pub(super) const FLEET: Kind = Kind::new(
    "fleet",
    "The overhead of a fleet whose members all know each other. Beyond a certain number of servers, none of them \
     serves any more.",
    &[
        Field::with(
            "cost",
            FieldType::Ratio,
            "0%",
            "product default: none",
            "The share of its time that each server spends on every other server: in total, proportional to the square \
             of their number.",
        ),
        Field::with(
            "threads",
            FieldType::Count { min: 0, max: 1_000_000 },
            "1",
            "AWS, Kinesis event of 2020: each front-end server has a thread for each other one",
            "Threads (or similar) that each server holds for every other server.",
        ),
        Field::optional(
            "thread_limit",
            FieldType::Count { min: 1, max: 4_000_000_000 },
            "The most threads a server can have. Left out: unlimited.",
        ),
        Field::with(
            "discovery",
            FieldType::Span,
            "0s",
            "product default: at once; in the Kinesis event of 2020 up to an hour",
            "How long until every server has noticed a change in their number.",
        ),
    ],
);

/// The limit of a provider or service, under `limit`.
pub(super) fn limit(values: &Values, context: &mut Context<'_>) -> Option<LimitPlan> {
    let table = values.opt_table("limit")?;
    let plan = LimitPlan {
        requests: table.opt_rate("requests"),
        tokens: table.opt_rate("tokens"),
        over: table.span("over"),
        retry_after: match table.text("retry_after") {
            "nothing" => RetryAfter::Nothing,
            "next" => RetryAfter::Next,
            _ => RetryAfter::Reset,
        },
    };
    if plan.requests.is_none() && plan.tokens.is_none() {
        context.refuse("FD0103", table.place, "this limit lets everything through", "write `requests` or `tokens`");
    }
    // Of a provider its services say so, which are not read here.
    let writes_nothing = values.kind.field("llm").is_some() && values.value("llm").is_none();
    if plan.tokens.is_some() && writes_nothing {
        let message = "requests to this service have no tokens, so a limit on them has no effect";
        context.refuse("FD0236", table.place("tokens"), message, "give the service an `llm`, or limit `requests`");
    }
    Some(plan)
}

/// The model's share in a service, under `llm`; and fills in what the model says about the service itself.
pub(super) fn generation(values: &mut Values, context: &mut Context<'_>) -> Option<GenerationPlan> {
    let name = values.opt_table("llm")?.opt_text("model").map(str::to_owned);
    let model = MODELS.iter().find(|(model, ..)| Some(*model) == name.as_deref());
    if let Some((_, p50, p95, _)) = model {
        let distribution = Distribution::lognormal_of_p95(Span::from_millis(*p50), Span::from_millis(*p95));
        values.settle_from("time", Value::Distribution(distribution), PROBES);
        values.settle_from("errors", Value::Ratio(MODEL_ERRORS), PROBES);
    }
    let table = values.table_mut("llm")?;
    if let Some((.., speed)) = model {
        table.settle_from("speed", Value::Decimal(*speed), PROBES);
    }
    let Some(speed) = table.opt_decimal("speed") else {
        let help = "name a `model`, or write `speed` and the service's `time`";
        context.refuse("FD0103", table.place, "the model's speed is missing", help);
        return None;
    };
    let (prompt, output) = (count(table, "prompt", 1_020, context)?, count(table, "output", 129, context)?);
    Some(GenerationPlan { prompt, output, per_token: Span::from_nanos((1e9 / speed) as u64) })
}

/// How many tokens there are: what is written, or a distribution with the median of [`TRACES`].
fn count(values: &mut Values, field: &str, median: u64, context: &mut Context<'_>) -> Option<CountDistribution> {
    if values.value(field).is_none() {
        let unwritten = Node::scalar(median.to_string(), Place::beginning(Origin::Default));
        let mut known = decode(&COUNT, &unwritten, context.scope, context.problems)?;
        known.settle_from("median", Value::Count(median), TRACES);
        known.settle_from("sigma", Value::Decimal(1.0), TRACES);
        values.settle(field, Value::Table(known));
    }
    let table = values.table(field);
    Some(CountDistribution { median: table.count("median"), sigma: table.decimal("sigma") })
}

/// The cache of a service that is active at the start or not.
pub(super) fn cache(values: &Values, active: bool, context: &mut Context<'_>) -> Option<CachePlan> {
    let table = values.opt_table("cache")?;
    let hit_ratio = table.opt_ratio("hit_ratio");
    if hit_ratio.is_none() && values.opt_reference("database").is_none() {
        let message = "this cache holds keys, but the service has no database whose keys they could be";
        context.refuse("FD0236", table.place, message, "write `hit_ratio`, or name a `database`");
    }
    if values.opt_reference("database").is_none() && values.list("calls").is_empty() {
        let message = "this cache has no backend";
        context.refuse("FD0236", table.place, message, "name a `database` of the service, or what it `calls`");
    }
    Some(CachePlan {
        hit_ratio,
        entries: table.count_u32("entries"),
        ttl: table.opt_span("ttl"),
        warm: table.opt_flag("warm").unwrap_or(active),
        fills_late: table.flag("fills_late"),
    })
}

/// The autoscaler of a service.
pub(super) fn autoscale(values: &Values, context: &mut Context<'_>) -> Option<AutoscalePlan> {
    let table = values.opt_table("autoscale")?;
    let servers = values.count_u32("servers");
    let min = table.opt_count("min").map_or(servers, |min| u32::try_from(min).unwrap_or(u32::MAX));
    let max = table.count_u32("max");
    if !(min <= servers && servers <= max) {
        let message =
            format!("the service starts with {servers} servers, outside its autoscaler's range of {min} to {max}");
        context.refuse("FD0236", table.place, message, "set `servers` between `min` and `max`");
    }
    if table.ratio("target") == Ratio::ZERO {
        let message = "no number of servers brings utilisation to zero";
        context.refuse("FD0236", table.place("target"), message, "set `target` above 0%");
    }
    Some(AutoscalePlan {
        min,
        max,
        target: table.ratio("target"),
        tolerance: table.ratio("tolerance"),
        every: table.span("every"),
        provision: table.distribution("provision").clone(),
        cool_down: table.span("cool_down"),
        fails: table.ratio("fails"),
    })
}

/// What the servers of a service cost each other.
pub(super) fn fleet(values: &Values) -> Option<FleetPlan> {
    let table = values.opt_table("fleet")?;
    Some(FleetPlan {
        cost: table.ratio("cost"),
        threads: table.count_u32("threads"),
        thread_limit: table.opt_count("thread_limit").map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
        discovery: table.span("discovery"),
    })
}
