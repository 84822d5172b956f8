//! The real engine behind the command line: the scenario language, the simulator and the judge.

use super::engine::{Engine, Entry, Refusal, Scenario, Source, Topic};
use crate::check::SIGNALS;
use crate::model::SimulatedPorts;
use crate::outcome::Outcome;
use crate::procedure::catalog;
use crate::rehearse::{Provenance, rehearse};
use crate::scenario::{Catalogs, PRESETS, Plan, Sources, explain, load, render};

/// Scenarios run in the simulator.
pub(super) struct Simulator;

struct Loaded {
    plan: Plan,
    provenance: Provenance,
    warnings: String,
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
                let provenance = Provenance { file: source.file.to_owned(), settings: source.settings.to_vec() };
                let none = warnings.iter().next().is_none();
                let warnings = if none { String::new() } else { rendered(&warnings) };
                Ok(Box::new(Loaded { plan, provenance, warnings }))
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
        rehearse(&self.plan, &self.provenance, seed)
    }
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
