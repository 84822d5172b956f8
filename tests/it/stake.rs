//! A claim about a database's data passes only on the evidence of writes that could have failed it.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

fn rehearsed(workload: &str, faults: &str, control: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: evidence
duration: 6m
settle: 2m
regions:
  west:  {{services: {{api: {{servers: 50, time: 20ms, database: orders}}, web: {{servers: 9, time: 20ms}}}}}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], commit: sync, without_replicas: degrade, delay: 200ms, promote_time: 5s}}
dns: {{zone: app.example, ttl: 20s, publish: 5s}}
resolvers: {{violators: 0%}}
monitoring: {{scrape: 5s, window: 20s, delay: 1s}}
workload:
  - open: {{name: r, rate: 20/s, mix: {{read: 100%}}, timeout: 2s}}
{workload}
faults: [{faults}]
control: [{control}]
properties:
  kept: {{ledger: {{lost: 0}}}}
  rpo: {{ledger: {{rpo: 0s}}}}
  alike: {{consistent: orders}}
"
    );
    rehearse(&plan_of(&text, "scenarios/evidence.yaml", &[]), &Provenance::default(), 1)
}

const WRITES: &str = "  - open: {name: w, rate: 20/s, mix: {write: 100%}, timeout: 2s}";
const DARK: &str = "region_outage: {id: dark, region: west, at: 60s, for: 60s}";
const WATCH: &str = "watch: {every: 5s, sustained: 20s, run: region_failover}";

/// Every property comes out like that.
fn all(outcome: &Outcome, expected: Verdict) {
    for property in &outcome.properties {
        assert_eq!(property.verdict, expected, "{}: {}", property.id, property.why);
    }
}

#[test]
fn where_nothing_was_written_nothing_was_kept() {
    all(&rehearsed("", DARK, WATCH), Verdict::Inconclusive);
    all(&rehearsed("", DARK, ""), Verdict::Inconclusive);
}

#[test]
fn writes_out_of_the_reach_of_the_fault_prove_nothing() {
    for last in ["10s", "57s"] {
        let early = format!(
            "  - open: {{name: w, rate: 50/s, mix: {{write: 100%}}, timeout: 2s, arrivals: {{steps: {{to: {{{last}: 0.000001/d}}}}}}}}"
        );
        let outcome = rehearsed(&early, DARK, "");
        all(&outcome, Verdict::Inconclusive);
        let why = &outcome.properties[0].why;
        assert!(why.contains("no write within reach of a fault"), "{why}");
    }
}

#[test]
fn writes_within_reach_of_the_fault_do() {
    let first = "  - open: {name: w, rate: 50/s, mix: {write: 100%}, timeout: 2s, arrivals: {steps: {to: {59800ms: 0.000001/d}}}}";
    all(&rehearsed(first, DARK, ""), Verdict::Pass);
    all(&rehearsed(WRITES, "replication_stall: {id: s, database: orders, at: 60s, for: 30s}", ""), Verdict::Pass);
}

#[test]
fn a_fault_on_the_services_beside_a_copy_counts_as_one_on_its_region() {
    let slow = "slow_share: {id: s, region: west, share: 20%, slowdown: 400%, at: 60s, for: 30s}";
    let degraded = "link_degraded: {id: l, region: west, loss: 10%, at: 60s, for: 30s}";
    let fewer = "capacity_loss: {id: c, region: west, service: api, share: 98%, at: 60s, for: 30s}";
    for fault in [slow, degraded, fewer] {
        all(&rehearsed(WRITES, fault, ""), Verdict::Pass);
    }
}

#[test]
fn a_fault_on_a_service_that_does_not_use_the_database_does_not() {
    let beside = "slow_share: {id: s, region: west, service: web, share: 20%, slowdown: 400%, at: 60s, for: 30s}";
    let reads = "  - open: {name: p, rate: 20/s, service: web, timeout: 2s}";
    all(&rehearsed(&format!("{WRITES}\n{reads}"), beside, ""), Verdict::Inconclusive);
}

#[test]
fn a_fault_that_no_copy_feels_puts_nothing_at_stake() {
    all(&rehearsed(WRITES, "dns_api_down: {id: d, at: 60s, for: 30s}", ""), Verdict::Inconclusive);
    all(&rehearsed(WRITES, "", ""), Verdict::Inconclusive);
}

#[test]
fn a_drill_without_any_fault_does() {
    let drill = "drill: {id: pilot, at: 60s, records: [app.example], databases: [orders], services: [api]}";
    let outcome = rehearsed(WRITES, "", drill);
    assert!(outcome.record.stores[0].authority.promotions >= 2, "{:?}", outcome.record.stores[0].authority);
    all(&outcome, Verdict::Pass);
}
