//! From a compiled scenario and a seed to a judged outcome.
//!
//! Refuses to read files and to print. Invariant: equal plans and seeds give equal outcomes.

use crate::check::{Check, RunInfo, judge};
use crate::outcome::Outcome;
use crate::scenario::Plan;
use crate::sim::{EVENTS_MAX, Rehearsal, run};

/// Where a plan came from, for the replay line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The scenario file as it was given; `-` if it came from elsewhere.
    pub file: String,
    /// Settings given beside it (`path=value`), in order.
    pub settings: Vec<String>,
}

/// What `plan` says is to be run, with nothing that strikes controllers beside its faults.
pub fn rehearsal(plan: &Plan) -> Rehearsal<'_> {
    Rehearsal {
        world: &plan.world,
        faults: &plan.faults,
        controls: &plan.controls,
        events_max: EVENTS_MAX,
        interruptions: &[],
        trace_calls: false,
    }
}

/// Runs `plan` with `seed` and judges what happened.
pub fn rehearse(plan: &Plan, provenance: &Provenance, seed: u64) -> Outcome {
    let run = run(rehearsal(plan), seed);
    let info = RunInfo {
        scenario: plan.name.clone(),
        file: provenance.file.clone(),
        settings: provenance.settings.clone(),
        description: plan.description.clone(),
        objective: plan.world.availability_objective,
        assumptions: plan.assumptions.clone(),
        stopped: run.stopped,
    };
    judge(run.record, &checks(plan), info)
}

fn checks(plan: &Plan) -> Vec<Check> {
    let check = |property: &crate::scenario::PlannedProperty| Check {
        id: property.id.clone(),
        kind: property.kind,
        expected: plan.expect[&property.id],
        property: property.property.clone(),
    };
    plan.properties.iter().map(check).collect()
}
