//! Judging one record: every property, the measures every run gets, and what the reader must know.

use super::authority::audit;
use super::availability::availability;
use super::cause::Criterion;
use super::copies::state_of;
use super::finding::{Bounds, findings};
use super::grounds::Grounds;
use super::misjudged::misjudged;
use super::property::{Finding, Property};
use super::recovery::recoveries;
use super::within::Within;
use crate::outcome::{Assumption, BaseFile, Expectation, Outcome, PropertyOutcome, Recovery, Stopped, Verdict};
use crate::record::Record;
use crate::record::event::FaultEvent;
use std::sync::Arc;

/// A property of a scenario.
#[derive(Debug)]
pub struct Check {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// What the scenario says must come out.
    pub expected: Expectation,
    /// How far a failure that is expected may go, if that is bounded.
    pub within: Option<Within>,
    /// What must hold.
    pub property: Arc<dyn Property>,
}

/// What an outcome says beside what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct RunInfo {
    /// The scenario's name.
    pub scenario: String,
    /// The program that made the run.
    pub program: String,
    /// The scenario file as it was given; `-` if it came from elsewhere.
    pub file: String,
    /// Settings given beside the file.
    pub settings: Vec<String>,
    /// The file of the written schedule that was run in place of the seed's own, if one was.
    pub schedule: Option<String>,
    /// General information about the scenario.
    pub description: String,
    /// The scenario's text.
    pub source: String,
    /// The files that the scenario builds on.
    pub bases: Vec<BaseFile>,
    /// The numbers the verdict rests on.
    pub assumptions: Vec<Assumption>,
    /// Why the run ended early, if it did.
    pub stopped: Option<Stopped>,
    /// The regions that a controller watches.
    pub watched: Vec<String>,
}

/// Judges `record`. The verdict is the worst of all properties, and inconclusive at best if there is none or the run
/// stopped early.
pub fn judge(record: Record, checks: &[Check], info: RunInfo) -> Outcome {
    let stopped = info.stopped.as_ref();
    let grounds = Grounds::of(&record, stopped);
    let properties: Vec<PropertyOutcome> = checks.iter().map(|check| judge_one(check, &record, &grounds)).collect();
    let mut attribution = Criterion::promised(&record).attribute(&record);
    let recovery = recoveries(&record, &attribution).into_iter().map(|r| with_objective(r, checks, &record)).collect();
    let findings = findings(&record, &mut attribution, &Bounds::new(checks, &properties));
    let outages = attribution.outages;
    let doubts = grounds.doubts(properties.iter().any(|property| property.comparison.is_none()));
    // A share of runs is shown by no single one.
    let one_can_tell = properties.iter().all(|property| property.expected.claim().is_none());
    let counting = || properties.iter().filter(|property| property.counts());
    let whole = counting().next().is_some() && one_can_tell && stopped.is_none() && doubts.is_empty();
    let at_best = if whole && findings.is_empty() { Verdict::Pass } else { Verdict::Inconclusive };
    let verdict = counting().map(|property| property.verdict).fold(at_best, Verdict::max);
    // The word must be the one that the expectations come to: what is found beside a failure that is expected does not
    // make it less expected, and what is found where all is expected to hold is a surprise.
    let expected = counting().filter_map(|property| property.expected.of_one_run()).fold(Verdict::Pass, Verdict::max);
    let settled = !checks.is_empty() && stopped.is_none() && verdict == expected;
    Outcome {
        verdict,
        as_expected: settled
            && (findings.is_empty() || verdict == Verdict::Fail)
            && properties.iter().all(PropertyOutcome::as_expected),
        recovery,
        misjudged: misjudged(&record, &outages, &info.watched),
        availability: availability(&record, &outages),
        warnings: warnings(&record, &properties, stopped, (&findings, &doubts)),
        outages,
        findings,
        doubts,
        properties,
        scenario: info.scenario,
        program: info.program,
        file: info.file,
        settings: info.settings,
        schedule: info.schedule,
        description: info.description,
        source: info.source,
        bases: info.bases,
        tool_version: crate::outcome::TOOL_VERSION.to_owned(),
        stopped: info.stopped,
        assumptions: info.assumptions,
        record,
    }
}

