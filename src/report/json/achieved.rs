//! What was claimed and what came out, for [evidence](super::evidence): objective by objective, disruption by disruption,
//! database by database, over many runs with intervals.
//!
//! Does not estimate: intervals and quantiles come from the campaign. Invariant: a run that did not recover is longer than
//! any, in every quantile.

use super::evidence::text;
use crate::explore::{
    Campaign, FigureQuantiles, Position, PropertySummary, Quantiles, RunRow, Stopping, TOLD, USUAL_CONFIDENCE,
};
use crate::outcome::{Expectation, Outcome, PropertyOutcome, Recovery, SixDigits, Verdict};
use crate::report::view::recovery_points;
use crate::units::{As, Instant, Seconds, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What stands for a figure that no run could measure to its end.
const BEYOND: &str = "beyond the run";

/// One objective: what is claimed, and what came out.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectiveEvidence {
    /// The property's id in the scenario.
    property: String,
    /// What it is about: `recovery_time`, `data_loss` or `other`.
    concerns: String,
    /// What it demands, in words.
    demand: String,
    /// The bound that is claimed, as printed.
    bound: String,
    /// What the scenario says must come out.
    expected: Expectation,
    /// What came out; of many runs the worst.
    verdict: Verdict,
    /// What was measured, as printed; of many runs in the worst.
    measured: Option<String>,
    /// How far from violation: zero is exactly on the bound, negative is violated; of many runs the smallest.
    #[serde(with = "As::<Option<SixDigits>>")]
    margin: Option<f64>,
    /// The moment that decided it; of many runs in the worst.
    #[serde(with = "As::<Option<Seconds>>")]
    at_s: Option<Instant>,
    /// Why the verdict is what it is; of many runs in the worst.
    why: String,
    /// What many runs say of it; null for one run.
    over_runs: Option<ObjectiveOverRuns>,
}

/// One objective over many runs.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectiveOverRuns {
    /// Runs in which it held.
    held: u64,
    /// Runs that exercised it.
    of: u64,
    /// Of such runs it holds in that share at least.
    #[serde(with = "As::<SixDigits>")]
    share_low: f64,
    /// Of such runs it holds in that share at most.
    #[serde(with = "As::<SixDigits>")]
    share_high: f64,
    /// How surely the true share lies between.
    #[serde(with = "As::<SixDigits>")]
    confidence: f64,
    /// How the interval is made: `exact` or `anytime-valid`.
    interval: String,
    /// Median and further quantiles of what was measured; none where fewer than two runs have a figure.
    quantiles: Vec<PrintedQuantile>,
    /// The worst that was measured, as printed; null if there is none.
    worst: Option<String>,
}

/// One quantile of what was measured, as printed.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PrintedQuantile {
    /// Which.
    quantile: String,
    /// Its value; `beyond the run` where those runs did not see the end of it.
    value: Option<String>,
    /// What the true one is not below, with 95% confidence for both bounds; null: too few runs tell.
    low: Option<String>,
    /// What it is not above; null: too few runs tell.
    high: Option<String>,
}

/// How service came back after one disruption.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecoveryEvidence {
    /// The disruption.
    fault: String,
    /// The recovery time that is claimed; null: none is.
    #[serde(with = "As::<Option<Seconds>>")]
    objective_s: Option<Span>,
    /// What counts as recovered; empty if the worst run does not say.
    criterion: String,
    /// The recovery time of the run, of many runs of the worst; null: not recovered within it.
    #[serde(with = "As::<Option<Seconds>>")]
    recovery_time_s: Option<Span>,
    /// Runs that recovered.
    recovered: u64,
    /// Runs that ended before recovery: longer than any bound.
    not_recovered: u64,
    /// Median and further quantiles over all runs; none for one run.
    quantiles: Vec<TimeQuantile>,
}

/// One quantile of recovery times.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeQuantile {
    /// Which.
    quantile: String,
    /// Its value; null: those runs did not recover.
    #[serde(with = "As::<Option<Seconds>>")]
    value_s: Option<Span>,
    /// What the true one is not below, with 95% confidence for both bounds; null: too few runs tell, or they did not recover.
    #[serde(with = "As::<Option<Seconds>>")]
    low_s: Option<Span>,
    /// What it is not above; null: too few runs tell, or they did not recover.
    #[serde(with = "As::<Option<Seconds>>")]
    high_s: Option<Span>,
}

/// What one database lost.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LossEvidence {
    /// The database.
    database: String,
    /// Writes acknowledged to clients.
    acknowledged: u64,
    /// Of these, those that are not in the history that leads at the end.
    lost: u64,
    /// Of the lost, those that a reader can notice.
    lost_visible: u64,
    /// The recovery point before the outage that losses are measured from; null if there is none to measure from.
    #[serde(with = "As::<Option<Seconds>>")]
    recovery_point_s: Option<Span>,
    /// How far losses reach on after it; null if there is none to measure from.
    #[serde(with = "As::<Option<Seconds>>")]
    after_s: Option<Span>,
    /// The largest loss that was announced before it was risked, in writes; null if none was.
    announced: Option<u64>,
}

