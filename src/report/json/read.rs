//! Reads `results.json` and `signals.json` back.
//!
//! Does not know files and manifests. Invariant: what comes out gives the same files again, byte for byte; anything else
//! is refused with its place.

use super::campaign::CampaignResults;
use super::run::Results;
use super::signals::{Signals, SignalsFile};
use super::{SCHEMA, pretty};
use crate::record::{Digest, Signal};
use crate::report::{Look, Stored};
use serde::Deserialize;

/// Why a file cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Damage {
    /// Line and column, from 1, if the place is known.
    pub at: Option<(usize, usize)>,
    pub why: String,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
}

impl Damage {
    fn of(why: impl Into<String>) -> Self {
        Self { at: None, why: why.into() }
    }
}

impl From<serde_json::Error> for Damage {
    fn from(error: serde_json::Error) -> Self {
        let at = (error.line() > 0).then(|| (error.line(), error.column()));
        let text = error.to_string();
        // The place is told apart from the reason.
        let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why);
        Self { at, why: why.to_owned() }
    }
}

/// The schema a file says it follows.
///
/// # Errors
/// If it is not JSON, or says nothing.
pub(in crate::report) fn schema_of(bytes: &[u8]) -> Result<String, Damage> {
    Ok(serde_json::from_slice::<Head>(bytes)?.schema)
}

/// Reads the two files of a result. `Err` names the one that is wrong.
pub(in crate::report) fn read(results: &[u8], signals: &[u8]) -> Result<Stored, (&'static str, Damage)> {
    let in_results = |damage| ("results.json", damage);
    let schema = schema_of(results).map_err(in_results)?;
    if schema != SCHEMA {
        return Err(in_results(Damage::of(format!("its schema is `{schema}`, not `{SCHEMA}`"))));
    }
    let stored = match kind(results).map_err(in_results)?.as_str() {
        "run" => run(results, signals)?,
        "campaign" => campaign(results, signals)?,
        _ => return Err(in_results(Damage::of("its `kind` is neither `run` nor `campaign`"))),
    };
    let again = stored.subject().written(&Signals, Look::PLAIN);
    same(&again, signals).map_err(|damage| ("signals.json", damage))?;
    Ok(stored)
}

fn kind(results: &[u8]) -> Result<String, Damage> {
    Ok(serde_json::from_slice::<Kind>(results)?.kind)
}

fn run(results: &[u8], signals: &[u8]) -> Result<Stored, (&'static str, Damage)> {
    let in_results = |damage| ("results.json", damage);
    let read: Results<'_> = serde_json::from_slice(results).map_err(|error| in_results(error.into()))?;
    let signals = signals_of(signals, Some(read.digest))?;
    let outcome = read.into_outcome(signals).map_err(|why| in_results(Damage::of(why)))?;
    same(&pretty(&Results::from(&outcome)), results).map_err(in_results)?;
    Ok(Stored::Run(Box::new(outcome)))
}

fn campaign(results: &[u8], signals: &[u8]) -> Result<Stored, (&'static str, Damage)> {
    let in_results = |damage| ("results.json", damage);
    let read: CampaignResults<'_> = serde_json::from_slice(results).map_err(|error| in_results(error.into()))?;
    let signals = signals_of(signals, read.worst.as_ref().map(|worst| worst.digest))?;
    let tool_version = read.tool_version.clone();
    let campaign = read.into_campaign(signals).map_err(|why| in_results(Damage::of(why)))?;
    // Without any run that was judged, nothing but the file remembers who made it.
    let mut again = CampaignResults::of(&campaign);
    again.tool_version = tool_version;
    same(&pretty(&again), results).map_err(in_results)?;
    Ok(Stored::Campaign(Box::new(campaign)))
}

fn signals_of(bytes: &[u8], digest: Option<Digest>) -> Result<Vec<Signal>, (&'static str, Damage)> {
    let in_signals = |damage| ("signals.json", damage);
    let read: SignalsFile<'_> = serde_json::from_slice(bytes).map_err(|error| in_signals(error.into()))?;
    read.into_signals(digest).map_err(|why| in_signals(Damage::of(why)))
}

/// What was read must say everything the file says.
fn same(again: &[u8], bytes: &[u8]) -> Result<(), Damage> {
    if again == bytes {
        return Ok(());
    }
    let first = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    let before = &bytes[..first.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    Err(Damage { at: Some((line, column)), why: "no run writes this here: it was changed by hand".to_owned() })
}
