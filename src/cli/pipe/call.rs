//! What a program may say, and what it is answered.
//!
//! Owns the form of every line. Does not know the program. Invariant: a line that is not understood is refused with the reason,
//! and never taken for something else.

use crate::model::SimulatedPorts;
use crate::ports::{
    Audit, Backups, Clock, Databases, Dns, LoadBalancer, Notifier, Objects, People, PortError, Probe, Reply, Services,
};
use crate::procedure::metrics;
use crate::record::LossBound;
use crate::units::{Instant, Ratio, Span};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One line of a program.
#[derive(Debug)]
pub(super) enum Said {
    /// It asks for something, and waits for the answer.
    Call {
        /// The number the answer will have.
        id: u64,
        /// What.
        call: Call,
    },
    /// It tells something.
    Event {
        /// The name, after that of the controller.
        name: String,
        /// In words.
        text: String,
    },
    /// It has nothing more to do.
    Done,
}

/// What can be asked for: the methods of the ports, under their names.
#[derive(Debug, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Call {
    Sleep { for_s: f64 },
    Metrics { region: String },
    Probe { region: String, service: String },
    PointRecord { record: String, region: String },
    ReadRecord { record: String },
    SetTtl { record: String, ttl_s: f64 },
    ReadTtl { record: String },
    Activate { region: String },
    Deactivate { region: String },
    ServiceStatus { region: String },
    SetWeights { weights: BTreeMap<String, f64> },
    ReadWeights {},
    DatabasesIn { region: String },
    CopyStatus { database: String, region: String },
    HeadBound { database: String },
    AnnounceLoss { database: String, if_dead: u64, if_alive: u64 },
    Fence { database: String, epoch: u32 },
    Promote { database: String, region: String, epoch: u32 },
    Rebuild { database: String, region: String },
    DatabaseTerms { database: String },
    CatchUp { database: String, region: String, from: String },
    WriteHeartbeat { database: String, region: String },
    ListBackups { database: String },
    BucketStatus { bucket: String, region: String },
    VerifyBucket { bucket: String, region: String },
    RepairBucket { bucket: String, region: String },
    Notify { audience: String, message: String },
    Page { person: String, message: String },
    Ask { person: String, question: String },
}

/// Reads a line.
///
/// # Errors
/// Why it says nothing.
pub(super) fn parse(line: &str) -> Result<Said, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("not a line of JSON ({error})"))?;
    let Value::Object(mut fields) = value else { return Err("a line is an object".to_owned()) };
    if fields.contains_key("call") {
        let id = fields.remove("id").and_then(|id| id.as_u64()).filter(|id| *id > 0);
        let id = id.ok_or("a call has an `id`, a number of at least 1")?;
        let call = serde_json::from_value(Value::Object(fields)).map_err(|error| format!("no such call ({error})"))?;
        return Ok(Said::Call { id, call });
    }
    match (text(&mut fields, "event"), fields.remove("done")) {
        (Some(name), None) if is_name(&name) => {
            let text = text(&mut fields, "text").unwrap_or_default();
            nothing_else(&fields).map(|()| Said::Event { name, text })
        }
        (Some(_), None) => Err("the name of an event has letters, digits, `_` and `-`".to_owned()),
        (None, Some(Value::Bool(true))) => nothing_else(&fields).map(|()| Said::Done),
        _ => Err("neither a `call`, nor an `event`, nor `done: true`".to_owned()),
    }
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn nothing_else(fields: &Map<String, Value>) -> Result<(), String> {
    match fields.keys().next() {
        Some(key) => Err(format!("`{key}` is not allowed here")),
        None => Ok(()),
    }
}

/// Does what was asked for.
///
/// # Errors
/// That of the port.
pub(super) async fn answer(ports: &SimulatedPorts, call: Call) -> Result<Value, PortError> {
    Ok(match call {
        Call::Sleep { for_s } => {
            ports.sleep(span(for_s)?).await;
            Value::Null
        }
        Call::Metrics { region } => readings(&metrics::read(ports, &region).await?),
        Call::Probe { region, service } => json!({"took_s": ports.probe(&region, &service).await?.as_secs_f64()}),
        Call::PointRecord { record, region } => done(ports.point_record(&record, &region).await?),
        Call::SetTtl { record, ttl_s } => done(ports.set_ttl(&record, span(ttl_s)?).await?),
        Call::ReadTtl { record } => json!(ports.read_ttl(&record).await?.as_secs_f64()),
        Call::ReadRecord { record } => json!(ports.read_record(&record).await?),
        Call::Activate { region } => done(ports.activate(&region).await?),
        Call::Deactivate { region } => done(ports.deactivate(&region).await?),
        Call::ServiceStatus { region } => {
            let each = ports.service_status(&region).await?;
            each.iter().map(|s| json!({"service": s.service, "active": s.active, "servers": s.servers, "databases": s.databases})).collect()
        }
        Call::SetWeights { weights } => {
            let weights: Vec<(String, Ratio)> =
                weights.into_iter().map(|(region, weight)| Ok((region, share(weight)?))).collect::<Result<_, _>>()?;
            done(ports.set_weights(&weights).await?)
        }
        Call::ReadWeights {} => {
            let weights = ports.read_weights().await?;
            let share = |weight: Ratio| weight.as_ppb() as f64 / Ratio::ONE.as_ppb() as f64;
            Value::Object(weights.into_iter().map(|(region, weight)| (region, json!(share(weight)))).collect())
        }
        Call::Notify { audience, message } => done(ports.notify(&audience, &message).await?),
        Call::Page { person, message } => done(ports.page(&person, &message).await?),
        Call::Ask { person, question } => match ports.ask(&person, &question).await? {
            Reply::Approved => json!({"approved": true}),
            Reply::Refused(reason) => json!({"approved": false, "reason": reason}),
        },
        data => return answer_about_data(ports, data).await,
    })
}

