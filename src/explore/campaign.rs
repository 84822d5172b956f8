//! A campaign: one scenario under many seeds, in parallel, put together in the order of the seeds.
//!
//! Owns the threads. Does not know the scenario, the progress bar or the files.
//!
//! Invariant: equal seeds and an equal `rehearse` give an equal [`Campaign`] for any number of jobs. A run that panics
//! is a row that says so; it never takes the other seeds with it and is never a verdict.

use super::agreement::Agreement;
use super::share::Stopping;
use super::summary::{PropertySummary, Summary, properties};
use crate::outcome::{Comparison, Outcome, PropertyOutcome, Seen, Verdict};
use crate::record::Digest;
use crate::units::Span;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most seeds one campaign takes: rows are kept in memory, some hundred bytes each.
pub const MOST_SEEDS: u64 = 1_000_000;

/// Many runs of one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// The seeds, from the first to before the last.
    pub seeds: Range<u64>,
    /// One per seed, in the order of the seeds.
    pub rows: Vec<Row>,
    /// The rows, counted.
    pub summary: Summary,
    /// The run that came closest to violation or went furthest past it; `None` if every run broke the tool.
    ///
    /// Runs that did not come out as expected come first, then the smallest margin of a property that is expected to
    /// hold, then of any property, then the lowest seed.
    pub worst: Option<Outcome>,
}

/// What is kept of every run.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The seed.
    pub seed: u64,
    /// The run, or what the tool itself broke on.
    pub run: Result<RunRow, String>,
}

/// One run, compactly.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// All properties together that were exercised; inconclusive if none was.
    pub verdict: Verdict,
    /// Whether the verdict of each that was exercised is the expected one. False if none was.
    pub as_expected: bool,
    /// Whether something was found that no property bounds.
    pub found: bool,
    /// Whether there is a reason why the run says nothing, whatever its properties say.
    pub doubted: bool,
    /// Whether the run stopped early.
    pub stopped: bool,
    /// The run's fingerprint.
    pub digest: Digest,
    /// Verdict and margin of each property, in the file's order.
    pub properties: Vec<(Verdict, Option<f64>)>,
    /// Whether a property failed further than the scenario expects.
    pub beyond: bool,
    /// Whether each property was exercised, in the file's order: one that was not says nothing in this run.
    pub exercised: Vec<bool>,
    /// What was measured of each property, as printed, in the file's order.
    pub measured: Vec<Option<Box<str>>>,
    /// The figure that each property compares, in the file's order; `None`: it compares none, or there was none.
    pub figures: Vec<Option<Seen>>,
    /// Recovery time from each fault that took something away; `None`: not within the run.
    pub recovery: Vec<(String, Option<Span>)>,
    /// Acknowledged writes that are not in the history that leads at the end, all databases together.
    pub lost: u64,
    /// Requests of users that were served.
    pub served: u64,
    /// Requests that they started, or would have.
    pub started: u64,
    /// What the reader must know of this run, until all runs are counted together: then it is empty.
    pub warnings: Vec<String>,
}

/// Why a campaign could not begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignError {
    /// The range holds no seed.
    NoSeeds,
    /// The range holds more seeds than [`MOST_SEEDS`].
    TooManySeeds(u64),
    /// The operating system refused the threads.
    Threads(String),
}

impl fmt::Display for CampaignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSeeds => f.write_str("the range of seeds is empty"),
            Self::TooManySeeds(n) => write!(f, "{n} seeds are more than the {MOST_SEEDS} one campaign takes"),
            Self::Threads(why) => write!(f, "cannot start the worker threads: {why}"),
        }
    }
}

impl std::error::Error for CampaignError {}

/// Runs `rehearse` once for every seed of `seeds`, on `jobs` threads (one per core if `None`).
///
/// # Errors
/// If the range is empty or too long, or the threads cannot be started. What a run does is never an error.
pub fn run<F>(seeds: Range<u64>, jobs: Option<NonZeroUsize>, rehearse: F) -> Result<Campaign, CampaignError>
where
    F: Fn(u64) -> Outcome + Sync,
{
    allowed(&seeds)?;
    let pool = pool(jobs)?;
    let part = pool.install(|| Part::of_all(seeds.clone(), &rehearse));
    Ok(part.into_campaign(seeds, Stopping::Fixed))
}

