//! Settings without effect because of another setting.
//!
//! Owns the list: which setting has an effect when. Does not know what a setting does. What a preset or a default says
//! is nobody's mistake. Invariant: a setting that has an effect in any table, also one that inherited it by `like`, is
//! not warned of.

use super::doubt;
use super::load::peak;
use super::unkept::has_data_behind;
use crate::field::{Item, Place, Value, Values};
use crate::model::plan::{DatabasePlan, ServicePlan, WorkloadPlan, WorldPlan};
use crate::scenario::section::Context;
use crate::units::{Ratio, Span};
use std::collections::BTreeMap;

/// A setting, and what has to stand beside it.
struct Rule {
    /// The kind of its table.
    of: &'static str,
    field: &'static str,
    effective: fn(&Values, &Beside<'_>) -> bool,
    /// Why it is not, as the rest of "… has no effect: ".
    because: &'static str,
    help: &'static str,
}

/// What else the scenario says.
struct Beside<'a> {
    world: &'a WorldPlan,
    /// Where the table stands, and every table.
    path: &'a str,
    ledger: &'a [(String, Values)],
}

const fn rule(
    (of, field): (&'static str, &'static str),
    effective: fn(&Values, &Beside<'_>) -> bool,
    because: &'static str,
    help: &'static str,
) -> Rule {
    Rule { of, field, effective, because, help }
}

const RULES: &[Rule] = &[
    rule(
        ("database", "lease"),
        |database, _| database.text("fencing") == "lease",
        "the authority holds no lease",
        "set `fencing: lease` as well, or leave it out",
    ),
    rule(
        ("database", "failsafe"),
        |database, _| database.text("fencing") == "lease",
        "the authority holds no lease",
        "set `fencing: lease` as well, or leave it out",
    ),
    rule(
        ("database", "without_replicas"),
        |database, _| database.text("commit") == "sync",
        "asynchronous commits wait for no replica",
        "set `commit: sync` as well, or leave it out",
    ),
    rule(
        ("database", "acks"),
        |database, _| database.text("commit") == "sync",
        "asynchronous commits wait for no replica",
        "set `commit: sync` as well, or leave it out",
    ),
    rule(
        ("acks", "count"),
        |acks, _| acks.text("rule") != "all",
        "commits wait for every replica",
        "set `rule: any` or `rule: first`, or leave it out",
    ),
    rule(("database", "unapplied"), has_replicas, "there is no replica", "name `replicas`, or leave it out"),
    rule(
        ("database", "unapplied"),
        |database, _| has(database, "apply_rate") || has(database, "capacity"),
        "replicas apply records as fast as they arrive",
        "give an `apply_rate` as well, or leave it out",
    ),
    rule(
        ("database", "degrade_after"),
        |database, _| database.text("commit") == "sync" && database.text("without_replicas") == "degrade",
        "commits never become asynchronous",
        "set `commit: sync, without_replicas: degrade` as well, or leave it out",
    ),
    rule(
        ("database", "record_size"),
        |database, _| has(database, "log_disk") || has(database, "backups"),
        "neither the disk of the log nor backups are counted in bytes",
        "set `log_disk` or `backups` as well, or leave it out",
    ),
    rule(("database", "delay"), has_replicas, "there is no replica", "name `replicas`, or leave it out"),
    rule(("database", "apply_rate"), has_replicas, "there is no replica", "name `replicas`, or leave it out"),
    rule(
        ("service", "reads"),
        |service, beside| match service.text("reads") {
            "nearby" => has_copy_nearby(beside),
            "nearest" => has_copies(beside),
            _ => true,
        },
        "no replica of a database of its is there",
        "name one under the `replicas` of its `database`, or leave it out",
    ),
    rule(
        ("monitoring", "limited"),
        |_, beside| has_limits(beside),
        "there is no rate limit",
        "give a service or its provider a `limit`, or leave it out",
    ),
    rule(
        ("client", "retry_burst"),
        |clients, _| has(clients, "retry_budget"),
        "retries have no budget",
        "set `retry_budget` as well, or leave it out",
    ),
    rule(
        ("client", "retry_budget"),
        |clients, beside| tries_again(clients, beside) || has(clients, "hedge"),
        "clients neither retry nor hedge",
        "set `retries` to 1 or more, or leave it out",
    ),
    rule(
        ("client", "name_cache"),
        |clients, _| clients.text("refresh") == "on_demand",
        "their caches are refreshed when an answer expires",
        "leave `refresh` out, or this",
    ),
    rule(
        ("fallback", "on"),
        |fallback, _| {
            let named =
                |item: &Item| matches!(&item.value, Value::Text(class) if class != "timeout" && class != "connection");
            has(fallback, "wait") || fallback.list("on").is_empty() || fallback.list("on").iter().any(named)
        },
        "the balancer waits for an answer as long as the client does, and then nobody is there",
        "give it a `wait` shorter than the clients' `timeout`",
    ),
    rule(
        ("client", "keyed_writes"),
        writes,
        "these clients only read",
        "say in `mix` what share writes, or leave it out",
    ),
    rule(
        ("fallback", "wait"),
        |fallback, beside| beside.world.workloads.iter().any(|clients| fallback.span("wait") < clients.timeout),
        "no client waits for so long",
        "make it shorter than the clients' `timeout`",
    ),
    rule(
        ("fallback", "on"),
        |fallback, beside| has_limits(beside) || !names_only(fallback, "on", "limited"),
        "there is no rate limit",
        "name what else is sent on, or give a service or its provider a `limit`",
    ),
    rule(
        ("client", "retry_on"),
        |clients, beside| has_limits(beside) || !names_only(clients, "retry_on", "limited"),
        "there is no rate limit",
        "name what else is retried, or give a service or its provider a `limit`",
    ),
    rule(("client", "retry_on"), tries_again, "clients do not retry", "set `retries` to 1 or more, or leave it out"),
    rule(("client", "backoff"), tries_again, "clients do not retry", "set `retries` to 1 or more, or leave it out"),
    rule(
        ("client", "keep_alive"),
        |clients, _| !has(clients, "connection_life"),
        "`connection_life` already limits connections",
        "keep one of the two",
    ),
    rule(
        ("client", "idle_timeout"),
        |clients, _| has(clients, "connection_life") || clients.span("idle_timeout") < clients.span("keep_alive"),
        "connections do not live longer than that anyway",
        "make it shorter than `keep_alive`, or leave it out",
    ),
    rule(
        ("client", "restarted_at"),
        |clients, _| clients.ratio("pinned") != Ratio::ZERO,
        "no process is pinned",
        "set `pinned: 1%` or more as well, or leave it out",
    ),
    rule(
        ("client", "hedge"),
        |clients, _| clients.opt_table("hedge").is_none_or(|hedge| hedge.span("after") < clients.span("timeout")),
        "an attempt times out before then",
        "make it shorter than `timeout`, or leave it out",
    ),
    rule(
        ("client", "breaker"),
        may_open,
        "no process makes as many attempts within its `window` as the `minimum` it opens at",
        "set `processes` to how many there are, or lower `minimum`",
    ),
    rule(("client", "hedge"), reads, "only reads are hedged, and these clients only write", "leave it out"),
    rule(
        ("client", "pinned"),
        |clients, _| falls_on_somebody(clients.ratio("pinned"), clients.count("groups")),
        "with so few `groups` it is less than half a group: under most seeds none is pinned",
        "use more `groups`, or a larger share",
    ),
    rule(
        ("resolvers", "violators"),
        |resolvers, beside| keeps_none(resolvers) || resolvers.span("violator_ttl") > beside.world.dns.ttl,
        "`violator_ttl` is no longer than the zone's TTL",
        "make `violator_ttl` longer than `dns.ttl`, or set `violators: 0%`",
    ),
    rule(
        ("resolvers", "violators"),
        |resolvers, _| keeps_none(resolvers) || resolvers.count("count") > 0,
        "there are no resolvers",
        "set `count` to 1 or more, or leave it out",
    ),
    rule(
        ("resolvers", "violators"),
        |resolvers, _| {
            resolvers.count("count") == 0 || falls_on_somebody(resolvers.ratio("violators"), resolvers.count("count"))
        },
        "with so few resolvers it is less than half of one: under most seeds none ignores the TTL",
        "raise `resolvers.count`, or the share",
    ),
    rule(
        ("resolvers", "violator_ttl"),
        |resolvers, _| !keeps_none(resolvers),
        "no resolver ignores the TTL",
        "set `violators: 2%` or more as well, or leave it out",
    ),
    rule(
        ("resolvers", "passes_on"),
        |resolvers, _| resolvers.count("count") > 0,
        "there are no resolvers",
        "set `count` to 1 or more, or leave it out",
    ),
    rule(("network", "jitter"), has_preset, "no published figures are used", "set `preset: azure`, or leave it out"),
    rule(("network", "places"), has_preset, "no published figures are used", "set `preset: azure`, or leave it out"),
    rule(
        ("network", "clients_at"),
        has_preset,
        "no published figures are used",
        "set `preset: azure`, or give their latency under `clients`",
    ),
    rule(
        ("balancer", "unhealthy_after"),
        |balancer, _| balancer.span("check_every") != Span::ZERO,
        "regions are never probed",
        "set `check_every` above zero, or leave it out",
    ),
    rule(
        ("balancer", "healthy_after"),
        |balancer, _| balancer.span("check_every") != Span::ZERO,
        "regions are never probed",
        "set `check_every` above zero, or leave it out",
    ),
    rule(
        ("person", "wrong_takes"),
        |person, _| person.ratio("wrong") != Ratio::ZERO,
        "they never decide wrongly",
        "set `wrong: 5%` or more as well, or leave it out",
    ),
    rule(
        ("person", "reason"),
        |person, _| person.ratio("approves") != Ratio::ONE,
        "they never refuse",
        "set `approves` below 100%, or leave it out",
    ),
    rule(
        ("watch", "hold_down"),
        |watch, _| has(watch, "then"),
        "it never fails back",
        "set `then: failback` as well, or leave it out",
    ),
    rule(
        ("watch", "sustained"),
        |watch, _| watch.span("sustained") == Span::ZERO || watch.span("sustained") >= watch.span("every"),
        "it is shorter than `every`, so it is over at the next evaluation in any case",
        "make it at least as long as `every`, or evaluate more often; `0s` acts at the first evaluation",
    ),
    rule(("agrees", "precision"), over_runs, "each run is compared on its own", "leave it out"),
    rule(("agrees", "over"), over_runs, "each run is compared on its own", "leave it out"),
    rule(
        ("ledger", "scale"),
        |property, _| {
            let zero = |field| property.opt_span(field) == Some(Span::ZERO);
            zero("rpo") || zero("rpo_after")
        },
        "each bound is its own scale, except a recovery point of zero",
        "leave it out",
    ),
];

/// Adds a warning for each ineffective setting.
pub(super) fn warn(world: &WorldPlan, ledger: &[(String, Values)], context: &mut Context<'_>) {
    for rule in RULES {
        let tables = ledger.iter().filter(|(_, values)| values.kind.name == rule.of);
        let written = tables.filter(|(_, values)| is_written(values, rule.field));
        // By place: what is taken over by `like` stands in one.
        let mut effective: BTreeMap<(usize, usize), (bool, Place, &str)> = BTreeMap::new();
        for (path, values) in written {
            let place = values.place(rule.field);
            let entry = effective.entry((place.start, place.end)).or_insert((false, place, path));
            entry.0 |= (rule.effective)(values, &Beside { world, path, ledger });
        }
        for (_, place, path) in effective.into_values().filter(|(effective, ..)| !effective) {
            let message = format!("`{}` of `{path}` has no effect: {}", rule.field, rule.because);
            context.problems.push(doubt("FD0518", place, message, rule.help));
        }
    }
}

/// Whether the file or a setting says what `field` is.
fn is_written(values: &Values, field: &str) -> bool {
    let known = values.kind.field(field).is_some();
    known && values.origin(field).is_by_hand() && has(values, field)
}

fn has(values: &Values, field: &str) -> bool {
    values.value(field).is_some()
}

fn has_replicas(database: &Values, _: &Beside<'_>) -> bool {
    !database.list("replicas").is_empty()
}

fn has_preset(network: &Values, _: &Beside<'_>) -> bool {
    has(network, "preset")
}

/// Whether anything may turn requests away for being too many.
fn has_limits(beside: &Beside<'_>) -> bool {
    beside.world.services.iter().any(|service| beside.world.limits_of(service).next().is_some())
}

/// Whether a list of choices names `choice` and nothing else.
fn names_only(values: &Values, field: &str, choice: &str) -> bool {
    let is_it = |item: &Item| matches!(&item.value, Value::Text(text) if text == choice);
    !values.list(field).is_empty() && values.list(field).iter().all(is_it)
}

/// The clients whose table it is.
fn workload<'w>(beside: &Beside<'w>) -> Option<&'w WorkloadPlan> {
    let named = beside.path.strip_prefix("workload.")?;
    beside.world.workloads.iter().find(|workload| workload.name == named)
}

