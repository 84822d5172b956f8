//! Which events cannot happen in a scenario, though their names make sense there: nothing in it brings them about.
//!
//! Owns the reasons, derived from the world's plan and from what its controls say of themselves. Refuses to guess: an
//! event is barred only if nothing that is written could ever cause it. Invariant: what a run can bring about is not
//! barred here.

use super::section::control::Controllers;
use crate::check::EVENTS;
use crate::field::{Referent, Scope};
use crate::model::plan::{DatabasePlan, Fencing, WorldPlan};
use std::collections::BTreeSet;

/// What the controls of a scenario can do, as far as events are concerned.
struct Reach {
    /// The events they tell themselves.
    told: BTreeSet<String>,
    /// Whether any of them runs a procedure.
    acts: bool,
    /// Whether any of them sets the weights of the balancer.
    weighs: bool,
    /// Whether any of them restores backups.
    restores: bool,
}

/// Bars in `scope` what cannot happen in `world` under `controls`.
pub(super) fn bar(scope: &mut Scope, world: &WorldPlan, controls: &Controllers) {
    let known: Option<Vec<Vec<String>>> = controls.1.iter().map(|control| control.events()).collect();
    let unknown = known.is_none();
    let told: BTreeSet<String> = known.into_iter().flatten().flatten().collect();
    let begins = |procedure: &str| unknown || told.contains(&format!("{procedure}.started"));
    let acts = unknown || scope.names(Referent::Procedure).any(begins);
    let weighs = acts || unknown || begins("shift");
    let restores = begins("restore_from_backup");
    let reach = Reach { told, acts, weighs, restores };
    if !unknown {
        bar_control(scope, &reach);
    }
    bar_names(scope, world, &reach);
    bar_balancer(scope, world, &reach);
    for database in &world.databases {
        bar_database(scope, database, &reach);
    }
    bar_services(scope, world);
}

/// What only controls tell, and none of these does.
fn bar_control(scope: &mut Scope, reach: &Reach) {
    let procedures: Vec<String> = scope.names(Referent::Procedure).map(str::to_owned).collect();
    for procedure in &procedures {
        if !reach.told.contains(&format!("{procedure}.started")) {
            let why = format!("no control of this scenario runs `{procedure}`");
            let help = format!("let a control run it (`control: - watch: {{run: {procedure}}}`), or take this out");
            for pattern in EVENTS.iter().filter_map(|kind| kind.pattern.strip_prefix("{procedure}.")) {
                scope.bar(format!("{procedure}.{}", pattern.replace("{step}", "*")), &why, &help);
            }
        } else if !reach.told.contains(&format!("{procedure}.approve.*")) {
            let why = format!("nobody is asked before a step of `{procedure}`");
            scope.bar(format!("{procedure}.approve.*"), why, "give the control `approve: {ask: […], before: […]}`");
        }
    }
    for kind in EVENTS {
        let Some((first, _)) = kind.pattern.split_once('.') else { continue };
        let Some((why, help)) = of_control(first, kind.pattern, reach) else { continue };
        for event in named(kind.pattern, scope) {
            let told = reach.told.contains(&event)
                || reach.told.contains(&format!("{first}.*"))
                || reach.told.contains(kind.pattern)
                || (kind.pattern.ends_with(".stale_change") && reach.told.contains("controller.*.stale_change"));
            if !told {
                scope.bar(event, why, help);
            }
        }
    }
    let audiences = reach.told.iter().filter_map(|event| event.strip_prefix("notified.")).map(str::to_owned);
    scope.limit_audiences(audiences.collect());
}

/// Why events of that family, which begins with `first`, do not happen unless a control tells them; `None`: they can.
fn of_control(first: &str, pattern: &str, reach: &Reach) -> Option<(&'static str, &'static str)> {
    let any = |first: &str| reach.told.iter().any(|event| event.starts_with(&format!("{first}.")));
    Some(match first {
        "watch" if any("watch") => match pattern {
            "watch.fit" | "watch.unfit" | "watch.coming_back" => {
                ("no `watch` of this scenario comes back", "give it `then: failback`")
            }
            _ => ("no `watch` of this scenario asks anybody first", "give it `approve: {ask: […]}`"),
        },
        "watch" => ("nothing in `control` is a `watch`", "add a `watch` under `control:`"),
        "drill" => ("nothing in `control` is a `drill` that could", "add a `drill` under `control:`"),
        "shift" => ("nothing in `control` is a `shift`", "add a `shift` under `control:`"),
        "controller" | "journal" => {
            ("nothing in `control` acts under a lease", "add a `watch` or a `drill` under `control:`")
        }
        "approval" => ("nobody is asked for consent", "give a control `approve: {ask: […]}`"),
        "on_call" => ("nobody is on call", "give a control `on_call: {page: […]}`"),
        "paged" | "acknowledged" => {
            ("no control pages that person", "name the person under `approve` or `on_call` of a control")
        }
        "answered" | "mistaken" => ("no control asks that person", "name the person under `approve` of a control"),
        "notification" => ("nothing in `control` sends messages", "add a `watch` under `control:`"),
        _ => return None,
    })
}

/// The events of a family that has at most a person or a controller in its name.
fn named(pattern: &str, scope: &Scope) -> Vec<String> {
    for (parameter, referent) in [("{person}", Referent::Person), ("{controller}", Referent::Controller)] {
        if pattern.contains(parameter) {
            return scope.names(referent).map(|name| pattern.replace(parameter, name)).collect();
        }
    }
    vec![pattern.to_owned()]
}

