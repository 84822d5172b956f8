//! Which events cannot happen in a scenario, though their names make sense there: nothing in it brings them about.
//!
//! Owns the reasons, derived from the world's plan and from what its controls say of themselves. Does not guess: an
//! event is barred only if nothing that is written could ever cause it. Invariant: what a run can bring about is not
//! barred here.

use super::section::control::Controllers;
use crate::field::{Referent, Scope};
use crate::model::plan::{Commit, DatabasePlan, Fencing, WorldPlan};
use crate::record::event::{
    BalancerKind, CapacityKind, ControllerKind, DataKind, EventKind, EventPattern, NameKind, PeopleKind, PlatformKind,
    ProcedureEvent, ShiftKind, WatchKind,
};
use std::collections::BTreeSet;

/// What the controls of a scenario can do, as far as events are concerned.
struct Reach {
    /// The events they tell themselves.
    told: BTreeSet<String>,
    /// Whether any of them runs what nobody here knows.
    unknown: bool,
    /// Whether any of them runs a procedure.
    acts: bool,
    /// Whether any of them sets the weights of the balancer.
    sets_weights: bool,
    /// Whether any of them restores backups.
    restores: bool,
}

/// Bars in `scope` what cannot happen in `world` under `controls`.
pub(super) fn bar(scope: &mut Scope, world: &WorldPlan, controls: &Controllers) {
    let known: Option<Vec<Vec<String>>> = controls.1.iter().map(|control| control.events()).collect();
    let unknown = known.is_none();
    let told: BTreeSet<String> = known.into_iter().flatten().flatten().collect();
    let starts = |name: &str, told: &BTreeSet<String>| unknown || told.contains(name);
    let begins = |procedure: &str| starts(&ProcedureEvent::starts(procedure), &told);
    let acts = unknown || scope.names(Referent::Procedure).any(begins);
    let sets_weights = acts || starts(&EventKind::Shift(ShiftKind::Started).called(&[]), &told);
    let restores = starts(&EventKind::Data(DataKind::Restored).called(&[]), &told);
    let reach = Reach { told, unknown, acts, sets_weights, restores };
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

/// Bars what `kinds` of events say of `things`, called so in the order of their names.
fn bar_kinds<const N: usize>(
    scope: &mut Scope,
    kinds: [EventKind; N],
    things: &[&str],
    (why, help): (impl Into<String>, &str),
) {
    let why = why.into();
    for kind in kinds {
        scope.bar(kind.called(things), &why, help);
    }
}

/// What only controls tell, and none of these does.
fn bar_control(scope: &mut Scope, reach: &Reach) {
    let procedures: Vec<String> = scope.names(Referent::Procedure).map(str::to_owned).collect();
    for procedure in &procedures {
        let consent = ProcedureEvent::any_of(procedure, Some("approve"));
        if !reach.told.contains(&ProcedureEvent::starts(procedure)) {
            let why = format!("no control of this scenario runs `{procedure}`");
            let help = format!("let a control run it (`control: - watch: {{run: {procedure}}}`), or remove this");
            for kind in EventKind::all().filter(|kind| matches!(kind, EventKind::Procedure(_))) {
                scope.bar(kind.called(&[procedure]), &why, &help);
            }
        } else if !reach.told.contains(&consent) {
            let why = format!("nobody is asked before a step of `{procedure}`");
            scope.bar(consent, why, "give the control `approve: {ask: […], before: […]}`");
        }
    }
    for kind in EventKind::all() {
        let Some((why, help)) = of_control(kind, reach) else { continue };
        for event in named(kind, scope) {
            if !reach.tells(&event) {
                scope.bar(event, why, help);
            }
        }
    }
    let notified = EventKind::People(PeopleKind::Notified);
    let audiences = reach.told.iter().filter_map(|event| notified.part("audience", event)).map(str::to_owned);
    scope.limit_audiences(audiences.collect());
}

impl Reach {
    /// Whether a control tells the event called `name`.
    fn tells(&self, name: &str) -> bool {
        self.told.iter().any(|told| EventPattern::new(told).covers(name))
    }

    /// Whether anything in `control` is a watch.
    fn watches(&self) -> bool {
        self.tells(&EventKind::Watch(WatchKind::Detected).called(&[]))
    }
}

/// Why such events do not happen unless a control tells them; `None`: they can.
fn of_control(kind: EventKind, reach: &Reach) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        EventKind::Watch(WatchKind::Fit | WatchKind::Unfit | WatchKind::ComingBack) if reach.watches() => {
            ("no `watch` of this scenario fails back", "give it `then: failback`")
        }
        EventKind::Watch(_) if reach.watches() => {
            ("no `watch` of this scenario asks anybody first", "give it `approve: {ask: […]}`")
        }
        EventKind::Watch(_) => ("nothing in `control` is a `watch`", "add a `watch` under `control:`"),
        EventKind::Drill(_) => ("nothing in `control` is a `drill` that could", "add a `drill` under `control:`"),
        EventKind::Shift(_) => ("nothing in `control` is a `shift`", "add a `shift` under `control:`"),
        EventKind::Reconcile(_) => ("nothing in `control` is a `reconcile`", "add a `reconcile` under `control:`"),
        EventKind::Scrub(_) => ("nothing in `control` is a `scrub`", "add a `scrub` under `control:`"),
        EventKind::Controller(ControllerKind::Struck) => {
            ("only tests interrupt controllers at their calls", "remove this")
        }
        EventKind::Controller(ControllerKind::Broke | ControllerKind::Said) => {
            ("nothing in `control` is a `pipe`", "add a `pipe` under `control:`")
        }
        EventKind::Controller(_) => {
            ("nothing in `control` acts under a lease", "add a `watch` or a `drill` under `control:`")
        }
        EventKind::Consent(_) => ("nobody is asked for approval", "give a control `approve: {ask: […]}`"),
        EventKind::OnCall(_) => ("nobody is on call", "give a control `on_call: {page: […]}`"),
        EventKind::People(kind) => match kind {
            PeopleKind::Paged | PeopleKind::Acknowledged => {
                ("no control pages that person", "name the person under `approve` or `on_call` of a control")
            }
            PeopleKind::Answered | PeopleKind::Mistaken => {
                ("no control asks that person", "name the person under `approve` of a control")
            }
            PeopleKind::NotificationLost => ("nothing in `control` sends messages", "add a `watch` under `control:`"),
            PeopleKind::Notified => return None,
        },
        EventKind::Fault(_) | EventKind::Procedure(_) | EventKind::Name(_) | EventKind::Data(_) => return None,
        EventKind::Balancer(_) | EventKind::Client(_) | EventKind::Capacity(_) | EventKind::Platform(_) => return None,
    })
}

