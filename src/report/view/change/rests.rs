//! What the verdict hangs on: the properties nearest to their bounds, how surely they hold, the budgets that were nearly
//! used up, and what was found.
//!
//! Does not judge. Invariant: what could not be decided comes first, then the smallest margin.

use super::{Chapter, ChapterPart, ChapterRows};
use crate::explore::Campaign;
use crate::outcome::{Outcome, PropertyOutcome, Verdict, six_digits};
use crate::record::{Lap, LapResult};
use crate::report::text::{clock, count, margin, plural, span};
use crate::report::view::likelihood::{LikelihoodRow, interval_name, likelihoods};
use crate::units::Span;

const NONE: &str = "–";

/// The most properties, budgets and warnings that are listed.
const MOST: usize = 12;
const MOST_BUDGETS: usize = 3;

pub(super) fn chapter(outcome: &Outcome, campaign: Option<&Campaign>) -> Chapter {
    let words = "A margin of 0 is exactly on the bound, +1 as far from it as possible, and below 0 violated. What could not be \
                 decided has none. The nearest come first.";
    let mut parts = vec![
        ChapterPart::Words(words.to_owned()),
        ChapterPart::Rows(match campaign {
            None => of_run(outcome),
            Some(campaign) => of_campaign(outcome, campaign),
        }),
    ];
    if let Some(more) = outcome.properties.len().checked_sub(MOST).filter(|more| *more > 0) {
        parts.push(ChapterPart::Words(format!("{more} more properties are in the report.")));
    }
    let tight = tightest(outcome);
    if !tight.is_empty() {
        parts.push(ChapterPart::Words("The steps that used most of their budgets:".to_owned()));
        parts.push(ChapterPart::Items(tight));
    }
    // What is found may stand among the warnings, too.
    let warnings = outcome.warnings.iter().filter(|warning| !outcome.findings.contains(warning));
    let all: Vec<&String> = outcome.findings.iter().chain(warnings).collect();
    let found: Vec<String> = all.iter().take(MOST).map(|text| (*text).clone()).collect();
    if !found.is_empty() {
        let more = (all.len() - found.len()) as u64;
        let more = if more == 0 { String::new() } else { format!("; {} more in the report", count(more)) };
        parts.push(ChapterPart::Words(format!("Found, and to be settled before the verdict is trusted{more}:")));
        parts.push(ChapterPart::Items(found));
    }
    Chapter { id: "hangs-on", title: "What the verdict hangs on", parts }
}

/// Properties by how near they are: undecided ones first.
fn nearest<'a, T>(all: impl Iterator<Item = (&'a T, Option<f64>)>) -> Vec<&'a T> {
    let mut all: Vec<(&T, Option<f64>)> = all.collect();
    // As it stands in a file, so that a run that was read back has the same order.
    let near = |margin: &Option<f64>| margin.filter(|m| m.is_finite()).map_or(f64::NEG_INFINITY, six_digits);
    all.sort_by(|a, b| near(&a.1).total_cmp(&near(&b.1)));
    all.into_iter().take(MOST).map(|(it, _)| it).collect()
}

fn of_run(outcome: &Outcome) -> ChapterRows {
    let near = nearest(outcome.properties.iter().map(|p| (p, p.margin)));
    let row = |p: &PropertyOutcome| {
        let (measured, at) = (p.measured.clone(), p.at.map(clock));
        let [measured, at] = [measured, at].map(|cell| cell.unwrap_or_else(|| NONE.to_owned()));
        vec![
            p.id.clone(),
            p.demand.clone(),
            p.bound.clone(),
            measured,
            margin(p.margin),
            judged(p.verdict).to_owned(),
            at,
        ]
    };
    ChapterRows {
        caption: "Properties, the nearest to their bounds first".to_owned(),
        heads: &["Property", "Demands", "Bound", "Measured", "Margin", "Verdict", "At"],
        rows: near.into_iter().map(row).collect(),
    }
}

fn of_campaign(outcome: &Outcome, campaign: &Campaign) -> ChapterRows {
    let surely: Vec<LikelihoodRow> = likelihoods(campaign);
    let near = nearest(campaign.summary.properties.iter().map(|p| (p, p.worst.map(|(margin, _)| margin))));
    let row = |p: &crate::explore::PropertySummary| {
        let demand = outcome.properties.iter().find(|other| other.id == p.id);
        let of = surely.iter().find(|row| row.id == p.id);
        let cell = |text: fn(&LikelihoodRow) -> &String| of.map_or_else(|| NONE.to_owned(), |row| text(row).clone());
        let seed = p.worst.map_or_else(|| NONE.to_owned(), |(_, seed)| seed.to_string());
        vec![
            p.id.clone(),
            demand.map_or_else(String::new, |demand| demand.demand.clone()),
            p.bound.clone(),
            cell(|row| &row.held),
            cell(|row| &row.interval),
            margin(p.worst.map(|(margin, _)| margin)),
            seed,
        ]
    };
    ChapterRows {
        caption: format!(
            "Properties over all runs, the nearest to their bounds first; share of runs: {}",
            interval_name(campaign)
        ),
        heads: &["Property", "Demands", "Bound", "Held in", "Share of such runs", "Smallest margin", "At seed"],
        rows: near.into_iter().map(row).collect(),
    }
}

const fn judged(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "held",
        Verdict::Fail => "failed",
        Verdict::Inconclusive => "unknown",
    }
}

/// The steps that used at least half of what they may take, the tightest first.
fn tightest(outcome: &Outcome) -> Vec<String> {
    let used = |lap: &Lap| lap.took.as_nanos() as f64 / lap.budget.as_nanos() as f64;
    let is_of_interest = |lap: &&Lap| lap.budget != Span::ZERO && lap.result != LapResult::Skipped && used(lap) >= 0.5;
    let mut laps: Vec<&Lap> = outcome.record.laps.iter().filter(is_of_interest).collect();
    laps.sort_by(|a, b| used(b).total_cmp(&used(a)));
    let said = laps.iter().take(MOST_BUDGETS).map(|lap| {
        let run = if lap.run > 1 { format!(", run {}", lap.run) } else { String::new() };
        format!(
            "{}{run} › {}: {} of {}, in {}",
            lap.procedure,
            lap.step,
            span(lap.took),
            span(lap.budget),
            tries(lap.tries)
        )
    });
    said.collect()
}

/// `1 try`, `3 tries`.
fn tries(n: u32) -> String {
    plural(u64::from(n), "try").replace("trys", "tries")
}
