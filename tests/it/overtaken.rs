//! A change that was taken back never takes effect later, however late it was.

use super::plan_of;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};

/// A region whose users fail from 1 min on, and a step that is three minutes late with a budget of twenty seconds.
fn late(step: &str, action: &str, names: &str) -> Outcome {
    let text = format!(
        "
firedrill: 1
name: late
preset: ai-provider
duration: 12m
regions:
  west:  {{services: {{api: {{servers: 8, time: 20ms}}}}}}
  north: {{like: west, role: secondary}}
dns: {{zone: app.example, ttl: 30s, publish: 5s{names}
resolvers: {{count: 20, violators: 0%}}
workload:
  - open: {{name: users, rate: 20/s, timeout: 5s, retries: 0}}
faults:
  - slow_share: {{id: ill, service: api, region: west, share: 50%, errors: 100%, at: 60s, for: 8m}}
  - action_fails: {{id: late, action: {action}, share: 100%, how: late, takes: 3m, when: {{event: mine.started}}, for: 15s}}
procedures: {{mine: [{step}]}}
control: [{{watch: {{run: mine, cool_down: 1h}}}}]
properties: {{ok: {{always: success >= 1%}}}}
"
    );
    rehearse(&plan_of(&text, "late.yaml", &[]), &Provenance::default(), 1)
}

fn happened(outcome: &Outcome, event: &str) -> usize {
    outcome.record.timeline.times(event).count()
}

/// Each change that can be taken back, as a step, the kind of change, what else the names need, and the event by which
/// it takes effect, with the word that only the change would make it say.
const CHANGES: [(&str, &str, &str, &str, &str); 4] = [
    ("{activate: {region: to, budget: 20s, tries: 1}}", "activate", "}", "region.north.active", "north"),
    (
        "{point_record: {record: app.example, budget: 20s, tries: 1}}",
        "point_record",
        "}",
        "dns.app.example.published",
        "north",
    ),
    ("{set_ttl: {record: app.example, ttl: 7s, budget: 20s, tries: 1}}", "set_ttl", "}", "dns.app.example.ttl", "7s"),
    (
        "{set_weights: {weights: {north: 100%}, budget: 20s, tries: 1}}",
        "set_weights",
        ", records: {app.example: balancer}}\nbalancer: {weights: {west: 100%}, apply: 2s}",
        "balancer.weights_changed",
        "north",
    ),
];

#[test]
fn what_was_taken_back_never_comes_into_force_however_late_it_was() {
    for (step, action, names, event, word) in CHANGES {
        let outcome = late(step, action, names);
        let told: Vec<String> =
            outcome.record.timeline.events().iter().map(|told| format!("{} {}", told.name, told.text)).collect();
        assert_eq!(happened(&outcome, "mine.undone"), 1, "{step}: {told:#?}");
        assert_eq!(happened(&outcome, "controller.watch.overtaken"), 1, "{step}: it is told: {told:#?}");
        let changed: Vec<&String> = told.iter().filter(|told| told.starts_with(event) && told.contains(word)).collect();
        assert!(changed.is_empty(), "{step}: {changed:?}");
    }
}

#[test]
fn what_is_late_and_was_not_taken_back_comes_into_force() {
    for (step, action, names, event, word) in CHANGES {
        let outcome = late(&step.replace("budget: 20s", "budget: 10m"), action, names);
        let told: Vec<String> =
            outcome.record.timeline.events().iter().map(|told| format!("{} {}", told.name, told.text)).collect();
        assert_eq!(happened(&outcome, "mine.done"), 1, "{step}: {told:#?}");
        assert!(told.iter().any(|told| told.starts_with(event) && told.contains(word)), "{step}: {told:#?}");
    }
}
