//! `expect`: which verdict each property must come to.

use super::Context;
use crate::check::Within;
use crate::field::{Field, FieldType, Kind, Node, NodeValue, Problem, Value, Values, decode, nearest, shorten};
use crate::outcome::Verdict;
use crate::scenario::plan::Expected;
use std::collections::BTreeMap;

pub(super) const EXPECT: Kind = Kind::new(
    "expect",
    "The expected verdict of each property.",
    &[Field::empty(
        "expect",
        FieldType::Map(&FieldType::OneOf(&[&PASS, &FAIL, &INCONCLUSIVE])),
        "The expected verdict by property; properties not named must pass.",
    )],
);

const PASS: Kind = Kind::new("pass", "It must hold.", &[]);

const FAIL: Kind = Kind::new(
    "fail",
    "It must be violated.",
    &[Field::optional(
        "within",
        FieldType::Expression,
        "By how much at most: a bound on the measured value, such as `<= 50` or `< 20m`. Left out: any amount.",
    )],
)
.short("within");

const INCONCLUSIVE: Kind = Kind::new("inconclusive", "It must not be decidable.", &[]);

/// The verdict of every property: as written, or pass.
pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<BTreeMap<String, Expected>> {
    let properties = context.node("properties");
    let pass = || Expected { verdict: Verdict::Pass, within: None };
    let mut verdicts: BTreeMap<String, Expected> =
        properties.entries().iter().map(|entry| (entry.key.clone(), pass())).collect();
    let node = wrapped(context);
    let values = decode(&EXPECT, &node, context.scope, context.problems)?;
    for (id, item) in values.map("expect") {
        let Value::Table(table) = &item.value else { continue };
        let read = read(table, context)?;
        match verdicts.get_mut(id) {
            Some(expected) => *expected = read,
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

fn read(table: &Values, context: &mut Context<'_>) -> Option<Expected> {
    let verdict = match table.kind.name {
        "fail" => Verdict::Fail,
        "inconclusive" => Verdict::Inconclusive,
        _ => Verdict::Pass,
    };
    let bound = if verdict == Verdict::Fail { table.opt_expression("within") } else { None };
    let Some((text, place)) = bound else { return Some(Expected { verdict, within: None }) };
    match Within::parse(text) {
        Ok(within) => Some(Expected { verdict, within: Some(within) }),
        Err(error) => {
            let problem = Problem::error("FD0301", place, error.message);
            context.problems.push(problem.help(error.help.unwrap_or_else(|| "write `<= 50` or `< 20m`".to_owned())));
            None
        }
    }
}

fn unknown(id: &str, node: &Node, known: &BTreeMap<String, Expected>) -> Problem {
    let entries = node.get("expect").map_or(&[][..], Node::entries);
    let place = entries.iter().find(|entry| entry.key == id).map_or(node.place, |entry| entry.key_place);
    let names = || known.keys().map(String::as_str);
    let mut help = format!("properties: {}", names().collect::<Vec<_>>().join(", "));
    if let Some(meant) = nearest(id, names()) {
        help.push_str(&format!("; did you mean `{meant}`?"));
    }
    Problem::error("FD0216", place, format!("`{}` has an expected verdict, but there is no such property", shorten(id)))
        .help(help)
}