/// Whether these clients write anything.
fn writes(_: &Values, beside: &Beside<'_>) -> bool {
    let Some(workload) = workload(beside) else { return true };
    let drawn = workload.writes != Ratio::ZERO && (workload.writes_unkept || has_data_behind(beside.world, workload));
    if workload.journey.is_empty() { drawn } else { workload.journey.iter().any(|step| step.write) }
}

/// The service whose table it is, and its database.
fn service<'w>(beside: &Beside<'w>) -> Option<(&'w ServicePlan, Option<&'w DatabasePlan>)> {
    let parts: Vec<&str> = beside.path.split('.').collect();
    let ["regions", region, "services", name] = parts[..] else { return None };
    let is_it =
        |service: &&ServicePlan| service.name == name && beside.world.regions[service.region.index()].name == region;
    let service = beside.world.services.iter().find(is_it)?;
    Some((service, service.database.map(|id| &beside.world.databases[id.index()])))
}

/// Whether the database of the service has a replica in its region.
fn has_copy_nearby(beside: &Beside<'_>) -> bool {
    let Some((service, database)) = service(beside) else { return true };
    // The first primary's copy follows once another leads.
    let here = |database: &DatabasePlan| {
        let mut replicas = database.replicas.iter().map(|replica| replica.region);
        !database.replicas.is_empty()
            && (database.primary == service.region || replicas.any(|region| region == service.region))
    };
    database.is_some_and(here)
}

