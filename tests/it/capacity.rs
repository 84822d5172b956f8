//! Capacity: what a cold service, a retry budget and shedding do to the same load.

use super::plan_of;
use firedrill::record::Record;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::{Instant, Span};

/// Servers for 100 requests a second of 50 ms each: five. `load` requests come.
fn world(service: &str, load: u32, client: &str, rest: &str) -> Record {
    let text = format!(
        "
firedrill: 1
name: capacity
duration: 6m
regions:
  west: {{services: {{api: {{servers: 5, time: 50ms, {service}}}}}}}
  north: {{like: west, role: secondary}}
dns: {{zone: app.example, ttl: 10s, publish: 1s}}
workload:
  - open: {{name: users, rate: {load}/s, mix: {{read: 100%}}, {client}}}
{rest}
properties: {{served: {{always: {{holds: success >= 1%}}}}}}
"
    );
    rehearse(&plan_of(&text, "capacity.yaml", &[]), &Provenance::default(), 1).record
}

/// Median latency in the second that begins at `at`, in milliseconds.
fn median_ms(record: &Record, at: u64) -> u64 {
    let points = record.signal("latency.p50").expect("recorded").points().collect::<Vec<_>>();
    let until = Instant::from_secs(at);
    points.iter().take_while(|(from, _)| *from <= until).last().expect("a run has a first second").1.part / 1_000_000
}

const OUTAGE: &str = "faults: [region_outage: {id: dark, region: west, at: 1m, for: 1m}]";

#[test]
fn a_region_that_is_back_is_slow_at_first_and_then_as_fast_as_before() {
    let record = world("warm_up: {over: 100s, factor: 300%}", 20, "timeout: 5s, retries: 0", OUTAGE);
    let (before, cold, half, warm) =
        (median_ms(&record, 30), median_ms(&record, 121), median_ms(&record, 170), median_ms(&record, 240));
    assert!((65..=75).contains(&before) && before == warm, "50 ms of work, 20 ms of network: {before}, {warm}");
    assert!((155..=175).contains(&cold) && (105..=125).contains(&half), "{cold} then {half}");
}

#[test]
fn a_budget_bounds_the_retries_of_a_whole_outage() {
    let retries = |client: &str| {
        let requests = world("queue: 50", 80, client, OUTAGE).requests;
        (requests.attempts - requests.started, requests.started)
    };
    let (unbounded, started) = retries("timeout: 1s, retries: 3");
    let (bounded, again) = retries("timeout: 1s, retries: 3, retry_budget: 10%, retry_burst: 20");
    assert_eq!(started, again, "the budget moves nobody's dice");
    assert!(unbounded > started / 3, "{unbounded} retries for {started} requests");
    assert!(bounded <= started / 10 + 20 && bounded > 100, "{bounded} retries for {started} requests");
}

#[test]
fn what_is_not_shed_was_begun_in_time() {
    let slowest = |service: &str| world(service, 150, "timeout: 2m, retries: 0", "").requests.latency.max;
    assert!(slowest("errors: 0%") > Span::from_secs(30), "half as much again as can be served");
    // Waiting 500 ms at most, 50 ms of work, 20 ms of network.
    let shed = slowest("shed_after: 500ms");
    assert!(shed <= Span::from_millis(570) && shed > Span::from_millis(500), "{shed}");
}

#[test]
fn a_service_that_works_for_clients_that_have_given_up_serves_nobody_under_overload() {
    let served = |service: &str| world(service, 120, "timeout: 1s, retries: 0", "").requests;
    let (drops, works) = (served("serve_abandoned: false, queue: 500"), served("serve_abandoned: true, queue: 500"));
    assert_eq!(drops.started, works.started);
    assert!(drops.ok > 4 * works.ok, "{} and {}", drops.ok, works.ok);
    let sheds = served("serve_abandoned: true, queue: 500, shed_after: 500ms");
    assert!(sheds.ok * 10 > sheds.started * 7, "{} of {} with shedding", sheds.ok, sheds.started);
}
