//! What every population of clients has, whatever makes its requests: which requests they are, where they go, and what
//! clients do about failure.

use super::super::Context;
use super::journey;
use crate::field::{Field, FieldType, Item, Kind, Origin, Reference, Referent, Value, Values};
use crate::model::plan::{Arrivals, Beyond, Keys, ObeysPlan, Refresh, WorkloadPlan};
use crate::policy::{Backoff, BreakerSettings, Jitter};
use crate::record::FailureClass;
use crate::scenario::sdk;
use crate::units::{NameId, Ratio, Span};

const KEY_COUNT: FieldType = FieldType::Count { min: 1, max: 10_000_000 };

/// Every way of choosing keys.
pub const KEYS: &[&Kind] = &[&UNIFORM, &ZIPF];

const UNIFORM: Kind = Kind::new(
    "uniform",
    "Every key with equal probability.",
    &[Field::required("count", KEY_COUNT, "The number of keys.")],
)
.short("count");
const ZIPF: Kind = Kind::new(
    "zipf",
    "A few popular keys and many rare ones: the key of rank r with probability proportional to r to the power -s.",
    &[
        Field::required("count", KEY_COUNT, "The number of keys."),
        Field::with(
            "s",
            FieldType::Decimal { min: 0.0, max: 10.0 },
            "0.99",
            "the Zipfian constant of the Yahoo cloud serving benchmark (2010)",
            "The exponent: larger is more skewed.",
        ),
    ],
);

const MIX: Kind = Kind::new(
    "mix",
    "The shares of reads, writes and deletes. Where no service that is called keeps data, all requests read unless a share is written.",
    &[
        Field::derived(
            "read",
            FieldType::Ratio,
            "what the others leave; 80% if none is written",
            "product default",
            "The share of reads.",
        ),
        Field::derived("write", FieldType::Ratio, "what the others leave", "product default", "Writes."),
        Field::with(
            "delete",
            FieldType::Ratio,
            "0%",
            "product default: whoever deletes rows says so",
            "Writes that delete a row of a database. They count as writes, and objects of buckets are put by them as by writes.",
        ),
    ],
);

const BACKOFF: Kind = Kind::new(
    "backoff",
    "The wait before each retry.",
    &[
        Field::with("base", FieldType::Span, "500ms", SDK, "Before the first retry."),
        Field::with("factor", FieldType::Quotient, "200%", SDK, "The factor by which each further wait grows."),
        Field::with("cap", FieldType::Span, "8s", SDK, "The longest wait."),
        Field::with(
            "jitter",
            FieldType::Choice(&["none", "full", "half", "quarter"]),
            "full",
            "AWS Architecture Blog, Exponential Backoff And Jitter (2015)",
            "How a wait is randomised: not at all, from zero to all of it, from half to one and a half, or from three \
             quarters to all of it.",
        ),
    ],
);

const RETRY_AFTER: Kind = Kind::new(
    "retry_after",
    "How far clients obey a limit that tells them when to come back, as HTTP's `Retry-After` does.",
    &[
        Field::required("up_to", FieldType::PositiveSpan, "Up to so long they wait as they are told."),
        Field::with(
            "beyond",
            FieldType::Choice(&["backoff", "give_up"]),
            "backoff",
            "anthropic-sdk-python, `_calculate_retry_timeout`: what is longer is ignored",
            "What they do when told to wait longer: as if they had been told nothing, or they give up.",
        ),
    ],
)
.short("up_to");

/// Source of the retry defaults.
const SDK: &str = "the OpenAI and Anthropic client libraries retry twice, 0.5 s doubling to 8 s";

