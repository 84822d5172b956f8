//! A file laid over the one it builds on, as if the other had been edited.
//!
//! Does not know what a key means, except where things have names. Invariant: what the other file says keeps its order, and
//! comes before what is added; every node keeps the place it was written at.

use super::base;
use super::setting::{NAMED, TAGGED, ids};
use super::tree::is_other_choice;
use crate::field::{MapEntry, Node, NodeValue, Problem, Problems, nearest, shorten};

/// What a file says of itself and nobody inherits.
const OWN: [&str; 6] = ["firedrill", base::MARK, "base", "name", "description", "once"];

/// Fields for which `null` is a value of its own: a service that uses none where it would else use the only one.
const NONE_IS_A_VALUE: [&str; 1] = ["database"];

/// The scenario `over`, laid over the files it builds on, the nearest first.
pub(super) fn over_all(over: Node, bases: &[Node], problems: &mut Problems) -> Node {
    let Some(farthest) = bases.last() else { return over };
    let mut under = without_own(farthest.clone());
    for tree in bases.iter().rev().skip(1) {
        under = without_own(over_one(tree.clone(), under, problems));
    }
    over_one(over, under, problems)
}

fn without_own(node: Node) -> Node {
    let NodeValue::Map(entries) = node.value else { return node };
    let kept = entries.into_iter().filter(|entry| !OWN.contains(&entry.key.as_str())).collect();
    Node { place: node.place, value: NodeValue::Map(kept) }
}

/// One file over another. What is expected of a property goes with it.
fn over_one(over: Node, mut under: Node, problems: &mut Problems) -> Node {
    let removed = |property: &&MapEntry| property.value.is_null();
    let gone = over.get("properties").map_or(&[][..], Node::entries).iter().filter(removed);
    let gone: Vec<&str> = gone.map(|property| property.key.as_str()).collect();
    let all_gone = over.get("properties").is_some_and(Node::is_null);
    if let Some(expect) = entries_mut(&mut under).and_then(|all| all.iter_mut().find(|entry| entry.key == "expect"))
        && let Some(expected) = entries_mut(&mut expect.value)
    {
        expected.retain(|entry| !all_gone && !gone.contains(&entry.key.as_str()));
    }
    let place = over.place;
    let (NodeValue::Map(over), NodeValue::Map(under)) = (over.value, under.value) else {
        return Node::empty_map(place);
    };
    Node { place, value: NodeValue::Map(Layers { problems }.map("", over, under)) }
}

fn entries_mut(node: &mut Node) -> Option<&mut Vec<MapEntry>> {
    match &mut node.value {
        NodeValue::Map(entries) => Some(entries),
        _ => None,
    }
}

struct Layers<'a> {
    problems: &'a mut Problems,
}

impl Layers<'_> {
    /// What holds of something called `name`; `None` if it is removed.
    fn value(&mut self, name: &str, over: Node, under: Node) -> Option<Node> {
        if over.is_null() && !NONE_IS_A_VALUE.contains(&name) {
            return None;
        }
        if is_other_choice(&over, &under) {
            return Some(over);
        }
        Some(match (over.value, under.value) {
            (NodeValue::Map(over_entries), NodeValue::Map(entries)) => {
                let value = NodeValue::Map(self.map(name, over_entries, entries));
                Node { place: over.place, value }
            }
            (NodeValue::List(over_elements), NodeValue::List(elements)) if TAGGED.contains(&name) => {
                let value = NodeValue::List(self.list(over_elements, elements));
                Node { place: over.place, value }
            }
            (value, _) => Node { place: over.place, value },
        })
    }

    fn map(&mut self, name: &str, over: Vec<MapEntry>, mut entries: Vec<MapEntry>) -> Vec<MapEntry> {
        for own in over {
            let Some(at) = entries.iter().position(|entry| entry.key == own.key) else {
                if own.value.is_null() && (NAMED.contains(&name) || name == "procedures") {
                    let known = entries.iter().map(|entry| entry.key.as_str());
                    self.problems.push(nothing(&own, name, known));
                } else {
                    entries.push(own);
                }
                continue;
            };
            let MapEntry { key, key_place, value: below } = entries.remove(at);
            let other_kind = name == "properties" && kind(&own.value).is_some_and(|own| kind(&below) != Some(own));
            let value = if other_kind { Some(own.value) } else { self.value(&key, own.value, below) };
            if let Some(value) = value {
                let key_place = if value.place.origin == own.key_place.origin { own.key_place } else { key_place };
                entries.insert(at, MapEntry { key, key_place, value });
            }
        }
        entries
    }

    /// A list whose elements have names: each is laid over the one of its name, or added.
    fn list(&mut self, over: Vec<Node>, mut elements: Vec<Node>) -> Vec<Node> {
        let names = ids(&over, true);
        for (own, id) in over.into_iter().zip(names) {
            let known = ids(&elements, true);
            if let [entry] = own.entries()
                && entry.value.is_null()
                && let Some(at) = known.iter().position(|known| *known == entry.key)
            {
                elements.remove(at);
                continue;
            }
            match known.iter().position(|known| !known.is_empty() && *known == id) {
                Some(at) if kind(&own) == kind(&elements[at]) => {
                    let below = elements.remove(at);
                    let laid = self.value("", own, below);
                    elements.insert(at, laid.expect("an element of a kind is a map"));
                }
                Some(at) => elements[at] = own,
                None => elements.push(own),
            }
        }
        elements
    }
}

/// The kind that an element or a property is tagged with.
fn kind(node: &Node) -> Option<&str> {
    match node.entries() {
        [entry] => Some(&entry.key),
        _ => None,
    }
}

fn nothing<'k>(own: &MapEntry, name: &str, known: impl Iterator<Item = &'k str>) -> Problem {
    let message = format!("the base has no `{}` in `{name}` that could be removed", shorten(&own.key));
    let problem = Problem::error("FD0115", own.key_place, message);
    match nearest(&own.key, known) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help("remove this line"),
    }
}
