//! An engine without a simulator, whose scenarios are outcomes by what their first word says, and a place for files.

use super::engine::{Engine, Listing, Rejection, Scenario, Source, Topic};
use crate::outcome::{Outcome, fixture};
use crate::record::Digest;
use crate::scenario::{Cost, Diagnostic, Extract};
use crate::units::{Instant, Span};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Knows the scenarios `quiet`, `outage`, `stalled`, `surprise`, `panic`, `flaky` and `endless`; refuses everything else.
pub(super) struct Stage;

struct Play {
    what: String,
    file: String,
    settings: Vec<String>,
    schedule: Option<(String, String)>,
    runs: AtomicU64,
    warnings: Rejection,
}

/// The one thing that can be wrong with a play: line 2, column 3.
fn diagnostic(severity: &'static str, file: &str) -> Diagnostic {
    let (file, message) = (file.to_owned(), "not a play\n::error::x".to_owned());
    Diagnostic {
        severity,
        code: "FD0001",
        file,
        line: 2,
        column: 3,
        span: (4, 5),
        message,
        help: Some("play".to_owned()),
    }
}

impl Engine for Stage {
    fn load(&self, source: &Source<'_>) -> Result<Box<dyn Scenario>, Rejection> {
        let what = source.text.split_whitespace().next().unwrap_or_default().to_owned();
        if !["quiet", "outage", "stalled", "surprise", "panic", "flaky", "endless"].contains(&what.as_str()) {
            let rendered = format!("error: {}: no such play\n", source.file);
            return Err(Rejection { rendered, diagnostics: vec![diagnostic("error", source.file)] });
        }
        let settings = source.settings.to_vec();
        let schedule = source.schedule.map(|(file, text)| (file.to_owned(), text.to_owned()));
        let mut warnings = Rejection::default();
        if what == "quiet" {
            warnings.rendered = "warning: too quiet\n".to_owned();
            warnings.diagnostics.push(diagnostic("warning", source.file));
        }
        Ok(Box::new(Play { what, file: source.file.to_owned(), settings, schedule, runs: AtomicU64::new(0), warnings }))
    }

    fn files_of(&self, _: &Source<'_>) -> Vec<PathBuf> {
        vec![PathBuf::from("estate.yaml")]
    }

    fn judge_again(&self, _: &Outcome) -> Result<Option<Outcome>, String> {
        Ok(None)
    }

    fn explain(&self, word: &str) -> Option<String> {
        (word == "FD0001").then(|| "what it means\n".to_owned())
    }

    fn schema(&self) -> String {
        "{}\n".to_owned()
    }

    fn reference(&self) -> String {
        "# Reference\n".to_owned()
    }

    fn list(&self, topic: Topic) -> Vec<Listing> {
        vec![Listing { name: format!("one_of_{}", topic.name()), summary: "for show".to_owned() }]
    }
}

impl Scenario for Play {
    fn warnings(&self) -> &Rejection {
        &self.warnings
    }

    fn place_of_property(&self, id: &str) -> Option<(String, u32, u32)> {
        (id == "no_loss").then(|| (self.file.clone(), 7, 3))
    }

    fn explain(&self, extract: Extract<'_>) -> String {
        format!("the plan of {}{}\u{1b}[2J", self.what, extract.section.unwrap_or_default())
    }

    fn places(&self) -> Vec<&str> {
        vec!["scenery"]
    }

    fn inferred(&self) -> Vec<String> {
        Vec::new()
    }

    fn claims(&self) -> Vec<(String, crate::outcome::Claim)> {
        Vec::new()
    }

    fn rehearse(&self, seed: u64) -> Outcome {
        let mut outcome = match self.what.as_str() {
            "quiet" => fixture::quiet(seed),
            "stalled" => fixture::stalled(seed),
            "panic" => panic!("the stage collapsed"),
            "endless" => never_ends(),
            _ => fixture::outage(seed),
        };
        if self.what == "surprise" {
            outcome.as_expected = false;
            outcome.properties[1].expected = crate::outcome::Expectation::Pass;
        }
        if self.what == "flaky" {
            let mut digest = Digest::default();
            digest.note(Instant::ZERO, 1, 1, self.runs.fetch_add(1, Ordering::Relaxed), 1);
            outcome.record.digest = digest;
        }
        (outcome.file, outcome.settings) = (self.file.clone(), self.settings.clone());
        outcome.schedule = self.schedule.as_ref().map(|(file, _)| file.clone());
        outcome
    }

    fn keep_history(&mut self) {}
    fn rehearse_watched(&self, seed: u64, reached: &dyn Fn(Instant)) -> Outcome {
        reached(Instant::ZERO);
        self.rehearse(seed)
    }

    fn duration(&self) -> Span {
        Span::from_secs(60)
    }

    fn cost(&self) -> Option<Cost> {
        None
    }

    fn runs(&self) -> Option<u64> {
        None
    }

    fn once(&self) -> Option<&str> {
        None
    }

    /// On this stage the first word of a schedule is its seed.
    fn seed(&self) -> Option<u64> {
        self.schedule.as_ref()?.1.split_whitespace().next()?.parse().ok()
    }

    fn schedule(&self, seed: u64) -> String {
        self.schedule.as_ref().map_or_else(|| format!("{seed} of {}\n", self.what), |(_, text)| text.clone())
    }
}

/// Says that it began, and waits for a signal.
fn never_ends() -> ! {
    println!("the endless play began");
    loop {
        std::thread::park();
    }
}

/// An empty directory of one test's own.
pub(super) fn scratch(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("firedrill-test-{}-{test}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}
