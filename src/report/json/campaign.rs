//! A campaign in `results.json`: the counts, a compact row per seed, and the worst run in full.

use super::run::Results;
use super::{SCHEMA, TOOL};
use crate::explore::{
    Agreement, Campaign, Counts, PropertySummary, RecoverySummary, Row, RunRow, Stopping, Summary, USUAL_CONFIDENCE,
    WarningSummary,
};
use crate::outcome::{Expectation, Seen, SixDigits, TwelveDigits, Verdict};
use crate::record::{DIGEST_FORMAT, Digest, Signal};
use crate::units::{As, Form, Seconds, Span, Wide};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Many runs of one scenario.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "campaign")]
pub(super) struct CampaignResults<'a> {
    /// The version of the schema.
    #[schemars(extend("const" = SCHEMA))]
    schema: Cow<'a, str>,
    /// What the file is about.
    #[schemars(extend("const" = "campaign"))]
    kind: Cow<'a, str>,
    /// The version of firedrill that made the runs.
    pub(super) tool_version: Cow<'a, str>,
    /// The scenario's name; null if every run broke the tool.
    scenario: Option<Cow<'a, str>>,
    /// The scenario file as it was given; null if every run broke the tool.
    file: Option<Cow<'a, str>>,
    /// Settings given beside the file (`path=value`), in order.
    settings: Cow<'a, [String]>,
    /// The version of what a digest means.
    digest_format: u32,
    /// The first seed and the one after the last.
    seeds: [Wide; 2],
    /// Why there were so many: their number was fixed before, or there were runs until every claim was settled.
    stopping: Stopping,
    /// The worst verdict of all runs that exercised anything, and of all claims about a share of them; inconclusive at best
    /// if a property was exercised in none.
    verdict: Verdict,
    /// Whether every run that exercised anything came out as expected, every property was exercised in some run, and every
    /// claim about a share of runs is shown.
    as_expected: bool,
    /// Runs that came out as expected.
    runs_as_expected: u64,
    /// Runs by verdict.
    verdicts: Counts,
    /// One per property, in the scenario's order.
    properties: Vec<PropertySummaryEntry<'a>>,
    /// One per fault that took something away in any run, by name.
    recovery: Cow<'a, [RecoverySummary]>,
    /// What the reader must know of the runs, the most frequent first.
    warnings: Cow<'a, [WarningSummary]>,
    /// One per seed, in the order of the seeds.
    runs: Vec<RowEntry<'a>>,
    /// The run that came closest to violation or went furthest past it; null if every run broke the tool.
    pub(super) worst: Option<Results<'a>>,
}

/// One property over all runs.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PropertySummary")]
struct PropertySummaryEntry<'a> {
    /// Its id in the scenario.
    id: Cow<'a, str>,
    /// Its kind.
    kind: Cow<'a, str>,
    /// The bound, as printed.
    bound: Cow<'a, str>,
    /// What the scenario says must come out.
    expected: Expectation,
    /// Runs in which it held.
    pass: u64,
    /// Runs in which it was violated.
    fail: u64,
    /// Runs in which it cannot be told, though something was observed.
    inconclusive: u64,
    /// Runs in which nothing was observed that could have failed it.
    not_exercised: u64,
    /// In which share of all runs it holds, as far as these can tell.
    share: ShareEntry,
    /// The smallest margin that is a number.
    #[serde(with = "As::<Option<SixDigits>>")]
    worst_margin: Option<f64>,
    /// The lowest seed that reached it.
    #[serde(with = "As::<Option<Wide>>")]
    worst_seed: Option<u64>,
    /// What the runs say together about the figure it compares, if it compares one.
    agreement: Cow<'a, Option<Agreement>>,
}

