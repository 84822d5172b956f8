//! What a user meets: exit codes, messages and files.

use super::ROOT;
use super::determinism::folder;
use std::path::Path;
use std::process::{Command, Output};

pub(super) const QUICK: &str = "
firedrill: 1
name: quick
duration: 1m
regions:
  west: {services: {api: {servers: 8, time: 10ms}}}
dns: {zone: app.example}
workload:
  - open: {rate: 20/s}
properties:
  served: {always: {holds: success >= 99%}}
";

pub(super) fn firedrill(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firedrill"));
    // A workflow around the tests is not their subject.
    command.env_remove("GITHUB_ACTIONS").env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.current_dir(folder).args(arguments).output().expect("the program starts")
}

pub(super) fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), text).expect("a file can be written");
}

#[test]
fn every_exit_code_means_what_the_help_says() {
    let folder = folder("exit-codes");
    write(&folder, "quick.yaml", QUICK);
    write(&folder, "surprise.yaml", QUICK.to_owned() + "expect: {served: fail}\n");
    write(&folder, "nothing.yaml", QUICK.replace("  served: {always: {holds: success >= 99%}}\n", ""));
    write(&folder, "broken.yaml", QUICK.replace("servers: 8", "sevrers: 8"));
    let run = |name: &str, more: &[&str]| code(&firedrill(&folder, &[&["run", name], more].concat()));
    assert_eq!(run("quick.yaml", &[]), Some(0));
    assert_eq!(run("surprise.yaml", &[]), Some(1), "an expected failure that passed");
    assert_eq!(run("broken.yaml", &[]), Some(2));
    assert_eq!(run("nothing.yaml", &[]), Some(3), "nothing was asserted");
    assert_eq!(run("quick.yaml", &["--expect-digest", "0000000000000000"]), Some(4));
    assert_eq!(run("quick.yaml", &["--verify-determinism"]), Some(0));
    assert_eq!(run("missing.yaml", &[]), Some(2));
    assert_eq!(run("quick.yaml", &["--no-such-flag"]), Some(2));
}

#[test]
fn every_problem_is_told_at_once_with_its_place_and_help() {
    let folder = folder("problems");
    write(
        &folder,
        "broken.yaml",
        QUICK
            .replace("sevrers", "")
            .replace("time: 10ms", "time: 10 parsecs")
            .replace("servers: 8", "sevrers: 8")
            .replace("rate: 20/s", "rate: -20/s"),
    );
    let output = firedrill(&folder, &["check", "broken.yaml"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(code(&output), Some(2), "{told}");
    for part in ["broken.yaml:6:", "broken.yaml:9:", "sevrers", "servers", "parsecs", "negative", "help"] {
        assert!(told.contains(part), "`{part}` is not in:\n{told}");
    }
    assert!(output.stdout.is_empty(), "diagnostics belong on standard error");
}

#[test]
fn bad_files_are_refused_and_never_a_panic() {
    let folder = folder("bad-files");
    let bomb: String = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(1..12)
            .map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", ")))
            .collect::<String>();
    let cases: [(&str, Vec<u8>); 8] = [
        ("empty.yaml", vec![]),
        ("comments.yaml", b"# nothing\n\n".to_vec()),
        ("binary.yaml", vec![0xff, 0xfe, 0x00, 0x80, 0x81]),
        ("bomb.yaml", bomb.into_bytes()),
        ("large.yaml", [QUICK.as_bytes(), &b"# long\n".repeat(1_500_000)].concat()),
        ("deep.yaml", [b"a: ".as_slice(), &b"[".repeat(10_000)].concat()),
        (
            "cycle.yaml",
            QUICK
                .replace("west: {", "west: {like: north, role: primary, ")
                .replace("dns:", "  north: {like: west}\ndns:")
                .into_bytes(),
        ),
        ("list.yaml", b"- 1\n- 2\n".to_vec()),
    ];
    for (name, bytes) in cases {
        write(&folder, name, bytes);
        let output = firedrill(&folder, &["check", name]);
        let told = String::from_utf8_lossy(&output.stderr);
        // Ten megabytes of comments are a valid scenario; all others are not.
        let expected = if name == "large.yaml" { 0 } else { 2 };
        assert_eq!(code(&output), Some(expected), "{name}: {told}");
        assert!(!told.contains("panicked"), "{name}: {told}");
        assert!(expected == 0 || told.contains(name), "{name} is not named in: {told}");
    }
}

