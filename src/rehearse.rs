//! From a compiled scenario and a seed to a judged outcome.
//!
//! Does not read files or print. Invariant: equal plans and seeds give equal outcomes.

use crate::check::{Check, RunInfo, judge, overlong};
use crate::fault::Injection;
use crate::outcome::{Outcome, PROGRAM, Stopped};
use crate::record::Record;
use crate::scenario::Plan;
use crate::sim::{EVENTS_MAX, Rehearsal, run, run_watched};
use crate::units::Instant;
use std::collections::BTreeSet;

/// Where a plan came from, for the replay line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The program that runs it, as it is called.
    pub program: String,
    /// The scenario file as it was given; `-` if it came from elsewhere.
    pub file: String,
    /// Settings given beside it (`path=value`), in order.
    pub settings: Vec<String>,
    /// The file of the written schedule that was given in place of the seed's own, if one was.
    pub schedule: Option<String>,
    /// The text of the scenario, to be kept with what comes out.
    pub text: String,
}

impl Default for Provenance {
    /// From nowhere, run by the program that comes with the product.
    fn default() -> Self {
        let (file, settings, schedule, text) = Default::default();
        Self { program: PROGRAM.to_owned(), file, settings, schedule, text }
    }
}

/// What `plan` says is to be run under the written schedule `injections`, without interruptions of controllers.
pub fn rehearsal<'a>(plan: &'a Plan, injections: &'a [Injection]) -> Rehearsal<'a> {
    Rehearsal {
        world: &plan.world,
        faults: &plan.faults,
        injections,
        controls: &plan.controls,
        events_max: EVENTS_MAX,
        interruptions: &[],
        observers: &plan.observers,
        trace_calls: false,
    }
}

/// Runs `plan` with `seed`, under the schedule that seed gives, and judges what happened.
pub fn rehearse(plan: &Plan, provenance: &Provenance, seed: u64) -> Outcome {
    rehearse_schedule(plan, &plan.schedule(seed), provenance, seed)
}

/// Runs `plan` with `seed` under the written schedule `injections`, and judges what happened.
pub fn rehearse_schedule(plan: &Plan, injections: &[Injection], provenance: &Provenance, seed: u64) -> Outcome {
    rehearse_as(plan, rehearsal(plan, injections), provenance, seed)
}

/// The same, saying from time to time how far the run is.
pub fn rehearse_watched(
    plan: &Plan,
    injections: &[Injection],
    provenance: &Provenance,
    seed: u64,
    reached: &dyn Fn(Instant),
) -> Outcome {
    let run = run_watched(rehearsal(plan, injections), seed, reached);
    judged(plan, run.record, info(plan, provenance, run.stopped))
}

/// Runs `rehearsal`, which is one of `plan`, with `seed`, and judges what happened.
pub fn rehearse_as(plan: &Plan, rehearsal: Rehearsal<'_>, provenance: &Provenance, seed: u64) -> Outcome {
    let run = run(rehearsal, seed);
    judged(plan, run.record, info(plan, provenance, run.stopped))
}

/// Judges a record that no rehearsal has made, such as that of a live drill, by what `plan` demands.
pub fn judge_record(plan: &Plan, provenance: &Provenance, record: Record) -> Outcome {
    judged(plan, record, info(plan, provenance, None))
}

/// Judges the record of `outcome` again, by what `plan` demands: what comes out is `outcome`, if it is a run of that plan
/// and nobody has changed what was said of it.
pub fn judge_again(plan: &Plan, outcome: &Outcome) -> Outcome {
    let provenance = Provenance {
        program: outcome.program.clone(),
        file: outcome.file.clone(),
        settings: outcome.settings.clone(),
        schedule: outcome.schedule.clone(),
        text: outcome.source.clone(),
    };
    judged(plan, outcome.record.clone(), info(plan, &provenance, outcome.stopped.clone()))
}

/// What `record` comes to, with what the plan itself leaves in doubt.
fn judged(plan: &Plan, record: Record, info: RunInfo) -> Outcome {
    let waits = overlong(&record, &plan.open_queues());
    let mut outcome = judge(record, &checks(plan), info);
    outcome.warnings.extend(plan.doubts.iter().cloned().chain(waits));
    outcome
}

fn info(plan: &Plan, provenance: &Provenance, stopped: Option<Stopped>) -> RunInfo {
    RunInfo {
        scenario: plan.name.clone(),
        program: provenance.program.clone(),
        file: provenance.file.clone(),
        settings: provenance.settings.clone(),
        schedule: provenance.schedule.clone(),
        description: plan.description.clone(),
        source: provenance.text.clone(),
        bases: plan.bases.clone(),
        assumptions: plan.assumptions.clone(),
        stopped,
        watched: watched(plan),
    }
}

/// The regions that controllers watch, each once.
fn watched(plan: &Plan) -> Vec<String> {
    let regions: BTreeSet<String> = plan.controls.iter().filter_map(|control| control.watches(&plan.world)).collect();
    regions.into_iter().collect()
}

fn checks(plan: &Plan) -> Vec<Check> {
    let check = |property: &crate::scenario::PlannedProperty| Check {
        id: property.id.clone(),
        kind: property.kind,
        expected: plan.expect[&property.id].expected,
        within: plan.expect[&property.id].within.clone(),
        property: property.property.clone(),
    };
    plan.properties.iter().map(check).collect()
}
