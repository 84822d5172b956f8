//! Runs that overlap and change the same thing are no GO, however well each ended.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// Two regions and a database, with these controllers and this property.
fn run(control: &str, property: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: interference\nduration: 15m\nregions:\n  west: {{services: {{api: {{servers: 32, time: 20ms, database: \
         d}}}}}}\n  east: {{like: west, role: secondary}}\ndatabases:\n  d: {{primary: west, replicas: [east], delay: 200ms}}\ndns: \
         {{ttl: 30s}}\nresolvers: {{violators: 0%}}\nmaintenance: [{{during: region_failover}}]\nworkload:\n  - open: {{name: u, rate: \
         10/s, mix: {{write: 20%}}}}\ncontrol:\n{control}properties:\n  kept: {{ledger: {{lost: 0}}}}\n{property}"
    );
    rehearse(&plan_of(&text, "interference.yaml", &[]), &Provenance::default(), 1)
}

fn there_and_back(back: &str) -> String {
    format!(
        "  - run: {{id: there, procedure: region_failover, at: 1m}}\n  - run: {{id: back, procedure: region_failover, at: {back}, from: \
         east, to: west}}\n"
    )
}

#[test]
fn moves_that_undo_each_other_while_both_are_under_way_are_no_go() {
    let outcome = run(&there_and_back("2m"), "");
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{:?}", outcome.findings);
    assert!(
        outcome.findings[0].contains("app.example: east in place of west, which back had set in a run that overlaps"),
        "{:?}",
        outcome.findings
    );
    let told = run(&there_and_back("2m"), "  told: {at_most: {event: controller.there.interfered, n: 1}}\n");
    assert_eq!((told.verdict, told.findings.len()), (Verdict::Pass, 0), "{:?}", told.findings);
}

#[test]
fn moves_that_follow_each_other_are_one() {
    let outcome = run(&there_and_back("8m"), "");
    assert_eq!((outcome.verdict, outcome.findings.len()), (Verdict::Pass, 0), "{:?}", outcome.findings);
}