/// In which share of all runs a property holds. Worked out from the counts.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Share")]
struct ShareEntry {
    /// At least in that share.
    #[serde(with = "As::<SixDigits>")]
    low: f64,
    /// At most in that share.
    #[serde(with = "As::<SixDigits>")]
    high: f64,
    /// How surely the true share lies between.
    #[serde(with = "As::<SixDigits>")]
    confidence: f64,
    /// How the interval is made: `exact` (Clopper and Pearson) or `anytime-valid` (a confidence sequence).
    interval: Cow<'static, str>,
    /// Whether the claim is shown, refuted, or neither; null if the scenario claims no share.
    claim: Option<Verdict>,
    /// Where neither: how many runs in all would settle it if it went on holding as often; null if more than a campaign
    /// takes.
    runs_to_settle: Option<u64>,
}

impl ShareEntry {
    fn of(p: &PropertySummary, stopping: Stopping) -> Self {
        let share = p.share(stopping);
        let confidence = p.expected.claim().map_or(USUAL_CONFIDENCE, |claim| claim.confidence.as_f64());
        let (low, high) = share.interval(confidence);
        let settled = p.expected.claim().map(|claim| share.settles(claim));
        Self {
            low,
            high,
            confidence,
            interval: stopping.interval_name().into(),
            claim: settled.map(|settled| settled.verdict),
            runs_to_settle: settled.and_then(|settled| settled.runs_to_settle),
        }
    }
}

/// One seed. Verdict, digest and loss are null exactly if the tool broke on it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Row")]
struct RowEntry<'a> {
    /// The seed.
    #[serde(with = "As::<Wide>")]
    seed: u64,
    /// All properties together that were exercised; inconclusive if none was.
    verdict: Option<Verdict>,
    /// Whether the verdict of each that was exercised is the expected one. False if none was.
    as_expected: bool,
    /// Whether the run stopped early.
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
    /// The run's fingerprint.
    digest: Option<Digest>,
    /// Acknowledged writes that are not in the history that leads at the end, all databases together.
    lost: Option<u64>,
    /// Requests of users that were served.
    served: Option<u64>,
    /// Requests that they started, or would have if they had not been held up.
    started: Option<u64>,
    /// One per property, in the scenario's order.
    properties: Vec<VerdictEntry>,
    /// One per fault that took something away.
    recovery: Vec<RtoEntry<'a>>,
    /// What the tool itself broke on.
    internal_error: Option<Cow<'a, str>>,
}

/// What one property came to in one run.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RowProperty")]
struct VerdictEntry {
    /// What came out.
    verdict: Verdict,
    /// How far from violation, normalised: zero is exactly on the bound, negative is violated.
    #[serde(with = "As::<Option<SixDigits>>")]
    margin: Option<f64>,
    /// What was measured, as printed, if anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measured: Option<Box<str>>,
    /// The figure that the property compares, if it compares one and there was one.
    #[serde(default, with = "As::<Option<TwelveDigits>>", skip_serializing_if = "Option::is_none")]
    figure: Option<f64>,
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

/// How service came back from one fault in one run.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RowRecovery")]
struct RtoEntry<'a> {
    /// The fault.
    fault: Cow<'a, str>,
    /// Recovery time from it; null: not within the run.
    #[serde(with = "As::<Option<Seconds>>")]
    rto_s: Option<Span>,
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
            seeds: [campaign.seeds.start, campaign.seeds.end].map(|seed| Wide::of(&seed)),
            stopping: summary.stopping,
            verdict: campaign.verdict(),
            as_expected: campaign.as_expected(),
            runs_as_expected: summary.as_expected,
            verdicts: summary.runs,
            properties: summary.properties.iter().map(|p| PropertySummaryEntry::of(p, summary.stopping)).collect(),
            recovery: (&summary.recovery).into(),
            warnings: (&summary.warnings).into(),
            runs: campaign.rows.iter().map(RowEntry::of).collect(),
            worst: worst.map(Results::from),
        }
    }

    /// The campaign again, with the signals of its worst run.
    ///
    /// # Errors
    /// What no campaign can have written.
    pub(super) fn into_campaign(self, signals: Vec<Signal>) -> Result<Campaign, String> {
        let [start, end] = self.seeds.map(Wide::value);
        let rows = self.runs.into_iter().enumerate();
        let rows =
            rows.map(|(i, row)| row.into_row().ok_or_else(|| format!("`runs[{i}]` is neither judged nor broken")));
        Ok(Campaign {
            seeds: start..end,
            rows: rows.collect::<Result<_, _>>()?,
            summary: Summary {
                stopping: self.stopping,
                runs: self.verdicts,
                as_expected: self.runs_as_expected,
                properties: self.properties.into_iter().map(PropertySummaryEntry::into_summary).collect(),
                recovery: self.recovery.into_owned(),
                warnings: self.warnings.into_owned(),
            },
            worst: self.worst.map(|worst| worst.into_outcome(signals)).transpose()?,
        })
    }
}

