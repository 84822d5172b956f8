//! Events that nothing in a scenario brings about are refused where they are named, and those it does are not.

use super::{SMALL, found, shown, try_load};

/// Two regions, a database, a drill, people and a balancer: nearly everything can happen.
const RICH: &str = "\
firedrill: 1
duration: 60m
regions:
  home: {role: primary, services: {api: {servers: 4, time: 20ms, database: orders}}}
  away: {like: home, role: secondary}
databases:
  orders: {primary: home, replicas: [away], fencing: lease}
people:
  alice: {}
  bob: {}
balancer: {weights: {home: 100%}}
dns: {records: {www: home, zone.www: home}}
workload:
  - open: {rate: 100/s, record: www}
faults:
  - region_outage: {id: dark, region: home, at: 5m, for: 1m}
control:
  - watch: {run: region_failover, then: failback, notify: [customers], approve: {ask: [alice], before: [switch_dns]}}
  - drill: {at: 20m, records: [zone.www], databases: [orders], services: [api], on_call: {page: [bob]}}
properties:
  a: {at_most: {event: EVENT, n: 3}}
";

/// What is said of a bound on `event` in `text`, which has one property.
fn said(text: &str, event: &str) -> Option<String> {
    let text = text.replace("{ledger: {lost: 0}}", "{at_most: {event: EVENT, n: 3}}").replace("EVENT", event);
    try_load(&text, &[]).err().map(|problems| shown(&problems, &text, &[]))
}

#[test]
fn a_bound_on_an_event_that_nothing_brings_about_is_refused() {
    let idle = SMALL.replace("  - watch: {run: region_failover}\n", "").replace("control:\n", "control: []\n");
    for (text, event, why) in [
        (SMALL, "region_failover.swich_dns.done", "did you mean `region_failover.switch_dns.done`?"),
        (SMALL, "region_failover.pack.done", "its steps are detect_failure, "),
        (SMALL, "failback.failed", "no control of this scenario runs `failback`"),
        (SMALL, "failback.switch_dns_back.*", "no control of this scenario runs `failback`"),
        (SMALL, "drill.started", "no control of this scenario runs `drill`"),
        (SMALL, "drill.touched_production", "a `drill`"),
        (SMALL, "restore_from_backup.stopped", "no control of this scenario runs `restore_from_backup`"),
        (SMALL, "region_failover.approve.done", "nobody is asked before a step"),
        (SMALL, "approval.asked", "nobody is asked for approval"),
        (SMALL, "on_call.paged", "nobody is on call"),
        (SMALL, "watch.coming_back", "give it `then: failback`"),
        (SMALL, "watch.refused", "asks anybody first"),
        (SMALL, "shift.done", "is a `shift`"),
        (SMALL, "balancer.weights_changed", "there is no balancer"),
        (SMALL, "balancer.home.ejected", "there is no balancer"),
        (SMALL, "notified.customers", "notify stakeholders"),
        (SMALL, "planning.lost", "no automation writes the zone"),
        (SMALL, "checks.home.unhealthy", "follows health checks"),
        (SMALL, "db.orders.backed_up", "`orders` is not backed up"),
        (SMALL, "db.orders.log_full", "has unlimited space"),
        (SMALL, "autoscaler.home.api.out", "`home.api` has no autoscaler"),
        (SMALL, "fleet.home.api.overgrown", "no fleet overhead"),
        (&idle, "region_failover.undone", "no control of this scenario runs `region_failover`"),
        (&idle, "watch.detected", "nothing in `control` is a `watch`"),
        (&idle, "controller.leads", "acts under a lease"),
        (&idle, "db.orders.promoted", "nothing in `control`"),
        (&idle, "served.away", "nothing in `control`"),
        (&idle, "notified.stakeholders", "notify nobody"),
        (RICH, "approval.*", ""),
        (RICH, "answered.bob", "no control asks that person"),
        (RICH, "paged.alice.twice", "unknown event"),
        (RICH, "drill.refused", "is a `drill` that could"),
        (RICH, "fault.light", "unknown event"),
    ] {
        match (said(text, event), why) {
            (None, "") => {}
            (Some(message), why) if !why.is_empty() => assert!(message.contains(why), "{event}: {message}"),
            (other, _) => panic!("{event}: {other:?}"),
        }
    }
}

#[test]
fn a_bound_on_an_event_that_can_happen_is_not_refused() {
    for event in [
        "region_failover.started",
        "region_failover.approve.done",
        "failback.done",
        "failback.*.started",
        "region_failover.*",
        "drill.passed",
        "drill.touched_production",
        "watch.coming_back",
        "watch.fit",
        "controller.watch.stale_change",
        "journal.unreadable",
        "approval.given",
        "on_call.paged",
        "answered.alice",
        "paged.bob",
        "notified.customers",
        "notified.stakeholders",
        "notification.lost",
        "balancer.home.ejected",
        "balancer.weights_changed",
        "dns.www.published",
        "db.orders.promoted",
        "db.orders.lease_out",
        "region.away.active",
        "served.away",
        "fault.dark.healed",
    ] {
        assert_eq!(said(RICH, event), None, "{event}");
    }
}

#[test]
fn an_event_that_cannot_happen_has_a_code_and_a_place_of_its_own() {
    let text = SMALL.replace("{ledger: {lost: 0}}", "{at_most: {event: failback.failed, n: 0}}");
    assert_eq!(found(&text, &[]), [("FD0320", 15, 27)]);
    let counted = SMALL.replace("{ledger: {lost: 0}}", "{measure: {value: 'count(drill.passed)', at_most: 1}}");
    assert_eq!(found(&counted, &[]).iter().map(|problem| problem.0).collect::<Vec<_>>(), ["FD0320"]);
}

#[test]
fn a_fault_may_wait_for_a_step_that_a_drill_runs() {
    let waiting = RICH.replace("EVENT", "fault.*").replace("region_failover, then: failback", "restore_from_backup");
    let waiting = waiting.replace(", approve: {ask: [alice], before: [switch_dns]}", "");
    let step = "when: {step_starts: {procedure: region_failover, step: switch_dns}}";
    assert_eq!(found(&waiting.replace("at: 5m", step), &[]), []);
    let undrilled = waiting.replace("at: 5m", step).replace("  - drill:", "  # - drill:");
    let problems = found(&undrilled, &[]).iter().map(|problem| problem.0).collect::<Vec<_>>();
    assert_eq!(problems, ["FD0232"]);
}

#[test]
fn a_fault_that_need_not_happen_may_wait_in_vain() {
    let waiting = |fields: &str| SMALL.replace("at: 5m, for: 1m", &format!("when: {{event: failback.done}}{fields}"));
    assert!(try_load(&waiting(""), &[]).is_err());
    assert!(try_load(&waiting(", optional: true"), &[]).is_ok());
    let unknown = waiting(", optional: true").replace("failback.done", "failback.finished");
    assert_eq!(found(&unknown, &[]).first().map(|problem| problem.0), Some("FD0301"));
}
