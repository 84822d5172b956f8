//! House rules that no compiler knows, read off the source text: layers, headers, sizes, words, names.
//!
//! Owns the table of layers and the lists of words. Does not judge what clippy and rustfmt judge.
//!
//! Invariant: a test shows everything that breaks its rule at once.

mod events;
mod parts;
mod source;

use firedrill::{check, fault};
use source::{files, functions, modules_named, places, sources};

/// Every module, and those it may name, from the ground up: an arrow may only point to a line above.
const LAYERS: &[(&str, &[&str])] = &[
    ("mutation", &[]),
    ("units", &[]),
    ("kernel", &["units"]),
    ("field", &["units", "kernel"]),
    ("policy", &["units"]),
    ("record", &["units"]),
    ("ports", &["units", "record"]),
    ("procedure", &["units", "policy", "ports", "record"]),
    ("transcript", &["units", "ports", "record"]),
    ("conformance", &["units", "ports"]),
    ("live", &["units", "ports", "record"]),
    ("model", &["units", "ports", "record", "kernel", "policy"]),
    ("fault", &["units", "record", "kernel", "model", "field"]),
    ("control", &["units", "field", "model", "policy", "ports", "procedure", "record"]),
    ("outcome", &["units", "record"]),
    ("check", &["units", "record", "outcome", "field"]),
    ("scenario", &["units", "field", "kernel", "policy", "record", "model", "fault", "control", "check", "outcome"]),
    ("sim", &["units", "kernel", "model", "fault", "control", "record", "outcome"]),
    ("rehearse", &["scenario", "fault", "sim", "check", "outcome", "record", "units"]),
    ("explore", &["units", "outcome", "record", "rehearse"]),
    ("harness", &["units", "model", "record", "control", "check", "outcome", "scenario", "sim", "rehearse"]),
    ("report", &["units", "record", "outcome", "explore"]),
    ("cli", &[ALL]),
];

/// In place of names: all lines above.
const ALL: &str = "*";

/// Words that may stand only in the files whose path begins so. Clippy bans most of them by type; here they cannot be
/// allowed away in passing, nor hide behind a feature.
const HOMES: &[(&str, &[&str])] = &[
    ("HashMap", &[]),
    ("HashSet", &[]),
    ("SystemTime", &["cli/", "live/clock.rs"]),
    ("std::time", &["cli/", "live/clock.rs"]),
    ("tokio", &["live/"]),
    ("thread::sleep", &["cli/"]),
    ("print!", &["cli/"]),
    ("println!", &["cli/"]),
    ("eprint!", &["cli/"]),
    ("eprintln!", &["cli/"]),
    ("dbg!", &[]),
    ("std::env", &["cli/", "mutation/", "report/golden.rs"]),
    ("rayon", &["explore/"]),
    ("rand_chacha", &["kernel/random.rs"]),
    ("serde_saphyr", &["scenario/yaml.rs"]),
    ("clap", &["cli/"]),
    ("csv_core", &["model/clients/trace.rs"]),
    ("strsim", &["field/suggest.rs"]),
    ("textwrap", &["report/terminal/canvas.rs"]),
    ("sha2", &["report/manifest.rs", "report/html/mod.rs"]),
    ("hdrhistogram", &["model/observe/latencies.rs"]),
    ("maud", &["report/html/"]),
    ("quick_junit", &["report/junit.rs"]),
    ("base64", &["report/html/mod.rs"]),
    ("schemars", &["units/", "record/", "outcome", "explore/", "report/json/"]),
    ("plotters", &["report/svg/"]),
    ("plotters_backend", &["report/svg/"]),
    ("opentelemetry_proto", &["report/trace/"]),
    ("prost", &["report/trace/"]),
];

const FUNCTION_LINES_MOST: usize = 70;
const FILE_LINES_MOST: usize = 500;

/// Functions that are longer for now, as `file function`. The list may only become shorter.
const LONG_FUNCTIONS: &[&str] = &[];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];

