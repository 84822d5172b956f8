//! The paper for a change board: what is decided when, the way back, the steps with their last safe moments, who must be
//! there, what the verdict hangs on.
//!
//! Owns the chapters and their order. Does not know markup. Everything in it is in the record or in the scenario; what
//! neither says is said to be unknown.
//!
//! Invariant: nothing is estimated here. A moment until which one may go back is one at which a step of this run began.

mod gates;
mod people;
mod rests;
mod settings;
mod steps;

use super::View;
use super::advice::Advice;
use super::campaign::CampaignView;
use super::cards::{Card, cards};
use crate::explore::Campaign;
use crate::outcome::{Assumption, Outcome};
use crate::record::DIGEST_FORMAT;
use crate::report::text::{count, plural};

/// The paper, ready to be written down.
pub(crate) struct ChangePaper {
    /// What kind of paper it is, and of how many runs.
    pub kind: String,
    /// The scenario's name.
    pub name: String,
    /// Which runs these were, in one line.
    pub identity: String,
    pub advice: Advice,
    /// Why, in one sentence without a full stop.
    pub cause: String,
    pub found: Vec<String>,
    /// Whether the scenario expected it: a sentence.
    pub expectation: String,
    /// What the reader must know of all that follows.
    pub caution: String,
    pub chapters: Vec<Chapter>,
}

/// One part of the paper under its heading.
pub(crate) struct Chapter {
    /// Its anchor.
    pub id: &'static str,
    pub title: &'static str,
    pub parts: Vec<ChapterPart>,
}

/// What a chapter is made of.
pub(crate) enum ChapterPart {
    /// A paragraph.
    Words(String),
    Items(Vec<String>),
    Figures(Vec<Card>),
    Rows(ChapterRows),
    /// Rows that are closed until a reader opens them, under this summary.
    Folded(String, ChapterRows),
    /// What is typed.
    Command(String),
}

/// A table. Its first column names the row.
pub(crate) struct ChapterRows {
    pub caption: String,
    pub heads: &'static [&'static str],
    pub rows: Vec<Vec<String>>,
}

impl ChangePaper {
    /// Of one run.
    pub(crate) fn of_run(outcome: &Outcome) -> Self {
        let view = View::of(outcome);
        let mut chapters = of_run(outcome);
        chapters.extend([rests::chapter(outcome, None), assumptions(outcome), provenance(outcome, None)]);
        Self {
            kind: "Change request, one rehearsal".to_owned(),
            name: outcome.scenario.clone(),
            identity: view.identity(),
            advice: view.headline.advice,
            cause: view.headline.cause,
            found: view.headline.found,
            expectation: view.headline.expectation,
            caution: "All times are those of one simulated run. They show what can happen, not how often; nothing was done to a \
                      real system."
                .to_owned(),
            chapters,
        }
    }

    /// Of many runs; what has a moment is taken from the worst of them.
    pub(crate) fn of_campaign(campaign: &Campaign) -> Self {
        let view = CampaignView::of(campaign);
        let worst = campaign.worst.as_ref();
        let mut chapters = worst.map_or_else(Vec::new, of_run);
        chapters.extend(worst.map(|worst| rests::chapter(worst, Some(campaign))));
        chapters.extend(worst.map(assumptions));
        chapters.extend(worst.map(|worst| provenance(worst, Some(campaign))));
        let seed =
            worst.map_or_else(|| "no run".to_owned(), |worst| format!("the worst run, seed {}", worst.record.seed));
        Self {
            kind: format!("Change request, {}", plural(campaign.rows.len() as u64, "rehearsal")),
            name: view.name,
            identity: format!("seeds {}; {}", view.seeds, view.tally),
            advice: view.advice,
            cause: view.cause,
            found: view.broken,
            expectation: view.expectation,
            caution: format!(
                "Clock times are those of {seed}; how surely each property holds is said of all runs. All runs are simulated: \
                 nothing was done to a real system."
            ),
            chapters,
        }
    }
}

/// What one run has moments for.
fn of_run(outcome: &Outcome) -> Vec<Chapter> {
    let figures = Chapter { id: "figures", title: "In figures", parts: vec![ChapterPart::Figures(cards(outcome))] };
    vec![figures, gates::chapter(outcome), steps::way_back(outcome), steps::chapter(outcome), people::chapter(outcome)]
}

fn assumptions(outcome: &Outcome) -> Chapter {
    let (chosen, taken): (Vec<_>, Vec<_>) = outcome.assumptions.iter().partition(|a| is_chosen(a));
    let rows = |caption: &str, of: Vec<&Assumption>| ChapterRows {
        caption: caption.to_owned(),
        heads: &["What", "Value", "Set by", "Source"],
        rows: of
            .into_iter()
            .map(|a| vec![a.path.clone(), a.value.clone(), a.origin.clone(), a.source.clone()])
            .collect(),
    };
    let said = format!("{} chosen for this plan", plural(chosen.len() as u64, "value"));
    let untouched = format!("{} taken from presets and defaults", plural(taken.len() as u64, "value"));
    let words =
        "The verdict is about the plan under these assumptions. It says nothing about a system that differs from them.";
    Chapter {
        id: "assumptions",
        title: "Assumptions",
        parts: vec![
            ChapterPart::Words(words.to_owned()),
            ChapterPart::Folded(said, rows("What the scenario's authors set", chosen)),
            ChapterPart::Folded(untouched, rows("Defaults, and where they come from", taken)),
        ],
    }
}

/// Whether somebody chose it for this plan: in the scenario, in what that builds on, or on the command line.
pub(crate) fn is_chosen(assumption: &Assumption) -> bool {
    let origin = assumption.origin.as_str();
    origin == "file" || origin == "--set" || origin.starts_with("base ")
}

fn provenance(outcome: &Outcome, campaign: Option<&Campaign>) -> Chapter {
    let record = &outcome.record;
    let row = |what: &str, value: String| vec![what.to_owned(), value];
    let settings = if outcome.settings.is_empty() { "none".to_owned() } else { outcome.settings.join(", ") };
    let mut rows = vec![
        row("firedrill", outcome.tool_version.clone()),
        row("Scenario file", outcome.file.clone()),
        row("Settings", settings),
    ];
    rows.extend(campaign.map(|c| row("Seeds", format!("{}..{}", c.seeds.start, c.seeds.end))));
    rows.extend([
        row(if campaign.is_some() { "Seed of the worst run" } else { "Seed" }, record.seed.to_string()),
        row("Digest", format!("{} (format {DIGEST_FORMAT})", record.digest)),
        row("Events", count(record.events)),
    ]);
    Chapter {
        id: "provenance",
        title: "Provenance",
        parts: vec![
            ChapterPart::Rows(ChapterRows { caption: "What was run".to_owned(), heads: &["What", "Value"], rows }),
            ChapterPart::Words("This command repeats the run whose times are given here, on any machine:".to_owned()),
            ChapterPart::Command(outcome.replay_command()),
        ],
    }
}

#[cfg(test)]
mod tests;
