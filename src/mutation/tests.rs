//! Every validation scenario agrees with its source, and stops doing so when the model is wrong.

use super::switch::with;
use super::table::MUTANTS;
use crate::explore::Agreement;
use crate::outcome::{Outcome, Verdict};
use crate::rehearse::{Provenance, rehearse};
use crate::scenario::{Catalogs, Plan, load};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Enough for a standard error that means something; the whole number of runs is for `firedrill run`.
const FEW: u64 = 12;

/// Where the error is so small beside the spread that so few runs leave it undecided: Student's t of eleven degrees of
/// freedom asks for six standard errors, that of thirty-five for four and a half.
const MORE: u64 = 36;

fn files() -> Vec<String> {
    let entries = fs::read_dir(Path::new(ROOT).join("scenarios/validation")).expect("a folder of scenarios");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let yaml = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let mut names: Vec<String> =
        yaml.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub(super) fn plan(name: &str) -> Plan {
    let path = format!("scenarios/validation/{name}.yaml");
    let text = fs::read_to_string(Path::new(ROOT).join(&path)).expect("a scenario");
    match load(&text, &path, &[], &Catalogs::BUILT_IN) {
        Ok((plan, _)) => plan,
        Err(problems) => panic!("{path}: {:?}", problems.iter().map(|problem| &problem.message).collect::<Vec<_>>()),
    }
}

/// One run of it.
pub(super) fn first(plan: &Plan) -> Outcome {
    rehearse(plan, &Provenance::default(), 0)
}

/// The verdict of each comparison over the first `runs` seeds, in this thread, where a mutant may be on.
fn agreements(plan: &Plan, runs: u64) -> Vec<(String, Agreement)> {
    let rehearse = |seed| rehearse(plan, &Provenance::default(), seed);
    let outcomes: Vec<Outcome> = (0..runs).map(rehearse).collect();
    let together = |index: usize| {
        let figures = outcomes.iter().map(|outcome| outcome.properties[index].comparison.as_ref());
        let values: Vec<_> = figures.clone().map(|comparison| comparison?.seen()).collect();
        let comparison = outcomes[0].properties[index].comparison.as_ref()?;
        Some((outcomes[0].properties[index].id.clone(), Agreement::of(comparison, &values)))
    };
    (0..plan.properties.len()).filter_map(together).collect()
}

fn runs(plan: &Plan, most: u64) -> u64 {
    plan.runs.unwrap_or(1).min(most)
}

#[test]
fn every_validation_scenario_compares_something_and_nothing_differs() {
    let mut wrong = Vec::new();
    for name in files() {
        let plan = plan(&name);
        let compared = agreements(&plan, runs(&plan, FEW));
        if compared.is_empty() {
            wrong.push(format!("{name}: compares nothing"));
        }
        // With so few runs a figure may be undecided, never missing.
        let off = compared.iter().filter(|(id, agreement)| {
            agreement.verdict == Verdict::Fail && plan.expect[id] != Verdict::Fail || agreement.simulated.is_none()
        });
        wrong.extend(
            off.map(|(id, a)| {
                format!("{name}: {id} should be {}: {:?}, {}", a.comparison.expected, a.simulated, a.why)
            }),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_mutant_is_noticed_by_each_of_its_scenarios() {
    let mut survived = Vec::new();
    for mutant in MUTANTS {
        for name in mutant.noticed_by {
            let notices = |most| {
                // Read with the error too: some are planted where a law or a rate is read.
                let (plan, compared) = with(mutant.name, || {
                    let plan = plan(name);
                    let compared = agreements(&plan, runs(&plan, most));
                    (plan, compared)
                });
                compared.iter().any(|(id, agreement)| {
                    plan.expect[id] == Verdict::Pass
                        && (agreement.verdict == Verdict::Fail || agreement.simulated.is_none())
                })
            };
            if ![FEW, MORE].into_iter().any(notices) {
                survived.push(format!("{}: {name} still agrees, though {}", mutant.name, mutant.wrong));
            }
        }
    }
    assert!(survived.is_empty(), "{}", survived.join("\n"));
}

#[test]
fn every_validation_scenario_has_a_mutant_and_every_mutant_a_place() {
    let noticing: BTreeSet<&str> = MUTANTS.iter().flat_map(|mutant| mutant.noticed_by).copied().collect();
    let idle: Vec<String> = files().into_iter().filter(|name| !noticing.contains(name.as_str())).collect();
    assert!(idle.is_empty(), "no planted error is noticed by {idle:?}");
    let mut source = String::new();
    read_all(&Path::new(ROOT).join("src"), &mut source);
    let planted = |name: &str| source.contains(&format!("mutant!(\"{name}\":"));
    let nowhere: Vec<&str> = MUTANTS.iter().map(|mutant| mutant.name).filter(|name| !planted(name)).collect();
    assert!(nowhere.is_empty(), "planted nowhere: {nowhere:?}");
}

fn read_all(folder: &Path, into: &mut String) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_all(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push_str(&fs::read_to_string(path).expect("a source file"));
        }
    }
}
