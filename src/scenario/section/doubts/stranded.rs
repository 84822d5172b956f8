//! Moves that leave a database behind: where they go there is no copy of it.

use super::doubt;
use crate::control::Control;
use crate::field::Values;
use crate::model::plan::{DatabasePlan, WorldPlan};
use crate::procedure::{Brief, Failback, Procedure, RegionFailover};
use crate::scenario::section::Context;
use std::sync::Arc;

/// Warns of each controller that moves a region's traffic away from a database that cannot come along.
pub(super) fn warn(
    world: &WorldPlan,
    acting: &[Arc<dyn Control>],
    controls: &[(&str, &Values)],
    context: &mut Context<'_>,
) {
    let names = world.controllers.iter().map(|controller| controller.name.as_str());
    for (name, control) in names.zip(acting) {
        let Some((_, values)) = controls.iter().find(|(id, _)| *id == name) else { continue };
        let moves =
            |(procedure, _): &(String, Brief)| [RegionFailover::NAME, Failback::NAME].contains(&procedure.as_str());
        for (procedure, brief) in control.orders(world).into_iter().filter(moves) {
            for database in world.databases.iter().filter(|database| is_left(database, &brief, world)) {
                let (of, from, to) = (&database.name, &brief.from, &brief.to);
                let named = brief.databases.contains(of);
                let message = match named {
                    true => {
                        format!("`{procedure}` moves `{of}` from {from} to {to}, but there is no copy of it in {to}")
                    }
                    false => {
                        format!("`{procedure}` moves {from} to {to}, and `{of}`, which {to} needs, has no copy there")
                    }
                };
                let place = if named { values.place("databases") } else { values.place };
                let help = format!("name {to} under the `replicas` of `{of}`, or move to a region that has one");
                context.problems.push(doubt("FD0522", place, message, help));
            }
        }
    }
}

/// Whether a move leaves that database, which is led where it begins, though it was to come along or is needed there.
fn is_left(database: &DatabasePlan, brief: &Brief, world: &WorldPlan) -> bool {
    let region = |name: &String| world.regions.iter().position(|region| region.name == *name);
    let (Some(from), Some(to)) = (region(&brief.from), region(&brief.to)) else { return false };
    let copies = std::iter::once(database.primary).chain(database.replicas.iter().map(|replica| replica.region));
    let is_there = copies.map(crate::units::RegionId::index).any(|copy| copy == to);
    let uses = |name: &String| {
        let wanted = brief.services.is_empty() || brief.services.contains(name);
        let here = |service: &&crate::model::plan::ServicePlan| service.region.index() == to && service.name == *name;
        let of = world.services.iter().find(here).and_then(|service| service.database);
        wanted && of.is_some_and(|id| world.databases[id.index()].name == database.name)
    };
    let needed = database.primary.index() == from && world.services.iter().any(|service| uses(&service.name));
    !is_there && (brief.databases.contains(&database.name) || needed)
}
