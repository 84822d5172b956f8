//! Writes that come to one database or another, so that neither has all of them.

use super::doubt;
use crate::field::Values;
use crate::model::plan::{ServicePlan, WorldPlan};
use crate::scenario::section::Context;
use crate::units::{Ratio, ServiceId};

/// Warns of each service whose choice, or second choice, is between services that keep data in different databases.
pub(super) fn warn(world: &WorldPlan, ledger: &[(String, Values)], context: &mut Context<'_>) {
    if world.workloads.iter().all(|workload| workload.writes == Ratio::ZERO) {
        return;
    }
    for service in &world.services {
        let path = format!("regions.{}.services.{}", world.regions[service.region.index()].name, service.name);
        let Some((_, values)) = ledger.iter().find(|(of, values)| *of == path && values.kind.name == "service") else {
            continue;
        };
        if let Some(stores) = scattered(world, service.first_of.iter().copied()) {
            let what = format!("writes of `{path}` come to {stores} by which of `first_of` answers");
            let help = "what one keeps the others lack, and no ledger counts that as lost: let them share a database, bring the \
                        writes back by hand, or send only reads this way";
            context.problems.push(doubt("FD0523", values.place("first_of"), what, help));
        }
        if let Some(stores) = by_request(service).and_then(|arms| scattered(world, arms.into_iter())) {
            let what = format!("writes of `{path}` come to {stores} by chance, request by request");
            let help = "a client that reads what it has written finds some of it, and no ledger counts the rest as lost: choose \
                        `by: key`, let them share a database, or use `dual_write`";
            context.problems.push(doubt("FD0523", values.place("choose"), what, help));
        }
    }
}

/// The services that are chosen from request by request.
fn by_request(service: &ServicePlan) -> Option<Vec<ServiceId>> {
    let choice = service.choice.as_ref().filter(|choice| !choice.by_key)?;
    let shares = choice.shares.iter().filter(|(_, share)| *share != Ratio::ZERO);
    Some(shares.map(|(service, _)| *service).collect())
}

/// The databases that requests reach behind `services`, if these are not the same for each.
fn scattered(world: &WorldPlan, services: impl Iterator<Item = ServiceId>) -> Option<String> {
    let behind: Vec<Vec<String>> =
        services.map(|service| world.databases_behind(service)).filter(|behind| !behind.is_empty()).collect();
    let first = behind.first()?;
    if behind.iter().all(|other| other == first) {
        return None;
    }
    let mut all: Vec<String> = behind.concat().iter().map(|name| format!("`{name}`")).collect();
    all.sort_unstable();
    all.dedup();
    Some(all.join(" or "))
}
