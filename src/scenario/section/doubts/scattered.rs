//! Writes that come to one database or another, so that neither has all of them.

use super::doubt;
use crate::field::Values;
use crate::model::plan::WorldPlan;
use crate::scenario::section::Context;
use crate::units::Ratio;

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
        let pairs = world.scattered_by(service);
        if pairs.is_empty() {
            continue;
        }
        let field = if service.choice.as_ref().is_some_and(|choice| !choice.by_key) { "choose" } else { "first_of" };
        let mut stores: Vec<&str> = pairs
            .iter()
            .flat_map(|(one, other)| [one, other])
            .map(|id| world.databases[id.index()].name.as_str())
            .collect();
        stores.sort_unstable();
        stores.dedup();
        let message = format!("writes of `{path}` come to `{}`, each to one of these", stores.join("` or `"));
        let help = "what one keeps the others lack, and who reads there does not find it: let the services share a database, choose \
                    `by: key`, or bound `db.<database>.missing`";
        context.problems.push(doubt("FD0523", values.place(field), message, help));
    }
}
