//! What a scenario claims is judged by what happened to everybody, and what says nothing is refused.
//!
//! Each scenario here was once answered with a pass that proved nothing, or the opposite.

use super::plan_of;
use firedrill::field::Problem;
use firedrill::outcome::{Outcome, Verdict};
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::scenario::{Catalogs, load};

/// Two regions with a database, a watch that fails over, and what is appended.
pub(crate) fn two_regions(duration: &str, faults: &[&str], control: &str, properties: &[&str]) -> String {
    format!(
        "firedrill: 1
name: two regions
duration: {duration}
settle: 2m
regions:
  west:  {{services: {{api: {{servers: 50, time: 20ms}}}}}}
  north: {{like: west, role: secondary}}
databases:
  orders: {{primary: west, replicas: [north], commit: async, delay: 200ms, promote_time: 5s}}
dns: {{zone: app.example, ttl: 20s, publish: 5s}}
resolvers: {{violators: 0%}}
monitoring: {{scrape: 5s, window: 20s, delay: 1s}}
workload:
  - open: {{rate: 100/s, mix: {{read: 80%, write: 20%}}, timeout: 2s, retries: 0}}
faults:
  - {}
control: {control}
properties:
  {}
",
        faults.join("\n  - "),
        properties.join("\n  ")
    )
}

const FAILS_OVER: &str = "[{watch: {every: 5s, sustained: 20s, run: region_failover}}]";

/// The verdicts of one run, with their reasons.
fn judged(text: &str) -> Vec<(Verdict, String)> {
    let outcome: Outcome = rehearse(&plan_of(text, "claims.yaml", &[]), &Provenance::default(), 0);
    outcome.properties.into_iter().map(|property| (property.verdict, property.why)).collect()
}

fn verdicts(text: &str) -> Vec<Verdict> {
    judged(text).into_iter().map(|(verdict, _)| verdict).collect()
}

/// The messages and helps of what is refused.
fn refused(text: &str) -> Vec<String> {
    let Err(problems) = load(text, "claims.yaml", &[], &Catalogs::BUILT_IN) else { return Vec::new() };
    let said = |problem: &Problem| format!("{}; {}", problem.message, problem.help.clone().unwrap_or_default());
    problems.iter().map(said).collect()
}

#[test]
fn an_event_of_an_earlier_incident_is_not_the_answer_to_a_later_one() {
    let faults = [
        "region_outage: {id: firstone, region: west, at: 60s, for: 5m}",
        "region_outage: {id: second, region: north, at: 600s}",
    ];
    let properties = [
        "d: {measure: {value: \"t(region_failover.done) - t(fault.second)\", at_most: 5m}}",
        "e: {measure: {value: \"t(region_failover.done) - t(fault.firstone)\", at_most: 5m}}",
    ];
    let text = two_regions("20m", &faults, FAILS_OVER, &properties);
    assert_eq!(verdicts(&text), [Verdict::Fail, Verdict::Pass]);
}

#[test]
fn faults_that_nobody_handled_are_in_the_mean_and_in_the_quantiles() {
    let faults = [
        "region_outage: {id: f0, region: west, at: 60s, for: 200s}",
        "region_outage: {id: f1, region: north, at: 400s, for: 200s}",
        "region_outage: {id: f2, region: north, at: 700s, for: 200s}",
        "region_outage: {id: f3, region: north, at: 1000s, for: 200s}",
        "region_outage: {id: f4, region: north, at: 1300s, for: 200s}",
    ];
    let properties = [
        "d: {measure: {value: \"delay(fault.*, region_failover.done)\", at_most: 5m}}",
        "q: {measure: {value: \"delay(fault.*, region_failover.done, 99%)\", at_most: 5m}}",
        "one_in_five: {measure: {value: \"delay(fault.*, region_failover.done, 20%)\", at_most: 5m}}",
    ];
    let text = two_regions("30m", &faults, FAILS_OVER, &properties);
    assert_eq!(verdicts(&text), [Verdict::Fail, Verdict::Fail, Verdict::Pass]);
}

#[test]
fn latency_is_not_that_of_the_few_that_were_answered() {
    let properties = [
        "lat: {always: latency.p99 <= 1s}",
        "lat2: {never: latency.p99 > 1s}",
        "lat3: {measure: {value: p99(latency), at_most: 1s}}",
        "lat4: {measure: {value: mean(latency), at_most: 1s}}",
        "lat5: {measure: {value: max(latency.p99), at_most: 1s}}",
        "before: {always: {holds: latency.p99 <= 1s, until: 50s}}",
    ];
    let faults = ["region_outage: {id: dark, region: west, at: 60s}"];
    let judged = judged(&two_regions("6m", &faults, "[]", &properties));
    let verdicts: Vec<Verdict> = judged.iter().map(|(verdict, _)| *verdict).collect();
    let [fail, pass, unknown] = [Verdict::Fail, Verdict::Pass, Verdict::Inconclusive];
    assert_eq!(verdicts, [fail, fail, fail, unknown, fail, pass], "{judged:?}");
}

