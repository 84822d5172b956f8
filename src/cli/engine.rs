//! What the command line needs from the product behind it: reading a scenario, running it, saying what there is.
//!
//! A seam, so that the command line is tested without a simulator. [`super::wiring`] is the real one.

use crate::outcome::Outcome;
use crate::report::Look;
use clap::ValueEnum;

/// Reads scenarios and lists what they may contain.
pub(super) trait Engine: Sync {
    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// All its problems at once.
    fn load(&self, source: &Source<'_>) -> Result<Box<dyn Scenario>, Refusal>;

    /// What there is of `topic`, in the order of its catalog.
    fn list(&self, topic: Topic) -> Vec<Entry>;
}

/// A checked scenario. Running it twice with one seed gives the same outcome.
pub(super) trait Scenario: Sync {
    /// Warnings of reading it, rendered for a terminal; empty if there are none.
    fn warnings(&self) -> &str;
    /// The plan with every default and where it comes from.
    fn explain(&self) -> String;
    /// One run.
    fn rehearse(&self, seed: u64) -> Outcome;
    /// The seed of the schedule that was given, if one was and it says so.
    fn seed(&self) -> Option<u64>;
    /// The schedule of faults of a run, as the text of a file.
    fn schedule(&self, seed: u64) -> String;
}

/// A scenario as the user gave it.
pub(super) struct Source<'a> {
    /// The file as written on the command line; `-` for standard input.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
    /// `path=value` settings beside it, in order.
    pub settings: &'a [String],
    /// The written schedule to run in place of the seed's own: its file as written on the command line, and its text.
    pub schedule: Option<(&'a str, &'a str)>,
    /// How problems and warnings should look on standard error.
    pub look: Look,
}

/// A scenario that cannot be run.
pub(super) struct Refusal {
    /// Every problem, rendered for a terminal.
    pub rendered: String,
}

/// A line of `list`.
pub(super) struct Entry {
    /// As it is written in a scenario.
    pub name: String,
    /// What it is, in one line.
    pub summary: String,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Topic {
    /// What can be made to go wrong
    Faults,
    /// What can be demanded of a run
    Properties,
    /// The control logic that can be rehearsed
    Procedures,
    /// Quantities over time for property expressions
    Signals,
    /// Named sets of defaults
    Presets,
}

impl Topic {
    /// In the order they are listed.
    pub(super) const ALL: [Self; 5] = [Self::Faults, Self::Properties, Self::Procedures, Self::Signals, Self::Presets];

    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::Properties => "properties",
            Self::Procedures => "procedures",
            Self::Signals => "signals",
            Self::Presets => "presets",
        }
    }
}
