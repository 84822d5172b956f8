//! When an interruption was planned: the windows of a run, from what the scenario says about them.
//!
//! Owns nothing. Does not know what an interruption is.

use crate::model::plan::MaintenancePlan;
use crate::record::{ControlRun, Period, RunState, Timeline};
use crate::units::Span;

/// The windows of a run with this timeline, in the order of `plans`.
pub(super) fn windows(plans: &[MaintenancePlan], timeline: &Timeline, stable: Span) -> Vec<Period> {
    plans.iter().flat_map(|plan| of_plan(plan, timeline, stable)).collect()
}

fn of_plan(plan: &MaintenancePlan, timeline: &Timeline, stable: Span) -> Vec<Period> {
    let procedure = match plan {
        MaintenancePlan::Window(from, until) => return vec![Period { from: *from, until: Some(*until) }],
        MaintenancePlan::During(procedure) => procedure,
    };
    let runs = ControlRun::all(timeline).into_iter();
    let began = runs.filter(|run| run.name == procedure && run.state != RunState::Planned);
    began.map(|run| Period { from: run.from, until: run.until.map(|until| until.saturating_add(stable)) }).collect()
}
