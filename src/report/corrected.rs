//! Verdicts that were once wrong, beside what the program says now.
//!
//! Owns the rows; the page lays them out. Does not judge: what is right is what the scenario expects.

use crate::outcome::{Outcome, PropertyOutcome, Verdict};

/// What one property of such a scenario came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// The scenario's name.
    pub setting: String,
    /// What the program once said of it.
    pub once: String,
    /// The property, with what it demands.
    pub claim: String,
    /// What is right.
    pub right: Verdict,
    /// What the program says now.
    pub now: Verdict,
    /// What it measured, or why it says so.
    pub because: String,
}

impl Corrected {
    /// The rows of a run of which the program `once` said something else.
    pub fn of_run(outcome: &Outcome, once: &str) -> Vec<Self> {
        let row = |property: &PropertyOutcome| Self {
            setting: outcome.scenario.clone(),
            once: once.to_owned(),
            claim: format!("{}: {}", property.id, property.demand),
            right: property.expected.of_one_run().unwrap_or(property.verdict),
            now: property.verdict,
            because: property.why.clone(),
        };
        outcome.properties.iter().map(row).collect()
    }

    /// Whether it is right now.
    pub fn is_right(&self) -> bool {
        self.right == self.now
    }
}
