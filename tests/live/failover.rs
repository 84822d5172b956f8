//! The example: a failover of real servers whose controller is killed half-way, and its successor's end of it.

use super::folder;
use std::path::Path;
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The program of the example, as `cargo test` or whoever runs this one test builds it.
fn example(arguments: &[&str]) -> Output {
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--offline", "--features", "live", "--example", "live_failover"])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let test = std::env::current_exe().expect("it has a path");
    let program = test.parent().and_then(Path::parent).expect("target").join("examples/live_failover");
    Command::new(program).args(arguments).output().expect("it runs")
}

#[test]
fn a_failover_of_real_servers_is_finished_by_the_second_controller_and_said_again() {
    let place = folder("failover");
    let done = example(&["--output", &place.display().to_string()]);
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}\n{err}");
    for said in ["the controller is killed", "controller.leads: epoch 2", "region_failover.resumed", "said again"] {
        assert!(out.contains(said), "{said}: {out}");
    }
    assert!(out.contains("writes acknowledged, ") && err.is_empty(), "{out}\n{err}");
    let wrong = example(&["--output"]);
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("usage"));
}

#[test]
fn the_ports_of_the_example_keep_the_rules_that_the_simulators_do() {
    let done = example(&["--conformance", "--output", &folder("conformance").display().to_string()]);
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}\n{err}");
    for port in ["clock", "journal", "dns", "services", "probe", "metrics", "notifier", "databases"] {
        assert!(out.lines().any(|line| line.starts_with(port) && line.contains("all of them kept")), "{port}: {out}");
    }
}
