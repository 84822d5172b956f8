//! `network`: how long messages take, and how many are lost.

use super::{Context, azure};
use crate::field::{
    Field, FieldType, Item, Kind, MapEntry, Node, NodeValue, Origin, Place, Problem, Reference, Referent, Value,
    Values, decode,
};
use crate::kernel::Distribution;
use crate::model::plan::{LinkPlan, NetworkPlan};
use crate::units::Ratio;

pub(super) const LINK: Kind = Kind::new(
    "link",
    "The link between two regions, the same in both directions.",
    &[
        Field::required("a", FieldType::Reference(Referent::Region), "One region."),
        Field::required("b", FieldType::Reference(Referent::Region), "The other."),
        Field::optional("latency", FieldType::Distribution, "One-way latency. Left out: the network's."),
        Field::optional("loss", FieldType::Ratio, "The share of messages lost. Left out: the network's."),
    ],
);

pub(super) const NETWORK: Kind = Kind::new(
    "network",
    "Latency and loss of messages.",
    &[
        Field::with(
            "clients",
            FieldType::AllOrPer(Referent::Region, &FieldType::Distribution),
            "10ms",
            "Azure network latency tables: round trips of about 20 ms within a continent",
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
            FieldType::Distribution,
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
            FieldType::Distribution,
            "500us",
            "product default: round trips of 1 to 2 ms inside a region",
            "One-way latency inside a region.",
        ),
        Field::optional(
            "preset",
            FieldType::Choice(&[azure::NAME]),
            "Published figures instead of `latency`, `local` and, with `clients_at`, `clients`. Entries under \
             `between` take precedence.",
        ),
        Field::empty(
            "places",
            FieldType::Per(Referent::Region, &FieldType::Choice(azure::PLACES)),
            "With a preset: the location of each region, if its name does not say it.",
        ),
        Field::optional(
            "clients_at",
            FieldType::Choice(azure::PLACES),
            "With a preset: the location of clients. Left out: `clients` gives their latency.",
        ),
        Field::with(
            "jitter",
            FieldType::Decimal { min: 0.0, max: 2.0 },
            "0.05",
            "product default: round trips vary by about 5 % around the published median",
            "With a preset: standard deviation of the natural logarithm of the latency. 0: no jitter.",
        ),
        Field::empty("between", FieldType::List(&FieldType::Table(&LINK)), "Overrides for pairs of regions."),
    ],
);

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<NetworkPlan> {
    let values = context.table(&NETWORK)?;
    let count = context.scope.names(Referent::Region).count();
    let places = values.opt_text("preset").map(|_| places(count, &values, context));
    let client = |region: usize| match (&places, values.opt_text("clients_at")) {
        (Some(places), Some(at)) => {
            published(at, places[region]?, &values, context).map(|latency| link(latency, values.ratio("client_loss")))
        }
        _ => client_link(region, &values, context),
    };
    let clients = super::all((0..count).map(client).collect());
    let mut regions = vec![link(values.distribution("latency").clone(), values.ratio("loss")); count * count];
    for region in 0..count {
        regions[region * count + region] = link(values.distribution("local").clone(), Ratio::ZERO);
    }
    if let Some(places) = &places {
        lay_published(places, &values, &mut regions, context);
    }
    lay_links(&values, &mut regions, count, context);
    let plan = NetworkPlan { clients: clients?, regions };
    let kept = if places.is_some() { in_force(&values, &plan, context) } else { values };
    context.keep("network", &kept);
    Some(plan)
}

/// What is written, with the published figures that are in effect in its place: what `explain` shows.
fn in_force(values: &Values, plan: &NetworkPlan, context: &mut Context<'_>) -> Values {
    let names: Vec<String> = context.scope.names(Referent::Region).map(str::to_owned).collect();
    let azure = Origin::Preset(azure::NAME);
    let place = Place::beginning(azure);
    let mut shown = values.clone();
    shown.overrule("latency", None, azure);
    let local = plan.regions.first().map(|link| Value::Distribution(link.latency.clone()));
    shown.overrule("local", local, azure);
    if values.value("clients_at").is_some() {
        let each = names.iter().zip(&plan.clients).enumerate().map(|(index, (name, link))| {
            let reference = Reference { name: name.clone(), index, place };
            (reference, Item { place, value: Value::Distribution(link.latency.clone()) })
        });
        shown.overrule("clients", Some(Value::Per(each.collect())), azure);
    }
    let mut between = values.list("between").to_vec();
    for (a, b) in (0..names.len()).flat_map(|a| (a + 1..names.len()).map(move |b| (a, b))) {
        let joins = |item: &Item| matches!(&item.value, Value::Table(link) if pair_of(link) == (a, b));
        if !between.iter().any(joins) {
            let link = bare_link([&names[a], &names[b]], place, context).map(Value::Table);
            between.extend(link.map(|value| Item { place, value }));
        }
        let link = between.iter_mut().find(|item| joins(item));
        if let Some(Item { value: Value::Table(link), .. }) = link
            && link.value("latency").is_none()
        {
            let latency = plan.regions[a * names.len() + b].latency.clone();
            link.overrule("latency", Some(Value::Distribution(latency)), azure);
        }
    }
    shown.replace("between", Value::List(between));
    shown
}

