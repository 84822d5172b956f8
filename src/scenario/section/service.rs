//! `regions.<region>.services`: what answers requests.

use super::{Context, Named, calls, dual_write, elastic, queue};
use crate::field::{Field, FieldType, Kind, Origin, Reference, Referent, Value, Values};
use crate::model::plan::{Reads, RegionPlan, Role, ServicePlan, WarmUp};
use crate::units::{RegionId, Span};

const WARM_UP: Kind = Kind::new(
    "warm_up",
    "A service that has just started to serve is slow at first: empty caches, code not yet compiled, no connections.",
    &[
        Field::required("over", FieldType::PositiveSpan, "How long until it is warm."),
        Field::with(
            "factor",
            FieldType::Quotient,
            "300%",
            "product default: every read misses the cache at first",
            "How much longer its work takes at first; this falls linearly to 100%.",
        ),
    ],
)
.short("over");

pub(super) const SERVICE: Kind = Kind::new(
    "service",
    "Servers behind one first-in-first-out queue.",
    &[
        Field::required(
            "servers",
            FieldType::Count { min: 1, max: 100_000 },
            "The number of requests it can process concurrently.",
        ),
        queue::QUEUE,
        Field::derived(
            "time",
            FieldType::Distribution,
            "the time to the first token of the model that `llm` names; needed otherwise",
            "",
            "How long a server takes for one request; with `llm`, the time to the first token.",
        ),
        Field::optional(
            "wait_target",
            FieldType::PositiveSpan,
            "Requests that waited longer than this for a server are counted separately, as `overdue`. Left out: none \
             are.",
        ),
        Field::optional(
            "limit",
            FieldType::Table(&elastic::LIMIT),
            "The rate limit on requests to the service, those from other services included. Left out: unlimited.",
        ),
        Field::optional(
            "llm",
            FieldType::Table(&elastic::LLM),
            "The language model that generates its answers. Left out: none.",
        ),
        Field::optional(
            "cache",
            FieldType::Table(&elastic::CACHE),
            "The cache it consults before its calls and its database.",
        ),
        Field::optional(
            "autoscale",
            FieldType::Table(&elastic::AUTOSCALE),
            "The autoscaler that changes its number of servers.",
        ),
        Field::optional("fleet", FieldType::Table(&elastic::FLEET), "The overhead that its servers cause each other."),
        Field::optional(
            "warm_up",
            FieldType::Table(&WARM_UP),
            "How it warms up after activation, or when its region comes back. Left out: it is warm at once.",
        ),
        Field::optional(
            "shed_after",
            FieldType::PositiveSpan,
            "Load shedding: a request that entered the region longer ago than this is refused when its turn comes, so \
             that servers only work for clients that are still waiting. Left out: no request is refused for its age.",
        ),
        Field::with(
            "call_retries",
            FieldType::Count { min: 0, max: 15 },
            "0",
            "product default: callers accept the first answer",
            "How often calling services retry immediately when it fails, refuses or rate-limits their call. Retries of \
             several layers multiply, up to eight layers. A failure of the database behind it is not retried.",
        ),
        Field::with(
            "serve_abandoned",
            FieldType::Flag,
            "false",
            "product default: servers notice that a connection was closed",
            "Whether a waiting request whose client has given up is still processed (wasted work) or dropped.",
        ),
        Field::with(
            "errors",
            FieldType::Ratio,
            "0%",
            "product default: what fails is written down as a fault",
            "The share of requests that fail in the service itself.",
        ),
        Field::empty(
            "calls",
            FieldType::List(&FieldType::Reference(Referent::Service)),
            "Services of the same region that it calls, one after the other, once its own work is done.",
        ),
        Field::optional(
            "remote_calls",
            FieldType::Per(Referent::Service, &FieldType::Reference(Referent::Region)),
            "Services of other regions that it calls after these, and the region of each: `{payment: eu}`. Every call and its              answer travel between the regions.",
        ),
        Field::optional(
            "choose",
            FieldType::Table(&calls::CHOOSE),
            "Services of the same region of which it then calls one.",
        ),
        Field::empty(
            "first_of",
            FieldType::List(&FieldType::Reference(Referent::Service)),
            "Services of the same region that it then calls in turn, each only if the one before has failed, or has taken longer              than `call_timeout`. Also a write is sent on: without an idempotency key it may be done twice.",
        ),
        Field::optional(
            "call_timeout",
            FieldType::PositiveSpan,
            "How long it waits for each of `first_of` and `remote_calls`. Left out: as long as its client.",
        ),
        Field::optional(
            "bucket",
            FieldType::Reference(Referent::Bucket),
            "The bucket that its writes put objects into and its reads get objects from, after its own work and calls \
             and before the database. Left out: none.",
        ),
        Field::derived(
            "database",
            FieldType::Reference(Referent::Database),
            "the only database declared, for the region's first service, if no service of the region names one",
            "",
            "The database that its requests read and write, after its own work and calls; `null` for none.",
        ),
        Field::optional(
            "dual_write",
            FieldType::Table(&dual_write::DUAL_WRITE),
            "The other databases that its writes go to at the same time. Left out: none.",
        ),
        Field::with(
            "reads",
            FieldType::Choice(&["primary", "nearby", "nearest"]),
            "primary",
            "product default: what a database's own driver does unless told otherwise",
            "Where its reads go: to the copy it takes for the authority; or to the one in its own region, if that follows, and \
             to the authority if not; or to the nearest that follows and can be reached, the authority among them, by the \
             latency between regions without faults. A copy that follows may be behind.",
        ),
        Field::derived(
            "active",
            FieldType::Flag,
            "true in the primary region, false elsewhere: a warm standby",
            "",
            "Whether it serves from the start; a standby refuses requests until it is activated.",
        ),
        Field::with(
            "activation",
            FieldType::Span,
            "2m",
            "product default: new machines in minutes, well inside the 300 s that the failover gives the step",
            "How long activation takes.",
        ),
        Field::optional("like", FieldType::Text, "Another service of the region whose fields it inherits."),
    ],
);

