//! Settings given beside the file: `path=value`.
//!
//! A path names keys from the top down, divided by dots. An element of a list is named by its `id` or `name`, by the name
//! it has if it says none (its kind, numbered), or by its position from 0; the kind it is tagged with may be left out:
//! `faults.dark.for`, `control.watch.to`, `workload.0.rate`. What a region has by `like` is named as if it were written.

use super::names::numbered;
use super::section::provider::UNNAMED;
use super::{Catalogs, long_form, yaml};
use crate::field::{MapEntry, Node, NodeValue, Origin, Place, Problem, Problems, nearest, shorten};
use std::collections::BTreeMap;

/// Maps whose keys are names somebody chose: a path may not invent one on its way.
pub(super) const NAMED: [&str; 8] =
    ["providers", "regions", "services", "databases", "people", "properties", "records", "failover"];

/// Lists whose elements have a name even if they say none.
pub(super) const TAGGED: [&str; 4] = ["workload", "faults", "control", "steps"];

/// Most keys on one path: as deep as a file may nest.
const LONGEST_PATH: usize = 64;

/// The text a setting's places point into.
pub(super) fn text_of((path, value): &(String, String)) -> String {
    format!("{path}={value}")
}

/// Applies every setting to the tree, in order.
pub(super) fn apply(root: &mut Node, settings: &[(String, String)], catalogs: &Catalogs, problems: &mut Problems) {
    for (index, setting) in settings.iter().enumerate() {
        let Ok(index) = u16::try_from(index) else { return };
        let origin = Origin::Setting(index);
        match value_of(setting, origin) {
            Ok(value) => {
                let walk = Walk { path: &setting.0, origin, catalogs };
                open_inherited(root, &setting.0, value.place);
                if let Err(problem) = walk.start(root, value) {
                    problems.push(*problem);
                }
            }
            Err(found) => problems.append(found),
        }
    }
}

/// The value of a setting as a tree whose places count from the start of `path=value`.
fn value_of((path, value): &(String, String), origin: Origin) -> Result<Node, Problems> {
    let whole = Place { origin, line: 1, column: 1, start: 0, end: path.len() + 1 + value.len() };
    if value.trim().is_empty() {
        return Ok(Node { place: whole, value: NodeValue::Null });
    }
    let node = yaml::parse(value, origin).map_err(|problems| shifted(problems, path))?;
    Ok(moved(node, path))
}

fn shift(place: Place, path: &str) -> Place {
    let by = path.len() + 1;
    let column = if place.line == 1 {
        place.column + u32::try_from(path.chars().count() + 1).unwrap_or(0)
    } else {
        place.column
    };
    Place { column, start: place.start + by, end: place.end + by, ..place }
}

fn shifted(problems: Problems, path: &str) -> Problems {
    let mut out = Problems::new();
    for problem in &problems {
        out.push(Problem { place: problem.place.map(|place| shift(place, path)), ..problem.clone() });
    }
    out
}

fn moved(node: Node, path: &str) -> Node {
    let value = match node.value {
        NodeValue::List(elements) => NodeValue::List(elements.into_iter().map(|node| moved(node, path)).collect()),
        NodeValue::Map(entries) => NodeValue::Map(entries.into_iter().map(|entry| moved_entry(entry, path)).collect()),
        other => other,
    };
    Node { place: shift(node.place, path), value }
}

fn moved_entry(entry: MapEntry, path: &str) -> MapEntry {
    MapEntry { key: entry.key, key_place: shift(entry.key_place, path), value: moved(entry.value, path) }
}

/// One setting on its way down the tree.
struct Walk<'a> {
    path: &'a str,
    origin: Origin,
    catalogs: &'a Catalogs,
}

type Step = Result<(), Box<Problem>>;

