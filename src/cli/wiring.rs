//! The real engine behind the command line: the scenario language, the simulator and the judge.

use super::engine::{Engine, Entry, Refusal, Scenario, Source, Topic};
use crate::check::SIGNALS;
use crate::fault::Injection;
use crate::model::SimulatedPorts;
use crate::outcome::Outcome;
use crate::procedure::catalog;
use crate::rehearse::{Provenance, rehearse_schedule};
use crate::report::Look;
use crate::scenario::{Catalogs, GivenSchedule, PRESETS, Plan, Sources, explain, load, read_schedule, render};

/// Scenarios run in the simulator.
pub(super) struct Simulator;

struct Loaded {
    plan: Plan,
    provenance: Provenance,
    schedule: Option<GivenSchedule>,
    warnings: String,
}

impl Loaded {
    /// The schedule of the run with this seed.
    fn injections(&self, seed: u64) -> Vec<Injection> {
        self.schedule.as_ref().map_or_else(|| self.plan.schedule(seed), |given| given.injections.clone())
    }
}

impl Engine for Simulator {
    fn load(&self, source: &Source<'_>) -> Result<Box<dyn Scenario>, Refusal> {
        let settings = settings(source.settings)?;
        let rendered = |problems| {
            let sources = Sources { file: source.file, text: source.text, settings: &settings };
            render(problems, sources, source.look.color)
        };
        match load(source.text, source.file, &settings, &Catalogs::BUILT_IN) {
            Ok((plan, warnings)) => {
                let provenance = Provenance {
                    file: source.file.to_owned(),
                    settings: source.settings.to_vec(),
                    schedule: source.schedule.map(|(file, _)| file.to_owned()),
                };
                let schedule = source.schedule.map(|given| schedule(given, &plan, source.look)).transpose()?;
                let none = warnings.iter().next().is_none();
                let warnings = if none { String::new() } else { rendered(&warnings) };
                Ok(Box::new(Loaded { plan, provenance, schedule, warnings }))
            }
            Err(problems) => Err(Refusal { rendered: rendered(&problems) }),
        }
    }

    fn list(&self, topic: Topic) -> Vec<Entry> {
        let entry = |name: &str, summary: &str| Entry { name: name.to_owned(), summary: summary.to_owned() };
        let built_in = Catalogs::BUILT_IN;
        match topic {
            Topic::Faults => built_in.faults.iter().map(|f| entry(f.kind.name, f.kind.doc)).collect(),
            Topic::Properties => built_in.properties.iter().map(|p| entry(p.kind.name, p.kind.doc)).collect(),
            Topic::Procedures => catalog::<SimulatedPorts>().iter().map(|p| entry(p.name, p.doc)).collect(),
            Topic::Signals => SIGNALS.iter().map(|s| entry(s.pattern, s.doc)).collect(),
            Topic::Presets => PRESETS.iter().map(|p| entry(p.name, p.doc)).collect(),
        }
    }
}

impl Scenario for Loaded {
    fn warnings(&self) -> &str {
        &self.warnings
    }
    fn explain(&self) -> String {
        explain(&self.plan)
    }
    fn rehearse(&self, seed: u64) -> Outcome {
        rehearse_schedule(&self.plan, &self.injections(seed), &self.provenance, seed)
    }
    fn seed(&self) -> Option<u64> {
        self.schedule.as_ref()?.seed
    }
    fn schedule(&self, seed: u64) -> String {
        self.plan.write_schedule(&self.injections(seed), seed)
    }
}

/// Reads the written schedule that was given beside a scenario.
fn schedule((file, text): (&str, &str), plan: &Plan, look: Look) -> Result<GivenSchedule, Refusal> {
    read_schedule(text, plan, &Catalogs::BUILT_IN)
        .map_err(|problems| Refusal { rendered: render(&problems, Sources { file, text, settings: &[] }, look.color) })
}

/// `path=value`, split at the first `=`.
fn settings(given: &[String]) -> Result<Vec<(String, String)>, Refusal> {
    let split = |setting: &String| {
        let (path, value) = setting.split_once('=').ok_or_else(|| Refusal {
            rendered: format!("error: `--set {setting}` has no `=`\n  = help: write `--set duration=10m`\n"),
        })?;
        Ok((path.trim().to_owned(), value.to_owned()))
    };
    given.iter().map(split).collect()
}
