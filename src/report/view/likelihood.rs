//! How surely a property holds, and how its figure spreads over the runs, as strings.
//!
//! Owns those words. Does not estimate: intervals, claims and quantiles come from the campaign. Invariant: a share is
//! never rounded up to one that was claimed.

use crate::explore::{
    Campaign, Position, PropertySummary, Quantiles, Settled, Share, Stopping, TOLD, USUAL_CONFIDENCE, level,
};
use crate::outcome::{Claim, Expectation, Verdict, replay_command};
use crate::report::text::{count, plural};

/// The most seeds that are named.
const MOST_SEEDS_NAMED: usize = 5;

/// One property over all runs: in how many it held.
pub(crate) struct LikelihoodRow {
    pub id: String,
    /// `44 of 50`.
    pub held: String,
    /// `88%`.
    pub share: String,
    /// `75.7% to 95.5%`.
    pub interval: String,
    /// What is claimed, and whether that is shown; empty if nothing is.
    pub claim: String,
    /// Whether a claim is shown; `None`: there is none.
    pub verdict: Option<Verdict>,
    /// Seeds in which it did not hold; a dash if there are none.
    pub seeds: String,
}

/// How the figure of one property spreads.
pub(crate) struct QuantileRow {
    pub id: String,
    /// Whether all runs measured the same.
    pub constant: bool,
    /// One for each that is told: `4m 12s`, and what encloses it: `4m 3s to 4m 30s`, which may be empty.
    pub told: Vec<[String; 2]>,
    pub worst: String,
    /// The seed of the worst; empty if all are alike.
    pub worst_seed: String,
    /// Runs in which nothing could be measured, for it lasted beyond them.
    pub beyond: String,
    /// The command that repeats the worst run, the first of those that are equally bad.
    pub replay: String,
}

/// The names of the quantiles, in the order in which rows have them.
pub(crate) fn quantile_names() -> Vec<&'static str> {
    TOLD.iter().map(|(_, name)| *name).collect()
}

/// What an interval over all runs is called, and how sure it is: `exact interval, 95%`.
pub(crate) fn interval_name(campaign: &Campaign) -> String {
    let name = campaign.summary.stopping.interval_name();
    format!("{name} interval, {}", percent(USUAL_CONFIDENCE))
}

/// One row for every property that some run exercised.
pub(crate) fn likelihoods(campaign: &Campaign) -> Vec<LikelihoodRow> {
    let properties = campaign.summary.properties.iter().enumerate();
    let exercised = properties.filter(|(_, p)| p.verdicts.exercised() > 0);
    exercised.map(|(index, p)| LikelihoodRow::of(p, index, campaign)).collect()
}

/// One row for every property whose figure at least two runs have.
pub(crate) fn quantiles(campaign: &Campaign) -> Vec<QuantileRow> {
    let properties = campaign.summary.properties.iter().enumerate();
    properties
        .filter_map(|(index, p)| Some(QuantileRow::of(p, &Quantiles::of(&campaign.rows, index)?, campaign)))
        .collect()
}

impl LikelihoodRow {
    fn of(p: &PropertySummary, index: usize, campaign: &Campaign) -> Self {
        let share = p.share(campaign.summary.stopping);
        let settled = p.expected.claim().map(|claim| (claim, share.settles(claim)));
        Self {
            id: p.id.clone(),
            held: format!("{} of {}", count(share.held), count(share.of)),
            share: percent(share.held as f64 / share.of as f64),
            interval: between(share.interval(USUAL_CONFIDENCE)),
            claim: settled.map_or_else(String::new, |(claim, settled)| in_a_word(claim, settled)),
            verdict: settled.map(|(_, settled)| settled.verdict),
            seeds: seeds(p, index, campaign),
        }
    }
}

/// `>= 95%: shown`.
fn in_a_word(claim: Claim, settled: Settled) -> String {
    let word = match settled.verdict {
        Verdict::Pass => "shown",
        Verdict::Fail => "refuted",
        Verdict::Inconclusive => "open",
    };
    format!(">= {}: {word}", claim.at_least)
}

