//! The real engine behind the command line: the scenario language, the simulator and the judge.

use super::engine::{Engine, Listing, Rejection, Scenario, Source, Topic};
use super::reference;
use super::template::TEMPLATES;
use super::what_if;
use crate::check::SIGNALS;
use crate::fault::Injection;
use crate::field::{DISTRIBUTIONS, INCIDENTS, PHASES};
use crate::harness::Beside;
use crate::outcome::{Claim, Outcome};
use crate::record::KeepHistory;
use crate::record::event::EventKind;
use crate::rehearse::{Provenance, judge_again, rehearse_schedule, rehearse_watched};
use crate::report::{CATALOG, FOLDERS, Look};
use crate::scenario::{
    CODES, Catalogs, Cost, Extract, GivenSchedule, PRESETS, Plan, Sources, bases, cost, diagnostics, explain_in_part,
    inferred, load_with_files, place_of_property, places, read_schedule, render, schema,
};
use crate::units::{Instant, Span};
use std::path::PathBuf;
use std::sync::Arc;

/// Scenarios run in the simulator.
pub(super) struct Simulator {
    /// The program, as it is called.
    pub program: String,
    /// What they may name.
    pub catalogs: Catalogs,
}

struct Loaded {
    plan: Plan,
    provenance: Provenance,
    schedule: Option<GivenSchedule>,
    warnings: Rejection,
}

impl Loaded {
    /// The schedule of the run with this seed.
    fn injections(&self, seed: u64) -> Vec<Injection> {
        self.schedule.as_ref().map_or_else(|| self.plan.schedule(seed), |given| given.injections.clone())
    }
}

impl Engine for Simulator {
    fn program(&self) -> &str {
        &self.program
    }

    fn load(&self, source: &Source<'_>) -> Result<Box<dyn Scenario>, Rejection> {
        let settings = settings(source.settings);
        let beside = Beside::new(source.file);
        let bases = bases(source.text, source.file, &settings, &beside);
        let beside = beside.keeping(bases);
        let sources = Sources { file: source.file, text: source.text, settings: &settings, bases: beside.kept() };
        match load_with_files(source.text, source.file, &settings, &self.catalogs, &beside) {
            Ok((plan, warnings)) => {
                let plan = Plan { name: what_if::name(plan.name, &settings), ..plan };
                let provenance = Provenance {
                    program: self.program.clone(),
                    file: source.file.to_owned(),
                    settings: source.settings.to_vec(),
                    schedule: source.schedule.map(|(file, _)| file.to_owned()),
                    text: source.text.to_owned(),
                };
                let schedule = source.schedule.map(|given| schedule(given, &plan, source.look)).transpose()?;
                let warnings = shown(&warnings, sources, source.look);
                Ok(Box::new(Loaded { plan, provenance, schedule, warnings }))
            }
            Err(problems) => Err(shown(&problems, sources, source.look)),
        }
    }

    fn files_of(&self, source: &Source<'_>) -> Vec<PathBuf> {
        let (settings, beside) = (settings(source.settings), Beside::new(source.file));
        // What is wrong with it is said by who runs it.
        let _ = load_with_files(source.text, source.file, &settings, &self.catalogs, &beside);
        beside.asked_for()
    }

    fn judge_again(&self, outcome: &Outcome) -> Result<Option<Outcome>, String> {
        if outcome.source.is_empty() {
            return Err("the results do not contain the scenario".to_owned());
        }
        let (settings, beside) =
            (settings(&outcome.settings), Beside::new(&outcome.file).keeping(outcome.bases.clone()));
        match load_with_files(&outcome.source, &outcome.file, &settings, &self.catalogs, &beside) {
            Ok((plan, _)) => {
                let plan = Plan { name: what_if::name(plan.name, &settings), ..plan };
                Ok(Some(judge_again(&plan, outcome)))
            }
            Err(problems) => {
                let first = problems.iter().next().map_or_else(String::new, |problem| problem.message.clone());
                Err(format!("the scenario in them is not valid here: {first}"))
            }
        }
    }

