//! Laying one tree of nodes over another, and copying what `like:` names.
//!
//! Does not know what any key means, except `like` or the names of tagged choices. Invariant: every node keeps the
//! place it was written at.

use crate::field::{DISTRIBUTIONS, MapEntry, Node, NodeValue, Problem, Problems, nearest, shorten};
use crate::scenario::section::workload::{ARRIVALS, KEYS};

/// Most nodes a tree may have once everything is copied.
const MOST_NODES: usize = 1_000_000;

/// `over` laid over `under`: maps merge key by key, anything else of `over` replaces what is under it.
pub(super) fn lay_over(over: Node, under: &Node) -> Node {
    let (NodeValue::Map(_), NodeValue::Map(below)) = (&over.value, &under.value) else { return over };
    if is_other_choice(&over, under) {
        return over;
    }
    let Node { place, value: NodeValue::Map(mut entries) } = over else { return over };
    for entry in below {
        match entries.iter_mut().find(|own| own.key == entry.key) {
            Some(own) => {
                let value = std::mem::replace(&mut own.value, Node { place, value: NodeValue::Null });
                own.value = lay_over(value, &entry.value);
            }
            None => entries.push(entry.clone()),
        }
    }
    Node { place, value: NodeValue::Map(entries) }
}

/// Whether both are tagged choices, such as distributions, of different kinds: then the one replaces the other.
pub(super) fn is_other_choice(over: &Node, under: &Node) -> bool {
    let tag = |node: &Node| match node.entries() {
        [entry] if DISTRIBUTIONS.iter().chain(KEYS).chain(ARRIVALS).any(|kind| kind.name == entry.key) => {
            Some(entry.key.clone())
        }
        _ => None,
    };
    matches!((tag(over), tag(under)), (Some(over), Some(under)) if over != under)
}

/// How many nodes a tree has.
pub(super) fn size(node: &Node) -> usize {
    let below: usize = match &node.value {
        NodeValue::List(elements) => elements.iter().map(size).sum(),
        NodeValue::Map(entries) => entries.iter().map(|entry| size(&entry.value)).sum(),
        _ => 0,
    };
    below + 1
}

/// In a map of things of one kind: lays every entry that says `like: other` over that other one, and drops the `like`.
/// Keys in `own` are never copied.
pub(super) fn expand_like(map: &mut Node, own: &[&str], problems: &mut Problems) {
    let NodeValue::Map(entries) = &mut map.value else { return };
    let sources: Vec<Option<usize>> = (0..entries.len()).map(|at| source(entries, at, problems)).collect();
    let mut left = MOST_NODES;
    for at in order(&sources, entries, problems) {
        let Some(from) = sources[at] else { continue };
        let copied = without(&entries[from].value, own);
        left = left.saturating_sub(size(&copied));
        if left == 0 {
            let place = entries[at].key_place;
            problems.push(Problem::error("FD0006", place, "`like` copies too much"));
            return;
        }
        let empty = Node::empty_map(entries[at].key_place);
        let value = std::mem::replace(&mut entries[at].value, empty);
        entries[at].value = lay_over(value, &copied);
    }
    for entry in entries {
        entry.value = without(&entry.value, &["like"]);
    }
}

/// Which entry the one at `at` is like.
fn source(entries: &[MapEntry], at: usize, problems: &mut Problems) -> Option<usize> {
    let like = entries[at].value.get("like")?;
    let Some(name) = like.text() else {
        let message = format!("expected the name of another entry, found {}", like.shape());
        problems.push(Problem::error("FD0104", like.place, message));
        return None;
    };
    let found = entries.iter().position(|entry| entry.key == name);
    if found.is_none() {
        let names = || entries.iter().map(|entry| entry.key.as_str()).filter(|key| *key != entries[at].key);
        let mut help = match names().next() {
            Some(_) => format!("it can be like {}", names().take(12).collect::<Vec<_>>().join(", ")),
            None => "there is no other entry: write its fields out".to_owned(),
        };
        if let Some(meant) = nearest(name, names()) {
            help.push_str(&format!("; did you mean `{meant}`?"));
        }
        problems.push(
            Problem::error("FD0102", like.place, format!("there is no `{}` to inherit from", shorten(name))).help(help),
        );
    }
    found
}

/// The entries ordered so that each comes after the one it is like. Those on a cycle are left out and reported.
fn order(sources: &[Option<usize>], entries: &[MapEntry], problems: &mut Problems) -> Vec<usize> {
    let mut done = vec![false; sources.len()];
    let mut order = Vec::new();
    for start in 0..sources.len() {
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some(at) = next.filter(|at| !done[*at]) {
            if let Some(first) = chain.iter().position(|seen| *seen == at) {
                problems.push(cycle(&chain[first..], entries));
                break;
            }
            chain.push(at);
            next = sources[at];
        }
        for at in chain.into_iter().rev() {
            done[at] = true;
            order.push(at);
        }
    }
    order
}

fn cycle(members: &[usize], entries: &[MapEntry]) -> Problem {
    let names: Vec<&str> = members.iter().chain(members.first()).map(|at| entries[*at].key.as_str()).collect();
    let at = &entries[members[0]];
    let place = at.value.get("like").map_or(at.key_place, |like| like.place);
    Problem::error("FD0203", place, format!("`like` is circular: {}", names.join(" → "))).help("write one of them out")
}

fn without(node: &Node, keys: &[&str]) -> Node {
    let NodeValue::Map(entries) = &node.value else { return node.clone() };
    let kept = entries.iter().filter(|entry| !keys.contains(&entry.key.as_str())).cloned().collect();
    Node { place: node.place, value: NodeValue::Map(kept) }
}