fn has_copies(beside: &Beside<'_>) -> bool {
    service(beside).is_none_or(|(_, database)| database.is_some_and(|database| !database.replicas.is_empty()))
}

/// Holders of leases do so for as long as it takes.
fn tries_again(clients: &Values, beside: &Beside<'_>) -> bool {
    let holds_leases = |(path, values): &(String, Values)| path == beside.path && values.kind.name == "leases";
    clients.count("retries") > 0 || beside.ledger.iter().any(holds_leases)
}

/// Whether twice the attempts that a process makes on average at the highest rate would be enough for its breaker to open.
fn may_open(clients: &Values, beside: &Beside<'_>) -> bool {
    let (Some(breaker), world) = (clients.opt_table("breaker"), beside.world) else { return true };
    let Some(rate) = workload(beside).and_then(|workload| peak(workload, world.duration)) else { return true };
    let attempts = rate * f64::from(1 + clients.count_u32("retries")) * breaker.span("window").as_secs_f64();
    2.0 * attempts / f64::from(breaker.count_u32("processes")) >= f64::from(breaker.count_u32("minimum"))
}

fn reads(clients: &Values, _: &Beside<'_>) -> bool {
    let steps = clients.list("journey");
    let reads = |step: &Item| matches!(&step.value, Value::Table(step) if step.text("does") == "read");
    if steps.is_empty() { clients.table("mix").ratio("write") != Ratio::ONE } else { steps.iter().any(reads) }
}

fn over_runs(figure: &Values, _: &Beside<'_>) -> bool {
    !figure.flag("exact") && !has(figure, "within") && !has(figure, "step")
}

fn keeps_none(resolvers: &Values) -> bool {
    resolvers.ratio("violators") == Ratio::ZERO
}

/// Whether so large a share of so many is one of them under every other seed at least, or meant to be none.
fn falls_on_somebody(share: Ratio, of: u64) -> bool {
    share == Ratio::ZERO || 2 * u128::from(share.as_ppb()) * u128::from(of) >= u128::from(Ratio::ONE.as_ppb())
}
