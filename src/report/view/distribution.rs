//! How a figure spreads over the seeds of a campaign.
//!
//! Does not estimate: these are the runs that were made, each of them.
//!
//! Invariant: a run that never recovered is longer than any: it counts for the median, and is told apart from those that have
//! a value.

use super::charts::Axis;
use crate::explore::{Campaign, RunRow};
use crate::report::text::{count, plural};
use crate::units::Span;

/// The most faults whose recovery times are shown.
const MOST_FAULTS: usize = 6;

/// One figure of every run.
pub(crate) struct Spread {
    pub title: String,
    pub axis: Axis,
    /// Seed and value, in the order of the seeds.
    pub values: Vec<(u64, f64)>,
    /// Runs in which the figure grew beyond the end of the run.
    pub censored: usize,
    /// What it must not exceed.
    pub objective: Option<f64>,
    /// The seed of the campaign's worst run.
    pub worst: Option<u64>,
}

/// Recovery times fault by fault, then losses.
pub(crate) fn distributions(campaign: &Campaign) -> Vec<Spread> {
    let faults = campaign.summary.recovery.iter().take(MOST_FAULTS);
    let mut found: Vec<Spread> = faults.map(|fault| recovery(campaign, &fault.fault)).collect();
    if runs(campaign).any(|(_, run)| run.lost > 0) {
        found.push(loss(campaign));
    }
    found
}

fn runs(campaign: &Campaign) -> impl Iterator<Item = (u64, &RunRow)> {
    campaign.rows.iter().filter_map(|row| Some((row.seed, row.run.as_ref().ok()?)))
}

fn recovery(campaign: &Campaign, fault: &str) -> Spread {
    let of_run = |run: &RunRow| run.recovery.iter().find(|(name, _)| name == fault).map(|(_, rto)| *rto);
    let found: Vec<(u64, Option<Span>)> = runs(campaign).filter_map(|(seed, run)| Some((seed, of_run(run)?))).collect();
    let values = found.iter().filter_map(|(seed, rto)| Some((*seed, rto.as_ref()?.as_nanos() as f64))).collect();
    let objective = campaign.worst.iter().flat_map(|worst| &worst.recovery).find(|r| r.fault == fault);
    Spread {
        title: format!("Recovery time after {fault}"),
        axis: Axis::Duration,
        values,
        censored: found.iter().filter(|(_, rto)| rto.is_none()).count(),
        objective: objective.and_then(|r| r.objective).map(|span| span.as_nanos() as f64),
        worst: worst(campaign),
    }
}

fn loss(campaign: &Campaign) -> Spread {
    Spread {
        title: "Acknowledged writes lost".to_owned(),
        axis: Axis::Count,
        values: runs(campaign).map(|(seed, run)| (seed, run.lost as f64)).collect(),
        censored: 0,
        objective: None,
        worst: worst(campaign),
    }
}

fn worst(campaign: &Campaign) -> Option<u64> {
    campaign.worst.as_ref().map(|worst| worst.record.seed)
}

impl Spread {
    /// The lowest and the highest value, and between them the median of all runs; infinite: most have none.
    pub(crate) fn spread(&self) -> Option<[f64; 3]> {
        let mut values: Vec<f64> = self.values.iter().map(|(_, value)| *value).collect();
        values.sort_by(f64::total_cmp);
        let median = values.get((values.len() + self.censored).saturating_sub(1) / 2);
        Some([*values.first()?, median.copied().unwrap_or(f64::INFINITY), *values.last()?])
    }

    /// The seed of the highest value, the lowest of those that share it.
    pub(crate) fn highest(&self) -> Option<u64> {
        let highest = self.spread()?[2];
        self.values.iter().find(|(_, value)| *value == highest).map(|(seed, _)| *seed)
    }

    /// What the picture shows.
    pub(crate) fn in_words(&self) -> String {
        let runs = plural(self.values.len() as u64, "run");
        let beyond = match self.censored as u64 {
            0 => String::new(),
            n => {
                format!(" In {} more it lasted beyond the end of the run; the median counts them as longer.", count(n))
            }
        };
        match self.spread() {
            Some(spread) => {
                let written = |value: f64| match value.is_infinite() {
                    true => "beyond the run".to_owned(),
                    false => self.axis.written(value),
                };
                let [low, median, high] = spread.map(written);
                let seed = self.highest().map_or_else(String::new, |seed| format!(" (seed {seed})"));
                format!("{runs}: lowest {low}, median {median}, highest {high}{seed}.{beyond}")
            }
            None => format!("no run has a value.{beyond}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::fixture;

    #[test]
    fn every_run_is_in_and_those_that_never_recovered_are_apart() {
        let rehearse = |seed| if seed == 2 { fixture::stalled(seed) } else { fixture::spaced(seed) };
        let campaign = explore::run(0..5, None, rehearse).unwrap();
        let found = distributions(&campaign);
        assert_eq!(
            found.iter().map(|d| d.title.as_str()).collect::<Vec<_>>(),
            ["Recovery time after dark", "Acknowledged writes lost"]
        );
        assert_eq!((found[0].values.len(), found[0].censored, found[1].values.len()), (4, 1, 5));
        let words = found[0].in_words();
        assert!(words.starts_with("4 runs: lowest 4m 40s, median 4m 40s, highest"), "{words}");
        assert!(words.contains("In 1 more it lasted beyond the end"), "{words}");
        assert_eq!(found[0].objective, Some(360e9));
    }

    #[test]
    fn the_median_is_that_of_the_table_of_recovery() {
        for stalls in 0..5 {
            let rehearse = |seed| if seed < stalls { fixture::stalled(seed) } else { fixture::spaced(seed * 7 % 5) };
            let campaign = explore::run(0..5, None, rehearse).unwrap();
            let table = campaign.summary.recovery[0].median.map(|median| median.as_nanos() as f64);
            let drawn = distributions(&campaign)[0].spread().map(|[_, median, _]| median);
            assert_eq!(drawn, Some(table.unwrap_or(f64::INFINITY)), "{stalls} of 5 did not recover");
        }
    }
}
