//! Every validation scenario agrees with its source, and stops doing so when the model is wrong.

use super::switch::with;
use super::table::{MUTANTS, Mutant};
use crate::explore::Agreement;
use crate::outcome::{Outcome, Verdict};
use crate::rehearse::{Provenance, rehearse};
use crate::scenario::{Catalogs, Plan, load};
use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// After how many runs a planted error is looked for. Of rules about each run the first one may decide, of means the
/// fewest that have a standard error; where the error is small beside the spread only many do, for Student's t of seven
/// degrees of freedom asks for eight standard errors and that of thirty-five for four and a half. At each look chance
/// alone makes a figure differ once in 15,800 times, so that looking more often notices nothing that is not there.
const LOOKS: [u64; 4] = [1, 8, FEW, 36];

/// Enough for a standard error that means something; the whole number of runs is for `firedrill run`.
const FEW: u64 = 12;

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

/// The first runs of one scenario, made one after the other in this thread, where a mutant may be on.
struct Runs {
    plan: Plan,
    outcomes: Vec<Outcome>,
}

impl Runs {
    /// None yet. Reads the scenario, for some errors are planted where a distribution or a rate is read.
    fn of(scenario: &str) -> Self {
        Self { plan: plan(scenario), outcomes: Vec::new() }
    }

    /// What the first `runs` seeds come to together, or all that the scenario asks for if these are fewer.
    fn compared(&mut self, runs: u64) -> Vec<(String, Agreement)> {
        let runs = self.plan.runs.unwrap_or(1).min(runs);
        let plan = &self.plan;
        let more = (self.outcomes.len() as u64..runs).map(|seed| rehearse(plan, &Provenance::default(), seed));
        self.outcomes.extend(more);
        (0..plan.properties.len()).filter_map(|index| self.together(index)).collect()
    }

    fn together(&self, index: usize) -> Option<(String, Agreement)> {
        let property = &self.outcomes[0].properties[index];
        let figures = self.outcomes.iter().map(|outcome| outcome.properties[index].comparison.as_ref());
        let values: Vec<_> = figures.map(|comparison| comparison?.seen()).collect();
        Some((property.id.clone(), Agreement::of(property.comparison.as_ref()?, &values)))
    }

    /// What differs after so many runs although it should not. A figure may be undecided, but once there are a few runs
    /// one of them has it.
    fn off(&mut self, runs: u64) -> Vec<String> {
        let compared = self.compared(runs);
        let off = compared.into_iter().filter(|(id, agreement)| {
            let missing = runs >= FEW && agreement.simulated.is_none();
            self.plan.expect[id] == crate::outcome::Expectation::Pass && (agreement.verdict == Verdict::Fail || missing)
        });
        off.map(|(id, a)| format!("{id} should be {}: {:?}, {}", a.comparison.expected, a.simulated, a.why)).collect()
    }
}

/// What `each` says of every one of `items`, where it says something: on every core, and in order.
fn on_every_core<T: Sync>(items: &[T], each: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    let work = || {
        let taken = std::iter::from_fn(|| items.get(next.fetch_add(1, Ordering::Relaxed)));
        taken.flat_map(&each).collect::<Vec<String>>()
    };
    let mut said: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    said.sort();
    said
}

#[test]
fn every_validation_scenario_compares_something_and_nothing_differs() {
    let wrong = on_every_core(&files(), |name| {
        let mut runs = Runs::of(name);
        if runs.compared(1).is_empty() {
            return vec![format!("{name}: compares nothing")];
        }
        let looks = LOOKS.into_iter().filter(|look| *look <= FEW);
        looks.flat_map(|look| runs.off(look)).map(|off| format!("{name}: {off}")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_mutant_is_noticed_by_each_of_its_scenarios() {
    let places = |mutant: &'static Mutant| mutant.noticed_by.iter().map(move |scenario| (mutant, *scenario));
    // One after the other of three, unless everything is asked for.
    let every = if std::env::var_os("FIREDRILL_FULL").is_some() { 1 } else { 3 };
    let pairs: Vec<(&Mutant, &str)> = MUTANTS.iter().flat_map(places).step_by(every).collect();
    let survived = on_every_core(&pairs, |(mutant, scenario)| {
        let noticed = with(mutant.name, || {
            let mut runs = Runs::of(scenario);
            LOOKS.into_iter().any(|look| !runs.off(look).is_empty())
        });
        if noticed {
            return Vec::new();
        }
        vec![format!("{}: {scenario} still agrees, though {}", mutant.name, mutant.wrong)]
    });
    assert!(survived.is_empty(), "{}", survived.join("\n"));
}

#[test]
fn every_validation_scenario_has_a_mutant_and_every_mutant_a_place() {
    let noticing: BTreeSet<&str> = MUTANTS.iter().flat_map(|mutant| mutant.noticed_by).copied().collect();
    let idle: Vec<String> = files().into_iter().filter(|name| !noticing.contains(name.as_str())).collect();
    assert!(idle.is_empty(), "no planted error is noticed by {idle:?}");
    let source = all_source();
    let planted = |name: &str| source.contains(&format!("mutant!(\"{name}\":"));
    let nowhere: Vec<&str> = MUTANTS.iter().map(|mutant| mutant.name).filter(|name| !planted(name)).collect();
    assert!(nowhere.is_empty(), "planted nowhere: {nowhere:?}");
}

/// The source of the library.
pub(super) fn all_source() -> String {
    let mut source = String::new();
    read_all(&Path::new(ROOT).join("src"), &mut source);
    source
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
