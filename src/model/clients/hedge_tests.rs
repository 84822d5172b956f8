//! Hedges and breakers, as far as they can be seen from outside.

use crate::model::clients::session::tests::total;
use crate::outcome::Outcome;
use crate::rehearse::{Provenance, rehearse};
use crate::scenario::{Catalogs, load};

/// Five minutes of clients of a service some of whose requests take two seconds, or that is out for a minute.
fn run(service: &str, client: &str, fault: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
duration: 5m
providers: {{any: {{errors: 0%}}}}
regions:
  west: {{provider: any, role: primary, services: {{api: {{servers: 200, time: 20ms, {service}}}}}}}
network: {{latency: 0ms, clients: 5ms}}
resolvers: {{count: 0}}
workload:
  - open: {{rate: 50/s, arrivals: constant, timeout: 3s, backoff: {{base: 0s}}, {client}}}
faults:
  - {fault}
properties:
  some: {{measure: {{value: availability, at_least: 1%}}}}
"
    );
    let (plan, _) = load(&text, "hedges.yaml", &[], &Catalogs::BUILT_IN).unwrap_or_else(|p| panic!("{p:#?}"));
    rehearse(&plan, &Provenance::default(), 1)
}

const SLOW: &str = "slow_share: {region: west, share: 4%, slowdown: 10000%, at: 0s}";

#[test]
fn a_hedge_overtakes_a_slow_attempt_and_costs_a_few_more() {
    let plain = run("queue: 10", "retries: 0", SLOW).record.requests;
    let hedged = run("queue: 10", "retries: 0, hedge: 200ms", SLOW);
    let requests = hedged.record.requests;
    // A percentile is within half a percent.
    assert!((2_000..=2_020).contains(&(plain.latency.p99.as_nanos() / 1_000_000)), "{:?}", plain.latency.p99);
    assert_eq!(plain.attempts, plain.started);
    // The hedge leaves after 200 ms and needs 30 ms; one in twenty-five is slow, too.
    assert!((229..=231).contains(&(requests.latency.p99.as_nanos() / 1_000_000)), "{:?}", requests.latency.p99);
    assert_eq!(requests.ok, requests.started);
    let hedges = requests.attempts - requests.started;
    assert!((500..700).contains(&hedges), "{hedges} of {} requests were hedged", requests.started);
    assert_eq!(hedges, total(&hedged, "hedges"));
}

#[test]
fn writes_are_not_hedged() {
    let requests = run("queue: 10", "retries: 0, hedge: 200ms, journey: [{does: write}]", SLOW).record.requests;
    assert_eq!(requests.attempts, requests.started);
}

/// Every request fails at once, so that what may be tried again is, three times.
#[test]
fn stated_writes_are_writes_though_nothing_keeps_them() {
    let attempts = |mix: &str| {
        let client = format!("retries: 3, keyed_writes: false{mix}");
        let requests = run("queue: 10", &client, "slow_share: {region: west, errors: 100%, at: 0s}").record.requests;
        (requests.attempts, requests.started)
    };
    let (of_writes, started) = attempts(", mix: {write: 100%}");
    assert_eq!(of_writes, started, "none of them carries a key");
    let (of_reads, started) = attempts(", mix: {read: 100%}");
    assert!(
        (4 * started - 10..=4 * started).contains(&of_reads),
        "but for those the end cut short: {of_reads} of {started}"
    );
    assert_eq!(attempts(""), (of_reads, started), "no share is written: all read");
    let (of_both, started) = attempts(", mix: {write: 50%}");
    assert!(of_both > 2 * started && of_both < 3 * started, "{of_both} attempts at {started} requests");
}

#[test]
fn what_lost_the_race_is_still_worked_on() {
    let busy = |client: &str| {
        let outcome = run("queue: 10", client, SLOW);
        total(&outcome, "service.west.api.busy")
    };
    let (plain, hedged) = (busy("retries: 0"), busy("retries: 0, hedge: 200ms"));
    assert!(hedged > plain, "{hedged} busy server-seconds with hedges, {plain} without");
}

#[test]
fn hedges_take_from_the_retry_budget() {
    let requests = run("queue: 10", "hedge: 200ms, retry_budget: 1%, retry_burst: 5", SLOW).record.requests;
    let extra = requests.attempts - requests.started;
    assert!(extra <= requests.started / 100 + 5 && extra > 50, "{extra} of {}", requests.started);
}

#[test]
fn two_failed_attempts_are_one_failure_and_the_books_are_kept() {
    let failing = "slow_share: {region: west, share: 50%, slowdown: 2000%, errors: 60%, at: 0s}";
    for (queue, servers) in
        [("queue: 10", "200"), ("queue: 3", "4"), ("queue: 1000", "4"), ("serve_abandoned: true", "4")]
    {
        let service = format!("{queue}, warm_up: 1m, shed_after: 2s");
        let outcome = run(&service.replace("200", servers), "retries: 2, hedge: 100ms, breaker: {}", failing);
        let requests = outcome.record.requests;
        assert_eq!(requests.ok + requests.failed + requests.unknown, requests.started, "{queue}");
        assert_eq!(outcome.stopped, None);
    }
}

const OUT: &str = "slow_share: {id: out, region: west, errors: 100%, at: 1m, for: 2m}";

#[test]
fn a_breaker_keeps_clients_from_sending_while_the_service_fails_and_lets_them_back() {
    let (plain, guarded) =
        (run("queue: 10", "retries: 1", OUT), run("queue: 10", "retries: 1, breaker: {processes: 1}", OUT));
    let (without, with) = (plain.record.requests, guarded.record.requests);
    // 6000 requests in the outage: two attempts for each, or a probe every five seconds.
    assert!(without.attempts - without.started > 5_900, "{without:?}");
    assert!(with.attempts < with.started - 5_000, "{with:?}");
    assert!(total(&guarded, "breaker.refused") > 10_000);
    assert!(
        with.ok + 400 > without.ok,
        "after the outage they are back within seconds: {} and {}",
        with.ok,
        without.ok
    );
    assert!(guarded.record.signal("breaker.open").unwrap().points().any(|(_, open)| open.part == 1));
    assert!(plain.record.signal("breaker.open").is_none());
}
