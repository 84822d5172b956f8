//! Two plans, seed by seed: what is different, and whether that can be chance.
//!
//! Owns the pairing and its intervals. Does not know what was changed between the two.
//!
//! Invariant: only seeds that both have run are compared, since only those met the same load and the same faults; the
//! intervals hold whatever the distribution of the differences.

use super::binomial::{around_quantile, at_least};
use super::campaign::{Campaign, Row, RunRow};
use super::share::USUAL_CONFIDENCE;
use crate::outcome::Verdict;
use std::collections::BTreeMap;

/// How one figure differs, over the seeds that have it in both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Seeds that have it in both.
    pub pairs: u64,
    /// Of these, those in which it is lower, equal and higher in the second.
    pub lower_equal_higher: [u64; 3],
    /// The median of the first, and of the second. Infinite where most did not recover.
    pub medians: [f64; 2],
    /// The median of the differences, second less first.
    pub median: f64,
    /// What encloses the median of all such differences: `None` on a side that so few pairs leave open.
    pub interval: (Option<f64>, Option<f64>),
}

impl Difference {
    /// Of pairs of values, in which infinity is worse than any. `None` if there are none.
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let n = pairs.len() as u64;
        let mut differences: Vec<f64> = pairs.iter().map(|(first, second)| less(*second, *first)).collect();
        differences.sort_by(f64::total_cmp);
        let (low, high) = around_quantile(n, 0.5, (1.0 - USUAL_CONFIDENCE) / 2.0);
        let at = |position: Option<u64>| differences.get(usize::try_from(position? - 1).ok()?).copied();
        let count = |is: fn(f64) -> bool| differences.iter().filter(|difference| is(**difference)).count() as u64;
        Some(Self {
            pairs: n,
            lower_equal_higher: [count(|d| d < 0.0), count(|d| d == 0.0), count(|d| d > 0.0)],
            medians: [median(pairs.iter().map(|pair| pair.0))?, median(pairs.iter().map(|pair| pair.1))?],
            median: median(differences.iter().copied())?,
            interval: (at(low), at(high)),
        })
    }

    /// Whether it is higher (greater) or lower in the second beyond chance; `None` if that cannot be told.
    pub fn direction(&self) -> Option<std::cmp::Ordering> {
        match self.interval {
            (Some(low), _) if low > 0.0 => Some(std::cmp::Ordering::Greater),
            (_, Some(high)) if high < 0.0 => Some(std::cmp::Ordering::Less),
            _ => None,
        }
    }
}

/// The difference of two figures that may both be without end: then they are alike.
fn less(second: f64, first: f64) -> f64 {
    if second == first { 0.0 } else { second - first }
}

/// The lower of the two in the middle where their number is even.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// What became of the failures of one property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It failed in no run before, and in some now.
    New,
    /// It failed in some before, and in none now.
    Resolved,
    /// It fails in both.
    Ongoing,
    /// It fails so rarely that which seeds it fails with may be chance.
    Rare,
    /// It fails in neither.
    Never,
}

/// How the failures of one property differ, over the seeds that exercised it in both.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// Seeds that exercised it in both.
    pub pairs: u64,
    /// Failures in the first, and in the second.
    pub failed: [u64; 2],
    /// Seeds that fail only in the second.
    pub newly: Vec<u64>,
    /// Seeds that fail only in the first.
    pub no_longer: Vec<u64>,
    /// What that comes to.
    pub change: Change,
    /// How often chance alone has the second fail as much more often, or more (McNemar's exact test, one side).
    pub chance: f64,
}

/// A share of failures above which a property does not fail rarely. The figure is ours.
const RARELY: f64 = 0.05;

/// A chance below which a difference is none of chance.
const SMALL: f64 = 0.05;

