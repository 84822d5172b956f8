//! The sections of a scenario, one file each: the table of its fields and what they build.
//!
//! Does not know files or presets: sections see one merged tree. Invariant: a section that builds returns a part of the
//! plan whose identifiers all exist; everything else is a problem with a place.

mod acks;
pub(super) mod azure;
mod backups;
pub(super) mod balancer;
pub(super) mod bucket;
mod calls;
pub(super) mod checks;
pub(super) mod control;
pub(super) mod database;
pub(super) mod dns;
pub(super) mod doubts;
mod dual_write;
mod elastic;
pub(super) mod expect;
pub(super) mod fault;
pub(super) mod head;
pub(super) mod health;
pub(super) mod monitoring;
mod naming;
mod needs;
pub(super) mod network;
pub(super) mod objective;
pub(super) mod people;
pub(super) mod procedures;
pub(super) mod property;
pub(super) mod provider;
pub(super) mod queue;
pub(super) mod region;
pub(super) mod service;
pub(super) mod workload;

pub use workload::{ARRIVALS, KEYS, WORKLOADS};

use super::base;
use super::files::Files;
use super::names::MOST_NAMES;
use crate::field::{Kind, Node, NodeValue, Origin, Place, Problem, Problems, Reference, Scope, Values, decode};
use crate::model::plan::Readable;
use crate::outcome::BaseFile;
use std::sync::Arc;

/// The table of every section, under the path it stands at, with `*` for names that are chosen: for lists, the schema
/// and the reference. Faults, controls and properties have further fields by kind.
pub const TABLES: &[(&str, &Kind)] = &[
    ("", &head::HEAD),
    ("", &head::SECTIONS),
    ("objective", &objective::OBJECTIVE),
    ("objective.classes.*", &objective::CLASS),
    ("maintenance.*", &objective::MAINTENANCE),
    ("providers.*", &provider::PROVIDER),
    ("regions.*", &region::REGION),
    ("regions.*.services.*", &service::SERVICE),
    ("regions.*.services.*.limit", &elastic::LIMIT),
    ("regions.*.services.*.llm", &elastic::LLM),
    ("regions.*.services.*.cache", &elastic::CACHE),
    ("regions.*.services.*.autoscale", &elastic::AUTOSCALE),
    ("regions.*.services.*.fleet", &elastic::FLEET),
    ("databases.*", &database::DATABASE),
    ("databases.*.acks", &acks::ACKS),
    ("databases.*.backups", &backups::BACKUPS),
    ("buckets.*", &bucket::BUCKET),
    ("dns", &dns::DNS),
    ("resolvers", &dns::RESOLVERS),
    ("network", &network::NETWORK),
    ("balancer", &balancer::BALANCER),
    ("monitoring", &monitoring::MONITORING),
    ("notification", &monitoring::NOTIFICATION),
    ("people.*", &people::PERSON),
    ("control_plane", &monitoring::CONTROL_PLANE),
    ("journal", &monitoring::JOURNAL),
    ("workload.*", &workload::CLIENT),
    ("faults.*", &fault::COMMON),
    ("faults.*.when", &fault::WHEN),
    ("control.*", &control::COMMON),
    ("procedures.*", &crate::control::PROCEDURE),
    ("procedures.*", &crate::control::RUNBOOK),
    ("procedures.*.steps.*", &crate::control::STEP),
    ("", &expect::EXPECT),
];

/// What every section is built from and reports to.
pub(super) struct Context<'a> {
    /// The merged tree.
    pub root: &'a Node,
    /// The declared names.
    pub scope: &'a Scope,
    /// What is wrong so far.
    pub problems: &'a mut Problems,
    /// Every table that was decoded, under its path, in order: what `explain` prints.
    pub ledger: &'a mut Vec<(String, Values)>,
    /// The files the scenario names.
    pub files: &'a dyn Files,
    /// The files it builds on, from the nearest to the farthest.
    pub bases: &'a [BaseFile],
}

