//! Settings that go nowhere because of another setting beside them.
//!
//! Owns the list: which setting is heeded when. Does not know what a setting does. What a preset or a default says is
//! nobody's mistake. Invariant: a setting that any table heeds, also one that took it over by `like`, is not astray.

use super::doubt;
use crate::field::{Origin, Place, Value, Values};
use crate::model::plan::WorldPlan;
use crate::scenario::section::Context;
use crate::units::{Ratio, Span};
use std::collections::BTreeMap;

/// A setting, and what has to stand beside it.
struct Rule {
    /// The kind of its table.
    of: &'static str,
    field: &'static str,
    heeded: fn(&Values, &Beside<'_>) -> bool,
    /// Why it is not, as the rest of "… goes nowhere: ".
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
    heeded: fn(&Values, &Beside<'_>) -> bool,
    because: &'static str,
    help: &'static str,
) -> Rule {
    Rule { of, field, heeded, because, help }
}

const RULES: &[Rule] = &[
    rule(
        ("database", "lease"),
        |database, _| database.text("fencing") == "lease",
        "the authority holds no lease",
        "write `fencing: lease` beside it, or leave it out",
    ),
    rule(
        ("database", "without_replicas"),
        |database, _| database.text("commit") == "sync",
        "asynchronous commits wait for no replica",
        "write `commit: sync` beside it, or leave it out",
    ),
    rule(
        ("database", "degrade_after"),
        |database, _| database.text("commit") == "sync" && database.text("without_replicas") == "degrade",
        "commits never become asynchronous",
        "write `commit: sync, without_replicas: degrade` beside it, or leave it out",
    ),
    rule(
        ("database", "record_size"),
        |database, _| has(database, "log_disk") || has(database, "backups"),
        "neither the disk of the log nor backups are counted in bytes",
        "write `log_disk` or `backups` beside it, or leave it out",
    ),
    rule(("database", "delay"), has_replicas, "no copy follows", "name `replicas`, or leave it out"),
    rule(("database", "apply_rate"), has_replicas, "no copy follows", "name `replicas`, or leave it out"),
    rule(
        ("client", "retry_burst"),
        |clients, _| has(clients, "retry_budget"),
        "retries have no budget",
        "write `retry_budget` beside it, or leave it out",
    ),
    rule(
        ("client", "retry_budget"),
        |clients, beside| tries_again(clients, beside) || has(clients, "hedge"),
        "clients neither retry nor hedge",
        "let `retries` be 1 or more, or leave it out",
    ),
    rule(("client", "backoff"), tries_again, "clients do not retry", "let `retries` be 1 or more, or leave it out"),
    rule(
        ("client", "keep_alive"),
        |clients, _| !has(clients, "connection_life"),
        "`connection_life` says how long connections live",
        "keep one of the two",
    ),
    rule(
        ("client", "restarted_at"),
        |clients, _| clients.ratio("pinned") != Ratio::ZERO,
        "no process is pinned",
        "write `pinned: 1%` or more beside it, or leave it out",
    ),
    rule(
        ("client", "hedge"),
        |clients, _| clients.opt_table("hedge").is_none_or(|hedge| hedge.span("after") < clients.span("timeout")),
        "an attempt is given up before it has been open for so long",
        "let it be shorter than `timeout`, or leave it out",
    ),
    rule(("client", "hedge"), reads, "only reads are hedged, and these clients only write", "leave it out"),
    rule(
        ("client", "pinned"),
        |clients, _| falls_on_somebody(clients.ratio("pinned"), clients.count("groups")),
        "of so few `groups` it is less than half a one: under most seeds nobody is pinned",
        "let there be more `groups`, or a larger share",
    ),
    rule(
        ("resolvers", "violators"),
        |resolvers, beside| keeps_none(resolvers) || resolvers.span("violator_ttl") > beside.world.dns.ttl,
        "they keep answers for `violator_ttl`, which is no longer than the zone's time to live",
        "let `violator_ttl` be longer than `dns.ttl`, or write `violators: 0%`",
    ),
    rule(
        ("resolvers", "violators"),
        |resolvers, _| keeps_none(resolvers) || resolvers.count("count") > 0,
        "there are no resolvers",
        "let `count` be 1 or more, or leave it out",
    ),
    rule(
        ("resolvers", "violators"),
        |resolvers, _| {
            resolvers.count("count") == 0 || falls_on_somebody(resolvers.ratio("violators"), resolvers.count("count"))
        },
        "of so few resolvers it is less than half a one: under most seeds nobody violates anything",
        "raise `resolvers.count`, or the share",
    ),
    rule(
        ("resolvers", "violator_ttl"),
        |resolvers, _| !keeps_none(resolvers),
        "no resolver keeps answers too long",
        "write `violators: 2%` or more beside it, or leave it out",
    ),
    rule(
        ("resolvers", "passes_on"),
        |resolvers, _| resolvers.count("count") > 0,
        "there are no resolvers",
        "let `count` be 1 or more, or leave it out",
    ),
    rule(("network", "jitter"), has_preset, "no published figures are used", "write `preset: azure`, or leave it out"),
    rule(("network", "places"), has_preset, "no published figures are used", "write `preset: azure`, or leave it out"),
    rule(
        ("network", "clients_at"),
        has_preset,
        "no published figures are used",
        "write `preset: azure`, or say under `clients` how far away they are",
    ),
    rule(
        ("balancer", "unhealthy_after"),
        |balancer, _| balancer.span("check_every") != Span::ZERO,
        "regions are never probed",
        "let `check_every` be above zero, or leave it out",
    ),
    rule(
        ("balancer", "healthy_after"),
        |balancer, _| balancer.span("check_every") != Span::ZERO,
        "regions are never probed",
        "let `check_every` be above zero, or leave it out",
    ),
    rule(
        ("person", "wrong_takes"),
        |person, _| person.ratio("wrong") != Ratio::ZERO,
        "they never decide wrongly",
        "write `wrong: 5%` or more beside it, or leave it out",
    ),
    rule(
        ("person", "reason"),
        |person, _| person.ratio("approves") != Ratio::ONE,
        "they never say no",
        "let `approves` be below 100%, or leave it out",
    ),
    rule(
        ("watch", "hold_down"),
        |watch, _| has(watch, "then"),
        "it starts nothing to come back",
        "write `then: failback` beside it, or leave it out",
    ),
    rule(
        ("watch", "sustained"),
        |watch, _| watch.span("sustained") == Span::ZERO || watch.span("sustained") >= watch.span("every"),
        "it is shorter than `every`, so that it is over at the next look in any case",
        "let it be as long as `every` at least, or look more often; `0s` acts at the first look",
    ),
    rule(("agrees", "precision"), over_runs, "each run is compared by itself", "leave it out"),
    rule(("agrees", "over"), over_runs, "each run is compared by itself", "leave it out"),
    rule(
        ("ledger", "scale"),
        |property, _| {
            let zero = |field| property.opt_span(field) == Some(Span::ZERO);
            zero("rpo") || zero("rpo_after")
        },
        "each bound is a scale by itself, but for a recovery point of zero",
        "leave it out",
    ),
];

/// Adds a warning for each setting that nobody heeds.
pub(super) fn warn(world: &WorldPlan, ledger: &[(String, Values)], context: &mut Context<'_>) {
    for rule in RULES {
        let tables = ledger.iter().filter(|(_, values)| values.kind.name == rule.of);
        let written = tables.filter(|(_, values)| is_written(values, rule.field));
        // By place: what is taken over by `like` stands in one.
        let mut heeded: BTreeMap<(usize, usize), (bool, Place, &str)> = BTreeMap::new();
        for (path, values) in written {
            let place = values.place(rule.field);
            let entry = heeded.entry((place.start, place.end)).or_insert((false, place, path));
            entry.0 |= (rule.heeded)(values, &Beside { world, path, ledger });
        }
        for (_, place, path) in heeded.into_values().filter(|(heeded, ..)| !heeded) {
            let message = format!("`{}` of `{path}` goes nowhere: {}", rule.field, rule.because);
            context.problems.push(doubt("FD0518", place, message, rule.help));
        }
    }
}

/// Whether the file or a setting says what `field` is.
fn is_written(values: &Values, field: &str) -> bool {
    let known = values.kind.field(field).is_some();
    known && matches!(values.origin(field), Origin::File | Origin::Setting(_)) && has(values, field)
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

/// Holders of leases do so for as long as it takes.
fn tries_again(clients: &Values, beside: &Beside<'_>) -> bool {
    let holds_leases = |(path, values): &(String, Values)| path == beside.path && values.kind.name == "leases";
    clients.count("retries") > 0 || beside.ledger.iter().any(holds_leases)
}

fn reads(clients: &Values, _: &Beside<'_>) -> bool {
    let steps = clients.list("journey");
    let reads = |step: &crate::field::Item| matches!(&step.value, Value::Table(step) if step.text("does") == "read");
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