#[test]
fn arrows_between_modules_only_point_down() {
    let mut broken = Vec::new();
    for source in sources() {
        let module = source.module();
        let Some(&home) = module.first() else { continue };
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == home) else {
            broken.push(format!("src/{}: the module `{home}` has no layer yet", source.path));
            continue;
        };
        for (offset, name) in modules_named(&source.shipped, module.len()) {
            if name != home && !allowed.contains(&name.as_str()) && *allowed != [ALL] {
                broken.push(format!("{}: `{home}` must not name `{name}`", source.at(&source.shipped, offset)));
            }
        }
    }
    show(&broken);
}

#[test]
fn the_layers_are_listed_from_the_ground_up() {
    for (index, (name, allowed)) in LAYERS.iter().enumerate() {
        let below: Vec<&str> = LAYERS[..index].iter().map(|(name, _)| *name).collect();
        for lower in allowed.iter().filter(|lower| **lower != ALL) {
            assert!(below.contains(lower), "`{name}` names `{lower}`, which is not below it");
        }
    }
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let silent = sources().into_iter().filter(|source| !source.text.starts_with("//! "));
    show(&silent.map(|source| format!("src/{} does not begin with `//!`", source.path)).collect::<Vec<_>>());
}

#[test]
fn words_that_break_determinism_or_print_stay_in_their_homes() {
    let mut broken = Vec::new();
    for source in sources() {
        for (word, _) in HOMES.iter().filter(|(_, homes)| !homes.iter().any(|home| source.path.starts_with(home))) {
            let found = places(&source.code, word).map(|offset| source.at(&source.code, offset));
            broken.extend(found.map(|place| format!("{place}: `{word}` does not belong here")));
        }
    }
    show(&broken);
}

#[test]
fn no_function_is_longer_than_a_page() {
    let mut broken = Vec::new();
    let mut excused = Vec::new();
    for source in sources() {
        for (offset, name, lines) in functions(&source.code) {
            let long = format!("{} {name}", source.path);
            if lines <= FUNCTION_LINES_MOST {
                continue;
            }
            match LONG_FUNCTIONS.iter().find(|known| **known == long) {
                Some(known) => excused.push(*known),
                None => broken.push(format!("{}: `{name}` has {lines} lines", source.at(&source.code, offset))),
            }
        }
    }
    let needless = LONG_FUNCTIONS.iter().filter(|known| !excused.contains(known));
    broken.extend(needless.map(|known| format!("`{known}` is not too long any more: take it from the list")));
    show(&broken);
}

#[test]
fn no_file_is_too_long_to_be_read_at_once() {
    let lines = sources().into_iter().map(|source| (source.text.lines().count(), source.path));
    let long = lines.filter(|(lines, _)| *lines > FILE_LINES_MOST);
    show(&long.map(|(lines, path)| format!("src/{path} has {lines} lines")).collect::<Vec<_>>());
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let empty = |path: &str| path.trim_end_matches(".rs").split('/').any(|part| EMPTY_NAMES.contains(&part));
    let everywhere = ["src", "tests", "benches"].map(|folder| files(folder, "rs"));
    let broken = everywhere.into_iter().flatten().filter(|(path, _)| empty(path));
    show(&broken.map(|(path, _)| format!("{path}: name it after what it holds")).collect::<Vec<_>>());
}

#[test]
fn every_kind_of_fault_and_property_is_in_a_scenario() {
    let scenarios: String = files("scenarios", "yaml").into_iter().map(|(_, text)| without_remarks(&text)).collect();
    let faults = fault::CATALOG.iter().map(|fault| ("fault", fault.kind.name));
    let properties = check::CATALOG.iter().map(|property| ("property", property.kind.name));
    let missing = faults.chain(properties).filter(|(_, kind)| places(&scenarios, &format!("{kind}:")).next().is_none());
    show(&missing.map(|(what, kind)| format!("no scenario has the {what} `{kind}`")).collect::<Vec<_>>());
}

fn show(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// YAML without its comments.
fn without_remarks(yaml: &str) -> String {
    let line = |line: &str| {
        if line.starts_with('#') { String::new() } else { line.split(" #").next().unwrap_or("").to_owned() + "\n" }
    };
    yaml.lines().map(line).collect()
}