#[test]
fn patient_clients_who_wait_for_the_outage_to_end_do_not_hide_it_from_the_latency() {
    let properties = ["lat: {always: latency.p99 <= 1s}", "lat2: {measure: {value: p95(latency), at_most: 1s}}"];
    let faults = ["region_outage: {id: dark, region: west, at: 60s}"];
    let text = two_regions("6m", &faults, "[]", &properties).replace("timeout: 2s", "timeout: 10m");
    assert_eq!(verdicts(&text), [Verdict::Fail, Verdict::Fail]);
}

#[test]
fn a_statement_that_can_never_fail_is_refused_in_every_kind_of_property() {
    let faults = ["region_outage: {id: dark, region: west, at: 60s}"];
    for property in [
        "{recovers: {after: fault.dark, holds: errors <= 100%, within: 1m}}",
        "{responds: {after: fault.dark, holds: success >= 0%, within: 1m}}",
        "{always: latency.p99 >= 0s}",
        "{never: errors > 100%}",
        "{always: 'errors <= 1% or errors > 1%'}",
        "{measure: {value: availability, at_least: 0%}}",
        "{measure: {value: 'share(errors <= 100%)', at_least: 50%}}",
        "{agrees: {value: availability, with: 50%, step: 50%, source: nobody}}",
    ] {
        let said = refused(&two_regions("6m", &faults, FAILS_OVER, &[&format!("a: {property}")]));
        assert!(
            said.iter().any(|said| said.contains("can never") || said.contains("every run")),
            "{property}: {said:?}"
        );
    }
}

#[test]
fn a_share_without_its_unit_is_refused_with_the_way_out() {
    let faults = ["region_outage: {id: dark, region: west, at: 60s}"];
    for (property, help) in [
        ("{always: errors <= 5}", "write `5%`"),
        ("{always: success >= 99.9}", "write `99.9%`"),
        ("{measure: {value: availability, at_least: 99}}", "write `99%`"),
        ("{measure: {value: max(service.west.api.busy), at_most: 1}}", "write `100%` for the whole"),
        ("{agrees: {value: availability, with: 0.5, step: 1%, source: nobody}}", "write `50%`"),
        ("{always: success => 99%}", "write `>=`"),
        ("{always: errors =< 5%}", "write `<=`"),
    ] {
        let said = refused(&two_regions("6m", &faults, FAILS_OVER, &[&format!("a: {property}")]));
        assert!(said.iter().any(|said| said.contains(help)), "{property}: {said:?}");
    }
}

/// Every request fails, from the start or from ten minutes on.
fn failing(duration: &str, at: &str, properties: &[&str]) -> String {
    format!(
        "firedrill: 1
name: all fail
duration: {duration}
settle: 0s
regions: {{a: {{services: {{s: {{servers: 4, time: 40ms}}}}}}}}
workload: [{{open: {{rate: 5/s}}}}]
faults:
  - slow_share: {{id: x, region: a, errors: 100%, at: {at}}}
properties:
  {}
",
        properties.join("\n  ")
    )
}

#[test]
fn a_figure_exactly_on_the_bound_agrees_and_is_within_it() {
    let properties = [
        "on: {agrees: {value: \"mean(errors, 1m, 9m)\", with: 96%, step: 4%, source: exactly four points apart}}",
        "on2: {measure: {value: \"mean(errors, 1m, 9m) - 96%\", at_least: 4%}}",
    ];
    assert_eq!(verdicts(&failing("10m", "0s", &properties)), [Verdict::Pass, Verdict::Pass]);
}

#[test]
fn a_recovery_that_never_came_differs_from_the_published_one() {
    let properties = ["rto: {agrees: {value: \"rto(fault.x, 99%)\", with: 20min, within: 20%, source: published}}"];
    let judged = judged(&failing("120m", "10m", &properties));
    assert_eq!(judged[0].0, Verdict::Fail, "{}", judged[0].1);
}

/// 499 of 500 answers take exactly 537 ms.
#[test]
fn percentiles_are_those_of_the_latencies_and_not_of_a_bucket() {
    let figures =
        ["p50(latency)", "p95(latency)", "p99(latency)", "\"at(latency.p50, 60s)\"", "\"at(latency.p99, 60s)\""];
    let properties: Vec<String> = figures
        .iter()
        .enumerate()
        .map(|(n, figure)| {
            format!("f{n}: {{agrees: {{value: {figure}, with: 537ms, within: 0.5%, source: constant}}}}")
        })
        .collect();
    let text = format!(
        "firedrill: 1
name: quantiles of nearly constant latencies
duration: 10m
settle: 5s
regions: {{west: {{services: {{api: {{servers: 1000, time: 537ms}}}}}}}}
network: {{clients: 0s}}
resolvers: {{count: 0}}
workload:
  - open: {{rate: 100/s, arrivals: constant, retries: 0}}
faults:
  - slow_share: {{id: one, region: west, share: 0.2%, slowdown: 300%, at: 1s}}
properties:
  {}
",
        properties.join("\n  ")
    );
    assert_eq!(verdicts(&text), [Verdict::Pass; 5]);
}
