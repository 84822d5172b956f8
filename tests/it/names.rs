//! What clients find when names, caches and checks misbehave, as a whole scenario shows it.

use super::plan_of;
use firedrill::model::plan::{HealthRule, ProbeKind};
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};
use firedrill::units::{Instant, Ratio, Span};

/// A record moves from west to north after a minute and a half. Both regions serve.
const BASE: &str = "
firedrill: 1
name: names
duration: 5m
regions:
  west: {services: {api: {servers: 50, time: 1ms}}}
  north: {like: west, role: secondary, services: {api: {servers: 50, time: 1ms, active: true}}}
network: {clients: 0ms, latency: 0ms}
dns: {ttl: 60s, negative_ttl: 20s, changes: [{at: 90s, to: north}]}
resolvers: {count: 0, violators: 0%}
workload:
  - open: {rate: 40/s, groups: 200, keep_alive: 0s, timeout: 1s, retries: 0}
";

fn base(settings: &[(&str, &str)]) -> Outcome {
    run(BASE, settings)
}

fn run(text: &str, settings: &[(&str, &str)]) -> Outcome {
    rehearse(&plan_of(text, "names.yaml", settings), &Provenance::default(), 1)
}

/// The value of a signal as that second begins.
fn at(outcome: &Outcome, signal: &str, second: u64) -> f64 {
    let value = outcome.record.signal(signal).expect("recorded").at(Instant::from_secs(second));
    value.as_f64().unwrap_or(f64::NAN)
}

fn happened(outcome: &Outcome, event: &str) -> Vec<u64> {
    let events = outcome.record.timeline.events().iter().filter(|e| e.name == event);
    events.map(|e| e.at.second()).collect()
}

#[test]
fn a_change_is_found_within_a_time_to_live() {
    let outcome = base(&[]);
    assert_eq!(happened(&outcome, "dns.app.example.published"), [90]);
    assert!((at(&outcome, "dns.share.west", 90) - 1.0).abs() < 1e-9);
    assert!(at(&outcome, "region.west.ok", 120) > 0.0);
    assert!(at(&outcome, "region.west.ok", 151) == 0.0 && at(&outcome, "region.north.ok", 151) > 0.0);
}

#[test]
fn pinned_processes_stay_until_they_are_restarted() {
    let pinned = [("workload.0.pinned", "25%"), ("workload.0.restarted_at", "200s")];
    let outcome = base(&pinned);
    let share = at(&outcome, "dns.share.west", 199);
    // A quarter of two hundred: the standard deviation is 6 of them.
    assert!((0.15..0.35).contains(&share), "{share}");
    assert!(at(&outcome, "dns.share.west", 230) < 0.02);
}

#[test]
fn connections_in_use_outlast_the_switch() {
    let long = base(&[("workload.0.connection_life", "{exponential: 100s}")]);
    let later = |outcome: &Outcome| at(outcome, "region.west.ok", 180);
    assert!(later(&long) > 5.0, "a third of them lives on for more than the time to live");
    assert!(later(&base(&[])) == 0.0);
}

#[test]
fn caches_that_ask_by_themselves_find_out_without_demand_through_resolvers_too() {
    let quiet = [("workload.0.rate", "1/min"), ("workload.0.refresh", "prefetch")];
    for resolvers in ["0", "50"] {
        let outcome = base(&[quiet[0], quiet[1], ("resolvers.count", resolvers), ("resolvers.ages", "even")]);
        let shares = [90, 120, 151].map(|second| at(&outcome, "dns.share.west", second));
        assert!((shares[0] - 1.0).abs() < 1e-9 && (shares[1] - 0.5).abs() < 0.03 && shares[2] == 0.0, "{shares:?}");
    }
}

#[test]
fn an_empty_answer_is_refused_or_stays_for_its_own_time() {
    let empty = "dns: {ttl: 60s, negative_ttl: 20s, changes: [{at: 90s, to: nothing}, {at: 200s, to: north}]";
    let text = BASE.replace("dns: {ttl: 60s, negative_ttl: 20s, changes: [{at: 90s, to: north}]", empty);
    let refused = run(&text, &[]);
    assert_eq!(happened(&refused, "dns.app.example.refused"), [90]);
    assert_eq!(refused.record.requests.ok, refused.record.requests.started);
    let believed = run(&text, &[("dns.refuse_empty", "false")]);
    assert!(at(&believed, "goodput", 190) == 0.0, "every cache has asked since");
    assert!(at(&believed, "goodput", 240) > 0.0, "twenty seconds after the addresses are back");
}

