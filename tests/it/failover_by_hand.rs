//! The world's numbers against a hand-written program for the same scenario: success .9406 and recovery 64 s, on which
//! thirteen engines agree within their own randomness.

use super::plan;
use firedrill::scenario::Plan;
use firedrill::sim::{Run, run};

const PATH: &str = "benches/region-failover.yaml";

fn rehearse(plan: &Plan, seed: u64) -> Run {
    let schedule = plan.schedule(seed);
    let rehearsal = firedrill::rehearse::rehearsal(plan, &schedule);
    run(rehearsal, seed)
}

/// Seconds from the fault to the end of the last second of arrivals with less than 99 % success.
fn recovery_s(run: &Run) -> u64 {
    let success = run.record.signal("success").expect("always recorded");
    let bad = success.points().filter(|(_, s)| s.whole > 0 && s.part * 100 < s.whole * 99);
    bad.map(|(at, _)| at.second() + 1 - 100).max().expect("the outage is felt")
}

#[test]
fn the_region_failover_comes_out_as_by_hand() {
    let plan = plan(PATH, &[]);
    for seed in 1..=5 {
        let run = rehearse(&plan, seed);
        let ok = run.record.requests.ok as f64 / run.record.requests.started as f64;
        let recovery = recovery_s(&run);
        // Over seeds the hand-written program's success varies by some .0006 and its recovery by a second or two: which
        // second the last straggler falls into is chance.
        assert!((ok - 0.9406).abs() < 0.002, "seed {seed}: success {ok}");
        assert!((62..=68).contains(&recovery), "seed {seed}: recovery {recovery} s");
    }
}

#[test]
fn a_request_costs_few_events() {
    let run = rehearse(&plan(PATH, &[]), 1);
    let per_request = run.record.events as f64 / run.record.requests.started as f64;
    // An arrival and a completion each, and for the few in trouble retries and time-outs.
    assert!(per_request < 2.4, "{per_request}");
}
