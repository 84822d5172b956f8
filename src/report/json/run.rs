//! One run in `results.json`, field by field, in the order of the file.

use super::SCHEMA;
use super::happened::{EventEntry, FaultEntry, LapEntry, timeline};
use super::judged::{
    AssumptionEntry, AvailabilityEntry, LatencyEntry, MisjudgedEntry, PropertyEntry, RecoveryEntry, RequestOutcomes,
    StoppedEntry,
};
use super::names::Names;
use super::scalar::{Answer, EXACT, Fingerprint, Moment, Wide};
use super::service::{ObjectiveEntry, OutageEntry, PeriodEntry};
use super::stores::{AuthorityEntry, CopyEntry, LossEntry, stores};
use crate::outcome::Outcome;
use crate::record::{DIGEST_FORMAT, Record, Signal};
use crate::report::text::span;
use crate::units::Instant;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Results<'a> {
    schema: Cow<'a, str>,
    kind: Cow<'a, str>,
    pub(super) tool_version: Cow<'a, str>,
    program: Cow<'a, str>,
    scenario: Cow<'a, str>,
    description: Cow<'a, str>,
    file: Cow<'a, str>,
    /// The text of the scenario.
    source: Cow<'a, str>,
    settings: Cow<'a, [String]>,
    /// The written schedule that was run in place of the seed's own.
    schedule: Option<Cow<'a, str>>,
    seed: Wide,
    pub(super) digest: Fingerprint,
    digest_format: u32,
    events: u64,
    workload_end_s: Moment,
    end_s: Moment,
    verdict: Answer,
    as_expected: bool,
    requests: u64,
    request_outcomes: RequestOutcomes,
    latency: LatencyEntry,
    availability: AvailabilityEntry,
    properties: Vec<PropertyEntry<'a>>,
    objective: ObjectiveEntry<'a>,
    silent: Cow<'a, [String]>,
    maintenance: Vec<PeriodEntry>,
    outages: Vec<OutageEntry<'a>>,
    findings: Cow<'a, [String]>,
    recovery: Vec<RecoveryEntry<'a>>,
    misjudged: Vec<MisjudgedEntry<'a>>,
    loss: Vec<LossEntry<'a>>,
    authority: Vec<AuthorityEntry<'a>>,
    copies: Vec<CopyEntry<'a>>,
    faults: Vec<FaultEntry<'a>>,
    laps: Vec<LapEntry<'a>>,
    warnings: Cow<'a, [String]>,
    /// Why the run as a whole proves nothing, whatever its properties say.
    doubts: Cow<'a, [String]>,
    stopped: Option<StoppedEntry<'a>>,
    assumptions: Vec<AssumptionEntry<'a>>,
    timeline: Vec<EventEntry<'a>>,
    replay: String,
}

impl<'a> Results<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let record = &outcome.record;
        Self {
            schema: SCHEMA.into(),
            kind: "run".into(),
            tool_version: (&outcome.tool_version).into(),
            program: (&outcome.program).into(),
            scenario: (&outcome.scenario).into(),
            description: (&outcome.description).into(),
            file: (&outcome.file).into(),
            source: (&outcome.source).into(),
            settings: (&outcome.settings).into(),
            schedule: outcome.schedule.as_deref().map(Cow::from),
            seed: Wide(record.seed),
            digest: Fingerprint(record.digest),
            digest_format: DIGEST_FORMAT,
            events: record.events,
            workload_end_s: Moment(record.workload_end),
            end_s: Moment(record.end),
            verdict: Answer(outcome.verdict),
            as_expected: outcome.as_expected,
            requests: record.requests.started,
            request_outcomes: RequestOutcomes::of(&record.requests),
            latency: LatencyEntry::of(&record.requests),
            availability: AvailabilityEntry::of(&outcome.availability),
            properties: outcome.properties.iter().map(PropertyEntry::of).collect(),
            objective: ObjectiveEntry::of(&record.objective),
            silent: (&record.silent).into(),
            maintenance: record.maintenance.iter().map(PeriodEntry::of).collect(),
            outages: outcome.outages.iter().map(OutageEntry::of).collect(),
            findings: (&outcome.findings).into(),
            recovery: outcome.recovery.iter().map(RecoveryEntry::of).collect(),
            misjudged: outcome.misjudged.iter().map(MisjudgedEntry::of).collect(),
            loss: record.stores.iter().map(LossEntry::of).collect(),
            authority: record.stores.iter().map(AuthorityEntry::of).collect(),
            copies: record.stores.iter().flat_map(CopyEntry::of_store).collect(),
            faults: record.faults.iter().map(FaultEntry::of).collect(),
            laps: record.laps.iter().map(LapEntry::of).collect(),
            warnings: (&outcome.warnings).into(),
            doubts: (&outcome.doubts).into(),
            stopped: outcome.stopped.as_ref().map(StoppedEntry::of),
            assumptions: outcome.assumptions.iter().map(AssumptionEntry::of).collect(),
            timeline: record.timeline.events().iter().map(EventEntry::of).collect(),
            replay: outcome.replay_command(),
        }
    }

    /// The outcome again, with the signals of another file.
    ///
    /// # Errors
    /// What no run can have written: a time that runs backwards, a run longer than any report can show.
    pub(super) fn into_outcome(self, signals: Vec<Signal>, names: &mut Names) -> Result<Outcome, String> {
        let end = self.end_s.0;
        if end.since(Instant::ZERO) > EXACT {
            return Err(format!("`end_s`: no report shows a run that is longer than {}", span(EXACT)));
        }
        let timeline =
            timeline(self.timeline).map_err(|i| format!("`timeline[{i}]` is earlier than the event before it"))?;
        Ok(Outcome {
            scenario: self.scenario.into_owned(),
            program: self.program.into_owned(),
            file: self.file.into_owned(),
            source: self.source.into_owned(),
            settings: self.settings.into_owned(),
            schedule: self.schedule.map(Cow::into_owned),
            description: self.description.into_owned(),
            tool_version: self.tool_version.into_owned(),
            verdict: self.verdict.0,
            as_expected: self.as_expected,
            properties: self.properties.into_iter().map(|p| p.into_outcome(names)).collect(),
            outages: self.outages.into_iter().map(OutageEntry::into_outage).collect(),
            findings: self.findings.into_owned(),
            recovery: self.recovery.into_iter().map(RecoveryEntry::into_recovery).collect(),
            misjudged: self.misjudged.into_iter().map(MisjudgedEntry::into_misjudged).collect(),
            availability: self.availability.into_availability(),
            stopped: self.stopped.map(StoppedEntry::into_stopped),
            warnings: self.warnings.into_owned(),
            doubts: self.doubts.into_owned(),
            assumptions: self.assumptions.into_iter().map(AssumptionEntry::into_assumption).collect(),
            record: Record {
                seed: self.seed.0,
                digest: self.digest.0,
                events: self.events,
                workload_end: self.workload_end_s.0,
                end,
                timeline,
                laps: self.laps.into_iter().map(|lap| lap.into_lap()).collect(),
                signals,
                objective: self.objective.into_objective(),
                silent: self.silent.into_owned(),
                maintenance: self.maintenance.into_iter().map(PeriodEntry::into_period).collect(),
                requests: self.request_outcomes.into_totals(self.requests, &self.latency),
                stores: stores(self.loss, self.authority, self.copies),
                faults: self.faults.into_iter().map(FaultEntry::into_fault).collect(),
            },
        })
    }
}
