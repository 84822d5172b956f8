//! Answers of rate limits, as monitoring sees them and as regions are judged by them.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};

/// A hundred requests a second for a service that lets three through.
const BASE: &str = "
firedrill: 1
name: limited
duration: 6m
settle: 0s
regions:
  west: {services: {flags: {servers: 20, time: 5ms, limit: {requests: 3/s, over: 1s}}}}
  north: {role: secondary, services: {flags: {servers: 20, time: 5ms, active: true}}}
workload:
  - open: {rate: 100/s, arrivals: constant, retries: 0}
control:
  - watch: {every: 10s, run: region_failover}
properties:
  some: {measure: {value: availability, at_least: 1%}}
";
const IGNORED: (&str, &str) = ("monitoring.limited", "ignored");

fn run(text: &str, settings: &[(&str, &str)]) -> Outcome {
    rehearse(&plan_of(text, "limited.yaml", settings), &Provenance::default(), 1)
}

fn count(outcome: &Outcome, event: &str) -> usize {
    outcome.record.timeline.events().iter().filter(|e| e.name == event).count()
}

/// The greatest share that a signal shows.
fn greatest(outcome: &Outcome, signal: &str) -> f64 {
    let points = outcome.record.signal(signal).expect("recorded").points();
    points.filter_map(|(_, sample)| sample.as_f64()).fold(0.0, f64::max)
}

#[test]
fn what_a_limit_turns_away_raises_the_alarm_unless_it_is_ignored() {
    let judged = run(BASE, &[]);
    assert_eq!(count(&judged, "watch.detected"), 1);
    assert!(greatest(&judged, "seen.west.flags.errors") > 0.9 && greatest(&judged, "seen.west.flags.limited") > 0.9);
    let ignored = run(BASE, &[IGNORED]);
    assert_eq!(count(&ignored, "watch.detected"), 0);
    let errors = greatest(&ignored, "seen.west.flags.errors");
    assert!(errors == 0.0 && greatest(&ignored, "seen.west.flags.limited") > 0.9, "a class of its own: {errors}");
    assert!(judged.record.signal("seen.north.flags.limited").is_none(), "there is no limit");
}

#[test]
fn the_limit_of_a_provider_and_that_of_a_service_behind_are_seen_too() {
    let at_the_gate = BASE.replace(", limit: {requests: 3/s, over: 1s}", "").replace(
        "regions:\n  west: {",
        "providers: {small: {limit: {requests: 3/s, over: 1s}}, large: {}}\nregions:\n  west: {provider: small, ",
    );
    let at_the_gate = at_the_gate.replace("north: {role", "north: {provider: large, role");
    let outcome = run(&at_the_gate, &[]);
    assert_eq!(count(&outcome, "watch.detected"), 1);
    assert!(greatest(&outcome, "seen.west.flags.limited") > 0.9);
    let behind = BASE.replace(
        "flags: {servers: 20, time: 5ms, limit: {requests: 3/s, over: 1s}}",
        "flags: {servers: 20, time: 5ms, calls: [store]}, store: {servers: 20, time: 5ms, limit: {requests: 3/s, over: 1s}}",
    );
    let outcome = run(&behind.replace("active: true}", "active: true, calls: []}"), &[IGNORED]);
    assert!(greatest(&outcome, "seen.west.store.limited") > 0.9 && greatest(&outcome, "seen.west.store.errors") == 0.0);
    assert!(greatest(&outcome, "seen.west.flags.errors") > 0.9, "to its caller it is an error like any other");
}

#[test]
fn a_success_rate_follows_the_same_choice() {
    let balanced = BASE.replace("control:\n  - watch: {every: 10s, run: region_failover}\n", "").replace(
        "workload:",
        "dns: {records: {app.example: balancer}}\nbalancer: {weights: {west: 50%, north: 50%}, checks: {probe: ping, success_rate: {}}}\nworkload:",
    );
    assert!(count(&run(&balanced, &[]), "balancer.west.ejected") > 0);
    assert_eq!(count(&run(&balanced, &[IGNORED]), "balancer.west.ejected"), 0);
    let hedged = balanced.replace("retries: 0", "retries: 0, hedge: 1s, mix: {read: 100%}");
    assert!(count(&run(&hedged, &[]), "balancer.west.ejected") > 0);
    assert_eq!(count(&run(&hedged, &[IGNORED]), "balancer.west.ejected"), 0);
}

