//! A failover of one region to another, while a third leads the database or has the clients: what is not there to be left
//! is not moved.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};

/// Clients are served in west and north, by a database that core leads.
const ESTATE: &str = "
firedrill: 1
name: third
duration: 30m
regions:
  west: {role: primary, services: {api: {servers: 50, time: 10ms, database: orders}}}
  north: {role: secondary, services: {api: {servers: 50, time: 10ms, database: orders, active: true}}}
  core: {role: secondary, services: {api: {servers: 50, time: 10ms, database: orders, active: true}}}
databases: {orders: {primary: core, replicas: [north]}}
resolvers: {violators: 0%}
dns: {records: {app.example: west}}
workload:
  - open: {rate: 50/s, mix: {read: 80%}}
faults:
  - region_outage: {id: dark, region: west, at: 5m, for: 15m}
control:
  - watch: {from: west, to: north, every: 10s, run: region_failover}
properties:
  rto: {recovers: {after: fault.dark, within: 15m}}
";

fn run(change: (&str, &str)) -> Outcome {
    assert!(ESTATE.contains(change.0));
    rehearse(&plan_of(&ESTATE.replace(change.0, change.1), "third.yaml", &[]), &Provenance::default(), 1)
}

fn says(outcome: &Outcome, what: &str) -> bool {
    let told = |text: &str| text.contains(what);
    outcome.record.timeline.events().iter().any(|event| told(&event.text))
        || outcome.record.laps.iter().any(|lap| told(&lap.note))
}

#[test]
fn what_a_third_region_leads_stays_there_and_clients_move_without_it() {
    let outcome = run(("", ""));
    assert_eq!(outcome.verdict, Verdict::Pass, "{:#?} {:#?}", outcome.properties, outcome.findings);
    assert!(says(&outcome, "orders stays with core"), "{:#?}", outcome.record.laps);
    let terms = &outcome.record.stores[0].authority.terms;
    assert!(terms.len() == 1 && terms[0].region == "core", "nobody promoted it: {terms:#?}");
}

#[test]
fn what_the_order_names_must_come_along() {
    let watch = "watch: {from: west, to: north, every: 10s, run: region_failover}";
    let planned = "run: {procedure: region_failover, at: 2m, from: west, to: north, databases: [orders]}";
    let outcome = run((watch, planned));
    assert!(says(&outcome, "it is not west's to leave"), "{:#?}", outcome.record.laps);
    assert_eq!(outcome.properties[0].verdict, Verdict::Fail);
}

#[test]
fn clients_that_are_served_elsewhere_are_not_moved() {
    let outcome = run(("app.example: west", "app.example: core"));
    let requests = outcome.record.requests;
    assert_eq!(requests.ok, requests.started, "nobody notices");
    assert!(says(&outcome, "nothing sends clients to west: app.example names core"), "{:#?}", outcome.record.laps);
}

/// West fails; its database has no copy in north, which needs it.
const STRANDED: &str = "
firedrill: 1
name: stranded
duration: 30m
regions:
  west: {role: primary, services: {api: {servers: 50, time: 10ms, database: orders}}}
  north: {role: secondary, services: {api: {servers: 50, time: 10ms, database: orders}}}
  south: {role: secondary, services: {}}
databases: {orders: {primary: west, replicas: [south]}}
resolvers: {violators: 0%}
workload:
  - open: {rate: 50/s, mix: {read: 80%}}
faults:
  - region_outage: {id: dark, region: west, at: 10m, for: 12m}
control:
  - CONTROL
properties:
  rto: {recovers: {after: fault.dark, within: 15m}}
";

#[test]
fn a_region_without_a_copy_of_what_its_services_need_does_not_take_over() {
    let run = |control: &str, warns: bool| {
        let text = STRANDED.replace("CONTROL", control);
        let (_, warnings) = load(&text, "stranded.yaml", &[], &Catalogs::BUILT_IN).expect("it can be run");
        assert_eq!(warnings.iter().any(|problem| problem.code == "FD0522"), warns, "{warnings:?}");
        rehearse(&plan_of(&text, "stranded.yaml", &[]), &Provenance::default(), 1)
    };
    let watched = run("watch: {from: west, to: north, every: 10s, run: region_failover}", true);
    assert!(
        says(&watched, "north has no copy of orders, and no other acknowledges writes"),
        "{:#?}",
        watched.record.laps
    );
    assert_ne!(watched.verdict, Verdict::Pass, "nothing was moved");
    let named = run("run: {procedure: region_failover, at: 5m, from: west, to: north, databases: [orders]}", true);
    assert!(says(&named, "north has no copy of orders"), "{:#?}", named.record.laps);
    let planned = run("run: {procedure: region_failover, at: 5m, from: west, to: north}", true);
    assert!(says(&planned, "orders stays with west"), "{:#?}", planned.record.laps);
}

#[test]
fn a_plan_of_which_every_step_is_skipped_has_done_nothing() {
    let steps = |that: &str| format!("procedures: {{mine: [{{activate: {{region: to, when: {that}}}}}]}}\n");
    let run = |that: &str| {
        let control = "run: {procedure: mine, at: 5m, from: west, to: north}";
        let text = STRANDED.replace("CONTROL", control).replace("databases:", &format!("{}databases:", steps(that)));
        let text = text.replace("  - region_outage: {id: dark, region: west, at: 10m, for: 12m}\n", "");
        let text = text
            .replace("faults:\n", "")
            .replace("{recovers: {after: fault.dark, within: 15m}}", "{always: success >= 99%}");
        rehearse(&plan_of(&text, "skipped.yaml", &[]), &Provenance::default(), 1)
    };
    let nothing = run("{leads: {database: orders, region: south}}");
    assert_eq!(nothing.verdict, Verdict::Inconclusive, "{:#?}", nothing.findings);
    assert!(nothing.findings.iter().any(|found| found.contains("skipped every step")), "{:#?}", nothing.findings);
    let something = run("{leads: {database: orders, region: west}}");
    assert_eq!(something.verdict, Verdict::Pass, "{:#?}", something.findings);
}