async fn answer_about_data(ports: &SimulatedPorts, call: Call) -> Result<Value, PortError> {
    Ok(match call {
        Call::DatabasesIn { region } => json!(ports.databases_in(&region).await?),
        Call::CopyStatus { database, region } => {
            let copy = ports.copy_status(&database, &region).await?;
            let (applied, received) = (copy.applied_lsn, copy.received_lsn);
            json!({"epoch": copy.epoch, "applied_lsn": applied, "received_lsn": received, "writable": copy.writable,
                   "promotable": copy.promotable, "leader": copy.leader})
        }
        Call::HeadBound { database } => match ports.head_bound(&database).await? {
            Some(bound) => json!({"if_dead": bound.if_dead, "if_alive": bound.if_alive}),
            None => Value::Null,
        },
        Call::AnnounceLoss { database, if_dead, if_alive } => {
            ports.announce_loss_bound(&database, LossBound { if_dead, if_alive });
            Value::Null
        }
        Call::Fence { database, epoch } => json!({"in_force": ports.fence(&database, epoch).await?}),
        Call::Promote { database, region, epoch } => {
            let promotion = ports.promote(&database, &region, epoch).await?;
            json!({"epoch": promotion.epoch, "from_lsn": promotion.from_lsn})
        }
        Call::Rebuild { database, region } => done(ports.rebuild(&database, &region).await?),
        Call::DatabaseTerms { database } => {
            let terms = ports.database_terms(&database).await?;
            let quorum = terms.quorum.map(|quorum| json!({"of": quorum.of, "acks": quorum.acks}));
            json!({"copies": terms.copies, "quorum": quorum, "discards_unapplied": terms.discards_unapplied})
        }
        Call::CatchUp { database, region, from } => {
            json!({"received_lsn": ports.catch_up(&database, &region, &from).await?})
        }
        Call::WriteHeartbeat { database, region } => done(ports.write_heartbeat(&database, &region).await?),
        Call::ListBackups { database } => {
            let entries = ports.list_backups(&database).await?;
            entries.iter().map(|entry| json!({"backup": entry.backup, "taken_s": seconds(entry.taken)})).collect()
        }
        Call::BucketStatus { bucket, region } => {
            let status = ports.bucket_status(&bucket, &region).await?;
            json!({"objects": status.objects, "backlog": status.backlog})
        }
        Call::VerifyBucket { bucket, region } => {
            let found = ports.verify_bucket(&bucket, &region).await?;
            json!({"missing": found.missing, "corrupt": found.corrupt})
        }
        Call::RepairBucket { bucket, region } => {
            let repair = ports.repair_bucket(&bucket, &region).await?;
            json!({"copied": repair.copied, "beyond": repair.beyond})
        }
        other => return Err(PortError::Refused(format!("this is not a call about data: {other:?}"))),
    })
}

fn readings(readings: &[(String, crate::policy::ServiceReading)]) -> Value {
    let of = |(service, r): &(String, crate::policy::ServiceReading)| {
        json!({"service": service, "up": r.up, "requests": r.requests, "errors": r.errors,
               "p95_s": r.latency_p95.map(Span::as_secs_f64), "scraped_at_s": r.scraped_at.map(seconds)})
    };
    readings.iter().map(of).collect()
}

/// The answer to call `id`, at `now`.
pub(super) fn reply(id: u64, now: Instant, answered: Result<Value, PortError>) -> Value {
    let kind = |error: &PortError| match error {
        PortError::Refused(_) => "refused",
        PortError::Unreachable(_) => "unreachable",
        PortError::Indeterminate(_) => "indeterminate",
        PortError::Superseded { .. } => "superseded",
    };
    match answered {
        Ok(value) => json!({"id": id, "now_s": seconds(now), "ok": value}),
        Err(error) => {
            let error = json!({"kind": kind(&error), "why": error.to_string()});
            json!({"id": id, "now_s": seconds(now), "error": error})
        }
    }
}

fn done((): ()) -> Value {
    Value::Null
}

/// Seconds since the start of the run.
pub(super) fn seconds(at: Instant) -> f64 {
    at.since(Instant::ZERO).as_secs_f64()
}

fn span(seconds: f64) -> Result<Span, PortError> {
    // Ten years are the longest span there is in a scenario.
    if (0.0..=315_360_000.0).contains(&seconds) {
        Ok(Span::from_nanos((seconds * 1e9).round() as u64))
    } else {
        Err(PortError::Refused(format!("{seconds:e} is not a number of seconds from 0 to ten years")))
    }
}

fn share(weight: f64) -> Result<Ratio, PortError> {
    if (0.0..=1.0).contains(&weight) {
        Ok(Ratio::from_ppb((weight * Ratio::ONE.as_ppb() as f64).round() as u64))
    } else {
        Err(PortError::Refused(format!("{weight} is not a share from 0 to 1")))
    }
}
