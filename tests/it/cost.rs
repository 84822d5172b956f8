//! What `check` says that a run costs, against runs.

use super::plan;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::cost;

/// Scenarios of every kind of load: with databases and without, calls, caches, users who wait, a curve, steps, bursts, a
/// recording, and many hours with little to do.
const SCENARIOS: [&str; 12] = [
    "scenarios/clients/bursts.yaml",
    "scenarios/clients/daily-curve.yaml",
    "scenarios/clients/journeys.yaml",
    "scenarios/clients/recorded-load.yaml",
    "scenarios/databases/hung-primary.yaml",
    "scenarios/databases/log-piece-dropped.yaml",
    "scenarios/databases/replica-that-counts.yaml",
    "scenarios/incidents/wrong-record-for-ten-minutes.yaml",
    "scenarios/ai-provider/failback.yaml",
    "scenarios/ai-provider/planned-switchover.yaml",
    "scenarios/services/quota-too-small.yaml",
    "scenarios/validation/v10-closed-users.yaml",
];

/// The estimate is within this factor of what a run takes, in either direction.
const FACTOR: f64 = 2.0;

#[test]
fn the_estimate_of_events_is_within_its_factor_of_what_runs_take() {
    let mut wrong = Vec::new();
    for path in SCENARIOS {
        let plan = plan(path, &[]);
        let estimate = cost(&plan.world).events;
        let events = rehearse(&plan, &Provenance::default(), 1).record.events as f64;
        let ratio = estimate / events;
        println!("{path}: {estimate:.0} estimated, {events:.0} taken, {ratio:.2}");
        if !(1.0 / FACTOR..=FACTOR).contains(&ratio) {
            wrong.push(format!("{path}: {estimate:.0} estimated, {events:.0} taken: {ratio:.2}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_run_that_takes_hours_or_more_memory_than_there_is_says_so() {
    let said = |settings: &[(&str, &str)]| plan("scenarios/databases/hung-primary.yaml", settings).doubts.join("\n");
    assert!(!said(&[]).contains("a run takes"));
    let long = said(&[("runs", "100000")]);
    assert!(long.contains("in 100000 runs") && long.contains("minutes on one core"), "{long}");
    let large = said(&[("workload.0.rate", "1M/s"), ("workload.0.timeout", "60s"), ("duration", "30m")]);
    assert!(large.contains("hours to simulate") || large.contains("GB of memory"), "{large}");
}
