//! Why requests fail, and what of it is told: the reasons add up, and what names, balancers, breakers and limits do is in
//! the timeline of the run.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::record::{FailureReason, Sample};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::report::{Look, TERMINAL};

/// Two deployments of a model behind a balancer, as a gateway has them.
const DEPLOYMENTS: &str = "
firedrill: 1
name: deployments
duration: 10m
providers:
  first: {limit: {requests: 60/m, over: 1s}}
  second: {}
regions:
  first: {provider: first, role: primary, services: {chat: {servers: 100, time: 500ms}}}
  second: {provider: second, role: secondary, services: {chat: {servers: 100, time: 500ms, active: true}}}
balancer:
  weights: {first: 100%, second: 0%}
  checks: {probe: none, success_rate: {below: 85%, window: 30s, minimum: 20, every: 10s, eject_for: 60s}}
dns: {records: {app.example: balancer}}
resolvers: {count: 0}
workload:
  - open: {rate: 2/s, arrivals: constant, timeout: 60s, retries: 0}
";

/// One region that goes dark for a minute, whose clients have circuit breakers and a retry budget.
const DARK: &str = "
firedrill: 1
name: dark
duration: 10m
regions:
  west: {services: {api: {servers: 50, time: 10ms}}}
resolvers: {count: 0}
workload:
  - open:
      rate: 40/s
      timeout: 1s
      retries: 2
      backoff: {base: 100ms}
      retry_budget: 10%
      retry_burst: 20
      breaker: {failures: 50%, window: 10s, minimum: 20, open_for: 10s, processes: 1}
faults:
  - region_outage: {id: dark, region: west, at: 2m, for: 1m}
";

fn run(text: &str, settings: &[(&str, &str)]) -> Outcome {
    rehearse(&plan_of(text, "reasons.yaml", settings), &Provenance::default(), 1)
}

/// When events of that name happened, in seconds.
fn happened(outcome: &Outcome, event: &str) -> Vec<u64> {
    outcome.record.timeline.times(event).map(|at| at.second()).collect()
}

fn of(outcome: &Outcome, reason: FailureReason) -> u64 {
    outcome.record.requests.reasons.of(reason)
}

/// What a signal of counts a second sums up to.
fn sum(outcome: &Outcome, signal: &str) -> u64 {
    let signal = outcome.record.signal(signal).expect("a signal");
    let points: Vec<_> = signal.points().collect();
    let until = |i: usize| points.get(i + 1).map_or(outcome.record.end.second() + 1, |(next, _)| next.second());
    let total =
        |(i, (at, Sample { part, .. })): (usize, &(firedrill::units::Instant, Sample))| part * (until(i) - at.second());
    points.iter().enumerate().map(total).sum()
}

fn shown(outcome: &Outcome) -> String {
    String::from_utf8(TERMINAL.run(outcome, Look::PLAIN)).expect("UTF-8")
}

#[test]
fn every_failed_request_has_one_reason_in_the_totals_and_over_time() {
    for outcome in [run(DEPLOYMENTS, &[]), run(DARK, &[])] {
        let requests = &outcome.record.requests;
        assert!(requests.failed + requests.unknown > 0);
        assert_eq!(requests.reasons.total(), requests.failed + requests.unknown);
        for reason in FailureReason::ALL {
            let name = reason.name();
            assert_eq!(sum(&outcome, &format!("failed.{name}")), of(&outcome, reason), "{name}");
        }
    }
}

#[test]
fn what_a_quota_turns_away_fails_for_it_and_the_balancer_says_that_it_uses_all() {
    let outcome = run(&DEPLOYMENTS.replace(", second: 0%", ""), &[]);
    let requests = &outcome.record.requests;
    assert_eq!(of(&outcome, FailureReason::Limited), requests.failed);
    assert_eq!(happened(&outcome, "provider.first.throttling").len(), 1);
    let (ejected, open) = (happened(&outcome, "balancer.first.ejected"), happened(&outcome, "balancer.fail_open"));
    assert!(!ejected.is_empty() && ejected == open, "{ejected:?}, {open:?}");
    let text = shown(&outcome);
    assert!(text.contains("no region is healthy: all are used"), "{text}");
    assert!(text.contains("over a rate limit"), "{text}");
}

#[test]
fn a_healthy_deployment_without_weight_is_used_before_an_ejected_one() {
    let outcome = run(DEPLOYMENTS, &[]);
    let (ejected, spare) = (happened(&outcome, "balancer.first.ejected"), happened(&outcome, "balancer.spare_used"));
    assert!(!ejected.is_empty() && ejected == spare, "{ejected:?}, {spare:?}");
    assert_eq!(happened(&outcome, "balancer.fail_open"), [0_u64; 0]);
    let alone = run(&DEPLOYMENTS.replace(", second: 0%", ""), &[]);
    assert!(outcome.record.requests.ok > alone.record.requests.ok + 300, "{:?}", outcome.record.requests);
}

