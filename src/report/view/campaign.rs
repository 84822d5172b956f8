//! What a report says about a campaign, as strings.
//!
//! Invariant: it reports counts of the runs that were made; the one rate it states is a bound with its confidence.

use super::advice::Advice;
use super::charts::Axis;
use super::distribution::{Spread, distributions};
use super::likelihood::{LikelihoodRow, QuantileRow, claim_in_words, interval_name, likelihoods, quantiles};
use super::verdict::{foreseen_of, list, properties};
use crate::explore::{Campaign, Counts, PropertySummary, RecoverySummary, WarningSummary, upper_bound};
use crate::outcome::{Expectation, Verdict};
use crate::report::text::{count, margin, plural, span};

/// A campaign, ready to be written down.
pub(crate) struct CampaignView {
    pub name: String,
    /// How many runs came to which verdict.
    pub tally: String,
    /// Go, no-go or unknown.
    pub advice: Advice,
    /// Why, in one sentence without a full stop.
    pub cause: String,
    /// Whether the scenario expected it: a sentence.
    pub expectation: String,
    pub verdict: Verdict,
    pub as_expected: bool,
    pub seeds: String,
    pub properties: Vec<PropertySummaryRow>,
    /// In how many runs each held, and what that says of all.
    pub likelihoods: Vec<LikelihoodRow>,
    /// By which method, and how surely.
    pub interval: String,
    /// How the figure of each spreads.
    pub quantiles: Vec<QuantileRow>,
    pub recovery: Vec<RecoverySummaryRow>,
    /// Runs in which the tool itself broke, and on what.
    pub broken: Vec<String>,
    /// What the reader must know of the runs, and of how many.
    pub warnings: Vec<String>,
    /// How recovery times and losses spread over the runs.
    pub distributions: Vec<Spread>,
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
            tally: tally(campaign),
            advice: Advice::of(campaign.verdict(), campaign.as_expected()),
            cause: cause(campaign),
            expectation: expectation(campaign),
            verdict: campaign.verdict(),
            as_expected: campaign.as_expected(),
            seeds: format!("{}..{}", campaign.seeds.start, campaign.seeds.end),
            properties: campaign.summary.properties.iter().map(PropertySummaryRow::of).collect(),
            likelihoods: likelihoods(campaign),
            interval: interval_name(campaign),
            quantiles: quantiles(campaign),
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
    // A run that did not exercise a property bounds nothing of it: the one that was exercised least decides. Where one may
    // fail, a run may: what its runs say stands beside it.
    let summary = &campaign.summary;
    let exercised = summary.properties.iter().map(|p| p.verdicts.exercised());
    let runs = exercised.chain([summary.runs.exercised()]).min().unwrap_or(0);
    let all_must = summary.properties.iter().all(|p| p.expected == Expectation::Pass);
    let clean = all_must && campaign.verdict() == Verdict::Pass && summary.runs.broken == 0 && runs > 0;
    match clean.then(|| upper_bound(0, runs, 0.05)) {
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

/// What made the verdict over all runs what it is, and what held beside it.
fn cause(campaign: &Campaign) -> String {
    let (counts, runs) = (&campaign.summary.runs, campaign.rows.len() as u64);
    let whole = runs.saturating_sub(counts.broken);
    match Advice::of(campaign.verdict(), campaign.as_expected()) {
        Advice::NoGo => {
            let decided = |p: &&PropertySummary| p.verdicts.fail > 0 && p.expected.of_one_run().is_some();
            let mut failed: Vec<_> = campaign.summary.properties.iter().filter(decided).collect();
            // What the scenario did not foresee comes first.
            failed.sort_by_key(|p| p.expected == Expectation::Fail);
            let which = failed.iter().map(|p| format!("{} failed in {}", p.id, of_runs(p.verdicts.fail, runs)));
            let mut parts: Vec<String> = claims(campaign, Verdict::Fail);
            let unjudged = failed.is_empty() && parts.is_empty();
            parts.extend(which);
            let all = &campaign.summary.properties;
            let held = all.iter().filter(|p| p.verdicts.pass == whole).count() as u64;
            if held > 0 {
                parts.push(format!("{} of {} held in every run", count(held), properties(all.len() as u64)));
            }
            let seldom = |v: &Counts| (1..whole).contains(&v.pass) && v.pass == v.exercised();
            let others = all.iter().filter(|p| seldom(&p.verdicts)).count() as u64;
            if others > 0 {
                let which = format!("{} of {}", count(others), properties(all.len() as u64));
                parts.push(format!(
                    "{which} held in the runs that exercised {}",
                    if others == 1 { "it" } else { "them" }
                ));
            }
            if unjudged {
                parts.insert(0, format!("{} failed", of_runs(counts.fail, runs)));
            }
            parts.join("; ")
        }
        Advice::Go => held(campaign),
        Advice::Unknown if counts.broken > 0 => format!("firedrill itself failed in {}", plural(counts.broken, "run")),
        Advice::Unknown if counts.inconclusive > 0 => {
            format!("{} could not be judged", of_runs(counts.inconclusive, runs))
        }
        Advice::Unknown if campaign.summary.leaves_open() => {
            let open: Vec<_> = campaign.summary.properties.iter().filter(|p| p.is_open()).collect();
            let which = open.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ");
            format!("no run exercised {which}")
        }
        Advice::Unknown if !claims(campaign, Verdict::Inconclusive).is_empty() => {
            claims(campaign, Verdict::Inconclusive).join("; ")
        }
        Advice::Unknown => held(campaign),
    }
}

/// What the runs say to each claim about a share of them that comes to `verdict`.
fn claims(campaign: &Campaign, verdict: Verdict) -> Vec<String> {
    let found = campaign.summary.claims().filter(|(_, settled)| settled.verdict == verdict);
    found.map(|(property, settled)| claim_in_words(property, settled, campaign.summary.stopping)).collect()
}

/// That every property held, and where one was exercised in some runs only, in how many.
fn held(campaign: &Campaign) -> String {
    let (summary, runs) = (&campaign.summary, campaign.rows.len() as u64);
    let exercised = |p: &PropertySummary| p.verdicts.exercised();
    let mut parts = claims(campaign, Verdict::Pass);
    let wanted = |p: &&PropertySummary| matches!(p.expected, Expectation::Pass | Expectation::PassIfExercised);
    let judged: Vec<_> = summary.properties.iter().filter(wanted).collect();
    let which = match judged.len() == summary.properties.len() {
        true => "every property".to_owned(),
        false => judged.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", "),
    };
    let mut seldom: Vec<_> = judged.iter().filter(|p| exercised(p) + summary.runs.broken < runs).collect();
    seldom.sort_by_key(|p| exercised(p));
    if !judged.is_empty() && seldom.is_empty() {
        parts.push(format!("{which} held in {}", plural(runs, "run")));
    } else if !judged.is_empty() {
        let each = seldom.iter().map(|p| format!("{} in {}", p.id, of_runs(exercised(p), runs)));
        let each: Vec<String> = each.collect();
        let each: Vec<&str> = each.iter().map(String::as_str).collect();
        parts.push(format!("{which} held in each run that exercised it: {}", list(&each)));
    }
    let either = summary.properties.iter().filter(|p| p.expected == Expectation::Either && p.verdicts.exercised() > 0);
    parts.extend(either.map(|p| format!("{} held in {}, as it may", p.id, of_runs(p.verdicts.pass, exercised(p)))));
    parts.join("; ")
}

/// `all 20 runs`, `3 of 20 runs`.
fn of_runs(n: u64, runs: u64) -> String {
    match (n == runs, runs) {
        (true, 1) => "the only run".to_owned(),
        (true, _) => format!("all {}", plural(runs, "run")),
        (false, _) => format!("{} of {}", count(n), plural(runs, "run")),
    }
}

/// Whether the scenario expected what came out over all runs.
fn expectation(campaign: &Campaign) -> String {
    if campaign.as_expected() {
        let foreseen: Vec<&str> = campaign
            .summary
            .properties
            .iter()
            .filter(|p| matches!(p.expected, Expectation::Fail | Expectation::Inconclusive))
            .map(|property| property.id.as_str())
            .collect();
        return match (campaign.verdict(), foreseen.is_empty()) {
            (Verdict::Fail, false) => format!("{} To go ahead is to accept that.", foreseen_of(&foreseen, "fail")),
            (Verdict::Inconclusive, false) => foreseen_of(&foreseen, "stay undecided"),
            _ => "As the scenario expects.".to_owned(),
        };
    }
    let runs = campaign.rows.len() as u64;
    let others = runs - campaign.summary.as_expected.min(runs);
    let rows = campaign.summary.properties.iter().map(PropertySummaryRow::of).filter(|row| !row.as_expected);
    let mut which: Vec<String> = rows.map(|row| row.id).collect();
    let unshown = campaign.summary.claims().filter(|(_, settled)| settled.verdict != Verdict::Pass);
    let unshown: Vec<&str> = unshown.map(|(property, _)| property.id.as_str()).collect();
    if which.is_empty() && others == 0 && !unshown.is_empty() {
        return format!("Not shown as the scenario expects: {}.", unshown.join(", "));
    }
    which.extend(unshown.into_iter().map(str::to_owned));
    let which = if which.is_empty() { String::new() } else { format!(": {}", which.join(", ")) };
    let others = if others == 0 { "over all runs".to_owned() } else { format!("in {}", of_runs(others, runs)) };
    format!("Differs from what the scenario expects {others}{which}.")
}

/// The verdicts that occurred: `40 runs: 39 fail, 1 internal error`.
fn tally(campaign: &Campaign) -> String {
    let counts: &Counts = &campaign.summary.runs;
    let parts = [
        (counts.pass, "pass"),
        (counts.fail, "fail"),
        (counts.inconclusive, "inconclusive"),
        (counts.not_exercised, "not exercised"),
        (counts.broken, "internal error"),
    ];
    let occurred = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n)));
    let occurred = occurred.collect::<Vec<_>>().join(", ");
    // What one run need not come to is in none of these.
    let apart = campaign.summary.properties.iter().filter(|p| p.expected.of_one_run().is_none());
    let apart: Vec<&str> = apart.map(|p| p.id.as_str()).collect();
    let but_for = if apart.is_empty() { String::new() } else { format!(" but for {}", list(&apart)) };
    format!("{}: {occurred}{but_for}", plural(campaign.rows.len() as u64, "run"))
}

