//! What a report says about one run, as strings: computed once, so that no two formats can disagree.
//!
//! Owns the wording, the rounding and the choice of what is shown. Does not know markup, colour or width. User text
//! passes through as it is: each format makes it harmless on writing, in its own way.
//!
//! Invariant: a view is a function of the outcome alone.

mod advice;
mod beside;
mod campaign;
mod cards;
mod change;
mod charts;
mod comparison;
mod disruptions;
mod distribution;
mod dual_write;
mod happenings;
mod lanes;
mod likelihood;
mod matrix;
mod moments;
mod occurrences;
mod reconciliation;
mod response;
mod rows;
mod runs;
mod series;
mod tracks;
mod verdict;
mod windows;

pub(crate) use advice::Advice;
pub(crate) use beside::{Pairs, PlanSpread, SideBySide};
pub(crate) use campaign::{CampaignView, PropertySummaryRow, RecoverySummaryRow};
pub(crate) use cards::{Card, cards};
pub(crate) use change::{ChangePaper, Chapter, ChapterPart, ChapterRows, is_chosen};
pub(crate) use charts::{Axis, Chart, MOST_LINES, charts, slugs};
pub(crate) use comparison::{ComparisonView, DifferenceRow, FailuresRow};
pub(crate) use distribution::Spread;
pub(crate) use dual_write::{DifferingRowShown, DualWriteRow, differing_rows, dual_writes};
pub(crate) use lanes::{Bar, Lane, LaneRow, Mark, Shade, lanes};
pub(crate) use likelihood::{LikelihoodRow, QuantileRow, claim_in_words, quantile_names};
pub use matrix::MatrixRow;
pub(crate) use moments::{DecisionRow, TimelineMoment, Tone, decisions, moments, shortened};
pub(crate) use reconciliation::{MismatchRow, ReconciliationRow, mismatches, reconciliations};
pub(crate) use rows::{
    FaultRow, LapRow, LossRow, LostRow, PropertyRow, RecoveryRow, procedure_runs, recovery_points, unanswered,
};
pub(crate) use series::{Cell, Window, cells};
pub(crate) use tracks::{Track, tracks};
pub(crate) use verdict::Headline;
pub(crate) use windows::{incidents, whole};

use super::text::{count, percent, plural, span};
use crate::outcome::{Misjudged, Outcome};
use crate::record::{CopyRole, DIGEST_FORMAT, FailureCounts, Latency};

/// One run, ready to be written down.
pub(crate) struct View<'a> {
    pub outcome: &'a Outcome,
    pub headline: Headline,
    pub moments: Vec<TimelineMoment>,
    pub decisions: Vec<DecisionRow>,
    pub recovery: Vec<RecoveryRow>,
    pub loss: Vec<LossRow>,
    pub properties: Vec<PropertyRow>,
    pub laps: Vec<LapRow>,
    pub faults: Vec<FaultRow>,
}

impl<'a> View<'a> {
    pub(crate) fn of(outcome: &'a Outcome) -> Self {
        Self {
            outcome,
            headline: Headline::of(outcome),
            moments: moments(outcome),
            decisions: decisions(outcome),
            recovery: outcome.recovery.iter().map(RecoveryRow::of).collect(),
            loss: outcome.record.stores.iter().map(LossRow::of).collect(),
            properties: outcome.properties.iter().map(PropertyRow::of).collect(),
            laps: outcome.record.laps.iter().map(LapRow::of).collect(),
            faults: outcome.record.faults.iter().map(|fault| FaultRow::of(fault, outcome)).collect(),
        }
    }

    /// Which run this was, in one line.
    pub(crate) fn identity(&self) -> String {
        let record = &self.outcome.record;
        format!(
            "seed {}, digest {} (format {DIGEST_FORMAT}), {} of virtual time, {}",
            record.seed,
            record.digest,
            span(record.end.since(crate::units::Instant::ZERO)),
            plural(record.events, "event")
        )
    }

    /// The headline numbers: what, and how much.
    pub(crate) fn figures(&self) -> Vec<(&'static str, String)> {
        let (requests, availability) = (&self.outcome.record.requests, &self.outcome.availability);
        let mut figures = vec![
            ("Requests", count(requests.started)),
            (
                "Outcomes",
                format!(
                    "{} ok, {} failed, {} unknown, in {} attempts",
                    count(requests.ok),
                    count(requests.failed),
                    count(requests.unknown),
                    count(requests.attempts)
                ),
            ),
        ];
        if requests.reasons.total() > 0 {
            figures.push(("Failed by reason", reasons(&requests.reasons)));
        }
        figures.extend([
            ("Availability, by requests", percent(availability.ok, availability.started)),
            ("Availability, by time", percent(availability.good_slots, availability.slots)),
            ("Longest outage", span(availability.longest_bad)),
        ]);
        if requests.ok > 0 {
            let Latency { p50, p95, p99, max, .. } = requests.latency;
            let [p50, p95, p99, max] = [p50, p95, p99, max].map(span);
            figures.push(("Latency", format!("p50 {p50}, p95 {p95}, p99 {p99}, max {max}")));
        }
        figures.extend(self.outcome.misjudged.iter().map(|m| ("Control was wrong", wrong(m))));
        figures
    }

    /// The lost writes that are known by name: store and row, in the ledger's order.
    pub(crate) fn lost(&self) -> impl Iterator<Item = LostRow> + '_ {
        self.outcome.record.stores.iter().flat_map(|s| s.lost.iter().map(|write| LostRow::of(s, write)))
    }
}

/// `west: healthy for 10s while it did not serve, down for 0s while it served, of 5m`: what control took a region for.
pub(crate) fn wrong(m: &Misjudged) -> String {
    let [missed, false_alarm, known] = [m.missed, m.false_alarm, m.known].map(span);
    let region = &m.region;
    format!(
        "{region} believed healthy for {missed} while it did not serve, down for {false_alarm} while it served, of {known}"
    )
}

/// `900 region dark, 12 timed out`.
pub(crate) fn reasons(counts: &FailureCounts) -> String {
    let named = counts.by_frequency().into_iter().map(|(reason, n)| format!("{} {}", count(n), reason.words()));
    named.collect::<Vec<_>>().join(", ")
}

/// What a copy was at the end, as it is written.
pub(crate) fn role(role: CopyRole) -> &'static str {
    match role {
        CopyRole::Authority => "authority",
        CopyRole::Follower => "follower",
        CopyRole::Diverged => "diverged",
        CopyRole::Unreachable => "unreachable",
    }
}
