//! Plans that did not work, outages that no maintenance made, faults that reached nobody, clients that sent nothing: none
//! of these is a GO.

use super::{plan, plan_of};
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};

/// Half an hour of a primary and a secondary region, with `rest` beside.
fn run(rest: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: setbacks\nduration: 30m\nregions:\n  west: {{services: {{api: {{servers: 20, time: 600ms, database: \
         orders}}}}}}\n  north: {{like: west, role: secondary}}\ndatabases:\n  orders: {{primary: west, replicas: [north], delay: \
         100ms, promote_time: 5s}}\nresolvers: {{violators: 0%}}\ndns: {{ttl: 5s, publish: 2s}}\n{rest}"
    );
    rehearse(&plan_of(&text, "setbacks.yaml", &[]), &Provenance::default(), 1)
}

const USERS: &str = "workload:\n  - open: {name: users, rate: 10/s, mix: {write: 20%}, timeout: 5s, retries: 0}\n";

fn is_unknown(outcome: &Outcome) {
    let said = (&outcome.findings, &outcome.doubts, &outcome.properties);
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Inconclusive, false), "{said:?}");
}

fn is_go(outcome: &Outcome) {
    let said = (&outcome.findings, &outcome.doubts, &outcome.properties);
    assert_eq!((outcome.verdict, outcome.as_expected), (Verdict::Pass, true), "{said:?}");
}

#[test]
fn a_failover_that_failed_is_no_go_because_the_fault_was_over_in_time() {
    let refused = |more: &str| {
        run(&format!(
            "{USERS}faults:\n  - region_outage: {{id: dark, region: west, at: 5m, for: 4m}}\n  - region_outage: {{id: too, region: \
             north, at: 4m, for: 8m}}\ncontrol:\n  - watch: {{every: 5s, sustained: 15s, run: region_failover}}\nproperties:\n  rto: \
             {{recovers: {{after: fault.dark, within: 6m}}}}\n{more}"
        ))
    };
    let outcome = refused("");
    is_unknown(&outcome);
    assert!(
        outcome.findings.iter().any(|found| found.starts_with("region_failover, started at")),
        "{:?}",
        outcome.findings
    );
    is_go(&refused("  refused: {at_most: {event: region_failover.undone, n: 9}}\n"));
}

#[test]
fn a_shift_that_came_not_into_force_is_no_go() {
    let shift = |faults: &str| {
        run(&format!(
            "balancer: {{weights: {{west: 100%}}}}\n{USERS}{faults}control:\n  - shift: {{at: 5m, within: 2m, weights: \
             {{west: 100%}}}}\nproperties:\n  once: {{at_most: {{event: shift.started, n: 1}}}}\n"
        ))
    };
    let stopped = shift("faults:\n  - balancer_refuses: {id: no, at: 4m, for: 10m}\n");
    is_unknown(&stopped);
    assert!(stopped.findings[0].contains("shift, started at 5m, stopped"), "{:?}", stopped.findings);
    let late = shift("faults:\n  - balancer_refuses: {id: no, at: 4m, for: 2m}\n");
    assert!(late.findings.iter().all(|found| !found.contains("shift")), "{:?}", late.findings);
}

#[test]
fn no_window_of_maintenance_plans_what_a_fault_breaks() {
    let outcome = run(&format!(
        "{USERS}maintenance:\n  - {{at: 0s, for: 30m}}\nfaults:\n  - region_outage: {{id: dark, region: west, at: 5m, for: \
         4m}}\nproperties:\n  once: {{at_most: {{event: fault.dark, n: 1}}}}\n"
    ));
    is_unknown(&outcome);
    assert!(outcome.outages.iter().all(|outage| !outage.planned), "{:?}", outcome.outages);
    assert!(outcome.recovery[0].rto.is_some() && outcome.recovery[0].with_planned.is_none());
}

#[test]
fn a_fault_that_only_monitoring_felt_proves_nothing() {
    let unseen = |control: &str| {
        run(&format!(
            "{USERS}faults:\n  - monitoring_gap: {{id: gap, region: west, at: 5m, for: 4m}}\n{control}properties:\n  calm: {{always: \
             {{holds: success >= 99%}}}}\n"
        ))
    };
    is_unknown(&unseen(""));
    is_go(&unseen("control:\n  - watch: {every: 5s, sustained: 15s, run: region_failover}\n"));
}

#[test]
fn a_controller_that_had_nothing_to_do_was_not_struck() {
    for fault in ["controller_pause", "controller_kill"] {
        let struck = |at: &str| {
            run(&format!(
                "balancer: {{weights: {{west: 100%}}}}\n{USERS}faults:\n  - {fault}: {{id: pending, controller: mover, at: {at}, for: \
                 4m}}\ncontrol:\n  - shift: {{id: mover, at: 10m, weights: {{west: 100%}}}}\nproperties:\n  calm: {{always: {{holds: \
                 success >= 99%}}}}\n"
            ))
        };
        assert_eq!(struck("1m").record.faults[0].hits, 0, "{fault}: it waited for its time");
        assert!(struck("8m").record.faults[0].hits > 0, "{fault}: it should have begun");
    }
}

#[test]
fn an_exception_after_a_fault_covers_the_requests_that_it_caught() {
    let except = |rest: &str| {
        run(&format!(
            "{USERS}faults:\n  - region_outage: {{id: dark, region: west, at: 5m, for: 1m}}\n{rest}properties:\n  calm: {{always: \
             {{holds: success >= 99%, except: 2m after fault.dark}}}}\n"
        ))
    };
    assert_eq!(except("").properties[0].verdict, Verdict::Pass, "{:?}", except("").properties);
    let before = except("  - slow_share: {id: bad, region: west, share: 100%, errors: 100%, at: 297s, for: 2s}\n");
    assert_eq!(before.properties[0].verdict, Verdict::Fail, "another fault failed those");
}

#[test]
fn clients_that_sent_nothing_are_named() {
    let outcome = run(
        "workload:\n  - open: {name: users, rate: 10/s, timeout: 5s}\n  - open: {name: night, rate: 0.000001/d, timeout: \
         5s}\nproperties:\n  calm: {always: {holds: success >= 99%}}\n",
    );
    is_unknown(&outcome);
    assert!(outcome.doubts[0].contains("`night`"), "{:?}", outcome.doubts);
}

#[test]
fn clients_of_a_drill_are_judged_and_no_part_of_the_users() {
    let drill = plan("scenarios/ai-provider/drill.yaml", &[]);
    let outcome = rehearse(&drill, &Provenance::default(), 1);
    let (drills, users): (Vec<_>, Vec<_>) = outcome.record.objective.classes.iter().partition(|class| class.drill);
    assert!(!drills.is_empty() && users.iter().all(|class| !class.name.starts_with("synthetic")), "{users:?}");
    assert!(outcome.outages.iter().any(|outage| outage.class.starts_with("synthetic.")), "{:?}", outcome.outages);
    let requests = outcome.record.requests;
    assert!(requests.by_drills > 1_000 && requests.promised() == requests.started - requests.by_drills, "{requests:?}");
    assert!(outcome.availability.ok <= outcome.availability.started);
    assert!(outcome.availability.started - outcome.availability.ok < 50, "{:?}", outcome.availability);
}
