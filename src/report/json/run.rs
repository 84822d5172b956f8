//! One run in `results.json`, field by field, in the order of the file.
//!
//! Owns that order. What is in a field is mostly the outcome's own, and says itself how it is written and read. Invariant:
//! an outcome cannot be made here without every field of it having been read.

use super::SCHEMA;
use super::stores::{AuthorityEntry, CopyEntry, LossEntry, stores};
use crate::outcome::{
    Assumption, Availability, BaseFile, Misjudged, Outage, Outcome, PropertyOutcome, Recovery, Stopped, Verdict,
};
use crate::record::{
    ClassLatency, DIGEST_FORMAT, Digest, DualWriteRecord, FaultRecord, Lap, Latency, Objective, Observation, Period,
    Reconciliation, Record, RequestTotals, SampledRequest, Signal, Timeline, Wait,
};
use crate::report::text::span;
use crate::units::{As, EXACT, Instant, Seconds, Wide};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One run: everything it came to, but for its signals over time.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "run")]
pub(super) struct Results<'a> {
    /// The version of the schema.
    #[schemars(extend("const" = SCHEMA))]
    schema: Cow<'a, str>,
    /// What the file is about.
    #[schemars(extend("const" = "run"))]
    kind: Cow<'a, str>,
    /// The version of firedrill that made the run.
    tool_version: Cow<'a, str>,
    /// The program that made it, for the replay line.
    program: Cow<'a, str>,
    /// The scenario's name.
    scenario: Cow<'a, str>,
    /// What the scenario says about itself.
    description: Cow<'a, str>,
    /// The scenario file as it was given; `-` if it came from elsewhere.
    file: Cow<'a, str>,
    /// The text of the scenario.
    source: Cow<'a, str>,
    /// The files that the scenario builds on, from the nearest to the farthest.
    bases: Cow<'a, [BaseFile]>,
    /// Settings given beside the file (`path=value`), in order.
    settings: Cow<'a, [String]>,
    /// The written schedule that was run in place of the seed's own.
    schedule: Option<Cow<'a, str>>,
    /// The seed of the run.
    #[serde(with = "As::<Wide>")]
    seed: u64,
    /// The fingerprint of every semantic transition.
    pub(super) digest: Digest,
    /// The version of what a digest means.
    digest_format: u32,
    /// Kernel events handled.
    events: u64,
    /// When the workload ended and healing of what was left began.
    #[serde(with = "As::<Seconds>")]
    workload_end_s: Instant,
    /// When the run ended: after the settling phase.
    #[serde(with = "As::<Seconds>")]
    end_s: Instant,
    /// All properties together.
    verdict: Verdict,
    /// Whether every verdict is the expected one.
    as_expected: bool,
    /// Requests clients started.
    requests: u64,
    /// Those requests, by what became of them.
    request_outcomes: RequestTotals,
    /// How long they took.
    latency: Latency,
    /// How long those of each class took that were answered.
    latency_by_class: Cow<'a, [ClassLatency]>,
    /// Availability over the whole run.
    availability: Availability,
    /// One per property, in the scenario's order.
    properties: Cow<'a, [PropertyOutcome]>,
    /// What the service promised to whom.
    objective: Cow<'a, Objective>,
    /// The populations that sent no request.
    silent: Cow<'a, [String]>,
    /// The windows in which an interruption was declared as planned.
    maintenance: Cow<'a, [Period]>,
    /// Every time a class of requests was not served as promised, in order.
    outages: Cow<'a, [Outage]>,
    /// What was found that no property bounds: with any, the scenario does not pass.
    findings: Cow<'a, [String]>,
    /// One per fault that took something away.
    recovery: Cow<'a, [Recovery]>,
    /// One per region that a controller watches, by name.
    misjudged: Cow<'a, [Misjudged]>,
    /// One per database: what was lost.
    loss: Vec<LossEntry<'a>>,
    /// One per database: who could write, and which writes were acknowledged by somebody else.
    authority: Vec<AuthorityEntry<'a>>,
    /// What the copies of all databases were at the end.
    copies: Vec<CopyEntry<'a>>,
    /// One for every pair of databases that a dual write goes to.
    dual_writes: Cow<'a, [DualWriteRecord]>,
    /// What control found when it compared databases, in order.
    reconciliations: Cow<'a, [Reconciliation]>,
    /// What those who watched for a property came to.
    observations: Cow<'a, [Observation]>,
    /// Requests by themselves, evenly spread over all: at most 500.
    sampled: Cow<'a, [SampledRequest]>,
    /// Who still waited for whom when the run ended.
    waits: Cow<'a, [Wait]>,
    /// One per scheduled fault.
    faults: Cow<'a, [FaultRecord]>,
    /// Every step of every procedure, as it went.
    laps: Cow<'a, [Lap]>,
    /// What the reader must know before trusting the verdict.
    warnings: Cow<'a, [String]>,
    /// Why the run as a whole proves nothing, whatever its properties say.
    doubts: Cow<'a, [String]>,
    /// Why the run stopped early, if it did.
    stopped: Cow<'a, Option<Stopped>>,
    /// Each assumption behind the verdict, in the scenario's order.
    assumptions: Cow<'a, [Assumption]>,
    /// What happened, in order.
    timeline: Cow<'a, Timeline>,
    /// The command that repeats exactly this run.
    replay: String,
}

