//! Traces are read back by the formats' own definitions: OpenTelemetry's crate, and the fields of Perfetto's schema.

use super::build::stretches;
use super::{Ended, Otlp, Perfetto, Stretch, shown};
use crate::explore;
use crate::outcome::{Outcome, fixture};
use crate::record::{Actor, LapResult, OperationOutcome, Timeline};
use crate::report::hostile::POISON;
use crate::report::text::acts_on_a_reader;
use crate::report::{Format, Look};
use crate::units::Instant;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{Span as OtlpSpan, TracesData};
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};

/// Perfetto's schema as far as it is used: `protos/perfetto/trace/perfetto_trace.proto`.
#[derive(Clone, PartialEq, prost::Message)]
struct Trace {
    #[prost(message, repeated, tag = "1")]
    packet: Vec<TracePacket>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TracePacket {
    #[prost(uint64, optional, tag = "8")]
    timestamp: Option<u64>,
    #[prost(uint32, optional, tag = "10")]
    trusted_packet_sequence_id: Option<u32>,
    #[prost(uint32, optional, tag = "13")]
    sequence_flags: Option<u32>,
    #[prost(message, optional, tag = "11")]
    track_event: Option<TrackEvent>,
    #[prost(message, optional, tag = "60")]
    track_descriptor: Option<TrackDescriptor>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TrackDescriptor {
    #[prost(uint64, optional, tag = "1")]
    uuid: Option<u64>,
    #[prost(string, optional, tag = "2")]
    name: Option<String>,
    #[prost(message, optional, tag = "3")]
    process: Option<ProcessDescriptor>,
    #[prost(uint64, optional, tag = "5")]
    parent_uuid: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ProcessDescriptor {
    #[prost(int32, optional, tag = "1")]
    pid: Option<i32>,
    #[prost(string, optional, tag = "6")]
    process_name: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TrackEvent {
    #[prost(string, repeated, tag = "22")]
    categories: Vec<String>,
    #[prost(string, optional, tag = "23")]
    name: Option<String>,
    #[prost(enumeration = "Type", optional, tag = "9")]
    r#type: Option<i32>,
    #[prost(uint64, optional, tag = "11")]
    track_uuid: Option<u64>,
    #[prost(message, repeated, tag = "4")]
    debug_annotations: Vec<DebugAnnotation>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct DebugAnnotation {
    #[prost(string, optional, tag = "10")]
    name: Option<String>,
    #[prost(bool, optional, tag = "2")]
    bool_value: Option<bool>,
    #[prost(uint64, optional, tag = "3")]
    uint_value: Option<u64>,
    #[prost(double, optional, tag = "5")]
    double_value: Option<f64>,
    #[prost(string, optional, tag = "6")]
    string_value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
enum Type {
    Unspecified = 0,
    SliceBegin = 1,
    SliceEnd = 2,
    Instant = 3,
    Counter = 4,
}

fn otlp(bytes: &[u8]) -> TracesData {
    let text = std::str::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count(), 1, "one line, as those who read line by line want it");
    serde_json::from_str(text).unwrap()
}

fn spans(outcome: &Outcome) -> Vec<OtlpSpan> {
    let data = otlp(&Otlp.run(outcome, Look::PLAIN));
    data.resource_spans[0].scope_spans[0].spans.clone()
}

fn said(attributes: &[KeyValue], key: &str) -> Option<Value> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match &found.value {
        Some(AnyValue { value }) => value.clone(),
        None => None,
    }
}

fn packets(outcome: &Outcome) -> Vec<TracePacket> {
    Trace::decode(Perfetto.run(outcome, Look::PLAIN).as_slice()).unwrap().packet
}

/// An outage in which people are asked: one answers, one is never reached.
fn asked() -> Outcome {
    let mut outcome = fixture::outage(7);
    let mut timeline = Timeline::default();
    let events = [
        (61, Actor::Control, "region_failover.started", "fails over"),
        (62, Actor::Control, "approval.asked", "may it?"),
        (63, Actor::People, "paged.alice", "alice is paged: may it?"),
        (64, Actor::People, "paged.bob", "bob is paged: may it?"),
        (70, Actor::People, "acknowledged.alice", "alice acknowledges"),
        (75, Actor::People, "paged.bob", "bob is paged: may it?"),
        (90, Actor::People, "answered.alice", "alice approves: may it?"),
        (91, Actor::Control, "approval.given", "alice approves after 29s: may it?"),
        (95, Actor::Control, "approval.asked", "and this?"),
        (99, Actor::Control, "approval.refused", "bob refuses after 4s, no: and this?"),
        (100, Actor::Control, "region_failover.done", "7 steps done and verified"),
    ];
    for (at, actor, name, text) in events {
        timeline.push_told(Instant::from_secs(at), actor, name, text);
    }
    outcome.record.timeline = timeline;
    outcome.record.laps.clear();
    outcome
}

#[test]
fn every_stretch_lies_within_the_one_before_it_that_holds_it() {
    for outcome in [fixture::outage(7), fixture::quiet(1), fixture::stalled(2), asked()] {
        let all = stretches(&outcome);
        assert_eq!((all[0].within, all[0].from, all[0].until), (None, Instant::ZERO, outcome.record.end));
        for (place, it) in all.iter().enumerate().skip(1) {
            let parent = it.within.unwrap();
            assert!(parent < place && it.from <= it.until, "{it:?}");
            assert!(all[parent].from <= it.from && it.until <= all[parent].until, "{it:?} in {:?}", all[parent]);
        }
        let marks: usize = all.iter().map(|it| it.marks.len()).sum();
        assert_eq!(marks, outcome.timeline().events().len(), "every event once");
        for it in &all {
            assert!(it.marks.iter().all(|mark| (it.from..=it.until).contains(&mark.at)), "{it:?}");
        }
    }
}

#[test]
fn a_trace_of_opentelemetry_has_faults_recoveries_and_every_step_within_its_run() {
    let outcome = fixture::outage(7);
    let data = otlp(&Otlp.run(&outcome, Look::PLAIN));
    let resource = data.resource_spans[0].resource.clone().unwrap().attributes;
    assert_eq!(said(&resource, "firedrill.simulated"), Some(Value::BoolValue(true)));
    assert_eq!(said(&resource, "firedrill.digest"), Some(Value::StringValue(outcome.record.digest.to_string())));
    let spans = &data.resource_spans[0].scope_spans[0].spans;
    let ids: BTreeMap<Vec<u8>, &OtlpSpan> = spans.iter().map(|span| (span.span_id.clone(), span)).collect();
    assert_eq!(ids.len(), spans.len(), "ids are unique");
    let trace = format!("{}{:016x}", outcome.record.digest, outcome.record.seed);
    for span in spans {
        let id: String = span.trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(id == trace && span.span_id.len() == 8 && span.span_id.iter().any(|byte| *byte != 0));
        assert!(span.parent_span_id.is_empty() == (span.span_id == spans[0].span_id), "{}", span.name);
        if let Some(parent) = ids.get(&span.parent_span_id) {
            assert!(parent.start_time_unix_nano <= span.start_time_unix_nano, "{}", span.name);
            assert!(parent.end_time_unix_nano >= span.end_time_unix_nano, "{}", span.name);
        }
    }
    let runs: Vec<&OtlpSpan> = spans.iter().filter(|span| span.name == "region_failover").collect();
    assert_eq!(runs.len(), 2, "the first is rolled back, the second restores service");
    assert_eq!(runs.iter().map(|run| run.status.clone().unwrap().code).collect::<Vec<_>>(), [2, 1]);
    for lap in &outcome.record.laps {
        let run = runs[lap.run as usize - 1];
        let from = 946_684_800_000_000_000 + lap.start.as_nanos();
        let is_it = |span: &&OtlpSpan| {
            span.parent_span_id == run.span_id && span.name == lap.step && span.start_time_unix_nano == from
        };
        let step = spans.iter().find(is_it).unwrap_or_else(|| panic!("{lap:?}"));
        assert_eq!(step.end_time_unix_nano - from, lap.took.as_nanos());
        assert_eq!(said(&step.attributes, "step_tries"), Some(Value::IntValue(i64::from(lap.tries))));
        let code = match lap.result {
            LapResult::Done => 1,
            LapResult::Skipped | LapResult::Undone => 0,
            LapResult::Failed | LapResult::OverBudget | LapResult::UndoFailed => 2,
        };
        assert_eq!(step.status.clone().unwrap_or_default().code, code, "{lap:?}");
    }
    let dark = spans.iter().find(|span| span.name == "dark").unwrap();
    let told: Vec<&str> = dark.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(told, ["fault.dark", "fault.dark.healed"]);
    let recovery = spans.iter().find(|span| span.name == "recovery from dark").unwrap();
    let phases = spans.iter().filter(|span| span.parent_span_id == recovery.span_id);
    assert_eq!(phases.map(|span| span.name.as_str()).collect::<Vec<_>>(), ["detect", "decide", "act", "converge"]);
}

#[test]
fn people_and_approvals_are_stretches_from_question_to_answer() {
    let all = stretches(&asked());
    let secs = |at: Instant| at.second();
    let of = |group: &str| -> Vec<(String, u64, u64)> {
        let found = all.iter().filter(|it| it.group == group);
        found.map(|it| (it.name.clone(), secs(it.from), secs(it.until))).collect()
    };
    assert_eq!(of("Approvals"), [("approval: may it?".to_owned(), 62, 91), ("approval: and this?".to_owned(), 95, 99)]);
    let end = secs(all[0].until);
    let people = [
        ("alice: paged".to_owned(), 63, 70),
        ("bob: paged".to_owned(), 64, end),
        ("alice: decides".to_owned(), 70, 90),
    ];
    assert_eq!(of("People"), people, "bob is paged twice and never answers");
    let ended = |name: &str| all.iter().find(|it| it.name == name).map(|it: &Stretch| it.ended.clone()).unwrap();
    assert_eq!(ended("approval: may it?"), Ended::Well);
    assert!(matches!(ended("approval: and this?"), Ended::Badly(why) if why.starts_with("bob refuses")));
    let asked = all.iter().find(|it| it.name == "approval: may it?").unwrap();
    assert_eq!(all[asked.within.unwrap()].name, "region_failover", "it waits for the answer");
}

#[test]
fn a_trace_of_perfetto_ends_what_it_begins_and_overlaps_nowhere() {
    let parallel = {
        let mut outcome = fixture::outage(7);
        // Two steps at a time, as in a list of steps that says so.
        let twin = outcome.record.laps[1].clone();
        outcome.record.laps.insert(2, crate::record::Lap { step: "beside".to_owned(), ..twin });
        outcome
    };
    for outcome in [fixture::outage(7), fixture::quiet(1), fixture::stalled(2), asked(), parallel] {
        let packets = packets(&outcome);
        assert_eq!(packets[0].sequence_flags, Some(1), "nothing is to be remembered from before");
        assert!(packets.iter().all(|packet| packet.trusted_packet_sequence_id == Some(1)));
        let tracks: Vec<&TrackDescriptor> =
            packets.iter().filter_map(|packet| packet.track_descriptor.as_ref()).collect();
        let process = tracks[0].process.clone().unwrap();
        assert!(process.pid == Some(1) && process.process_name.unwrap().ends_with("(simulated by firedrill)"));
        assert!(tracks[1..].iter().all(|track| track.parent_uuid == tracks[0].uuid && track.name.is_some()));
        let uuids: BTreeSet<Option<u64>> = tracks.iter().map(|track| track.uuid).collect();
        assert_eq!(uuids.len(), tracks.len());
        let mut open: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let mut last: BTreeMap<u64, u64> = BTreeMap::new();
        let (mut slices, mut instants) = (0, 0);
        for packet in &packets {
            let Some(event) = &packet.track_event else { continue };
            let (track, at) = (event.track_uuid.unwrap(), packet.timestamp.unwrap());
            assert!(uuids.contains(&Some(track)) && last.insert(track, at).is_none_or(|before| before <= at));
            let begun = open.entry(track).or_default();
            match Type::try_from(event.r#type.unwrap()).unwrap() {
                Type::SliceBegin => {
                    slices += 1;
                    begun.push(at);
                }
                Type::SliceEnd => assert!(begun.pop().is_some_and(|from| from <= at)),
                Type::Instant => instants += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(open.values().all(Vec::is_empty), "all that began has ended");
        assert_eq!((slices, instants), (stretches(&outcome).len(), outcome.timeline().events().len()));
    }
}

#[test]
fn a_step_of_perfetto_stands_in_the_row_of_its_run_and_one_beside_it_in_another() {
    let outcome = fixture::outage(7);
    let packets = packets(&outcome);
    let named = |name: &str| {
        let tracks = packets.iter().filter_map(|packet| packet.track_descriptor.as_ref());
        tracks.filter(|track| track.name.as_deref() == Some(name)).map(|track| track.uuid).collect::<Vec<_>>()
    };
    let begun: Vec<(&TrackEvent, u64)> = packets
        .iter()
        .filter_map(|packet| Some((packet.track_event.as_ref()?, packet.timestamp?)))
        .filter(|(event, _)| event.r#type == Some(Type::SliceBegin as i32))
        .collect();
    let rows = named("region_failover");
    assert_eq!(rows.len(), 1, "two runs, one after the other, need one row");
    for lap in &outcome.record.laps {
        let is_it = |(event, at): &&(&TrackEvent, u64)| {
            event.name.as_deref() == Some(&lap.step) && *at == lap.start.as_nanos() && event.track_uuid == rows[0]
        };
        let (event, _) = begun.iter().find(is_it).unwrap_or_else(|| panic!("{lap:?}"));
        let annotation =
            |name: &str| event.debug_annotations.iter().find(|it| it.name.as_deref() == Some(name)).unwrap();
        assert_eq!(annotation("step_tries").uint_value, Some(u64::from(lap.tries)));
        assert_eq!(annotation("step_budget_s").double_value, Some(lap.budget.as_secs_f64()));
    }
    let whole = begun.iter().find(|(event, _)| event.categories == ["Run"]).unwrap().0;
    let simulated = whole.debug_annotations.iter().find(|it| it.name.as_deref() == Some("firedrill.simulated"));
    assert_eq!(simulated.unwrap().bool_value, Some(true));
}

#[test]
fn the_trace_of_the_fixture_is_the_golden_one() {
    crate::report::golden::check("otlp.json", &Otlp.run(&fixture::outage(7), Look::PLAIN));
}

#[test]
fn many_runs_are_shown_by_their_worst_and_none_by_nothing() {
    let campaign = explore::run(0..3, None, fixture::spaced).unwrap();
    let worst = campaign.worst.clone().unwrap();
    assert_eq!(Otlp.campaign(&campaign, Look::PLAIN), Otlp.run(&worst, Look::PLAIN));
    assert_eq!(Perfetto.campaign(&campaign, Look::PLAIN), Perfetto.run(&worst, Look::PLAIN));
    let broken = explore::run(0..2, None, |_| panic!("broken")).unwrap();
    assert!(otlp(&Otlp.campaign(&broken, Look::PLAIN)).resource_spans.is_empty());
    assert!(Perfetto.campaign(&broken, Look::PLAIN).is_empty(), "an empty trace");
}

#[test]
fn no_text_of_a_trace_acts_on_a_reader() {
    for poison in POISON {
        let outcome = fixture::hostile(poison);
        let mut texts: Vec<String> = Vec::new();
        for packet in packets(&outcome) {
            texts.extend(packet.track_descriptor.and_then(|track| track.name));
            if let Some(event) = packet.track_event {
                texts.extend(event.name);
                texts.extend(event.categories);
                texts.extend(event.debug_annotations.into_iter().filter_map(|it| it.string_value));
            }
        }
        texts.extend(spans(&outcome).into_iter().map(|span| span.name));
        assert!(texts.iter().any(|text| *text == shown(poison)), "{poison:?}");
        let acting = texts.iter().find(|text| text.chars().any(acts_on_a_reader));
        assert_eq!(acting, None, "{poison:?}");
    }
}

#[test]
fn sampled_requests_are_stretches_that_end_as_they_came_out() {
    let outcome = fixture::outage(7);
    let sampled = &outcome.record.sampled;
    let group = Some(Value::StringValue("Requests, sampled".to_owned()));
    let spans = spans(&outcome);
    let shown: Vec<&OtlpSpan> =
        spans.iter().filter(|span| said(&span.attributes, "firedrill.group") == group).collect();
    assert!(sampled.len() > 100 && sampled.len() <= 500 && shown.len() == sampled.len(), "{}", sampled.len());
    for (span, request) in shown.iter().zip(sampled) {
        let status = span.status.clone().unwrap_or_default();
        assert_eq!(status.code, if request.outcome == OperationOutcome::Ok { 1 } else { 2 }, "{request:?}");
        assert_eq!(
            span.end_time_unix_nano - span.start_time_unix_nano,
            request.ended.since(request.started).as_nanos()
        );
        assert_eq!(request.reason.is_none(), request.outcome == OperationOutcome::Ok);
    }
    assert!(sampled.iter().any(|request| request.outcome != OperationOutcome::Ok), "the region was dark");
}
