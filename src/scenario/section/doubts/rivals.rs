//! Controllers that do not know of each other: watches that wait for the same failure, and plans that overlap in time.
//!
//! Does not know what a procedure does. Invariant: nothing is said of watches that leave different regions, run different
//! procedures, or move different things.

use super::doubt;
use crate::control::Control;
use crate::field::Values;
use crate::model::plan::WorldPlan;
use crate::scenario::section::Context;
use std::sync::Arc;

/// Warns of plans that begin while another may still be under way that moves the same.
pub(super) fn warn_of_plans(controls: &[(&str, &Values)], context: &mut Context<'_>) {
    let mut plans: Vec<_> = controls.iter().filter(|(_, values)| values.kind.name == "run").collect();
    plans.sort_by_key(|(_, values)| values.span("at"));
    for (index, (later, values)) in plans.iter().enumerate() {
        let at = values.span("at");
        let under_way = |other: &Values| other.opt_span("limit").is_some_and(|limit| other.span("at") + limit > at);
        let moves_same = |other: &Values| ["databases", "records"].iter().any(|field| may_share(values, other, field));
        let before = plans[..index].iter().find(|(_, other)| under_way(other) && moves_same(other));
        let Some((earlier, other)) = before else { continue };
        let message = format!(
            "`{later}` begins at {at:#}, and `{earlier}`, which begins at {:#} and may take {:#}, does not know of it",
            other.span("at"),
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

pub(super) fn warn(
    world: &WorldPlan,
    acting: &[Arc<dyn Control>],
    controls: &[(&str, &Values)],
    context: &mut Context<'_>,
) {
    let names = world.controllers.iter().map(|controller| controller.name.as_str());
    let leaves = |control: &Arc<dyn Control>| {
        control.acts_after(world)?;
        control.orders(world).into_iter().next()
    };
    let watches: Vec<_> = names.zip(acting).filter_map(|(name, control)| Some((name, leaves(control)?))).collect();
    for (index, (later, order)) in watches.iter().enumerate() {
        let Some((earlier, _)) =
            watches[..index].iter().find(|(_, other)| order.0 == other.0 && order.1.contends_with(&other.1))
        else {
            continue;
        };
        let Some((_, values)) = controls.iter().find(|(id, values)| id == later && values.kind.name == "watch") else {
            continue;
        };
        let message = format!(
            "`{later}` and `{earlier}` both run `{}` when {} fails, and neither knows of the other",
            order.0, order.1.from
        );
        let help = "let one of them move everything, or name different `databases` and `records`";
        context.problems.push(doubt("FD0520", values.place, message, help.to_owned()));
    }
}
