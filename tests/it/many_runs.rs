//! What many runs say that one cannot: in which share of all a property holds, what changed between two plans, and how
//! several scenarios stand beside each other.

use super::command_line::{code, firedrill};
use super::determinism::folder;
use serde_json::Value;
use std::path::Path;

/// A region that is dark for some time, and nothing that helps: the service is back when the region is. How long that takes
/// is drawn, and exceeds fifteen minutes in about one night of eight.
const NIGHTS: &str = "
firedrill: 1
name: nights
duration: 50m
regions:
  west: {services: {api: {servers: 8, time: 10ms}}}
resolvers: {count: 0}
workload:
  - open: {rate: 2/s, arrivals: constant, mix: {read: 100%}, timeout: 2s, retries: 0}
faults:
  - region_outage: {id: dark, region: west, at: 5m, for: {lognormal: {median: 8m, sigma: 0.55}}}
properties:
  rto: {recovers: {after: fault.dark, within: 15m}}
  one: {at_most: {event: fault.dark, n: 1}}
";

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file can be written");
}

fn results(folder: &Path, of: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(of).join("results.json")).expect("results");
    serde_json::from_str(&text).expect("JSON")
}

/// A number that a file may hold as text, so that no reader rounds it.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The recovery times that the rows tell, the counts of the property, the objective's side and the worst run must be of
/// one measure.
#[test]
fn fifty_seeds_tell_one_story_of_recovery_and_a_claim_says_how_surely() {
    let folder = folder("fifty-seeds");
    write(&folder, "nights.yaml", &(NIGHTS.to_owned() + "expect: {rto: {holds: \">= 60%\"}}\n"));
    let output = firedrill(&folder, &["run", "nights.yaml", "--seeds", "0..50", "-o", "r"]);
    let (json, told) = (results(&folder, "r"), said(&output));
    let within = |rto: &Value| rto.as_f64().is_some_and(|rto| rto <= 900.0);
    let rows = json["runs"].as_array().expect("rows");
    let held = rows.iter().filter(|row| within(&row["recovery"][0]["rto_s"])).count() as u64;
    let rto = &json["properties"][0];
    assert_eq!((rto["pass"].as_u64(), rto["fail"].as_u64()), (Some(held), Some(50 - held)), "{told}");
    assert!((38..50).contains(&held), "a draw that some nights exceed: {held}");
    assert_eq!(code(&output), Some(0), "{told}");
    assert!(told.contains(&format!("rto held in {held} of 50 runs: with 95% confidence, in at least")), "{told}");
    // Those that fail are named, and the worst of them is the one to repeat.
    let failed: Vec<u64> = rows
        .iter()
        .filter(|row| row["properties"][0]["verdict"] == "fail")
        .filter_map(|row| whole(&row["seed"]))
        .collect();
    assert!(told.contains(&failed[0].to_string()), "{told}");
    let worst = whole(&json["worst"]["seed"]).expect("a seed");
    assert!(failed.contains(&worst) && told.contains(&format!("--seed {worst}")), "{told}");
    // The same runs refute what is claimed too much, and do not settle what is close.
    let claim = |share: &str| {
        write(&folder, "claim.yaml", &format!("{NIGHTS}expect: {{rto: {{holds: \">= {share}\"}}}}\n"));
        let output = firedrill(&folder, &["run", "claim.yaml", "--seeds", "50", "-o", "c"]);
        (code(&output), results(&folder, "c")["properties"][0]["share"].clone())
    };
    let (refuted, share) = claim("99%");
    assert_eq!((refuted, &share["claim"]), (Some(1), &Value::from("fail")));
    let observed = format!("{}%", held * 2);
    let (open, share) = claim(&observed);
    assert_eq!((open, &share["claim"]), (Some(3), &Value::from("inconclusive")));
    assert!(share["low"].as_f64() < share["high"].as_f64());
}

#[test]
fn one_run_shows_no_share_and_either_has_no_part_in_the_word() {
    let folder = folder("either");
    write(&folder, "share.yaml", &(NIGHTS.to_owned() + "expect: {rto: {holds: \">= 70%\"}}\n"));
    let output = firedrill(&folder, &["run", "share.yaml", "--seed", "1", "-o", "r"]);
    assert_eq!(code(&output), Some(3), "{}", said(&output));
    assert!(said(&output).contains("one run cannot tell whether rto holds in 70% of them"), "{}", said(&output));
    let late = NIGHTS.replace("within: 15m", "within: 10s");
    write(&folder, "either.yaml", &(late.clone() + "expect: {rto: either}\n"));
    let output = firedrill(&folder, &["run", "either.yaml", "--seed", "1", "-o", "r"]);
    assert!(said(&output).contains("GO: ") && code(&output) == Some(0), "{}", said(&output));
    let alone = late.replace("  one: {at_most: {event: fault.dark, n: 1}}\n", "");
    write(&folder, "alone.yaml", &(alone + "expect: {rto: either}\n"));
    let output = firedrill(&folder, &["run", "alone.yaml", "--seed", "1", "-o", "r"]);
    assert!(said(&output).contains("UNKNOWN: ") && code(&output) == Some(3), "{}", said(&output));
}

