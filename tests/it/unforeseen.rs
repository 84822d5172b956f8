//! What nobody had set out to do, and holders whose leases ran out: none of it is a GO.

use super::{ROOT, plan_of};
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// A scenario that ships with these properties instead of its own, and with less load.
fn shipped(path: &str, properties: &str, changes: &[(&str, &str)]) -> Outcome {
    let text = std::fs::read_to_string(format!("{ROOT}/scenarios/{path}")).expect("it ships");
    let (before, _) = text.split_once("\nproperties:\n").expect("it has properties");
    let before = changes.iter().fold(before.to_owned(), |text, (from, to)| text.replace(from, to));
    let text = format!("{before}\nproperties:\n{properties}");
    rehearse(&plan_of(&text, "unforeseen.yaml", &[]), &Provenance::default(), 1)
}

fn finds(outcome: &Outcome, words: &str) {
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{:?}", outcome.findings);
    assert!(outcome.findings.iter().any(|found| found.contains(words)), "{:?}", outcome.findings);
}

#[test]
fn a_drill_that_touched_production_is_found() {
    let calm = "  ok: {measure: {value: availability, at_least: 90%}}\n";
    let fewer = [("rate: 50/s", "rate: 5/s")];
    let path = "ai-provider/drill-touches-production.yaml";
    finds(&shipped(path, calm, &fewer), "drill changed something that real clients depend on");
    let told = format!("{calm}  told: {{at_most: {{event: drill.touched_production, n: 1}}}}\n");
    assert_eq!(shipped(path, &told, &fewer).verdict, Verdict::Pass);
}

#[test]
fn a_change_of_a_controller_that_was_superseded_is_found() {
    let back = "  rto: {recovers: {after: fault.dark, within: 20m}}\n  loss: {ledger: {rpo: 10m}}\n";
    let fewer = [("rate: 500/s", "rate: 20/s"), ("rate: 200/s", "rate: 20/s")];
    finds(
        &shipped("ai-provider/controllers-unfenced.yaml", back, &fewer),
        "`pilot` changed something though another had taken over its lease",
    );
}

#[test]
fn holders_whose_leases_ran_out_are_found_unless_a_property_says_how_many_or_how_long() {
    let run = |more: &str| {
        let rto = "  rto: {recovers: {after: fault.cut, within: 10m}}\n";
        shipped("verdicts/leases-that-lapsed.yaml", &format!("{rto}{more}"), &[])
    };
    finds(&run(""), "had no valid lease at worst, the first at 2");
    for allowed in [
        "always: leases.hosts.out <= 99%",
        "recovers: {after: fault.cut, holds: leases.hosts.out <= 0, within: 20m, stable: 5m}",
    ] {
        let outcome = run(&format!("  allowed: {{{allowed}}}\n"));
        assert_eq!((outcome.verdict, outcome.findings.len()), (Verdict::Pass, 0), "{allowed}: {:?}", outcome.findings);
    }
}