/// The first seeds in which it did not hold.
fn seeds(p: &PropertySummary, index: usize, campaign: &Campaign) -> String {
    let unwanted = match p.expected {
        Expectation::Fail | Expectation::Inconclusive => return "–".to_owned(),
        Expectation::Pass | Expectation::PassIfExercised | Expectation::Either | Expectation::Share(_) => Verdict::Fail,
    };
    let failed =
        campaign.rows.iter().filter(|row| row.run.as_ref().is_ok_and(|run| run.properties[index].0 == unwanted));
    let failed: Vec<String> = failed.map(|row| row.seed.to_string()).collect();
    match failed.len() {
        0 => "–".to_owned(),
        n if n <= MOST_SEEDS_NAMED => failed.join(", "),
        n => format!("{} and {} more", failed[..MOST_SEEDS_NAMED].join(", "), count((n - MOST_SEEDS_NAMED) as u64)),
    }
}

/// What the runs say to the claim about `p`, in one sentence without a full stop.
pub(crate) fn claim_in_words(p: &PropertySummary, settled: Settled, stopping: Stopping) -> String {
    let Some(claim) = p.expected.claim() else { return String::new() };
    let share: Share = p.share(stopping);
    let (wanted, sure) = (claim.at_least, claim.confidence);
    if share.of == 0 {
        return format!("no run exercised {}, which is to hold in {wanted} of them", p.id);
    }
    let (low, high) = share.bounds(level(claim));
    let held = format!("{} held in {} of {}", p.id, count(share.held), plural(share.of, "run"));
    let undecided = match share.undecided {
        0 => String::new(),
        n => format!(" ({} undecided)", count(n)),
    };
    match settled.verdict {
        Verdict::Pass => format!("{held}{undecided}: with {sure} confidence, in at least {} of such runs", down(low)),
        Verdict::Fail => {
            format!(
                "{held}{undecided}, {wanted} were wanted: with {sure} confidence, in at most {} of such runs",
                up(high)
            )
        }
        Verdict::Inconclusive => {
            let more = match settled.runs_to_settle {
                Some(runs) => format!("{} runs in all would settle it if it went on so", count(runs)),
                None => "it is too close to that for any number of runs that can be made".to_owned(),
            };
            format!(
                "{held}{undecided}, which does not settle whether in {wanted} (with {sure} confidence between {} and {}); {more}",
                down(low),
                up(high)
            )
        }
    }
}

impl QuantileRow {
    fn of(p: &PropertySummary, quantiles: &Quantiles<'_>, campaign: &Campaign) -> Self {
        let example = campaign.worst.as_ref();
        let replay = example.map_or_else(String::new, |o| {
            replay_command((&o.program, &o.file), &o.settings, o.schedule.as_deref(), quantiles.worst_seed)
        });
        Self {
            id: p.id.clone(),
            constant: quantiles.constant,
            told: quantiles.told.iter().map(|[at, low, high]| [written(*at), enclosed(*at, *low, *high)]).collect(),
            worst: written(quantiles.worst),
            worst_seed: if quantiles.constant { String::new() } else { format!("seed {}", quantiles.worst_seed) },
            beyond: count(quantiles.beyond),
            replay,
        }
    }
}

fn written(position: Position<'_>) -> String {
    match position {
        Position::Measured(text) => text.to_owned(),
        Position::Beyond => "beyond the run".to_owned(),
        Position::NoRun => "–".to_owned(),
    }
}

/// What encloses the true quantile; nothing where that says no more than the quantile.
fn enclosed(at: Position<'_>, low: Position<'_>, high: Position<'_>) -> String {
    match (low, high) {
        (Position::NoRun, Position::NoRun) => String::new(),
        (low, high) if low == at && high == at => String::new(),
        (Position::NoRun, high) => format!("{} or less", written(high)),
        (low, Position::NoRun) => format!("{} or more", written(low)),
        (low, high) => format!("{} to {}", written(low), written(high)),
    }
}

impl QuantileRow {
    /// Each that is told in one piece, for formats without a second line: `4m 12s (4m 3s to 4m 30s)`.
    pub(crate) fn told_in_line(&self) -> Vec<String> {
        self.told.iter().map(|[value, bounds]| in_line(value, bounds)).collect()
    }

    /// The worst with its seed.
    pub(crate) fn worst_in_line(&self) -> String {
        in_line(&self.worst, &self.worst_seed)
    }
}

fn in_line(value: &str, more: &str) -> String {
    if more.is_empty() { value.to_owned() } else { format!("{value} ({more})") }
}

fn between((low, high): (f64, f64)) -> String {
    format!("{} to {}", down(low), up(high))
}

/// A share in percent, rounded to the nearest.
pub(super) fn percent(share: f64) -> String {
    rounded(share, f64::round)
}