const BREAKER: Kind = Kind::new(
    "breaker",
    "Clients stop sending to a region that fails too often, for a while, and then probe it with a few requests. Each \
     process has a breaker for each region, and knows of its own attempts alone.",
    &[
        Field::with("failures", FieldType::Ratio, "50%", HYSTRIX, "The share of failed attempts at which it opens."),
        Field::with("window", FieldType::PositiveSpan, "10s", HYSTRIX, "The window in which attempts are counted."),
        Field::with(
            "minimum",
            FieldType::Count { min: 1, max: 1_000_000 },
            "20",
            HYSTRIX,
            "With fewer attempts in the window, it does not open.",
        ),
        Field::with(
            "open_for",
            FieldType::PositiveSpan,
            "5s",
            HYSTRIX,
            "How long it stays open before it lets probes through.",
        ),
        Field::with(
            "probes",
            FieldType::Count { min: 1, max: 1_000 },
            "1",
            HYSTRIX,
            "Probes that must succeed before it closes.",
        ),
        Field::derived(
            "processes",
            FieldType::Count { min: 1, max: 100_000 },
            "as many as there are `groups`",
            "Hystrix, resilience4j, Polly: a breaker lives in the memory of one process",
            "How many processes the clients are; their `groups` are spread over them. 1: one process sends for all, such as a \
             gateway.",
        ),
    ],
);

/// Source of the breaker's defaults.
const HYSTRIX: &str = "the defaults of Netflix Hystrix: half of at least 20 requests in 10 s, then 5 s";

const HEDGE: Kind = Kind::new(
    "hedge",
    "A second attempt at a slow read, alongside the first. The first answer counts; the other attempt is not \
     cancelled. Hedges count against the retry budget.",
    &[Field::required(
        "after",
        FieldType::PositiveSpan,
        "How long the first attempt may be outstanding before the \
                                                         hedge is sent.",
    )],
)
.short("after");

pub(in crate::scenario) const CLIENT: Kind = Kind::new(
    "client",
    "Fields of every client population.",
    &[
        Field::empty("mix", FieldType::Table(&MIX), "The shares of reads, writes and deletes."),
        Field {
            name: "keys",
            ty: FieldType::OneOf(KEYS),
            default: crate::field::Default::Tagged("zipf", &[("count", "100k")]),
            source: "product default: a skewed working set",
            doc: "The distribution of keys that requests touch.",
        },
        Field::with(
            "groups",
            FieldType::Count { min: 1, max: 100_000 },
            "100",
            "product default: enough to see shares of one in a hundred",
            "The number of client groups; each has its own DNS cache and connection.",
        ),
        Field::with(
            "refresh",
            FieldType::Choice(&["on_demand", "prefetch"]),
            "on_demand",
            "product default: what most resolvers do",
            "When a group's cache refreshes: on the first query after expiry, or at expiry.",
        ),
        Field::optional(
            "name_cache",
            FieldType::PositiveSpan,
            "How long a process keeps an address it has found, whatever the TTL says: 30s in a Java virtual machine \
             (`networkaddress.cache.ttl`). Left out: as long as the TTL says.",
        ),
        Field::with(
            "timeout",
            FieldType::PositiveSpan,
            "10s",
            "product default: well below the 600 s of some client libraries (probes of six models through one router over seven days), which hang instead",
            "How long a client waits for an answer to one attempt.",
        ),
        Field::with("retries", FieldType::Count { min: 0, max: 10_000 }, "2", SDK, "Attempts after the first."),
        Field::empty(
            "retry_on",
            FieldType::List(&FieldType::Choice(&FailureClass::NAMES)),
            "The failures that are retried: `connection` (there is no address, a breaker is open, the region or the \
             server is gone, or the network lost it), `error` (an answer that says so), `limited`, `timeout` (whoever works on it was reached, and \
             no answer came in time). Empty: all.",
        ),
        Field::optional(
            "retry_budget",
            FieldType::Ratio,
            "The most retries allowed, as a share of requests: 10% in Site Reliability Engineering, ch. 21. Left out: \
             limited by `retries` only.",
        ),
        Field::with(
            "retry_burst",
            FieldType::Count { min: 0, max: 1_000_000 },
            "100",
            "product default: some seconds of single failures",
            "With `retry_budget`, the burst of retries allowed beyond that share.",
        ),
        Field::empty("backoff", FieldType::Table(&BACKOFF), "The wait before each retry."),
        Field::optional(
            "retry_after",
            FieldType::Table(&RETRY_AFTER),
            "How far they obey a limit that tells them when to come back; left out: they do not.",
        ),
        Field::with(
            "keyed_writes",
            FieldType::Flag,
            "true",
            "product policy: only idempotent or keyed writes retry",
            "Whether writes carry an idempotency key, so that a repeated write takes effect once. Writes without a key \
             are not retried.",
        ),
        Field::with(
            "keep_alive",
            FieldType::Span,
            "60s",
            "product default: a minute, so that clients follow a name; an Application Load Balancer of AWS ends busy \
             connections after an hour (its client keep-alive duration), as nginx does (keepalive_time)",
            "The longest life of a connection, busy or idle: how long a group reuses it without asking DNS again. 0: it \
             asks for every request.",
        ),
        Field::optional(
            "connection_life",
            FieldType::Distribution,
            "The longest life of a connection, busy or idle, instead of `keep_alive`. Left out: `keep_alive`.",
        ),
        Field::optional(
            "idle_timeout",
            FieldType::PositiveSpan,
            "The time without a request after which a connection ends sooner: 60s at an Application Load Balancer of AWS, \
             90s in Go's http.Transport. A busy one is not ended by this. Left out: none.",
        ),
        Field::with(
            "start",
            FieldType::Choice(&["warm", "cold"]),
            "warm",
            "product default: a run is a stretch of a service that has been in use",
            "Whether clients have been at it before the run, so that their connections and cached answers are of every \
             age, as in the long run; or all start with it, without connections and with nothing cached.",
        ),
        Field::with(
            "pinned",
            FieldType::Ratio,
            "0%",
            "product default: none; run 0.1% and 1% too (virtual machines that cache forever, static host files)",
            "The share of groups whose processes resolved the name once and never ask DNS again.",
        ),
        Field::optional(
            "restarted_at",
            FieldType::Span,
            "When pinned processes are restarted and resolve the name again. Left out: never.",
        ),
        Field::optional(
            "hedge",
            FieldType::Table(&HEDGE),
            "Hedged reads: a second attempt at slow reads. Left out: \
                                                            none.",
        ),
        Field::optional("breaker", FieldType::Table(&BREAKER), "A circuit breaker. Left out: none."),
        Field::optional(
            "sdk",
            FieldType::Choice(sdk::NAMES),
            "The client library whose time-out, retries and backoff serve as defaults.",
        ),
        Field::empty(
            "journey",
            FieldType::List(&journey::STEP),
            "The requests of a session, in order; the first that fails ends it. Empty: every request stands alone.",
        ),
        Field::with(
            "synthetic",
            FieldType::Flag,
            "false",
            "product default: clients are real",
            "Whether these clients exist for drills only: a drill may affect them, and `success` and `errors` leave \
             them out.",
        ),
        Field::derived(
            "service",
            FieldType::Reference(Referent::Service),
            "the first service declared",
            "",
            "The service it calls.",
        ),
        Field::derived(
            "record",
            FieldType::Reference(Referent::Record),
            "the first record declared",
            "",
            "The DNS record it resolves.",
        ),
    ],
);

