//! Leases and their holders, as far as they can be seen from outside.

use crate::model::clients::session::tests::total;
use crate::outcome::Outcome;
use crate::rehearse::{Provenance, rehearse};
use crate::scenario::{Catalogs, load};
use crate::units::Instant;

/// Ten minutes of a hundred holders, with a service that answers in 10 ms and is out of reach from 5 min to 7 min.
fn run(holders: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
duration: 10m
providers: {{any: {{errors: 0%}}}}
regions:
  west: {{provider: any, role: primary, services: {{api: {{servers: 50, time: 10ms}}}}}}
network: {{latency: 0ms, clients: 0ms}}
resolvers: {{count: 0}}
workload:
  - leases: {{name: hosts, holders: 100, timeout: 1s, {holders}}}
faults:
  - partition: {{id: cut, region: west, at: 5m, for: 2m}}
properties:
  some: {{measure: {{value: availability, at_least: 1%}}}}
"
    );
    let (plan, _) = load(&text, "leases.yaml", &[], &Catalogs::BUILT_IN).unwrap_or_else(|p| panic!("{p:#?}"));
    rehearse(&plan, &Provenance::default(), 1)
}

fn held(outcome: &Outcome, second: u64) -> u64 {
    outcome.record.signal("leases.hosts.held").expect("a signal").at(Instant::from_secs(second)).part
}

#[test]
fn renewals_come_evenly_and_nobody_lapses_while_they_succeed() {
    let outcome = run("every: 20s, term: 30s");
    let renewed = total(&outcome, "offered");
    let before: Vec<u64> = (0..300).map(|second| held(&outcome, second)).collect();
    assert!(before[1..].iter().all(|held| *held == 100), "{before:?}");
    // Five a second, and one a second of each that is cut off.
    assert!((15 * 100..15 * 100 + 120 * 100 + 15 * 100).contains(&(renewed as usize)), "{renewed}");
}

#[test]
fn a_lease_outlives_failed_renewals_until_its_term_is_over() {
    let outcome = run("every: 20s, term: 50s, backoff: {base: 1s, factor: 100%, jitter: none}");
    // A holder that renewed just before the cut holds it for 50 s more; one that was due just then, for 30 s.
    assert_eq!((held(&outcome, 329), held(&outcome, 352)), (100, 0));
    assert!((1..100).contains(&held(&outcome, 340)));
    assert_eq!((held(&outcome, 419), held(&outcome, 424)), (0, 100), "two seconds between one request and the next");
}

#[test]
fn who_gives_up_is_out_as_soon_as_a_renewal_fails() {
    let outcome = run("every: 20s, term: 10m, on_failure: give_up");
    assert_eq!((held(&outcome, 300), held(&outcome, 322)), (100, 0));
    assert!((30..70).contains(&held(&outcome, 311)), "{}", held(&outcome, 311));
}

#[test]
fn who_begins_without_a_lease_asks_at_once() {
    let outcome = run("every: 20s, term: 30s, begin: lapsed");
    assert_eq!((held(&outcome, 0), held(&outcome, 1)), (0, 100));
}

#[test]
fn what_makes_no_sense_of_a_lease_is_refused() {
    for (holders, words) in [
        ("every: 20s, term: 10s", "expires before it is renewed"),
        ("retries: 3", "retries until it has its lease"),
        ("journey: [api, api]", "not a journey"),
    ] {
        let text = format!(
            "firedrill: 1\nduration: 1m\nregions: {{a: {{services: {{api: {{servers: 1, time: 1ms}}}}}}}}\nworkload: [{{leases: \
             {{holders: 1, {holders}}}}}]\nproperties: {{p: {{measure: {{value: availability, at_least: 1%}}}}}}"
        );
        let problems = load(&text, "x.yaml", &[], &Catalogs::BUILT_IN).unwrap_err();
        let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(said.len() == 1 && said[0].contains(words), "{said:?}");
    }
}
