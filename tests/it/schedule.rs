//! The written schedule: run again, shortened, waiting for events, overlapping itself.

use super::determinism::folder;
use super::plan_of;
use firedrill::fault::schedule::MOST_INJECTIONS;
use firedrill::fault::{Injection, Trigger};
use firedrill::outcome::{Outcome, Verdict};
use firedrill::record::Actor;
use firedrill::rehearse::{Provenance, rehearse, rehearse_schedule};
use firedrill::units::{Instant, Span};
use std::process::Command;

/// A region that fails over, with one fault to be put in.
const BASE: &str = "
firedrill: 1
name: scheduled
duration: 6m
regions:
  west: {services: {api: {servers: 8, time: 20ms, database: orders}}}
  north: {like: west, role: secondary}
databases:
  orders: {primary: west, replicas: [north], delay: 200ms, promote_time: 1s}
dns: {zone: app.example, ttl: 20s, publish: 1s}
resolvers: {count: 0}
workload:
  - open: {rate: 20/s, mix: {read: 90%, write: 10%}}
faults:
  - FAULT
control:
  - watch: {every: 5s, sustained: 10s, run: region_failover}
properties:
  told: {at_most: {event: region_failover.started, n: 9, per: 1h}}
";

fn scenario(faults: &[&str]) -> String {
    BASE.replace("FAULT", &faults.join("\n  - "))
}

fn outcome(text: &str, seed: u64) -> Outcome {
    rehearse(&plan_of(text, "scheduled.yaml", &[]), &Provenance::default(), seed)
}

fn with_schedule(text: &str, injections: &[Injection]) -> Outcome {
    rehearse_schedule(&plan_of(text, "scheduled.yaml", &[]), injections, &Provenance::default(), 1)
}

/// When events of that name happened. Unit: seconds.
fn times(outcome: &Outcome, name: &str) -> Vec<f64> {
    outcome.record.timeline.times(name).map(Instant::as_secs_f64).collect()
}

fn once(occurrence: u32, at: u64, lasts: u64) -> Injection {
    let trigger = Trigger::At(Instant::from_secs(at));
    Injection { fault: 0, occurrence, trigger, lasts: Some(Span::from_secs(lasts)) }
}

const GRAY: &str = "slow_share: {id: gray, region: west, share: 50%, errors: 20%, rate: 90/h, for: {exponential: 20s}}";

#[test]
fn a_run_under_its_own_written_schedule_is_the_same_run() {
    let folder = folder("schedule");
    let dark = "region_outage: {id: dark, region: west, when: {event: fault.gray, occurrence: 3, after: 7s}, for: 1m}";
    std::fs::write(folder.join("s.yaml"), scenario(&[GRAY, dark])).expect("a scenario can be written");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firedrill"));
        let output = command.current_dir(&folder).args(["run", "s.yaml"]).args(arguments).output();
        output.expect("the program starts")
    };
    let results = |name: &str| std::fs::read_to_string(folder.join(name)).expect("results were written");
    assert_ne!(run(&["--seed", "9", "-o", "first"]).status.code(), Some(2));
    let schedule = results("first/schedule.yaml");
    assert!(schedule.lines().count() > 6 && schedule.contains("seed: 9"), "{schedule}");
    assert_ne!(run(&["--schedule", "first/schedule.yaml", "-o", "again"]).status.code(), Some(2));
    let replay = |results: &str| {
        let results = results.replace(" --schedule first/schedule.yaml", "");
        results.replace("\"schedule\": \"first/schedule.yaml\"", "\"schedule\": null")
    };
    assert!(replay(&results("again/results.json")) == results("first/results.json"), "two runs of one schedule differ");
    assert_eq!(results("again/schedule.yaml"), schedule);
    assert!(results("again/summary.md").contains("--seed 9 --schedule first/schedule.yaml"));
    std::fs::write(folder.join("bad.yaml"), schedule.replace("fault: gray", "fault: grey")).expect("can be written");
    let refused = run(&["--schedule", "bad.yaml"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told.contains("bad.yaml:6:") && told.contains("did you mean `gray`?"), "{told}");
    assert_eq!(run(&["s.yaml", "--schedule", "first/schedule.yaml"]).status.code(), Some(2), "one scenario only");
}