#[test]
fn with_somewhere_else_to_go_the_balancer_does_not_fail_open() {
    let shared = [("balancer.weights.first", "50%"), ("balancer.weights.second", "50%"), ("workload.0.rate", "6/s")];
    let outcome = run(DEPLOYMENTS, &shared);
    assert!(!happened(&outcome, "balancer.first.ejected").is_empty());
    assert_eq!(happened(&outcome, "balancer.fail_open"), [0_u64; 0]);
    let kept = [shared[0], shared[1], shared[2], ("balancer.checks.most_removed", "0%")];
    let outcome = run(DEPLOYMENTS, &kept);
    assert_eq!(happened(&outcome, "balancer.first.kept"), happened(&outcome, "balancer.first.ejected"));
}

#[test]
fn a_dark_region_a_breaker_and_a_spent_budget_are_told_apart_and_each_is_in_the_timeline() {
    let outcome = run(DARK, &[]);
    assert!(of(&outcome, FailureReason::Dark) > 0 && of(&outcome, FailureReason::BreakerOpen) > 0);
    let one = |event: &str| match happened(&outcome, event)[..] {
        [at] => at,
        ref several => panic!("{event}: {several:?}"),
    };
    let [open, tried, closed] = ["open", "half_open", "closed"].map(|what| one(&format!("breaker.open.west.{what}")));
    assert!(
        (120..130).contains(&open) && tried == open + 10 && (180..200).contains(&closed),
        "{open} {tried} {closed}"
    );
    assert!(happened(&outcome, "retry_budget.open.exhausted").first().is_some_and(|at| (121..130).contains(at)));
    assert_eq!(happened(&outcome, "retry_budget.open.refilled").len(), 1);
    let text = shown(&outcome);
    for part in ["stop sending to west", "send to west again", "have exhausted their retry budget", "breaker open"] {
        assert!(text.contains(part), "{part:?} is missing from {text}");
    }
}

#[test]
fn without_a_breaker_a_dark_region_is_the_only_reason() {
    let outcome = run(DARK, &[("workload.0.breaker", "null"), ("workload.0.retries", "0")]);
    let requests = &outcome.record.requests;
    assert_eq!(of(&outcome, FailureReason::Dark), requests.failed + requests.unknown);
}

#[test]
fn lost_servers_and_their_return_are_events_with_numbers() {
    let text =
        DARK.replace("region_outage: {id: dark, region: west,", "capacity_loss: {id: dark, region: west, share: 50%,");
    let outcome = run(&text, &[]);
    let lost = "capacity.west.api.servers_lost";
    assert_eq!(
        (happened(&outcome, lost), happened(&outcome, "capacity.west.api.servers_back")),
        (vec![120], vec![180])
    );
    let event = outcome.record.timeline.events().iter().find(|event| event.name == lost).expect("it happened");
    assert_eq!(event.text, "api in west: from 50 servers to 25");
}

#[test]
fn a_planned_change_of_a_record_is_in_the_short_timeline() {
    let dns = "dns: {ttl: 60s, changes: [{at: 90s, to: nothing}, {at: 200s, to: west}]}\nresolvers:";
    let text = DARK.replace("resolvers:", dns).replace("at: 2m, for: 1m", "at: 9m, for: 1m");
    let outcome = run(&text, &[("dns.refuse_empty", "false")]);
    assert!(of(&outcome, FailureReason::NoAddress) > 0);
    let text = shown(&outcome);
    assert!(text.contains("1:30.0") && text.contains("resolves to no address"), "{text}");
}

#[test]
fn clients_try_again_after_the_failures_they_name_alone() {
    const FAULTS: [(&str, &str); 4] = [
        ("connection", "region_outage: {id: x, region: west, at: 2m, for: 1m}"),
        ("error", "slow_share: {id: x, region: west, errors: 100%, at: 2m, for: 1m}"),
        ("timeout", "slow_share: {id: x, region: west, slowdown: 100000%, at: 2m, for: 1m}"),
        // Not by its fault: by the limit of its service.
        ("limited", "monitoring_gap: {id: x, region: west, at: 2m, for: 1m}"),
    ];
    let dark = DARK.split("      retry_budget").next().expect("a part before it");
    let again = |fault: &str, on: &str| {
        let limit = if fault.starts_with("monitoring") { "time: 10ms, limit: {requests: 1/s}" } else { "time: 10ms" };
        let text = format!("{dark}      retry_on: {on}\nfaults:\n  - {fault}\n").replace("time: 10ms", limit);
        let outcome = run(&text, &[]);
        let total = |signal: &str| {
            let signal = outcome.record.signal(signal).expect("recorded");
            signal.seconds(outcome.record.end).map(|(_, sample)| sample.part).sum::<u64>()
        };
        total("attempts") - total("offered")
    };
    for (class, fault) in FAULTS {
        let (all, these) = (again(fault, "[]"), again(fault, &format!("[{class}]")));
        let others: Vec<&str> = FAULTS.iter().map(|(other, _)| *other).filter(|other| *other != class).collect();
        let rest = again(fault, &format!("[{}]", others.join(", ")));
        assert!(all > 1_000 && these > all * 9 / 10 && rest < all / 10, "{class}: {these} and {rest} of {all}");
    }
}
