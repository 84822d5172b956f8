//! The names a scenario declares.

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
        const LISTED: usize = 12;
        let (word, plural) = referent.words();
        let known: Vec<&str> = self.names(referent).collect();
        let problem = Problem::error("FD0102", place, format!("unknown {word} `{}`", shorten(name)));
        if known.is_empty() {
            return problem.help(format!("no {word} is declared"));
        }
        let mut help = format!("declared {plural}: {}", known[..known.len().min(LISTED)].join(", "));
        if known.len() > LISTED {
            help.push_str(&format!(" and {} more", known.len() - LISTED));
        }
        if let Some(meant) = nearest(name, known) {
            help.push_str(&format!("; did you mean `{meant}`?"));
        }
        problem.help(help)
    }
}