#[test]
fn results_appear_whole_or_not_at_all() {
    let folder = folder("whole");
    write(&folder, "quick.yaml", QUICK);
    assert_eq!(code(&firedrill(&folder, &["run", "quick.yaml"])), Some(0));
    let results = folder.join("firedrill-results/quick");
    for file in ["results.json", "summary.md", "report.html", "junit.xml", "series/requests.csv", "charts/rate.svg"] {
        assert!(results.join(file).is_file(), "{file}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.join("firedrill-results")).expect("results").collect();
    assert_eq!(left.len(), 1, "nothing temporary is left: {left:?}");
    // A file where the folder should be.
    write(&folder, "occupied", "mine");
    let output = firedrill(&folder, &["run", "quick.yaml", "-o", "occupied"]);
    assert_eq!(code(&output), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_to_string(folder.join("occupied")).ok().as_deref(), Some("mine"));
}

/// Whatever a scenario says, only our own lines are commands; what was violated is shown at its line.
#[test]
fn a_step_of_a_workflow_is_annotated_and_summarized() {
    let folder = folder("workflow");
    let text = QUICK.replace("name: quick", "name: \"::error::owned\\n::add-mask::a\\r##[error]owned\"");
    write(&folder, "surprise.yaml", text + "expect: {served: fail}\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_firedrill"));
    command.current_dir(&folder).args(["run", "surprise.yaml"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", folder.join("step.md"));
    let output = command.output().expect("the program starts");
    assert_eq!(code(&output), Some(1));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("owned"), "the name is shown: {out}");
    let is_command = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[");
    assert_eq!(out.split(['\n', '\r']).filter(is_command).count(), 0, "{out}");
    let commands: Vec<&str> = err.split(['\n', '\r']).filter(is_command).collect();
    assert_eq!(commands.len(), 1, "{err}");
    assert!(commands[0].starts_with("::error file=surprise.yaml,line=11,col=3,title=served is pass"), "{err}");
    assert!(std::fs::read_to_string(folder.join("step.md")).expect("a summary").contains("served"));
}

#[test]
fn a_terminal_that_knows_no_more_gets_ascii_without_colour() {
    let folder = folder("ascii");
    write(&folder, "quick.yaml", QUICK);
    for (name, value) in [("LC_ALL", "C"), ("TERM", "dumb")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firedrill"));
        let surroundings = command.env("LC_ALL", "C.UTF-8").env("CLICOLOR_FORCE", "0").env(name, value);
        let output =
            surroundings.current_dir(&folder).args(["run", "quick.yaml"]).output().expect("the program starts");
        assert!(output.stdout.is_ascii(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
    }
    assert!(!firedrill(&folder, &["run", "quick.yaml"]).stdout.is_ascii());
}

#[test]
fn explain_prints_the_plan_with_where_every_value_comes_from() {
    let output = firedrill(Path::new(ROOT), &["explain", "scenarios/ai-provider/region-outage.yaml"]);
    let told = String::from_utf8_lossy(&output.stdout);
    for part in ["databases.orders.delay", "200ms", "file", "preset ai-provider", "default"] {
        assert!(told.contains(part), "`{part}` is not in:\n{told}");
    }
}

#[test]
fn list_names_what_there_is() {
    for (topic, name) in [
        ("faults", "region_outage"),
        ("properties", "recovers"),
        ("procedures", "region_failover"),
        ("signals", "success"),
        ("presets", "ai-provider"),
    ] {
        let output = firedrill(Path::new(ROOT), &["list", topic]);
        assert!(String::from_utf8_lossy(&output.stdout).contains(name), "{topic}");
    }
}
