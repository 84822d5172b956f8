//! The signals and events a property may name: what each is called, what it counts, and whose view it is.
//!
//! Owns the table of signals, and the resolution of a written name against what a scenario declares. Events are declared
//! where they are made. Does not know how a signal is recorded: a name that was resolved may still be missing from a record, and then it has no data.
//!
//! Signals hold one value per second. Counts and latencies are those of the whole second; queues, lags, copies and the
//! like are as they were when the second began.

mod signals;
#[cfg(test)]
pub(crate) mod tests;

pub use signals::SIGNALS;

use crate::check::expression::{ExpressionError, Interval};
use crate::check::rational::Rational;
use crate::field::{Barred, Referent, Renamed, Scope, nearest, nearest_name, nearest_three, renamed};
use crate::record::event::{EventKind, EventPattern, FaultEvent, FaultKind, PeopleKind};
use crate::record::{SignalUnit, Viewpoint};
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
    pub view: Viewpoint,
    /// The largest value it can have, if there is one; none is below zero.
    pub most: Option<u32>,
    /// What it is, in a sentence.
    pub doc: &'static str,
}

/// The names one scenario may use.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    signals: BTreeMap<String, &'static SignalKind>,
    aliases: BTreeMap<String, String>,
    /// Those that can happen.
    events: Vec<EventPattern>,
    /// Those that cannot, by name, with the reason.
    barred: BTreeMap<String, Barred>,
    /// Steps that procedures do not have, and audiences that nobody tells.
    strangers: BTreeMap<String, Barred>,
    databases: Vec<String>,
    faults: Vec<String>,
}

impl Vocabulary {
    /// The names that make sense with what `scope` declares.
    pub fn new(scope: &Scope) -> Self {
        let names = |referent| scope.names(referent).map(str::to_owned).collect::<Vec<_>>();
        let (databases, faults) = (names(Referent::Database), names(Referent::Fault));
        let expanded = SIGNALS.iter().flat_map(|kind| expand(kind.pattern, scope).into_iter().map(move |n| (n, kind)));
        let signals: BTreeMap<String, &SignalKind> = expanded.collect();
        let aliases = aliases(&signals, &databases);
        let events = EventKind::all().flat_map(|kind| expand(kind.declaration().pattern, scope));
        let barred = scope.barred().clone();
        let open: Vec<EventPattern> = barred.keys().filter(|name| name.contains('*')).map(EventPattern::new).collect();
        let barred_here = |name: &str| barred.contains_key(name) || open.iter().any(|bar| bar.covers(name));
        let events = events.filter(|name| !barred_here(name)).map(EventPattern::new).collect();
        let strangers = strangers(scope);
        Self { signals, aliases, events, barred, strangers, databases, faults }
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

    /// Between what the signal of that full name lies.
    pub(super) fn bounds(&self, full: &str) -> Interval {
        let most = self.signals.get(full).and_then(|kind| kind.most);
        most.map_or(Interval::FROM_ZERO, |most| Interval::up_to(Rational::integer(i128::from(most))))
    }

    /// Whether the signal of that full name is what monitoring sees, and no truth.
    pub fn is_seen(&self, name: &str) -> bool {
        self.signals.get(name).is_some_and(|kind| kind.view == Viewpoint::Control)
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
        if let Some(kind) = self.signals.get(full) {
            return Ok((full.to_owned(), kind.unit));
        }
        let error = ExpressionError::new(span, format!("unknown signal `{name}`"));
        let signals = self.signals.keys().chain(self.aliases.keys()).map(String::as_str);
        let known = others.iter().copied().chain(signals);
        Err(match nearest_name(name, known) {
            Some(meant) => error.help(format!("did you mean `{meant}`?")),
            None if self.event(name, 0..0).is_ok() => error.help(format!("`{name}` is an event: `count({name}, 10m)`")),
            None => error.help(the_nearest("signals", name, self.signals.keys().map(String::as_str))),
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
        let events: Vec<String> = self.events.iter().map(EventPattern::to_string).collect();
        let meant = nearest_name(name, events.iter().map(String::as_str).filter(|name| !name.contains('*')));
        if let Some(barred) = self.barred(name) {
            let error = ExpressionError::never(span, format!("`{name}` can never happen here: {}", barred.why));
            return Err(match (meant, barred.help.as_str()) {
                (Some(meant), "") => error.help(format!("did you mean `{meant}`?")),
                (None, "") => error.help("name one of these"),
                (_, help) => error.help(help),
            });
        }
        let error = ExpressionError::new(span, format!("unknown event `{name}`"));
        Err(match meant {
            _ if renamed(Renamed::Event, name).is_some() => {
                error.help(format!("it was renamed: write {}", renamed(Renamed::Event, name).unwrap_or_default()))
            }
            Some(meant) => error.help(format!("did you mean `{meant}`?")),
            None if self.signals.contains_key(name) => error.help(format!("`{name}` is a signal")),
            None => error.help(the_nearest("events", name, events.iter().map(String::as_str))),
        })
    }

    /// Why the event written `name` cannot happen, if its name makes sense.
    pub fn barred(&self, name: &str) -> Option<&Barred> {
        let meant = |bar: &str| is_event_name(name) && EventPattern::new(bar).overlaps(name);
        let all = || self.barred.iter().chain(&self.strangers);
        self.barred.get(name).or_else(|| all().find(|(bar, _)| meant(bar)).map(|(_, barred)| barred))
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
        let began = FaultEvent::of(name).filter(|(_, kind)| *kind == FaultKind::Began);
        declared("fault", &self.faults, began.map_or(name, |(id, _)| id), span)
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
        None => {
            error.help(format!("declared {what}s, nearest first: {}", three(name, known.iter().map(String::as_str))))
        }
    })
}

fn is_event_name(name: &str) -> bool {
    let part =
        |part: &str| part == "*" || (!part.is_empty() && !part.contains(|c: char| c == '*' || c.is_whitespace()));
    name.split('.').all(part)
}

/// What the scenario can name that is most like `name`, and where the rest is listed.
fn the_nearest<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("the nearest {what} are {}; `firedrill list {what}` has them all", three(name, known))
}

fn three<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest_three(name, known).into_iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")
}