#[test]
fn a_watch_that_overlooks_what_a_limit_turns_away_is_told_so() {
    let warnings = |text: &str, settings: &[(&str, &str)]| -> Vec<(String, String)> {
        let settings: Vec<_> = settings.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
        let (_, problems) = load(text, "limited.yaml", &settings, &Catalogs::BUILT_IN).expect("it is right");
        problems.iter().map(|problem| (problem.code.to_string(), problem.message.clone())).collect()
    };
    let codes = |text: &str, settings: &[(&str, &str)]| -> Vec<String> {
        warnings(text, settings)
            .into_iter()
            .map(|(code, _)| code)
            .filter(|code| *code == "FD0519" || *code == "FD0518")
            .collect()
    };
    assert_eq!(codes(BASE, &[]), [""; 0]);
    let blind = warnings(BASE, &[IGNORED]);
    assert!(blind.iter().any(|(code, text)| code == "FD0519" && text.contains("3 of up to 100 requests")), "{blind:?}");
    assert_eq!(codes(&BASE.replace("3/s, over", "200/s, over"), &[IGNORED]), [""; 0], "all of them pass");
    let unlimited = BASE.replace(", limit: {requests: 3/s, over: 1s}", "");
    assert_eq!(codes(&unlimited, &[IGNORED]), ["FD0518"], "there is no limit");
}

/// Two deployments of a model behind a gateway; the first takes one request a second, and there are two.
const GATEWAY: &str = "
firedrill: 1
name: gateway
duration: 10m
providers:
  first: {limit: {requests: 60/m, over: 1s}}
  second: {}
regions:
  first: {provider: first, role: primary, services: {chat: {servers: 100, time: 500ms, database: notes}}}
  second: {provider: second, role: secondary, services: {chat: {servers: 100, time: 500ms, active: true, database: notes}}}
databases:
  notes: {primary: second}
balancer: {weights: {first: 100%}, check_every: 0s, fallback: {to: [second], on: [limited, error]}}
dns: {records: {app.example: balancer}}
resolvers: {count: 0}
workload:
  - open: {rate: 2/s, arrivals: constant, mix: {write: 100%}, keyed_writes: false, timeout: 60s, retries: 0}
";

/// Requests that were served, and those the balancer sent on.
fn served_and_sent_on(text: &str) -> (u64, u64) {
    let outcome = rehearse(&plan_of(text, "gateway.yaml", &[]), &Provenance::default(), 1);
    let sent_on = outcome.record.signal("fallbacks").expect("recorded");
    (outcome.record.requests.ok, sent_on.seconds(outcome.record.end).map(|(_, sample)| sample.part).sum())
}

#[test]
fn a_write_without_a_key_gets_a_second_choice_only_where_a_limit_turned_it_away() {
    assert_eq!(served_and_sent_on(GATEWAY), (1_199, 599));
    let failing = GATEWAY.replace("limit: {requests: 60/m, over: 1s}", "errors: 100%");
    assert_eq!(served_and_sent_on(&failing), (0, 0), "it may have happened");
    let keyed = failing.replace("keyed_writes: false", "keyed_writes: true");
    assert_eq!(served_and_sent_on(&keyed), (1_199, 1_199));
    let not_named = keyed.replace("on: [limited, error]", "on: [limited]");
    assert_eq!(served_and_sent_on(&not_named), (0, 0));
}

#[test]
fn a_second_choice_that_fails_too_is_retried_from_the_first_and_costs_no_retry() {
    let both =
        GATEWAY.replace("second: {}", "second: {errors: 100%}").replace("keyed_writes: false", "keyed_writes: true");
    let (served, sent_on) = served_and_sent_on(&both);
    assert_eq!((served, sent_on), (600, 599), "half of them are over the limit of the first");
    let (served, sent_on) =
        served_and_sent_on(&both.replace("retries: 0", "retries: 1, backoff: {base: 500ms, jitter: none}"));
    assert!(served >= 600 && sent_on > 1_100, "{served} served, {sent_on} sent on");
}

#[test]
fn a_region_that_does_not_answer_is_followed_only_within_the_time_the_client_has() {
    let dark = GATEWAY
        .replace("limit: {requests: 60/m, over: 1s}", "errors: 0%")
        .replace("keyed_writes: false, timeout: 60s", "timeout: 3s")
        .replace("on: [limited, error]}", "on: []}")
        + "faults:\n  - region_outage: {id: dark, region: first, at: 2m, for: 6m}\n";
    let (served, sent_on) = served_and_sent_on(&dark);
    assert!(served < 500 && sent_on == 0, "nobody is there any more: {served} served, {sent_on} sent on");
    let (served, sent_on) = served_and_sent_on(&dark.replace("on: []}", "wait: 1s}"));
    assert!(served == 1_199 && sent_on > 700, "{served} served, {sent_on} sent on");
    let (served, _) = served_and_sent_on(&dark.replace("on: []}", "wait: 2800ms}"));
    assert!(served < 500, "half a second of work does not fit into what is left: {served} served");
}
