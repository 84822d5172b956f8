//! From a compiled scenario and a seed to a judged outcome.
//!
//! Refuses to read files and to print. Invariant: equal plans and seeds give equal outcomes.

use crate::check::{Check, RunInfo, judge};
use crate::fault::Injection;
use crate::outcome::{Outcome, Stopped};
use crate::scenario::Plan;
use crate::sim::{EVENTS_MAX, Rehearsal, run};

/// Where a plan came from, for the replay line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The scenario file as it was given; `-` if it came from elsewhere.
    pub file: String,
    /// Settings given beside it (`path=value`), in order.
    pub settings: Vec<String>,
    /// The file of the written schedule that was given in place of the seed's own, if one was.
    pub schedule: Option<String>,
    /// The text of the scenario, to be kept with what comes out.
    pub text: String,
}

/// What `plan` says is to be run under the written schedule `injections`, with nothing that strikes controllers beside it.
pub fn rehearsal<'a>(plan: &'a Plan, injections: &'a [Injection]) -> Rehearsal<'a> {
    Rehearsal {
        world: &plan.world,
        faults: &plan.faults,
        injections,
        controls: &plan.controls,
        events_max: EVENTS_MAX,
        interruptions: &[],
        trace_calls: false,
    }
}

/// Runs `plan` with `seed`, under the schedule that seed gives, and judges what happened.
pub fn rehearse(plan: &Plan, provenance: &Provenance, seed: u64) -> Outcome {
    rehearse_schedule(plan, &plan.schedule(seed), provenance, seed)
}

/// Runs `plan` with `seed` under the written schedule `injections`, and judges what happened.
pub fn rehearse_schedule(plan: &Plan, injections: &[Injection], provenance: &Provenance, seed: u64) -> Outcome {
    let run = run(rehearsal(plan, injections), seed);
    judge(run.record, &checks(plan), info(plan, provenance, run.stopped))
}

/// Judges the record of `outcome` again, by what `plan` demands: what comes out is `outcome`, if it is a run of that plan
/// and nobody has changed what was said of it.
pub fn judge_again(plan: &Plan, outcome: &Outcome) -> Outcome {
    let provenance = Provenance {
        file: outcome.file.clone(),
        settings: outcome.settings.clone(),
        schedule: outcome.schedule.clone(),
        text: outcome.source.clone(),
    };
    judge(outcome.record.clone(), &checks(plan), info(plan, &provenance, outcome.stopped.clone()))
}

fn info(plan: &Plan, provenance: &Provenance, stopped: Option<Stopped>) -> RunInfo {
    RunInfo {
        scenario: plan.name.clone(),
        file: provenance.file.clone(),
        settings: provenance.settings.clone(),
        schedule: provenance.schedule.clone(),
        description: plan.description.clone(),
        source: provenance.text.clone(),
        objective: plan.world.availability_objective,
        assumptions: plan.assumptions.clone(),
        stopped,
    }
}

fn checks(plan: &Plan) -> Vec<Check> {
    let check = |property: &crate::scenario::PlannedProperty| Check {
        id: property.id.clone(),
        kind: property.kind,
        expected: plan.expect[&property.id].verdict,
        within: plan.expect[&property.id].within.clone(),
        property: property.property.clone(),
    };
    plan.properties.iter().map(check).collect()
}