/// Runs at a time before one looks whether every claim is settled. The figure is ours: a few rounds of the cores of any
/// machine of today, and no number of threads decides it, for what comes out would depend on them.
const BATCH: u64 = 64;

/// As [`run`], but no more seeds of `seeds` than settle every claim about a share of runs.
///
/// # Errors
/// As [`run`].
pub fn run_until_settled<F>(
    seeds: Range<u64>,
    jobs: Option<NonZeroUsize>,
    rehearse: F,
) -> Result<Campaign, CampaignError>
where
    F: Fn(u64) -> Outcome + Sync,
{
    allowed(&seeds)?;
    let pool = pool(jobs)?;
    let (mut part, mut next) = (Part::default(), seeds.start);
    loop {
        let batch = next..next.saturating_add(BATCH).min(seeds.end);
        next = batch.end;
        part = part.join(pool.install(|| Part::of_all(batch, &rehearse)));
        if next == seeds.end || part.is_settled() {
            return Ok(part.into_campaign(seeds.start..next, Stopping::Settled));
        }
    }
}

fn pool(jobs: Option<NonZeroUsize>) -> Result<rayon::ThreadPool, CampaignError> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs.map_or(0, NonZeroUsize::get));
    threads.build().map_err(|e| CampaignError::Threads(e.to_string()))
}

fn allowed(seeds: &Range<u64>) -> Result<(), CampaignError> {
    match seeds.end.saturating_sub(seeds.start) {
        0 => Err(CampaignError::NoSeeds),
        n if n > MOST_SEEDS => Err(CampaignError::TooManySeeds(n)),
        _ => Ok(()),
    }
}

impl Campaign {
    /// A run by itself, so that it can stand beside many.
    pub fn of_run(outcome: Outcome) -> Self {
        let seed = outcome.record.seed;
        Part::of_outcome(seed, outcome).into_campaign(seed..seed.saturating_add(1), Stopping::Fixed)
    }

    /// Whether every run that exercised anything came out as expected, none broke the tool, every property was exercised
    /// in some run, and every claim about a share of runs is shown.
    pub fn as_expected(&self) -> bool {
        let fine = |row: &Row| row.run.as_ref().is_ok_and(|run| run.as_expected || run.is_idle());
        let shown = self.summary.claims().all(|(_, settled)| settled.verdict == Verdict::Pass);
        shown && !self.summary.leaves_open() && self.rows.iter().all(fine) && self.summary.as_expected > 0
    }

    /// The worst verdict of all runs that exercised anything, and of all claims about a share of them; inconclusive at best
    /// if a property was exercised in none.
    pub fn verdict(&self) -> Verdict {
        let judged = self.rows.iter().filter_map(|row| row.run.as_ref().ok()).filter(|run| !run.is_idle());
        let worst = judged.map(|run| run.verdict).max().unwrap_or(Verdict::Inconclusive);
        let worst = self.summary.claims().map(|(_, settled)| settled.verdict).fold(worst, Verdict::max);
        if self.summary.leaves_open() { worst.max(Verdict::Inconclusive) } else { worst }
    }
}

/// For each property that compares a figure, what all runs say together. `example` is any run of the scenario.
pub(super) fn agreements(rows: &[Row], example: &Outcome) -> Vec<Option<Agreement>> {
    let runs = || rows.iter().filter_map(|row| row.run.as_ref().ok());
    let together = |(index, property): (usize, &PropertyOutcome)| {
        let values: Vec<Option<Seen>> = runs().map(|run| run.figures.get(index).copied().flatten()).collect();
        property.comparison.as_ref().map(|comparison| Agreement::of(comparison, &values))
    };
    example.properties.iter().enumerate().map(together).collect()
}

