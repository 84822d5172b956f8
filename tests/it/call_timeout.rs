//! How long a service waits for its database, where a commit waits for replicas that do not answer.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// The replica is cut off for half a minute; clients would wait for longer.
const CUT: &str = "
firedrill: 1
name: cut
duration: 5m
regions:
  west: {services: {api: {servers: 500, time: 5ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], commit: sync, delay: 20ms, call_timeout: 1s}
resolvers: {count: 0}
workload:
  - open: {rate: 10/s, arrivals: constant, mix: {write: 100%}, timeout: 60s, retries: 0}
faults:
  - partition: {id: cut, region: west, from: north, at: 2m, for: 30s}
properties:
  short: {recovers: {after: fault.cut, within: 20s}}
expect: {short: fail}
";

fn outcome(call_timeout: &str) -> Outcome {
    let text = CUT.replace("call_timeout: 1s", &format!("call_timeout: {call_timeout}"));
    rehearse(&plan_of(&text, "cut.yaml", &[]), &Provenance::default(), 1)
}

#[test]
fn a_service_returns_an_error_when_a_commit_takes_longer_than_it_waits() {
    for (call_timeout, failing) in [("1s", 290), ("5s", 250), ("40s", 0)] {
        let outcome = outcome(call_timeout);
        let requests = &outcome.record.requests;
        let unserved = requests.started - requests.ok;
        assert!(unserved.abs_diff(failing) <= 2, "{call_timeout}: {unserved} of {}", requests.started);
    }
}

#[test]
fn what_keeps_the_replica_away_is_what_the_outage_belongs_to() {
    let outcome = outcome("1s");
    let property = &outcome.properties[0];
    assert_eq!(property.verdict, Verdict::Fail, "{}", property.why);
    assert!(outcome.record.faults[0].touched >= 280, "{}", outcome.record.faults[0].touched);
}

#[test]
fn what_a_service_no_longer_waits_for_is_stored_all_the_same() {
    let outcome = outcome("1s");
    let store = &outcome.record.stores[0];
    assert_eq!((store.lost_total, outcome.record.requests.failed), (0, 0), "nobody was told that it failed");
    assert!(store.acked + 250 < outcome.record.requests.started, "{} acknowledged", store.acked);
}

#[test]
fn stalls_that_come_again_and_again_are_seen_though_every_write_is_answered() {
    let stalls = CUT
        .replace("call_timeout: 1s", "call_timeout: 20s")
        .replace("duration: 5m", "duration: 20m")
        .replace("at: 2m, for: 30s}", "at: 4m, for: 9m, flap: {down: 9500ms, up: 50500ms}}")
        .replace("short: {recovers: {after: fault.cut, within: 20s}}", "none: {ledger: {lost: 0}}")
        .replace("short: fail", "none: pass");
    let outcome = rehearse(&plan_of(&stalls, "cut.yaml", &[]), &Provenance::default(), 1);
    let requests = &outcome.record.requests;
    assert_eq!((requests.ok, outcome.properties[0].verdict), (requests.started, Verdict::Pass));
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false), "{:#?}", outcome.warnings);
}
