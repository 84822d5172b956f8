//! `firedrill run`: rehearses scenarios, prints what came out and writes the results.
//!
//! Invariant: nothing is run before every scenario is valid and every result directory can be written.

use super::announce::{FinishedRun, ProgressMessages};
use super::args::RunArgs;
use super::claims::{announce_limits, runs_for};
use super::console::{Console, Failure};
use super::defaults::Defaults;
use super::engine::{Engine, Rejection, Scenario, Source};
use super::exit::Exit;
use super::results::{ResultDir, SCHEDULE};
use super::surroundings::Surroundings;
use super::together::{Gathered, is_wanted, root};
use super::watch::Watched;
use super::{crash, input, progress, what_if};
use crate::explore::{self, Campaign};
use crate::outcome::{Outcome, replay_command};
use crate::record::Digest;
use crate::report::{Compared, Corrected, Detail, Document, JSON, Look, Rendering, SIGNALS, Subject, TERMINAL};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The seed of a run when nobody names one.
const DEFAULT_SEED: u64 = 1;

/// How many runs are made until claims are settled, when nobody says. The figure is ours: one that holds in 99.5% of all
/// runs is then shown to hold in 99% in nine of ten campaigns.
const MOST_UNTIL_SETTLED: u64 = 5_000;

/// With more scenarios than this, each is shown on one line.
const MOST_WHOLE: usize = 3;

/// A scenario that is ready to run, and where its results go.
struct Drill {
    program: String,
    file: String,
    scenario: Box<dyn Scenario>,
    results: ResultDir,
}

/// Runs what `args` say.
pub(super) fn run(
    args: &RunArgs,
    engine: &dyn Engine,
    surroundings: &Surroundings,
    look: Look,
    console: &mut Console<'_>,
) -> Exit {
    let Some(defaults) = Defaults::said(surroundings.folder.as_deref(), console) else { return Exit::Usage };
    let (args, said) = defaults.complete_run(args);
    if let Some(said) = said.filter(|_| look.detail != Detail::Line) {
        console.diagnostic(&format!("{}\n", crate::report::text::clean(&said)));
    }
    if !args.watch {
        return run_once(&args, engine, surroundings, look, console);
    }
    if args.files.iter().any(|file| file.as_os_str() == input::STDIN) {
        console.failure(&Failure::new("--watch needs files, and standard input is none", "name the scenario files"));
        return Exit::Usage;
    }
    loop {
        let files = input::expand(&args.files).unwrap_or_else(|_| args.files.clone());
        // Looked at before the run: what changes during it is run again.
        let watched = Watched::of(&files, &args.set, args.schedule.as_deref(), engine);
        run_once(&args, engine, surroundings, look, console);
        console.diagnostic("watching for changes; Ctrl-C ends it\n");
        console.message("watching", &serde_json::json!({"files": watched.names()}));
        watched.wait();
    }
}

/// Runs what `args` say, in which nothing is left to be taken from elsewhere.
fn run_once(
    args: &RunArgs,
    engine: &dyn Engine,
    surroundings: &Surroundings,
    look: Look,
    console: &mut Console<'_>,
) -> Exit {
    let single = [("--expect-digest", args.expect_digest.is_some()), ("--schedule", args.schedule.is_some())];
    if let Some((option, _)) = single.into_iter().find(|(_, given)| *given && args.files.len() > 1) {
        console.failure(&Failure::new(format!("{option} takes one scenario"), "run them one by one"));
        return Exit::Usage;
    }
    let files = match input::expand(&args.files) {
        Ok(files) => files,
        Err(failure) => {
            console.failure(&failure);
            return Exit::Usage;
        }
    };
    // A folder may come to have one scenario more: its results lie the same way however many it has.
    let of_folder = args.files.iter().any(|file| file.is_dir());
    let args = &match args.output.clone().filter(|_| of_folder) {
        Some(output) => RunArgs { files, root: Some(output), output: None, ..args.clone() },
        None => RunArgs { files, ..args.clone() },
    };
    let Some(mut drills) = prepare(args, engine, console) else { return Exit::Usage };
    drills.iter_mut().filter(|_| args.history).for_each(|drill| drill.scenario.keep_history());
    if let Some(drill) = drills.iter().find(|drill| args.until_settled && drill.scenario.claims().is_empty()) {
        let what = format!("{}: nothing is there to settle", drill.file);
        let help = "say of a property in which share of all runs it holds: `expect: {rto: {holds: \">= 95%\"}}`";
        console.failure(&Failure::new(what, help));
        return Exit::Usage;
    }
    // Many scenarios get a line each: who wants to read one whole runs it alone.
    let brief = args.files.len() > MOST_WHOLE && look.detail == Detail::Summary;
    let each = if brief { Look { detail: Detail::Line, ..look } } else { look };
    let mut gathered = Gathered { of_folder, ..Gathered::default() };
    for (i, drill) in drills.into_iter().enumerate() {
        if i > 0 && each.detail != Detail::Line {
            console.shown(b"\n");
        }
        let one = match seeds(&drill, args) {
            None => one(drill, args, surroundings, each, &mut gathered, console),
            Some(seeds) => many(drill, seeds, args, surroundings, each, &mut gathered, console),
        };
        gathered.exit = gathered.exit.max(one);
    }
    gathered.conclude(args, look, console)
}

