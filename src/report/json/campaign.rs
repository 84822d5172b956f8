//! A campaign in `results.json`: the counts, a compact row per seed, and the worst run in full.

use super::compared::AgreementEntry;
use super::names::Names;
use super::run::Results;
use super::scalar::{Answer, Figure, Fingerprint, Precise, Seconds, Wide};
use super::{SCHEMA, TOOL};
use crate::explore::{Campaign, Counts, PropertySummary, RecoverySummary, Row, RunRow, Summary, WarningSummary};
use crate::outcome::Seen;
use crate::record::{DIGEST_FORMAT, Signal};
use crate::units::Span;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignResults<'a> {
    schema: Cow<'a, str>,
    kind: Cow<'a, str>,
    pub(super) tool_version: Cow<'a, str>,
    scenario: Option<Cow<'a, str>>,
    file: Option<Cow<'a, str>>,
    settings: Cow<'a, [String]>,
    digest_format: u32,
    /// The first seed and the one after the last.
    seeds: [Wide; 2],
    verdict: Answer,
    as_expected: bool,
    runs_as_expected: u64,
    verdicts: CountsEntry,
    properties: Vec<PropertySummaryEntry<'a>>,
    recovery: Vec<RecoverySummaryEntry<'a>>,
    warnings: Vec<WarningEntry<'a>>,
    runs: Vec<RowEntry<'a>>,
    pub(super) worst: Option<Results<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountsEntry {
    pass: u64,
    fail: u64,
    inconclusive: u64,
    not_exercised: u64,
    internal_error: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PropertySummaryEntry<'a> {
    id: Cow<'a, str>,
    kind: Cow<'a, str>,
    bound: Cow<'a, str>,
    expected: Answer,
    pass: u64,
    fail: u64,
    inconclusive: u64,
    not_exercised: u64,
    worst_margin: Option<Figure>,
    worst_seed: Option<Wide>,
    agreement: Option<AgreementEntry<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecoverySummaryEntry<'a> {
    fault: Cow<'a, str>,
    recovered: u64,
    censored: u64,
    rto_min_s: Option<Seconds>,
    rto_median_s: Option<Seconds>,
    rto_max_s: Option<Seconds>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WarningEntry<'a> {
    text: Cow<'a, str>,
    runs: u64,
    seed: Wide,
}

/// One seed. Verdict, digest and loss are null exactly if the tool broke on it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowEntry<'a> {
    seed: Wide,
    verdict: Option<Answer>,
    as_expected: bool,
    stopped: bool,
    /// There if a property failed further than expected.
    #[serde(default, skip_serializing_if = "is_false")]
    beyond: bool,
    /// There if something was found that no property bounds.
    #[serde(default, skip_serializing_if = "is_false")]
    found: bool,
    /// There if the run says nothing, whatever its properties say.
    #[serde(default, skip_serializing_if = "is_false")]
    doubted: bool,
    digest: Option<Fingerprint>,
    lost: Option<u64>,
    properties: Vec<VerdictEntry>,
    recovery: Vec<RtoEntry<'a>>,
    internal_error: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictEntry {
    verdict: Answer,
    margin: Option<Figure>,
    /// The figure that the property compares, if it compares one and there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    figure: Option<Precise>,
    /// Set if it is that or more, for the run ended first.
    #[serde(default, skip_serializing_if = "is_false")]
    at_least: bool,
    /// Whether the run agrees by itself, where one run can decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agrees: Option<bool>,
    /// There if nothing was observed that could have failed it.
    #[serde(default, skip_serializing_if = "is_false")]
    not_exercised: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RtoEntry<'a> {
    fault: Cow<'a, str>,
    rto_s: Option<Seconds>,
}

