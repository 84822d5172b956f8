//! The signals and events a property may name: what each is called, what it counts, and whose view it is.
//!
//! Owns the two tables and the resolution of a written name against what a scenario declares. Refuses to know how a
//! signal is recorded: a name that was resolved may still be missing from a record, and then it has no data.
//!
//! Signals hold one value per second. Counts and latencies are those of the whole second; queues, lags, copies and the
//! like are as they were when the second began.

use super::event::EventPattern;
use super::expression::ExpressionError;
use crate::field::{Referent, Scope, nearest};
use crate::record::{SignalUnit, View};
use crate::units::RegionId;
use std::collections::BTreeMap;
use std::ops::Range;

/// A family of signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalKind {
    /// Its name, with `{region}` and the like for what the scenario declares.
    pub pattern: &'static str,
    /// What a value counts.
    pub unit: SignalUnit,
    /// Whose view it is.
    pub view: View,
    /// What it is, in a sentence.
    pub doc: &'static str,
}

/// A family of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventKind {
    /// Its name, with `{fault}` and the like for what the scenario declares.
    pub pattern: &'static str,
    /// When it happens, in a sentence.
    pub doc: &'static str,
}

const fn truth(pattern: &'static str, unit: SignalUnit, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit, view: View::Truth, doc }
}

const fn seen(pattern: &'static str, unit: SignalUnit, doc: &'static str) -> SignalKind {
    SignalKind { pattern, unit, view: View::Control, doc }
}

const fn event(pattern: &'static str, doc: &'static str) -> EventKind {
    EventKind { pattern, doc }
}

use SignalUnit::{Count, Nanoseconds, PerSecond, Ratio as Share};

/// Every signal there is.
pub const SIGNALS: &[SignalKind] = &[
    truth("success", Share, "Requests answered in time, of those that clients started in this second."),
    truth("errors", Share, "Requests that failed or whose outcome is unknown, of those started in this second."),
    truth("offered", PerSecond, "Requests that clients started."),
    truth("goodput", PerSecond, "Requests answered in time, by the second of the answer."),
    truth("attempts", PerSecond, "Attempts made, retries included."),
    truth("latency.p50", Nanoseconds, "Median latency of the requests answered in this second."),
    truth("latency.p95", Nanoseconds, "95th percentile of the latency of the requests answered in this second."),
    truth("latency.p99", Nanoseconds, "99th percentile of the latency of the requests answered in this second."),
    truth("region.{region}.ok", PerSecond, "Requests that the region served."),
    truth("region.{region}.share", Share, "The region's share of all attempts sent."),
    truth("service.{region}.{service}.queue", Count, "Requests waiting at the service."),
    truth("service.{region}.{service}.busy", Share, "The service's servers at work, of all it has."),
    truth("db.{database}.lag", Nanoseconds, "Age of the oldest write the worst reachable replica has not applied."),
    truth("db.{database}.backlog", Count, "Records the worst reachable replica has not applied."),
    truth("db.{database}.writable", Count, "Copies that accept writes. More than one is split brain."),
    truth("dns.share.{region}", Share, "Client groups whose cached DNS answer names the region."),
    truth(
        "drill.touched_writes",
        Count,
        "Writes of real clients so far that ended after a drill had changed something they depend on. Only with a drill.",
    ),
    seen("seen.{region}.{service}.errors", Share, "The service's error ratio as monitoring last saw it."),
    seen("seen.{region}.{service}.up", Count, "1 if monitoring last saw the service up, otherwise 0."),
    seen("seen.{region}.{service}.p95", Nanoseconds, "The service's 95th percentile latency as last seen."),
];

