//! `faults`: what goes wrong, and when. The kinds come from the fault catalog; what all share is here.

mod condition;
mod targets;
mod timing;

pub(in crate::scenario) use condition::{WHEN, check_conditions, cue, impossible_event, unknown_event};
pub(in crate::scenario) use targets::refuse_untouched;

use super::Context;
use crate::fault::{FaultKind, PlannedFault};
use crate::field::{Catalog, Field, FieldType, Kind, Node, NodeValue, Referent, Value, Values, decode_entry};
use crate::units::Span;

pub(super) const COMMON: Kind = Kind::new(
    "fault",
    "What every fault has. It begins at an instant, at an event, or at random: exactly one of `at`, `when` and `rate`.",
    &[
        Field::derived("id", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::optional("at", FieldType::Span, "When it begins, from the start of the run."),
        Field::optional("when", FieldType::Table(&WHEN), "What must have happened for it to begin."),
        Field::optional(
            "rate",
            FieldType::Frequency,
            "How often it happens at random, in the mean, each time independently (a Poisson process): `2/h`.",
        ),
        Field::optional(
            "between",
            FieldType::List(&FieldType::Span),
            "Only with `rate`: the window in which it may begin, `[from, to]`. Left out: the whole workload.",
        ),
        Field::optional(
            "for",
            FieldType::Distribution,
            "How long it lasts, each time drawn anew. Left out: to the end of the workload, which heals it.",
        ),
        Field::with(
            "for_good",
            FieldType::Flag,
            "false",
            "product default: what is broken is mended in the end, so that copies can be compared",
            "Whether it lasts for good, and the end of the workload does not heal it either. In place of `for`.",
        ),
        Field::optional(
            "flap",
            FieldType::Table(&FLAP),
            "It comes and goes for as long as it lasts, beginning with being there.",
        ),
        Field::with(
            "optional",
            FieldType::Flag,
            "false",
            "product default: what is written down is meant to happen",
            "Whether it need not happen, nor affect anything. Otherwise a run without it proves nothing; chance may leave out one \
             with a `rate` as long as another fault happens.",
        ),
    ],
);

const FLAP: Kind = Kind::new(
    "flap",
    "Comes and goes, as a link does that goes down and up.",
    &[
        Field::required("down", FieldType::Distribution, "How long the fault is there, each time drawn anew."),
        Field::required("up", FieldType::Distribution, "How long it is gone in between, each time drawn anew."),
    ],
);

pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    catalog: Catalog<FaultKind>,
    duration: Option<Span>,
) -> Option<Vec<PlannedFault>> {
    let node = context.node("faults");
    let kinds: Vec<&'static Kind> = catalog.iter().map(|fault| &fault.kind).collect();
    let mut faults = Vec::new();
    for (index, element) in list(&node, "faults", context)?.iter().enumerate() {
        let decoded = decode_entry(&kinds, Some(&COMMON), element, context.scope, context.problems);
        faults.push(decoded.and_then(|(own, common)| planned(context, catalog, (index, duration), (own, common?))));
    }
    let faults = super::all(faults)?;
    timing::refuse_too_many(&faults, duration, node.place, context);
    Some(faults)
}

fn planned(
    context: &mut Context<'_>,
    catalog: Catalog<FaultKind>,
    (index, duration): (usize, Option<Span>),
    (own, mut common): (Values, Values),
) -> Option<PlannedFault> {
    let id = context.scope.names(Referent::Fault).nth(index).unwrap_or(own.kind.name).to_owned();
    common.settle("id", Value::Text(id.clone()));
    context.keep(format!("faults.{id}"), &common);
    context.keep(format!("faults.{id}"), &own);
    let kind = catalog.iter().find(|fault| fault.kind.name == own.kind.name)?;
    let timing = timing::timing(own.kind.name, &common, duration, context);
    let fault = (kind.build)(&own, context.scope, context.problems)?;
    let (optional, for_good) = (common.flag("optional"), common.flag("for_good"));
    Some(PlannedFault { id, kind: kind.kind.name, timing: timing?, optional, for_good, fault })
}

/// The elements of a section that is a list.
pub(super) fn list<'n>(node: &'n Node, section: &str, context: &mut Context<'_>) -> Option<&'n [Node]> {
    match &node.value {
        NodeValue::List(elements) => Some(elements),
        NodeValue::Null => Some(&[]),
        NodeValue::Map(entries) if entries.is_empty() => Some(&[]),
        _ => {
            let message = format!("`{section}` is a list, but this is {}", node.shape());
            context.refuse("FD0104", node.place, message, "begin each element with a dash: `- kind: {field: value}`");
            None
        }
    }
}