/// A link of which nothing is said but what it joins.
fn bare_link(ends: [&str; 2], place: Place, context: &mut Context<'_>) -> Option<Values> {
    let entry = |(key, name): (&str, &str)| MapEntry {
        key: key.to_owned(),
        key_place: place,
        value: Node::scalar(name, place),
    };
    let entries = ["a", "b"].into_iter().zip(ends).map(entry).collect();
    decode(&LINK, &Node { place, value: NodeValue::Map(entries) }, context.scope, context.problems)
}

/// The regions that a link joins, the first declared first.
fn pair_of(link: &Values) -> (usize, usize) {
    let (a, b) = (link.reference("a").index, link.reference("b").index);
    (a.min(b), a.max(b))
}

/// Where each region is, by its number; `None`: nobody says.
fn places(count: usize, values: &Values, context: &mut Context<'_>) -> Vec<Option<&'static str>> {
    let mut places = Vec::new();
    for region in 0..count {
        let written = values.per("places").iter().find(|(reference, _)| reference.index == region);
        let name = context.scope.names(Referent::Region).nth(region).unwrap_or("?").to_owned();
        let place = match written.map(|(_, item)| &item.value) {
            Some(Value::Text(place)) => azure::place_of(place),
            _ => azure::place_of(&name),
        };
        if place.is_none() {
            let message = format!("the preset does not know where region `{name}` is");
            let help = format!("say so under `places`: {}", azure::PLACES.join(", "));
            context.refuse("FD0237", values.place("preset"), message, &help);
        }
        places.push(place);
    }
    places
}

/// The published latency between two places; a problem if there is none.
fn published(a: &str, b: &str, values: &Values, context: &mut Context<'_>) -> Option<Distribution> {
    let distribution = azure::latency(a, b, values.decimal("jitter"));
    if distribution.is_none() {
        let message = format!("the table has no latency between {a} and {b}");
        let help = "give one: under `between` for regions, under `clients` (without `clients_at`) for clients";
        context.refuse("FD0237", values.place("preset"), message, help);
    }
    distribution
}

/// Published latencies between all regions, but for pairs that `between` names.
fn lay_published(
    places: &[Option<&'static str>],
    values: &Values,
    regions: &mut [LinkPlan],
    context: &mut Context<'_>,
) {
    let pair = |item: &Item| match &item.value {
        Value::Table(pair) if pair.value("latency").is_some() => {
            Some((pair.reference("a").index, pair.reference("b").index))
        }
        _ => None,
    };
    let written: Vec<(usize, usize)> = values.list("between").iter().filter_map(pair).collect();
    for a in 0..places.len() {
        for b in a..places.len() {
            let (Some(from), Some(to)) = (places[a], places[b]) else { continue };
            if written.contains(&(a, b)) || written.contains(&(b, a)) {
                continue;
            }
            let Some(latency) = published(from, to, values, context) else { continue };
            for at in [a * places.len() + b, b * places.len() + a] {
                regions[at].latency = latency.clone();
            }
        }
    }
}

const fn link(latency: Distribution, loss: Ratio) -> LinkPlan {
    LinkPlan { latency, loss }
}

fn client_link(region: usize, values: &Values, context: &mut Context<'_>) -> Option<LinkPlan> {
    let entry = values.per("clients").iter().find(|(reference, _)| reference.index == region);
    if let Some(Value::Distribution(distribution)) = entry.map(|(_, item)| &item.value) {
        return Some(link(distribution.clone(), values.ratio("client_loss")));
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
        let key @ (a, b) = pair_of(pair);
        if a == b || seen.contains(&key) {
            let message =
                if a == b { "a link needs two different regions" } else { "this pair of regions is listed twice" };
            context
                .problems
                .push(Problem::error("FD0211", item.place, message).help("`local` is the latency within a region"));
        }
        seen.push(key);
        let latency = pair.opt_distribution("latency").unwrap_or(&regions[a * count + b].latency).clone();
        let plan = link(latency, pair.opt_ratio("loss").unwrap_or_else(|| values.ratio("loss")));
        regions[b * count + a] = plan.clone();
        regions[a * count + b] = plan;
    }
}