impl<'a> From<&'a Outcome> for Results<'a> {
    fn from(outcome: &'a Outcome) -> Self {
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
            bases: (&outcome.bases).into(),
            settings: (&outcome.settings).into(),
            schedule: outcome.schedule.as_deref().map(Cow::from),
            seed: record.seed,
            digest: record.digest,
            digest_format: DIGEST_FORMAT,
            events: record.events,
            workload_end_s: record.workload_end,
            end_s: record.end,
            verdict: outcome.verdict,
            as_expected: outcome.as_expected,
            requests: record.requests.started,
            request_outcomes: record.requests,
            latency: record.requests.latency,
            latency_by_class: (&record.latency_by_class).into(),
            availability: outcome.availability,
            properties: (&outcome.properties).into(),
            objective: Cow::Borrowed(&record.objective),
            silent: (&record.silent).into(),
            maintenance: (&record.maintenance).into(),
            outages: (&outcome.outages).into(),
            findings: (&outcome.findings).into(),
            recovery: (&outcome.recovery).into(),
            misjudged: (&outcome.misjudged).into(),
            loss: record.stores.iter().map(LossEntry::from).collect(),
            authority: record.stores.iter().map(AuthorityEntry::from).collect(),
            copies: record.stores.iter().flat_map(CopyEntry::all_of).collect(),
            dual_writes: (&record.dual_writes).into(),
            reconciliations: (&record.reconciliations).into(),
            observations: (&record.observations).into(),
            sampled: (&record.sampled).into(),
            waits: (&record.waits).into(),
            faults: (&record.faults).into(),
            laps: (&record.laps).into(),
            warnings: (&outcome.warnings).into(),
            doubts: (&outcome.doubts).into(),
            stopped: Cow::Borrowed(&outcome.stopped),
            assumptions: (&outcome.assumptions).into(),
            timeline: Cow::Borrowed(&record.timeline),
            replay: outcome.replay_command(),
        }
    }
}

impl Results<'_> {
    /// The outcome again, with the signals of another file.
    ///
    /// # Errors
    /// What no run can have written: one longer than any report can show.
    pub(super) fn into_outcome(self, signals: Vec<Signal>) -> Result<Outcome, String> {
        if self.end_s.since(Instant::ZERO) > EXACT {
            return Err(format!("`end_s`: no report shows a run that is longer than {}", span(EXACT)));
        }
        let record = Record {
            seed: self.seed,
            digest: self.digest,
            events: self.events,
            workload_end: self.workload_end_s,
            end: self.end_s,
            timeline: self.timeline.into_owned(),
            laps: self.laps.into_owned(),
            signals,
            objective: self.objective.into_owned(),
            silent: self.silent.into_owned(),
            maintenance: self.maintenance.into_owned(),
            requests: RequestTotals { started: self.requests, latency: self.latency, ..self.request_outcomes },
            latency_by_class: self.latency_by_class.into_owned(),
            stores: stores(self.loss, self.authority, self.copies),
            dual_writes: self.dual_writes.into_owned(),
            reconciliations: self.reconciliations.into_owned(),
            observations: self.observations.into_owned(),
            history: None,
            sampled: self.sampled.into_owned(),
            waits: self.waits.into_owned(),
            faults: self.faults.into_owned(),
        };
        Ok(Outcome {
            scenario: self.scenario.into_owned(),
            program: self.program.into_owned(),
            file: self.file.into_owned(),
            settings: self.settings.into_owned(),
            schedule: self.schedule.map(Cow::into_owned),
            description: self.description.into_owned(),
            source: self.source.into_owned(),
            bases: self.bases.into_owned(),
            tool_version: self.tool_version.into_owned(),
            verdict: self.verdict,
            as_expected: self.as_expected,
            properties: self.properties.into_owned(),
            recovery: self.recovery.into_owned(),
            misjudged: self.misjudged.into_owned(),
            outages: self.outages.into_owned(),
            findings: self.findings.into_owned(),
            availability: self.availability,
            stopped: self.stopped.into_owned(),
            warnings: self.warnings.into_owned(),
            doubts: self.doubts.into_owned(),
            assumptions: self.assumptions.into_owned(),
            record,
        })
    }
}
