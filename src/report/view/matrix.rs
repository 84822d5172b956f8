//! Several scenarios side by side: what a change board reads first.
//!
//! Owns one row for each scenario. Does not know how any format sets it. Invariant: a figure that a scenario does not have is
//! a dash; of many runs the worst stands, and says so.

use super::advice::Advice;
use super::beside::PlanSpread;
use super::campaign::CampaignView;
use super::likelihood::likelihoods;
use super::rows::recovery_points;
use super::verdict::Headline;
use crate::explore::Campaign;
use crate::outcome::{Outcome, Recovery};
use crate::report::Subject;
use crate::report::text::{count, plural, span};
use crate::units::Span;

const NONE: &str = "–";

/// One scenario of several.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixRow {
    /// Its name.
    pub scenario: String,
    /// Its file as it was given.
    pub file: String,
    /// The directory of its results, below that of the page.
    pub directory: String,
    /// How many runs: `1 run`, `124 runs`.
    pub runs: String,
    /// Go, no-go or unknown.
    pub(crate) advice: Advice,
    /// Why, in one sentence without a full stop.
    pub cause: String,
    /// Whether the scenario expected it: a sentence.
    pub expectation: String,
    /// Whether it did.
    pub as_expected: bool,
    /// The longest recovery time.
    pub rto: String,
    /// The longest reach of a loss.
    pub rpo: String,
    /// Acknowledged writes lost, at most.
    pub lost: String,
    /// In how many runs each property that may fail in some held, with its interval; a dash for one run.
    pub likelihood: String,
    /// How recovery times spread over its runs.
    pub(crate) recovery: PlanSpread,
    /// How losses do.
    pub(crate) losses: PlanSpread,
}

impl MatrixRow {
    /// Of a scenario whose results lie in `directory`.
    pub fn of(subject: Subject<'_>, file: &str, directory: &str) -> Self {
        let row = match subject {
            Subject::Run(outcome) => Self::of_run(outcome),
            Subject::Campaign(campaign) => Self::of_campaign(campaign),
        };
        Self { file: file.to_owned(), directory: directory.to_owned(), ..row }
    }

    /// Go, no-go or unknown, as it is written.
    pub fn word(&self) -> &'static str {
        self.advice.word()
    }

    fn of_run(outcome: &Outcome) -> Self {
        let headline = Headline::of(outcome);
        Self {
            scenario: outcome.scenario.clone(),
            file: String::new(),
            directory: String::new(),
            runs: plural(1, "run"),
            advice: headline.advice,
            cause: headline.cause,
            expectation: headline.expectation,
            as_expected: headline.as_expected,
            rto: longest(&outcome.recovery),
            rpo: rpo(outcome),
            lost: lost(outcome, outcome.record.stores.iter().map(|store| store.lost_total).sum()),
            likelihood: NONE.to_owned(),
            recovery: PlanSpread::recovery_of_run(outcome.scenario.clone(), outcome),
            losses: PlanSpread::loss_of_run(outcome.scenario.clone(), outcome),
        }
    }

    fn of_campaign(campaign: &Campaign) -> Self {
        let view = CampaignView::of(campaign);
        let worst = campaign.worst.as_ref();
        let most = campaign.rows.iter().filter_map(|row| Some(row.run.as_ref().ok()?.lost)).max().unwrap_or(0);
        Self {
            recovery: PlanSpread::recovery(view.name.clone(), campaign),
            losses: PlanSpread::loss(view.name.clone(), campaign),
            scenario: view.name,
            file: String::new(),
            directory: String::new(),
            runs: plural(campaign.rows.len() as u64, "run"),
            advice: view.advice,
            cause: view.cause,
            expectation: view.expectation,
            as_expected: view.as_expected,
            rto: longest_of_all(campaign),
            rpo: worst.map_or_else(|| NONE.to_owned(), rpo),
            lost: worst.map_or_else(|| NONE.to_owned(), |worst| lost(worst, most)),
            likelihood: likelihood(campaign),
        }
    }
}

/// The recovery time that took longest; one that did not end is longer than any.
fn longest(recovery: &[Recovery]) -> String {
    match recovery.iter().map(|r| r.rto.unwrap_or(Span::MAX)).max() {
        None => NONE.to_owned(),
        Some(Span::MAX) => "not recovered".to_owned(),
        Some(rto) => span(rto),
    }
}

fn longest_of_all(campaign: &Campaign) -> String {
    let recovery = &campaign.summary.recovery;
    let never: u64 = recovery.iter().map(|r| r.censored).max().unwrap_or(0);
    let longest = recovery.iter().filter_map(|r| r.max).max();
    match (longest, never) {
        (_, 1..) => format!("not recovered in {}", plural(never, "run")),
        (Some(longest), 0) => format!("{} at most", span(longest)),
        (None, 0) => NONE.to_owned(),
    }
}

fn rpo(outcome: &Outcome) -> String {
    let any_lost = outcome.record.stores.iter().any(|store| store.lost_total > 0);
    let reach = outcome.record.stores.iter().filter_map(recovery_points).map(|reach| reach.before.max(reach.after));
    match reach.max().filter(|_| any_lost) {
        Some(reach) => span(reach),
        None if any_lost => "unknown".to_owned(),
        None => NONE.to_owned(),
    }
}

fn lost(outcome: &Outcome, most: u64) -> String {
    if outcome.record.stores.is_empty() { NONE.to_owned() } else { count(most) }
}

/// What is claimed of many runs; where nothing is, the property that held least often.
fn likelihood(campaign: &Campaign) -> String {
    let rows = likelihoods(campaign);
    let claimed = rows.iter().filter(|row| row.verdict.is_some());
    let said = |row: &super::LikelihoodRow| format!("{}: {} ({})", row.id, row.held, row.interval);
    let claimed: Vec<String> = claimed.map(said).collect();
    if !claimed.is_empty() {
        return claimed.join("; ");
    }
    let properties = campaign.summary.properties.iter().filter(|p| p.expected.wants_pass());
    let share = |p: &&crate::explore::PropertySummary| p.verdicts.pass as f64 / p.verdicts.exercised().max(1) as f64;
    let least = properties.filter(|p| p.verdicts.exercised() > 0).min_by(|a, b| share(a).total_cmp(&share(b)));
    let row = least.and_then(|least| rows.iter().find(|row| row.id == least.id));
    row.map_or_else(|| NONE.to_owned(), said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    #[test]
    fn a_row_says_the_worst_of_its_runs() {
        let outage = fixture::outage(7);
        let row = MatrixRow::of(Subject::Run(&outage), "a/dark.yaml", "dark");
        assert_eq!(
            (row.word(), row.as_expected, row.rto.as_str(), row.lost.as_str()),
            ("NO-GO", true, "4m 43.1s", "18")
        );
        let rehearse = |seed| if seed == 3 { fixture::stalled(seed) } else { fixture::spaced(seed) };
        let campaign = explore::run(0..8, None, rehearse).unwrap();
        let row = MatrixRow::of(Subject::Campaign(&campaign), "a/dark.yaml", "dark");
        assert_eq!((row.runs.as_str(), row.rto.as_str()), ("8 runs", "not recovered in 1 run"));
        assert!(row.likelihood.starts_with("rto: 7 of 8 ("), "{}", row.likelihood);
        let quiet = fixture::quiet(7);
        let row = MatrixRow::of(Subject::Run(&quiet), "quiet.yaml", "quiet");
        assert_eq!((row.word(), row.rto.as_str(), row.rpo.as_str()), ("GO", "27s", "–"));
    }
}
