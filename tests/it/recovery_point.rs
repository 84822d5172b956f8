//! The recovery point of each loss is counted from the outage of the region that led, and every lost write counts.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::{Instant, Span};

fn rehearsed(database: &str, faults: &str, watch: &str, properties: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: recovery points
duration: 14m
settle: 2m
regions:
  west:  {{services: {{api: {{servers: 50, time: 20ms}}}}}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], commit: async, promote_time: 5s, {database}}}
dns: {{zone: app.example, ttl: 20s, publish: 5s}}
resolvers: {{violators: 0%}}
monitoring: {{scrape: 5s, window: 20s, delay: 1s}}
workload:
  - open: {{rate: 100/s, mix: {{read: 80%, write: 20%}}, timeout: 2s}}
faults:
{faults}
control:
  - watch: {{id: pilot, every: 5s, sustained: 20s, run: region_failover{watch}}}
properties:
  figure: {{measure: {{value: rpo(orders), at_most: 1s}}}}
  ledger: {{ledger: {{rpo: 1s}}}}
{properties}
"
    );
    rehearse(&plan_of(&text, "scenarios/recovery-point.yaml", &[]), &Provenance::default(), 1)
}

fn verdict(outcome: &Outcome, id: &str) -> Verdict {
    outcome.properties.iter().find(|p| p.id == id).expect("it is asked for").verdict
}

/// The figure and the ledger say the same.
fn both(outcome: &Outcome, expected: Verdict) {
    assert_eq!((verdict(outcome, "figure"), verdict(outcome, "ledger")), (expected, expected));
}

#[test]
fn a_blink_of_another_region_is_not_what_a_loss_is_counted_from() {
    let faults = "  - region_outage: {id: blink, region: north, at: 20s, for: 1s}
  - region_outage: {id: dark, region: west, at: 120s}
  - dns_api_down: {id: nameless, at: 121s, for: 1s}";
    let chosen = "  dark: {ledger: {rpo: 21s, after: fault.dark}}
  blink: {ledger: {rpo: 21s, after: fault.blink}}";
    let outcome = rehearsed("delay: 20s", faults, "", chosen);
    both(&outcome, Verdict::Fail);
    let cut = outcome.record.stores[0].worst_cut().expect("something is lost");
    assert_eq!(cut.outage, Some(Instant::from_secs(120)));
    let before = cut.reach().expect("a fault came before").before;
    assert!((Span::from_secs(19)..=Span::from_secs(20)).contains(&before), "{before}");
    assert_eq!(verdict(&outcome, "dark"), Verdict::Pass);
    assert_eq!(verdict(&outcome, "blink"), Verdict::Fail, "all of it is after that one");
}

#[test]
fn what_a_leader_that_was_cut_off_went_on_to_promise_counts_too() {
    let faults = "  - partition: {id: cut, region: west, from: control, at: 60s, for: 4m}
  - partition: {id: cut2, region: west, from: north, at: 60s, for: 4m}";
    let outcome =
        rehearsed("delay: 200ms, fencing: none", faults, "", "  r: {measure: {value: rpo(orders), at_least: 1m}}");
    both(&outcome, Verdict::Fail);
    assert_eq!(verdict(&outcome, "r"), Verdict::Pass, "clients go on writing there for more than a minute");
    let store = &outcome.record.stores[0];
    assert_eq!(store.worst_cut().and_then(|cut| cut.outage), Some(Instant::from_secs(60)));
    assert_eq!(store.whereabouts.held, store.lost_total, "west was up all the time: {:?}", store.whereabouts);
}

#[test]
fn of_a_region_that_flaps_the_last_outage_before_the_promotion_counts() {
    let faults = "  - region_outage: {id: dark, region: west, at: 60s, for: 5m, flap: {down: 60s, up: 3s}}";
    let outcome = rehearsed("delay: 20s", faults, "", "");
    let cut = outcome.record.stores[0].worst_cut().expect("something is lost");
    let begun = cut.outage.expect("a fault came before");
    assert!(begun <= cut.at && cut.at.since(begun) < Span::from_secs(63), "{begun}, cut at {}", cut.at);
    assert_eq!((begun - Instant::from_secs(60).since(Instant::ZERO)).as_nanos() % 63_000_000_000, 0, "{begun}");
}

#[test]
fn two_failovers_are_two_losses_each_with_an_outage_of_its_own() {
    let faults = "  - region_outage: {id: first, region: west, at: 30s, for: 60s}
  - region_outage: {id: second, region: north, at: 260s}";
    let watch = ", from: west, to: north, cool_down: 1h}\n  - watch: {id: back, every: 5s, sustained: 150s, cool_down: 10s, from: north, to: west, \
                 run: region_failover";
    let outcome = rehearsed("delay: 5s", faults, watch, "");
    let store = &outcome.record.stores[0];
    let outages: Vec<_> = store.cuts.iter().map(|cut| cut.outage).collect();
    assert_eq!(outages, [30, 260].map(|second| Some(Instant::from_secs(second))), "{:?}", store.cuts);
    both(&outcome, Verdict::Fail);
}

/// Synchronous, one standby away or state still for eight minutes, promoted when both others are gone.
fn stale_standby(fault: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: stale standby
duration: 25m
regions:
  a: {{role: primary, services: {{api: {{servers: 16, time: 10ms, database: accounts}}}}}}
  b: {{like: a, role: secondary}}
  c: {{like: a, role: secondary}}
databases:
  accounts: {{primary: a, replicas: [b, c], commit: sync, delay: 20ms}}
dns: {{ttl: 30s, publish: 5s}}
resolvers: {{count: 0}}
workload:
  - open: {{rate: 20/s, mix: {{write: 100%}}, keys: {{uniform: 1000}}, timeout: 10s, retries: 0}}
faults:
  - {fault}
  - region_outage: {{id: a_dies, region: a, at: 10m}}
  - region_outage: {{id: c_dies, region: c, at: 10m}}
control:
  - watch: {{every: 10s, run: region_failover, from: a, to: b, cool_down: 1m}}
properties:
  rpo: {{ledger: {{rpo: 8m}}}}
  short: {{ledger: {{rpo: 7m}}}}
"
    );
    rehearse(&plan_of(&text, "scenarios/stale-standby.yaml", &[]), &Provenance::default(), 1)
}

#[test]
fn a_standby_that_was_away_or_stood_still_is_eight_minutes_behind_the_outage_that_matters() {
    for fault in [
        "region_outage: {id: b_off, region: b, at: 2m, for: 9m}",
        "replication_stall: {id: b_off, database: accounts, region: b, at: 2m, for: 9m}",
    ] {
        let outcome = stale_standby(fault);
        assert_eq!(verdict(&outcome, "rpo"), Verdict::Pass, "{fault}");
        assert_eq!(verdict(&outcome, "short"), Verdict::Fail, "{fault}");
    }
}
