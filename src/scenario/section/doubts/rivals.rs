//! Controllers that do not know of each other: watches that wait for the same failure, and plans that overlap in time; and
//! those that share a lease and do not do the same.
//!
//! Does not know what a procedure does. Invariant: nothing is said of watches that leave different regions, run different
//! procedures, move different things, or share a lease.

use super::doubt;
use crate::control::Control;
use crate::field::Values;
use crate::model::plan::{ControllerPlan, WorldPlan};
use crate::scenario::section::Context;
use crate::units::Span;
use std::sync::Arc;

/// Warns of plans that begin while another may still be under way that moves the same.
pub(super) fn warn_of_plans<'a>(controls: &[(&'a str, &'a Values)], context: &mut Context<'_>) {
    let plan = |(name, values): &(&'a str, &'a Values)| {
        // When one that waits for an event begins is not known.
        let at = Some(values).filter(|values| values.kind.name == "run")?.opt_span("at")?;
        Some((at, *name, *values))
    };
    let mut plans: Vec<_> = controls.iter().filter_map(plan).collect();
    plans.sort_by_key(|(at, ..)| *at);
    for (index, (at, later, values)) in plans.iter().enumerate() {
        let at = *at;
        let under_way = |from: Span, other: &Values| other.opt_span("limit").is_some_and(|limit| from + limit > at);
        let moves_same = |other: &Values| ["databases", "records"].iter().any(|field| may_share(values, other, field));
        let before = plans[..index].iter().find(|(from, _, other)| under_way(*from, other) && moves_same(other));
        let Some((from, earlier, other)) = before else { continue };
        let message = format!(
            "`{later}` begins at {at:#}, and `{earlier}`, which begins at {:#} and may take {:#}, does not know of it",
            from,
            other.opt_span("limit").unwrap_or(at)
        );
        let help = "begin it later, or name different `databases` and `records`";
        context.problems.push(doubt("FD0520", values.place("at"), message, help.to_owned()));
    }
}

/// Whether two lists of names may have one in common: none named means all.
fn may_share(one: &Values, other: &Values, field: &str) -> bool {
    let names =
        |values: &Values| -> Vec<String> { values.references(field).map(|reference| reference.name.clone()).collect() };
    let (one, other) = (names(one), names(other));
    one.is_empty() || other.is_empty() || one.iter().any(|name| other.contains(name))
}

/// Refuses watches of the same failure without a common lease, and a common lease of those that do not do the same.
pub(super) fn refuse(
    world: &WorldPlan,
    acting: &[Arc<dyn Control>],
    controls: &[(&str, &Values)],
    context: &mut Context<'_>,
) {
    let all: Vec<(&ControllerPlan, &Arc<dyn Control>)> = world.controllers.iter().zip(acting).collect();
    for (index, (later, control)) in all.iter().enumerate() {
        let Some(why) = all[..index].iter().find_map(|(earlier, other)| {
            let shared = later.lease.is_some() && later.lease == earlier.lease;
            match shared {
                true => different(world, (&later.name, control), (&earlier.name, other)),
                false => rivals(world, (&later.name, control), (&earlier.name, other)),
            }
        }) else {
            continue;
        };
        let own = controls.iter().find(|(id, values)| *id == later.name && values.kind.field("lease").is_some());
        let place = own.map_or(context.root.place, |(_, values)| values.place);
        let (message, help) = why;
        context.refuse("FD0244", place, message, help);
    }
}

/// A controller with its name.
type NamedControl<'a> = (&'a str, &'a Arc<dyn Control>);

/// What is wrong with two that act without knowing of each other, if they are after the same.
fn rivals(
    world: &WorldPlan,
    (later, control): NamedControl<'_>,
    (earlier, other): NamedControl<'_>,
) -> Option<(String, &'static str)> {
    let leaves = |control: &Arc<dyn Control>| {
        control.acts_after(world)?;
        control.orders(world).into_iter().next()
    };
    let (mine, theirs) = (leaves(control)?, leaves(other)?);
    let same = mine.0 == theirs.0 && mine.1.contends_with(&theirs.1, !world.databases.is_empty());
    let message = format!(
        "`{later}` and `{earlier}` both run `{}` when {} fails, and neither knows of the other",
        mine.0, mine.1.from
    );
    let help = "let them share a lease (`lease: {name: pilot}` in both), so that one acts and the other stands by; or let \
                one of them move everything; or name different `databases` and `records`";
    same.then_some((message, help))
}

/// What is wrong with two that share a lease, if they do not do the same.
fn different(
    world: &WorldPlan,
    (later, control): NamedControl<'_>,
    (earlier, other): NamedControl<'_>,
) -> Option<(String, &'static str)> {
    let does = |control: &Arc<dyn Control>| {
        (control.orders(world), control.procedures(), control.acts_after(world).is_some(), control.is_drill())
    };
    let message = format!("`{later}` and `{earlier}` share a lease, but do not do the same");
    let help = "the one that takes over finishes what the other began: give both the same fields but for `id` and \
                `runs_in`, or leases of different names";
    (does(control) != does(other) || control.waits_for() != other.waits_for()).then_some((message, help))
}
