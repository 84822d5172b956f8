//! `regions`: where services run.

use super::provider::UNNAMED;
use super::{Context, Named};
use crate::field::{Field, FieldType, Kind, Problem, Reference, Referent, Value, Values};
use crate::model::plan::{RegionPlan, Role};
use crate::units::{ProviderId, RegionId, ServiceId};

/// Most zones of a region; the large providers have three to five.
pub(super) const MOST_ZONES: u64 = 16;

pub(super) const REGION: Kind = Kind::new(
    "region",
    "A place where services run.",
    &[
        Field::derived(
            "provider",
            FieldType::Reference(Referent::Provider),
            "the first provider declared",
            "",
            "Who runs it.",
        ),
        Field::derived(
            "role",
            FieldType::Choice(&["primary", "secondary"]),
            "the first region without a role is primary if no other is, the rest are secondary",
            "",
            "Whether it serves from the start or is a failover target.",
        ),
        Field::with(
            "zones",
            FieldType::Count { min: 1, max: MOST_ZONES },
            "1",
            "product default: say how many yours has in order to rehearse losing one",
            "The number of availability zones over which the servers of each service are spread evenly.",
        ),
        Field::optional("like", FieldType::Text, "Another region whose fields it inherits, except `role`."),
        Field::empty("services", FieldType::Any, "The services it runs."),
    ],
);

/// Fields that `like` does not copy.
pub(in crate::scenario) const OWN: [&str; 2] = ["like", "role"];

pub(in crate::scenario) fn build(context: &mut Context<'_>) -> Option<Vec<RegionPlan>> {
    let mut regions = context.named("regions", &REGION);
    if regions.is_empty() {
        let place = context.node("regions").place;
        context.refuse("FD0201", place, "no region is declared", "declare one: `regions: {home: {services: …}}`");
        return None;
    }
    settle(&mut regions, context);
    check_roles(&regions, context);
    let mut plans = Vec::new();
    for (index, region) in regions.into_iter().enumerate() {
        let id = RegionId(u16::try_from(index).unwrap_or(u16::MAX));
        plans.push(region.values.map(|values| plan(context, region.name, id, &values)));
    }
    super::all(plans)
}

fn plan(context: &mut Context<'_>, name: String, id: RegionId, values: &Values) -> RegionPlan {
    context.keep(format!("regions.{name}"), values);
    let services: Vec<ServiceId> = context.scope.services(None, Some(id));
    RegionPlan {
        name,
        provider: values.opt_reference("provider").map_or(ProviderId(0), |_| values.provider("provider")),
        role: role(values),
        zones: values.count_u32("zones"),
        services,
    }
}

/// The role of a region whose role is settled.
fn role(values: &Values) -> Role {
    if values.opt_text("role") == Some("primary") { Role::Primary } else { Role::Secondary }
}

/// Gives every region the provider and role it has by default.
fn settle(regions: &mut [Named], context: &Context<'_>) {
    let first = context.scope.names(Referent::Provider).next().unwrap_or(UNNAMED).to_owned();
    let mut open = !regions.iter().flat_map(|region| &region.values).any(|values| role(values) == Role::Primary);
    for values in regions.iter_mut().filter_map(|region| region.values.as_mut()) {
        let place = values.place;
        values.settle("provider", Value::Reference(Reference { name: first.clone(), index: 0, place }));
        if values.opt_text("role").is_none() {
            let role = if open { "primary" } else { "secondary" };
            values.settle("role", Value::Text(role.to_owned()));
            open = false;
        }
    }
}

fn check_roles(regions: &[Named], context: &mut Context<'_>) {
    let known: Vec<_> = regions.iter().filter_map(|region| Some((region, region.values.as_ref()?))).collect();
    let mut primaries = known.iter().filter(|(_, values)| role(values) == Role::Primary);
    match (primaries.next(), primaries.next()) {
        (Some((first, _)), Some((second, values))) => {
            let message = format!("two primary regions: `{}` and `{}`", first.name, second.name);
            let problem = Problem::error("FD0202", values.place("role"), message)
                .help("make one of them `role: secondary`")
                .note(first.place, "the first one is here");
            context.problems.push(problem);
        }
        (None, _) if known.len() == regions.len() => {
            let message = "no region is primary, so nothing serves from the start";
            context.refuse("FD0201", regions[0].place, message, "make one of them `role: primary`");
        }
        _ => {}
    }
}
