//! Budgets that a scenario sets: what they do to a run.

use super::plan_of;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::units::Span;

const SCENARIO: &str = "
firedrill: 1
name: budgets
duration: 6m
settle: 20m
regions:
  west: {services: {api: {servers: 4, time: 20ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], commit: async, delay: 300ms, promote_time: 2s}
dns: {zone: app.example, ttl: 10s, publish: 3s}
resolvers: {count: 4, violators: 0%}
monitoring: {scrape: 5s, window: 20s, delay: 1s}
workload:
  - open: {rate: 3/s, mix: {read: 50%, write: 50%}, keys: {zipf: {count: 20, s: 0.9}}, timeout: 5s}
faults:
  - region_outage: {id: dark, region: west, at: 60s, for: 4m}
control:
  - watch: {every: 5s, sustained: 10s, min_requests: 1, cool_down: 10m, run: region_failover}
properties:
  rto: {recovers: {after: fault.dark, within: 3m}}
";

/// The same at home, with a drill in place of a failure.
fn drilled() -> String {
    let watch = "watch: {every: 5s, sustained: 10s, min_requests: 1, cool_down: 10m, run: region_failover}";
    let text =
        SCENARIO.replace(watch, "drill: {at: 60s, records: [app.example], databases: [orders], services: [api]}");
    let fault = "  - region_outage: {id: dark, region: west, at: 60s, for: 4m}\n";
    let rto = "rto: {recovers: {after: fault.dark, within: 3m}}";
    text.replace(fault, "  []\n").replace(rto, "passed: {measure: {value: t(drill.passed), at_most: 5m}}")
}

fn outcome(text: &str, settings: &[(&str, &str)]) -> Outcome {
    rehearse(&plan_of(text, "budgets.yaml", settings), &Provenance::default(), 1)
}

fn verdict(outcome: &Outcome) -> Verdict {
    outcome.properties[0].verdict
}

fn budget_of(outcome: &Outcome, procedure: &str, step: &str) -> Span {
    let mut laps = outcome.record.laps.iter();
    let lap = laps.find(|lap| lap.procedure == procedure && lap.step == step);
    lap.unwrap_or_else(|| panic!("no lap of {procedure} {step}")).budget
}

#[test]
fn a_run_that_passes_by_default_fails_if_a_step_may_not_take_the_time_it_needs() {
    let by_default = outcome(SCENARIO, &[]);
    assert_eq!(verdict(&by_default), Verdict::Pass, "{}", by_default.properties[0].why);
    for (path, value) in [
        ("control.watch.steps.switch_dns", "{budget: 3500ms, tries: 1}"),
        ("procedures.region_failover.steps.switch_dns", "{budget: 3500ms, tries: 1}"),
    ] {
        let hasty = outcome(SCENARIO, &[(path, value)]);
        assert_eq!(verdict(&hasty), Verdict::Fail, "{path}");
        assert_eq!(budget_of(&hasty, "region_failover", "switch_dns"), Span::from_millis(3_500), "{path}");
        let undone = hasty.record.timeline.events().iter().any(|event| event.name == "region_failover.undone");
        assert!(undone, "{path}: what was done was taken back");
    }
}

#[test]
fn what_one_controller_sets_counts_more_than_what_is_set_for_all() {
    let all = ("procedures.region_failover.steps.switch_dns", "{budget: 3500ms, tries: 1}");
    let one = ("control.watch.steps.switch_dns.budget", "90s");
    let run = outcome(SCENARIO, &[all, one]);
    assert_eq!(verdict(&run), Verdict::Pass);
    assert_eq!(budget_of(&run, "region_failover", "switch_dns"), Span::from_secs(90));
}

#[test]
fn procedures_that_run_as_parts_of_a_drill_are_gone_about_as_they_are_set() {
    let settings = [
        ("procedures.failback.steps.switch_dns.budget", "70s"),
        ("procedures.region_failover.steps.switch_dns.budget", "80s"),
        ("control.drill.steps.validate.budget", "90s"),
    ];
    let run = outcome(&drilled(), &settings);
    assert_eq!(verdict(&run), Verdict::Pass, "{}", run.properties[0].why);
    let budget = |procedure, step| budget_of(&run, procedure, step);
    assert_eq!(budget("failback", "switch_dns"), Span::from_secs(70));
    assert_eq!(budget("region_failover", "switch_dns"), Span::from_secs(80));
    assert_eq!(budget("drill", "validate"), Span::from_secs(90));
    let hasty = [("procedures.region_failover.limit", "5s")];
    assert_eq!(verdict(&outcome(&drilled(), &hasty)), Verdict::Fail, "the drill holds the failover to its limit");
}