impl<'a> CampaignResults<'a> {
    pub(super) fn of(campaign: &'a Campaign) -> Self {
        let (summary, worst) = (&campaign.summary, campaign.worst.as_ref());
        Self {
            schema: SCHEMA.into(),
            kind: "campaign".into(),
            tool_version: worst.map_or(TOOL, |o| &o.tool_version).into(),
            scenario: worst.map(|o| (&o.scenario).into()),
            file: worst.map(|o| (&o.file).into()),
            settings: worst.map_or(&[][..], |o| &o.settings).into(),
            digest_format: DIGEST_FORMAT,
            seeds: [Wide(campaign.seeds.start), Wide(campaign.seeds.end)],
            verdict: Answer(campaign.verdict()),
            as_expected: campaign.as_expected(),
            runs_as_expected: summary.as_expected,
            verdicts: CountsEntry::of(&summary.runs),
            properties: summary.properties.iter().map(PropertySummaryEntry::of).collect(),
            recovery: summary.recovery.iter().map(RecoverySummaryEntry::of).collect(),
            warnings: summary.warnings.iter().map(WarningEntry::of).collect(),
            runs: campaign.rows.iter().map(RowEntry::of).collect(),
            worst: worst.map(Results::of),
        }
    }

    /// The campaign again, with the signals of its worst run.
    ///
    /// # Errors
    /// What no campaign can have written.
    pub(super) fn into_campaign(self, signals: Vec<Signal>, names: &mut Names) -> Result<Campaign, String> {
        let [start, end] = self.seeds.map(|seed| seed.0);
        let rows = self.runs.into_iter().enumerate();
        let rows =
            rows.map(|(i, row)| row.into_row().ok_or_else(|| format!("`runs[{i}]` is neither judged nor broken")));
        Ok(Campaign {
            seeds: start..end,
            rows: rows.collect::<Result<_, _>>()?,
            summary: Summary {
                runs: self.verdicts.into_counts(),
                as_expected: self.runs_as_expected,
                properties: self.properties.into_iter().map(|p| p.into_summary(names)).collect(),
                recovery: self.recovery.into_iter().map(RecoverySummaryEntry::into_summary).collect(),
                warnings: self.warnings.into_iter().map(WarningEntry::into_summary).collect(),
            },
            worst: self.worst.map(|worst| worst.into_outcome(signals, names)).transpose()?,
        })
    }
}

impl CountsEntry {
    fn of(counts: &Counts) -> Self {
        let Counts { pass, fail, inconclusive, not_exercised, broken } = *counts;
        Self { pass, fail, inconclusive, not_exercised, internal_error: broken }
    }

    fn into_counts(self) -> Counts {
        let Self { pass, fail, inconclusive, not_exercised, internal_error } = self;
        Counts { pass, fail, inconclusive, not_exercised, broken: internal_error }
    }
}

impl<'a> PropertySummaryEntry<'a> {
    fn of(p: &'a PropertySummary) -> Self {
        Self {
            id: (&p.id).into(),
            kind: p.kind.into(),
            bound: (&p.bound).into(),
            expected: Answer(p.expected),
            pass: p.verdicts.pass,
            fail: p.verdicts.fail,
            inconclusive: p.verdicts.inconclusive,
            not_exercised: p.verdicts.not_exercised,
            worst_margin: Figure::of(p.worst.map(|(margin, _)| margin)),
            worst_seed: p.worst.map(|(_, seed)| Wide(seed)),
            agreement: p.agreement.as_ref().map(AgreementEntry::of),
        }
    }

    fn into_summary(self, names: &mut Names) -> PropertySummary {
        PropertySummary {
            id: self.id.into_owned(),
            kind: names.kept(&self.kind),
            bound: self.bound.into_owned(),
            expected: self.expected.0,
            verdicts: Counts {
                pass: self.pass,
                fail: self.fail,
                inconclusive: self.inconclusive,
                not_exercised: self.not_exercised,
                broken: 0,
            },
            agreement: self.agreement.map(AgreementEntry::into_agreement),
            worst: Figure::value(self.worst_margin).zip(self.worst_seed.map(|seed| seed.0)),
        }
    }
}

