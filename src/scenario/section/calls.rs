//! Whom services call: `calls`, `remote_calls`, `choose`, `first_of` of a service.
//!
//! Does not know how calls are made. Invariants: calls do not run in a circle; what is called is there; a request passes no
//! more places than a job can count.

use super::{Context, Named};
use crate::field::{Field, FieldType, Kind, Node, Place, Problem, Reference, Referent, Value, Values};
use crate::model::plan::{ChoicePlan, MOST_PLACES, ServicePlan, lengths};
use crate::units::{Ratio, RegionId, ServiceId, Span};

/// The most services that are asked in turn: a job knows its leg by three bits.
const MOST_IN_TURN: usize = 8;

pub(super) const CHOOSE: Kind = Kind::new(
    "choose",
    "Of several services a request reaches one: a gateway's share of traffic to a new version, model or system.",
    &[
        Field::required(
            "shares",
            FieldType::Per(Referent::Service, &FieldType::Ratio),
            "The share of requests that each gets, together 100%: `{orders: 95%, orders-new: 5%}`.",
        ),
        Field::with(
            "by",
            FieldType::Choice(&["request", "key"]),
            "request",
            "product default: a gateway draws for each request, tries again included",
            "What decides: each request by itself, or its key, so that the same one comes to the same service each time. \
             Where the services keep data of their own, by request a client finds some of what it has written, and not the rest.",
        ),
    ],
);

/// The services of `region` in the list `field`.
pub(super) fn within(values: &Values, field: &str, region: RegionId, context: &Context<'_>) -> Vec<ServiceId> {
    values.references(field).filter_map(|called| context.scope.service_in(&called.name, region)).collect()
}

/// The services of other regions than `region` that are called, if they are there.
pub(super) fn elsewhere(values: &Values, region: RegionId, context: &mut Context<'_>) -> Vec<ServiceId> {
    let mut found = Vec::new();
    for (called, item) in values.opt_per("remote_calls").unwrap_or_default() {
        let Value::Reference(there) = &item.value else { continue };
        let id = RegionId(u16::try_from(there.index).unwrap_or(u16::MAX));
        if id == region {
            let message = format!("`{}` of its own region is no remote call", called.name);
            context.refuse("FD0247", there.place, message, "name it under `calls`, or name another region");
            continue;
        }
        match context.scope.service_in(&called.name, id) {
            Some(service) => found.push(service),
            None => {
                let message = format!("region `{}` has no service `{}`", there.name, called.name);
                context.refuse("FD0206", there.place, message, "name a region that has it, or declare it there");
            }
        }
    }
    found
}

/// Of which services it calls one.
pub(super) fn choice(path: &str, values: &Values, region: RegionId, context: &mut Context<'_>) -> Option<ChoicePlan> {
    let table = values.opt_table("choose")?;
    context.keep(format!("{path}.choose"), table);
    let shares: Vec<(&Reference, Ratio)> = shares(table).collect();
    let sum = shares.iter().fold(0_u64, |sum, (_, share)| sum.saturating_add(share.as_ppb()));
    if sum != Ratio::ONE.as_ppb() {
        let message = format!("the shares add up to {}, not to 100%", Ratio::from_ppb(sum));
        context.refuse("FD0247", table.place("shares"), message, "each request comes to one of the services");
    }
    let shares = shares
        .into_iter()
        .filter_map(|(called, share)| Some((context.scope.service_in(&called.name, region)?, share)))
        .collect();
    Some(ChoicePlan { shares, by_key: table.text("by") == "key" })
}

fn shares(table: &Values) -> impl Iterator<Item = (&Reference, Ratio)> {
    table.per("shares").iter().filter_map(|(called, item)| match item.value {
        Value::Ratio(share) => Some((called, share)),
        _ => None,
    })
}

/// How long it waits for those that it calls in turn or elsewhere.
pub(super) fn timeout(values: &Values, context: &mut Context<'_>) -> Option<Span> {
    let timeout = values.opt_span("call_timeout");
    let in_turn = values.list("first_of").len();
    let waits = in_turn > 0 || values.opt_per("remote_calls").is_some_and(|calls| !calls.is_empty());
    if timeout.is_some() && !waits {
        let message = "`call_timeout` has no effect: it is for `first_of` and `remote_calls`";
        context.refuse(
            "FD0247",
            values.place("call_timeout"),
            message,
            "remove it, or name services under one of these",
        );
    }
    if in_turn == 1 {
        let message = "`first_of` names one service, so that there is none to ask next";
        context.refuse("FD0247", values.place("first_of"), message, "name another, or call it under `calls`");
    }
    if in_turn > MOST_IN_TURN {
        let message = format!("`first_of` names {in_turn} services");
        context.refuse("FD0247", values.place("first_of"), message, &format!("name {MOST_IN_TURN} at most"));
    }
    let twice = |name: &str| format!("`first_of` names `{name}` twice");
    context.refuse_twice(values.references("first_of"), twice, "whoever failed is not asked again: remove one");
    timeout
}