#[test]
fn a_line_taken_out_takes_out_that_injection_and_nothing_else() {
    let text = scenario(&[GRAY]);
    let plan = plan_of(&text, "scheduled.yaml", &[]);
    let injections = plan.schedule(4);
    assert!(injections.len() > 3, "{}", injections.len());
    let faults = |injections: &[Injection]| {
        let outcome = rehearse_schedule(&plan, injections, &Provenance::default(), 4);
        let events = outcome.record.timeline.events().iter().filter(|event| event.actor == Actor::Fault);
        events.map(|event| (event.at, event.text.clone())).collect::<Vec<_>>()
    };
    let all = faults(&injections);
    for index in 0..injections.len() {
        let mut fewer = injections.clone();
        let gone = fewer.remove(index);
        let is_gone = |text: &str| text.ends_with(&format!("(occurrence {})", gone.occurrence));
        let rest: Vec<_> = all.iter().filter(|(_, text)| !is_gone(text)).cloned().collect();
        assert_eq!(faults(&fewer), rest);
    }
}

/// The requests that an injection touches do not depend on the other lines.
#[test]
fn a_line_taken_out_moves_nobody_elses_dice() {
    let plan = plan_of(&scenario(&[GRAY]), "scheduled.yaml", &[]);
    let quiet = once(1, 10, 20);
    let other = once(2, 200, 40);
    let hits = |injections: &[Injection]| {
        let outcome = rehearse_schedule(&plan, injections, &Provenance::default(), 4);
        outcome.record.faults[0].hits
    };
    assert_eq!(hits(&[quiet.clone(), other.clone()]), hits(&[quiet]) + hits(&[other]));
}

#[test]
fn injections_of_one_fault_that_overlap_heal_apart() {
    let text = scenario(&["region_outage: {id: dark, region: north, at: 0s}"]);
    let writable = |outcome: &Outcome, second: u64| {
        let backlog = outcome.record.signal("db.orders.backlog").expect("recorded");
        backlog.points().filter(|(at, _)| at.second() <= second).last().expect("a value").1.part
    };
    let outcome = with_schedule(&text, &[once(1, 10, 90), once(2, 30, 10)]);
    assert_eq!(times(&outcome, "fault.dark"), [10.0, 30.0]);
    assert_eq!(times(&outcome, "fault.dark.healed"), [40.0, 100.0]);
    assert!(writable(&outcome, 95) > 100, "the region is dark until both have healed");
    assert!(writable(&outcome, 105) < 20);
    let fault = &outcome.record.faults[0];
    assert_eq!((fault.at, fault.healed), (Some(Instant::from_secs(10)), Some(Instant::from_secs(100))));
    let texts: Vec<&str> = outcome.record.timeline.events().iter().map(|event| event.text.as_str()).collect();
    assert!(texts.contains(&"north is down") && texts.contains(&"north is down (occurrence 2)"));
}

#[test]
fn a_fault_begins_when_a_step_starts() {
    let dark = "region_outage: {id: dark, region: west, at: 1m}";
    let api = "dns_api_down: {id: api, when: {step_starts: {procedure: region_failover, step: switch_dns}}, for: 45s}";
    let late = "slow_share: {id: late, region: north, errors: 50%, when: {event: fault.api.healed, after: 1500ms}}";
    let outcome = outcome(&scenario(&[dark, api, late]), 1);
    let started = times(&outcome, "region_failover.switch_dns.started");
    assert_eq!(times(&outcome, "fault.api"), started[..1]);
    assert_eq!(times(&outcome, "fault.api.healed"), [started[0] + 45.0]);
    assert_eq!(times(&outcome, "fault.late"), [started[0] + 46.5]);
    let api = outcome.record.faults.iter().find(|fault| fault.id == "api").expect("declared");
    assert!(api.hits > 0, "the call of that very step is not answered");
    let first = times(&outcome, "region_failover.switch_dns.over_budget");
    assert!(times(&outcome, "dns.app.example.published").iter().all(|at| *at > started[0] + 45.0), "{first:?}");
}

