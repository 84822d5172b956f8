//! How what was measured spreads over the runs, with bounds that hold whatever its distribution.
//!
//! Owns the order of the runs, from the best to the worst, and the quantiles in it. Does not know what was measured: the
//! margin of each run orders them, and what is shown is what the run printed.
//!
//! Invariant: a run that exercised the property and has no margin, such as one that did not recover, is worse than any
//! that has one. It is in every quantile, so that what is left out cannot make a figure look better.

use super::binomial::around_quantile;
use super::campaign::{Row, RunRow};
use super::share::USUAL_CONFIDENCE;
use crate::outcome::{Verdict, six_digits};

/// The quantiles that are told, in thousandths, with their names.
pub const TOLD: [(u32, &str); 3] = [(500, "median"), (900, "p90"), (990, "p99")];

/// A place in the order of the runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position<'a> {
    /// What was measured there, as printed.
    Measured(&'a str),
    /// Worse than whatever could be measured within the run.
    Beyond,
    /// No run: there were too few to tell.
    NoRun,
}

/// How one property's figure spreads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantiles<'a> {
    /// Runs that exercised it.
    pub runs: u64,
    /// Of these, those worse than whatever could be measured.
    pub beyond: u64,
    /// For each of [`TOLD`]: the quantile, and the places that enclose the true one, each missed with half of what the
    /// usual confidence leaves.
    pub told: Vec<[Position<'a>; 3]>,
    /// Whether all of them measured the same.
    pub constant: bool,
    /// The worst run.
    pub worst: Position<'a>,
    /// Its seed, the lowest of those that share its margin.
    pub worst_seed: u64,
}

impl<'a> Quantiles<'a> {
    /// Of the property at `index`; `None` if fewer than two runs exercised it or it has no figure.
    pub fn of(rows: &'a [Row], index: usize) -> Option<Self> {
        let mut runs: Vec<(f64, &str, u64)> = rows.iter().filter_map(|row| place(row, index)).collect();
        if runs.len() < 2 || runs.iter().all(|(badness, ..)| badness.is_infinite()) {
            return None;
        }
        runs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        let n = runs.len() as u64;
        let at = |position: Option<u64>| match position.and_then(|k| runs.get(usize::try_from(k - 1).ok()?)) {
            None => Position::NoRun,
            Some((badness, ..)) if badness.is_infinite() => Position::Beyond,
            Some((_, measured, _)) => Position::Measured(measured),
        };
        let quantile = |thousandths: u32| {
            let (low, high) = enclosing(n, thousandths);
            [at(Some(nearest_rank(n, thousandths))), at(low), at(high)]
        };
        let (first, last) = (runs.first()?, runs.last()?.0);
        let constant = runs.iter().all(|run| (run.0, run.1) == (first.0, first.1));
        Some(Self {
            runs: n,
            beyond: runs.iter().filter(|(badness, ..)| badness.is_infinite()).count() as u64,
            constant,
            told: TOLD.iter().map(|(thousandths, _)| quantile(*thousandths)).collect(),
            worst: at(Some(n)),
            worst_seed: runs.iter().find(|(badness, ..)| *badness == last).map_or(0, |(.., seed)| *seed),
        })
    }
}

/// How one figure spreads over the runs that have it, in numbers. A run in which it had no end has infinity.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureQuantiles {
    /// Runs that have it.
    pub runs: u64,
    /// Of these, those without end.
    pub endless: u64,
    /// For each of [`TOLD`]: the quantile, and what encloses the true one, each bound missed with half of what the usual
    /// confidence leaves; `None`: there were too few runs to tell.
    pub told: Vec<(f64, [Option<f64>; 2])>,
    /// The lowest, and the highest.
    pub ends: [f64; 2],
}

impl FigureQuantiles {
    /// Of the figure of each run; `None` if there is none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let ends = [*values.first()?, *values.last()?];
        let n = values.len() as u64;
        let at = |position: u64| values.get(usize::try_from(position - 1).ok()?).copied();
        let quantile = |thousandths: u32| {
            let (low, high) = enclosing(n, thousandths);
            Some((at(nearest_rank(n, thousandths))?, [low.and_then(at), high.and_then(at)]))
        };
        Some(Self {
            runs: n,
            endless: values.iter().filter(|value| value.is_infinite()).count() as u64,
            told: TOLD.iter().filter_map(|(thousandths, _)| quantile(*thousandths)).collect(),
            ends,
        })
    }
}

