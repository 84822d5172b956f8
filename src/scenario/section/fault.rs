//! `faults`: what goes wrong, and when. The kinds come from the fault catalog; what all share is here.

use super::Context;
use crate::fault::{FaultKind, ScheduledFault};
use crate::field::{Field, FieldType, Kind, Node, NodeValue, Problem, Referent, Value, Values, decode_entry};

use crate::units::{Instant, Span};

pub(super) const COMMON: Kind = Kind::new(
    "fault",
    "What every fault has.",
    &[
        Field::derived("id", FieldType::Name, "the kind, numbered if there are several", "", "What it is called."),
        Field::required("at", FieldType::Span, "When it begins, from the start of the run."),
        Field::optional("for", FieldType::PositiveSpan, "How long it lasts. Left out: to the end of the workload."),
    ],
);

pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    catalog: &'static [FaultKind],
    duration: Option<Span>,
) -> Option<Vec<ScheduledFault>> {
    let node = context.node("faults");
    let kinds: Vec<&'static Kind> = catalog.iter().map(|fault| &fault.kind).collect();
    let mut faults = Vec::new();
    for (index, element) in list(&node, "faults", context)?.iter().enumerate() {
        let decoded = decode_entry(&kinds, Some(&COMMON), element, context.scope, context.problems);
        faults.push(decoded.and_then(|(own, common)| {
            warn_if_late(&common.clone()?, duration, context);
            planned(context, catalog, index, (own, common?))
        }));
    }
    super::all(faults)
}

fn planned(
    context: &mut Context<'_>,
    catalog: &'static [FaultKind],
    index: usize,
    (own, mut common): (Values, Values),
) -> Option<ScheduledFault> {
    let id = context.scope.names(Referent::Fault).nth(index).unwrap_or(own.kind.name).to_owned();
    common.settle("id", Value::Text(id.clone()));
    context.keep(format!("faults.{id}"), &common);
    context.keep(format!("faults.{id}"), &own);
    let kind = catalog.iter().find(|fault| fault.kind.name == own.kind.name)?;
    let fault = (kind.build)(&own, context.scope, context.problems)?;
    let at = Instant::ZERO + common.span("at");
    let heal = common.opt_span("for").map(|span| at.saturating_add(span));
    Some(ScheduledFault { id, kind: kind.kind.name, at, heal, fault })
}

fn warn_if_late(common: &Values, duration: Option<Span>, context: &mut Context<'_>) {
    let at = common.span("at");
    let Some(duration) = duration.filter(|duration| at >= *duration) else { return };
    let message = format!("this fault begins at {at}, but the workload ends at {duration}: it cannot do anything");
    let problem = Problem::warning("FD0501", common.place("at"), message);
    context.problems.push(problem.help("begin it earlier, or make `duration` longer"));
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