    fn list(&self, topic: Topic) -> Vec<Listing> {
        let entry = |name: &str, summary: &str| Listing { name: name.to_owned(), summary: summary.to_owned() };
        let known = self.catalogs;
        match topic {
            Topic::Faults => known.faults.iter().map(|f| entry(f.kind.name, f.kind.doc)).collect(),
            Topic::Properties => known.properties.iter().map(|p| entry(p.kind.name, p.kind.doc)).collect(),
            Topic::Procedures => known.procedures.iter().map(|p| entry(&p.name, &p.doc)).collect(),
            Topic::Policies => known.policies.iter().map(|p| entry(p.kind.name, p.kind.doc)).collect(),
            Topic::Distributions => distributions(),
            Topic::Signals => SIGNALS.iter().map(|s| entry(s.pattern, s.doc)).collect(),
            Topic::Presets => PRESETS.iter().map(|p| entry(p.name, p.doc)).collect(),
            Topic::Templates => TEMPLATES.iter().map(|t| entry(t.name, t.doc)).collect(),
            Topic::Controls => known.controls.iter().map(|c| entry(c.kind.name, c.kind.doc)).collect(),
            Topic::Events => EventKind::all().map(|kind| kind.declaration()).map(|e| entry(e.pattern, e.doc)).collect(),
            Topic::Codes => CODES.iter().map(|c| entry(c.code, c.title)).collect(),
            Topic::Formats => {
                let files = CATALOG.iter().map(|f| entry(f.name(), f.file().unwrap_or("shown only")));
                files.chain(FOLDERS.iter().map(|f| entry(f.name(), &format!("{}/", f.folder())))).collect()
            }
        }
    }

    fn explain(&self, word: &str) -> Option<String> {
        reference::meaning(word, &self.catalogs)
    }

    fn schema(&self) -> String {
        format!("{:#}\n", schema(&self.catalogs))
    }

    fn reference(&self) -> String {
        reference::page(&self.catalogs)
    }
}

impl Scenario for Loaded {
    fn warnings(&self) -> &Rejection {
        &self.warnings
    }
    fn place_of_property(&self, id: &str) -> Option<(String, u32, u32)> {
        let Provenance { file, text, .. } = &self.provenance;
        place_of_property(&Sources { file, text, settings: &[], bases: &self.plan.bases }, id)
    }
    fn explain(&self, extract: Extract<'_>) -> String {
        explain_in_part(&self.plan, extract)
    }
    fn places(&self) -> Vec<&str> {
        places(&self.plan)
    }
    fn inferred(&self) -> Vec<String> {
        inferred(&self.plan)
    }
    fn keep_history(&mut self) {
        self.plan.observers.push(Arc::new(KeepHistory));
    }
    fn rehearse(&self, seed: u64) -> Outcome {
        rehearse_schedule(&self.plan, &self.injections(seed), &self.provenance, seed)
    }
    fn rehearse_watched(&self, seed: u64, reached: &dyn Fn(Instant)) -> Outcome {
        rehearse_watched(&self.plan, &self.injections(seed), &self.provenance, seed, reached)
    }
    fn duration(&self) -> Span {
        self.plan.world.duration
    }
    fn cost(&self) -> Option<Cost> {
        let watched = self.plan.observers.iter().map(|source| source.bytes_of_a_request()).sum();
        Some(cost(&self.plan.world).watched(watched))
    }
    fn runs(&self) -> Option<u64> {
        self.plan.runs.filter(|_| self.schedule.is_none())
    }
    fn claims(&self) -> Vec<(String, Claim)> {
        let claims = self.plan.expect.iter().filter_map(|(id, said)| Some((id.clone(), said.expected.claim()?)));
        claims.collect()
    }
    fn once(&self) -> Option<&str> {
        self.plan.once.as_deref()
    }
    fn seed(&self) -> Option<u64> {
        self.schedule.as_ref()?.seed
    }
    fn schedule(&self, seed: u64) -> String {
        self.plan.write_schedule(&self.injections(seed), seed)
    }
}

/// Every distribution of duration, then what `{incident: …}` stands for as a duration and as a rate.
fn distributions() -> Vec<Listing> {
    let entry = |name: String, summary: &str| Listing { name, summary: summary.to_owned() };
    let kinds = DISTRIBUTIONS.iter().map(|distribution| entry(distribution.name.to_owned(), distribution.doc));
    let phases = PHASES.iter().map(|phase| entry(format!("for: {{incident: {}}}", phase.name), phase.doc));
    let rates = INCIDENTS.iter().map(|known| entry(format!("rate: {{incident: {}}}", known.name), known.doc));
    kinds.chain(phases).chain(rates).collect()
}

fn shown(problems: &crate::field::Problems, sources: Sources<'_>, look: Look) -> Rejection {
    if problems.iter().next().is_none() {
        return Rejection::default();
    }
    Rejection { rendered: render(problems, sources, look.color), diagnostics: diagnostics(problems, sources) }
}

/// Reads the written schedule that was given beside a scenario.
fn schedule((file, text): (&str, &str), plan: &Plan, look: Look) -> Result<GivenSchedule, Rejection> {
    read_schedule(text, plan)
        .map_err(|problems| shown(&problems, Sources { file, text, settings: &[], bases: &[] }, look))
}

/// `path=value`, split at the first `=`. The arguments were checked to have one.
fn settings(given: &[String]) -> Vec<(String, String)> {
    let split =
        |setting: &String| setting.split_once('=').map(|(path, value)| (path.trim().to_owned(), value.to_owned()));
    given.iter().filter_map(split).collect()
}
