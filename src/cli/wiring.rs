//! The real engine behind the command line: the scenario language, the simulator and the judge.

use super::engine::{Engine, Entry, Refusal, Scenario, Source, Topic};

/// Scenarios run in the simulator.
pub(super) struct Simulator;

impl Engine for Simulator {
    fn load(&self, source: &Source<'_>) -> Result<Box<dyn Scenario>, Refusal> {
        let _not_read_yet = (source.text, source.settings, source.look);
        Err(Refusal { rendered: format!("error: {}: this build has no scenario language yet\n", source.file) })
    }

    fn list(&self, _: Topic) -> Vec<Entry> {
        Vec::new()
    }
}
