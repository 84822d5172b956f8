//! One estate, many scenarios, from the command line: what builds on a file is run, checked, explained, repeated and read
//! back like what stands in one; and what a folder of them needs day by day.

use super::command_line::{code, firedrill};
use super::determinism::folder;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const ESTATE: &str = "
firedrill_base: 1
regions:
  west: {services: {api: {servers: 8, time: 10ms}}}
dns: {zone: app.example}
workload:
  - open: {name: users, rate: 20/s}
properties:
  served: {always: {holds: success >= 99%}}
";

const QUICK: &str = "firedrill: 1\nname: quick\nbase: estate.yaml\nduration: 1m\n";

fn write(folder: &Path, name: &str, text: &str) {
    if let Some(parent) = Path::new(name).parent() {
        std::fs::create_dir_all(folder.join(parent)).expect("a folder can be made");
    }
    std::fs::write(folder.join(name), text).expect("a file can be written");
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with an estate and a scenario on it.
fn estate(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    write(&folder, "lib/estate.yaml", ESTATE);
    write(&folder, "lib/quick.yaml", QUICK);
    folder
}

#[test]
fn what_builds_on_a_file_is_the_same_run_as_what_stands_in_one() {
    let folder = estate("estate-run");
    write(&folder, "whole.yaml", &ESTATE.replace("firedrill_base: 1", "firedrill: 1\nduration: 1m"));
    let apart = firedrill(&folder, &["run", "lib/quick.yaml"]);
    let together = firedrill(&folder, &["run", "whole.yaml"]);
    assert_eq!((code(&apart), code(&together)), (Some(0), Some(0)), "{}", err(&apart));
    let digest = |output: &Output| {
        let text = out(output);
        text.split("digest ").nth(1).and_then(|rest| rest.split(' ').next()).map(str::to_owned)
    };
    assert_eq!(digest(&apart), digest(&together));
    assert!(out(&apart).contains("firedrill run lib/quick.yaml --seed 1"), "the replay line is the scenario's");
}

#[test]
fn results_are_judged_again_when_the_estate_has_changed_or_is_gone() {
    let folder = estate("estate-results");
    assert_eq!(code(&firedrill(&folder, &["run", "lib/quick.yaml", "-o", "out"])), Some(0));
    let results = std::fs::read_to_string(folder.join("out/results.json")).expect("results");
    assert!(results.contains("\"file\": \"estate.yaml\""), "the copy of the scenario has its base");
    std::fs::remove_file(folder.join("lib/estate.yaml")).expect("it was there");
    let back = firedrill(&folder, &["report", "out"]);
    assert_eq!(code(&back), Some(0), "{}", err(&back));
    assert_eq!(code(&firedrill(&folder, &["report", "out", "--check"])), Some(0));
    let gone = firedrill(&folder, &["run", "lib/quick.yaml", "-o", "out"]);
    assert_eq!(code(&gone), Some(2));
    assert!(err(&gone).contains("lib/quick.yaml:3:7") && err(&gone).contains("no such file"), "{}", err(&gone));
}

#[test]
fn a_folder_is_checked_without_its_bases_and_mistakes_are_shown_where_they_are() {
    let folder = estate("estate-check");
    let checked = firedrill(&folder, &["check", "lib"]);
    assert_eq!(code(&checked), Some(0), "{}", err(&checked));
    assert!(out(&checked).contains("lib/quick.yaml: ok") && !out(&checked).contains("estate.yaml"));
    assert!(out(&checked).contains("a run: about"), "what it costs: {}", out(&checked));
    write(&folder, "lib/estate.yaml", &ESTATE.replace("servers: 8", "sevrers: 8"));
    let refused = err(&firedrill(&folder, &["check", "lib"]));
    assert!(refused.contains("lib/estate.yaml:4:27"), "{refused}");
    let base = firedrill(&folder, &["check", "lib/estate.yaml"]);
    assert!(err(&base).contains("FD0008") && err(&base).contains("base: FILE"), "{}", err(&base));
}

#[test]
fn explain_names_the_file_of_each_value_and_shows_what_is_asked_for() {
    let folder = estate("estate-explain");
    let explain = |more: &[&str]| firedrill(&folder, &[&["explain", "lib/quick.yaml"], more].concat());
    assert!(out(&explain(&[])).lines().any(|l| l.contains(".servers ") && l.contains("base estate.yaml")));
    let section = out(&explain(&["regions.west"]));
    assert!(section.lines().all(|line| line.starts_with("regions.west.")) && section.contains(".servers"));
    let changed = out(&explain(&["--changed", "--set", "dns.ttl=9s"]));
    assert!(changed.contains("--set") && changed.contains("base estate.yaml") && !changed.contains("default"));
    let wrong = explain(&["regoins"]);
    assert_eq!(code(&wrong), Some(2));
    assert!(err(&wrong).contains("did you mean `regions`"), "{}", err(&wrong));
    let word = firedrill(&folder, &["explain", "diurnal"]);
    assert!(code(&word) == Some(0) && out(&word).contains("peak"), "{}", err(&word));
}

#[test]
fn a_what_if_keeps_the_results_of_the_baseline() {
    let folder = estate("what-if");
    assert_eq!(code(&firedrill(&folder, &["run", "lib/quick.yaml"])), Some(0));
    let what_if = firedrill(&folder, &["run", "lib/quick.yaml", "--set", "workload.users.rate=10/s"]);
    assert!(out(&what_if).starts_with("quick, with workload.users.rate=10/s\n"), "{}", out(&what_if));
    let requests = |place: &str| {
        let text = std::fs::read_to_string(folder.join("firedrill-results").join(place).join("results.json"));
        let value: serde_json::Value = serde_json::from_str(&text.expect("results")).expect("JSON");
        value["requests"].as_u64().expect("a number")
    };
    let results = std::fs::read_dir(folder.join("firedrill-results")).expect("results");
    let places: Vec<String> =
        results.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    let other = places.iter().find(|place| *place != "quick").expect("a directory of its own");
    assert!(other.starts_with("quick--workload.users.rate=10_s"), "{other}");
    assert!(requests("quick") > requests(other) * 3 / 2);
    let all = firedrill(&folder, &["check", "."]);
    assert_eq!(code(&all), Some(0), "results are no scenarios: {}", err(&all));
}

#[test]
fn defaults_come_from_a_file_and_what_is_typed_wins() {
    let folder = estate("defaults");
    write(&folder, "firedrill.toml", "seeds = \"0..3\"\noutput = \"out\"\nreport = [\"md\"]\n");
    let run = firedrill(&folder, &["run", "lib/quick.yaml"]);
    assert_eq!(code(&run), Some(0), "{}", err(&run));
    assert!(err(&run).contains("from firedrill.toml: seeds, report, output"), "{}", err(&run));
    assert!(out(&run).contains("3 runs") || out(&run).contains("seeds 0..3"), "{}", out(&run));
    assert!(folder.join("out/quick/summary.md").exists() && !folder.join("out/quick/report.html").exists());
    let typed = firedrill(&folder, &["run", "lib/quick.yaml", "--seed", "5", "-o", "mine", "--report", "html"]);
    assert!(out(&typed).contains("seed 5") && !err(&typed).contains("firedrill.toml"), "{}", err(&typed));
    assert!(folder.join("mine/report.html").exists());
    write(&folder, "firedrill.toml", "sedes = \"0..3\"\n");
    let wrong = firedrill(&folder, &["run", "lib/quick.yaml"]);
    assert_eq!(code(&wrong), Some(2));
    assert!(err(&wrong).contains("firedrill.toml:1:1") && err(&wrong).contains("did you mean"), "{}", err(&wrong));
}

/// A program that would go on for ever, and ends with the test.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_watched_run_is_run_again_when_its_estate_changes() {
    use std::io::{BufRead, BufReader};
    let folder = estate("watched");
    let mut command = Command::new(env!("CARGO_BIN_EXE_firedrill"));
    command.current_dir(&folder).args(["run", "--watch", "lib/quick.yaml", "--message-format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    let mut child = Ended(child);
    let mut lines = BufReader::new(child.0.stdout.take().expect("a pipe")).lines();
    let mut until = |reason: &str| {
        let says = |line: &str, reason: &str| line.starts_with(&format!("{{\"reason\":\"{reason}\""));
        loop {
            let line = lines.next().expect("a message").expect("text");
            if says(&line, reason) {
                return line;
            }
            assert!(!says(&line, "diagnostic") && !says(&line, "failure"), "{line}");
        }
    };
    until("watching");
    write(&folder, "lib/estate.yaml", &ESTATE.replace("rate: 20/s", "rate: 107/s"));
    let again = until("run-finished");
    until("watching");
    write(&folder, "lib/estate.yaml", "firedrill_base: 1\nregoins: {}\n");
    let broken = until("diagnostic");
    assert!(again.contains("quick") && broken.contains("FD0"), "{again}\n{broken}");
}
