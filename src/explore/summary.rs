//! The rows of a campaign, counted: verdicts, each property's worst margin, and the spread of recovery times.
//!
//! Does not estimate anything: counts and order statistics of the runs that were made, no more.
//!
//! Invariant: every row is counted exactly once, a broken run as broken and in no other figure.

use super::agreement::Agreement;
use super::campaign::{Row, RunRow};
use super::share::{Settled, Share, Stopping};
use crate::outcome::{Expectation, Outcome, Verdict};
use crate::units::{As, Seconds, Span, Wide};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A campaign in numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Why there were so many runs.
    pub stopping: Stopping,
    /// Runs by verdict.
    pub runs: Counts,
    /// Runs with the expected verdict.
    pub as_expected: u64,
    /// One per property, in the file's order.
    pub properties: Vec<PropertySummary>,
    /// One per fault that took something away in any run, by name.
    pub recovery: Vec<RecoverySummary>,
    /// What the reader must know of the runs, the most frequent first; no more than [`MOST_WARNINGS`].
    pub warnings: Vec<WarningSummary>,
}

/// The most different warnings that are kept of a campaign (product default: nobody reads more).
pub const MOST_WARNINGS: usize = 20;

/// One warning over all runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WarningSummary {
    /// The warning.
    pub text: String,
    /// Runs that gave it.
    pub runs: u64,
    /// The lowest seed that did.
    #[serde(with = "As::<Wide>")]
    pub seed: u64,
}

/// How often each verdict was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// It held.
    pub pass: u64,
    /// It was violated.
    pub fail: u64,
    /// It cannot be told, though something was observed.
    pub inconclusive: u64,
    /// Nothing was observed that could have failed it.
    pub not_exercised: u64,
    /// The tool itself broke: no verdict.
    #[serde(rename = "internal_error")]
    pub broken: u64,
}

/// One property over all runs.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertySummary {
    /// Its id in the scenario.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// The bound, as printed.
    pub bound: String,
    /// What the scenario says must come out.
    pub expected: Expectation,
    /// Its verdicts, counted.
    pub verdicts: Counts,
    /// What the runs say together about the figure it compares, if it compares one.
    pub agreement: Option<Agreement>,
    /// The smallest margin that is a number, and the lowest seed that reached it.
    pub worst: Option<(f64, u64)>,
}

/// Recovery from one fault over all runs in which it took something away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoverySummary {
    /// The fault.
    pub fault: String,
    /// Runs that recovered.
    pub recovered: u64,
    /// Runs that ended before recovery: longer than any bound.
    pub censored: u64,
    /// Fastest recovery.
    #[serde(rename = "rto_min_s", with = "As::<Option<Seconds>>")]
    pub min: Option<Span>,
    /// Median: the smallest recovery time that at least half of the runs did not exceed, those included that did not recover;
    /// `None` if that is one of them.
    #[serde(rename = "rto_median_s", with = "As::<Option<Seconds>>")]
    pub median: Option<Span>,
    /// Slowest recovery of those that recovered.
    #[serde(rename = "rto_max_s", with = "As::<Option<Seconds>>")]
    pub max: Option<Span>,
}

impl Counts {
    fn add(&mut self, verdict: Verdict, exercised: bool) {
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Fail => self.fail += 1,
            Verdict::Inconclusive if exercised => self.inconclusive += 1,
            Verdict::Inconclusive => self.not_exercised += 1,
        }
    }

    /// Where something was observed.
    pub const fn exercised(&self) -> u64 {
        self.pass + self.fail + self.inconclusive
    }
}

impl PropertySummary {
    /// In how many runs the verdict was the expected one.
    pub const fn reached(&self) -> u64 {
        match self.expected {
            Expectation::Pass | Expectation::PassIfExercised | Expectation::Share(_) => self.verdicts.pass,
            Expectation::Fail => self.verdicts.fail,
            Expectation::Inconclusive => self.verdicts.inconclusive + self.verdicts.not_exercised,
            Expectation::Either => self.verdicts.exercised(),
        }
    }

    /// In how many of the runs that exercised it, it held; `stopping` is why there were so many.
    pub const fn share(&self, stopping: Stopping) -> Share {
        let Counts { pass, inconclusive, .. } = self.verdicts;
        Share { held: pass, of: self.verdicts.exercised(), undecided: inconclusive, stopping }
    }

    /// Whether no run says anything about it, though the scenario expects that one does.
    pub const fn is_open(&self) -> bool {
        self.verdicts.exercised() == 0 && self.expected.wants_exercise()
    }
}

impl Summary {
    /// Counts `rows`. Names and bounds of the properties are taken from `example`, any run of the same scenario.
    pub(super) fn of(rows: &mut [Row], example: Option<&Outcome>, agreements: &[Option<Agreement>]) -> Self {
        let mut summary = Self { warnings: warnings(rows), ..Self::default() };
        for row in rows.iter() {
            match &row.run {
                Ok(run) => {
                    summary.runs.add(run.verdict, !run.is_idle());
                    summary.as_expected += u64::from(run.as_expected);
                }
                Err(_) => summary.runs.broken += 1,
            }
        }
        summary.properties = properties(rows, example, agreements);
        summary.recovery = recovery(rows);
        summary
    }