impl Walk<'_> {
    fn start(&self, root: &mut Node, value: Node) -> Step {
        if self.path.matches('.').count() >= LONGEST_PATH {
            return Err(self.lost(self.path, format!("no path has more than {LONGEST_PATH} keys"), []));
        }
        self.set(root, self.path, "", value)
    }

    /// Sets what `rest` names below `node`, which is called `name`.
    fn set(&self, node: &mut Node, rest: &str, name: &str, value: Node) -> Step {
        if node.is_null() {
            *node = Node::empty_map(value.place);
        }
        if let Some(long) = long_form::of_value(node, name, rest, self.catalogs) {
            *node = long;
        }
        // A procedure whose steps are all that is said of it may be a list: `explain` prints the long form.
        if let (NodeValue::List(elements), Some(below)) = (&node.value, rest.strip_prefix("steps."))
            && !ids(elements, true).iter().any(|id| id == "steps")
        {
            return self.set(node, below, "steps", value);
        }
        match &mut node.value {
            NodeValue::Map(entries) => self.set_key(entries, rest, name, value),
            NodeValue::List(elements) => self.set_element(elements, rest, name, value),
            _ => Err(self.lost(rest, format!("`{name}` is a single value and has no keys"), [])),
        }
    }

    fn set_key(&self, entries: &mut Vec<MapEntry>, rest: &str, name: &str, value: Node) -> Step {
        let (key, below) = split(entries.iter().map(|entry| entry.key.as_str()), rest);
        let found = entries.iter().position(|entry| entry.key == key);
        let Some(below) = below else {
            match found {
                Some(at) => entries[at].value = value,
                None => entries.push(MapEntry { key_place: self.place(rest, key.len(), value.place), key, value }),
            }
            return Ok(());
        };
        match found {
            Some(at) => self.set(through_kind(&mut entries[at].value, below, name), below, &key, value),
            None if (NAMED.contains(&name) && !is_implied(name, &key, entries)) || key.is_empty() => {
                let message = format!("there is no `{}` in `{name}`", shorten(&key));
                Err(self.lost(rest, message, entries.iter().map(|entry| entry.key.as_str())))
            }
            None => {
                let empty = Node::empty_map(value.place);
                let mut child = long_form::of_default(&key, below, &empty).unwrap_or(empty);
                let key_place = self.place(rest, key.len(), value.place);
                self.set(&mut child, below, &key, value)?;
                entries.push(MapEntry { key, key_place, value: child });
                Ok(())
            }
        }
    }

    fn set_element(&self, elements: &mut [Node], rest: &str, name: &str, value: Node) -> Step {
        let ids = ids(elements, TAGGED.contains(&name));
        let (key, below) = split(ids.iter().map(String::as_str), rest);
        let by_position = || key.parse::<usize>().ok().filter(|at| *at < elements.len());
        let Some(at) = ids.iter().position(|id| !id.is_empty() && *id == key).or_else(by_position) else {
            let message = format!("there is no element `{}` in `{name}`, which has {}", shorten(&key), elements.len());
            let lost = self.lost(rest, message, ids.iter().map(String::as_str));
            return Err(match (&lost.help, elements.is_empty()) {
                (None, false) => Box::new(lost.help(format!("the first is `{name}.0`"))),
                _ => lost,
            });
        };
        match below {
            Some(below) => {
                if TAGGED.contains(&name) {
                    long_form::open_element(&mut elements[at], below, self.catalogs);
                }
                self.set(inside_kind(&mut elements[at], below), below, &key, value)
            }
            None => {
                elements[at] = value;
                Ok(())
            }
        }
    }

    /// The place in the setting of the first `key` bytes of the path's part that begins with `rest`.
    fn place(&self, rest: &str, key: usize, whole: Place) -> Place {
        let start = self.path.len() - rest.len();
        let column = u32::try_from(self.path[..start].chars().count() + 1).unwrap_or(1);
        Place { line: 1, column, start, end: (start + key).min(self.path.len()), ..whole }
    }

    fn lost<'k>(&self, rest: &str, message: String, known: impl IntoIterator<Item = &'k str>) -> Box<Problem> {
        const LISTED: usize = 12;
        let wanted = rest.split('.').next().unwrap_or("");
        let place = self.place(rest, wanted.len(), Place::beginning(self.origin));
        let known: Vec<&str> = known.into_iter().filter(|key| !key.is_empty()).collect();
        let problem = Problem::error("FD0402", place, message);
        Box::new(match nearest(wanted, known.iter().copied()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None if known.is_empty() => problem,
            None => problem.help(format!("there is {}", known[..known.len().min(LISTED)].join(", "))),
        })
    }
}

/// Whether something is there though nobody has written it: the provider of a scenario that names none.
fn is_implied(name: &str, key: &str, entries: &[MapEntry]) -> bool {
    name == "providers" && key == UNNAMED && entries.is_empty()
}

