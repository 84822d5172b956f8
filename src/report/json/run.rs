//! One run in `results.json`, field by field, in the order of the file.

use super::parts::{
    AssumptionEntry, AuthorityEntry, AvailabilityEntry, CopyEntry, EventEntry, FaultEntry, LapEntry, LatencyEntry,
    LossEntry, PropertyEntry, RecoveryEntry, RequestOutcomes, StoppedEntry, seconds,
};
use super::{SCHEMA, TOOL};
use crate::outcome::Outcome;
use crate::record::{DIGEST_FORMAT, Digest};
use crate::units::Instant;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Results<'a> {
    schema: &'static str,
    kind: &'static str,
    tool_version: &'static str,
    scenario: &'a str,
    description: &'a str,
    file: &'a str,
    settings: &'a [String],
    seed: String,
    digest: Digest,
    digest_format: u32,
    events: u64,
    workload_end_s: f64,
    end_s: f64,
    verdict: String,
    as_expected: bool,
    requests: u64,
    request_outcomes: RequestOutcomes,
    latency: LatencyEntry,
    availability: AvailabilityEntry,
    properties: Vec<PropertyEntry<'a>>,
    recovery: Vec<RecoveryEntry<'a>>,
    loss: Vec<LossEntry<'a>>,
    authority: Vec<AuthorityEntry<'a>>,
    copies: Vec<CopyEntry<'a>>,
    faults: Vec<FaultEntry<'a>>,
    laps: Vec<LapEntry<'a>>,
    warnings: &'a [String],
    stopped: Option<StoppedEntry<'a>>,
    assumptions: Vec<AssumptionEntry<'a>>,
    timeline: Vec<EventEntry<'a>>,
    replay: String,
}

impl<'a> Results<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let record = &outcome.record;
        let since_start = |at: Instant| seconds(at.since(Instant::ZERO));
        Self {
            schema: SCHEMA,
            kind: "run",
            tool_version: TOOL,
            scenario: &outcome.scenario,
            description: &outcome.description,
            file: &outcome.file,
            settings: &outcome.settings,
            seed: record.seed.to_string(),
            digest: record.digest,
            digest_format: DIGEST_FORMAT,
            events: record.events,
            workload_end_s: since_start(record.workload_end),
            end_s: since_start(record.end),
            verdict: outcome.verdict.to_string(),
            as_expected: outcome.as_expected,
            requests: record.requests.started,
            request_outcomes: RequestOutcomes::of(&record.requests),
            latency: LatencyEntry::of(&record.requests),
            availability: AvailabilityEntry::of(&outcome.availability),
            properties: outcome.properties.iter().map(PropertyEntry::of).collect(),
            recovery: outcome.recovery.iter().map(RecoveryEntry::of).collect(),
            loss: record.stores.iter().map(LossEntry::of).collect(),
            authority: record.stores.iter().map(AuthorityEntry::of).collect(),
            copies: record.stores.iter().flat_map(CopyEntry::of_store).collect(),
            faults: record.faults.iter().map(FaultEntry::of).collect(),
            laps: record.laps.iter().map(LapEntry::of).collect(),
            warnings: &outcome.warnings,
            stopped: outcome.stopped.as_ref().map(StoppedEntry::of),
            assumptions: outcome.assumptions.iter().map(AssumptionEntry::of).collect(),
            timeline: record.timeline.events().iter().map(EventEntry::of).collect(),
            replay: outcome.replay_command(),
        }
    }
}
