//! What a scenario says about itself, and the list of its sections.

use super::Context;
use crate::field::{Field, FieldType, Kind, NodeValue, Value, Values, decode_parts};
use crate::scenario::preset;
use crate::units::Span;

pub(super) const HEAD: Kind = Kind::new(
    "scenario",
    "General information about the scenario.",
    &[
        Field::required("firedrill", FieldType::Count { min: 1, max: 1 }, "The version of the language: 1."),
        Field::optional(
            "base",
            FieldType::Text,
            "A file that this one builds on, relative to this file: what it says holds, except for what this file says.",
        ),
        Field::derived("name", FieldType::Text, "the file's name", "", "What the scenario is called."),
        Field::with("description", FieldType::Text, "", "", "What the scenario rehearses, and why."),
        Field::optional(
            "preset",
            FieldType::Choice(preset::NAMES),
            "A named set of defaults that the file's own values override.",
        ),
        Field::required("duration", FieldType::PositiveSpan, "How long clients send requests."),
        Field::with(
            "settle",
            FieldType::Span,
            "10m",
            "product default: late things have ten minutes to arrive, every fault healed",
            "How long the run may continue after that, with every fault healed, for late work to finish.",
        ),
        Field::with(
            "tie_break",
            FieldType::Choice(&["fifo", "seeded"]),
            "fifo",
            "product default: first in, first out within a class",
            "How ties between events at the same instant are broken: first scheduled first, or by the seed.",
        ),
        Field::optional("once", FieldType::Text, "The wrong verdict that an earlier version of the program gave."),
        Field::optional(
            "runs",
            FieldType::Count { min: 1, max: 1_000_000 },
            "How many seeds, starting at 0, a rehearsal runs by default. Left out: one run.",
        ),
    ],
);

/// The sections, with any content: each is read by its own file.
pub(super) const SECTIONS: Kind = Kind::new(
    "scenario",
    "The sections of a scenario.",
    &[
        Field::empty("objective", FieldType::Any, "What users are promised."),
        Field::empty("maintenance", FieldType::Any, "When an interruption is planned."),
        Field::empty("providers", FieldType::Any, "Who runs the regions."),
        Field::empty("regions", FieldType::Any, "Where services run."),
        Field::empty("databases", FieldType::Any, "Databases and their copies."),
        Field::empty("buckets", FieldType::Any, "Object-store buckets and their copies."),
        Field::empty("dns", FieldType::Any, "How clients find a region: DNS."),
        Field::empty("resolvers", FieldType::Any, "The resolvers that cache DNS answers."),
        Field::empty("network", FieldType::Any, "How long messages take."),
        Field::empty("balancer", FieldType::Any, "The load balancer that distributes requests across regions."),
        Field::empty("monitoring", FieldType::Any, "What control sees, and with what delay."),
        Field::empty("notification", FieldType::Any, "How people are notified."),
        Field::empty("people", FieldType::Any, "Who can be paged and asked."),
        Field::empty("control_plane", FieldType::Any, "How control calls reach the world."),
        Field::empty("journal", FieldType::Any, "Where controllers record what they do."),
        Field::empty("workload", FieldType::Any, "What clients do."),
        Field::empty("faults", FieldType::Any, "What goes wrong, and when."),
        Field::empty("control", FieldType::Any, "The controllers that react."),
        Field::empty("procedures", FieldType::Any, "Budgets, attempts and limits of the procedures that control runs."),
        Field::empty("properties", FieldType::Any, "What must hold."),
        Field::empty("expect", FieldType::Any, "The expected verdicts."),
    ],
);

/// The scenario's own fields.
#[derive(Debug)]
pub(in crate::scenario) struct Head {
    pub name: String,
    pub description: String,
    pub preset: Option<String>,
    pub duration: Span,
    pub settle: Span,
    pub seeded: bool,
    pub runs: Option<u64>,
    pub once: Option<String>,
}

pub(in crate::scenario) fn build(context: &mut Context<'_>, file: &str) -> Option<Head> {
    if !matches!(context.root.value, NodeValue::Map(_)) {
        let message = format!("a scenario is a map of sections, but this is {}", context.root.shape());
        context.refuse("FD0104", context.root.place, message, "start with `firedrill: 1`");
        return None;
    }
    if !is_known_version(context) {
        return None;
    }
    let mut parts = decode_parts(&[&HEAD, &SECTIONS], context.root, context.scope, context.problems)?;
    let mut values: Values = parts.swap_remove(0);
    values.settle("name", Value::Text(stem(file).to_owned()));
    context.keep("", &values);
    Some(Head {
        name: values.text("name").to_owned(),
        description: values.text("description").to_owned(),
        preset: values.opt_text("preset").map(str::to_owned),
        duration: values.span("duration"),
        settle: values.span("settle"),
        seeded: values.text("tie_break") == "seeded",
        runs: values.opt_count("runs"),
        once: values.opt_text("once").map(str::to_owned),
    })
}

/// Whether the file is in a version of the language that is known. If not, nothing else that could be said is true.
pub(in crate::scenario) fn is_known_version(context: &mut Context<'_>) -> bool {
    let version = context.root.get("firedrill").and_then(|node| Some((node.text()?.parse::<u64>().ok()?, node.place)));
    let Some((number, place)) = version.filter(|(number, _)| *number > 1) else { return true };
    let message = format!("this file is written in version {number} of the language, but this program reads version 1");
    context.refuse("FD0113", place, message, "use a newer firedrill");
    false
}

/// A file's name without folder and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match name.split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ if name.is_empty() => "scenario",
        _ => name,
    }
}