/// The first key of a path and what comes after it. A known key that itself has dots is recognised.
fn split<'k>(known: impl Iterator<Item = &'k str>, path: &str) -> (String, Option<&str>) {
    let fits = |key: &&str| {
        !key.is_empty() && path.strip_prefix(*key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let longest = known.filter(fits).max_by_key(|key| key.len()).map(str::len);
    let end = longest.or_else(|| path.find('.')).unwrap_or(path.len());
    (path[..end].to_owned(), path.get(end + 1..))
}

/// Past the kind a property is tagged with: `properties.rto.within`.
fn through_kind<'n>(node: &'n mut Node, below: &str, name: &str) -> &'n mut Node {
    if name == "properties" { inside_kind(node, below) } else { node }
}

/// Past the kind a list element is tagged with, unless the path names it.
fn inside_kind<'n>(node: &'n mut Node, below: &str) -> &'n mut Node {
    let tagged = match node.entries() {
        [entry] => matches!(entry.value.value, NodeValue::Map(_) | NodeValue::Null) && !begins_with(below, &entry.key),
        _ => false,
    };
    if !tagged {
        return node;
    }
    match &mut node.value {
        NodeValue::Map(entries) => &mut entries[0].value,
        _ => unreachable!("what is tagged is a map"),
    }
}

fn begins_with(path: &str, key: &str) -> bool {
    path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The names of the elements of a list. `tagged`: one that has none of its own is called by its kind, numbered, as
/// `explain` prints it.
pub(super) fn ids(elements: &[Node], tagged: bool) -> Vec<String> {
    let mut unnamed: BTreeMap<&str, usize> = BTreeMap::new();
    let name = |element| match (id(element), element) {
        (Some(id), _) => id.to_owned(),
        (None, Node { value: NodeValue::Scalar { text, .. }, .. }) if tagged => {
            numbered(text, unnamed.entry(text.as_str()).or_insert(0))
        }
        (None, Node { value: NodeValue::Map(entries), .. }) if tagged && entries.len() == 1 => {
            let kind = entries[0].key.as_str();
            numbered(kind, unnamed.entry(kind).or_insert(0))
        }
        (None, _) => String::new(),
    };
    elements.iter().map(name).collect()
}

/// Lets a path continue into a service that a region has by `like`: what is set there overrides what is inherited.
fn open_inherited(root: &mut Node, path: &str, place: Place) -> Option<()> {
    let regions = root.get("regions")?.entries();
    let (region, below) = split(regions.iter().map(|entry| entry.key.as_str()), path.strip_prefix("regions.")?);
    let mut inherited = Vec::new();
    let mut at = root.get("regions")?.get(&region)?;
    // A chain of `like` longer than the number of regions is a circle, which is reported elsewhere.
    for _ in 0..regions.len() {
        at = root.get("regions")?.get(at.get("like").and_then(Node::text).unwrap_or_default()).unwrap_or(at);
        inherited.extend(at.get("services").map_or(&[][..], Node::entries).iter().map(|entry| entry.key.clone()));
    }
    let (service, _) = split(inherited.iter().map(String::as_str), below?.strip_prefix("services.")?);
    if !inherited.contains(&service) {
        return None;
    }
    let services = entry(entry(entry(root, "regions", place)?, &region, place)?, "services", place)?;
    entry(services, &service, place).map(|_| ())
}

/// The value of `key` in a map, which is made if it is not there.
fn entry<'n>(node: &'n mut Node, key: &str, place: Place) -> Option<&'n mut Node> {
    if node.is_null() {
        *node = Node::empty_map(place);
    }
    let NodeValue::Map(entries) = &mut node.value else { return None };
    let at = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        entries.push(MapEntry { key: key.to_owned(), key_place: place, value: Node::empty_map(place) });
        entries.len() - 1
    });
    Some(&mut entries[at].value)
}

/// What an element calls itself, directly or inside its kind.
fn id(element: &Node) -> Option<&str> {
    let named = |node: &Node| node.get("id").or_else(|| node.get("name")).is_some();
    let inner = match element.entries() {
        [entry] => Some(&entry.value),
        _ => None,
    };
    let holder = if named(element) { Some(element) } else { inner }?;
    holder.get("id").or_else(|| holder.get("name"))?.text()
}
