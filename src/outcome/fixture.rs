//! Outcomes for the tests of everything that reads one: reports, campaigns, the command line.
//!
//! Owns two small scenarios, and runs each once per seed and test binary. Does not make anything up: what a report shows
//! is what a run comes to. A test that needs an exact figure changes it in a copy.

use super::{Assumption, Outcome, PROGRAM, Stopped};
use crate::record::{Actor, Digest, Timeline};
use crate::rehearse::{Provenance, judge_again, rehearsal, rehearse};
use crate::scenario::{Catalogs, Plan, load};
use crate::sim::{self, Rehearsal};
use crate::units::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A scenario beside this file, as it is given to the command line.
struct Script {
    file: &'static str,
    text: &'static str,
    settings: &'static [(&'static str, &'static str)],
}

const DARK: Script = Script {
    file: "src/outcome/fixture/dark.yaml",
    text: include_str!("fixture/dark.yaml"),
    settings: &[("dns.ttl", "20s")],
};

const CALM: Script =
    Script { file: "src/outcome/fixture/calm.yaml", text: include_str!("fixture/calm.yaml"), settings: &[] };

/// Kernel events after which [`stalled`] gives up: the failover is under way, and nobody is served.
const STALLS_AFTER: u64 = 9_000;

static DARK_PLAN: LazyLock<Plan> = LazyLock::new(|| DARK.plan());
static CALM_PLAN: LazyLock<Plan> = LazyLock::new(|| CALM.plan());

/// What has been run so far, by what it is and by seed.
type Runs = BTreeMap<(String, u64), Outcome>;

/// A region goes dark, the first failover is rolled back, the second restores service; writes are lost, which was
/// expected.
pub(crate) fn outage(seed: u64) -> Outcome {
    once("outage", seed, || rehearse(&DARK_PLAN, &DARK.provenance(), seed))
}

/// The outage of seed 7 as `seed` would have it if all that chance decided were when service is back: a millisecond
/// later with each. For tests that summarise many runs and must know each figure beforehand.
pub(crate) fn spaced(seed: u64) -> Outcome {
    let mut outcome = outage(7);
    let (rto, objective) = (Span::from_millis(280_000 + seed % 1_000), Span::from_mins(6));
    let recovery = &mut outcome.recovery[0];
    recovery.converge = Some(rto.saturating_sub(recovery.rto.unwrap().saturating_sub(recovery.converge.unwrap())));
    (recovery.rto, recovery.first_back) = (Some(rto), Some(rto));
    let at = recovery.at.saturating_add(rto);
    let property = &mut outcome.properties[0];
    property.measured = Some(rto.to_string());
    (property.margin, property.at) = (Some(1.0 - rto.as_secs_f64() / objective.as_secs_f64()), Some(at));
    let mut digest = Digest::default();
    digest.note(at, 1, 2, seed, 3);
    (outcome.record.seed, outcome.record.digest) = (seed, digest);
    outcome
}

/// A smaller outage after which everything holds.
pub(crate) fn quiet(seed: u64) -> Outcome {
    once("quiet", seed, || rehearse(&CALM_PLAN, &CALM.provenance(), seed))
}

/// The outage, in a run that was stopped before it could be judged.
pub(crate) fn stalled(seed: u64) -> Outcome {
    once("stalled", seed, || {
        let injections = DARK_PLAN.schedule(seed);
        let run = sim::run(Rehearsal { events_max: STALLS_AFTER, ..rehearsal(&DARK_PLAN, &injections) }, seed);
        judge_again(&DARK_PLAN, &Outcome { record: run.record, stopped: run.stopped, ..outage(seed) })
    })
}

/// The outage with `poison` wherever somebody can put text: an author into a scenario and what stands beside it, and
/// whoever edits a file of results into every name and sentence of it.
pub(crate) fn hostile(poison: &str) -> Outcome {
    once(&format!("hostile: {poison}"), 7, || poisoned(poison))
}

