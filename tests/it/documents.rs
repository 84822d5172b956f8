//! The commands that the documents show are run, as a reader would: each ends well, and writes what it says.
//!
//! A fence marked `sh` holds commands, one a line; a remark `# exits 1: …` says how one ends that does not end with 0.
//! Those of `cargo` itself and of other programs are not run here.

use super::ROOT;
use super::command_line::{code, firedrill};
use super::determinism::folder;
use std::collections::BTreeSet;
use std::path::Path;

const DOCUMENTS: &[&str] = &["README.md", "CONTRIBUTING.md", "docs"];

/// How a command of the program may begin, longest first.
const PROGRAM: &[&str] = &["cargo run --release -- ", "firedrill "];

/// How a command may begin that is not run here: what it does is a test or a build of its own.
const OTHERS: &[&str] = &[
    "cargo test",
    "cargo bench",
    "cargo build",
    "cargo install",
    "cargo run --release --example ",
    ".ci/run",
    "FIREDRILL_BLESS=1 cargo test",
];

fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in DOCUMENTS {
        let path = Path::new(ROOT).join(name);
        let files = match path.is_dir() {
            true => std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()).collect(),
            false => vec![path],
        };
        let pages = files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "md"));
        found.extend(pages.map(|file| {
            let text = std::fs::read_to_string(&file).expect("a document");
            (file.strip_prefix(ROOT).expect("below the root").to_string_lossy().into_owned(), text)
        }));
    }
    found.sort();
    found
}

/// The commands of a document, with continued lines joined, and how each ends.
fn commands(text: &str) -> Vec<(String, i32)> {
    let fences = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = fences.flat_map(|fence| fence.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>());
    let parsed = lines.map(|line| {
        let (command, remark) = line.split_once(" #").unwrap_or((&line, ""));
        let ends = remark.trim().strip_prefix("exits ").and_then(|rest| rest.split(':').next()?.parse().ok());
        (command.trim().to_owned(), ends.unwrap_or(0))
    });
    parsed.filter(|(command, _)| !command.is_empty() && !command.starts_with('#')).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

#[test]
fn every_command_in_the_documents_works() {
    let folder = folder("documents");
    copy(&Path::new(ROOT).join("scenarios"), &folder.join("scenarios"));
    let mut done = BTreeSet::new();
    let mut broken = Vec::new();
    for (document, text) in documents() {
        for (command, ends) in commands(&text).into_iter().filter(|(command, _)| done.insert(command.clone())) {
            let Some(arguments) = PROGRAM.iter().find_map(|program| command.strip_prefix(program)) else {
                if !OTHERS.iter().any(|other| command.starts_with(other)) {
                    broken.push(format!("{document}: `{command}` is neither run nor known"));
                }
                continue;
            };
            let (arguments, printed_to) = match arguments.split_once(" > ") {
                Some((arguments, file)) => (arguments, Some(file.trim())),
                None => (arguments, None),
            };
            let output = firedrill(&folder, &arguments.split_whitespace().collect::<Vec<_>>());
            if let Some(file) = printed_to {
                std::fs::write(folder.join(file), &output.stdout).expect("a file can be written");
            }
            if code(&output) != Some(ends) {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                broken.push(format!("{document}: `{command}` ends with {:?}, not {ends}: {said}", code(&output)));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(done.iter().any(|command| command.contains("init")), "the documents say how to begin");
}

#[test]
fn the_changelog_lists_what_was_renamed() {
    let changelog = std::fs::read_to_string(format!("{ROOT}/CHANGELOG.md")).expect("it is there");
    let (_, table) = changelog.split_once("## Renamed\n").expect("a table of what was renamed");
    let row = |line: &str| line.starts_with("| ").then(|| line.to_owned());
    let rows: Vec<String> = table.lines().filter_map(row).skip(1).collect();
    let expected: Vec<String> = firedrill::field::RENAMED
        .iter()
        .map(|(what, old, new)| format!("| {} | `{old}` | `{new}` |", format!("{what:?}").to_lowercase()))
        .collect();
    assert_eq!(rows, expected);
}