/// The seeds of a drill, if it takes more than one run: those that were named, or as many as the scenario says.
fn seeds(drill: &Drill, args: &RunArgs) -> Option<Range<u64>> {
    let single = args.seed.is_some() || args.expect_digest.is_some() || args.schedule.is_some() || args.history;
    let most = args.until_settled.then_some(MOST_UNTIL_SETTLED);
    let by_scenario = || most.or(drill.scenario.runs()).or_else(|| runs_for(&drill.scenario.claims()));
    args.seeds.clone().or_else(|| by_scenario().filter(|_| !single).map(|runs| 0..runs))
}

/// Everything that can be refused is refused here, all of it at once.
fn prepare(args: &RunArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Option<Vec<Drill>> {
    let targets = match targets(args) {
        Ok(targets) => targets,
        Err(failure) => {
            console.failure(&failure);
            return None;
        }
    };
    let schedule = args.schedule.as_deref();
    let scenarios: Vec<_> = args.files.iter().map(|f| load(f, &args.set, schedule, engine, console)).collect();
    let scenarios: Vec<_> = scenarios.into_iter().collect::<Option<_>>()?;
    let mut drills = Vec::new();
    for ((path, scenario), target) in args.files.iter().zip(scenarios).zip(&targets) {
        match ResultDir::prepare(target) {
            Ok(results) => {
                let (program, file) = (engine.program().to_owned(), path.to_string_lossy().into_owned());
                drills.push(Drill { program, file, scenario, results });
            }
            Err(failure) => {
                console.failure(&failure);
                return None;
            }
        }
    }
    Some(drills)
}

/// Reads one scenario, and the schedule to run it with if there is one, or says why not.
pub(super) fn load(
    path: &Path,
    settings: &[String],
    schedule: Option<&Path>,
    engine: &dyn Engine,
    console: &mut Console<'_>,
) -> Option<Box<dyn Scenario>> {
    let mut read = |path: &Path| {
        let text = input::read(path).map_err(|failure| console.failure(&failure)).ok()?;
        Some((path.to_string_lossy().into_owned(), text))
    };
    let (file, text) = read(path)?;
    let schedule = match schedule {
        Some(path) => Some(read(path)?),
        None => None,
    };
    let schedule = schedule.as_ref().map(|(file, text)| (file.as_str(), text.as_str()));
    let loaded = engine.load(&Source { file: &file, text: &text, settings, schedule, look: console.look });
    let refused =
        |problems: Rejection, console: &mut Console<'_>| console.problems(&problems.rendered, &problems.diagnostics);
    let scenario = loaded.map_err(|problems| refused(problems, console)).ok()?;
    console.problems(&scenario.warnings().rendered, &scenario.warnings().diagnostics);
    Some(scenario)
}

/// Where the results of each file go.
fn targets(args: &RunArgs) -> Result<Vec<PathBuf>, Failure> {
    let targets: Vec<PathBuf> = match (&args.output, args.files.as_slice()) {
        (Some(output), [_]) => vec![output.clone()],
        (_, files) => files.iter().map(|file| root(args).join(what_if::directory(&stem(file), &args.set))).collect(),
    };
    let mut seen = BTreeSet::new();
    match targets.iter().find(|target| !seen.insert(*target)) {
        Some(twice) => Err(Failure::new(
            format!("two scenarios would write their results to {}", twice.display()),
            "run them one by one, each with its own --output",
        )),
        None => Ok(targets),
    }
}

fn stem(file: &Path) -> String {
    if file.as_os_str() == input::STDIN {
        return "stdin".to_owned();
    }
    file.file_stem().map_or_else(|| "scenario".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// One run.
fn one(
    drill: Drill,
    args: &RunArgs,
    around: &Surroundings,
    look: Look,
    gathered: &mut Gathered,
    console: &mut Console<'_>,
) -> Exit {
    let seed = args.seed.or(drill.scenario.seed()).unwrap_or(DEFAULT_SEED);
    announced(&drill, around).begun(&(seed..seed.saturating_add(1)), console);
    let replay = replay(&drill, args, seed);
    let spinner = progress::spinner(look.detail == Detail::Line || console.json);
    let duration = drill.scenario.duration();
    let reached = |now| spinner.set_message(progress::how_far(now, duration));
    let rehearse = || crash::repeatable_by(replay.clone(), || drill.scenario.rehearse_watched(seed, &reached));
    let rehearsed = catch_unwind(AssertUnwindSafe(|| {
        let again = args.verify_determinism.then(rehearse);
        (rehearse(), again)
    }));
    spinner.finish_and_clear();
    let Ok((outcome, again)) = rehearsed else { return Exit::Internal };
    let mut exit = Exit::of_run(&outcome);
    console.shown(&TERMINAL.run(&outcome, look));
    announced(&drill, around).one(&outcome, console);
    if let Some(why) = again.and_then(|again| difference(&outcome, &again)) {
        console.failure(&broken_determinism(seed, &why));
        exit = exit.max(Exit::DigestDiffers);
    }
    exit = exit.max(compare_digest(args.expect_digest, &outcome, console));
    let schedule = schedule(&drill, seed);
    let files = Subject::Run(&outcome).renderings(|name| is_wanted(args, name)).chain([schedule]);
    gathered.corrected.extend(drill.scenario.once().map_or_else(Vec::new, |once| Corrected::of_run(&outcome, once)));
    gathered.compared.extend(Compared::of_run(&outcome));
    gathered.matrix.add(Subject::Run(&outcome), &drill.file, &directory(&drill.results));
    exit.max(write(drill.results, files, look, console))
}

/// The last part of where results go, which is where they lie below the page of all scenarios.
fn directory(results: &ResultDir) -> String {
    results.target().file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn announced<'a>(drill: &'a Drill, around: &'a Surroundings) -> FinishedRun<'a> {
    FinishedRun { file: &drill.file, scenario: drill.scenario.as_ref(), summary: around.step_summary.as_deref() }
}

fn replay(drill: &Drill, args: &RunArgs, seed: u64) -> String {
    let schedule = args.schedule.as_ref().map(|path| path.to_string_lossy());
    replay_command((&drill.program, &drill.file), &args.set, schedule.as_deref(), seed)
}

/// A run for each seed.
fn many(
    drill: Drill,
    seeds: Range<u64>,
    args: &RunArgs,
    around: &Surroundings,
    look: Look,
    gathered: &mut Gathered,
    console: &mut Console<'_>,
) -> Exit {
    announced(&drill, around).begun(&seeds, console);
    announce_limits(&drill.scenario.claims(), &seeds, args.until_settled, console);
    let bar = progress::bar(seeds.end - seeds.start, look.detail == Detail::Line || console.json);
    let told = Mutex::new(ProgressMessages {
        file: &drill.file,
        runs: seeds.end - seeds.start,
        done: 0,
        console: &mut *console,
    });
    let differing = Mutex::new(BTreeMap::new());
    let rehearse = |seed| {
        let outcome = crash::repeatable_by(replay(&drill, args, seed), || {
            let outcome = drill.scenario.rehearse(seed);
            if args.verify_determinism
                && let Some(why) = difference(&outcome, &drill.scenario.rehearse(seed))
            {
                differing.lock().unwrap_or_else(PoisonError::into_inner).insert(seed, why);
            }
            outcome
        });
        bar.inc(1);
        told.lock().unwrap_or_else(PoisonError::into_inner).step();
        outcome
    };
    let campaign = match args.until_settled {
        true => explore::run_until_settled(seeds, args.jobs, rehearse),
        false => explore::run(seeds, args.jobs, rehearse),
    };
    bar.finish_and_clear();
    match campaign {
        Ok(campaign) => {
            let differing = differing.into_inner().unwrap_or_else(PoisonError::into_inner);
            console.shown(&TERMINAL.campaign(&campaign, look));
            announced(&drill, around).many(&campaign, console);
            // Of the worst run, which is the one that is looked at and repeated.
            let worst = campaign.worst.as_ref().map(|worst| schedule(&drill, worst.record.seed));
            let files = Subject::Campaign(&campaign).renderings(|name| is_wanted(args, name)).chain(worst);
            gathered.compared.extend(Compared::of_campaign(&campaign));
            gathered.matrix.add(Subject::Campaign(&campaign), &drill.file, &directory(&drill.results));
            conclude(drill.results, &campaign, files, &differing, look, console)
        }
        Err(error) => {
            console.failure(&Failure::new(error.to_string(), ""));
            Exit::Usage
        }
    }
}

fn conclude<'a>(
    results: ResultDir,
    campaign: &Campaign,
    files: impl Iterator<Item = Rendering<'a>>,
    differing: &BTreeMap<u64, String>,
    look: Look,
    console: &mut Console<'_>,
) -> Exit {
    let mut exit = Exit::of_campaign(campaign);
    if let Some((seed, why)) = differing.first_key_value() {
        let others =
            if differing.len() > 1 { format!(" (and {} more seeds)", differing.len() - 1) } else { String::new() };
        console.failure(&broken_determinism(*seed, &format!("{why}{others}")));
        exit = exit.max(Exit::DigestDiffers);
    }
    exit.max(write(results, files, look, console))
}

fn schedule(drill: &Drill, seed: u64) -> Rendering<'static> {
    Document { path: SCHEDULE.to_owned(), bytes: drill.scenario.schedule(seed).into_bytes() }.into()
}

/// How two runs of one seed differ, if they do: by digest, or else anywhere in the results.
fn difference(first: &Outcome, second: &Outcome) -> Option<String> {
    let (a, b) = (first.record.digest, second.record.digest);
    if a != b {
        return Some(format!("the first run has digest {a}, the second {b}"));
    }
    let results = |outcome| [JSON, SIGNALS].map(|format| format.run(outcome, Look::PLAIN));
    (results(first) != results(second)).then(|| format!("both runs have digest {a}, but their results differ"))
}

fn broken_determinism(seed: u64, why: &str) -> Failure {
    Failure::new(
        format!("determinism is broken: seed {seed}: {why}"),
        "do not trust any result of this scenario; this is a bug, please report it",
    )
}

fn compare_digest(expected: Option<Digest>, outcome: &Outcome, console: &mut Console<'_>) -> Exit {
    let actual = outcome.record.digest;
    match expected {
        Some(expected) if expected != actual => {
            let what = format!("the digest is {actual}, not {expected}");
            console.failure(&Failure::new(what, "scenario, settings, seed or firedrill version differ"));
            Exit::DigestDiffers
        }
        _ => Exit::AsExpected,
    }
}

/// Writes every file of the result.
fn write<'a>(
    results: ResultDir,
    files: impl Iterator<Item = Rendering<'a>>,
    look: Look,
    console: &mut Console<'_>,
) -> Exit {
    let place = results.target().display().to_string();
    match results.commit(files) {
        Ok(()) => {
            if look.detail != Detail::Line {
                console.diagnostic(&format!("results in {}\n", crate::report::text::clean(&place)));
            }
            console.message("results", &serde_json::json!({"directory": place}));
            Exit::AsExpected
        }
        Err(failure) => {
            console.failure(&failure);
            Exit::Usage
        }
    }
}