/// Every event there is.
pub const EVENTS: &[EventKind] = &[
    event("fault.{fault}", "The fault began."),
    event("fault.{fault}.healed", "The fault was healed."),
    event("{procedure}.started", "A run of the procedure started."),
    event("{procedure}.done", "A run of the procedure ended with every step done."),
    event("{procedure}.failed", "A step of the procedure failed for good."),
    event("{procedure}.undone", "A failed run of the procedure took everything back."),
    event("{procedure}.undo_failed", "A failed run of the procedure could not take everything back."),
    event("{procedure}.stopped", "A run of the procedure stopped where it cannot be taken back."),
    event("{procedure}.resumed", "A controller went on with a run that one before it had begun."),
    event("{procedure}.superseded", "A controller left a run to another that took over from it."),
    event("{procedure}.found", "A controller found that the run before its time had ended."),
    event("{procedure}.{step}.started", "A round of the step started."),
    event("{procedure}.{step}.done", "The step was done and verified."),
    event("{procedure}.{step}.failed", "The step was refused or failed for certain."),
    event("{procedure}.{step}.over_budget", "The step was not finished within its budget."),
    event("{procedure}.{step}.undone", "The step was taken back."),
    event("{procedure}.{step}.undo_failed", "Taking the step back failed."),
    event("watch.detected", "Monitoring raised a correct alarm."),
    event("watch.cleared", "The alarm was over."),
    event("watch.decided", "The watch decided to act."),
    event("watch.held_back", "The watch would have acted, but was cooling down."),
    event("watch.fit", "The region that was left is seen to be fit again."),
    event("watch.unfit", "The region that was left is not fit after all."),
    event("watch.coming_back", "The watch started the way back."),
    event("drill.passed", "A drill was held, validated and taken home."),
    event("drill.not_passed", "A drill did not get through; its zone is at home again."),
    event("drill.refused", "Those who must be asked did not consent to a drill."),
    event("drill.touched_production", "A drill changed something that real clients depend on."),
    event("controller.leads", "A controller was granted the lease and acts."),
    event("controller.stood_down", "A controller lost the lease and acts no more."),
    event("controller.journal_unreadable", "A controller that leads cannot read the journal."),
    event(
        "controller.{controller}.stale_change",
        "A change under an older lease was carried out, for nothing checked it.",
    ),
    event("journal.unreadable", "The journal holds something that cannot be gone on with: a person must act."),
    event("watch.blind", "The watch could not read its metrics."),
    event("watch.moot", "The region recovered while people were asked, so nothing was started."),
    event("watch.refused", "Somebody said no, so nothing is done until the region has recovered."),
    event("watch.unanswered", "Nobody answered, so nothing was started."),
    event("shift.started", "A shift of the balancer's weights began."),
    event("shift.refused", "The balancer did not take the weights on."),
    event("shift.mismatch", "The weights read back were not those asked for."),
    event("shift.done", "The weights asked for were read back."),
    event("shift.stopped", "The weights were not in force in time; a person must act."),
    event("approval.asked", "People began to be asked for their consent."),
    event("approval.paged", "Control paged a person to ask for consent."),
    event("approval.acknowledged", "A person acknowledged such a page."),
    event("approval.escalated", "Control turned to the next person."),
    event("approval.unreachable", "A page or a question could not be sent."),
    event("approval.given", "Somebody consented."),
    event("approval.refused", "Somebody refused."),
    event("approval.withdrawn", "The question was taken back before anybody answered."),
    event("approval.nobody", "Nobody answered in time."),
    event("on_call.summoned", "Those on call began to be paged, for a procedure has not reached its end."),
    event("on_call.paged", "Control paged a person on call."),
    event("on_call.acknowledged", "A person on call acknowledged."),
    event("on_call.escalated", "Control turned to the next person on call."),
    event("on_call.unreachable", "A page to a person on call could not be sent."),
    event("on_call.nobody", "Nobody on call acknowledged in time."),
    event("dns.{record}.published", "A change of the record reached the authoritative servers."),
    event(
        "db.{database}.fenced",
        "No copy of an older epoch accepts writes any more, as far as the database can see to that.",
    ),
    event("db.{database}.lease_out", "The authority could not renew its lease in time, and takes no more writes."),
    event(
        "db.{database}.rebuild_begun",
        "What a copy held alone was discarded, and the authority's data is copied to it.",
    ),
    event("db.{database}.rebuilt", "A copy that was rebuilt follows again."),
    event("db.{database}.promoted", "A copy of the database became the authority."),
    event("db.{database}.loss_announced", "Control said how much may be lost before it acted."),
    event("balancer.weighed", "The balancer answered for new weights."),
    event("balancer.settled", "Weights came into force that the balancer had answered for before."),
    event("balancer.{region}.ejected", "The balancer found the region unhealthy."),
    event("balancer.{region}.restored", "The balancer found the region healthy again."),
    event("region.{region}.active", "The region's standby services were ready."),
    event("region.{region}.standby", "The region's services went back on standby."),
    event("served.{region}", "The region served its first request after the remedy."),
    event("notified.{audience}", "A message to the audience was delivered."),
    event("notification.lost", "A message or a page was accepted and never arrived."),
    event("paged.{person}", "A page reached the person."),
    event("acknowledged.{person}", "The person acknowledged a page."),
    event("answered.{person}", "The person answered a question."),
];

/// The names one scenario may use.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    signals: BTreeMap<String, SignalUnit>,
    aliases: BTreeMap<String, String>,
    events: Vec<EventPattern>,
    databases: Vec<String>,
    faults: Vec<String>,
}

