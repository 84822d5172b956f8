//! What a scenario says about itself, and the list of its sections.

use super::Context;
use crate::field::{Field, FieldType, Kind, NodeValue, Value, Values, decode_parts};
use crate::scenario::preset;
use crate::units::Span;

pub(super) const HEAD: Kind = Kind::new(
    "scenario",
    "What the scenario says about itself.",
    &[
        Field::required("firedrill", FieldType::Count { min: 1, max: 1 }, "The version of the language: 1."),
        Field::derived("name", FieldType::Text, "the file's name", "", "What the scenario is called."),
        Field::with("description", FieldType::Text, "", "", "What it rehearses, and why."),
        Field::optional("preset", FieldType::Choice(preset::NAMES), "Values laid under the file's own."),
        Field::required("duration", FieldType::PositiveSpan, "How long clients send requests."),
        Field::with(
            "settle",
            FieldType::Span,
            "10m",
            "product default: late things have ten minutes to arrive, every fault healed",
            "How long, at most, the run may go on after that, every fault healed.",
        ),
        Field::with(
            "tie_break",
            FieldType::Choice(&["fifo", "seeded"]),
            "fifo",
            "product default: first in, first out within a class",
            "Which of two events at one instant comes first: the first scheduled, or as the seed decides.",
        ),
        Field::optional("once", FieldType::Text, "What an earlier version of the program said of it that was wrong."),
        Field::optional(
            "runs",
            FieldType::Count { min: 1, max: 1_000_000 },
            "How many seeds, from 0 on, a rehearsal takes unless it is told otherwise. Left out: one run.",
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
        Field::empty("databases", FieldType::Any, "What keeps data, and its copies."),
        Field::empty("buckets", FieldType::Any, "What keeps objects, and its copies."),
        Field::empty("dns", FieldType::Any, "How clients find a region."),
        Field::empty("resolvers", FieldType::Any, "Who caches DNS answers."),
        Field::empty("network", FieldType::Any, "How long messages take."),
        Field::empty("balancer", FieldType::Any, "What spreads requests over regions."),
        Field::empty("monitoring", FieldType::Any, "What control sees, and how late."),
        Field::empty("notification", FieldType::Any, "How people are told."),
        Field::empty("people", FieldType::Any, "Who can be paged and asked."),
        Field::empty("control_plane", FieldType::Any, "How control reaches the world."),
        Field::empty("journal", FieldType::Any, "Where controllers write down what they do."),
        Field::empty("workload", FieldType::Any, "What clients do."),
        Field::empty("faults", FieldType::Any, "What goes wrong, and when."),
        Field::empty("control", FieldType::Any, "What acts on it."),
        Field::empty("procedures", FieldType::Any, "Budgets, tries and limits of what control runs."),
        Field::empty("properties", FieldType::Any, "What must hold."),
        Field::empty("expect", FieldType::Any, "Which verdicts are expected."),
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
        context.refuse("FD0104", context.root.place, message, "begin with `firedrill: 1`");
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
    let message = format!("this file is written in version {number} of the language, this program reads version 1");
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
