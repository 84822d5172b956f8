//! `expect`: what each property must come to, in one run or in a share of all.
//!
//! Does not know what was measured. Invariant: a share that no number of runs shows, or that every one does, is refused.

use super::Context;
use crate::check::Within;
use crate::field::{Field, FieldType, Kind, Node, NodeValue, Origin, Problem, Value, Values, decode, nearest, shorten};
use crate::outcome::{Claim, Expectation};
use crate::scenario::plan::Expected;
use crate::units::Ratio;
use std::collections::BTreeMap;

pub(super) const EXPECT: Kind = Kind::new(
    "expect",
    "What each property must come to.",
    &[Field::empty(
        "expect",
        FieldType::Map(&FieldType::OneOfOr(&[&PASS, &FAIL, &INCONCLUSIVE, &EITHER], &SHARE)),
        "What is expected, by property: a verdict, or in which share of all runs it holds. Properties not named must pass.",
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

const EITHER: Kind = Kind::new(
    "either",
    "It may hold or not: the word is that of the other properties, and of those that bound what they bound it is one.",
    &[],
);

/// Written without its name.
const SHARE: Kind = Kind::new(
    "share",
    "In which share of all runs it holds, or that it need not be exercised.",
    &[
        Field::optional(
            "holds",
            FieldType::Text,
            "In which share of the runs that exercise it: `>= 95%`. Many runs show it, refute it, or leave it open. Left \
             out: in all of them.",
        ),
        Field::with(
            "confidence",
            FieldType::Ratio,
            "95%",
            "the usual level: one wrong answer in twenty",
            "How surely the share must be shown: one that is not true is taken for shown in one minus this part of all \
             campaigns at most, and as rarely a true one for refuted.",
        ),
        Field::with(
            "if_exercised",
            FieldType::Flag,
            "false",
            "product default: what was never put to the test is not known",
            "Whether it may be that no run exercises it, as where several scenarios share their properties.",
        ),
    ],
);

/// The verdict of every property: as written, or pass.
pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<BTreeMap<String, Expected>> {
    let properties = context.node("properties");
    let pass = || Expected { expected: Expectation::Pass, within: None };
    let mut verdicts: BTreeMap<String, Expected> =
        properties.entries().iter().map(|entry| (entry.key.clone(), pass())).collect();
    let node = wrapped(context);
    let values = decode(&EXPECT, &node, context.scope, context.problems)?;
    for (id, item) in values.map("expect") {
        let Value::Table(table) = &item.value else { continue };
        let read = read(table, context)?;
        if read.expected.claim().is_some() && properties.get(id).is_some_and(is_over_all_runs) {
            context.problems.push(share_of_no_run(id, table));
        }
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
    let expected = match table.kind.name {
        "fail" => Expectation::Fail,
        "inconclusive" => Expectation::Inconclusive,
        "either" => Expectation::Either,
        "share" => share(table, context)?,
        _ => Expectation::Pass,
    };
    let bound = if expected == Expectation::Fail { table.opt_expression("within") } else { None };
    let Some((text, place)) = bound else { return Some(Expected { expected, within: None }) };
    match Within::parse(text) {
        Ok(within) => Some(Expected { expected, within: Some(within) }),
        Err(error) => {
            let problem = Problem::error("FD0301", place, error.message);
            context.problems.push(problem.help(error.help.unwrap_or_else(|| "write `<= 50` or `< 20m`".to_owned())));
            None
        }
    }
}

/// The claim about a share, or what is left of it if none is made.
fn share(table: &Values, context: &mut Context<'_>) -> Option<Expectation> {
    let (confidence, if_exercised) = (table.ratio("confidence"), table.flag("if_exercised"));
    let mut refuse = |field: &str, message: String, help: &str| {
        context.problems.push(Problem::error("FD0303", table.place(field), message).help(help));
        None
    };
    if confidence < Ratio::from_percent(50) || confidence >= Ratio::ONE {
        let message = format!("nothing is shown with {confidence} confidence");
        return refuse("confidence", message, "write one from 50% to below 100%, such as `95%`");
    }
    let Some(text) = table.opt_text("holds") else {
        if table.origin("confidence") != Origin::Default {
            let help = "write `holds: \">= 95%\"` beside it; every single run decides where no share is claimed";
            return refuse("confidence", "`confidence` is that of a share, and `holds` is missing".to_owned(), help);
        }
        return Some(if if_exercised { Expectation::PassIfExercised } else { Expectation::Pass });
    };
    let share = text.trim().strip_prefix(">=").map(str::trim).filter(|share| share.ends_with('%'));
    match share.and_then(|share| share.parse::<Ratio>().ok()) {
        None => {
            let message = format!("`{}` is no share of runs at least", shorten(text));
            refuse("holds", message, "write `>= 95%`")
        }
        Some(Ratio::ZERO) => {
            refuse("holds", "it holds in 0% of runs or more, whatever happens".to_owned(), "write `either`")
        }
        Some(share) if share >= Ratio::ONE => {
            let help = "write `pass`, which each run must come to, or a share below 100%";
            refuse("holds", format!("no number of runs shows that it holds in {share} of all"), help)
        }
        Some(at_least) => Some(Expectation::Share(Claim { at_least, confidence, if_exercised })),
    }
}

/// Whether a property compares a figure of all runs together, so that no run has a verdict of its own.
fn is_over_all_runs(property: &Node) -> bool {
    let Some(compared) = property.get("agrees") else { return false };
    let is_exact = |exact: &Node| exact.text() == Some("true");
    compared.get("within").or(compared.get("step")).is_none() && !compared.get("exact").is_some_and(is_exact)
}

fn share_of_no_run(id: &str, table: &Values) -> Problem {
    let message = format!("`{}` compares a figure of all runs together: no single run agrees or differs", shorten(id));
    let help = "leave `holds` out; or say within what each run must agree: `within`, `step` or `exact` of the property";
    Problem::error("FD0303", table.place("holds"), message).help(help)
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