#[test]
fn a_claim_ends_the_campaign_when_it_is_settled_and_the_interval_says_so() {
    let folder = folder("until-settled");
    write(&folder, "nights.yaml", &(NIGHTS.to_owned() + "expect: {rto: {holds: \">= 60%\"}}\n"));
    let output = firedrill(&folder, &["run", "nights.yaml", "--until-settled", "-o", "r"]);
    let json = results(&folder, "r");
    assert_eq!((code(&output), &json["stopping"]), (Some(0), &Value::from("settled")), "{}", said(&output));
    assert_eq!(whole(&json["seeds"][1]), Some(64), "{}", said(&output));
    assert_eq!(json["properties"][0]["share"]["interval"], "anytime-valid");
    let nothing = firedrill(&folder, &["run", "nights.yaml", "--until-settled", "--set", "expect.rto=pass"]);
    assert_eq!(code(&nothing), Some(2), "{}", said(&nothing));
}

#[test]
fn two_plans_are_compared_seed_by_seed() {
    let folder = folder("compared");
    write(&folder, "a.yaml", NIGHTS);
    write(&folder, "b.yaml", &NIGHTS.replace("median: 8m", "median: 16m").replace("servers: 8", "servers: 9"));
    let worse = firedrill(&folder, &["compare", "a.yaml", "b.yaml", "-o", "page.html"]);
    let told = said(&worse);
    assert_eq!(code(&worse), Some(1), "{told}");
    for part in ["WORSE: 20 seeds in both", "regions.west.services.api", "recovery after dark", "+", "rto"] {
        assert!(told.contains(part), "`{part}` is not in:\n{told}");
    }
    let page = std::fs::read_to_string(folder.join("page.html")).expect("a page");
    assert!(page.contains("Settings that differ") && page.contains("WORSE"), "{page}");
    let slower = NIGHTS.replace("median: 8m", "median: 9m").replace("within: 15m", "within: 45m");
    write(&folder, "slower.yaml", &slower);
    let slower = firedrill(&folder, &["compare", "a.yaml", "slower.yaml"]);
    assert!(code(&slower) == Some(0) && said(&slower).contains("DIFFERENT: "), "{}", said(&slower));
    let better = firedrill(&folder, &["compare", "b.yaml", "a.yaml"]);
    assert_eq!(code(&better), Some(0), "{}", said(&better));
    // Results that are there are compared as they are, with a scenario that is run with their seeds.
    firedrill(&folder, &["run", "a.yaml", "--seeds", "4", "-o", "r"]);
    let same = firedrill(&folder, &["compare", "r", "a.yaml"]);
    assert_eq!(code(&same), Some(0), "{}", said(&same));
    assert!(said(&same).contains("4 seeds in both") && said(&same).contains("NOT WORSE"), "{}", said(&same));
    let missing = firedrill(&folder, &["compare", "nowhere", "a.yaml"]);
    assert_eq!(code(&missing), Some(2), "{}", said(&missing));
}

#[test]
fn a_folder_of_scenarios_ends_with_a_table_a_page_and_one_file_for_the_pipeline() {
    let folder = folder("matrix");
    std::fs::create_dir(folder.join("all")).expect("a folder");
    write(&folder, "all/a.yaml", NIGHTS);
    write(&folder, "all/b.yaml", &NIGHTS.replace("within: 15m", "within: 10s"));
    let output = firedrill(&folder, &["run", "all", "--seed", "1", "-o", "r"]);
    let told = said(&output);
    assert_eq!(code(&output), Some(1), "{told}");
    assert!(told.contains("All scenarios") && told.contains("NO-GO (not as expected)"), "{told}");
    let page = std::fs::read_to_string(folder.join("r/index.html")).expect("a page");
    assert!(page.contains("href=\"./a/report.html\"") && page.contains("href=\"./b/report.html\""), "{page}");
    let junit = std::fs::read_to_string(folder.join("r/junit.xml")).expect("a file");
    assert!(junit.contains("classname=\"all.a\"") && junit.contains("classname=\"all.b\""), "{junit}");
    // Once more over the first, but never over what somebody else has put there.
    assert_eq!(code(&firedrill(&folder, &["run", "all", "--seed", "1", "-o", "r"])), Some(1));
    write(&folder, "r/index.html", "<p>mine");
    let refused = firedrill(&folder, &["run", "all", "--seed", "1", "-o", "r"]);
    assert_eq!(code(&refused), Some(2), "{}", said(&refused));
    assert_eq!(std::fs::read_to_string(folder.join("r/index.html")).expect("mine"), "<p>mine");
}