/// `pattern` with every combination of declared names in place of its parameters, `*` for what nobody declares.
fn expand(pattern: &str, scope: &Scope) -> Vec<String> {
    if pattern.contains("{region}.{service}") {
        return services(scope).into_iter().map(|name| pattern.replace("{region}.{service}", &name)).collect();
    }
    let pairs = [
        ("{workload}.{region}", Referent::Workload, Referent::Region),
        ("{workload}.{service}", Referent::Workload, Referent::Service),
        ("{bucket}.{region}", Referent::Bucket, Referent::Region),
    ];
    for (pair, one, other) in pairs {
        let Some((before, rest)) = pattern.split_once(pair) else { continue };
        let others: Vec<&str> = scope.names(other).collect();
        let of = |one: &str| others.iter().map(|other| format!("{before}{one}.{other}{rest}")).collect::<Vec<_>>();
        return scope.names(one).flat_map(of).collect();
    }
    let declared = [
        ("{region}", Referent::Region),
        ("{provider}", Referent::Provider),
        ("{database}", Referent::Database),
        ("{bucket}", Referent::Bucket),
        ("{record}", Referent::Record),
        ("{fault}", Referent::Fault),
        ("{procedure}", Referent::Procedure),
        ("{person}", Referent::Person),
        ("{controller}", Referent::Controller),
        ("{workload}", Referent::Workload),
    ];
    if let (Some(audiences), true) = (scope.audiences(), pattern.contains("{audience}")) {
        return audiences.iter().map(|audience| pattern.replace("{audience}", audience)).collect();
    }
    if pattern.contains("{step}") {
        return scope.names(Referent::Procedure).flat_map(|procedure| of_steps(pattern, procedure, scope)).collect();
    }
    let free = pattern.replace("{audience}", "*").replace("{what}", "*");
    match declared.into_iter().find(|(parameter, _)| free.contains(parameter)) {
        Some((parameter, referent)) => scope.names(referent).map(|name| free.replace(parameter, name)).collect(),
        None => vec![free],
    }
}

/// `pattern` for every step of `procedure`.
fn of_steps(pattern: &str, procedure: &str, scope: &Scope) -> Vec<String> {
    let of_it = pattern.replace("{procedure}", procedure);
    match scope.steps(procedure) {
        Some(steps) => steps.iter().map(|step| of_it.replace("{step}", step)).collect(),
        None => vec![of_it.replace("{step}", "*")],
    }
}

/// The steps that a procedure does not have and the audiences that nobody tells, as families of names.
fn strangers(scope: &Scope) -> BTreeMap<String, Barred> {
    let mut strangers = BTreeMap::new();
    for procedure in scope.names(Referent::Procedure) {
        let Some(steps) = scope.steps(procedure) else { continue };
        let taken = |step: &&String| !scope.barred().contains_key(&format!("{procedure}.{step}.*"));
        let taken: Vec<&str> = steps.iter().filter(taken).map(String::as_str).collect();
        let why = format!("`{procedure}` has no such step; its steps are {}", taken.join(", "));
        for pattern in
            EventKind::all().map(|kind| kind.declaration().pattern).filter(|pattern| pattern.contains("{step}"))
        {
            let event = pattern.replace("{procedure}", procedure).replace("{step}", "*");
            strangers.insert(event, Barred { why: why.clone(), help: String::new() });
        }
    }
    if let Some(audiences) = scope.audiences() {
        let told = if audiences.is_empty() { "nobody".to_owned() } else { audiences.join(", ") };
        let why = format!("the controls of this scenario notify {told}");
        let help = "name one that is notified, or add the audience to `notify` of a control".to_owned();
        strangers.insert(EventKind::People(PeopleKind::Notified).called(&[]), Barred { why, help });
    }
    strangers
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
fn aliases(signals: &BTreeMap<String, &SignalKind>, databases: &[String]) -> BTreeMap<String, String> {
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
