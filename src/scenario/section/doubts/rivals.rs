//! Watches that wait for the same failure, and do not know of each other.
//!
//! Does not know what a procedure does. Invariant: nothing is said of watches that leave different regions, run different
//! procedures, or move different things.

use super::doubt;
use crate::control::Control;
use crate::field::Values;
use crate::model::plan::WorldPlan;
use crate::scenario::section::Context;
use std::sync::Arc;

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