/// All services: regions in order, services of a region in order.
pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    regions: Option<&[RegionPlan]>,
) -> Option<Vec<ServicePlan>> {
    let regions_node = context.node("regions");
    let mut plans = Vec::new();
    for (index, entry) in regions_node.entries().iter().enumerate() {
        let region = RegionId(u16::try_from(index).ok()?);
        let Some(node) = entry.value.get("services") else { continue };
        let mut services = context.named_in(node, &SERVICE);
        settle_database(&mut services, context);
        calls::check_inside(&services, &entry.key, context);
        let active = regions.and_then(|regions| regions.get(index)).is_some_and(|plan| plan.role == Role::Primary);
        for service in services {
            plans.push(service.values.map(|values| plan(context, (&entry.key, region), service.name, values, active)));
        }
    }
    if plans.is_empty() {
        let message = "no region has a service, so nothing can answer";
        context.refuse("FD0205", regions_node.place, message, "declare one under `services` of a region");
    }
    let plans = super::all(plans)?;
    calls::check_routes(&plans, &regions_node, context)?;
    Some(plans)
}

fn plan(
    context: &mut Context<'_>,
    (region_name, region): (&str, RegionId),
    name: String,
    mut values: Values,
    active: bool,
) -> ServicePlan {
    values.settle("active", Value::Flag(active));
    let generation = elastic::generation(&mut values, context);
    if values.value("time").is_none() {
        let message = "`time` is missing in `service`";
        let help = "give the time a server takes for one request: `time: 20ms`, or a distribution";
        context.refuse("FD0103", values.place, message, help);
        values.settle("time", Value::Distribution(crate::kernel::Distribution::Constant(Span::ZERO)));
    }
    let path = format!("regions.{region_name}.services.{name}");
    context.keep(path.clone(), &values);
    let dual_write = dual_write::dual_write(&path, &name, &values, context);
    ServicePlan {
        region,
        servers: values.count_u32("servers"),
        queue: queue::written(&values),
        time: values.distribution("time").clone(),
        warm_up: values
            .opt_table("warm_up")
            .map(|table| WarmUp { over: table.span("over"), factor: table.ratio("factor") }),
        shed_after: values.opt_span("shed_after"),
        wait_target: values.opt_span("wait_target"),
        limit: elastic::limit(&values, context),
        generation,
        cache: elastic::cache(&values, values.flag("active"), context),
        autoscale: elastic::autoscale(&values, context),
        fleet: elastic::fleet(&values),
        serves_abandoned: values.flag("serve_abandoned"),
        errors: values.ratio("errors"),
        call_retries: u8::try_from(values.count("call_retries")).unwrap_or(u8::MAX),
        calls: calls::within(&values, "calls", region, context),
        remote_calls: calls::elsewhere(&values, region, context),
        choice: calls::choice(&path, &values, region, context),
        first_of: calls::within(&values, "first_of", region, context),
        call_timeout: calls::timeout(&values, context),
        bucket: values.opt_reference("bucket").map(|_| values.bucket("bucket")),
        database: values.opt_reference("database").map(|_| values.database("database")),
        dual_write,
        reads: match values.text("reads") {
            "nearby" => Reads::Nearby,
            "nearest" => Reads::Nearest,
            _ => Reads::Primary,
        },
        active: values.flag("active"),
        activation: values.span("activation"),
        name,
    }
}

/// Gives the region's first service the only database there is, unless a service of the region says which it uses.
fn settle_database(services: &mut [Named], context: &Context<'_>) {
    let says =
        |service: &Named| service.values.as_ref().is_none_or(|values| values.origin("database") != Origin::Default);
    let mut declared = context.scope.names(Referent::Database);
    let (Some(name), None) = (declared.next(), declared.next()) else { return };
    if services.iter().any(says) {
        return;
    }
    if let Some(values) = services.first_mut().and_then(|first| first.values.as_mut()) {
        let reference = Reference { name: name.to_owned(), index: 0, place: values.place };
        values.settle("database", Value::Reference(reference));
    }
}
