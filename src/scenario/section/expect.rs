//! `expect`: which verdict each property must come to.

use super::Context;
use crate::field::{Field, FieldType, Kind, Node, NodeValue, Problem, Value, decode, nearest, shorten};
use crate::outcome::Verdict;
use std::collections::BTreeMap;

pub(super) const EXPECT: Kind = Kind::new(
    "expect",
    "Which verdict each property must come to.",
    &[Field::empty(
        "expect",
        FieldType::Map(&FieldType::Choice(&["pass", "fail", "inconclusive"])),
        "Property to verdict; those not named must pass.",
    )],
);

/// The verdict of every property: as written, or pass.
pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<BTreeMap<String, Verdict>> {
    let properties = context.node("properties");
    let mut verdicts: BTreeMap<String, Verdict> =
        properties.entries().iter().map(|entry| (entry.key.clone(), Verdict::Pass)).collect();
    let node = wrapped(context);
    let values = decode(&EXPECT, &node, context.scope, context.problems)?;
    for (id, item) in values.map("expect") {
        let Value::Text(verdict) = &item.value else { continue };
        match verdicts.get_mut(id) {
            Some(expected) => *expected = read(verdict),
            None => context.problems.push(unknown(id, &node, &verdicts)),
        }
    }
    context.keep("", &values);
    Some(verdicts)
}

/// The section as the only field of a table, so that it is read like any other field.
fn wrapped(context: &Context<'_>) -> Node {
    let mut node = Node::empty_map(context.root.place);
    if let NodeValue::Map(entries) = &mut node.value {
        entries.extend(context.root.entries().iter().filter(|entry| entry.key == "expect").cloned());
    }
    node
}

fn read(verdict: &str) -> Verdict {
    match verdict {
        "fail" => Verdict::Fail,
        "inconclusive" => Verdict::Inconclusive,
        _ => Verdict::Pass,
    }
}

fn unknown(id: &str, node: &Node, known: &BTreeMap<String, Verdict>) -> Problem {
    let entries = node.get("expect").map_or(&[][..], Node::entries);
    let place = entries.iter().find(|entry| entry.key == id).map_or(node.place, |entry| entry.key_place);
    let names = || known.keys().map(String::as_str);
    let mut help = format!("properties: {}", names().collect::<Vec<_>>().join(", "));
    if let Some(meant) = nearest(id, names()) {
        help.push_str(&format!("; did you mean `{meant}`?"));
    }
    Problem::error("FD0216", place, format!("`{}` is expected, but there is no such property", shorten(id))).help(help)
}
