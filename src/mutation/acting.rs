//! Planted errors in what acts and what keeps the data: each must turn a test red, by name.
//!
//! Owns how that is found out: the test is run again by a process in which one error is planted from the start, so that any
//! test of the library will do. The list is in `acting.txt`: name, what is wrong then, and the test that fails, or why there
//! is none. Does not know what the tests look at.

use super::switch::FROM_OUTSIDE;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::Mutex;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mutation");

/// An error, and who sees it.
struct Planted {
    name: String,
    wrong: String,
    /// The test, or why none does.
    seen_by: Result<String, String>,
}

/// All of them: one a line, in three parts with a bar between them; the last one in brackets where no test is named.
fn planted() -> Vec<Planted> {
    let text = fs::read_to_string(format!("{FOLDER}/acting.txt")).expect("a list");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let one = |line: &str| {
        let parts: Vec<&str> = line.split(" | ").collect();
        let &[name, wrong, last] = parts.as_slice() else { panic!("not three parts: {line}") };
        let why = last.strip_prefix('(').and_then(|why| why.strip_suffix(')'));
        let seen_by = why.map_or_else(|| Ok(last.to_owned()), |why| Err(why.to_owned()));
        Planted { name: name.to_owned(), wrong: wrong.to_owned(), seen_by }
    };
    lines.map(one).collect()
}

/// Why it is not known that the error is seen, if it is not.
fn unseen(planted: &Planted) -> Option<String> {
    let Planted { name, wrong, seen_by } = planted;
    let test = seen_by.as_ref().ok()?;
    let mut tests = Command::new(std::env::current_exe().expect("tests are a program"));
    tests.args(["--exact", "--test-threads=1", test]).env(FROM_OUTSIDE, name);
    tests.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true");
    let output = tests.output().expect("it was started once already");
    if !String::from_utf8_lossy(&output.stdout).contains("running 1 test") {
        return Some(format!("{name}: there is no test {test}"));
    }
    output.status.success().then(|| format!("{name}: {test} passes, though {wrong}"))
}

/// Every error, or one in three.
#[test]
fn every_error_planted_in_what_acts_and_keeps_data_is_seen() {
    let every = if std::env::var_os("FIREDRILL_FULL").is_some() { 1 } else { 3 };
    let all = planted();
    let chosen = Mutex::new(all.iter().step_by(every));
    let work = || {
        let next = || chosen.lock().expect("nobody panics").next();
        std::iter::from_fn(next).filter_map(unseen).collect::<Vec<String>>()
    };
    let mut found: Vec<String> = std::thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().flat_map(|worker| worker.join().expect("nobody panics")).collect()
    });
    found.sort();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_list_names_each_planted_error_once_and_says_why_where_no_test_sees_it() {
    let all = planted();
    let names: BTreeSet<&str> = all.iter().map(|planted| planted.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "a name is there twice");
    let source = super::tests::all_source();
    let nowhere: Vec<&&str> = names.iter().filter(|name| !source.contains(&format!("mutant!(\"{name}\":"))).collect();
    assert!(nowhere.is_empty(), "planted nowhere: {nowhere:?}");
    let silent = all.iter().filter(|planted| planted.seen_by.as_ref().is_err_and(String::is_empty));
    assert_eq!(silent.count(), 0, "an error that no test sees needs a reason");
}
