//! Reads of a replica in the service's own region: what they do not see, and what is said of it.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// Everybody is served in north, whose replica is 200 ms behind.
const NEARBY: &str = "
firedrill: 1
name: nearby
duration: 10m
regions:
  west: {role: primary, services: {api: {servers: 50, time: 10ms, database: orders}}}
  north: {like: west, role: secondary, services: {api: {active: true, reads: nearby}}}
databases:
  orders: {primary: west, replicas: [north], delay: 200ms}
balancer: {weights: {north: 100%}, check_every: 0s}
dns: {records: {app.example: balancer}}
resolvers: {count: 0}
workload:
  - open: {rate: 40/s, mix: {write: 20%}, keys: {uniform: {count: 10}}, retries: 0}
faults:
  - FAULT
properties:
  up: {measure: {value: availability, at_least: 99%}}
";

fn run(fault: &str, bound: &str) -> Outcome {
    let text = NEARBY.replace("FAULT", fault) + bound;
    rehearse(&plan_of(&text, "nearby.yaml", &[]), &Provenance::default(), 1)
}

fn total(outcome: &Outcome, what: &str) -> u64 {
    let signal = outcome.record.signal(&format!("service.north.api.{what}")).expect("recorded");
    signal.seconds(outcome.record.workload_end).map(|(_, sample)| sample.part).sum()
}

const STALL: &str = "replication_stall: {id: stall, database: orders, at: 2m, for: 4m}";

#[test]
fn a_replica_that_is_long_behind_is_found_and_one_that_is_as_usual_is_not() {
    let stalled = run(STALL, "");
    assert!(total(&stalled, "outdated_reads") > 5_000, "{}", total(&stalled, "outdated_reads"));
    assert_eq!((stalled.verdict, stalled.as_expected), (Verdict::Inconclusive, false), "{:#?}", stalled.findings);
    let short = run(&STALL.replace("4m", "10s"), "");
    assert!(total(&short, "stale_reads") > 300 && total(&short, "outdated_reads") == 0);
    assert_eq!(short.verdict, Verdict::Pass, "{:#?}", short.findings);
}

#[test]
fn a_bound_on_outdated_reads_speaks_of_them() {
    let bound = |most: u32| format!("  fresh: {{always: {{holds: service.north.api.outdated_reads <= {most}/s}}}}\n");
    assert_eq!(run(STALL, &bound(1)).verdict, Verdict::Fail);
    assert_eq!(run(STALL, &bound(1_000)).verdict, Verdict::Pass);
}

#[test]
fn while_the_replica_is_down_reads_go_to_the_authority() {
    let down = run("database_crash: {id: crash, database: orders, region: north, at: 2m, for: 4m}", "");
    assert_eq!(down.record.requests.ok, down.record.requests.started);
    assert!(
        down.record.faults[0].touched > 5_000,
        "what goes elsewhere is affected: {}",
        down.record.faults[0].touched
    );
    let before = |second: u64| {
        let signal = down.record.signal("service.north.api.stale_reads").expect("recorded");
        signal.seconds(down.record.workload_end).filter(|(at, sample)| (*at < second) && sample.part > 0).count()
    };
    assert!(before(120) > 60 && before(355) <= before(121) + 1, "{} {}", before(120), before(355));
}

/// Clients of north, from which the replica in south is 5 ms away and the authority in west 50 ms.
const NEAREST: &str = "
firedrill: 1
name: nearest
duration: 10m
regions:
  west: {role: primary, services: {api: {servers: 50, time: 0ms, database: orders}}}
  north: {like: west, role: secondary, services: {api: {active: true, reads: nearest}}}
  south: {role: secondary, services: {}}
databases:
  orders: {primary: west, replicas: [south], delay: 200ms, read_time: 0ms}
network: {clients: 0ms, latency: 50ms, between: [{a: north, b: south, latency: 5ms}]}
balancer: {weights: {north: 100%}, check_every: 0s}
dns: {records: {app.example: balancer}}
resolvers: {count: 0}
workload:
  - open: {rate: 40/s, mix: {read: 100%}, keys: {uniform: {count: 10}}, retries: 0}
faults:
  - FAULT
properties:
  quick: {always: {holds: latency.p99 <= 11ms, until: 1m 59s}}
";

#[test]
fn reads_go_to_the_nearest_copy_that_can_be_reached() {
    let waits = |fault: &str| {
        let text = NEAREST.replace("FAULT", fault);
        let outcome = rehearse(&plan_of(&text, "nearest.yaml", &[]), &Provenance::default(), 1);
        let caught = outcome.record.requests.started - outcome.record.requests.ok;
        assert!(caught <= 2, "{fault}: {caught} were under way when it began");
        assert_eq!(outcome.properties[0].verdict, Verdict::Pass, "{fault}: 10 ms there and back");
        assert!(outcome.record.faults[0].touched > 4_000, "{fault}: {}", outcome.record.faults[0].touched);
        let longest = outcome.record.requests.latency.max;
        (longest.as_nanos() / 1_000_000, outcome.record.requests.latency.p50.as_nanos() / 1_000_000)
    };
    for fault in [
        "database_crash: {id: away, database: orders, region: south, at: 3m, for: 2m}",
        "region_outage: {id: away, region: south, at: 3m, for: 2m}",
        "partition: {id: away, region: north, from: south, at: 3m, for: 2m}",
    ] {
        let (longest, median) = waits(fault);
        assert!((100..=101).contains(&longest), "{fault}: the authority is 100 ms away and back, not {longest} ms");
        assert!((9..=11).contains(&median), "{fault}: {median} ms");
    }
}

/// Clients whose name still leads them to west read what nobody has written there since north was promoted.
#[test]
fn reads_of_an_authority_that_was_deposed_are_outdated() {
    let text = "
firedrill: 1
name: deposed
duration: 20m
regions:
  west: {role: primary, services: {api: {servers: 50, time: 10ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 200ms, promote_time: 5s}
dns: {zone: app.example, records: {app.example: west, old.example: west}}
resolvers: {violators: 0%}
workload:
  - open: {name: writers, rate: 20/s, mix: {write: 100%}, keys: {uniform: {count: 10}}}
  - open: {name: readers, rate: 20/s, mix: {read: 100%}, keys: {uniform: {count: 10}}, record: old.example}
faults:
  - partition: {id: apart, region: west, from: north, at: 5m, for: 15m}
  - partition: {id: unseen, region: west, from: control, at: 5m, for: 15m}
control:
  - watch: {from: west, to: north, every: 10s, records: [app.example], run: region_failover}
properties:
  up: {measure: {value: availability, at_least: 90%}}
";
    let outcome = rehearse(&plan_of(text, "deposed.yaml", &[]), &Provenance::default(), 1);
    let signal = outcome.record.signal("service.west.api.outdated_reads").expect("recorded");
    let outdated: u64 = signal.seconds(outcome.record.workload_end).map(|(_, sample)| sample.part).sum();
    assert!(outdated > 5_000, "{outdated}");
    assert!(outcome.findings.iter().any(|found| found.contains("answered by a replica")), "{:#?}", outcome.findings);
}