fn poisoned(poison: &str) -> Outcome {
    let text = || poison.to_owned();
    // Spelled out wherever YAML would not take the character as it is.
    let spelled = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\U{:08X}", u32::from(c)) };
    let quoted = format!("\"{}\"", poison.chars().map(spelled).collect::<String>());
    let line = |line: &str| match line.split_once(": ") {
        Some((key @ ("name" | "description"), _)) => format!("{key}: {quoted}\n"),
        _ => format!("{line}\n"),
    };
    let script: String = DARK.text.lines().map(line).collect();
    let provenance = Provenance {
        program: PROGRAM.to_owned(),
        file: text(),
        settings: vec![text()],
        schedule: Some(text()),
        text: script.clone(),
    };
    let mut outcome = rehearse(&compiled(&script, DARK.file, DARK.settings), &provenance, 7);
    assert_eq!((&*outcome.scenario, &*outcome.description), (poison, poison), "the scenario says it");
    edit(&mut outcome, poison);
    outcome
}

/// What somebody may have written into a file of results: no run has names such as these.
fn edit(outcome: &mut Outcome, poison: &str) {
    let text = || poison.to_owned();
    outcome.warnings = vec![text()];
    for property in &mut outcome.properties {
        (property.id, property.demand, property.bound, property.why) = (text(), text(), text(), text());
        property.measured = Some(text());
    }
    // A few of each are enough: more would be the same text again.
    outcome.assumptions.truncate(3);
    for assumption in &mut outcome.assumptions {
        *assumption = Assumption { path: text(), value: text(), origin: text(), source: text() };
    }
    outcome.recovery[0].fault = text();
    outcome.misjudged[0].region = text();
    for fault in &mut outcome.record.faults {
        (fault.id, fault.kind) = (text(), text());
    }
    outcome.record.laps.truncate(3);
    for lap in &mut outcome.record.laps {
        lap.note = text();
    }
    let store = &mut outcome.record.stores[0];
    store.store = text();
    store.lost.truncate(1);
    store.lost.iter_mut().for_each(|write| write.last_seen = text());
    store.copies.iter_mut().for_each(|copy| copy.region = text());
    let mut timeline = Timeline::default();
    for actor in [Actor::World, Actor::Control, Actor::People] {
        timeline.push_told(Instant::ZERO, actor, text(), text());
    }
    outcome.record.timeline = timeline;
    outcome.stopped = Some(Stopped { at: outcome.record.end, why: text() });
}

/// What `run` comes to; only the first who asks waits for it.
fn once(what: &str, seed: u64, run: impl FnOnce() -> Outcome) -> Outcome {
    static RUNS: Mutex<Runs> = Mutex::new(Runs::new());
    // A test that panics while it holds the lock leaves nothing half done.
    let runs = || RUNS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = runs().get(&(what.to_owned(), seed)).cloned();
    known.unwrap_or_else(|| {
        let outcome = run();
        runs().insert((what.to_owned(), seed), outcome.clone());
        outcome
    })
}

impl Script {
    fn plan(&self) -> Plan {
        compiled(self.text, self.file, self.settings)
    }

    fn provenance(&self) -> Provenance {
        let settings = self.settings.iter().map(|(path, value)| format!("{path}={value}")).collect();
        let (file, text) = (self.file.to_owned(), self.text.to_owned());
        Provenance { file, settings, text, ..Provenance::default() }
    }
}

fn compiled(text: &str, file: &str, settings: &[(&str, &str)]) -> Plan {
    let settings: Vec<_> = settings.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
    let loaded = load(text, file, &settings, &Catalogs::BUILT_IN);
    loaded.unwrap_or_else(|problems| panic!("{file}: {problems:#?}")).0
}

#[test]
fn the_runs_come_out_as_their_scenarios_say_but_for_the_one_that_is_stopped() {
    assert!(outage(7).as_expected && quiet(7).as_expected && !stalled(7).as_expected);
    assert!(outage(7).doubts.is_empty() && quiet(7).warnings.is_empty() && stalled(7).stopped.is_some());
}
