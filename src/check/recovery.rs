//! How the service came back from each fault, measured on clients.
//!
//! Definitions: recovery is the earliest `t` such that every second with requests on all of `[t, t + H]` reaches the
//! availability objective; NIST SP 800-34r1 and ISO 22301 define the objective, this is what was achieved. The parts are
//! detect = t_det − t0, decide = t_dec − t_det, act = t_mit − t_dec, converge = t_rec − t_mit, each clipped at t_rec, so
//! that parts that are known add up to the whole. Waiting for people's consent is deciding, wherever it falls: what of it
//! lies after t_dec is taken from the part it interrupts and added to decide.

use super::expression;
use super::monitor::{Stable, first_stable};
use super::rational::Rational;
use super::trace::Trace;
use super::waiting::Waiting;
use crate::outcome::Recovery;
use crate::record::{Actor, FaultRecord, Record, TimelineEvent};
use crate::units::{Instant, Ratio, Span};

/// H: how long the service must stay good to count as recovered.
pub const STABLE: Span = Span::from_secs(60);

/// One entry per fault that took service away from clients, in plan order: those without effect are reported as such, and
/// those nobody noticed have nothing to recover from.
pub fn recoveries(record: &Record, objective: Ratio) -> Vec<Recovery> {
    let bit = record.faults.iter().filter(|fault| fault.hits > 0);
    let measured = bit.filter_map(|fault| fault.at.map(|at| recovery(record, fault, at, objective)));
    measured.filter(|recovery| recovery.rto != Some(Span::ZERO)).collect()
}

/// When the service had recovered from what happened at `at`, and when it could have at the earliest.
pub fn recovered(record: &Record, at: Instant, objective: Ratio) -> Stable {
    first_stable(&available(record, objective), at, STABLE)
}

fn recovery(record: &Record, fault: &FaultRecord, at: Instant, objective: Ratio) -> Recovery {
    let recovered = recovered(record, at, objective).definite;
    let marks = Marks::find(record, at);
    let clip = |mark: Option<Instant>| mark.map(|t| recovered.map_or(t, |end| t.min(end)));
    let between = |from: Option<Instant>, to: Option<Instant>| Some(clip(to)?.since(clip(from)?));
    let waiting = Waiting::of(record);
    let waited = |from: Option<Instant>, to: Option<Instant>| match (clip(from), clip(to)) {
        (Some(from), Some(to)) => waiting.within(from, to),
        _ => Span::ZERO,
    };
    let (end, mitigated) = (recovered.unwrap_or(record.end), marks.mitigated);
    let (acting, converging) = (waited(marks.decided, mitigated.or(Some(end))), waited(mitigated, Some(end)));
    let thinking = acting + converging;
    Recovery {
        fault: fault.id.clone(),
        at,
        rto: recovered.map(|t| t.since(at)),
        detect: between(Some(at), marks.detected),
        decide: match between(marks.detected, marks.decided) {
            // Started by hand: no alarm to count from, but people were waited for.
            None if thinking > Span::ZERO => Some(thinking),
            decide => decide.map(|decide| decide + thinking),
        },
        act: between(marks.decided, mitigated).map(|act| act.saturating_sub(acting)),
        converge: between(mitigated, recovered).map(|converge| converge.saturating_sub(converging)),
        consent_acting: acting,
        consent_converging: converging,
        censored: recovered.is_none(),
        objective: None,
    }
}

/// The moments between a fault and recovery.
struct Marks {
    detected: Option<Instant>,
    decided: Option<Instant>,
    mitigated: Option<Instant>,
}

impl Marks {
    fn find(record: &Record, fault: Instant) -> Self {
        let first = |from: Option<Instant>, wanted: &dyn Fn(&TimelineEvent) -> bool| {
            record.timeline.events().iter().find(|e| Some(e.at) >= from && wanted(e)).map(|e| e.at)
        };
        let detected = first(Some(fault), &|e| e.name == "watch.detected");
        // A drill may be started by hand, without an alarm: then there is a decision, but nothing to measure it from.
        let decided = first(detected.or(Some(fault)), &is_decision);
        let mitigated = decided.and_then(|from| first(Some(from), &|e| e.name.starts_with("served.")));
        Self { detected, decided, mitigated }
    }
}

fn is_decision(event: &TimelineEvent) -> bool {
    event.name == "watch.decided" || (event.actor == Actor::Control && is_procedure_start(&event.name))
}

/// `region_failover.started`, but not `region_failover.switch_dns.started`.
fn is_procedure_start(name: &str) -> bool {
    name.strip_suffix(".started").is_some_and(|procedure| !procedure.contains('.'))
}

/// Whether each second reached the objective. A second without requests counts as the one before it, for as long as
/// [`STABLE`]; after the workload there is no data.
fn available(record: &Record, objective: Ratio) -> Trace<Option<bool>> {
    let Some(objective) = Rational::new(i128::from(objective.as_ppb()), i128::from(Ratio::ONE.as_ppb())) else {
        return Trace::constant(None, record.end);
    };
    let success = expression::carried(record, "success", STABLE);
    success.map(|share| share.map(|share| share >= objective)).cut(record.workload_end, None)
}

#[cfg(test)]
#[path = "recovery_tests.rs"]
mod tests;
