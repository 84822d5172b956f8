//! A pass is backed by observations that could have failed it: runs in which what the scenario is about did not happen,
//! was felt by nobody or was not looked at, and what must not be said of them.

use super::{ROOT, plan_of};
use firedrill::outcome::{Outcome, PropertyOutcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// The text of the scenario `name` beside this file.
fn text(name: &str) -> String {
    let path = format!("{ROOT}/tests/it/evidence/{name}.yaml");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn run(text: &str) -> Outcome {
    rehearse(&plan_of(text, "tests/it/evidence/inline.yaml", &[]), &Provenance::default(), 1)
}

/// What the property `id` came to.
fn property<'a>(outcome: &'a Outcome, id: &str) -> &'a PropertyOutcome {
    outcome.properties.iter().find(|property| property.id == id).unwrap_or_else(|| panic!("a property {id}"))
}

/// The run says nothing for sure, and no property of it passes for what it did not see.
fn proves_nothing(outcome: &Outcome) {
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false), "{:#?}", outcome.properties);
}

/// None of the properties was exercised.
fn not_exercised(outcome: &Outcome) {
    proves_nothing(outcome);
    for property in &outcome.properties {
        assert_eq!((property.verdict, property.exercised), (Verdict::Inconclusive, 0), "{property:#?}");
    }
}

#[test]
fn a_fault_that_chance_left_out_proves_nothing() {
    not_exercised(&run(&text("fault-never-drawn")));
}

#[test]
fn a_fault_that_need_not_happen_is_missed_by_nobody() {
    let optional = text("fault-never-drawn").replace("for: 5m}", "for: 5m, optional: true}");
    let outcome = run(&optional);
    assert_eq!(property(&outcome, "avail").verdict, Verdict::Pass, "{:#?}", outcome.warnings);
}

#[test]
fn a_fault_that_never_began_leaves_the_run_in_doubt() {
    let missed = text("one-of-two-faults");
    let outcome = run(&missed);
    proves_nothing(&outcome);
    let said = "fault `second` never began, so the run proves nothing; if it need not happen, say `optional: true`";
    assert!(outcome.warnings.iter().any(|warning| warning == said), "{:#?}", outcome.warnings);
    assert_eq!(property(&outcome, "rto").verdict, Verdict::Inconclusive);
    let optional = missed.replace("undone}}", "undone}, optional: true}");
    assert_ne!(optional, missed);
    let outcome = run(&optional);
    assert_eq!(
        (property(&outcome, "rto").verdict, outcome.as_expected),
        (Verdict::Pass, true),
        "{:#?}",
        outcome.warnings
    );
}

#[test]
fn an_outage_where_nobody_goes_proves_nothing() {
    let outcome = run(&text("region-nobody-uses"));
    not_exercised(&outcome);
    assert_eq!(outcome.record.faults[0].hits, 0);
}

#[test]
fn a_region_that_only_checkers_ask_is_one_that_nobody_uses() {
    for probe in ["ping", "request"] {
        let checked = text("region-nobody-uses")
            .replace("dns: {", "balancer: {weights: {west: 100%, north: 0%}, checks: {probe: PROBE, every: 5s}}\ndns: {records: {app.example: balancer}, ")
            .replace("PROBE", probe);
        not_exercised(&run(&checked));
    }
}

#[test]
fn a_replica_that_writes_wait_for_is_needed_wherever_it_is() {
    let waits =
        text("region-nobody-uses").replace("commit: async", "commit: sync").replace("at: 60s}", "at: 60s, for: 1m}");
    let outcome = run(&waits);
    assert!(outcome.record.faults[0].hits > 0);
    assert_ne!(property(&outcome, "rto").verdict, Verdict::Inconclusive);
}
