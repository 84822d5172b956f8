//! `objective`: what the scenario promises its users, class by class; and `maintenance`: when it promises less.
//!
//! Owns the two sections. A class of requests is one population at one entry service, reading or writing: each is
//! promised the same unless an entry of `classes` says otherwise. Clients of drills are
//! promised the same, and are no part of all together.

use super::Context;
use crate::field::{Field, FieldType, Kind, Node, NodeValue, Origin, Problem, Referent, Value, Values, decode};
use crate::model::plan::{MaintenancePlan, ServicePlan, WorkloadPlan};
use crate::record::{Objective, ServiceClass, TOTAL};
use crate::units::{Instant, Ratio, Span};

pub(in crate::scenario) const OBJECTIVE: Kind = Kind::new(
    "objective",
    "What users are promised: the share of requests served, and how quickly.",
    &[
        Field::with(
            "served",
            FieldType::Ratio,
            "99%",
            "product default: an outage begins once one request in a hundred fails",
            "The share of requests that must be served: answered successfully, within `within`.",
        ),
        Field::derived(
            "within",
            FieldType::PositiveSpan,
            "10s; where a language model answers, 60s",
            "Nielsen 1993, Usability Engineering: ten seconds keep a person's attention; a model writes while people read",
            "The longest response time, retries included, that still counts as served.",
        ),
        Field::with(
            "stable",
            FieldType::Span,
            "60s",
            "product default: a minute of good service is no coincidence",
            "How long service must stay good to count as recovered.",
        ),
        Field::empty(
            "classes",
            FieldType::Any,
            "Overrides for some classes of requests: a list in which the last match counts.",
        ),
    ],
);

pub(in crate::scenario) const CLASS: Kind = Kind::new(
    "class",
    "The objective for one class of requests.",
    &[
        Field::optional(
            "workload",
            FieldType::Reference(Referent::Workload),
            "The workload it applies to; all if absent.",
        ),
        Field::optional("service", FieldType::Text, "The entry service it applies to; all if absent."),
        Field::optional("kind", FieldType::Choice(&["read", "write"]), "Reads or writes; both if absent."),
        Field::optional("served", FieldType::Ratio, "The share of requests that must be served."),
        Field::optional("within", FieldType::PositiveSpan, "The longest response time that counts as served."),
    ],
);

pub(in crate::scenario) const MAINTENANCE: Kind = Kind::new(
    "maintenance",
    "A maintenance window: interruptions in it are planned and counted separately.",
    &[
        Field::optional("at", FieldType::Span, "When it begins."),
        Field::optional("for", FieldType::PositiveSpan, "How long it lasts."),
        Field::optional(
            "during",
            FieldType::Reference(Referent::Procedure),
            "Instead of both: every run of this procedure, plus the objective's `stable` time after it.",
        ),
    ],
);

/// How long an answer may take where a language model writes it: product default, a model's whole answer of some hundred
/// tokens at some ten a second (real-world rates of hosted models), which people read as it comes.
const MODEL_WITHIN: Span = Span::from_secs(60);

/// Nielsen 1993, Usability Engineering, chapter 5: ten seconds are about the limit for keeping a user's attention.
const WITHIN: Span = Span::from_secs(10);

