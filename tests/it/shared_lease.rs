//! Controllers that share a lease: only the holder acts, the other takes over with the lease and finishes what was begun.

use super::{ROOT, plan_of};
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::{Instant, Span};

fn run(changes: &[(&str, &str)], seed: u64) -> Outcome {
    let path = "scenarios/ai-provider/two-controllers-one-lease.yaml";
    let mut text = std::fs::read_to_string(format!("{ROOT}/{path}")).expect("it is shipped");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    rehearse(&plan_of(&text, path, &[]), &Provenance::default(), seed)
}

fn times(outcome: &Outcome, event: &str) -> Vec<Instant> {
    outcome.record.timeline.times(event).collect()
}

#[test]
fn the_other_takes_over_with_the_lease_and_finishes_what_was_begun() {
    for seed in 0..3 {
        let outcome = run(&[], seed);
        assert_eq!(outcome.verdict, Verdict::Pass, "{seed}: {:#?} {:?}", outcome.properties, outcome.findings);
        let (dark, leads) = (times(&outcome, "fault.dark")[0], times(&outcome, "controller.leads"));
        assert!(leads[0] < Instant::from_secs(10), "the first asks first: {leads:?}");
        let waited = leads[1].since(dark);
        // It was renewed two seconds before the outage at the earliest, for fifteen.
        assert!(waited >= Span::from_secs(12) && waited <= Span::from_secs(18), "{waited}");
        assert_eq!(times(&outcome, "region_failover.started").len(), 1);
        assert_eq!(times(&outcome, "region_failover.resumed").len(), 1);
        assert_eq!(times(&outcome, "region_failover.done").len(), 1);
    }
}

#[test]
fn who_does_not_hold_the_lease_does_nothing_while_the_holder_lives() {
    let outside = [("id: first, runs_in: westeurope", "id: first"), ("controller: second", "controller: first")];
    let outcome = run(&outside, 1);
    let leads = times(&outcome, "controller.leads");
    let (killed, decided) = (times(&outcome, "fault.killed")[0], times(&outcome, "watch.decided"));
    assert_eq!((leads.len(), decided.len()), (2, 1), "{leads:?}");
    assert!(leads[1] > killed && leads[1].since(killed) <= Span::from_secs(18), "{leads:?}");
    assert_eq!(times(&outcome, "region_failover.resumed").len(), 1, "the second finishes the first one's");
    assert_eq!(times(&outcome, "db.orders.promoted").len(), 1);
    assert_eq!(times(&outcome, "region_failover.done").len(), 1);
}

#[test]
fn what_the_dead_one_claimed_is_the_successors() {
    // Killed between the fence and the promotion: the epoch was claimed in the name of the lease.
    let late = [
        ("id: first, runs_in: westeurope", "id: first"),
        ("controller: second", "controller: first"),
        (
            "when: {step_starts: {procedure: region_failover, step: switch_dns}, after: 5s}",
            "when: {event: db.orders.fenced, after: 1s}",
        ),
        ("for: 1m", "for: 20m"),
    ];
    let outcome = run(&late, 1);
    let refused = outcome.record.timeline.events().iter().find(|event| event.text.contains("claimed it first"));
    assert!(refused.is_none(), "{refused:?}");
    assert_eq!(times(&outcome, "region_failover.done").len(), 1);
    let authority = &outcome.record.stores[0].authority;
    assert_eq!((authority.promotions, authority.stale_epoch_total), (1, 0));
}

#[test]
fn one_that_was_paused_and_superseded_by_the_other_changes_nothing_any_more() {
    let paused = [
        ("id: first, runs_in: westeurope", "id: first"),
        ("controller_kill", "controller_pause"),
        ("controller: second", "controller: first"),
    ];
    let outcome = run(&paused, 1);
    assert_eq!(times(&outcome, "region_failover.started").len(), 1);
    assert_eq!(times(&outcome, "region_failover.done").len(), 1);
    assert_eq!(times(&outcome, "controller.first.stale_change").len(), 0);
    assert_eq!(outcome.record.stores[0].authority.promotions, 1);
}