impl Vocabulary {
    /// The names that make sense with what `scope` declares.
    pub fn new(scope: &Scope) -> Self {
        let names = |referent| scope.names(referent).map(str::to_owned).collect::<Vec<_>>();
        let (databases, faults) = (names(Referent::Database), names(Referent::Fault));
        let expanded = SIGNALS.iter().flat_map(|kind| expand(kind.pattern, scope).into_iter().map(|n| (n, kind.unit)));
        let signals: BTreeMap<String, SignalUnit> = expanded.collect();
        let aliases = aliases(&signals, &databases);
        let events = EVENTS.iter().flat_map(|kind| expand(kind.pattern, scope)).map(EventPattern::new).collect();
        Self { signals, aliases, events, databases, faults }
    }

    /// The signals that may be named, in full.
    pub fn signals(&self) -> impl Iterator<Item = &str> {
        self.signals.keys().map(String::as_str)
    }

    /// The events that may be named; `*` stands for a name that is free.
    pub fn events(&self) -> impl Iterator<Item = &EventPattern> {
        self.events.iter()
    }

    /// The databases declared.
    pub fn databases(&self) -> &[String] {
        &self.databases
    }

    /// The full name and unit of the signal written `name`.
    ///
    /// # Errors
    /// If there is none, with the nearest known one.
    pub fn signal(&self, name: &str, span: Range<usize>) -> Result<(String, SignalUnit), ExpressionError> {
        let full = self.aliases.get(name).map_or(name, String::as_str);
        if let Some(unit) = self.signals.get(full) {
            return Ok((full.to_owned(), *unit));
        }
        let error = ExpressionError::new(span, format!("unknown signal `{name}`"));
        let known = self.signals.keys().chain(self.aliases.keys()).map(String::as_str);
        Err(match nearest(name, known) {
            Some(meant) => error.help(format!("did you mean `{meant}`?")),
            None if self.event(name, 0..0).is_ok() => error.help(format!("`{name}` is an event: `count({name}, 10m)`")),
            None => error.help(format!("known signals: {}", families(SIGNALS.iter().map(|kind| kind.pattern)))),
        })
    }

    /// The events written `name`, of which `*` may stand for any part.
    ///
    /// # Errors
    /// If there is none, with the nearest known one.
    pub fn event(&self, name: &str, span: Range<usize>) -> Result<EventPattern, ExpressionError> {
        let pattern = EventPattern::new(name);
        let known = |event: &EventPattern| event.matches(name) || event.overlaps(name);
        if is_event_name(name) && self.events.iter().any(known) {
            return Ok(pattern);
        }
        let error = ExpressionError::new(span, format!("unknown event `{name}`"));
        let events: Vec<String> = self.events.iter().map(EventPattern::to_string).collect();
        Err(match nearest(name, events.iter().map(String::as_str).filter(|name| !name.contains('*'))) {
            Some(meant) => error.help(format!("did you mean `{meant}`?")),
            None if self.signals.contains_key(name) => error.help(format!("`{name}` is a signal")),
            None => error.help(format!("known events: {}", families(EVENTS.iter().map(|kind| kind.pattern)))),
        })
    }

    /// The database called `name`.
    ///
    /// # Errors
    /// If there is none, with the nearest known one.
    pub fn database(&self, name: &str, span: Range<usize>) -> Result<String, ExpressionError> {
        declared("database", &self.databases, name, span)
    }

    /// The fault called `name`, or `fault.name`.
    ///
    /// # Errors
    /// If there is none, with the nearest known one.
    pub fn fault(&self, name: &str, span: Range<usize>) -> Result<String, ExpressionError> {
        declared("fault", &self.faults, name.strip_prefix("fault.").unwrap_or(name), span)
    }
}

fn declared(what: &str, known: &[String], name: &str, span: Range<usize>) -> Result<String, ExpressionError> {
    if let Some(found) = known.iter().find(|k| *k == name) {
        return Ok(found.clone());
    }
    let error = ExpressionError::new(span, format!("unknown {what} `{name}`"));
    Err(match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => error.help(format!("did you mean `{meant}`?")),
        None if known.is_empty() => error.help(format!("no {what} is declared")),
        None => error.help(format!("declared: {}", known.join(", "))),
    })
}

fn is_event_name(name: &str) -> bool {
    let part =
        |part: &str| part == "*" || (!part.is_empty() && !part.contains(|c: char| c == '*' || c.is_whitespace()));
    name.split('.').all(part)
}

fn families<'a>(patterns: impl Iterator<Item = &'a str>) -> String {
    patterns.map(|pattern| pattern.replace(['{', '}'], "").to_owned()).collect::<Vec<_>>().join(", ")
}

