//! What only a whole process shows: signals, a reader who leaves, a panic.
//!
//! Each test runs this test program again as a child that does nothing but [`child`]: the real `main` on the stage.

use super::fixture::{Stage, scratch};
use super::main_on;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const ARGUMENTS: &str = "FIREDRILL_TEST_CHILD";

#[test]
#[ignore = "runs only as the child of the other tests"]
fn child() {
    let Some(arguments) = std::env::var_os(ARGUMENTS) else { return };
    let arguments = arguments.into_string().unwrap();
    let exit = main_on(&Stage, arguments.split('\n').map(Into::into));
    std::process::exit(exit.code().into());
}

/// Starts a child.
fn start(place: &Path, arguments: &[&str], out: Stdio) -> Child {
    let this = std::env::current_exe().unwrap();
    Command::new(this)
        .args(["--exact", "cli::process_tests::child", "--ignored", "--nocapture", "--quiet"])
        .env(ARGUMENTS, [&["firedrill"], arguments].concat().join("\n"))
        .current_dir(place)
        .stdin(Stdio::piped())
        .stdout(out)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ended(mut child: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[cfg(unix)]
#[test]
fn a_signal_cleans_up_and_its_number_is_the_exit_code() {
    use nix::sys::signal::{SigSet, Signal, kill};
    use nix::unistd::Pid;

    // A child inherits what this thread blocks, on all its threads: libtest has one that `watch` cannot reach.
    let mut blocked = SigSet::empty();
    blocked.add(Signal::SIGINT);
    blocked.add(Signal::SIGTERM);
    blocked.thread_block().unwrap();
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let place = scratch(&format!("signal_{code}"));
        fs::write(place.join("endless.yaml"), "endless").unwrap();
        let mut child = start(&place, &["run", "endless.yaml"], Stdio::piped());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("the endless play began")));
        assert_eq!(fs::read_dir(place.join("firedrill-results")).unwrap().count(), 1, "the unfinished directory");
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        let (exit, said) = ended(child);
        assert_eq!(exit, Some(code), "{said}");
        assert!(said.contains("interrupted"), "{said}");
        assert_eq!(fs::read_dir(place.join("firedrill-results")).unwrap().count(), 0, "nothing is left");
    }
}

#[test]
fn a_reader_who_leaves_early_is_no_reason_to_panic() {
    let place = scratch("reader_leaves");
    let mut child = start(&place, &["run", "-"], Stdio::piped());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("running 1 test")), "libtest has said its own");
    drop(lines);
    // The child waits for its scenario, so the reader is gone before there is anything to read.
    child.stdin.take().unwrap().write_all(b"outage").unwrap();
    let (exit, said) = ended(child);
    assert_eq!(exit, Some(0), "{said}");
    assert!(place.join("firedrill-results/stdin/results.json").exists());
}

#[test]
fn a_panic_says_that_it_is_a_bug_and_how_to_repeat_it() {
    let place = scratch("panic_hook");
    fs::write(place.join("panic.yaml"), "panic").unwrap();
    for arguments in [&["run", "panic.yaml", "--seed", "9"][..], &["run", "panic.yaml", "--seeds", "9..10"]] {
        let (exit, said) = ended(start(&place, arguments, Stdio::null()));
        assert_eq!(exit, Some(101), "{said}");
        assert!(said.starts_with("internal error, this is a bug in firedrill"), "{said}");
        assert!(said.contains("the stage collapsed"), "{said}");
        assert!(said.contains("repeat: firedrill run panic.yaml --seed 9\n"), "{said}");
    }
}
