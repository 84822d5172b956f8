//! People in the simulated world: silence, absence, and dice that nobody else moves.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};

/// A region fails after a minute; nothing is done before Alice has agreed.
const SMALL: &str = "
firedrill: 1
name: small
duration: 12m
regions:
  west: {services: {api: {servers: 8, time: 40ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 200ms, promote_time: 1s}
dns: {zone: app.example, ttl: 30s, publish: 1s}
monitoring: {scrape: 5s, delay: 0s}
notification: {delay: 5s}
workload:
  - open: {name: users, rate: 10/s}
people:
  alice: {availability: 100%, acknowledge: 10s, decide: 60s}
faults:
  - region_outage: {id: dark, region: west, at: 1m, for: 9m}
control:
  - watch: {every: 5s, sustained: 10s, run: region_failover, approve: {ask: [alice], acknowledge_within: 30s, decide_within: 90s, rounds: 4}}
properties:
  no_loss: {ledger: {lost: 0}}
expect: {no_loss: fail}
";

fn outcome(replaced: &[(&str, &str)]) -> Outcome {
    let text = replaced.iter().fold(SMALL.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    rehearse(&plan_of(&text, "small.yaml", &[]), &Provenance::default(), 1)
}

/// When events of that name were, in whole seconds.
fn seconds(outcome: &Outcome, name: &str) -> Vec<u64> {
    outcome.record.timeline.times(name).map(|at| at.second()).collect()
}

/// Another fault of the schedule.
fn and(fault: &str) -> (&'static str, String) {
    ("control:", format!("  - {fault}\ncontrol:"))
}

#[test]
fn a_person_is_paged_acknowledges_and_answers() {
    let run = outcome(&[]);
    assert_eq!((seconds(&run, "watch.detected"), seconds(&run, "approval.asked")), (vec![60], vec![70]));
    let steps =
        ["paged.alice", "acknowledged.alice", "answered.alice", "watch.decided"].map(|name| seconds(&run, name));
    assert_eq!(steps, [[75], [85], [145], [145]], "channel 5 s, then 10 s, then 60 s");
    let dark = &run.recovery[0];
    assert_eq!(dark.decided_at().map(|at| at.second()), Some(145));
    assert!(dark.decide.is_some_and(|decide| decide.as_nanos() / 1_000_000_000 == 85), "{:?}", dark.decide);
}

#[test]
fn another_person_moves_nobodys_dice() {
    let drawn = ("alice: {availability: 100%, acknowledge: 10s, decide: 60s}", "alice: {availability: 60%}");
    let beside = ("people:\n", "people:\n  bob: {availability: 50%}\n");
    assert_eq!(outcome(&[drawn]).record.digest, outcome(&[drawn, beside]).record.digest);
    assert_ne!(outcome(&[drawn]).record.digest, outcome(&[]).record.digest);
}

#[test]
fn what_somebody_had_decided_while_unreachable_is_said_after_the_next_page() {
    let (control, fault) = and("person_unreachable: {id: tunnel, person: alice, at: 140s, for: 20s}");
    let run = outcome(&[(control, &fault)]);
    assert_eq!(seconds(&run, "approval.paged"), [70, 175], "90 s to decide");
    assert_eq!((seconds(&run, "acknowledged.alice"), seconds(&run, "answered.alice")), (vec![85, 190], vec![250]));
    assert_eq!(seconds(&run, "approval.given"), [250], "the one question, once");
    assert_eq!(run.record.faults[1].hits, 1);
}

#[test]
fn faults_that_overlap_heal_apart() {
    let (control, both) = and(
        "person_unreachable: {id: a, person: alice, at: 0s, for: 100s}\n  - person_unreachable: {id: b, person: alice, at: 50s, for: 80s}",
    );
    let run = outcome(&[(control, &both)]);
    assert_eq!(seconds(&run, "approval.paged"), [70, 100, 130]);
    assert_eq!(seconds(&run, "paged.alice"), [135], "the first two pages find nobody");
    let hits: Vec<u64> = run.record.faults[1..].iter().map(|fault| fault.hits).collect();
    assert_eq!(hits, [1, 1], "an effect counts for the fault that has lasted longest");
}

#[test]
fn a_slow_person_is_slow_at_what_begins_while_it_lasts() {
    let (control, fault) = and("person_slow: {id: tired, person: alice, slowdown: 200%, at: 70s, for: 10s}");
    let run = outcome(&[(control, &fault)]);
    assert_eq!((seconds(&run, "acknowledged.alice"), seconds(&run, "answered.alice")), (vec![95], vec![155]));
}

#[test]
fn a_page_that_is_lost_is_silence_and_is_repeated() {
    let (control, fault) = and("notification_lost: {id: mute, at: 60s, for: 20s}");
    let run = outcome(&[(control, &fault)]);
    assert_eq!((seconds(&run, "notification.lost"), seconds(&run, "paged.alice")), (vec![70], vec![105]));
    assert!(seconds(&run, "approval.unreachable").is_empty(), "nobody is told");
}
