//! What the command line needs from the product behind it: reading a scenario, running it, saying what there is.
//!
//! A seam, so that the command line is tested without a simulator. [`super::wiring`] is the real one.

use crate::outcome::{Claim, Outcome, PROGRAM};
use crate::report::Look;
use crate::scenario::{Cost, Diagnostic, Extract};
use crate::units::{Instant, Span};
use clap::ValueEnum;
use std::path::PathBuf;

/// Reads scenarios and lists what they may contain.
pub(super) trait Engine: Sync {
    /// The program, as it is called.
    fn program(&self) -> &str {
        PROGRAM
    }

    /// Reads and checks a scenario.
    ///
    /// # Errors
    /// All its problems at once.
    fn load(&self, source: &Source<'_>) -> Result<Box<dyn Scenario>, Rejection>;

    /// The files that a scenario names, as far as it can be read.
    fn files_of(&self, source: &Source<'_>) -> Vec<PathBuf>;

    /// The record of `outcome` judged again by the scenario it holds; `None` if nothing is judged here.
    ///
    /// # Errors
    /// Why it cannot be.
    fn judge_again(&self, outcome: &Outcome) -> Result<Option<Outcome>, String>;

    /// What there is of `topic`, in the order of its catalog.
    fn list(&self, topic: Topic) -> Vec<Listing>;

    /// What a code, or a kind of something in a scenario, means at length. `None`: there is nothing of that name.
    fn explain(&self, word: &str) -> Option<String>;

    /// The scenario language as JSON Schema.
    fn schema(&self) -> String;

    /// The reference of the scenario language, as Markdown.
    fn reference(&self) -> String;
}

/// A checked scenario. Running it twice with one seed gives the same outcome.
pub(super) trait Scenario: Sync {
    /// Warnings of reading it; nothing if there are none.
    fn warnings(&self) -> &Rejection;
    /// File, line and column of a property, if it is in the scenario or in a file that it builds on.
    fn place_of_property(&self, id: &str) -> Option<(String, u32, u32)>;
    /// The plan with every default and where it comes from, or an extract of it.
    fn explain(&self, extract: Extract<'_>) -> String;
    /// The paths that can be asked for.
    fn places(&self) -> Vec<&str>;
    /// What depends on what though the file does not say so, a sentence each.
    fn inferred(&self) -> Vec<String>;
    /// Every run keeps what clients asked of databases and were told.
    fn keep_history(&mut self);
    /// One run.
    fn rehearse(&self, seed: u64) -> Outcome;
    /// One run that says from time to time how far it is.
    fn rehearse_watched(&self, seed: u64, reached: &dyn Fn(Instant)) -> Outcome;
    /// How long clients send requests.
    fn duration(&self) -> Span;
    /// About what a run costs; `None` if that is not known.
    fn cost(&self) -> Option<Cost>;
    /// How many seeds, from 0 on, are run unless seeds are named; `None`: one run.
    fn runs(&self) -> Option<u64>;
    /// Each property that is said to hold in a share of all runs, with what is said.
    fn claims(&self) -> Vec<(String, Claim)>;
    /// What an earlier version of the program said of it that was wrong, if it did.
    fn once(&self) -> Option<&str>;
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

/// What is wrong with a scenario.
#[derive(Debug, Default)]
pub(super) struct Rejection {
    /// Rendered for a terminal.
    pub rendered: String,
    /// The same, one by one.
    pub diagnostics: Vec<Diagnostic>,
}

/// A line of `list`.
pub(super) struct Listing {
    /// As it is written in a scenario.
    pub name: String,
    /// What it is, in one line.
    pub summary: String,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Topic {
    /// Scenarios to start from
    Templates,
    /// Named sets of defaults
    Presets,
    /// What can be made to go wrong
    Faults,
    /// What acts on it
    Controls,
    /// The control logic that can be rehearsed
    Procedures,
    /// By which rules a watch can judge a region
    Policies,
    /// How long and how often things happen
    Distributions,
    /// Quantities over time for property expressions
    Signals,
    /// What can be counted, awaited and measured from
    Events,
    /// What can be demanded of a run
    Properties,
    /// Diagnostics by their codes
    Codes,
    /// How results are written down
    Formats,
}

impl Topic {
    /// In the order they are listed.
    pub(super) const ALL: [Self; 12] = [
        Self::Templates,
        Self::Presets,
        Self::Faults,
        Self::Controls,
        Self::Procedures,
        Self::Policies,
        Self::Distributions,
        Self::Signals,
        Self::Events,
        Self::Properties,
        Self::Codes,
        Self::Formats,
    ];

    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Templates => "templates",
            Self::Presets => "presets",
            Self::Faults => "faults",
            Self::Controls => "controls",
            Self::Procedures => "procedures",
            Self::Policies => "policies",
            Self::Distributions => "distributions",
            Self::Signals => "signals",
            Self::Events => "events",
            Self::Properties => "properties",
            Self::Codes => "codes",
            Self::Formats => "formats",
        }
    }
}
