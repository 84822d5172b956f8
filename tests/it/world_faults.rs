//! What single faults do to the world, where a scenario as a whole would not show it.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};

const BASE: &str = "
firedrill: 1
name: one fault
duration: 2m
regions:
  west: {services: {api: {servers: 4, time: 3s, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: north, replicas: [west], delay: 200ms}
dns: {zone: app.example}
resolvers: {count: 0}
workload:
  - open: {arrivals: constant, rate: 1/s, mix: {read: 0%, write: 100%}, timeout: 20s, retries: 0, keys: {uniform: {count: 500}}}
faults:
  - FAULT
properties:
  none: {ledger: {lost: 0}}
";

fn with(fault: &str) -> Outcome {
    rehearse(&plan_of(&BASE.replace("FAULT", fault), "one.yaml", &[]), &Provenance::default(), 1)
}

/// Numerator and denominator of a signal as that second begins.
fn at(outcome: &Outcome, signal: &str, second: u64) -> (u64, u64) {
    let signal = outcome.record.signal(signal).expect("recorded");
    let (_, value) = signal.points().filter(|(at, _)| at.second() <= second).last().expect("a value");
    (value.part, value.whole)
}

/// The region that keeps the data hears every request and is not heard: what it was asked for has happened.
#[test]
fn a_write_happens_whether_or_not_its_answer_arrives() {
    // Requests that are being worked on when everything is healed.
    const LAST: u64 = 4;
    let rows = |direction: &str| {
        let fault = format!("partition: {{id: cut, region: north, from: west, direction: {direction}, at: 0s}}");
        let outcome = with(&fault);
        assert!(outcome.record.requests.ok <= LAST, "nobody in west gets an answer before all is healed in the end");
        let copies = &outcome.record.stores[0].copies;
        copies.iter().find(|copy| copy.region == "north").expect("the primary").rows
    };
    assert!(rows("to") <= LAST && rows("both") <= LAST);
    assert!(rows("from") > 50, "{}", rows("from"));
}

#[test]
fn servers_that_come_back_turn_to_those_who_wait() {
    let outcome = with("capacity_loss: {id: small, region: west, share: 75%, at: 10s, for: 10s}");
    assert_eq!(at(&outcome, "service.west.api.busy", 19), (1, 1), "one server is left, and it is busy");
    assert!(at(&outcome, "service.west.api.queue", 19).0 >= 6);
    assert_eq!(at(&outcome, "service.west.api.busy", 21), (4, 4));
    assert_eq!(at(&outcome, "service.west.api.busy", 110), (3, 4), "as before, once the queue is gone");
}

#[test]
fn a_service_without_servers_refuses_and_looks_down() {
    let outcome = with("capacity_loss: {id: none, region: west, share: 100%, at: 30s, for: 60s}");
    let requests = outcome.record.requests;
    assert!(requests.failed > 50 && requests.unknown <= 4, "{requests:?}");
    assert_eq!(at(&outcome, "seen.west.api.up", 80).0, 0);
    assert_eq!(at(&outcome, "seen.west.api.up", 119).0, 1);
}

#[test]
fn a_zone_takes_its_servers_their_work_and_the_copies_in_it() {
    let zones = BASE.replace("west: {services", "west: {zones: 2, services").replace("primary: north", "primary: west");
    let zones = zones.replace("replicas: [west]", "replicas: [north], zone: {west: 2}");
    let with = |zone: u32| {
        let fault = format!("zone_outage: {{id: zone, region: west, zone: {zone}, at: 30s, for: 30s}}");
        let plan = plan_of(&zones.replace("FAULT", &fault), "one.yaml", &[]);
        rehearse(&plan, &Provenance::default(), 1)
    };
    let (one, two) = (with(1), with(2));
    assert_eq!(at(&one, "service.west.api.busy", 31), (2, 2));
    assert_eq!((at(&one, "db.orders.writable", 45).0, at(&two, "db.orders.writable", 45).0), (1, 0));
    assert!(one.record.requests.unknown >= 1, "the work in progress is lost");
    assert!(two.record.requests.failed > one.record.requests.failed, "nothing can be written while the zone is down");
    assert_eq!(at(&two, "db.orders.writable", 70).0, 1);
}

#[test]
fn what_is_not_seen_is_shown_as_nothing_not_as_down() {
    let outcome = with("monitoring_blackout: {id: blind, at: 30s, for: 60s}");
    assert_eq!(at(&outcome, "seen.west.api.up", 25), (1, 1));
    assert_eq!(at(&outcome, "seen.west.api.up", 60).1, 0, "missing");
    assert_eq!(at(&outcome, "seen.west.api.up", 110), (1, 1));
}

const PROVISIONING: &str = "
firedrill: 1
name: servers must be asked for
duration: 2m
regions:
  west:
    services:
      api: {servers: 1, queue: 10, time: 1s, autoscale: {min: 1, max: 4, target: 50%, every: 15s, provision: 0s}}
      identity: {servers: 1, time: 5m}
control_plane: {needs: {provisioning: {region: west, service: identity}}}
workload:
  - open: {arrivals: constant, service: api, rate: 2/s, retries: 0, timeout: 5s}
faults:
  - capacity_loss: {id: gone, region: west, service: identity, share: 100%, at: 1m, for: 59s}
properties:
  none: {always: {holds: success >= 1%}}
";

/// The first request for servers waits for an answer that takes five minutes. Once whoever works on it is gone, nobody
/// waits for it any more, and the autoscaler asks again and is refused.
#[test]
fn what_waits_for_a_service_is_lost_with_it_and_asked_for_again() {
    let outcome = rehearse(&plan_of(PROVISIONING, "servers.yaml", &[]), &Provenance::default(), 1);
    let events = outcome.record.timeline.events();
    let failed: Vec<u64> =
        events.iter().filter(|e| e.name == "autoscaler.west.api.failed").map(|e| e.at.second()).collect();
    assert_eq!(failed, [60, 60, 75, 90, 105]);
}