/// `pattern` with every combination of declared names in place of its parameters, `*` for what nobody declares.
fn expand(pattern: &str, scope: &Scope) -> Vec<String> {
    if pattern.contains("{region}.{service}") {
        return services(scope).into_iter().map(|name| pattern.replace("{region}.{service}", &name)).collect();
    }
    let declared = [
        ("{region}", Referent::Region),
        ("{database}", Referent::Database),
        ("{record}", Referent::Record),
        ("{fault}", Referent::Fault),
        ("{procedure}", Referent::Procedure),
        ("{person}", Referent::Person),
        ("{controller}", Referent::Controller),
    ];
    let free = pattern.replace("{step}", "*").replace("{audience}", "*");
    match declared.into_iter().find(|(parameter, _)| free.contains(parameter)) {
        Some((parameter, referent)) => scope.names(referent).map(|name| free.replace(parameter, name)).collect(),
        None => vec![free],
    }
}

/// `region.service` of every service instance.
fn services(scope: &Scope) -> Vec<String> {
    let regions = scope.names(Referent::Region).enumerate();
    let mut found = Vec::new();
    for (index, region) in regions {
        let Ok(id) = u16::try_from(index).map(RegionId) else { continue };
        let inside = scope.names(Referent::Service).filter(|service| scope.service_in(service, id).is_some());
        found.extend(inside.map(|service| format!("{region}.{service}")));
    }
    found
}

/// Shorter names of the databases' signals: without `db.`, and without the database if there is only one.
fn aliases(signals: &BTreeMap<String, SignalUnit>, databases: &[String]) -> BTreeMap<String, String> {
    let mut aliases = BTreeMap::new();
    for full in signals.keys() {
        let Some(short) = full.strip_prefix("db.") else { continue };
        aliases.insert(short.to_owned(), full.clone());
        if let [only] = databases
            && let Some(shortest) = short.strip_prefix(only.as_str()).and_then(|rest| rest.strip_prefix('.'))
        {
            aliases.insert(shortest.to_owned(), full.clone());
        }
    }
    aliases.retain(|alias, _| !signals.contains_key(alias));
    aliases
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::field::{Origin, Place};

    /// The names of [`scope`].
    pub fn vocabulary() -> Vocabulary {
        Vocabulary::new(&scope())
    }

    /// Two regions with an api each, one database, two faults and a procedure.
    pub fn scope() -> Scope {
        let mut scope = Scope::default();
        let here = Place::beginning(Origin::File);
        for (referent, name) in [
            (Referent::Region, "west-europe"),
            (Referent::Region, "north"),
            (Referent::Service, "api"),
            (Referent::Database, "orders"),
            (Referent::Fault, "dark"),
            (Referent::Fault, "slow"),
            (Referent::Record, "www"),
            (Referent::Procedure, "region_failover"),
        ] {
            scope.declare(referent, name, here);
        }
        scope.declare_instance("api", RegionId(0));
        scope.declare_instance("api", RegionId(1));
        scope
    }

    #[test]
    fn signals_are_resolved_and_suggested() {
        let known = vocabulary();
        assert_eq!(known.signal("service.north.api.queue", 0..1), Ok(("service.north.api.queue".into(), Count)));
        for alias in ["lag", "orders.lag", "db.orders.lag"] {
            assert_eq!(known.signal(alias, 0..1).unwrap().0, "db.orders.lag", "{alias}");
        }
        let error = known.signal("region.nroth.ok", 3..5).unwrap_err();
        assert_eq!((error.span.clone(), error.help.as_deref()), (3..5, Some("did you mean `region.north.ok`?")));
        assert!(known.signal("fault.dark", 0..1).unwrap_err().help.unwrap().contains("is an event"));
    }

    #[test]
    fn events_are_resolved_and_suggested() {
        let known = vocabulary();
        for name in ["fault.dark", "fault.*", "*.started", "region_failover.switch_dns.done", "notified.users"] {
            assert!(known.event(name, 0..1).is_ok(), "{name}");
        }
        let error = known.event("fault.drak", 0..1).unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `fault.dark`?"));
        for name in ["failover.started", "fault.da*", "", "region_failover.switch_dns.exploded", "fault."] {
            assert!(known.event(name, 0..1).is_err(), "{name}");
        }
    }

    #[test]
    fn a_short_name_needs_a_single_database() {
        let mut scope = Scope::default();
        scope.declare(Referent::Database, "orders", Place::beginning(Origin::File));
        scope.declare(Referent::Database, "users", Place::beginning(Origin::File));
        let known = Vocabulary::new(&scope);
        assert!(known.signal("lag", 0..1).is_err());
        assert!(known.signal("users.lag", 0..1).is_ok());
    }
}
