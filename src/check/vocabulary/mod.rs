//! The signals and events a property may name: what each is called, what it counts, and whose view it is.
//!
//! Owns the two tables and the resolution of a written name against what a scenario declares. Refuses to know how a
//! signal is recorded: a name that was resolved may still be missing from a record, and then it has no data.
//!
//! Signals hold one value per second. Counts and latencies are those of the whole second; queues, lags, copies and the
//! like are as they were when the second began.

mod events;
mod signals;
#[cfg(test)]
pub(crate) mod tests;

pub use events::EVENTS;
pub use signals::SIGNALS;

use crate::check::event::EventPattern;
use crate::check::expression::ExpressionError;
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
        self.signal_or(name, &[], span)
    }

    /// As [`signal`](Self::signal), where `others` may stand in place of a signal and so may have been meant.
    ///
    /// # Errors
    /// If there is none, with the nearest known one, or the nearest of `others`.
    pub fn signal_or(
        &self,
        name: &str,
        others: &[&str],
        span: Range<usize>,
    ) -> Result<(String, SignalUnit), ExpressionError> {
        let full = self.aliases.get(name).map_or(name, String::as_str);
        if let Some(unit) = self.signals.get(full) {
            return Ok((full.to_owned(), *unit));
        }
        let error = ExpressionError::new(span, format!("unknown signal `{name}`"));
        let signals = self.signals.keys().chain(self.aliases.keys()).map(String::as_str);
        let known = others.iter().copied().chain(signals);
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

/// Names with `{region}` and the like for what the scenario declares.
fn families<'a>(patterns: impl Iterator<Item = &'a str>) -> String {
    patterns.collect::<Vec<_>>().join(", ")
}

/// `pattern` with every combination of declared names in place of its parameters, `*` for what nobody declares.
fn expand(pattern: &str, scope: &Scope) -> Vec<String> {
    if pattern.contains("{region}.{service}") {
        return services(scope).into_iter().map(|name| pattern.replace("{region}.{service}", &name)).collect();
    }
    if let Some((before, rest)) = pattern.split_once("{workload}.{region}") {
        let regions: Vec<&str> = scope.names(Referent::Region).collect();
        let of = |workload: &str| {
            regions.iter().map(|region| format!("{before}{workload}.{region}{rest}")).collect::<Vec<_>>()
        };
        return scope.names(Referent::Workload).flat_map(of).collect();
    }
    let declared = [
        ("{region}", Referent::Region),
        ("{provider}", Referent::Provider),
        ("{database}", Referent::Database),
        ("{record}", Referent::Record),
        ("{fault}", Referent::Fault),
        ("{procedure}", Referent::Procedure),
        ("{person}", Referent::Person),
        ("{controller}", Referent::Controller),
        ("{workload}", Referent::Workload),
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
