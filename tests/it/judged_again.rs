//! Results that are read back are judged again: a checksum says that a file is whole, and nothing of what is in it.

use super::command_line::{code, firedrill};
use super::determinism::folder;
use firedrill::report::{Document, MANIFEST, manifest, written};
use std::path::Path;

const DARK: &str = "
firedrill: 1
name: dark for a minute
duration: 4m
regions:
  west: {services: {api: {servers: 8, time: 10ms}}}
resolvers: {count: 0}
workload:
  - open: {rate: 20/s, timeout: 2s, retries: 0}
faults:
  - region_outage: {id: dark, region: west, at: 1m, for: 1m}
properties:
  served: {always: {holds: success >= 99%}}
  back: {responds: {after: fault.dark.healed, holds: success >= 99%, within: 10s}}
";

/// Changes `results.json` in `results` as a forger would, who knows how checksums are made.
fn forge(results: &Path, changes: &[(&str, &str)]) {
    let read = |name: &str| std::fs::read(results.join(name)).expect("a file of the results");
    let mut text = String::from_utf8(read("results.json")).expect("text");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    std::fs::write(results.join("results.json"), text).expect("it can be written");
    let listed: serde_json::Value = serde_json::from_slice(&read(MANIFEST)).expect("a manifest");
    let names =
        listed["files"].as_array().expect("files").iter().map(|file| file["path"].as_str().expect("a path").to_owned());
    let entry = |path: String| {
        let document = Document { bytes: read(&path), path };
        written(&document.into(), &mut Vec::new()).expect("memory takes it")
    };
    std::fs::write(results.join(MANIFEST), manifest(names.map(entry).collect()).bytes).expect("it can be written");
}

/// Changes the row of one seed of a campaign in `results`.
fn forge_row(results: &Path, seed: u64, from: &str, to: &str) {
    let text = std::fs::read_to_string(results.join("results.json")).expect("a file of the results");
    let begin = text.find(&format!("\"seed\": \"{seed}\",\n      \"verdict\"")).expect("its row");
    let row = text[begin..].split("\n    }").next().expect("a row ends");
    assert!(row.contains(from), "{row}");
    forge(results, &[(row, &row.replacen(from, to, 1))]);
}

#[test]
fn an_edited_verdict_is_refused_though_its_checksum_is_right() {
    let folder = folder("judged-again");
    std::fs::write(folder.join("dark.yaml"), DARK).expect("a file can be written");
    let results = folder.join("out");
    let run = |more: &[&str]| {
        assert_eq!(code(&firedrill(&folder, &[&["run", "dark.yaml", "-o", "out"], more].concat())), Some(1))
    };
    let report = || {
        let said = firedrill(&folder, &["report", "out", "--rebuild"]);
        (code(&said), String::from_utf8_lossy(&said.stderr).into_owned())
    };
    run(&[]);
    assert_eq!(report().0, Some(0));
    forge(&results, &[]);
    assert_eq!(report(), (Some(0), String::new()), "nothing was changed");
    let pass =
        [("\"verdict\": \"fail\"", "\"verdict\": \"pass\""), ("\"as_expected\": false", "\"as_expected\": true")];
    forge(&results, &pass);
    let (exit, said) = report();
    assert_eq!(exit, Some(2));
    assert!(said.contains("`served` is fail (expected: pass) by its record, but pass (pass) in the file"), "{said}");
    run(&["--seeds", "0..3"]);
    assert_eq!(report().0, Some(0));
    forge(&results, &pass);
    let (exit, said) = report();
    assert_eq!(exit, Some(2), "{said}");
    // One row alone, which is not the worst run.
    run(&["--seeds", "0..3"]);
    forge_row(&results, 2, "{\n          \"verdict\": \"fail\"", "{\n          \"verdict\": \"pass\"");
    let (exit, said) = report();
    assert!(exit == Some(2) && said.contains("seed 2: `served` cannot be pass"), "{said}");
    run(&["--seeds", "0..3"]);
    forge_row(&results, 2, "\"verdict\": \"fail\"", "\"verdict\": \"pass\"");
    let (exit, said) = report();
    assert!(exit == Some(2) && said.contains("seed 2: its verdict does not follow from its properties"), "{said}");
    run(&[]);
    forge(&results, &[("firedrill: 1", "firedrill: one")]);
    let (exit, said) = report();
    assert!(
        exit == Some(2) && said.contains("it cannot be judged again: the scenario in them is not valid here"),
        "{said}"
    );
}
