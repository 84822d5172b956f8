//! `evidence.json`: what whoever audits operational resilience asks of a test, answered from one run or many.
//!
//! Owns that file and its schema. Does not judge, and does not say that a rule is met: it holds what was claimed, what came
//! out, what it rests on and what is missing. Invariant: everything in it is in the results; what no run says is null or an
//! empty list.
//!
//! The questions are those of Commission Delegated Regulation (EU) 2024/1774, OJ L, 25.6.2024: Article 25 for plans of ICT
//! business continuity, Article 40 for those of the simplified framework. Each field names the place.

use super::SCHEMA as RESULTS_SCHEMA;
use super::achieved::{LossEvidence, ObjectiveEvidence, RecoveryEvidence, losses, objectives, recoveries};
use super::gaps::{EvidenceGap, of_campaign, of_run};
use super::schema::described;
use super::{TOOL, pretty};
use crate::explore::Campaign;
use crate::outcome::{Assumption, Availability, Outcome, Verdict};
use crate::record::event::{EventKind, PeopleKind};
use crate::record::{ControlRun, DIGEST_FORMAT, Digest, RunState};
use crate::report::text::cut;
use crate::report::{Format, Look};
use crate::units::{As, Instant, Seconds, Wide};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the schema.
const SCHEMA: &str = "firedrill.evidence/1";

/// What kind of test it is (Article 25(2)(a): test scenarios that simulate potential disruptions).
const SIMULATION: &str = "simulation";

/// What such a test cannot show (Article 25(2), points (b) and (e), ask for tests of services, providers and staff).
const LIMITS: &str = "A simulation of the plan under the assumptions below. No system, no person and no third party was put to the \
                      test.";

/// The longest a single piece of text gets. Unit: characters.
const LONGEST: usize = 10_000;

pub(in crate::report) struct AuditEvidence;

impl Format for AuditEvidence {
    fn name(&self) -> &'static str {
        "evidence"
    }
    fn file(&self) -> Option<&'static str> {
        Some("evidence.json")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        pretty(&EvidenceFile::of_run(outcome))
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        pretty(&EvidenceFile::of_campaign(campaign))
    }
}

/// The schema of `evidence.json`.
pub fn evidence_schema() -> Value {
    described::<EvidenceFile>("What a rehearsal with firedrill leaves as evidence of a test")
}

/// Foreign text, as long as anybody reads.
pub(super) fn text(text: &str) -> String {
    cut(text, LONGEST)
}

/// What a rehearsal leaves as evidence of a test.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "evidence")]
struct EvidenceFile {
    /// The version of the schema.
    #[schemars(extend("const" = SCHEMA))]
    schema: String,
    /// Whether it is about one run or about many: `run` or `campaign`.
    kind: String,
    /// The rules whose questions the fields answer, with their articles. That is no statement that they are met.
    questions_of: Vec<String>,
    /// What such a test cannot show.
    limits: String,
    /// What was rehearsed (Article 25(2)(a), Article 40(1)).
    scenario: TestedScenario,
    /// The worst verdict of all that was demanded.
    verdict: Verdict,
    /// Whether every verdict is the one that the scenario expects.
    as_expected: bool,
    /// What is claimed, recovery times and points among it, and what came out (Article 24(1)(b) for recovery objectives,
    /// Article 25(2) for their assessment, Article 40(2)).
    objectives: Vec<ObjectiveEvidence>,
    /// How service came back after each disruption (Article 40(2): until critical operations are re-established).
    recovery: Vec<RecoveryEvidence>,
    /// What was lost, by database; of many runs in the worst.
    loss: Vec<LossEvidence>,
    /// Availability over the whole run, of many runs the worst; null if every run broke the tool.
    availability: Option<Availability>,
    /// Switchovers and other procedures that ran, of many runs in the worst (Article 25(2)(c)).
    procedures: Vec<ProcedureEvidence>,
    /// How people answered, as assumed of them (Article 25(2)(e): the ability of staff to respond).
    staff: Vec<StaffEvidence>,
    /// Who was told, and when (Article 25(2)(d): crisis communication).
    communication: Vec<AudienceEvidence>,
    /// The assumptions with their sources (Article 25(2)(d): testing challenges the assumptions of a plan).
    assumptions: Vec<Assumption>,
    /// What was found wanting (Article 25(5), Article 40(3): deficiencies are analysed, addressed and reported to the
    /// management body).
    gaps: Vec<EvidenceGap>,
    /// With what it can be repeated (Article 25(5), Article 40(3): results are documented).
    repeat: RepeatEvidence,
}

/// What was rehearsed.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TestedScenario {
    /// What kind of test it is.
    #[serde(rename = "type")]
    #[schemars(extend("const" = SIMULATION))]
    kind: String,
    /// The scenario's name; empty if every run broke the tool.
    name: String,
    /// What it says about itself.
    description: String,
    /// Its file, as it was given.
    file: String,
    /// Settings given beside the file, in order.
    settings: Vec<String>,
    /// The disruptions it simulates, of many runs as they went in the worst.
    disruptions: Vec<DisruptionEvidence>,
}

