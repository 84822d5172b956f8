//! `workload`: what clients do. One file for each kind of population, one for what all have.

mod client;
mod closed;
mod journey;
mod leases;
mod open;
mod trace;

pub(in crate::scenario) use client::CLIENT;
pub use client::KEYS;
pub(in crate::scenario::section) use client::classes;
pub use open::ARRIVALS;

use super::Context;
use crate::field::{Kind, Node, NodeValue, Problem, Referent, Value, Values, decode_entry};
use crate::model::plan::WorkloadPlan;

/// Every kind of workload.
pub const WORKLOADS: &[&Kind] = &[&open::OPEN, &closed::CLOSED, &leases::LEASES, &trace::TRACE];

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<Vec<WorkloadPlan>> {
    let node = context.node("workload");
    let elements = elements(&node, context)?;
    if elements.is_empty() {
        let help = "add one: `workload: [{open: {rate: 100/s}}]`";
        context.refuse("FD0215", node.place, "no workload: nothing would happen, and nothing could be judged", help);
        return None;
    }
    let mut plans = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let decoded = decode_entry(WORKLOADS, Some(&CLIENT), element, context.scope, context.problems);
        plans.push(decoded.and_then(|(own, client)| plan(context, index, own, client?)));
    }
    super::all(plans)
}

fn elements<'n>(node: &'n Node, context: &mut Context<'_>) -> Option<&'n [Node]> {
    match &node.value {
        NodeValue::List(elements) => Some(elements),
        NodeValue::Null => Some(&[]),
        NodeValue::Map(entries) if entries.is_empty() => Some(&[]),
        _ => {
            let message = format!("expected a list of workloads, found {}", node.shape());
            context.problems.push(
                Problem::error("FD0104", node.place, message)
                    .help("start each with `- open:`, `- closed:`, `- leases:` or `- trace:`"),
            );
            None
        }
    }
}

fn plan(context: &mut Context<'_>, index: usize, mut own: Values, mut client: Values) -> Option<WorkloadPlan> {
    let name = context.scope.names(Referent::Workload).nth(index).unwrap_or(own.kind.name).to_owned();
    own.settle("name", Value::Text(name.clone()));
    let arrivals = match own.kind.name {
        "closed" => Some(closed::arrivals(&own)),
        "leases" => leases::arrivals(&own, &mut client, context),
        "trace" => trace::arrivals(&mut own, context),
        _ => open::arrivals(&own, context),
    };
    context.keep(format!("workload.{name}"), &own);
    client::plan(context, name, arrivals?, client)
}