/// One entry of a map from chosen names to tables.
pub(super) struct Named {
    pub name: String,
    pub place: Place,
    /// `None`: it has a problem.
    pub values: Option<Values>,
}

impl Context<'_> {
    /// The same with other names declared.
    pub fn within<'b>(&'b mut self, scope: &'b Scope) -> Context<'b> {
        let Context { root, problems, ledger, files, bases, .. } = self;
        Context { root, scope, problems, ledger, files: *files, bases }
    }

    /// Whether a section is written, and not as `null`.
    pub fn has(&self, section: &str) -> bool {
        self.root.get(section).is_some_and(|node| !node.is_null())
    }

    /// The node of a section; an empty map at the start of the file if it is not written.
    pub fn node(&self, section: &str) -> Node {
        self.root.get(section).cloned().unwrap_or_else(|| Node::empty_map(self.root.place))
    }

    /// Decodes a section that is one table.
    pub fn table(&mut self, kind: &'static Kind) -> Option<Values> {
        let node = self.node(kind.name);
        decode(kind, &node, self.scope, self.problems)
    }

    /// Decodes a section that is a map from names to tables.
    pub fn named(&mut self, section: &str, kind: &'static Kind) -> Vec<Named> {
        let node = self.node(section);
        self.named_in(&node, kind)
    }

    /// Decodes a map from names to tables.
    pub fn named_in(&mut self, node: &Node, kind: &'static Kind) -> Vec<Named> {
        if !matches!(node.value, NodeValue::Map(_) | NodeValue::Null) {
            let message = format!("expected a map from name to {}, found {}", kind.name, node.shape());
            self.problems.push(Problem::error("FD0104", node.place, message));
        }
        let entries = node.entries().iter().take(MOST_NAMES);
        let decoded = entries.map(|entry| Named {
            name: entry.key.clone(),
            place: entry.key_place,
            values: decode(kind, &entry.value, self.scope, self.problems),
        });
        decoded.collect()
    }

    /// Keeps a decoded table for `explain`.
    pub fn keep(&mut self, path: impl Into<String>, values: &Values) {
        self.ledger.push((path.into(), values.clone()));
    }

    /// Adds an error for each region that a list names again: `message` says so of it, `help` why once is enough.
    pub fn refuse_twice<'v>(
        &mut self,
        regions: impl Iterator<Item = &'v Reference>,
        message: impl Fn(&str) -> String,
        help: &str,
    ) {
        let mut seen: Vec<&Reference> = Vec::new();
        for region in regions {
            if let Some(first) = seen.iter().find(|first| first.index == region.index) {
                let problem = Problem::error("FD0208", region.place, message(&region.name)).help(help);
                self.problems.push(problem.note(first.place, "the first one is here"));
            }
            seen.push(region);
        }
    }

    /// The file at `path`, which counts from the folder of the file in which `place` is.
    ///
    /// # Errors
    ///
    /// Why there is none that can be read, in a few words.
    pub fn file(&self, path: &str, place: Place) -> Result<Arc<dyn Readable>, String> {
        let folder = match place.origin {
            Origin::Base(at) => self.bases.get(usize::from(at)).map_or("", |written| base::folder_of(&written.file)),
            _ => "",
        };
        self.files.find(&format!("{folder}{path}"))
    }

    /// Adds an error with advice.
    pub fn refuse(&mut self, code: &'static str, place: Place, message: impl Into<String>, help: &str) {
        self.problems.push(Problem::error(code, place, message).help(help));
    }
}

/// Whether a path means another place on every machine, so that no scenario may name it.
pub(super) fn is_place_on_one_machine(path: &str) -> bool {
    std::path::Path::new(path).has_root()
}

/// All of `parts`, if each is there.
pub(super) fn all<T>(parts: Vec<Option<T>>) -> Option<Vec<T>> {
    parts.into_iter().collect()
}