/// What changes names and the regions behind them.
fn bar_names(scope: &mut Scope, world: &WorldPlan, reach: &Reach) {
    let dns = &world.dns;
    let by_hand = dns.planning.is_some() || !dns.changes.is_empty();
    let follows = dns.records.iter().any(|record| record.failover.is_some());
    let control = ("nothing in `control` could make it happen", "add a `watch` under `control:`");
    for (index, record) in dns.records.iter().enumerate() {
        let name = &record.name;
        if !reach.acts && !by_hand {
            for what in ["published", "refused"] {
                scope.bar(format!("dns.{name}.{what}"), control.0, control.1);
            }
        }
        if !dns.changes.iter().any(|change| change.record.index() == index && change.ttl.is_some()) {
            scope.bar(format!("dns.{name}.ttl"), "no change of `dns.changes` sets its `ttl`", "add one");
        }
        if record.failover.is_none() {
            for what in ["failed_over", "failed_back"] {
                let why = format!("the record `{name}` follows no health checks");
                scope.bar(format!("dns.{name}.{what}"), why, "add `dns.failover`");
            }
        }
    }
    if dns.planning.is_none() {
        for what in ["stale", "refused", "lost", "found", "restored"] {
            scope.bar(format!("planning.{what}"), "nothing writes the zone by itself", "add `dns.planning`");
        }
    }
    for region in &world.regions {
        if !follows {
            for what in ["unhealthy", "healthy"] {
                let event = format!("checks.{}.{what}", region.name);
                scope.bar(event, "no record follows health checks", "add `dns.failover`");
            }
        }
        if !reach.weighs && !follows && !by_hand {
            for event in [format!("served.{}", region.name), format!("region.{}.active", region.name)] {
                scope.bar(event, control.0, control.1);
            }
        }
        if !reach.acts && !follows && !by_hand {
            scope.bar(format!("region.{}.standby", region.name), control.0, control.1);
        }
    }
}

fn bar_balancer(scope: &mut Scope, world: &WorldPlan, reach: &Reach) {
    let of_regions = |what: &str| world.regions.iter().map(|r| format!("balancer.{}.{what}", r.name)).collect();
    let health: Vec<String> =
        ["ejected", "restored"].into_iter().flat_map(|what| -> Vec<_> { of_regions(what) }).collect();
    let weights = ["balancer.weighed", "balancer.settled"].map(str::to_owned).to_vec();
    let Some(balancer) = &world.balancer else {
        for event in health.into_iter().chain(weights) {
            scope.bar(event, "there is no balancer", "add a `balancer:` section");
        }
        return;
    };
    if balancer.checks.is_none() {
        for event in health {
            scope.bar(event, "the balancer checks nothing", "set `balancer.check_every` above 0s");
        }
    }
    if !reach.weighs {
        for event in weights {
            scope.bar(event, "nothing in `control` sets its weights", "add a `shift` under `control:`");
        }
    }
}

fn bar_database(scope: &mut Scope, database: &DatabasePlan, reach: &Reach) {
    let name = &database.name;
    let mut bar = |events: &[&str], why: String, help: &str| {
        for event in events {
            scope.bar(format!("db.{name}.{event}"), &why, help);
        }
    };
    if !matches!(database.fencing, Fencing::Lease(_)) {
        bar(&["lease_out"], format!("`{name}` is not written under a lease"), "give it `fencing: lease`");
    }
    if database.degrade_after.is_none() {
        let why = format!("commits of `{name}` never go on without their replica");
        bar(&["degraded", "synchronous"], why, "give it `commit: sync` and `when_alone: degrade`");
    }
    if database.log_space.is_none() {
        bar(
            &["log_full", "log_freed"],
            format!("the log of `{name}` has all the room it needs"),
            "give it `log_space`",
        );
    }
    let restoring = ["backup_verified", "backup_unusable", "restore_begun", "restored", "restore_failed"];
    if database.backups.is_none() {
        let why = format!("`{name}` is not backed up");
        bar(&["backed_up"], why.clone(), "give it `backups`");
        bar(&restoring, why, "give it `backups`");
    }
    if !reach.restores {
        let help = "let a `watch` run it, or take this out";
        bar(&restoring, "no control of this scenario runs `restore_from_backup`".to_owned(), help);
    }
    if !reach.acts {
        let events = ["fenced", "promoted", "rebuild_begun", "rebuilt", "loss_announced"];
        bar(&events, "nothing in `control` could make it happen".to_owned(), "add a `watch` under `control:`");
    }
}

fn bar_services(scope: &mut Scope, world: &WorldPlan) {
    for service in &world.services {
        let name = format!("{}.{}", world.regions[service.region.index()].name, service.name);
        if service.autoscale.is_none() {
            for what in ["out", "in", "failed"] {
                let why = format!("`{name}` has no autoscaler");
                scope.bar(format!("autoscaler.{name}.{what}"), why, "give the service `autoscale`");
            }
        }
        if service.fleet.is_none() {
            for what in ["overgrown", "fits"] {
                let why = format!("the servers of `{name}` are no burden to each other");
                scope.bar(format!("fleet.{name}.{what}"), why, "give the service `fleet`");
            }
        }
    }
}
