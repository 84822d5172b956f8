//! Which names a merged tree declares, found before anything is decoded, so that one mistake does not make every use of
//! a name a second one.

use super::catalog::Catalogs;
use super::section::{dns, procedures, provider};
use crate::control::APPROVE;
use crate::field::{MapEntry, Node, Place, Problem, Problems, Referent, Scope, is_name, shorten};
use crate::units::RegionId;
use std::collections::BTreeMap;

/// Most names of one kind. Identifiers have 16 bits; a scenario of a system larger than this has become its own problem.
pub(super) const MOST_NAMES: usize = 1_000;
/// Most regions: every pair of them has a link.
pub(super) const MOST_REGIONS: usize = 100;
/// Most services, counted in every region.
const MOST_INSTANCES: usize = 10_000;

/// Declares every name of the tree.
pub(super) fn collect(root: &Node, catalogs: &Catalogs, problems: &mut Problems) -> Scope {
    let mut names = Names { scope: Scope::default(), problems };
    names.maps(root);
    names.services(root);
    names.records(root);
    names.list(root, "workload", "name", Referent::Workload);
    names.list(root, "faults", "id", Referent::Fault);
    names.list(root, "control", "id", Referent::Controller);
    for procedure in catalogs.procedures.iter() {
        names.scope.declare(Referent::Procedure, &procedure.name, root.place);
        let all = procedure.steps().into_iter().chain([APPROVE.to_owned()]);
        names.scope.declare_steps(&procedure.name, all.collect());
    }
    for own in procedures::written(root, catalogs.procedures).into_iter().take(MOST_NAMES) {
        names.named(own.entry);
        names.scope.declare(Referent::Procedure, &own.entry.key, own.entry.key_place);
        let steps = own.steps.iter().map(|step| step.name.clone()).chain([APPROVE.to_owned()]);
        names.scope.declare_steps(&own.entry.key, steps.collect());
    }
    names.check_properties(root);
    names.scope
}

struct Names<'a> {
    scope: Scope,
    problems: &'a mut Problems,
}

impl Names<'_> {
    fn maps(&mut self, root: &Node) {
        for (section, referent, most) in [
            ("providers", Referent::Provider, MOST_NAMES),
            ("regions", Referent::Region, MOST_REGIONS),
            ("databases", Referent::Database, MOST_NAMES),
            ("buckets", Referent::Bucket, MOST_NAMES),
            ("people", Referent::Person, MOST_NAMES),
        ] {
            let entries = root.get(section).map_or(&[][..], Node::entries);
            for entry in self.not_too_many(section, entries, most) {
                self.named(entry);
                self.scope.declare(referent, &entry.key, entry.key_place);
            }
        }
        if self.scope.names(Referent::Provider).next().is_none() {
            self.scope.declare(Referent::Provider, provider::UNNAMED, root.place);
        }
    }

    /// Services are declared once by name, and once for each region that has them.
    fn services(&mut self, root: &Node) {
        let regions = root.get("regions").map_or(&[][..], Node::entries);
        let mut count = 0;
        for (index, region) in regions.iter().take(MOST_REGIONS).enumerate() {
            let Ok(id) = u16::try_from(index) else { return };
            let entries = region.value.get("services").map_or(&[][..], Node::entries);
            for entry in self.not_too_many("services", entries, MOST_NAMES) {
                count += 1;
                if count > MOST_INSTANCES {
                    self.too_many("services across all regions", MOST_INSTANCES, entry.key_place);
                    return;
                }
                self.named(entry);
                self.scope.declare(Referent::Service, &entry.key, entry.key_place);
                self.scope.declare_instance(&entry.key, RegionId(id));
            }
        }
    }

    fn records(&mut self, root: &Node) {
        let dns = root.get("dns");
        let written = dns.and_then(|dns| dns.get("records")).filter(|records| !records.is_null());
        if let Some(records) = written {
            for entry in self.not_too_many("records", records.entries(), MOST_NAMES) {
                self.named(entry);
                self.scope.declare(Referent::Record, &entry.key, entry.key_place);
            }
            return;
        }
        let zone = dns.and_then(|dns| dns.get("zone")).and_then(Node::text).unwrap_or(dns::ZONE);
        self.scope.declare(Referent::Record, zone, dns.unwrap_or(root).place);
    }

    /// The elements of a list of tagged tables, each with a name inside or the name of its kind.
    fn list(&mut self, root: &Node, section: &str, key: &str, referent: Referent) {
        let elements = root.get(section).map_or(&[][..], Node::elements);
        if elements.len() > MOST_NAMES {
            self.too_many(section, MOST_NAMES, elements[MOST_NAMES].place);
        }
        let mut unnamed: BTreeMap<&str, usize> = BTreeMap::new();
        for element in elements.iter().take(MOST_NAMES) {
            let [entry] = element.entries() else { continue };
            let (name, place) = match entry.value.get(key).and_then(|id| Some((id.text()?, id.place))) {
                Some((name, place)) => (name.to_owned(), place),
                None => (numbered(&entry.key, unnamed.entry(&entry.key).or_insert(0)), entry.key_place),
            };
            if let Some(first) = self.scope.declare(referent, &name, place) {
                let message = format!("two {} are called `{name}`", referent.words().1);
                let problem =
                    Problem::error("FD0109", place, message).help(format!("give one of them another `{key}`"));
                self.problems.push(problem.note(first, "the first one is here"));
            }
        }
    }

    fn check_properties(&mut self, root: &Node) {
        let entries = root.get("properties").map_or(&[][..], Node::entries);
        for entry in self.not_too_many("properties", entries, MOST_NAMES) {
            self.named(entry);
        }
    }

    fn named(&mut self, entry: &MapEntry) {
        if !is_name(&entry.key) {
            let message = format!("`{}` is not a name", shorten(&entry.key));
            let help = "a name has 1 to 64 letters, digits, `_`, `-` or `.` and begins with a letter or digit";
            self.problems.push(Problem::error("FD0110", entry.key_place, message).help(help));
        }
    }

    fn not_too_many<'n>(&mut self, what: &str, entries: &'n [MapEntry], most: usize) -> &'n [MapEntry] {
        if let Some(entry) = entries.get(most) {
            self.too_many(what, most, entry.key_place);
        }
        &entries[..entries.len().min(most)]
    }

    fn too_many(&mut self, what: &str, most: usize, place: Place) {
        let message = format!("too many {what}: at most {most}");
        let help = "combine those that behave alike: a population of clients or servers needs only one entry";
        self.problems.push(Problem::error("FD0114", place, message).help(help));
    }
}

/// `kind` for the first without a name, `kind-2` for the second.
pub(super) fn numbered(kind: &str, count: &mut usize) -> String {
    *count += 1;
    if *count == 1 { kind.to_owned() } else { format!("{kind}-{count}") }
}
