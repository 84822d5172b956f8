//! Populations so small that one member of them decides.

use super::{doubt, expressions};
use crate::field::Values;
use crate::model::plan::{Ages, WorkloadPlan, WorldPlan};
use crate::scenario::section::Context;
use crate::units::{Ratio, Span};

/// The fewest caches whose renewals are spread well enough that one instant says little: each is a tenth of all clients.
/// The figure is ours.
const FEW: u32 = 10;

pub(super) fn warn(world: &WorldPlan, properties: &[(&str, &Values)], context: &mut Context<'_>) {
    let bounds = bounds(properties);
    let resolvers = &world.resolvers;
    let at_resolvers = context.root.get("resolvers").map_or(context.root.place, |node| node.place);
    if resolvers.violator_ttl > world.dns.ttl {
        let of = ("resolvers that ignore the TTL", "resolvers.count");
        share(of, (resolvers.violators, resolvers.count), &bounds, at_resolvers, context);
    }
    for workload in &world.workloads {
        let place = context.scope.place(crate::field::Referent::Workload, &workload.name).unwrap_or(context.root.place);
        share(("groups that never ask again", "groups"), (workload.pinned, workload.groups), &bounds, place, context);
    }
    let recovers = properties.iter().any(|(_, values)| values.kind.name == "recovers");
    if recovers && resolvers.ages == Ages::Even && names_move(world) {
        warn_in_step(world, at_resolvers, context);
    }
}

/// The shares that properties let fail, each with its text.
fn bounds(properties: &[(&str, &Values)]) -> Vec<(Ratio, String)> {
    let texts = properties.iter().flat_map(|(_, values)| expressions(values)).filter(|(field, ..)| *field == "holds");
    let mut bounds = Vec::new();
    for (_, text, _) in texts {
        let words: Vec<&str> = text.split_whitespace().collect();
        for window in words.windows(2) {
            let Ok(bound) = window[1].trim_end_matches(')').parse::<Ratio>() else { continue };
            let rest = Ratio::from_ppb(Ratio::ONE.as_ppb().saturating_sub(bound.as_ppb()));
            match window[0] {
                ">=" | ">" if text.contains("success") => bounds.push((rest, text.to_owned())),
                "<=" | "<" if text.contains("errors") => bounds.push((bound, text.to_owned())),
                _ => {}
            }
        }
    }
    bounds
}

/// Warns if a bound lies between two numbers of members that the seed decides between.
fn share(
    (who, field): (&str, &str),
    (share, count): (Ratio, u32),
    bounds: &[(Ratio, String)],
    place: crate::field::Place,
    context: &mut Context<'_>,
) {
    let one = u128::from(Ratio::ONE.as_ppb());
    let expected = u128::from(share.as_ppb()) * u128::from(count);
    let (fewest, is_whole) = (expected / one, expected.is_multiple_of(one));
    if is_whole || count == 0 {
        return;
    }
    let part = |members: u128| Ratio::from_ppb(u64::try_from(members * one / u128::from(count)).unwrap_or(u64::MAX));
    let (low, high) = (part(fewest), part(fewest + 1));
    // On the bound itself, whatever else fails crosses it.
    let Some((bound, text)) =
        bounds.iter().find(|(bound, _)| low < *bound && *bound <= high || low <= *bound && *bound < high)
    else {
        return;
    };
    let message = format!(
        "{share} of {count} is not a whole number: depending on the seed, {low} or {high} of all are {who}, and \
         `{text}` allows {bound}"
    );
    let help = format!("raise `{field}` until the share is a whole number of them, or choose a share that is one");
    context.problems.push(doubt("FD0512", place, message, help));
}

/// Whether anything can make caches renew what they hold to another end.
fn names_move(world: &WorldPlan) -> bool {
    let by_names = !world.controllers.is_empty() || !world.dns.changes.is_empty() || world.dns.planning.is_some();
    world.dns.ttl > Span::ZERO && (by_names || world.dns.records.iter().any(|record| record.failover.is_some()))
}

/// A few caches that begin at ages spread evenly renew at the same instants in every run.
fn warn_in_step(world: &WorldPlan, place: crate::field::Place, context: &mut Context<'_>) {
    let groups = |workload: &WorkloadPlan| workload.groups;
    let resolvers = world.resolvers.count;
    let caches = if resolvers == 0 { world.workloads.iter().map(groups).max().unwrap_or(0) } else { resolvers };
    if caches == 0 || caches >= FEW || world.workloads.iter().all(|workload| workload.keep_alive == Some(Span::MAX)) {
        return;
    }
    let what = if resolvers == 0 { "groups of clients" } else { "resolvers" };
    let (ttl, each) = (world.dns.ttl, 100 / caches);
    let message = format!(
        "{caches} {what}, each {each} % of clients, refresh their answers in lockstep, at the same instants of {ttl} \
         in every run: the recovery time is {} of timing, the same for every seed",
        if caches == 1 { "an accident" } else { "one of a few accidents" }
    );
    let help = "leave `resolvers.ages` out, so that ages are drawn, or use more of them";
    context.problems.push(doubt("FD0515", place, message, help));
}
