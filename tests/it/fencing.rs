//! A failover away from a region that is still alive: the old authority goes on working, and must not promise anything.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::Instant;

/// The primary fails half of its requests but lives. A commit takes two seconds, so that writes are under way when the
/// epoch is raised; the stream is a minute behind and stalls, so that whatever is promised then is lost: the limit allows it.
const ALIVE: &str = "
firedrill: 1
name: alive
duration: 10m
regions:
  west:
    services:
      api: {servers: 200, time: {exponential: 5ms}, database: orders}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 1m, commit_time: 2s, promote_time: 1s, fencing: true}
dns: {zone: app.example, ttl: 30s, publish: 1s}
workload:
  - open: {rate: 40/s, mix: {read: 0%, write: 100%}, keys: {uniform: {count: 100}}, retries: 0}
faults:
  - slow_share: {id: failing, region: west, service: api, errors: 50%, at: 2m}
  - replication_stall: {id: stuck, database: orders, at: 110s}
control:
  - watch: {every: 5s, sustained: 10s, run: region_failover, loss_limit: 1M}
properties:
  no_loss: {ledger: {lost: 0}}
expect: {no_loss: fail}
";

fn rehearsed() -> (Outcome, Instant) {
    let outcome = rehearse(&plan_of(ALIVE, "alive.yaml", &[]), &Provenance::default(), 1);
    let fenced = outcome.record.timeline.times("db.orders.fenced").next().expect("the failover fences");
    (outcome, fenced)
}

#[test]
fn nothing_is_acknowledged_in_an_old_epoch_once_a_newer_one_is_in_force() {
    let (outcome, fenced) = rehearsed();
    let lost = &outcome.record.stores[0].lost;
    assert!(!lost.is_empty(), "the stream was a minute behind: what was acknowledged before is lost");
    let late: Vec<_> = lost.iter().filter(|write| write.server_acked >= fenced).collect();
    assert!(late.is_empty(), "{} writes were promised after the fence at {fenced}, such as {:?}", late.len(), late[0]);
}

#[test]
fn two_copies_are_never_writable_at_once() {
    let (outcome, _) = rehearsed();
    let writable = outcome.record.signal("db.orders.writable").expect("recorded");
    assert!(writable.points().all(|(_, copies)| copies.part <= 1));
    let announced = outcome.record.stores[0].announced.expect("the loss was announced").if_alive;
    assert!(outcome.record.stores[0].lost_total <= announced, "{announced} announced");
}

/// Nothing fences the old primary off, whose region is cut off for a while; some resolvers send clients there for an hour.
const UNFENCED: &str = "
firedrill: 1
name: unfenced
duration: 30m
regions:
  west: {role: primary, services: {api: {servers: 300, time: 10ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 100ms, promote_time: 5s, fencing: none, commit: sync}
dns: {ttl: 60s, publish: 5s}
resolvers: {count: 200, violators: 10%, violator_ttl: 1h}
workload:
  - open: {rate: 40/s, groups: 500, mix: {write: 50%}, timeout: 60s, retries: 0}
faults:
  - partition: {id: hangs, region: west, from: everything, at: 5m, for: 6m}
control:
  - watch: {every: 10s, run: region_failover}
properties:
  no_loss: {ledger: {lost: 0}}
";

#[test]
fn an_old_primary_that_nobody_fenced_off_goes_on_alone_if_it_may() {
    let lost = |commit: &str| {
        let text = UNFENCED.replace("commit: sync", commit);
        let outcome = rehearse(&plan_of(&text, "unfenced.yaml", &[]), &Provenance::default(), 1);
        let alone = outcome.record.timeline.times("db.orders.degraded").count();
        (outcome.record.stores[0].lost_total, alone)
    };
    assert_eq!(lost("commit: sync"), (0, 0), "it waits for ever for replicas that follow another");
    let (degraded, alone) = lost("commit: sync, without_replicas: degrade, degrade_after: 5s");
    let (asynchronous, _) = lost("commit: async");
    assert!(alone >= 2, "each of both primaries once");
    assert!(degraded > 1_000 && degraded <= asynchronous, "{degraded} of {asynchronous}");
}