/// The population of clients called `name`, whose requests arrive as `arrivals` says.
pub(super) fn plan(
    context: &mut Context<'_>,
    name: String,
    arrivals: Arrivals,
    mut values: Values,
) -> Option<WorkloadPlan> {
    for (field, referent) in [("service", Referent::Service), ("record", Referent::Record)] {
        let place = values.place;
        let first = context.scope.names(referent).next().map(str::to_owned);
        if let Some(name) = first {
            values.settle(field, Value::Reference(Reference { name, index: 0, place }));
        }
    }
    let says_mix = values.origin("mix") != Origin::Default;
    let mut mix = values.table("mix").clone();
    let shares = shares(&mut mix, context);
    values.replace("mix", Value::Table(mix));
    if let Some(mut breaker) = values.opt_table("breaker").cloned() {
        breaker.settle("processes", Value::Count(values.count("groups")));
        values.replace("breaker", Value::Table(breaker));
    }
    context.keep(format!("workload.{name}"), &values);
    let (service, record) = (values.opt_reference("service")?, values.opt_reference("record")?);
    let service = service.name.clone();
    Some(WorkloadPlan {
        synthetic: values.flag("synthetic"),
        journey: journey::steps(&values, &service),
        service,
        record: NameId(u16::try_from(record.index).ok()?),
        arrivals,
        writes: shares?.0,
        deletes: shares?.1,
        writes_unkept: says_mix,
        keys: keys(values.table("keys")),
        groups: values.count_u32("groups"),
        refresh: if values.text("refresh") == "prefetch" { Refresh::Prefetch } else { Refresh::OnDemand },
        name_cache: values.opt_span("name_cache"),
        timeout: values.span("timeout"),
        retries: values.count_u32("retries"),
        retried: classes(values.list("retry_on")),
        retry_budget: values.opt_ratio("retry_budget").map(|share| (share, values.count_u32("retry_burst"))),
        backoff: backoff(values.table("backoff")),
        obeys: values.opt_table("retry_after").map(obeys),
        keyed_writes: values.flag("keyed_writes"),
        connection_life: values.opt_distribution("connection_life").cloned(),
        pinned: values.ratio("pinned"),
        restarted_at: values.opt_span("restarted_at"),
        keep_alive: Some(values.span("keep_alive")).filter(|span| *span != Span::ZERO),
        idle_timeout: values.opt_span("idle_timeout"),
        cold_start: values.text("start") == "cold",
        hedge: values.opt_table("hedge").map(|hedge| hedge.span("after")),
        breaker: values.opt_table("breaker").map(breaker),
        breaker_processes: values.opt_table("breaker").map_or(1, |breaker| breaker.count_u32("processes")),
        name,
    })
}