impl PropertySummaryRow {
    fn of(p: &PropertySummary) -> Self {
        let unexercised = if p.expected == Expectation::Inconclusive { p.verdicts.not_exercised } else { 0 };
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
            as_expected: !p.is_open()
                && (p.expected.claim().is_some() || p.reached() == p.verdicts.exercised() + unexercised),
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
            median: r.median.map_or_else(|| if r.censored > 0 { "not recovered" } else { "–" }.to_owned(), span),
            max: or_none(r.max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::{Outcome, fixture};

    /// A quiet run whose recovery time was exercised by every fourth seed only.
    fn seldom(seed: u64) -> Outcome {
        let mut outcome = fixture::quiet(seed);
        if !seed.is_multiple_of(4) {
            (outcome.properties[0].verdict, outcome.properties[0].exercised) = (Verdict::Inconclusive, 0);
        }
        outcome
    }

    #[test]
    fn a_go_says_of_each_property_in_how_many_runs_it_was_exercised_and_bounds_by_those() {
        let view = CampaignView::of(&explore::run(0..40, None, seldom).unwrap());
        let said = (view.advice.word(), view.cause.as_str());
        assert_eq!(said, ("GO", "every property held in each run that exercised it: rto in 10 of 40 runs"));
        assert!(view.bound.starts_with("10 runs without a failure: "), "{}", view.bound);
        let view = CampaignView::of(&explore::run(0..40, None, fixture::quiet).unwrap());
        assert_eq!(view.cause, "every property held in 40 runs");
        assert!(view.bound.starts_with("40 runs without a failure: "), "{}", view.bound);
    }

    #[test]
    fn what_held_beside_a_failure_is_counted_over_the_runs_that_exercised_it() {
        let failing = |seed| {
            let mut outcome = fixture::outage(seed);
            if seed % 2 == 1 {
                (outcome.properties[0].verdict, outcome.properties[0].exercised) = (Verdict::Inconclusive, 0);
            }
            outcome
        };
        let view = CampaignView::of(&explore::run(0..4, None, failing).unwrap());
        let held = "1 of 3 properties held in every run; 1 of 3 properties held in the runs that exercised it";
        assert!(view.cause.ends_with(held), "{}", view.cause);
    }
}