/// One disruption.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DisruptionEvidence {
    /// Its id in the scenario.
    id: String,
    /// Its kind.
    kind: String,
    /// How often it happened.
    times: u64,
    /// When it first began; null: it never did.
    #[serde(with = "As::<Option<Seconds>>")]
    at_s: Option<Instant>,
    /// When it was last healed; null: it was not.
    #[serde(with = "As::<Option<Seconds>>")]
    healed_s: Option<Instant>,
    /// Operations it affected: with none it proves nothing.
    affected: u64,
}

/// One run of a procedure, or a shift of traffic.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ProcedureEvidence {
    /// The procedure.
    procedure: String,
    /// When it began; if it has not, when it was planned.
    #[serde(with = "As::<Seconds>")]
    from_s: Instant,
    /// When it ended; null: it had not when the run ended.
    #[serde(with = "As::<Option<Seconds>>")]
    until_s: Option<Instant>,
    /// What became of it: `planned`, `under_way`, `handed_over`, `done`, `undone`, `undo_failed` or `stopped`.
    result: String,
    /// When the step began in which the point of no return lies; null: it did not come to that.
    #[serde(with = "As::<Option<Seconds>>")]
    no_return_from_s: Option<Instant>,
}

/// One person who was paged.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StaffEvidence {
    /// The person.
    person: String,
    /// Pages that arrived.
    pages: u64,
    /// When the first did.
    #[serde(with = "As::<Seconds>")]
    paged_s: Instant,
    /// When one was first acknowledged; null: none was.
    #[serde(with = "As::<Option<Seconds>>")]
    acknowledged_s: Option<Instant>,
    /// When the first question was answered; null: none was.
    #[serde(with = "As::<Option<Seconds>>")]
    answered_s: Option<Instant>,
}

/// One audience that was told something.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AudienceEvidence {
    /// The audience.
    audience: String,
    /// When it was first told.
    #[serde(with = "As::<Seconds>")]
    first_told_s: Instant,
    /// Messages that arrived.
    messages: u64,
}

/// With what the test can be repeated.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RepeatEvidence {
    /// The version of firedrill.
    tool_version: String,
    /// The schema of the results that this was taken from.
    results_schema: String,
    /// The first seed.
    #[serde(with = "As::<Wide>")]
    first_seed: u64,
    /// The last seed.
    #[serde(with = "As::<Wide>")]
    last_seed: u64,
    /// Runs.
    runs: u64,
    /// The fingerprint of the run, of many runs of the worst; null if every run broke the tool.
    digest: Option<Digest>,
    /// The version of what a digest means.
    digest_format: u32,
    /// The command that repeats that run; empty if every run broke the tool.
    replay: String,
}

impl EvidenceFile {
    fn of_run(outcome: &Outcome) -> Self {
        let seed = outcome.record.seed;
        Self {
            kind: "run".to_owned(),
            verdict: outcome.verdict,
            as_expected: outcome.as_expected,
            objectives: objectives(outcome, None),
            recovery: recoveries(outcome, None),
            gaps: of_run(outcome),
            ..Self::of_moments(Some(outcome), (seed, seed, 1))
        }
    }

    fn of_campaign(campaign: &Campaign) -> Self {
        let seeds = (campaign.seeds.start, campaign.seeds.end.saturating_sub(1), campaign.rows.len() as u64);
        let worst = campaign.worst.as_ref();
        Self {
            kind: "campaign".to_owned(),
            verdict: campaign.verdict(),
            as_expected: campaign.as_expected(),
            objectives: worst.map_or_else(Vec::new, |worst| objectives(worst, Some(campaign))),
            recovery: worst.map_or_else(Vec::new, |worst| recoveries(worst, Some(campaign))),
            gaps: of_campaign(campaign),
            ..Self::of_moments(worst, seeds)
        }
    }

