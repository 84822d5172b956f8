//! Writes that nothing keeps: none of them can be found lost.

use super::doubt;
use crate::field::Values;
use crate::model::plan::{WorkloadPlan, WorldPlan};
use crate::scenario::section::Context;
use crate::units::{Ratio, ServiceId};

/// Warns of each population that is said to write, and calls nothing that keeps data.
pub(super) fn warn(world: &WorldPlan, ledger: &[(String, Values)], context: &mut Context<'_>) {
    for workload in world.workloads.iter().filter(|workload| workload.writes_unkept && workload.writes != Ratio::ZERO) {
        let path = format!("workload.{}", workload.name);
        let written = ledger.iter().find(|(of, values)| *of == path && values.kind.name == "client");
        let Some((_, clients)) = written.filter(|_| !has_data_behind(world, workload)) else { continue };
        let message =
            format!("what `{path}` writes is kept nowhere: no service that it calls has a database or a bucket");
        let help = "give the service a `database` or a `bucket`; or leave the writes out, if nobody keeps them";
        context.problems.push(doubt("FD0521", clients.place("mix"), message, help));
    }
}

/// Whether anything that these clients call keeps data.
pub(super) fn has_data_behind(world: &WorldPlan, workload: &WorkloadPlan) -> bool {
    let calls = |name: &str| workload.services().any(|called| called == name);
    let ids = (0..).map(ServiceId).zip(&world.services);
    ids.filter(|(_, service)| calls(&service.name)).any(|(id, _)| world.keeps_data_behind(id))
}
