//! `network`: how long messages take, and how many are lost.

use super::Context;
use crate::field::{Field, FieldType, Kind, Problem, Referent, Value, Values};
use crate::kernel::Law;
use crate::model::plan::{LinkPlan, NetworkPlan};
use crate::units::Ratio;

pub(super) const LINK: Kind = Kind::new(
    "link",
    "Two regions and what lies between them, the same both ways.",
    &[
        Field::required("a", FieldType::Reference(Referent::Region), "One region."),
        Field::required("b", FieldType::Reference(Referent::Region), "The other."),
        Field::optional("latency", FieldType::Law, "One-way latency. Left out: the network's."),
        Field::optional("loss", FieldType::Ratio, "The share of messages lost. Left out: the network's."),
    ],
);

pub(super) const NETWORK: Kind = Kind::new(
    "network",
    "How long messages take, and how many are lost.",
    &[
        Field::with(
            "clients",
            FieldType::AllOrPer(Referent::Region, &FieldType::Law),
            "10ms",
            "Azure network latency tables: round trips of some 20 ms inside a continent",
            "One-way latency between clients and each region.",
        ),
        Field::with(
            "client_loss",
            FieldType::Ratio,
            "0%",
            "product default: loss only in faults",
            "The share of messages lost between clients and regions.",
        ),
        Field::with(
            "latency",
            FieldType::Law,
            "10ms",
            "Azure network latency tables: West to North Europe, round trip 17 to 20 ms",
            "One-way latency between two regions.",
        ),
        Field::with(
            "loss",
            FieldType::Ratio,
            "0%",
            "product default: loss only in faults",
            "The share of messages lost between two regions.",
        ),
        Field::with(
            "local",
            FieldType::Law,
            "500us",
            "product default: round trips of 1 to 2 ms inside a region",
            "One-way latency inside a region.",
        ),
        Field::empty("between", FieldType::List(&FieldType::Table(&LINK)), "Pairs of regions that differ."),
    ],
);

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<NetworkPlan> {
    let values = context.table(&NETWORK)?;
    context.keep("network", &values);
    let count = context.scope.names(Referent::Region).count();
    let clients = (0..count).map(|region| client_link(region, &values, context)).collect();
    let mut regions = vec![link(values.law("latency").clone(), values.ratio("loss")); count * count];
    for region in 0..count {
        regions[region * count + region] = link(values.law("local").clone(), Ratio::ZERO);
    }
    lay_links(&values, &mut regions, count, context);
    Some(NetworkPlan { clients: super::all(clients)?, regions })
}

const fn link(latency: Law, loss: Ratio) -> LinkPlan {
    LinkPlan { latency, loss }
}

fn client_link(region: usize, values: &Values, context: &mut Context<'_>) -> Option<LinkPlan> {
    let entry = values.per("clients").iter().find(|(reference, _)| reference.index == region);
    if let Some(Value::Law(law)) = entry.map(|(_, item)| &item.value) {
        return Some(link(law.clone(), values.ratio("client_loss")));
    }
    let name = context.scope.names(Referent::Region).nth(region).unwrap_or("?").to_owned();
    let message = format!("no latency from clients to region `{name}`");
    context.refuse("FD0103", values.place("clients"), message, "give one for all regions, or one for each");
    None
}

fn lay_links(values: &Values, regions: &mut [LinkPlan], count: usize, context: &mut Context<'_>) {
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for item in values.list("between") {
        let Value::Table(pair) = &item.value else { continue };
        let (a, b) = (pair.reference("a").index, pair.reference("b").index);
        let key = (a.min(b), a.max(b));
        if a == b || seen.contains(&key) {
            let message =
                if a == b { "a link needs two different regions" } else { "this pair of regions stands twice" };
            context.problems.push(Problem::error("FD0211", item.place, message).help("`local` is the latency inside"));
        }
        seen.push(key);
        let latency = pair.opt_law("latency").unwrap_or_else(|| values.law("latency"));
        let plan = link(latency.clone(), pair.opt_ratio("loss").unwrap_or_else(|| values.ratio("loss")));
        regions[b * count + a] = plan.clone();
        regions[a * count + b] = plan;
    }
}