pub(in crate::scenario) fn build(
    context: &mut Context<'_>,
    workloads: Option<&[WorkloadPlan]>,
    services: Option<&[ServicePlan]>,
) -> Option<Objective> {
    let mut values = context.table(&OBJECTIVE)?;
    let classes = context.node("objective").get("classes").is_some_and(|classes| !classes.elements().is_empty());
    let declared = values.origin("served") != Origin::Default || classes;
    let (served, written) = (values.ratio("served"), values.opt_span("within"));
    values.settle("within", Value::Span(WITHIN));
    context.keep("objective", &values);
    if served == Ratio::ZERO {
        let help = "promise something: `served: 99%`";
        context.refuse("FD0106", values.place("served"), "a promise of 0% can never be broken", help);
        return None;
    }
    let exceptions = exceptions(context)?;
    let (workloads, services) = (workloads.unwrap_or(&[]), services.unwrap_or(&[]));
    let mut classes = Vec::new();
    for workload in workloads {
        let mut entries: Vec<&str> = workload.services().collect();
        entries.sort_unstable();
        entries.dedup();
        for (service, kind) in entries.into_iter().flat_map(|service| [(service, "read"), (service, "write")]) {
            let writes = services.iter().any(|plan| plan.name == service && plan.generation.is_some());
            let within = written.unwrap_or(if writes { MODEL_WITHIN } else { WITHIN });
            let name = format!("{}.{service}.{kind}", workload.name);
            let mut class = ServiceClass { name, served, within, drill: workload.synthetic };
            for exception in exceptions.iter().filter(|one| fits(one, workload, service, kind)) {
                class.served = exception.opt_ratio("served").unwrap_or(class.served);
                class.within = exception.opt_span("within").unwrap_or(class.within);
            }
            classes.push(class);
        }
    }
    let longest = classes.iter().map(|class| class.within).max().unwrap_or(WITHIN);
    classes.push(ServiceClass { name: TOTAL.to_owned(), served, within: longest, drill: false });
    Some(Objective { stable: values.span("stable"), declared, classes })
}

fn fits(exception: &Values, workload: &WorkloadPlan, service: &str, kind: &str) -> bool {
    exception.opt_reference("workload").is_none_or(|reference| reference.name == workload.name)
        && exception.opt_text("service").is_none_or(|name| name == service)
        && exception.opt_text("kind").is_none_or(|name| name == kind)
}

/// The entries of `classes`.
fn exceptions(context: &mut Context<'_>) -> Option<Vec<Values>> {
    let Some(node) = context.node("objective").get("classes").cloned() else { return Some(Vec::new()) };
    let elements = elements(&node, "`- {kind: write, served: 99.9%}`", context)?;
    let decoded = elements.iter().map(|element| {
        let values = decode(&CLASS, element, context.scope, context.problems)?;
        if let Some(name) = values.opt_text("service")
            && context.scope.find(Referent::Service, name).is_none()
        {
            let message = format!("unknown service `{name}`");
            context.refuse("FD0102", values.place("service"), message, "name a service that clients call");
            return None;
        }
        if values.opt_ratio("served").is_none() && values.opt_span("within").is_none() {
            context.refuse("FD0103", element.place, "this promises nothing", "add `served` or `within`");
            return None;
        }
        Some(values)
    });
    decoded.collect::<Vec<_>>().into_iter().collect()
}

/// The windows of maintenance.
pub(in crate::scenario) fn maintenance(context: &mut Context<'_>) -> Option<Vec<MaintenancePlan>> {
    if !context.has("maintenance") {
        return Some(Vec::new());
    }
    let node = context.node("maintenance");
    let elements = elements(&node, "`- {at: 30m, for: 5m}`", context)?;
    let windows = elements.iter().map(|element| {
        let values = decode(&MAINTENANCE, element, context.scope, context.problems)?;
        match (values.opt_span("at"), values.opt_span("for"), values.opt_reference("during")) {
            (Some(at), Some(lasts), None) => {
                let from = Instant::ZERO.saturating_add(at);
                Some(MaintenancePlan::Window(from, from.saturating_add(lasts)))
            }
            (None, None, Some(procedure)) => Some(MaintenancePlan::During(procedure.name.clone())),
            _ => {
                let help = "write `{at: 30m, for: 5m}` or `{during: failback}`";
                context.refuse("FD0104", element.place, "a window needs `at` and `for`, or `during` alone", help);
                None
            }
        }
    });
    windows.collect::<Vec<_>>().into_iter().collect()
}

fn elements(node: &Node, example: &str, context: &mut Context<'_>) -> Option<Vec<Node>> {
    match &node.value {
        NodeValue::List(elements) => Some(elements.clone()),
        NodeValue::Null => Some(Vec::new()),
        _ => {
            let message = format!("expected a list, found {}", node.shape());
            context.problems.push(Problem::error("FD0104", node.place, message).help(format!("write {example}")));
            None
        }
    }
}