/// West is dark from the second minute on; the record follows health.
const FOLLOWS: &str = "
firedrill: 1
name: follows
duration: 10m
regions:
  west: {services: {api: {servers: 50, time: 1ms}}}
  north: {like: west, role: secondary, services: {api: {servers: 50, time: 1ms, active: true}}}
dns: {ttl: 10s, failover: {app.example: {to: north, checks: {vendor: route53-fast, synchronised: true}}}}
resolvers: {count: 0}
workload:
  - open: {rate: 40/s, groups: 200, keep_alive: 0s, timeout: 1s, retries: 0}
faults:
  - region_outage: {id: dark, region: west, at: 125s, for: 3m}
";

#[test]
fn a_record_follows_health_and_comes_back() {
    let outcome = run(FOLLOWS, &[]);
    // Requests at 130, 140 and 150 s, given up after 4 s; then those at 310, 320 and 330 s are answered.
    assert_eq!(happened(&outcome, "dns.app.example.failed_over"), [154]);
    assert_eq!(happened(&outcome, "dns.app.example.failed_back"), [330]);
    assert!(at(&outcome, "region.north.ok", 170) > 0.0 && at(&outcome, "region.north.ok", 345) == 0.0);
}

#[test]
fn a_record_does_not_fail_over_to_what_is_dark_itself() {
    let both =
        FOLLOWS.replace("for: 3m}\n", "for: 3m}\n  - region_outage: {id: too, region: north, at: 2m, for: 4m}\n");
    let outcome = run(&both, &[]);
    assert!(happened(&outcome, "dns.app.example.failed_over").is_empty());
}

#[test]
fn a_vendor_lays_its_rules_under_what_is_written() {
    let plan = plan_of(FOLLOWS, "follows.yaml", &[]);
    let failover = plan.world.dns.records[0].failover.as_ref().expect("it follows health");
    let active = failover.checks.active.as_ref().expect("it probes");
    assert_eq!((active.every, active.timeout, active.checkers), (Span::from_secs(10), Span::from_secs(4), 15));
    assert_eq!(
        (active.share, active.unsynchronised, active.probe),
        (Ratio::from_percent(18), false, ProbeKind::Request)
    );
    let short = FOLLOWS.replace("{vendor: route53-fast, synchronised: true}", "front-door");
    let plan = plan_of(&short, "follows.yaml", &[]);
    let checks = &plan.world.dns.records[0].failover.as_ref().expect("it follows health").checks;
    assert_eq!(checks.active.as_ref().map(|active| active.rule), Some(HealthRule::OfLast { window: 4, good: 2 }));
}

#[test]
fn every_vendor_can_be_named_and_its_rules_are_shown_with_their_source() {
    for vendor in ["route53", "route53-fast", "traffic-manager", "front-door", "alb"] {
        let text = FOLLOWS.replace("{vendor: route53-fast, synchronised: true}", vendor);
        let plan = plan_of(&text, "follows.yaml", &[]);
        let every = plan.assumptions.iter().find(|line| line.path.ends_with("checks.every"));
        assert!(every.is_none_or(|line| !line.source.is_empty()), "{vendor}");
    }
}

#[test]
fn checks_and_records_that_contradict_themselves_are_refused() {
    let balancer = |checks: &str| FOLLOWS.replace("resolvers:", &format!("balancer: {checks}\nresolvers:"));
    let dns = |fields: &str| FOLLOWS.replace("dns: {ttl: 10s, ", &format!("dns: {{ttl: 10s, {fields}, "));
    let rows = [
        ("FD0260", balancer("{check_every: 5s, checks: route53}")),
        ("FD0260", balancer("{checks: {probe: none}}")),
        ("FD0260", balancer("{checks: {timeout: 0s}}")),
        ("FD0260", balancer("{checks: {last: 2, good: 3}}")),
        ("FD0107", balancer("{checks: route54}")),
        ("FD0261", dns("changes: [{at: 1m}]")),
        ("FD0261", FOLLOWS.replace("to: north", "to: west")),
        ("FD0210", dns("changes: [{at: 1m, to: balancer}]")),
        ("FD0219", FOLLOWS.replace("region_outage: {id: dark, region: west", "stale_plan: {id: dark")),
    ];
    for (code, text) in rows {
        let problems = load(&text, "bad.yaml", &[], &Catalogs::BUILT_IN).map(|_| ()).expect_err(code);
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
        assert!(codes.contains(&code), "{code} expected, found {codes:?} in {text}");
    }
}