/// The share of requests that write, those that delete among them, and the share of those, after settling all shares.
fn shares(mix: &mut Values, context: &mut Context<'_>) -> Option<(Ratio, Ratio)> {
    let delete = mix.ratio("delete");
    let rest = |others: &[Ratio]| {
        let taken: u64 = others.iter().map(|share| share.as_ppb()).sum();
        Ratio::from_ppb(Ratio::ONE.as_ppb().saturating_sub(taken))
    };
    let (read, write) = match (mix.opt_ratio("read"), mix.opt_ratio("write")) {
        (Some(read), Some(write)) => (read, write),
        (Some(read), None) => (read, rest(&[read, delete])),
        (None, Some(write)) => (rest(&[write, delete]), write),
        (None, None) => {
            let read = Ratio::from_percent(80).min(rest(&[delete]));
            (read, rest(&[read, delete]))
        }
    };
    let sum = read.as_ppb() + write.as_ppb() + delete.as_ppb();
    if sum != Ratio::ONE.as_ppb() {
        let deletes = if delete == Ratio::ZERO { "reads and writes" } else { "reads, writes and deletes" };
        let message = format!("{deletes} add up to {}, not to 100%", Ratio::from_ppb(sum));
        context.refuse("FD0212", mix.place, message, "leave out `read` or `write`: it is the rest");
        return None;
    }
    mix.settle("read", Value::Ratio(read));
    mix.settle("write", Value::Ratio(write));
    Some((Ratio::from_ppb(write.as_ppb() + delete.as_ppb()), delete))
}

fn keys(values: &Values) -> Keys {
    let count = values.count_u32("count");
    if values.kind.name == "uniform" { Keys::Uniform { count } } else { Keys::Zipf { count, s: values.decimal("s") } }
}

fn backoff(values: &Values) -> Backoff {
    let jitter = match values.text("jitter") {
        "none" => Jitter::None,
        "half" => Jitter::Half,
        "quarter" => Jitter::Quarter,
        _ => Jitter::Full,
    };
    Backoff { base: values.span("base"), factor: values.ratio("factor"), cap: values.span("cap"), jitter }
}

fn obeys(values: &Values) -> ObeysPlan {
    let beyond = if values.text("beyond") == "give_up" { Beyond::GiveUp } else { Beyond::Backoff };
    ObeysPlan { up_to: values.span("up_to"), beyond }
}

/// By class of failure, whether it is among `named`; all are, where none is named.
pub(in crate::scenario::section) fn classes(named: &[Item]) -> [bool; FailureClass::COUNT] {
    FailureClass::NAMES.map(|class| {
        let names = |item: &Item| matches!(&item.value, Value::Text(name) if name == class);
        named.is_empty() || named.iter().any(names)
    })
}

fn breaker(values: &Values) -> BreakerSettings {
    BreakerSettings {
        failures: values.ratio("failures"),
        window: values.span("window"),
        minimum: values.count_u32("minimum"),
        open_for: values.span("open_for"),
        probes: values.count_u32("probes"),
    }
}