/// Gives every run the verdicts that only all of them together can reach.
fn settle(rows: &mut [Row], example: Option<&Outcome>, agreements: &[Option<Agreement>]) {
    let properties = example.map_or(&[][..], |example| &example.properties);
    rows.iter_mut().filter_map(|row| row.run.as_mut().ok()).for_each(|run| run.settle(properties, agreements));
}

/// Neighbouring runs on their way to becoming a campaign. Joining is associative, so the tree of threads cannot show.
#[derive(Default)]
struct Part {
    rows: Vec<Row>,
    worst: Option<(Rank, Box<Outcome>)>,
}

impl Part {
    fn of_all(seeds: Range<u64>, rehearse: &(impl Fn(u64) -> Outcome + Sync)) -> Self {
        let (first, length) = (seeds.start, seeds.end - seeds.start);
        let runs = (0..length).into_par_iter().map(|i| Self::of(first + i, rehearse));
        runs.reduce(Self::default, Self::join)
    }

    fn into_campaign(self, seeds: Range<u64>, stopping: Stopping) -> Campaign {
        let (mut rows, worst) = (self.rows, self.worst.map(|(_, outcome)| *outcome));
        let agreements = worst.as_ref().map_or_else(Vec::new, |example| agreements(&rows, example));
        settle(&mut rows, worst.as_ref(), &agreements);
        let summary = Summary { stopping, ..Summary::of(&mut rows, worst.as_ref(), &agreements) };
        Campaign { seeds, summary, rows, worst }
    }

    /// Whether every claim about a share of runs is shown or refuted. One that no run has exercised so far is not, though
    /// nothing need be said of it in the end.
    fn is_settled(&self) -> bool {
        let Some((_, example)) = &self.worst else { return false };
        let counted = properties(&self.rows, Some(example), &vec![None; example.properties.len()]);
        let is_open = |p: &PropertySummary| {
            let settled = p.expected.claim().map(|claim| p.share(Stopping::Settled).settles(claim));
            settled.is_some_and(|settled| settled.verdict == Verdict::Inconclusive)
        };
        !counted.iter().any(is_open)
    }

    fn of(seed: u64, rehearse: &(impl Fn(u64) -> Outcome + Sync)) -> Self {
        match catch_unwind(AssertUnwindSafe(|| rehearse(seed))) {
            Ok(outcome) => Self::of_outcome(seed, outcome),
            Err(panic) => Self { rows: vec![Row { seed, run: Err(panic_message(&*panic)) }], worst: None },
        }
    }

    fn of_outcome(seed: u64, outcome: Outcome) -> Self {
        let row = RunRow::of(&outcome);
        let worst = Some((Rank::of(&outcome, row.as_expected), Box::new(outcome)));
        Self { rows: vec![Row { seed, run: Ok(row) }], worst }
    }

    /// `self` holds the lower seeds, and keeps its worst run when the ranks are equal.
    fn join(mut self, mut higher: Self) -> Self {
        self.rows.append(&mut higher.rows);
        self.worst = match (self.worst, higher.worst) {
            (Some(low), Some(high)) => Some(if high.0.is_worse_than(&low.0) { high } else { low }),
            (low, high) => low.or(high),
        };
        self
    }
}

