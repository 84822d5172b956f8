//! When an interruption was planned: the windows of a run, from what the scenario says about them.
//!
//! Owns nothing. Does not know what an interruption is.

use crate::model::plan::MaintenancePlan;
use crate::record::event::RunPhase;
use crate::record::{Spell, Timeline};
use crate::units::{Instant, Span};

/// The windows of a run with this timeline, in the order of `plans`.
pub(super) fn windows(plans: &[MaintenancePlan], timeline: &Timeline, stable: Span) -> Vec<Spell> {
    plans.iter().flat_map(|plan| of_plan(plan, timeline, stable)).collect()
}

fn of_plan(plan: &MaintenancePlan, timeline: &Timeline, stable: Span) -> Vec<Spell> {
    let procedure = match plan {
        MaintenancePlan::Window(from, until) => return vec![Spell { from: *from, until: Some(*until) }],
        MaintenancePlan::During(procedure) => procedure,
    };
    let mut found: Vec<Spell> = Vec::new();
    for event in timeline.events() {
        let Some((_, phase)) = event.run().filter(|(name, _)| name == procedure) else { continue };
        if phase == RunPhase::Started {
            found.push(Spell { from: event.at, until: None });
        } else if phase.is_end() {
            let open: Option<&mut Spell> = found.last_mut().filter(|window| window.until.is_none());
            let until: Instant = event.at.saturating_add(stable);
            open.into_iter().for_each(|window| window.until = Some(until));
        }
    }
    found
}
