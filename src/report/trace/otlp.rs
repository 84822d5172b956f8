//! `otlp.json`: a run as one trace of OpenTelemetry, for Jaeger, Tempo and whatever else takes OTLP over HTTP or from a file.
//!
//! Does not know a collector. Invariant: one line, so that it can be read line by line; times are those of the run, counted
//! from an agreed midnight; ids follow from digest, seed and order alone.
//! Source: OpenTelemetry protocol 1.x, JSON encoding: ids in hexadecimal, 64-bit numbers as text.

use super::build::stretches;
use super::{Ended, Fact, Mark, Stretch, identity};
use crate::explore::Campaign;
use crate::outcome::Outcome;
use crate::report::{Format, Look};
use crate::units::Instant;
use serde_json::{Value, json};

/// The midnight at which every run begins: that of 1 January 2000, UTC. Product default: so that viewers show the time of the
/// run as the time of day, and nobody takes it for a day on which something happened. Unit: nanoseconds since 1970.
const MIDNIGHT: u64 = 946_684_800_000_000_000;

pub(in crate::report) struct Otlp;

impl Format for Otlp {
    fn name(&self) -> &'static str {
        "otlp"
    }
    fn file(&self) -> Option<&'static str> {
        Some("otlp.json")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        line(&json!({ "resourceSpans": [of_run(outcome)] }))
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        // Of many runs the worst is looked at.
        line(&json!({ "resourceSpans": campaign.worst.iter().map(of_run).collect::<Vec<_>>() }))
    }
}

fn line(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

fn of_run(outcome: &Outcome) -> Value {
    let trace = format!("{}{:016x}", outcome.record.digest, outcome.record.seed);
    // No id may be all zeros.
    let trace = if trace.bytes().all(|b| b == b'0') { "1".repeat(32) } else { trace };
    let stretches = stretches(outcome);
    let spans: Vec<Value> = stretches.iter().enumerate().map(|(place, it)| span(&trace, place, it)).collect();
    let mut resource = vec![
        ("service.name", Fact::Text("firedrill".to_owned())),
        ("deployment.environment.name", Fact::Text("simulation".to_owned())),
    ];
    resource.extend(identity(outcome));
    json!({
        "resource": { "attributes": attributes(&resource) },
        "scopeSpans": [{ "scope": { "name": "firedrill", "version": super::shown(&outcome.tool_version) }, "spans": spans }],
    })
}

fn span(trace: &str, place: usize, stretch: &Stretch) -> Value {
    let mut facts = stretch.facts.clone();
    facts.push(("firedrill.group", Fact::Text(stretch.group.clone())));
    let status = match &stretch.ended {
        Ended::Open => json!({}),
        Ended::Well => json!({ "code": 1 }),
        Ended::Badly(why) => json!({ "code": 2, "message": why }),
    };
    json!({
        "traceId": trace,
        "spanId": id(place),
        "parentSpanId": stretch.within.map_or_else(String::new, id),
        "name": stretch.name,
        "kind": 1,
        "startTimeUnixNano": time(stretch.from),
        "endTimeUnixNano": time(stretch.until),
        "attributes": attributes(&facts),
        "events": stretch.marks.iter().map(event).collect::<Vec<_>>(),
        "status": status,
    })
}

fn event(mark: &Mark) -> Value {
    let said = [("actor", Fact::Text(mark.actor.to_string())), ("text", Fact::Text(mark.text.clone()))];
    json!({ "timeUnixNano": time(mark.at), "name": mark.name, "attributes": attributes(&said) })
}

/// The id of the stretch at that place.
fn id(place: usize) -> String {
    format!("{:016x}", place + 1)
}

fn time(at: Instant) -> String {
    MIDNIGHT.saturating_add(at.as_nanos()).to_string()
}

fn attributes(facts: &[(&'static str, Fact)]) -> Vec<Value> {
    let value = |fact: &Fact| match fact {
        Fact::Text(text) => json!({ "stringValue": text }),
        Fact::Count(count) => json!({ "intValue": i64::try_from(*count).unwrap_or(i64::MAX).to_string() }),
        Fact::Seconds(seconds) => json!({ "doubleValue": seconds }),
        Fact::Flag(flag) => json!({ "boolValue": flag }),
    };
    facts.iter().map(|(key, fact)| json!({ "key": key, "value": value(fact) })).collect()
}
