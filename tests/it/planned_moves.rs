//! Procedures that are run at a time that was fixed before: what is moved by plan loses nothing, stays, and is not begun
//! twice, nor where something fails.

use super::{ROOT, plan_of};
use firedrill::Drill;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

fn scenario() -> String {
    let path = format!("{ROOT}/scenarios/ai-provider/planned-switchover.yaml");
    std::fs::read_to_string(path).expect("it is shipped")
}

fn judged(text: &str, seed: u64) -> Outcome {
    rehearse(&plan_of(text, "planned.yaml", &[]), &Provenance::default(), seed)
}

fn happened(outcome: &Outcome, event: &str) -> usize {
    outcome.record.timeline.times(event).count()
}

#[test]
fn what_is_moved_by_plan_loses_nothing_and_stays() {
    for seed in 0..5 {
        let outcome = judged(&scenario(), seed);
        assert_eq!(outcome.verdict, Verdict::Pass, "{seed}: {:#?} {:?}", outcome.properties, outcome.findings);
        let events = ["region_failover.planned", "region_failover.started", "region_failover.done"];
        assert_eq!(events.map(|event| happened(&outcome, event)), [1, 1, 1]);
        assert_eq!(outcome.record.stores[0].lost_total, 0);
    }
}

#[test]
fn a_region_that_fails_is_not_left_by_plan() {
    let fault =
        "faults:\n  - slow_share: {id: ill, region: northeurope, share: 100%, errors: 100%, at: 9m, for: 20m}\n";
    let outcome = judged(&scenario().replace("maintenance:", &format!("{fault}maintenance:")), 1);
    assert_eq!(happened(&outcome, "region_failover.done"), 0);
    assert_eq!(outcome.record.stores[0].lost_total, 0);
    let leads = outcome.record.signal("region.westeurope.share").expect("recorded");
    let (_, last) = leads.points().last().expect("a second");
    assert_eq!(last.part, last.whole, "users are where they were");
}

#[test]
fn a_planned_run_that_people_refuse_is_not_begun_and_that_is_found() {
    let text = scenario()
        .replace("at: 10m}", "at: 10m, approve: {ask: [anna]}}")
        .replace("control:", "people: {anna: {approves: 0%, reason: it is Friday}}\ncontrol:");
    let outcome = judged(&text, 1);
    assert_eq!((happened(&outcome, "region_failover.refused"), happened(&outcome, "region_failover.started")), (1, 0));
    assert!(
        outcome.findings.iter().any(|found| found.contains("was planned and never started")),
        "{:?}",
        outcome.findings
    );
    assert_ne!(outcome.verdict, Verdict::Pass);
}

#[test]
fn a_controller_that_is_struck_finishes_what_was_planned_and_begins_it_once() {
    let drill = Drill::from_file(format!("{ROOT}/scenarios/ai-provider/planned-switchover.yaml"));
    let small = [("workload.0.rate", "3/s"), ("duration", "14m"), ("settle", "10m"), ("control.0.at", "60s")];
    let drill = small.into_iter().fold(drill, |drill, (path, value)| drill.set(path, value));
    let found = drill.seeds(0..1).interrupt_everywhere().run();
    assert!(found.wrong.is_empty(), "{} wrong:\n{}", found.wrong.len(), found.wrong.join("\n"));
    assert!(found.interrupted > 100, "{} struck", found.interrupted);
}