impl<'a> RecoverySummaryEntry<'a> {
    fn of(r: &'a RecoverySummary) -> Self {
        Self {
            fault: (&r.fault).into(),
            recovered: r.recovered,
            censored: r.censored,
            rto_min_s: r.min.map(Seconds),
            rto_median_s: r.median.map(Seconds),
            rto_max_s: r.max.map(Seconds),
        }
    }

    fn into_summary(self) -> RecoverySummary {
        RecoverySummary {
            fault: self.fault.into_owned(),
            recovered: self.recovered,
            censored: self.censored,
            min: self.rto_min_s.map(|s| s.0),
            median: self.rto_median_s.map(|s| s.0),
            max: self.rto_max_s.map(|s| s.0),
        }
    }
}

impl VerdictEntry {
    fn seen(&self) -> Option<Seen> {
        let (at_least, agrees) = (self.at_least, self.agrees);
        self.figure.map(|Precise(value)| Seen { value, at_least, agrees })
    }
}

impl<'a> WarningEntry<'a> {
    fn of(w: &'a WarningSummary) -> Self {
        Self { text: (&w.text).into(), runs: w.runs, seed: Wide(w.seed) }
    }

    fn into_summary(self) -> WarningSummary {
        WarningSummary { text: self.text.into_owned(), runs: self.runs, seed: self.seed.0 }
    }
}

impl<'a> RowEntry<'a> {
    fn of(row: &'a Row) -> Self {
        let run = row.run.as_ref().ok();
        let property = |r: &RunRow, index: usize| VerdictEntry {
            verdict: Answer(r.properties[index].0),
            margin: Figure::of(r.properties[index].1),
            figure: r.figures[index].filter(|seen| seen.value.is_finite()).map(|seen| Precise(seen.value)),
            at_least: r.figures[index].is_some_and(|seen| seen.at_least),
            agrees: r.figures[index].and_then(|seen| seen.agrees),
            not_exercised: !r.exercised[index],
        };
        let recovery =
            |(fault, rto): &'a (String, Option<Span>)| RtoEntry { fault: fault.into(), rto_s: rto.map(Seconds) };
        Self {
            seed: Wide(row.seed),
            verdict: run.map(|r| Answer(r.verdict)),
            as_expected: run.is_some_and(|r| r.as_expected),
            stopped: run.is_some_and(|r| r.stopped),
            beyond: run.is_some_and(|r| r.beyond),
            found: run.is_some_and(|r| r.found),
            doubted: run.is_some_and(|r| r.doubted),
            digest: run.map(|r| Fingerprint(r.digest)),
            lost: run.map(|r| r.lost),
            properties: run
                .map_or_else(Vec::new, |r| (0..r.properties.len()).map(|index| property(r, index)).collect()),
            recovery: run.map_or_else(Vec::new, |r| r.recovery.iter().map(recovery).collect()),
            internal_error: row.run.as_ref().err().map(Cow::from),
        }
    }

    /// `None` if it is neither judged nor broken.
    fn into_row(self) -> Option<Row> {
        let run = match (self.internal_error, self.verdict, self.digest, self.lost) {
            (Some(why), None, None, None) => Err(why.into_owned()),
            (None, Some(verdict), Some(digest), Some(lost)) => Ok(RunRow {
                verdict: verdict.0,
                as_expected: self.as_expected,
                stopped: self.stopped,
                beyond: self.beyond,
                found: self.found,
                doubted: self.doubted,
                digest: digest.0,
                exercised: self.properties.iter().map(|p| !p.not_exercised).collect(),
                figures: self.properties.iter().map(VerdictEntry::seen).collect(),
                properties: self.properties.into_iter().map(|p| (p.verdict.0, Figure::value(p.margin))).collect(),
                recovery: self.recovery.into_iter().map(|r| (r.fault.into_owned(), r.rto_s.map(|rto| rto.0))).collect(),
                lost,
                warnings: Vec::new(),
            }),
            _ => return None,
        };
        Some(Row { seed: self.seed.0, run })
    }
}