/// The events of a kind that has at most a person or a controller in its name.
fn named(kind: EventKind, scope: &Scope) -> Vec<String> {
    let pattern = kind.declaration().pattern;
    for (parameter, referent) in [("{person}", Referent::Person), ("{controller}", Referent::Controller)] {
        if pattern.contains(parameter) {
            return scope.names(referent).map(|name| kind.called(&[name])).collect();
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
        let name: &[&str] = &[&record.name];
        if !reach.acts && !by_hand {
            bar_kinds(scope, [NameKind::Published, NameKind::Refused].map(EventKind::Name), name, control);
        }
        let sets_ttl = dns.changes.iter().any(|change| change.record.index() == index && change.ttl.is_some());
        if !sets_ttl && !reach.unknown {
            let why = ("no change of `dns.changes` sets its `ttl`", "add one");
            bar_kinds(scope, [EventKind::Name(NameKind::Ttl)], name, why);
        }
        if record.failover.is_none() {
            let why = (format!("the record `{}` follows no health checks", record.name), "add `dns.failover`");
            bar_kinds(scope, [NameKind::FailedOver, NameKind::FailedBack].map(EventKind::Name), name, why);
        }
    }
    if dns.planning.is_none() {
        let kinds = [NameKind::PlanStale, NameKind::PlanRefused, NameKind::PlanLost];
        let why = ("no automation writes the zone", "add `dns.planning`");
        bar_kinds(scope, kinds.map(EventKind::Name), &[], why);
        bar_kinds(scope, [NameKind::PlanFound, NameKind::PlanRestored].map(EventKind::Name), &[], why);
    }
    for region in &world.regions {
        let name: &[&str] = &[&region.name];
        if !follows {
            let why = ("no record follows health checks", "add `dns.failover`");
            bar_kinds(scope, [NameKind::Unhealthy, NameKind::Healthy].map(EventKind::Name), name, why);
        }
        if !reach.sets_weights && !follows && !by_hand {
            bar_kinds(scope, [PlatformKind::Served, PlatformKind::Active].map(EventKind::Platform), name, control);
        }
        if !reach.acts && !follows && !by_hand {
            bar_kinds(scope, [EventKind::Platform(PlatformKind::Standby)], name, control);
        }
    }
}

fn bar_balancer(scope: &mut Scope, world: &WorldPlan, reach: &Reach) {
    let weights = [BalancerKind::WeightsChanged, BalancerKind::Settled].map(EventKind::Balancer);
    let health = [BalancerKind::Ejected, BalancerKind::Restored].map(EventKind::Balancer);
    let Some(balancer) = &world.balancer else {
        let why = ("there is no balancer", "add a `balancer:` section");
        world.regions.iter().for_each(|region| bar_kinds(scope, health, &[&region.name], why));
        return bar_kinds(scope, weights, &[], why);
    };
    if balancer.checks.is_none() {
        let why = ("the balancer has no health checks", "set `balancer.check_every` above 0s");
        world.regions.iter().for_each(|region| bar_kinds(scope, health, &[&region.name], why));
    }
    if !reach.sets_weights {
        bar_kinds(scope, weights, &[], ("nothing in `control` sets its weights", "add a `shift` under `control:`"));
    }
}

fn bar_database(scope: &mut Scope, database: &DatabasePlan, reach: &Reach) {
    let name = &database.name;
    let mut bar = |kinds: &[DataKind], why: String, help: &str| {
        for kind in kinds {
            scope.bar(EventKind::Data(*kind).called(&[name]), &why, help);
        }
    };
    if !matches!(database.fencing, Fencing::Lease(_)) {
        bar(&[DataKind::LeaseOut], format!("`{name}` is not written under a lease"), "give it `fencing: lease`");
    }
    if database.degrade_after.is_none() {
        let why = format!("commits of `{name}` never proceed without a replica");
        let help = "give it `commit: sync` and `without_replicas: degrade`";
        bar(&[DataKind::Degraded, DataKind::Synchronous], why, help);
    }
    if database.commit == Commit::Asynchronous || database.degrade_after.is_some() {
        let why = format!("commits of `{name}` never wait for replicas without end");
        let help = "give it `commit: sync` and `without_replicas: wait`";
        bar(&[DataKind::CommitsBlocked, DataKind::CommitsUnblocked], why, help);
    }
    if database.log_space.is_none() {
        let why = format!("the log of `{name}` has unlimited space");
        bar(&[DataKind::LogFull, DataKind::LogFreed], why, "give it `log_space`");
    }
    let restoring = [
        DataKind::BackupVerified,
        DataKind::BackupUnusable,
        DataKind::RestoreBegun,
        DataKind::Restored,
        DataKind::RestoreFailed,
    ];
    if database.backups.is_none() {
        let why = format!("`{name}` is not backed up");
        bar(&[DataKind::BackedUp], why.clone(), "give it `backups`");
        bar(&restoring, why, "give it `backups`");
    }
    if !reach.restores {
        let help = "let a `watch` run it, or remove this";
        bar(&restoring, "no control of this scenario runs `restore_from_backup`".to_owned(), help);
    }
    if !reach.acts {
        let kinds = [DataKind::Fenced, DataKind::Promoted, DataKind::RebuildBegun, DataKind::Rebuilt];
        let why = "nothing in `control` could make it happen".to_owned();
        bar(&kinds, why.clone(), "add a `watch` under `control:`");
        bar(&[DataKind::LossAnnounced], why, "add a `watch` under `control:`");
    }
}

fn bar_services(scope: &mut Scope, world: &WorldPlan) {
    for service in &world.services {
        let (region, own) = (world.regions[service.region.index()].name.as_str(), service.name.as_str());
        if service.autoscale.is_none() {
            let kinds = [CapacityKind::ScaledOut, CapacityKind::ScaledIn, CapacityKind::ScalingFailed];
            let why = (format!("`{region}.{own}` has no autoscaler"), "give the service `autoscale`");
            bar_kinds(scope, kinds.map(EventKind::Capacity), &[region, own], why);
        }
        if service.fleet.is_none() {
            let kinds = [CapacityKind::Overgrown, CapacityKind::Fits];
            let why = (format!("the servers of `{region}.{own}` have no fleet overhead"), "give the service `fleet`");
            bar_kinds(scope, kinds.map(EventKind::Capacity), &[region, own], why);
        }
    }
}
