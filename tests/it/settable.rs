//! What `explain` prints, `--set` takes: every path, to the letter.

use super::{ROOT, plan};
use firedrill::scenario::{Catalogs, Files, load_with_files};
use std::collections::BTreeSet;

/// Scenarios that together have every form in which a value can stand: short forms, steps of procedures, lists, what is
/// inherited, what nobody has written.
const SCENARIOS: [&str; 9] = [
    "scenarios/ai-provider/region-outage.yaml",
    "scenarios/ai-provider/own-steps.yaml",
    "scenarios/ai-provider/balancer-ejects-region.yaml",
    "scenarios/clients/journeys.yaml",
    "scenarios/clients/daily-curve.yaml",
    "scenarios/databases/restore-from-backup.yaml",
    "scenarios/incidents/p04-what-if-jitter.yaml",
    "scenarios/objects/corrupt-and-repaired.yaml",
    "scenarios/services/llm-provider-outages.yaml",
];

/// The codes of a path that leads nowhere: unknown, into something that has no keys, or beside the place that is meant.
const LOST: [&str; 3] = ["FD0402", "FD0101", "FD0111"];

#[test]
fn every_path_that_explain_prints_can_be_set() {
    let mut wrong = Vec::new();
    for path in SCENARIOS {
        let text = std::fs::read_to_string(format!("{ROOT}/{path}")).expect("a scenario");
        let mut seen = BTreeSet::new();
        for line in plan(path, &[]).assumptions {
            let parts: Vec<&str> = line.path.split('.').collect();
            // What two things of a kind have in common is set alike.
            if !seen.insert((parts[0].to_owned(), parts.len(), parts[parts.len().saturating_sub(2)..].concat())) {
                continue;
            }
            let value = if line.value == "none" { "null" } else { &line.value };
            let setting = [(line.path.clone(), format!("'{}'", value.replace('\'', "''")))];
            let setting = if value == "null" { [(line.path.clone(), "null".to_owned())] } else { setting };
            let files = super::Folder(std::path::Path::new(ROOT).join(path).parent().expect("a folder").to_owned());
            let files: &dyn Files = &files;
            let Err(problems) = load_with_files(&text, path, &setting, &Catalogs::BUILT_IN, files) else { continue };
            let lost = problems.iter().filter(|problem| LOST.contains(&problem.code));
            wrong.extend(lost.map(|problem| format!("{path}: {}: {}", line.path, problem.message)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_set_below_a_short_form_takes_effect() {
    let set = |path: &str, value: &str| {
        let nobodys = path.starts_with("providers");
        let file = if nobodys { "objects/corrupt-and-repaired" } else { "ai-provider/own-steps" };
        let plan = plan(&format!("scenarios/{file}.yaml"), &[(path, value)]);
        let found = plan.assumptions.iter().find(|line| line.path == path).map(|line| line.value.clone());
        found.unwrap_or_default()
    };
    assert_eq!(set("procedures.drain_and_move.steps.catch_up.budget", "7m"), "7m");
    assert_eq!(set("procedures.drain_and_move.steps.wait.wait.span", "6m"), "6m");
    assert_eq!(set("workload.users.keys.zipf.s", "0.5"), "0.5");
    assert_eq!(set("regions.northeurope.services.api.servers", "77"), "77", "inherited by `like`");
    assert_eq!(set("providers.default.errors", "2%"), "2%", "nobody has declared it");
}