/// What is claimed and what came out; `campaign`: of many runs, of which `outcome` is the worst.
pub(super) fn objectives(outcome: &Outcome, campaign: Option<&Campaign>) -> Vec<ObjectiveEvidence> {
    let of = |(index, p): (usize, &PropertyOutcome)| {
        let summary = campaign.and_then(|campaign| campaign.summary.properties.get(index));
        ObjectiveEvidence {
            property: text(&p.id),
            concerns: concerns(&p.kind).to_owned(),
            demand: text(&p.demand),
            bound: text(&p.bound),
            expected: p.expected,
            verdict: summary.map_or(p.verdict, worst_verdict),
            measured: p.measured.as_deref().map(text),
            margin: summary.map_or(p.margin, |summary| summary.worst.map(|(margin, _)| margin)),
            at_s: p.at,
            why: text(&p.why),
            over_runs: campaign.zip(summary).map(|(campaign, summary)| ObjectiveOverRuns::of(campaign, summary, index)),
        }
    };
    outcome.properties.iter().enumerate().map(of).collect()
}

/// What a property of that kind is about, in the terms of recovery objectives.
fn concerns(kind: &str) -> &'static str {
    match kind {
        "recovers" => "recovery_time",
        "ledger" => "data_loss",
        _ => "other",
    }
}

const fn worst_verdict(summary: &PropertySummary) -> Verdict {
    match (summary.verdicts.fail, summary.verdicts.inconclusive, summary.verdicts.pass) {
        (1.., ..) => Verdict::Fail,
        (0, 0, 1..) => Verdict::Pass,
        _ => Verdict::Inconclusive,
    }
}

impl ObjectiveOverRuns {
    fn of(campaign: &Campaign, summary: &PropertySummary, index: usize) -> Self {
        let stopping: Stopping = campaign.summary.stopping;
        let share = summary.share(stopping);
        let confidence = summary.expected.claim().map_or(USUAL_CONFIDENCE, |claim| claim.confidence.as_f64());
        let (share_low, share_high) = share.interval(confidence);
        let spread = Quantiles::of(&campaign.rows, index);
        let quantile = |((_, name), places): (&(u32, &str), &[Position<'_>; 3])| PrintedQuantile {
            quantile: (*name).to_owned(),
            value: printed(places[0]),
            low: printed(places[1]),
            high: printed(places[2]),
        };
        let quantiles = spread.iter().flat_map(|spread| TOLD.iter().zip(&spread.told)).map(quantile);
        Self {
            held: share.held,
            of: share.of,
            share_low,
            share_high,
            confidence,
            interval: stopping.interval_name().to_owned(),
            quantiles: quantiles.collect(),
            worst: spread.as_ref().and_then(|spread| printed(spread.worst)),
        }
    }
}

fn printed(place: Position<'_>) -> Option<String> {
    match place {
        Position::Measured(figure) => Some(text(figure)),
        Position::Beyond => Some(BEYOND.to_owned()),
        Position::NoRun => None,
    }
}

/// How service came back after each disruption.
pub(super) fn recoveries(outcome: &Outcome, campaign: Option<&Campaign>) -> Vec<RecoveryEvidence> {
    let Some(campaign) = campaign else {
        return outcome.recovery.iter().map(|r| RecoveryEvidence::of_run(&r.fault, Some(r))).collect();
    };
    let of_fault = |fault: &String| {
        let rto = |run: &RunRow| {
            let (_, rto) = run.recovery.iter().find(|(name, _)| name == fault)?;
            Some(rto.map_or(f64::INFINITY, |rto| rto.as_nanos() as f64))
        };
        let runs = campaign.rows.iter().filter_map(|row| rto(row.run.as_ref().ok()?));
        let here = outcome.recovery.iter().find(|r| r.fault == *fault);
        let Some(spread) = FigureQuantiles::of(runs) else { return RecoveryEvidence::of_run(fault, here) };
        RecoveryEvidence {
            recovered: spread.runs - spread.endless,
            not_recovered: spread.endless,
            quantiles: TOLD
                .iter()
                .zip(&spread.told)
                .map(|((_, name), (value, [low, high]))| TimeQuantile {
                    quantile: (*name).to_owned(),
                    value_s: time(Some(*value)),
                    low_s: time(*low),
                    high_s: time(*high),
                })
                .collect(),
            ..RecoveryEvidence::of_run(fault, here)
        }
    };
    campaign.summary.recovery.iter().map(|summary| of_fault(&summary.fault)).collect()
}

/// A time in nanoseconds; none if it has no end.
fn time(nanos: Option<f64>) -> Option<Span> {
    // Times that recovery can take are whole numbers that a float holds.
    nanos.filter(|nanos| nanos.is_finite()).map(|nanos| Span::from_nanos(nanos as u64))
}

impl RecoveryEvidence {
    fn of_run(fault: &str, recovery: Option<&Recovery>) -> Self {
        let recovered = recovery.map(|r| u64::from(r.rto.is_some()));
        Self {
            fault: text(fault),
            objective_s: recovery.and_then(|r| r.objective),
            criterion: recovery.map_or_else(String::new, |r| text(&r.criterion)),
            recovery_time_s: recovery.and_then(|r| r.rto),
            recovered: recovered.unwrap_or(0),
            not_recovered: recovered.map_or(0, |recovered| 1 - recovered),
            quantiles: Vec::new(),
        }
    }
}

/// What each database lost.
pub(super) fn losses(outcome: &Outcome) -> Vec<LossEvidence> {
    let of = |store: &crate::record::StoreRecord| {
        let reach = recovery_points(store);
        LossEvidence {
            database: text(&store.store),
            acknowledged: store.acked,
            lost: store.lost_total,
            lost_visible: store.lost_visible,
            recovery_point_s: reach.map(|reach| reach.before),
            after_s: reach.map(|reach| reach.after),
            announced: store.announced.map(|bound| bound.if_alive),
        }
    };
    outcome.record.stores.iter().map(of).collect()
}