/// Every service of the same region that it calls, and where that is written.
fn called(values: &Values) -> impl Iterator<Item = (&str, Place)> {
    let chosen = values.opt_table("choose").into_iter().flat_map(shares).map(|(called, _)| called);
    let all = values.references("calls").chain(values.references("first_of")).chain(chosen);
    all.map(|called| (called.name.as_str(), called.place))
}

/// Calls must stay inside the region, unless they are said to leave it, and must not run in a circle.
pub(super) fn check_inside(services: &[Named], region: &str, context: &mut Context<'_>) {
    let mut calls: Vec<Vec<usize>> = Vec::new();
    for service in services {
        let mut targets = Vec::new();
        for (name, place) in service.values.iter().flat_map(called) {
            match services.iter().position(|other| other.name == name) {
                Some(target) => targets.push(target),
                None => {
                    let message = format!("`{}` calls `{name}`, which region `{region}` does not have", service.name);
                    let help = "declare the service there, or name the region under `remote_calls`";
                    context.refuse("FD0206", place, message, help);
                }
            }
        }
        calls.push(targets);
    }
    if let Some(cycle) = cycle(&calls) {
        let names: Vec<_> = cycle.iter().chain(cycle.first()).map(|at| services[*at].name.as_str()).collect();
        let message = format!("circular calls: {}", names.join(" → "));
        let problem = Problem::error("FD0207", services[cycle[0]].place, message);
        context.problems.push(problem.help("a request would never end: remove one of the calls"));
    }
}

/// Calls that leave their region must not come back in a circle, and no request may pass too many places. `None`: they do.
pub(super) fn check_routes(services: &[ServicePlan], regions: &Node, context: &mut Context<'_>) -> Option<()> {
    let calls: Vec<Vec<usize>> = services.iter().map(|plan| plan.called().map(ServiceId::index).collect()).collect();
    let Some(lengths) = lengths(services) else {
        let named = |at: &usize| format!("{} of {}", services[*at].name, name_of(services[*at].region, regions));
        if let Some(cycle) = cycle(&calls).filter(|cycle| cycle.iter().any(|at| leaves(&services[*at], services))) {
            let names: Vec<String> = cycle.iter().chain(cycle.first()).map(named).collect();
            let message = format!("circular calls: {}", names.join(" → "));
            let help = "a request would never end: remove one of the calls";
            context.refuse("FD0207", place_of(&services[cycle[0]], regions), message, help);
        }
        return None;
    };
    let longest = lengths.iter().zip(services).max_by_key(|(length, _)| **length)?;
    if *longest.0 > MOST_PLACES {
        let message = format!("requests to `{}` pass {} places, calls of calls included", longest.1.name, longest.0);
        let help = format!("a request may pass {MOST_PLACES}: model services that do the same work as one");
        context.refuse("FD0248", place_of(longest.1, regions), message, &help);
        return None;
    }
    Some(())
}

fn leaves(plan: &ServicePlan, services: &[ServicePlan]) -> bool {
    plan.called().any(|called| services[called.index()].region != plan.region)
}

fn name_of(region: RegionId, regions: &Node) -> &str {
    regions.entries().get(region.index()).map_or("", |entry| entry.key.as_str())
}

fn place_of(plan: &ServicePlan, regions: &Node) -> Place {
    let services = regions.entries().get(plan.region.index()).and_then(|region| region.value.get("services"));
    let entry = services.and_then(|services| services.entries().iter().find(|entry| entry.key == plan.name));
    entry.map_or(regions.place, |entry| entry.key_place)
}

/// The services on a circle of calls, if there is one. Without recursion: a chain may be as long as the list.
fn cycle(calls: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut finished = vec![false; calls.len()];
    for start in 0..calls.len() {
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, next)) = path.pop() {
            if finished[at] {
                continue;
            }
            let Some(target) = calls[at].get(next) else {
                finished[at] = true;
                continue;
            };
            path.push((at, next + 1));
            if let Some(first) = path.iter().position(|(on_path, _)| on_path == target) {
                return Some(path[first..].iter().map(|(at, _)| *at).collect());
            }
            path.push((*target, 0));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_calls_is_found_wherever_it_begins() {
        assert_eq!(cycle(&[vec![1], vec![2], vec![]]), None);
        assert_eq!(cycle(&[vec![1, 2], vec![2], vec![]]), None);
        assert_eq!(cycle(&[vec![1], vec![2], vec![1]]), Some(vec![1, 2]));
        assert_eq!(cycle(&[vec![0]]), Some(vec![0]));
    }
}