/// The place of the smallest value that at least that share of `n` runs does not exceed, from 1.
fn nearest_rank(n: u64, thousandths: u32) -> u64 {
    (n * u64::from(thousandths)).div_ceil(1_000).max(1)
}

/// The places that enclose the true quantile.
fn enclosing(n: u64, thousandths: u32) -> (Option<u64>, Option<u64>) {
    around_quantile(n, f64::from(thousandths) / 1e3, (1.0 - USUAL_CONFIDENCE) / 2.0)
}

/// How bad a run was, what was measured in it, and its seed.
fn place(row: &Row, index: usize) -> Option<(f64, &str, u64)> {
    let run: &RunRow = row.run.as_ref().ok().filter(|run| run.exercised[index])?;
    let (verdict, margin) = run.properties[index];
    let measured = run.measured[index].as_deref();
    match (margin.filter(|margin| margin.is_finite()), measured) {
        // As it stands in a file, so that runs that were read back come in the same order.
        (Some(margin), Some(measured)) => Some((-six_digits(margin), figure(measured), row.seed)),
        _ if verdict == Verdict::Pass => None,
        _ => Some((f64::INFINITY, "", row.seed)),
    }
}

/// The figure that a printed measure begins with: `23 lost (20 visible), RPO 3s` is `23 lost`.
fn figure(measured: &str) -> &str {
    let measured = measured.strip_prefix("RPO ").unwrap_or(measured);
    let end = [", ", " ("].iter().filter_map(|sign| measured.find(sign)).min();
    &measured[..end.unwrap_or(measured.len())]
}

#[cfg(test)]
mod tests {
    use super::super::run;
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn a_run_that_did_not_recover_is_longer_than_any_bound() {
        let rehearse = |seed| {
            let mut outcome = fixture::spaced(seed);
            let rto = &mut outcome.properties[0];
            rto.measured = Some(format!("{seed}s, held 2s"));
            rto.margin = Some(1.0 - seed as f64 / 100.0);
            if seed >= 95 {
                (rto.verdict, rto.margin, rto.measured) = (Verdict::Fail, None, None);
            }
            outcome
        };
        let campaign = run(0..100, None, rehearse).unwrap();
        let found = Quantiles::of(&campaign.rows, 0).unwrap();
        assert_eq!((found.runs, found.beyond, found.worst, found.worst_seed), (100, 5, Position::Beyond, 95));
        // Of a hundred the 40th and 61st enclose the median, the 84th and 96th the 90th percentile.
        let measured = Position::Measured;
        assert_eq!(found.told[0], [measured("49s"), measured("39s"), measured("60s")]);
        assert_eq!(found.told[1], [measured("89s"), measured("83s"), Position::Beyond]);
        assert_eq!(found.told[2], [Position::Beyond, Position::Beyond, Position::NoRun]);
    }

    #[test]
    fn a_figure_has_the_same_quantiles_in_numbers_and_what_has_no_end_is_the_highest() {
        let of = |endless: u32| {
            FigureQuantiles::of((0..100).map(|i| if i >= 100 - endless { f64::INFINITY } else { i.into() }))
        };
        let found = of(5).unwrap();
        assert_eq!((found.runs, found.endless, found.ends), (100, 5, [0.0, f64::INFINITY]));
        assert_eq!(found.told[0], (49.0, [Some(39.0), Some(60.0)]));
        assert_eq!(found.told[1], (89.0, [Some(83.0), Some(f64::INFINITY)]));
        assert_eq!(found.told[2], (f64::INFINITY, [Some(f64::INFINITY), None]));
        let one = FigureQuantiles::of([7.0]).unwrap();
        assert_eq!((one.told[0], one.ends), ((7.0, [None, None]), [7.0, 7.0]));
        assert_eq!(FigureQuantiles::of([]), None);
    }

    #[test]
    fn what_has_no_figure_has_no_quantiles() {
        let rehearse = |seed| {
            let mut outcome = fixture::quiet(seed);
            outcome.properties[0].measured = None;
            outcome
        };
        let campaign = run(0..5, None, rehearse).unwrap();
        assert_eq!(Quantiles::of(&campaign.rows, 0), None);
        assert_eq!(figure("54,866 lost (20 visible), RPO 3s"), "54,866 lost");
    }
}