fn down(share: f64) -> String {
    rounded(share, f64::floor)
}

fn up(share: f64) -> String {
    rounded(share, f64::ceil)
}

/// One digit after the point, two, and so on.
const SCALES: [f64; 8] = [1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// Three digits of what is missing to nothing or to all, whichever is nearer, and one after the point at least.
fn rounded(share: f64, round: impl Fn(f64) -> f64) -> String {
    let percent = share * 100.0;
    let nearer = percent.min(100.0 - percent);
    let enough = |scale: &f64| nearer <= 0.0 || nearer * scale >= 100.0;
    let digits = SCALES.iter().position(enough).unwrap_or(SCALES.len() - 1);
    let scale = SCALES[digits];
    // What is a rounding error away from a figure is that figure.
    let scaled = percent * scale;
    let whole = if (scaled - scaled.round()).abs() < 1e-6 { scaled.round() } else { round(scaled) };
    let text = format!("{:.*}", digits + 1, whole / scale);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore;
    use crate::outcome::{Outcome, fixture};
    use crate::units::Ratio;

    fn claimed(failing: u64) -> impl Fn(u64) -> Outcome {
        move |seed| {
            let mut outcome = fixture::spaced(seed);
            outcome.properties.truncate(1);
            outcome.findings.clear();
            let rto = &mut outcome.properties[0];
            rto.expected = Expectation::Share(Claim {
                at_least: Ratio::from_percent(95),
                confidence: Ratio::from_percent(95),
                if_exercised: false,
            });
            if seed < failing {
                (rto.verdict, rto.margin, rto.measured) = (Verdict::Fail, Some(-0.2), Some("18m".to_owned()));
            }
            outcome
        }
    }

    fn said(failing: u64, runs: u64) -> (String, String) {
        let campaign = explore::run(0..runs, None, claimed(failing)).unwrap();
        let (property, settled) = campaign.summary.claims().next().unwrap();
        let words = claim_in_words(property, settled, campaign.summary.stopping);
        let row = likelihoods(&campaign).pop().unwrap();
        (words, [row.held, row.share, row.interval, row.claim, row.seeds].join("; "))
    }

    #[test]
    fn a_claim_is_shown_refuted_or_open_in_so_many_words() {
        let (words, row) = said(0, 59);
        assert_eq!(words, "rto held in 59 of 59 runs: with 95% confidence, in at least 95.04% of such runs");
        assert_eq!(row, "59 of 59; 100%; 93.93% to 100%; >= 95%: shown; –");
        let (words, row) = said(7, 50);
        let refuted = "rto held in 43 of 50 runs, 95% were wanted: with 95% confidence, in at most 93.25% of such runs";
        assert_eq!(words, refuted);
        assert_eq!(row, "43 of 50; 86%; 73.2% to 94.19%; >= 95%: refuted; 0, 1, 2, 3, 4 and 2 more");
        let (words, _) = said(1, 60);
        let open = "rto held in 59 of 60 runs, which does not settle whether in 95% (with 95% confidence between ";
        assert!(words.starts_with(open), "{words}");
        assert!(words.ends_with("%); 153 runs in all would settle it if it went on so"), "{words}");
        let (words, _) = said(5, 100);
        assert!(words.ends_with("it is too close to that for any number of runs that can be made"), "{words}");
    }

    #[test]
    fn a_share_is_never_rounded_to_one_that_it_is_not() {
        assert_eq!([down(0.949_96), up(0.949_96), percent(0.88), percent(1.0)], ["94.99%", "95%", "88%", "100%"]);
        assert_eq!([down(0.999_999), up(0.0), down(0.5), up(0.000_001)], ["99.9999%", "0%", "50%", "0.0001%"]);
    }

    #[test]
    fn the_figure_of_each_property_is_told_by_quantiles_with_the_command_for_the_worst() {
        let campaign = explore::run(0..100, None, claimed(3)).unwrap();
        let row = quantiles(&campaign).remove(0);
        assert_eq!((row.id.as_str(), row.told.len(), row.beyond.as_str()), ("rto", 3, "0"));
        let (p99, worst) = (&row.told_in_line()[2], row.worst_in_line());
        assert!(p99.starts_with("18m (") && worst == "18m (seed 0)", "{p99} {worst}");
        assert!(row.replay.ends_with("--seed 0 --set dns.ttl=20s"), "{}", row.replay);
    }
}
