//! What a report says about a campaign, as strings.
//!
//! Invariant: it reports counts of the runs that were made; the one rate it states is a bound with its confidence.

use super::advice::{Advice, failure_rate_bound};
use super::charts::Axis;
use super::distribution::{Distribution, distributions};
use super::verdict::word_in_full;
use crate::explore::{Campaign, Counts, PropertySummary, RecoverySummary, WarningSummary};
use crate::outcome::Verdict;
use crate::report::text::{count, margin, plural, span};

/// A campaign, ready to be written down.
pub(crate) struct CampaignView {
    pub name: String,
    pub sentence: String,
    /// Go, no-go or unknown, why, and what the scenario's expectations have to do with it.
    pub advice: Advice,
    pub reason: String,
    pub remark: &'static str,
    pub verdict: Verdict,
    pub as_expected: bool,
    pub seeds: String,
    pub properties: Vec<PropertySummaryRow>,
    pub recovery: Vec<RecoverySummaryRow>,
    /// Runs in which the tool itself broke, and on what.
    pub broken: Vec<String>,
    /// What the reader must know of the runs, and of how many.
    pub warnings: Vec<String>,
    /// How recovery times and losses spread over the runs.
    pub distributions: Vec<Distribution>,
    /// What runs without a failure say about those that were not made; empty if one failed.
    pub bound: String,
}

/// One property over all runs.
pub(crate) struct PropertySummaryRow {
    pub id: String,
    pub bound: String,
    pub pass: String,
    pub fail: String,
    pub inconclusive: String,
    pub not_exercised: String,
    pub expected: String,
    pub worst_margin: String,
    pub worst_seed: String,
    /// Whether every run reached the expected verdict.
    pub as_expected: bool,
    /// The worst verdict of all runs; inconclusive if there was none.
    pub worst_verdict: Verdict,
}

/// Recovery from one fault over all runs.
pub(crate) struct RecoverySummaryRow {
    pub fault: String,
    pub recovered: String,
    pub censored: String,
    pub min: String,
    pub median: String,
    pub max: String,
}

impl CampaignView {
    pub(crate) fn of(campaign: &Campaign) -> Self {
        let broken = campaign.rows.iter().filter_map(|row| Some((row.seed, row.run.as_ref().err()?)));
        Self {
            name: campaign.worst.as_ref().map_or_else(|| "campaign".to_owned(), |o| o.scenario.clone()),
            sentence: sentence(campaign),
            advice: Advice::of(campaign.verdict(), campaign.as_expected()),
            reason: Advice::reason_of_campaign(campaign),
            remark: Advice::remark(campaign.verdict(), campaign.as_expected()),
            verdict: campaign.verdict(),
            as_expected: campaign.as_expected(),
            seeds: format!("{}..{}", campaign.seeds.start, campaign.seeds.end),
            properties: campaign.summary.properties.iter().map(PropertySummaryRow::of).collect(),
            recovery: campaign.summary.recovery.iter().map(RecoverySummaryRow::of).collect(),
            broken: broken.map(|(seed, why)| format!("seed {seed}: internal error: {why}")).collect(),
            warnings: campaign.summary.warnings.iter().map(warning).collect(),
            distributions: distributions(campaign),
            bound: bound(campaign),
        }
    }
}

/// Clean runs never prove that none fails: they bound how often one may.
fn bound(campaign: &Campaign) -> String {
    // A run that exercised nothing bounds nothing.
    let runs = campaign.summary.runs.exercised();
    let clean = campaign.verdict() == Verdict::Pass && campaign.summary.runs.broken == 0;
    match failure_rate_bound(runs).filter(|_| clean) {
        Some(bound) => format!(
            "{} without a failure: with 95% confidence, less than {} of such runs fail.",
            plural(runs, "run"),
            Axis::Share.written(bound)
        ),
        None => String::new(),
    }
}

fn warning(warning: &WarningSummary) -> String {
    format!("{} (in {}, such as seed {})", warning.text, plural(warning.runs, "run"), warning.seed)
}

fn sentence(campaign: &Campaign) -> String {
    let (summary, runs) = (&campaign.summary, campaign.rows.len() as u64);
    let word = word_in_full(campaign.verdict(), campaign.as_expected());
    format!("{word}: {} of {} as expected; {}", count(summary.as_expected), plural(runs, "run"), tally(&summary.runs))
}

/// The verdicts that occurred: `39 fail, 1 internal error`.
fn tally(counts: &Counts) -> String {
    let parts = [
        (counts.pass, "pass"),
        (counts.fail, "fail"),
        (counts.inconclusive, "inconclusive"),
        (counts.not_exercised, "not exercised"),
        (counts.broken, "internal error"),
    ];
    let occurred = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n)));
    occurred.collect::<Vec<_>>().join(", ")
}

impl PropertySummaryRow {
    fn of(p: &PropertySummary) -> Self {
        let unexercised = if p.expected == Verdict::Inconclusive { p.verdicts.not_exercised } else { 0 };
        Self {
            id: p.id.clone(),
            bound: p.bound.clone(),
            pass: count(p.verdicts.pass),
            fail: count(p.verdicts.fail),
            inconclusive: count(p.verdicts.inconclusive),
            not_exercised: count(p.verdicts.not_exercised),
            expected: p.expected.to_string(),
            worst_margin: margin(p.worst.map(|(margin, _)| margin)),
            worst_seed: p.worst.map_or_else(|| "–".to_owned(), |(_, seed)| seed.to_string()),
            as_expected: !p.is_open() && p.reached() == p.verdicts.exercised() + unexercised,
            worst_verdict: match p.verdicts {
                Counts { fail: 1.., .. } => Verdict::Fail,
                Counts { inconclusive: 0, pass: 1.., .. } => Verdict::Pass,
                _ => Verdict::Inconclusive,
            },
        }
    }
}

impl RecoverySummaryRow {
    fn of(r: &RecoverySummary) -> Self {
        let or_none = |s: Option<_>| s.map_or_else(|| "–".to_owned(), span);
        Self {
            fault: r.fault.clone(),
            recovered: count(r.recovered),
            censored: count(r.censored),
            min: or_none(r.min),
            median: or_none(r.median),
            max: or_none(r.max),
        }
    }
}