    /// Each property that is said to hold in a share of all runs, with what the runs say to that. One that need not be
    /// exercised, and was not, says nothing.
    pub fn claims(&self) -> impl Iterator<Item = (&PropertySummary, Settled)> {
        self.properties.iter().filter_map(|property| {
            let claim = property.expected.claim()?;
            let silent = claim.if_exercised && property.verdicts.exercised() == 0;
            (!silent).then(|| (property, property.share(self.stopping).settles(claim)))
        })
    }

    /// Whether a property was exercised in no run.
    pub fn leaves_open(&self) -> bool {
        self.properties.iter().any(PropertySummary::is_open)
    }
}

/// The warnings of all runs, counted and taken from the rows.
fn warnings(rows: &mut [Row]) -> Vec<WarningSummary> {
    let mut found: BTreeMap<String, WarningSummary> = BTreeMap::new();
    for row in rows {
        let Ok(run) = &mut row.run else { continue };
        for text in std::mem::take(&mut run.warnings) {
            let new = || WarningSummary { text: text.clone(), runs: 0, seed: row.seed };
            found.entry(text.clone()).or_insert_with(new).runs += 1;
        }
    }
    let mut found: Vec<WarningSummary> = found.into_values().collect();
    found.sort_by_key(|warning| (std::cmp::Reverse(warning.runs), warning.seed));
    found.truncate(MOST_WARNINGS);
    found
}

fn judged(rows: &[Row]) -> impl Iterator<Item = (u64, &RunRow)> {
    rows.iter().filter_map(|row| row.run.as_ref().ok().map(|run| (row.seed, run)))
}

pub(super) fn properties(
    rows: &[Row],
    example: Option<&Outcome>,
    agreements: &[Option<Agreement>],
) -> Vec<PropertySummary> {
    let properties = example.map_or(&[][..], |e| &e.properties);
    let mut summaries: Vec<PropertySummary> = properties
        .iter()
        .zip(agreements)
        .map(|(p, agreement)| PropertySummary {
            agreement: agreement.clone(),
            id: p.id.clone(),
            kind: p.kind.clone(),
            bound: p.bound.clone(),
            expected: p.expected,
            verdicts: Counts::default(),
            worst: None,
        })
        .collect();
    for (seed, run) in judged(rows) {
        let judged = run.properties.iter().zip(&run.exercised);
        for (summary, ((verdict, margin), exercised)) in summaries.iter_mut().zip(judged) {
            summary.verdicts.add(*verdict, *exercised);
            let is_worse =
                |m: &f64| m.is_finite() && summary.worst.is_none_or(|(worst, _)| m.total_cmp(&worst).is_lt());
            if let Some(margin) = margin.filter(is_worse) {
                summary.worst = Some((margin, seed));
            }
        }
    }
    summaries
}

fn recovery(rows: &[Row]) -> Vec<RecoverySummary> {
    let mut by_fault: BTreeMap<&str, (Vec<Span>, u64)> = BTreeMap::new();
    for (fault, rto) in judged(rows).flat_map(|(_, run)| &run.recovery) {
        let (times, censored) = by_fault.entry(fault).or_default();
        match rto {
            Some(rto) => times.push(*rto),
            None => *censored += 1,
        }
    }
    by_fault.into_iter().map(|(fault, (times, censored))| spread(fault, times, censored)).collect()
}

fn spread(fault: &str, mut times: Vec<Span>, censored: u64) -> RecoverySummary {
    times.sort_unstable();
    // A run that did not recover is longer than any, and comes after all that did.
    let all = times.len() + usize::try_from(censored).unwrap_or(usize::MAX);
    RecoverySummary {
        fault: fault.to_owned(),
        recovered: times.len() as u64,
        censored,
        min: times.first().copied(),
        median: times.get(all.saturating_sub(1) / 2).copied(),
        max: times.last().copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::run;
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn a_run_that_never_recovered_is_longer_than_the_median_of_recovery_and_said_to_be() {
        let rehearse = |seed| if seed % 4 == 3 { fixture::stalled(seed) } else { fixture::spaced(seed) };
        let summary = run(0..8, None, rehearse).unwrap().summary;
        // Recovered: seeds 0, 1, 2, 4, 5, 6. Of all eight the fourth smallest is seed 4's.
        let expected = RecoverySummary {
            fault: "dark".to_owned(),
            recovered: 6,
            censored: 2,
            min: Some(Span::from_millis(280_000)),
            median: Some(Span::from_millis(280_004)),
            max: Some(Span::from_millis(280_006)),
        };
        assert_eq!(summary.recovery, [expected]);
        assert_eq!(summary.runs, Counts { fail: 6, inconclusive: 2, ..Counts::default() });
        assert_eq!(summary.as_expected, 6);
        let most_stall = |seed| if seed % 4 == 0 { fixture::spaced(seed) } else { fixture::stalled(seed) };
        let recovery = run(0..8, None, most_stall).unwrap().summary.recovery.remove(0);
        assert_eq!((recovery.recovered, recovery.censored, recovery.median), (2, 6, None));
    }

    #[test]
    fn each_property_names_its_worst_seed() {
        let summary = run(0..8, None, fixture::spaced).unwrap().summary;
        let rto = &summary.properties[0];
        assert_eq!((rto.id.as_str(), rto.verdicts.pass, rto.worst.map(|(_, seed)| seed)), ("rto", 8, Some(7)));
        let no_loss = &summary.properties[1];
        assert_eq!(
            (no_loss.verdicts.fail, no_loss.worst),
            (8, Some((fixture::outage(7).properties[1].margin.unwrap(), 0)))
        );
    }
}