    /// What one run has moments for, and with what it is repeated.
    fn of_moments(outcome: Option<&Outcome>, (first_seed, last_seed, runs): (u64, u64, u64)) -> Self {
        let article = |number: u32| format!("Commission Delegated Regulation (EU) 2024/1774, Article {number}");
        let assumptions = outcome.iter().flat_map(|outcome| &outcome.assumptions);
        Self {
            schema: SCHEMA.to_owned(),
            kind: String::new(),
            questions_of: [25, 40].map(article).to_vec(),
            limits: LIMITS.to_owned(),
            scenario: TestedScenario::of(outcome),
            verdict: Verdict::Inconclusive,
            as_expected: false,
            objectives: Vec::new(),
            recovery: Vec::new(),
            loss: outcome.map_or_else(Vec::new, losses),
            availability: outcome.map(|outcome| outcome.availability),
            procedures: outcome.map_or_else(Vec::new, procedures),
            staff: outcome.map_or_else(Vec::new, staff),
            communication: outcome.map_or_else(Vec::new, communication),
            assumptions: assumptions.map(shortened).collect(),
            gaps: Vec::new(),
            repeat: RepeatEvidence {
                tool_version: outcome.map_or(TOOL, |outcome| &outcome.tool_version).to_owned(),
                results_schema: RESULTS_SCHEMA.to_owned(),
                first_seed,
                last_seed,
                runs,
                digest: outcome.map(|outcome| outcome.record.digest),
                digest_format: DIGEST_FORMAT,
                replay: outcome.map_or_else(String::new, |outcome| text(&outcome.replay_command())),
            },
        }
    }
}

fn shortened(assumption: &Assumption) -> Assumption {
    let Assumption { path, value, origin, source } = assumption;
    let [path, value, origin, source] = [path, value, origin, source].map(|part| text(part));
    Assumption { path, value, origin, source }
}

impl TestedScenario {
    fn of(outcome: Option<&Outcome>) -> Self {
        let said = |of: fn(&Outcome) -> &String| outcome.map_or_else(String::new, |outcome| text(of(outcome)));
        let faults = outcome.iter().flat_map(|outcome| &outcome.record.faults);
        let disruptions = faults.map(|fault| DisruptionEvidence {
            id: text(&fault.id),
            kind: text(&fault.kind),
            times: fault.periods.len() as u64,
            at_s: fault.at,
            healed_s: fault.healed,
            affected: fault.hits,
        });
        Self {
            kind: SIMULATION.to_owned(),
            name: said(|outcome| &outcome.scenario),
            description: said(|outcome| &outcome.description),
            file: said(|outcome| &outcome.file),
            settings: outcome.iter().flat_map(|outcome| &outcome.settings).map(|setting| text(setting)).collect(),
            disruptions: disruptions.collect(),
        }
    }
}

fn procedures(outcome: &Outcome) -> Vec<ProcedureEvidence> {
    let record = &outcome.record;
    let of_run = |run: &ControlRun<'_>| {
        let until = run.until.unwrap_or(record.end);
        let inside = |lap: &&crate::record::Lap| {
            lap.procedure == run.name && lap.start >= run.from && lap.start <= until && lap.past_return
        };
        ProcedureEvidence {
            procedure: text(run.name),
            from_s: run.from,
            until_s: run.until,
            result: result(run.state).to_owned(),
            no_return_from_s: record.laps.iter().find(inside).map(|lap| lap.start),
        }
    };
    ControlRun::all(&record.timeline).iter().map(of_run).collect()
}

const fn result(state: RunState) -> &'static str {
    match state {
        RunState::Planned => "planned",
        RunState::UnderWay => "under_way",
        RunState::HandedOver => "handed_over",
        RunState::Done => "done",
        RunState::Undone => "undone",
        RunState::UndoFailed => "undo_failed",
        RunState::Stopped => "stopped",
    }
}

/// Whose events of that kind there are, in order, with how many and the first.
fn by_name(outcome: &Outcome, kind: PeopleKind, parameter: &str) -> Vec<(String, u64, Instant)> {
    let mut found: Vec<(String, u64, Instant)> = Vec::new();
    let events = outcome.record.timeline.events().iter();
    for event in events.filter(|event| event.kind == Some(EventKind::People(kind))) {
        let Some(name) = event.part(parameter) else { continue };
        match found.iter_mut().find(|(known, ..)| known == name) {
            Some((_, events, _)) => *events += 1,
            None => found.push((name.to_owned(), 1, event.at)),
        }
    }
    found
}

fn staff(outcome: &Outcome) -> Vec<StaffEvidence> {
    let [acknowledged, answered] =
        [PeopleKind::Acknowledged, PeopleKind::Answered].map(|kind| by_name(outcome, kind, "person"));
    let first =
        |of: &[(String, u64, Instant)], person: &str| of.iter().find(|(name, ..)| name == person).map(|(.., at)| *at);
    let paged = by_name(outcome, PeopleKind::Paged, "person").into_iter();
    let of_person = |(person, pages, paged_s): (String, u64, Instant)| StaffEvidence {
        acknowledged_s: first(&acknowledged, &person),
        answered_s: first(&answered, &person),
        person: text(&person),
        pages,
        paged_s,
    };
    paged.map(of_person).collect()
}

fn communication(outcome: &Outcome) -> Vec<AudienceEvidence> {
    let told = by_name(outcome, PeopleKind::Notified, "audience").into_iter();
    let of_audience = |(audience, messages, first_told_s): (String, u64, Instant)| AudienceEvidence {
        audience: text(&audience),
        first_told_s,
        messages,
    };
    told.map(of_audience).collect()
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
