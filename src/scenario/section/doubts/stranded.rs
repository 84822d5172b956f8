//! Moves that leave a database behind: where they go there is no copy of it.

use super::doubt;
use crate::control::{Control, MOVES};
use crate::field::Values;
use crate::model::plan::{DatabasePlan, ServicePlan, WorldPlan};
use crate::scenario::section::Context;
use crate::units::RegionId;
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
        let names_some = |values: &Values| values.kind.field("databases").is_some();
        let Some((_, values)) = controls.iter().find(|(id, values)| *id == name && names_some(values)) else {
            continue;
        };
        let orders = control.orders(world).into_iter();
        for (procedure, brief) in orders.filter(|(procedure, _)| MOVES.contains(&procedure.as_str())) {
            let (from, to) = (brief.from.as_str(), brief.to.as_str());
            let stays = |database: &&DatabasePlan| !has_copy(database, to, world);
            for database in world.databases.iter().filter(stays) {
                let of = &database.name;
                let named = brief.databases.contains(of);
                let leads = world.regions[database.primary.index()].name == from;
                let needed = leads && needs(world, to, &brief.services, of);
                if !(named || needed) {
                    continue;
                }
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

/// Whether the region holds a copy of it.
fn has_copy(database: &DatabasePlan, region: &str, world: &WorldPlan) -> bool {
    let copies = std::iter::once(database.primary).chain(database.replicas.iter().map(|replica| replica.region));
    copies.map(RegionId::index).any(|copy| world.regions[copy].name == region)
}

/// Whether one of `services` in the region, or any if none is named, uses the database.
fn needs(world: &WorldPlan, region: &str, services: &[String], database: &str) -> bool {
    let wanted = |service: &&ServicePlan| {
        let here = world.regions[service.region.index()].name == region;
        here && (services.is_empty() || services.contains(&service.name))
    };
    let mut used = world.services.iter().filter(wanted).flat_map(ServicePlan::databases);
    used.any(|id| world.databases[id.index()].name == database)
}