#[test]
fn a_fault_waits_for_the_occurrence_it_names() {
    let flap = "slow_share: {id: flap, region: west, slowdown: 200%, at: 10s, for: 50s, flap: {down: 5s, up: 15s}}";
    let third =
        "slow_share: {id: third, region: west, slowdown: 300%, for: 5s, when: {event: fault.flap, occurrence: 3}}";
    let fourth = third.replace("third", "fourth").replace("occurrence: 3", "occurrence: 4");
    let outcome = outcome(&scenario(&[flap, third, &fourth]), 1);
    assert_eq!(times(&outcome, "fault.flap"), [10.0, 30.0, 50.0]);
    assert_eq!(times(&outcome, "fault.flap.healed"), [15.0, 35.0, 55.0]);
    assert_eq!((times(&outcome, "fault.third"), times(&outcome, "fault.fourth")), (vec![50.0], vec![]));
    assert!(
        outcome.warnings.iter().any(|warning| warning.starts_with("fault `fourth` never began")),
        "{:?}",
        outcome.warnings
    );
}

#[test]
fn nothing_begins_once_the_workload_is_over() {
    let flap = "region_outage: {id: dark, region: west, at: 350s, for: 1m, flap: {down: 4s, up: 6s}}";
    let after = "slow_share: {id: after, region: west, errors: 50%, when: {event: fault.dark.healed, after: 20s}}";
    let at_the_end = "slow_share: {id: end, region: west, errors: 50%, at: 359s}";
    let text = scenario(&[flap, after, at_the_end]);
    let outcome = outcome(&text, 1);
    assert_eq!(times(&outcome, "fault.dark"), [350.0]);
    assert_eq!(times(&outcome, "fault.end.healed"), [360.0]);
    assert_eq!(times(&outcome, "fault.after"), [0.0; 0]);
    let open =
        |id: &str| times(&outcome, &format!("fault.{id}")).len() - times(&outcome, &format!("fault.{id}.healed")).len();
    assert_eq!((open("dark"), open("end")), (0, 0));
}

#[test]
fn a_schedule_that_is_too_long_stops_the_run_with_a_reason() {
    let text = scenario(&["region_outage: {id: dark, region: west, at: 0s}"]);
    let most = u32::try_from(MOST_INJECTIONS).expect("a small number");
    let injections: Vec<Injection> = (1..=most + 1).map(|n| once(n, 400, 1)).collect();
    let outcome = with_schedule(&text, &injections);
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.stopped.expect("stopped").why.starts_with("the schedule has more than 10000 injections"));
    assert_eq!(with_schedule(&text, &injections[1..]).stopped, None);
}

#[test]
fn faults_that_set_each_other_off_at_one_instant_come_to_an_end() {
    let chain: Vec<String> = (0..40)
        .map(|n| match n {
            0 => "slow_share: {id: f0, region: west, slowdown: 101%, at: 10s, for: 1s}".to_owned(),
            _ => format!(
                "slow_share: {{id: f{n}, region: west, slowdown: 101%, for: 1s, when: {{event: fault.f{}}}}}",
                n - 1
            ),
        })
        .collect();
    let outcome = outcome(&scenario(&chain.iter().map(String::as_str).collect::<Vec<_>>()), 1);
    assert_eq!(outcome.stopped, None);
    assert_eq!(times(&outcome, "fault.f39"), [10.0]);
}