impl Failures {
    /// From verdicts by seed.
    fn of(pairs: &[(u64, Verdict, Verdict)]) -> Self {
        let fails = |verdict: &Verdict| *verdict == Verdict::Fail;
        let count = |which: fn(&(u64, Verdict, Verdict)) -> &Verdict| {
            pairs.iter().filter(|pair| fails(which(pair))).count() as u64
        };
        let failed = [count(|pair| &pair.1), count(|pair| &pair.2)];
        let newly: Vec<u64> = pairs.iter().filter(|p| !fails(&p.1) && fails(&p.2)).map(|p| p.0).collect();
        let no_longer: Vec<u64> = pairs.iter().filter(|p| fails(&p.1) && !fails(&p.2)).map(|p| p.0).collect();
        let discordant = (newly.len() + no_longer.len()) as u64;
        let chance = at_least(newly.len() as u64, discordant, 0.5);
        let either = at_least(newly.len().max(no_longer.len()) as u64, discordant, 0.5);
        let rarely = |failures: u64| failures as f64 <= RARELY * pairs.len() as f64;
        let change = match failed {
            [0, 0] => Change::Never,
            // One pair of runs is no sample: there the same seed says what has changed.
            [a, b] if pairs.len() > 1 && discordant > 0 && rarely(a) && rarely(b) && either > SMALL => Change::Rare,
            [0, _] => Change::New,
            [_, 0] => Change::Resolved,
            _ => Change::Ongoing,
        };
        Self { pairs: pairs.len() as u64, failed, newly, no_longer, change, chance }
    }

    /// Whether the second is worse: it fails where the first did not, more often than chance explains.
    pub fn is_worse(&self) -> bool {
        match self.change {
            Change::New => true,
            Change::Ongoing => self.chance <= SMALL,
            Change::Resolved | Change::Rare | Change::Never => false,
        }
    }
}

/// Everything that differs between two campaigns of one estate.
#[derive(Debug, Clone, PartialEq)]
pub struct Paired {
    /// Seeds that both have run.
    pub seeds: u64,
    /// By property, for those that both have, in the order of the first.
    pub failures: Vec<(String, Failures)>,
    /// Properties that only one has.
    pub only: [Vec<String>; 2],
    /// Recovery times by fault, in seconds.
    pub recovery: Vec<(String, Difference)>,
    /// Acknowledged writes lost.
    pub lost: Option<Difference>,
    /// The share of requests served.
    pub availability: Option<Difference>,
}

impl Paired {
    /// `first` beside `second`.
    pub fn of(first: &Campaign, second: &Campaign) -> Self {
        let pairs = pairs(&first.rows, &second.rows);
        let ids = |campaign: &Campaign| -> Vec<String> {
            campaign.summary.properties.iter().map(|property| property.id.clone()).collect()
        };
        let (ours, theirs) = (ids(first), ids(second));
        let both = ours.iter().enumerate().filter_map(|(i, id)| {
            let j = theirs.iter().position(|other| other == id)?;
            Some((id.clone(), failures(&pairs, i, j)))
        });
        let only = |these: &[String], others: &[String]| -> Vec<String> {
            these.iter().filter(|id| !others.contains(id)).cloned().collect()
        };
        let lost: Vec<(f64, f64)> = pairs.iter().map(|(_, a, b)| (a.lost as f64, b.lost as f64)).collect();
        let share = |run: &RunRow| (run.started > 0).then(|| run.served as f64 / run.started as f64);
        let availability: Vec<(f64, f64)> = pairs.iter().filter_map(|(_, a, b)| Some((share(a)?, share(b)?))).collect();
        Self {
            seeds: pairs.len() as u64,
            failures: both.collect(),
            only: [only(&ours, &theirs), only(&theirs, &ours)],
            recovery: recovery(&pairs),
            lost: Difference::of(&lost),
            availability: Difference::of(&availability),
        }
    }

    /// Whether the second is worse in something that a property demands.
    pub fn is_worse(&self) -> bool {
        self.failures.iter().any(|(_, failures)| failures.is_worse())
    }
}

type Pair<'a> = (u64, &'a RunRow, &'a RunRow);

/// The runs of seeds that both have, whole in both.
fn pairs<'a>(first: &'a [Row], second: &'a [Row]) -> Vec<Pair<'a>> {
    let by_seed: BTreeMap<u64, &RunRow> =
        second.iter().filter_map(|row| Some((row.seed, row.run.as_ref().ok()?))).collect();
    let pair = |row: &'a Row| Some((row.seed, row.run.as_ref().ok()?, *by_seed.get(&row.seed)?));
    first.iter().filter_map(pair).collect()
}

