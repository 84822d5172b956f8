//! What came out, for those who are not at the terminal: messages for programs, annotations and the summary of a step for
//! a workflow.
//!
//! Invariant: every listener learns the same as the reader of the terminal.

use super::console::Console;
use super::engine::Scenario;
use super::github::{self, Annotation, AnnotationLevel};
use crate::explore::Campaign;
use crate::outcome::{Outcome, PropertyOutcome, Verdict, six_digits};
use crate::report::text::plural;
use crate::report::{CATALOG, Format, Look};
use serde_json::{Value, json};
use std::path::Path;

/// A scenario that was run: its file as it was given, and where the summary of the step goes, if there is one.
#[derive(Clone, Copy)]
pub(super) struct FinishedRun<'a> {
    pub file: &'a str,
    pub scenario: &'a dyn Scenario,
    pub summary: Option<&'a Path>,
}

impl FinishedRun<'_> {
    /// That a run begins.
    pub(super) fn begun(&self, seeds: &std::ops::Range<u64>, console: &mut Console<'_>) {
        let seeds = json!({"from": seeds.start, "to": seeds.end});
        console.message("run-started", &json!({"file": self.file, "seeds": seeds}));
    }

    /// What one run came to.
    pub(super) fn one(&self, outcome: &Outcome, console: &mut Console<'_>) {
        let content = json!({
            "file": self.file,
            "scenario": outcome.scenario,
            "seed": outcome.record.seed,
            "digest": outcome.record.digest.to_string(),
            "verdict": outcome.verdict.to_string(),
            "as_expected": outcome.as_expected,
            "properties": outcome.properties.iter().map(property).collect::<Vec<_>>(),
            "warnings": outcome.warnings,
            "stopped": outcome.stopped.as_ref().map(|stopped| &stopped.why),
            "replay": outcome.replay_command(),
        });
        console.message("run-finished", &content);
        for property in outcome.properties.iter().filter(|property| !property.as_expected()) {
            console.annotate(|| self.surprise(property, &outcome.replay_command()));
        }
        self.summarize(|format| format.run(outcome, Look::PLAIN), console);
    }

    /// What many runs came to.
    pub(super) fn many(&self, campaign: &Campaign, console: &mut Console<'_>) {
        let runs = &campaign.summary.runs;
        let properties = campaign.summary.properties.iter().map(|p| {
            let verdicts = json!({"pass": p.verdicts.pass, "fail": p.verdicts.fail, "inconclusive": p.verdicts.inconclusive, "not_exercised": p.verdicts.not_exercised});
            json!({"id": p.id, "kind": p.kind, "bound": p.bound, "expected": p.expected.to_string(), "verdicts": verdicts})
        });
        let content = json!({
            "file": self.file,
            "seeds": {"from": campaign.seeds.start, "to": campaign.seeds.end},
            "runs": {
                "pass": runs.pass,
                "fail": runs.fail,
                "inconclusive": runs.inconclusive,
                "not_exercised": runs.not_exercised,
                "broken": runs.broken,
            },
            "warnings": campaign.summary.warnings.iter().map(|w| json!({"text": w.text, "runs": w.runs, "seed": w.seed})).collect::<Vec<_>>(),
            "as_expected": campaign.summary.as_expected,
            "properties": properties.collect::<Vec<_>>(),
        });
        console.message("campaign-finished", &content);
        let all = campaign.rows.len() as u64;
        if let Some(worst) = campaign.worst.as_ref().filter(|worst| !worst.as_expected) {
            for property in worst.properties.iter().filter(|property| !property.as_expected()) {
                let unexpected = plural(all - campaign.summary.as_expected, "run");
                let how_often = format!("{unexpected} of {all} not as expected, such as {}", worst.replay_command());
                console.annotate(|| self.surprise(property, &how_often));
            }
        }
        self.summarize(|format| format.campaign(campaign, Look::PLAIN), console);
    }

    fn surprise(&self, property: &PropertyOutcome, replay: &str) -> Annotation {
        let level =
            if property.verdict == Verdict::Inconclusive { AnnotationLevel::Warning } else { AnnotationLevel::Error };
        let title = format!("{} is {}, not {}", property.id, property.verdict, property.expected);
        let place = self.scenario.place_of_property(&property.id).unwrap_or_else(|| (self.file.to_owned(), 0, 0));
        let place = Some(place);
        Annotation { level, title, text: format!("{}\n{replay}", property.why), place }
    }

    fn summarize(&self, render: impl Fn(&dyn Format) -> Vec<u8>, console: &mut Console<'_>) {
        let Some(file) = self.summary else { return };
        let Some(markdown) = CATALOG.iter().find(|format| format.name() == "markdown") else { return };
        let page = render(*markdown);
        if let Err(error) = github::summarize(file, &String::from_utf8_lossy(&page)) {
            console.diagnostic(&format!("warning: the summary of the step cannot be written: {error}\n"));
        }
    }
}

/// How far a campaign is, told to programs at every hundredth of it.
pub(super) struct ProgressMessages<'a, 'c> {
    pub file: &'a str,
    pub runs: u64,
    pub done: u64,
    pub console: &'a mut Console<'c>,
}

impl ProgressMessages<'_, '_> {
    /// One run more is done.
    pub(super) fn step(&mut self) {
        let hundredths = |done: u64| done.saturating_mul(100) / self.runs.max(1);
        let before = hundredths(self.done);
        self.done += 1;
        if hundredths(self.done) > before {
            self.console.message("progress", &json!({"file": self.file, "done": self.done, "runs": self.runs}));
        }
    }
}

fn property(property: &PropertyOutcome) -> Value {
    json!({
        "id": property.id,
        "kind": property.kind,
        "verdict": property.verdict.to_string(),
        "expected": property.expected.to_string(),
        "as_expected": property.as_expected(),
        "bound": property.bound,
        "measured": property.measured,
        "margin": property.margin.map(six_digits),
        "at_ns": property.at.map(|at| at.as_nanos()),
        "why": property.why,
    })
}
