//! What a rehearsal found wanting, for [evidence](super::evidence).
//!
//! Owns the list. Does not weigh one against another. Invariant: whatever keeps a word from being GO is in it, and so is
//! every warning.

use super::evidence::text;
use crate::explore::{Campaign, Counts, PropertySummary, RunRow};
use crate::outcome::{Outcome, PropertyOutcome, Verdict};
use crate::report::view::claim_in_words;
use crate::units::{As, Wide};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that was found wanting.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EvidenceGap {
    /// What kind of gap it is.
    kind: GapKind,
    /// The property it is about; empty if it is about none.
    property: String,
    /// What it is, in words.
    what: String,
    /// Whether the scenario expects it.
    expected: bool,
    /// The runs that showed it.
    runs: u64,
    /// The lowest seed that did; null if it is about all runs together.
    #[serde(with = "As::<Option<Wide>>")]
    seed: Option<u64>,
}

/// The kinds of gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum GapKind {
    /// A demand was not met.
    Violated,
    /// It could not be decided whether a demand is met.
    Unknown,
    /// Nothing was observed that could have failed a demand.
    NotExercised,
    /// Something was found that no demand bounds.
    Finding,
    /// A reason why a run proves nothing.
    Doubt,
    /// What a reader must know before trusting the verdict.
    Warning,
    /// A run ended before it could be judged whole.
    Stopped,
    /// The tool itself broke.
    InternalError,
}

impl EvidenceGap {
    fn of_run(kind: GapKind, what: &str, seed: u64) -> Self {
        Self { kind, property: String::new(), what: text(what), expected: false, runs: 1, seed: Some(seed) }
    }

    fn over_runs(kind: GapKind, what: &str, (runs, seed): (u64, Option<u64>)) -> Self {
        Self { runs, seed, ..Self::of_run(kind, what, 0) }
    }
}

/// What one run found wanting.
pub(super) fn of_run(outcome: &Outcome) -> Vec<EvidenceGap> {
    let seed = outcome.record.seed;
    let of_property = |p: &PropertyOutcome| {
        let kind = match p.verdict {
            Verdict::Pass => return None,
            Verdict::Fail => GapKind::Violated,
            Verdict::Inconclusive if p.is_exercised() => GapKind::Unknown,
            Verdict::Inconclusive => GapKind::NotExercised,
        };
        let (property, expected) = (text(&p.id), p.as_expected());
        Some(EvidenceGap { property, expected, ..EvidenceGap::of_run(kind, &p.why, seed) })
    };
    let mut gaps: Vec<EvidenceGap> = outcome.properties.iter().filter_map(of_property).collect();
    let stopped = outcome.stopped.iter().map(|stopped| EvidenceGap::of_run(GapKind::Stopped, &stopped.why, seed));
    gaps.extend(stopped);
    gaps.extend(outcome.findings.iter().map(|what| EvidenceGap::of_run(GapKind::Finding, what, seed)));
    gaps.extend(outcome.doubts.iter().map(|what| EvidenceGap::of_run(GapKind::Doubt, what, seed)));
    // A doubt is a warning too.
    let warnings = outcome.warnings.iter().filter(|warning| !outcome.doubts.contains(warning));
    gaps.extend(warnings.map(|what| EvidenceGap::of_run(GapKind::Warning, what, seed)));
    gaps
}

/// What many runs found wanting.
pub(super) fn of_campaign(campaign: &Campaign) -> Vec<EvidenceGap> {
    let properties = campaign.summary.properties.iter().enumerate();
    let mut gaps: Vec<EvidenceGap> = properties.flat_map(|(index, p)| of_property(campaign, index, p)).collect();
    let runs = |is: fn(&RunRow) -> bool| {
        let found = campaign.rows.iter().filter(|row| row.run.as_ref().is_ok_and(is));
        let seeds: Vec<u64> = found.map(|row| row.seed).collect();
        (seeds.len() as u64, seeds.first().copied())
    };
    let some = [
        (GapKind::Finding, "something was found that no property bounds", runs(|run| run.found)),
        (GapKind::Doubt, "the run proves nothing", runs(|run| run.doubted)),
        (GapKind::Stopped, "the run ended before it could be judged whole", runs(|run| run.stopped)),
    ];
    let some = some.into_iter().filter(|(.., (runs, _))| *runs > 0);
    gaps.extend(some.map(|(kind, what, runs)| EvidenceGap::over_runs(kind, what, runs)));
    let findings = campaign.worst.iter().flat_map(|worst| worst.findings.iter().map(|what| (what, worst.record.seed)));
    gaps.extend(findings.map(|(what, seed)| EvidenceGap::of_run(GapKind::Finding, what, seed)));
    let warnings = campaign.summary.warnings.iter();
    gaps.extend(warnings.map(|w| EvidenceGap::over_runs(GapKind::Warning, &w.text, (w.runs, Some(w.seed)))));
    let broken = campaign.rows.iter().filter_map(|row| Some((row.seed, row.run.as_ref().err()?)));
    gaps.extend(broken.map(|(seed, why)| EvidenceGap::of_run(GapKind::InternalError, why, seed)));
    gaps
}

/// What the runs say against one property.
fn of_property(campaign: &Campaign, index: usize, p: &PropertySummary) -> Vec<EvidenceGap> {
    let first = |is: &dyn Fn(&RunRow) -> bool| {
        campaign.rows.iter().find(|row| row.run.as_ref().is_ok_and(is)).map(|row| row.seed)
    };
    let seed_of = |verdict: Verdict, exercised: bool| {
        first(&|run: &RunRow| run.properties[index].0 == verdict && run.exercised[index] == exercised)
    };
    let Counts { fail, inconclusive, not_exercised, .. } = p.verdicts;
    let of = |(kind, runs, seed, expected): (GapKind, u64, Option<u64>, Option<Verdict>)| EvidenceGap {
        property: text(&p.id),
        expected: p.expected.of_one_run() == expected,
        ..EvidenceGap::over_runs(kind, &p.bound, (runs, seed))
    };
    let counted = [
        (GapKind::Violated, fail, seed_of(Verdict::Fail, true), Some(Verdict::Fail)),
        (GapKind::Unknown, inconclusive, seed_of(Verdict::Inconclusive, true), Some(Verdict::Inconclusive)),
        (GapKind::NotExercised, not_exercised, seed_of(Verdict::Inconclusive, false), Some(Verdict::Inconclusive)),
    ];
    let mut gaps: Vec<EvidenceGap> = counted.into_iter().filter(|(_, runs, ..)| *runs > 0).map(of).collect();
    let stopping = campaign.summary.stopping;
    let claim = p.expected.claim().map(|claim| p.share(stopping).settles(claim));
    if let Some(settled) = claim.filter(|settled| settled.verdict != Verdict::Pass) {
        let kind = if settled.verdict == Verdict::Fail { GapKind::Violated } else { GapKind::Unknown };
        let what = claim_in_words(p, settled, stopping);
        let gap = EvidenceGap::over_runs(kind, &what, (campaign.rows.len() as u64, None));
        gaps.push(EvidenceGap { property: text(&p.id), ..gap });
    }
    gaps
}