fn failures(pairs: &[Pair<'_>], i: usize, j: usize) -> Failures {
    let exercised = pairs.iter().filter(|(_, a, b)| a.exercised[i] && b.exercised[j]);
    let verdicts: Vec<_> = exercised.map(|(seed, a, b)| (*seed, a.properties[i].0, b.properties[j].0)).collect();
    Failures::of(&verdicts)
}

/// By fault, for the seeds in which it took something away in both.
fn recovery(pairs: &[Pair<'_>]) -> Vec<(String, Difference)> {
    let mut by_fault: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    let seconds = |rto: Option<crate::units::Span>| rto.map_or(f64::INFINITY, |rto| rto.as_nanos() as f64 / 1e9);
    for (_, first, second) in pairs {
        for (fault, rto) in &first.recovery {
            let Some((_, other)) = second.recovery.iter().find(|(name, _)| name == fault) else { continue };
            by_fault.entry(fault).or_default().push((seconds(*rto), seconds(*other)));
        }
    }
    by_fault.into_iter().filter_map(|(fault, pairs)| Some((fault.to_owned(), Difference::of(&pairs)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::run;
    use super::*;
    use crate::outcome::fixture;

    /// Vectors: exact binomial tails at one half.
    #[test]
    fn more_failures_are_judged_by_the_seeds_that_differ() {
        let of = |newly: u64, no_longer: u64, agree: u64| {
            let (pass, fail) = (Verdict::Pass, Verdict::Fail);
            let new = (0..newly).map(|seed| (seed, pass, fail));
            let old = (0..no_longer).map(|seed| (100 + seed, fail, pass));
            let same = (0..agree).map(|seed| (200 + seed, pass, pass));
            Failures::of(&new.chain(old).chain(same).collect::<Vec<_>>())
        };
        for (newly, no_longer, chance) in [(5, 0, 0.031_250), (8, 1, 0.019_531), (10, 3, 0.046_143)] {
            let found = of(newly, no_longer, 0);
            assert!((found.chance - chance).abs() < 5e-7, "{newly} {no_longer}: {}", found.chance);
        }
        assert_eq!((of(5, 0, 5).change, of(5, 0, 5).is_worse()), (Change::New, true));
        assert_eq!((of(0, 5, 5).change, of(0, 5, 5).is_worse()), (Change::Resolved, false));
        assert_eq!((of(10, 3, 5).change, of(10, 3, 5).is_worse()), (Change::Ongoing, true));
        assert_eq!((of(6, 5, 5).change, of(6, 5, 5).is_worse()), (Change::Ongoing, false));
        assert_eq!((of(1, 0, 99).change, of(1, 1, 99).change), (Change::Rare, Change::Rare));
        assert_eq!((of(0, 0, 9).change, of(1, 0, 0).change), (Change::Never, Change::New));
    }

    #[test]
    fn a_difference_has_an_interval_and_what_never_ended_is_longer_than_all() {
        let pairs: Vec<(f64, f64)> = (0..20).map(|i| (100.0 + f64::from(i), 90.0 + f64::from(i))).collect();
        let found = Difference::of(&pairs).unwrap();
        assert_eq!((found.median, found.interval), (-10.0, (Some(-10.0), Some(-10.0))));
        assert_eq!((found.lower_equal_higher, found.direction()), ([20, 0, 0], Some(std::cmp::Ordering::Less)));
        let censored: Vec<(f64, f64)> = (0..20).map(|_| (100.0, f64::INFINITY)).collect();
        assert_eq!(Difference::of(&censored).unwrap().direction(), Some(std::cmp::Ordering::Greater));
        let both = Difference::of(&[(f64::INFINITY, f64::INFINITY)]).unwrap();
        assert_eq!((both.median, both.interval, both.direction()), (0.0, (None, None), None));
        assert_eq!(Difference::of(&[]), None);
    }

    #[test]
    fn two_campaigns_of_the_same_are_the_same_and_only_common_seeds_are_compared() {
        let first = run(0..30, None, fixture::spaced).unwrap();
        let paired = Paired::of(&first, &first);
        assert_eq!((paired.seeds, paired.is_worse()), (30, false));
        assert_eq!(paired.recovery[0].1.lower_equal_higher, [0, 30, 0]);
        assert_eq!(paired.lost.unwrap().median, 0.0);
        let later = run(20..60, None, |seed| if seed == 25 { fixture::stalled(seed) } else { fixture::spaced(seed) });
        assert_eq!(Paired::of(&first, &later.unwrap()).seeds, 10);
    }
}
