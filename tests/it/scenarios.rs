//! Every scenario that ships comes out as it says, to the digest.

use super::{ROOT, plan};
use firedrill::fault::schedule::Start;
use firedrill::outcome::Outcome;
use firedrill::rehearse::{Provenance, rehearse};
use firedrill::report::{Absence, CATALOG, Document, Look, Stored, Subject, manifest, read_back, written};
use firedrill::scenario::is_base;
use firedrill::units::Instant;
use std::fmt::Write;
use std::path::Path;

/// One line per scenario: digest, path, and each property with its verdict. Rewritten when `FIREDRILL_BLESS` is set.
const GOLDEN: &str = "tests/golden/scenarios.txt";

/// Every scenario under `scenarios/`, from the repository's root, sorted.
pub(super) fn scenarios() -> Vec<String> {
    let mut found = Vec::new();
    let mut ahead = vec![Path::new(ROOT).join("scenarios")];
    while let Some(folder) = ahead.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of scenarios") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                ahead.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") && !builds_nothing(&path) {
                let path = path.strip_prefix(ROOT).expect("below the root");
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// Whether a file is only there for others to build on.
fn builds_nothing(path: &Path) -> bool {
    is_base(&std::fs::read_to_string(path).expect("text"))
}

fn outcome(path: &str) -> Outcome {
    rehearse(&plan(path, &[]), &Provenance { file: path.to_owned(), ..Provenance::default() }, 1)
}

fn line(path: &str, outcome: &Outcome) -> String {
    let mut line = format!("{} {path}", outcome.record.digest);
    for property in &outcome.properties {
        write!(line, " {}={}", property.id, property.verdict).expect("a string takes everything");
    }
    line
}

#[test]
fn every_scenario_comes_out_as_it_says() {
    let mut lines = Vec::new();
    let mut wrong = Vec::new();
    for path in scenarios() {
        let outcome = outcome(&path);
        // What only many runs can decide is decided by those who make many.
        for property in outcome.properties.iter().filter(|p| !p.as_expected() && !p.is_over_runs()) {
            wrong.push(format!(
                "{path}: {} is {}, not {}: {}",
                property.id, property.verdict, property.expected, property.why
            ));
        }
        // What is left to chance need not have happened with this very seed.
        let certain = plan(&path, &[]).faults.into_iter();
        let certain = certain.filter(|f| !f.optional && !matches!(f.timing.start, Start::Rate { .. }));
        // A scenario that was once judged wrongly may be about a fault that does nothing.
        let certain: Vec<String> = certain.filter(|_| !path.contains("/verdicts/")).map(|fault| fault.id).collect();
        for fault in outcome.record.faults.iter().filter(|f| f.hits == 0 && certain.contains(&f.id)) {
            wrong.push(format!("{path}: fault {} affected nothing", fault.id));
        }
        let by_chance = outcome.record.faults.iter().any(|fault| fault.random);
        if !by_chance && !outcome.as_expected && !outcome.properties.iter().any(|property| property.is_over_runs()) {
            let found = [outcome.findings.clone(), outcome.doubts.clone()].concat().join("; ");
            wrong.push(format!("{path}: {} is not what it expects: {found}", outcome.verdict));
        }
        if let Some(stopped) = &outcome.stopped {
            wrong.push(format!("{path}: stopped at {}: {}", stopped.at, stopped.why));
        }
        for store in outcome.record.stores.iter() {
            let announced = store.announced.map_or(u64::MAX, |bound| bound.if_alive);
            // Without fencing an authority nobody told goes on for as long as it likes: that is what the rehearsal shows.
            let lost = if path.ends_with("-unfenced.yaml") { store.lost_before() } else { store.lost_total };
            if lost > announced {
                wrong.push(format!("{path}: {} lost {lost}, announced {announced}", store.store));
            }
        }
        lines.push(line(&path, &outcome));
        // Seconds in a results file are exact for some forty-eight days; what is longer is refused when read, and says so.
        if outcome.record.end < Instant::from_secs(1 << 22) {
            wrong.extend(not_read_back(&path, outcome));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let now = lines.join("\n") + "\n";
    let golden = format!("{ROOT}/{GOLDEN}");
    if std::env::var_os("FIREDRILL_BLESS").is_some() {
        std::fs::write(&golden, &now).expect("the golden file can be written");
    }
    let then = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(now, then, "runs have changed; if that is meant, run the tests with FIREDRILL_BLESS=1");
}

fn manifest_of(files: &[Document]) -> Document {
    let entry = |file: &Document| written(&file.clone().into(), &mut Vec::new()).expect("memory takes it");
    manifest(files.iter().map(entry).collect())
}

/// The first line in which two values are printed differently, with the one before it.
fn first_difference(a: &impl std::fmt::Debug, b: &impl std::fmt::Debug) -> String {
    let (a, b) = (format!("{a:#?}"), format!("{b:#?}"));
    let lines: Vec<(&str, &str)> = a.lines().zip(b.lines()).collect();
    let at = lines.iter().position(|(a, b)| a != b).unwrap_or(lines.len() - 1);
    format!("{:?} after {:?}", lines[at], lines[at.saturating_sub(1)].0)
}

/// How what is read back from the files of a run differs from it, if it does. Reports are a function of the outcome.
fn not_read_back(path: &str, mut outcome: Outcome) -> Option<String> {
    let files = Subject::Run(&outcome).documents(|_| false);
    let manifest = manifest_of(&files);
    let mut fetch = |name: &str, _| {
        let found = files.iter().chain([&manifest]).find(|file| file.path == name);
        found.map(|file| file.bytes.clone()).ok_or(Absence::Missing)
    };
    let back = match read_back(&mut fetch, false) {
        Ok(back) => back,
        Err(refusal) => return Some(format!("{path}: {}: {}", refusal.place, refusal.why)),
    };
    // Six digits of a computed figure are kept.
    let six = |figure: f64| format!("{figure:.5e}").parse::<f64>().ok().filter(|figure| figure.is_finite());
    for property in &mut outcome.properties {
        property.margin = property.margin.and_then(six);
        if let Some(comparison) = &mut property.comparison {
            comparison.value = comparison.value.and_then(six);
            comparison.expected = six(comparison.expected).expect("a number");
        }
    }
    let stored = Stored::Run(Box::new(outcome));
    (back.stored != stored)
        .then(|| format!("{path}: what is read back differs: {}", first_difference(&back.stored, &stored)))
}

/// The reports under `reports/` are those of the scenario of the same name, byte for byte; a reader can look at one
/// without running anything. Rewritten when `FIREDRILL_BLESS` is set.
#[test]
fn the_example_reports_are_what_a_run_writes() {
    let outcome = outcome("scenarios/ai-provider/region-outage.yaml");
    let single = CATALOG.iter().filter_map(|format| Some((format.file()?, format)));
    let single = single.map(|(file, format)| (file.to_owned(), format.run(&outcome, Look::PLAIN)));
    let mut files: Vec<Document> = single.map(|(path, bytes)| Document { path, bytes }).collect();
    files.push(manifest_of(&files));
    for Document { path: file, bytes: now } in &files {
        let path = format!("{ROOT}/reports/region-outage/{file}");
        if std::env::var_os("FIREDRILL_BLESS").is_some() {
            std::fs::create_dir_all(format!("{ROOT}/reports/region-outage")).expect("a folder for reports");
            std::fs::write(&path, now).expect("the example report can be written");
        }
        let then = std::fs::read(&path).unwrap_or_default();
        assert!(*now == then, "reports/region-outage/{file} is not what a run writes; FIREDRILL_BLESS=1 rewrites it");
    }
}

/// The scenario the README shows is one that works, and the retry storm it promises is there.
#[test]
fn the_scenario_in_the_readme_comes_out_as_the_readme_says() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).expect("a README");
    let shown = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a scenario");
    let run = |text: &str| rehearse(&super::plan_of(text, "README.md", &[]), &Provenance::default(), 1);
    assert!(run(shown).as_expected);
    let tight = run(&shown.replace("servers: 96", "servers: 64, queue: unbounded"));
    let rto = tight.properties.iter().find(|property| property.id == "rto").expect("declared");
    assert_eq!(rto.verdict, firedrill::outcome::Verdict::Fail, "{}", rto.why);
}
