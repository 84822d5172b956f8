//! What a run takes back is what it set: what others have set since is left to them, and the step says so.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::record::LapResult;
use firedrill::rehearse::{Provenance, rehearse};

/// Three regions, and a run that does `steps` and then fails, beside one that does `other` at 2 min.
fn run(estate: &str, steps: &str, other: &str) -> Outcome {
    let text = format!(
        "firedrill: 1\nname: undoing\nduration: 8m\nregions:\n  west: {{services: {{api: {{servers: 16, time: 20ms}}}}}}\n  east: {{role: \
         secondary, services: {{api: {{servers: 16, time: 20ms, active: true}}}}}}\n  south: {{role: secondary, services: {{api: {{servers: \
         16, time: 20ms, active: true}}}}}}\nresolvers: {{violators: 0%}}\n{estate}workload:\n  - open: {{name: u, rate: 5/s}}\nprocedures:\n  \
         first:\n    - {steps}\n    - wait: 2m\n    - require: {{that: {{fails: from}}, budget: 10s, tries: 1}}\n  second:\n    - \
         {other}\ncontrol:\n  - run: {{id: one, procedure: first, at: 1m}}\n  - run: {{id: two, procedure: second, at: \
         2m}}\nproperties:\n  ok: {{always: success >= 95%}}\n"
    );
    rehearse(&plan_of(&text, "undoing.yaml", &[]), &Provenance::default(), 1)
}

/// What the first step of the first run took back, in words.
fn taken_back(outcome: &Outcome) -> &str {
    let mut laps = outcome.record.laps.iter().filter(|lap| lap.procedure == "first" && lap.result == LapResult::Undone);
    &laps.next_back().expect("it was rolled back").note
}

/// The last of the events of that name, in words.
fn last<'a>(outcome: &'a Outcome, event: &str) -> &'a str {
    &outcome.record.timeline.events().iter().rfind(|told| told.name == event).expect("it happened").text
}

const ZONE: &str = "dns: {ttl: 30s, publish: 5s}\n";

#[test]
fn a_name_that_others_have_moved_since_is_left_to_them() {
    let east = "point_record: {record: app.example, region: east}";
    let others = run(ZONE, east, "point_record: {record: app.example, region: south}");
    assert_eq!(taken_back(&others), "app.example is left as it is: others have pointed it to south since");
    assert_eq!(last(&others, "dns.app.example.published"), "app.example resolves to south");
    assert!(others.findings.iter().any(|found| found.contains("south in place of east")), "{:?}", others.findings);
    let alone = run(ZONE, east, "wait: 1s");
    assert_eq!(taken_back(&alone), "app.example names west again");
    assert_eq!(last(&alone, "dns.app.example.published"), "app.example resolves to west");
}

#[test]
fn a_time_to_live_that_others_have_set_since_is_left_to_them() {
    let minute = "set_ttl: {record: app.example, ttl: 1m}";
    let others = run(ZONE, minute, "set_ttl: {record: app.example, ttl: 90s}");
    assert_eq!(taken_back(&others), "the TTL of app.example is left as others have set it since: 1m 30s");
    assert_eq!(taken_back(&run(ZONE, minute, "wait: 1s")), "the TTL of app.example is 30s again");
}

#[test]
fn weights_that_others_have_set_since_are_left_to_them() {
    let balanced = "dns: {records: {app.example: balancer}}\nbalancer: {weights: {west: 100%}}\n";
    let east = "set_weights: {weights: {east: 100%}}";
    let others = run(balanced, east, "set_weights: {weights: {south: 100%}}");
    assert_eq!(
        taken_back(&others),
        "the weights are left as others have set them since: 0% to west, 0% to east, 100% to south"
    );
    assert_eq!(last(&others, "balancer.weights_changed"), "the balancer routes south 100%");
    assert_eq!(
        taken_back(&run(balanced, east, "wait: 1s")),
        "the balancer routes 100% to west, 0% to east, 0% to south again"
    );
}

#[test]
fn a_failover_that_is_rolled_back_leaves_what_others_have_set_since() {
    let moved = |estate: &str, other: &str| {
        let text = format!(
            "firedrill: 1\nname: undoing\nduration: 12m\nregions:\n  west: {{services: {{api: {{servers: 16, time: 20ms, database: \
             d}}}}}}\n  east: {{like: west, role: secondary}}\n  south: {{role: secondary, services: {{api: {{servers: 16, time: 20ms, active: \
             true, database: d}}}}}}\ndatabases: {{d: {{primary: west, replicas: [east]}}}}\nresolvers: {{violators: 0%}}\n{estate}workload:\n  - \
             open: {{name: u, rate: 5/s}}\nfaults:\n  - region_outage: {{id: dark, region: west, at: 1m, for: 9m}}\n  - action_fails: {{id: \
             no, action: activate, share: 100%, at: 30s, for: 9m}}\nprocedures:\n  second:\n    - {other}\ncontrol:\n  - watch: {{id: one, run: \
             region_failover, from: west, to: east}}\n  - run: {{id: two, procedure: second, at: 3m}}\nproperties:\n  ok: {{measure: {{value: \
             availability, at_least: 1%}}}}\n"
        );
        rehearse(&plan_of(&text, "undoing.yaml", &[]), &Provenance::default(), 1)
    };
    let undone = |outcome: &Outcome| {
        let mut laps =
            outcome.record.laps.iter().filter(|lap| lap.step == "switch_dns" && lap.result == LapResult::Undone);
        laps.next_back().map(|lap| lap.note.clone()).expect("it was rolled back")
    };
    let names = moved(ZONE, "point_record: {record: app.example, region: south}");
    assert_eq!(undone(&names), "app.example is left as it is: others have pointed it to south since");
    let balanced = "dns: {records: {app.example: balancer}}\nbalancer: {weights: {west: 100%}}\n";
    let weights = moved(balanced, "set_weights: {weights: {south: 100%}}");
    assert_eq!(undone(&weights), "the balancer's weights are left as others have set them since: south 100%");
}