impl<'a> PropertySummaryEntry<'a> {
    fn of(p: &'a PropertySummary, stopping: Stopping) -> Self {
        Self {
            id: (&p.id).into(),
            kind: (&p.kind).into(),
            bound: (&p.bound).into(),
            expected: p.expected,
            pass: p.verdicts.pass,
            fail: p.verdicts.fail,
            inconclusive: p.verdicts.inconclusive,
            not_exercised: p.verdicts.not_exercised,
            share: ShareEntry::of(p, stopping),
            worst_margin: p.worst.map(|(margin, _)| margin),
            worst_seed: p.worst.map(|(_, seed)| seed),
            agreement: Cow::Borrowed(&p.agreement),
        }
    }

    fn into_summary(self) -> PropertySummary {
        PropertySummary {
            id: self.id.into_owned(),
            kind: self.kind.into_owned(),
            bound: self.bound.into_owned(),
            expected: self.expected,
            verdicts: Counts {
                pass: self.pass,
                fail: self.fail,
                inconclusive: self.inconclusive,
                not_exercised: self.not_exercised,
                broken: 0,
            },
            agreement: self.agreement.into_owned(),
            worst: self.worst_margin.zip(self.worst_seed),
        }
    }
}

impl VerdictEntry {
    fn seen(&self) -> Option<Seen> {
        let (at_least, agrees) = (self.at_least, self.agrees);
        self.figure.map(|value| Seen { value, at_least, agrees })
    }
}

impl<'a> RowEntry<'a> {
    fn of(row: &'a Row) -> Self {
        let run = row.run.as_ref().ok();
        let property = |r: &RunRow, index: usize| VerdictEntry {
            verdict: r.properties[index].0,
            margin: r.properties[index].1,
            measured: r.measured[index].clone(),
            figure: r.figures[index].map(|seen| seen.value).filter(|value| value.is_finite()),
            at_least: r.figures[index].is_some_and(|seen| seen.at_least),
            agrees: r.figures[index].and_then(|seen| seen.agrees),
            not_exercised: !r.exercised[index],
        };
        let recovery = |(fault, rto_s): &'a (String, Option<Span>)| RtoEntry { fault: fault.into(), rto_s: *rto_s };
        Self {
            seed: row.seed,
            verdict: run.map(|r| r.verdict),
            as_expected: run.is_some_and(|r| r.as_expected),
            stopped: run.is_some_and(|r| r.stopped),
            beyond: run.is_some_and(|r| r.beyond),
            found: run.is_some_and(|r| r.found),
            doubted: run.is_some_and(|r| r.doubted),
            digest: run.map(|r| r.digest),
            lost: run.map(|r| r.lost),
            served: run.map(|r| r.served),
            started: run.map(|r| r.started),
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
                verdict,
                as_expected: self.as_expected,
                stopped: self.stopped,
                beyond: self.beyond,
                found: self.found,
                doubted: self.doubted,
                digest,
                exercised: self.properties.iter().map(|p| !p.not_exercised).collect(),
                measured: self.properties.iter().map(|p| p.measured.clone()).collect(),
                figures: self.properties.iter().map(VerdictEntry::seen).collect(),
                properties: self.properties.into_iter().map(|p| (p.verdict, p.margin)).collect(),
                recovery: self.recovery.into_iter().map(|r| (r.fault.into_owned(), r.rto_s)).collect(),
                lost,
                served: self.served.unwrap_or(0),
                started: self.started.unwrap_or(0),
                warnings: Vec::new(),
            }),
            _ => return None,
        };
        Some(Row { seed: self.seed, run })
    }
}