impl RunRow {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let mut row = Self {
            verdict: Verdict::Inconclusive,
            as_expected: false,
            found: !outcome.findings.is_empty(),
            doubted: !outcome.doubts.is_empty(),
            stopped: outcome.stopped.is_some(),
            digest: outcome.record.digest,
            properties: outcome.properties.iter().map(|p| (p.verdict, p.margin)).collect(),
            measured: outcome.properties.iter().map(|p| p.measured.as_deref().map(Box::from)).collect(),
            figures: outcome.properties.iter().map(|p| p.comparison.as_ref().and_then(Comparison::seen)).collect(),
            beyond: outcome.properties.iter().any(|p| p.beyond),
            exercised: outcome.properties.iter().map(PropertyOutcome::is_exercised).collect(),
            warnings: worth_counting(outcome),
            recovery: outcome.recovery.iter().map(|r| (r.fault.clone(), r.rto)).collect(),
            lost: outcome.record.stores.iter().map(|s| s.lost_total).sum(),
            served: outcome.availability.ok,
            started: outcome.availability.started,
        };
        (row.verdict, row.as_expected) = row.together(&outcome.properties);
        row
    }

    /// What those of `properties` come to that one run can decide and that this one exercised, and whether each came out as
    /// expected.
    pub(super) fn together(&self, properties: &[PropertyOutcome]) -> (Verdict, bool) {
        let each = properties.iter().zip(&self.properties).zip(&self.exercised);
        let of_interest = each.filter(|((property, _), exercised)| **exercised && !property.is_over_runs());
        let judged: Vec<_> = of_interest
            .filter_map(|((property, (verdict, _)), _)| Some((*verdict, property.expected.of_one_run()?)))
            .collect();
        let counted = |(property, exercised): (&PropertyOutcome, &bool)| {
            property.compares_over_runs() || (*exercised && property.expected.claim().is_some())
        };
        let over_runs = properties.iter().zip(&self.exercised).any(counted);
        let says_nothing = self.stopped || self.doubted || properties.is_empty() || (judged.is_empty() && !over_runs);
        let at_best = if says_nothing || self.found { Verdict::Inconclusive } else { Verdict::Pass };
        let verdict = judged.iter().map(|(verdict, _)| *verdict).fold(at_best, Verdict::max);
        // As in a run by itself: what is found where nothing fails is a surprise.
        let accounted = !self.found || verdict == Verdict::Fail;
        let expected = judged.iter().all(|(verdict, expected)| verdict == expected);
        (verdict, !says_nothing && accounted && expected && !self.beyond)
    }

    /// Gives it the verdicts that only all runs together can reach.
    pub(super) fn settle(&mut self, properties: &[PropertyOutcome], agreements: &[Option<Agreement>]) {
        for (index, (property, agreement)) in properties.iter().zip(agreements).enumerate() {
            let Some(agreement) = agreement.as_ref().filter(|_| property.compares_over_runs()) else { continue };
            self.properties[index].0 = agreement.verdict;
            let Some(expected) = property.expected.of_one_run() else { continue };
            self.verdict = self.verdict.max(agreement.verdict);
            self.as_expected &= agreement.verdict == expected;
        }
    }

    /// Whether it is whole and exercised no property: then it says nothing, and nothing against the others.
    pub fn is_idle(&self) -> bool {
        !self.stopped && self.exercised.iter().all(|exercised| !exercised) && self.verdict == Verdict::Inconclusive
    }
}

/// The warnings of a run but for those that the counts of properties say.
fn worth_counting(outcome: &Outcome) -> Vec<String> {
    let counted: Vec<String> = outcome.properties.iter().map(PropertyOutcome::never_exercised).collect();
    outcome.warnings.iter().filter(|warning| !counted.contains(warning)).cloned().collect()
}

/// How bad a run is: see [`Campaign::worst`].
struct Rank {
    unexpected: bool,
    margin_of_expected_passes: f64,
    margin: f64,
}

impl Rank {
    fn of(outcome: &Outcome, as_expected: bool) -> Self {
        let smallest = |only_passes: bool| {
            let of_interest = outcome.properties.iter().filter(|p| !only_passes || p.expected.wants_pass());
            of_interest.filter_map(|p| p.margin).min_by(f64::total_cmp).unwrap_or(f64::INFINITY)
        };
        Self { unexpected: !as_expected, margin_of_expected_passes: smallest(true), margin: smallest(false) }
    }

    fn is_worse_than(&self, other: &Self) -> bool {
        let order = other
            .unexpected
            .cmp(&self.unexpected)
            .then(self.margin_of_expected_passes.total_cmp(&other.margin_of_expected_passes))
            .then(self.margin.total_cmp(&other.margin));
        order.is_lt()
    }
}

/// The words a panic came with.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
#[path = "campaign_tests.rs"]
mod tests;
