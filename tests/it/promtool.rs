//! Prometheus itself says when a sustained condition fires: random series with gaps, given to its own rule tester and to
//! our rule.
//!
//! Needs `promtool` (Debian's package `prometheus`), so it is run by `.ci/run --full` only.

use firedrill::policy::{Observation, OnGap, SustainedThreshold};
use firedrill::units::{Instant, Span};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::fmt::Write;
use std::process::Command;

/// Series in one file for `promtool`.
const SERIES: usize = 3_000;
/// Evaluations of each.
const EVALUATIONS: usize = 40;
/// Seconds between two evaluations, as between two samples.
const INTERVAL_S: u64 = 15;
/// The `for` of each rule, in seconds: off the grid, on it, and none.
const HOLDS_S: [u64; 4] = [0, 15, 50, 75];

#[derive(Debug, Clone, Copy)]
enum Sample {
    Value(u8),
    /// The target is gone: Prometheus writes a staleness marker.
    Stale,
}

fn series() -> impl Strategy<Value = Vec<Sample>> {
    // Stretches, so that some are long enough for the longest hold.
    let stretch =
        (prop_oneof![4 => Just(Sample::Value(9)), 2 => Just(Sample::Value(1)), 1 => Just(Sample::Stale)], 1_usize..9);
    let joined = |stretches: Vec<(Sample, usize)>| {
        stretches.into_iter().flat_map(|(sample, times)| vec![sample; times]).take(EVALUATIONS).collect()
    };
    prop::collection::vec(stretch, EVALUATIONS).prop_map(joined)
}

/// By evaluation: whether our rule fires.
fn ours(samples: &[Sample], hold_s: u64) -> Vec<bool> {
    let mut rule = SustainedThreshold::new(Span::from_secs(hold_s), OnGap::Reset);
    let seen = samples.iter().map(|sample| match sample {
        Sample::Value(value) if *value > 5 => Observation::Exceeded,
        Sample::Value(_) => Observation::Within,
        Sample::Stale => Observation::Missing,
    });
    (0..).zip(seen).map(|(index, seen)| rule.observe(Instant::from_secs(index * INTERVAL_S), seen)).collect()
}

fn written(samples: &[Sample]) -> String {
    let words = samples.iter().map(|sample| match sample {
        Sample::Value(value) => value.to_string(),
        Sample::Stale => "stale".to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The rules, and a test of them that expects what our rule does at every evaluation.
fn files(all: &[Vec<Sample>]) -> (String, String) {
    let mut rules = "groups:\n- name: sustained\n  rules:\n".to_owned();
    for hold in HOLDS_S {
        writeln!(rules, "  - {{alert: Held{hold}, expr: 'value > 5', for: {hold}s}}").expect("a string");
    }
    let mut tests = format!("rule_files: [rules.yaml]\nevaluation_interval: {INTERVAL_S}s\ntests:\n");
    writeln!(tests, "- interval: {INTERVAL_S}s\n  input_series:").expect("a string");
    for (index, samples) in all.iter().enumerate() {
        writeln!(tests, "  - {{series: 'value{{n=\"{index}\"}}', values: '{}'}}", written(samples)).expect("a string");
    }
    writeln!(tests, "  alert_rule_test:").expect("a string");
    for hold in HOLDS_S {
        let fired: Vec<Vec<bool>> = all.iter().map(|samples| ours(samples, hold)).collect();
        for evaluation in 0..EVALUATIONS {
            let firing = fired.iter().enumerate().filter(|(_, fired)| fired[evaluation]);
            let labels: Vec<String> = firing.map(|(index, _)| format!("{{exp_labels: {{n: '{index}'}}}}")).collect();
            let at = evaluation as u64 * INTERVAL_S;
            writeln!(tests, "  - {{eval_time: {at}s, alertname: Held{hold}, exp_alerts: [{}]}}", labels.join(", "))
                .expect("a string");
        }
    }
    (rules, tests)
}

#[test]
#[ignore = "needs promtool: `.ci/run --full` installs it"]
fn a_sustained_condition_fires_when_prometheus_says() {
    let mut runner = TestRunner::deterministic();
    let mut draw = || series().new_tree(&mut runner).expect("series can be drawn").current();
    let all: Vec<Vec<Sample>> = (0..SERIES).map(|_| draw()).collect();
    let fires = |hold| all.iter().filter(|samples| ours(samples, hold).contains(&true)).count();
    assert!(HOLDS_S.iter().all(|hold| fires(*hold) > SERIES / 10), "each rule is exercised");
    let folder = std::env::temp_dir().join(format!("firedrill-promtool-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (rules, tests) = files(&all);
    std::fs::write(folder.join("rules.yaml"), rules).expect("written");
    std::fs::write(folder.join("test.yaml"), tests).expect("written");
    let said = Command::new("promtool").args(["test", "rules", "test.yaml"]).current_dir(&folder).output();
    let said = said.expect("promtool is installed (Debian's package `prometheus`)");
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{}", text.chars().take(3_000).collect::<String>());
    std::fs::remove_dir_all(&folder).expect("removed");
}
