//! The names a scenario declares, and the events that make sense by their names but cannot happen in it.

use super::kind::Referent;
use super::node::shorten;
use super::place::Place;
use super::problem::{Problem, Problems};
use super::suggest::nearest;
use crate::units::{RegionId, ServiceId};
use std::collections::BTreeMap;

/// Declared names by what they name, in the order of declaration: a name's position is its identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    names: BTreeMap<Referent, Vec<(String, Place)>>,
    instances: Vec<(String, RegionId)>,
    steps: BTreeMap<String, Vec<String>>,
    audiences: Option<Vec<String>>,
    barred: BTreeMap<String, Barred>,
}

/// Why an event cannot happen in a scenario, though its name makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred {
    /// Why, as a sentence without its full stop.
    pub why: String,
    /// What to do about it.
    pub help: String,
}

impl Scope {
    /// Declares `name`. A name declared twice keeps its first position; the caller reports it.
    /// Returns the place of the first declaration in that case.
    pub fn declare(&mut self, referent: Referent, name: &str, place: Place) -> Option<Place> {
        let list = self.names.entry(referent).or_default();
        if let Some((_, first)) = list.iter().find(|(known, _)| known == name) {
            return Some(*first);
        }
        list.push((name.to_owned(), place));
        None
    }

    /// Declares the next service instance: `service` in `region`. Instances are numbered in the order of declaration.
    pub fn declare_instance(&mut self, service: &str, region: RegionId) {
        self.instances.push((service.to_owned(), region));
    }

    /// Declares the steps of a procedure. One without declared steps may have any.
    pub fn declare_steps(&mut self, procedure: &str, steps: Vec<String>) {
        self.steps.insert(procedure.to_owned(), steps);
    }

    /// The declared steps of `procedure`; `None`: it may have any.
    pub fn steps(&self, procedure: &str) -> Option<&[String]> {
        self.steps.get(procedure).map(Vec::as_slice)
    }

    /// Says who may be told something; nobody else is. Until that is said, anybody may be.
    pub fn limit_audiences(&mut self, audiences: Vec<String>) {
        self.audiences = Some(audiences);
    }

    /// Who may be told something; `None`: anybody.
    pub fn audiences(&self) -> Option<&[String]> {
        self.audiences.as_deref()
    }

    /// Says that `event` cannot happen. `*` stands for one part of a name. The first reason is kept.
    pub fn bar(&mut self, event: impl Into<String>, why: impl Into<String>, help: impl Into<String>) {
        self.barred.entry(event.into()).or_insert_with(|| Barred { why: why.into(), help: help.into() });
    }

    /// The events that cannot happen, by name.
    pub fn barred(&self) -> &BTreeMap<String, Barred> {
        &self.barred
    }

    /// The position of `name`.
    pub fn find(&self, referent: Referent, name: &str) -> Option<usize> {
        self.names.get(&referent)?.iter().position(|(known, _)| known == name)
    }

    /// The position of `name`, or a problem at `place` that lists what is declared.
    pub fn resolve(&self, referent: Referent, name: &str, place: Place, problems: &mut Problems) -> Option<usize> {
        let found = self.find(referent, name);
        if found.is_none() {
            problems.push(self.unknown(referent, name, place));
        }
        found
    }

    /// All names of a kind, in the order of declaration.
    pub fn names(&self, referent: Referent) -> impl Iterator<Item = &str> {
        self.names.get(&referent).into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Where `name` was declared.
    pub fn place(&self, referent: Referent, name: &str) -> Option<Place> {
        self.names.get(&referent)?.iter().find(|(known, _)| known == name).map(|(_, place)| *place)
    }

    /// The instance of `service` in `region`.
    pub fn service_in(&self, service: &str, region: RegionId) -> Option<ServiceId> {
        self.services(Some(service), Some(region)).into_iter().next()
    }

    /// Every service instance with this name, if given, in this region, if given.
    pub fn services(&self, service: Option<&str>, region: Option<RegionId>) -> Vec<ServiceId> {
        let wanted = |(name, place): &(String, RegionId)| {
            service.is_none_or(|service| service == name) && region.is_none_or(|region| region == *place)
        };
        let indexed = self.instances.iter().enumerate();
        indexed
            .filter(|(_, instance)| wanted(instance))
            .filter_map(|(index, _)| u16::try_from(index).ok())
            .map(ServiceId)
            .collect()
    }

    fn unknown(&self, referent: Referent, name: &str, place: Place) -> Problem {
        self.unknown_or(referent, &[], name, place)
    }

    /// That `name` is neither a declared name nor one of `words`, with what could stand there instead.
    pub fn unknown_or(&self, referent: Referent, words: &[&str], name: &str, place: Place) -> Problem {
        const LISTED: usize = 12;
        let (word, plural) = referent.words();
        let known: Vec<&str> = self.names(referent).collect();
        let problem = Problem::error("FD0102", place, format!("unknown {word} `{}`", shorten(name)));
        let mut help = match known.len() {
            0 => format!("no {word} is declared"),
            some => format!("declared {plural}: {}", known[..some.min(LISTED)].join(", ")),
        };
        if known.len() > LISTED {
            help.push_str(&format!(" and {} more", known.len() - LISTED));
        }
        if !words.is_empty() {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            help.push_str(&format!("; also {}", words.join(" and ")));
        }
        if let Some(meant) = nearest(name, known.into_iter().chain(words.iter().copied())) {
            help.push_str(&format!("; did you mean `{meant}`?"));
        }
        problem.help(help)
    }
}
