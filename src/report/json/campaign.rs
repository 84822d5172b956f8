//! A campaign in `results.json`: the counts, a compact row per seed, and the worst run in full.

use super::parts::{seconds, six};
use super::run::Results;
use super::{SCHEMA, TOOL};
use crate::explore::{Campaign, Counts, PropertySummary, RecoverySummary, Row};
use crate::record::{DIGEST_FORMAT, Digest};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct CampaignResults<'a> {
    schema: &'static str,
    kind: &'static str,
    tool_version: &'static str,
    scenario: Option<&'a str>,
    file: Option<&'a str>,
    settings: &'a [String],
    digest_format: u32,
    /// The first seed and the one after the last.
    seeds: [String; 2],
    verdict: String,
    as_expected: bool,
    runs_as_expected: u64,
    verdicts: CountsEntry,
    properties: Vec<PropertySummaryEntry<'a>>,
    recovery: Vec<RecoverySummaryEntry<'a>>,
    runs: Vec<RowEntry<'a>>,
    worst: Option<Results<'a>>,
}

#[derive(Serialize)]
struct CountsEntry {
    pass: u64,
    fail: u64,
    inconclusive: u64,
    internal_error: u64,
}

#[derive(Serialize)]
struct PropertySummaryEntry<'a> {
    id: &'a str,
    kind: &'static str,
    bound: &'a str,
    expected: String,
    pass: u64,
    fail: u64,
    inconclusive: u64,
    worst_margin: Option<f64>,
    worst_seed: Option<String>,
}

#[derive(Serialize)]
struct RecoverySummaryEntry<'a> {
    fault: &'a str,
    recovered: u64,
    censored: u64,
    rto_min_s: Option<f64>,
    rto_median_s: Option<f64>,
    rto_max_s: Option<f64>,
}

/// One seed. The verdict is null exactly if the tool broke on it.
#[derive(Serialize)]
struct RowEntry<'a> {
    seed: String,
    verdict: Option<String>,
    as_expected: bool,
    stopped: bool,
    digest: Option<Digest>,
    lost: Option<u64>,
    properties: Vec<VerdictEntry>,
    recovery: Vec<RtoEntry<'a>>,
    internal_error: Option<&'a str>,
}

#[derive(Serialize)]
struct VerdictEntry {
    verdict: String,
    margin: Option<f64>,
}

#[derive(Serialize)]
struct RtoEntry<'a> {
    fault: &'a str,
    rto_s: Option<f64>,
}

impl<'a> CampaignResults<'a> {
    pub(super) fn of(campaign: &'a Campaign) -> Self {
        let (summary, worst) = (&campaign.summary, campaign.worst.as_ref());
        Self {
            schema: SCHEMA,
            kind: "campaign",
            tool_version: TOOL,
            scenario: worst.map(|o| o.scenario.as_str()),
            file: worst.map(|o| o.file.as_str()),
            settings: worst.map_or(&[], |o| &o.settings),
            digest_format: DIGEST_FORMAT,
            seeds: [campaign.seeds.start.to_string(), campaign.seeds.end.to_string()],
            verdict: campaign.verdict().to_string(),
            as_expected: campaign.as_expected(),
            runs_as_expected: summary.as_expected,
            verdicts: CountsEntry::of(&summary.runs),
            properties: summary.properties.iter().map(PropertySummaryEntry::of).collect(),
            recovery: summary.recovery.iter().map(RecoverySummaryEntry::of).collect(),
            runs: campaign.rows.iter().map(RowEntry::of).collect(),
            worst: worst.map(Results::of),
        }
    }
}

impl CountsEntry {
    fn of(counts: &Counts) -> Self {
        Self { pass: counts.pass, fail: counts.fail, inconclusive: counts.inconclusive, internal_error: counts.broken }
    }
}

impl<'a> PropertySummaryEntry<'a> {
    fn of(p: &'a PropertySummary) -> Self {
        Self {
            id: &p.id,
            kind: p.kind,
            bound: &p.bound,
            expected: p.expected.to_string(),
            pass: p.verdicts.pass,
            fail: p.verdicts.fail,
            inconclusive: p.verdicts.inconclusive,
            worst_margin: p.worst.map(|(margin, _)| six(margin)),
            worst_seed: p.worst.map(|(_, seed)| seed.to_string()),
        }
    }
}

impl<'a> RecoverySummaryEntry<'a> {
    fn of(r: &'a RecoverySummary) -> Self {
        Self {
            fault: &r.fault,
            recovered: r.recovered,
            censored: r.censored,
            rto_min_s: r.min.map(seconds),
            rto_median_s: r.median.map(seconds),
            rto_max_s: r.max.map(seconds),
        }
    }
}

impl<'a> RowEntry<'a> {
    fn of(row: &'a Row) -> Self {
        let run = row.run.as_ref().ok();
        let property = |(verdict, margin): &(crate::outcome::Verdict, Option<f64>)| VerdictEntry {
            verdict: verdict.to_string(),
            margin: margin.map(six),
        };
        Self {
            seed: row.seed.to_string(),
            verdict: run.map(|r| r.verdict.to_string()),
            as_expected: run.is_some_and(|r| r.as_expected),
            stopped: run.is_some_and(|r| r.stopped),
            digest: run.map(|r| r.digest),
            lost: run.map(|r| r.lost),
            properties: run.map_or_else(Vec::new, |r| r.properties.iter().map(property).collect()),
            recovery: run.map_or_else(Vec::new, |r| {
                r.recovery.iter().map(|(fault, rto)| RtoEntry { fault, rto_s: rto.map(seconds) }).collect()
            }),
            internal_error: row.run.as_ref().err().map(String::as_str),
        }
    }
}
