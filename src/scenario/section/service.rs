//! `regions.<region>.services`: what answers requests.

use super::{Context, Named, dual_write, elastic, queue};
use crate::field::{Field, FieldType, Kind, Origin, Place, Problem, Reference, Referent, Value, Values};
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
        check_calls(&services, &entry.key, context);
        let active = regions.and_then(|regions| regions.get(index)).is_some_and(|plan| plan.role == Role::Primary);
        for service in services {
            plans.push(service.values.map(|values| plan(context, (&entry.key, region), service.name, values, active)));
        }
    }
    if plans.is_empty() {
        let message = "no region has a service, so nothing can answer";
        context.refuse("FD0205", regions_node.place, message, "declare one under `services` of a region");
    }
    super::all(plans)
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
        calls: called(&values).filter_map(|(called, _)| context.scope.service_in(called, region)).collect(),
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

fn called(values: &Values) -> impl Iterator<Item = (&str, Place)> {
    values.list("calls").iter().filter_map(|item| match &item.value {
        Value::Reference(reference) => Some((reference.name.as_str(), reference.place)),
        _ => None,
    })
}

/// Calls must stay inside the region and must not run in a circle.
fn check_calls(services: &[Named], region: &str, context: &mut Context<'_>) {
    let mut calls: Vec<Vec<usize>> = Vec::new();
    for service in services {
        let mut targets = Vec::new();
        for (name, place) in service.values.iter().flat_map(called) {
            match services.iter().position(|other| other.name == name) {
                Some(target) => targets.push(target),
                None => {
                    let message = format!("`{}` calls `{name}`, which region `{region}` does not have", service.name);
                    context.refuse("FD0206", place, message, "calls stay inside a region: declare the service there");
                }
            }
        }
        calls.push(targets);
    }
    if let Some(cycle) = cycle(&calls) {
        let names: Vec<_> = cycle.iter().chain(cycle.first()).map(|at| services[*at].name.as_str()).collect();
        let message = format!("circular calls: {}", names.join(" → "));
        let problem = Problem::error("FD0207", services[cycle[0]].place, message);
        context.problems.push(problem.help("a request would never end: remove one of the calls"));
    }
}

/// The services on a circle of calls, if there is one. Without recursion: a chain may be as long as the list.
fn cycle(calls: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut finished = vec![false; calls.len()];
    for start in 0..calls.len() {
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, next)) = path.pop() {
            if finished[at] {
                continue;
            }
            let Some(target) = calls[at].get(next) else {
                finished[at] = true;
                continue;
            };
            path.push((at, next + 1));
            if let Some(first) = path.iter().position(|(on_path, _)| on_path == target) {
                return Some(path[first..].iter().map(|(at, _)| *at).collect());
            }
            path.push((*target, 0));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_calls_is_found_wherever_it_begins() {
        assert_eq!(cycle(&[vec![1], vec![2], vec![]]), None);
        assert_eq!(cycle(&[vec![1, 2], vec![2], vec![]]), None);
        assert_eq!(cycle(&[vec![1], vec![2], vec![1]]), Some(vec![1, 2]));
        assert_eq!(cycle(&[vec![0]]), Some(vec![0]));
    }
}
