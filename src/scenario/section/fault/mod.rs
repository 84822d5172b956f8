//! `faults`: what goes wrong, and when. The kinds come from the fault catalog; what all share is here.

mod condition;
mod targets;
mod timing;

pub(in crate::scenario) use crate::control::{WHEN, cue};
pub(in crate::scenario) use condition::{check_conditions, impossible_event, unknown_event};
pub(in crate::scenario) use targets::refuse_untouched;

use super::Context;
use crate::fault::{FaultKind, PlannedFault};
use crate::field::{Catalog, Field, FieldType, Kind, Node, NodeValue, Referent, Value, Values, decode_entry};
use crate::units::Span;

pub(super) const COMMON: Kind = Kind::new(
    "fault",
    "Fields of every fault. It starts at a fixed time, on an event, once within a window, or at random: exactly one of \
     `at`, `when`, `between` and `rate`, which a window may stand beside.",
    &[
        Field::derived("id", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::optional("at", FieldType::Span, "When it starts, from the start of the run."),
        Field::optional("when", FieldType::Table(&WHEN), "The event that starts it."),
        Field::optional(
            "rate",
            FieldType::Frequency,
            "How often it happens at random on average, as a Poisson process: `2/h`.",
        ),
        Field::optional(
            "between",
            FieldType::List(&FieldType::Span),
            "The window in which it starts, `[from, to]`: once, at an instant drawn by the seed, or with `rate`, as often as \
             that says. With `rate` and left out: the whole workload.",
        ),
        Field::optional(
            "for",
            FieldType::Distribution,
            "How long it lasts, sampled each time. Left out: until the end of the workload, which heals it.",
        ),
        Field::with(
            "for_good",
            FieldType::Flag,
            "false",
            "product default: what is broken is repaired in the end, so that copies can be compared",
            "Whether it is permanent: not even the end of the workload heals it. Instead of `for`.",
        ),
        Field::optional(
            "flap",
            FieldType::Table(&FLAP),
            "Flapping: it alternates between on and off for as long as it lasts, starting on.",
        ),
        Field::with(
            "optional",
            FieldType::Flag,
            "false",
            "product default: a declared fault is meant to happen",
            "Whether the run may pass if it does not happen or affects nothing. Otherwise a run without it proves \
             nothing, except that a fault with a `rate` may fail to happen as long as another fault does.",
        ),
    ],
);

const FLAP: Kind = Kind::new(
    "flap",
    "Alternates between on and off, like a flapping link.",
    &[
        Field::required("down", FieldType::Distribution, "How long the fault is on, sampled each time."),
        Field::required("up", FieldType::Distribution, "How long it is off in between, sampled each time."),
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
            context.refuse("FD0104", node.place, message, "start each element with a dash: `- kind: {field: value}`");
            None
        }
    }
}