/// Kinds whose bound can be met with nothing to spare; a count of zero always is.
const WITH_ROOM: [&str; 5] = ["always", "never", "recovers", "responds", "measure"];

/// What a reader must know of a pass without any room; an equality has none.
fn to_spare(check: &Check, verdict: Verdict, margin: Option<f64>) -> &'static str {
    let bound = check.property.bound();
    let exact = verdict == Verdict::Pass && margin == Some(0.0) && !bound.contains("==");
    if exact && WITH_ROOM.contains(&check.kind) { "; exactly on the bound, with nothing to spare" } else { "" }
}

/// `recovery` beside the strictest demand on it.
fn with_objective(recovery: Recovery, checks: &[Check], record: &Record) -> Recovery {
    let event = FaultEvent::begins(&recovery.fault);
    let objective = checks.iter().filter_map(|check| check.property.recovery_objective(&event, record)).min();
    Recovery { objective, ..recovery }
}

fn judge_one(check: &Check, record: &Record, grounds: &Grounds<'_>) -> PropertyOutcome {
    let judgement = grounds.judge(&*check.property);
    let Finding { verdict, measured, margin, at, exercised, why } = judgement.into_finding();
    let why = why + to_spare(check, verdict, margin);
    let within = check.within.as_ref().filter(|_| check.expected == Expectation::Fail && verdict == Verdict::Fail);
    let beyond = within.filter(|within| !within.holds(measured.as_deref().unwrap_or_default()));
    let why = beyond.map_or_else(|| why.clone(), |within| format!("{why}; it may fail, with {within}"));
    PropertyOutcome {
        id: check.id.clone(),
        kind: check.kind.to_owned(),
        demand: check.property.demand(),
        verdict,
        expected: check.expected,
        within: check.within.as_ref().map(Within::to_string),
        beyond: beyond.is_some(),
        bound: check.property.bound(),
        measured,
        margin,
        at,
        exercised,
        why,
        comparison: check.property.comparison(record),
    }
}

fn warnings(
    record: &Record,
    properties: &[PropertyOutcome],
    stopped: Option<&Stopped>,
    (findings, doubts): (&[String], &[String]),
) -> Vec<String> {
    let mut found = findings.to_vec();
    if let Some(stopped) = stopped {
        found.push(format!("the run stopped at {}: {}", stopped.at, stopped.why));
    }
    if properties.is_empty() {
        found.push("the scenario asserts nothing: add a property".to_owned());
    }
    found.extend(super::storm::finding(record));
    found.extend(doubts.iter().cloned());
    found.extend(idle_faults(record));
    let unexercised = |property: &&PropertyOutcome| property.exercised == 0 && property.expected.wants_exercise();
    found.extend(properties.iter().filter(unexercised).map(PropertyOutcome::never_exercised));
    let copies = |store| [audit(store).findings(), state_of(store).findings()].concat();
    let copies: Vec<String> = record.stores.iter().flat_map(copies).collect();
    let said = |finding: &String| found.iter().any(|warning: &String| warning.ends_with(finding.as_str()));
    let new: Vec<String> = copies.into_iter().filter(|finding| !said(finding)).collect();
    found.extend(new);
    found
}

fn idle_faults(record: &Record) -> impl Iterator<Item = String> + '_ {
    // The others are doubts.
    let minor = record.faults.iter().filter(|fault| fault.hits == 0 && (fault.random || fault.optional));
    minor.map(|fault| match fault.at {
        Some(_) => format!("fault `{}` affected nothing, so it proves nothing", fault.id),
        None => format!("fault `{}` never began", fault.id),
    })
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
