//! Interrupting a controller at each of its calls.
//!
//! Owns which calls are interrupted and how, and what must hold afterwards whatever a procedure does. Invariant: the cells are those
//! of one undisturbed run, and none of them is left out.

use crate::check::authority::audit;
use crate::model::{Act, CallTrace, Interruption};
use crate::record::event::{ControllerKind, EventKind};
use crate::record::{ControlRun, Record, RunState};
use crate::rehearse::rehearsal;
use crate::scenario::Plan;
use crate::sim::{Live, Rehearsal};
use crate::units::Span;
use std::fmt;

/// What can happen to a controller at a call, and for how long: shorter and longer than its lease lasts.
pub const ACTS: [(&str, Act); 4] = [
    ("kill", Act::Kill(Span::from_secs(20))),
    ("pause", Act::Pause(Span::from_secs(45))),
    ("double", Act::Double(Span::from_secs(90))),
    ("overtake", Act::Overtake(Span::from_secs(45))),
];

/// Something that happens to a controller at one of its calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedInterruption {
    /// What it is called.
    pub act: &'static str,
    /// The call, as it is made in a run nobody disturbs.
    pub call: CallTrace,
    /// The settings of the run.
    pub interruption: Interruption,
}

impl fmt::Display for PlannedInterruption {
    /// `kill before call 12 at 5m 30s, Fence(…)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = if self.interruption.sent { "after" } else { "before" };
        let CallTrace { at, number, command, .. } = &self.call;
        write!(f, "{} {when} call {number} at {at:#}, {command}", self.act)
    }
}

/// Every planned at every call that controllers of `plan` make while one of the procedures that `of` picks by name is under way,
/// in a run with `seed`.
pub fn interruptions(plan: &Plan, seed: u64, of: impl Fn(&str) -> bool) -> Vec<PlannedInterruption> {
    let schedule = plan.schedule(seed);
    let mut live = Live::new(Rehearsal { trace_calls: true, ..rehearsal(plan, &schedule) }, seed);
    while live.step() {}
    let calls = live.calls();
    let record = live.close().record;
    let runs = ControlRun::all(&record.timeline);
    let picked: Vec<&ControlRun<'_>> = runs.iter().filter(|run| !run.is_shift && of(run.name)).collect();
    let is_under_way = |run: &ControlRun<'_>, at| run.from <= at && run.until.is_none_or(|until| at <= until);
    let is_busy = |call: &&CallTrace| picked.iter().any(|run| is_under_way(run, call.at));
    let at_call = |call: &CallTrace| {
        let planned = |sent: bool, (name, act): (&'static str, Act)| PlannedInterruption {
            act: name,
            call: call.clone(),
            interruption: Interruption { controller: call.controller, call: call.number, sent, act },
        };
        [false, true].into_iter().flat_map(move |sent| ACTS.map(|act| planned(sent, act))).collect::<Vec<_>>()
    };
    calls.iter().filter(is_busy).flat_map(at_call).collect()
}

/// What must not be left behind by a run in which a controller was interrupted `interruptions_due` times: whatever it does, it
/// goes on to an end, nobody acts who may not, no database has two authorities, and no more is lost than was announced.
pub fn left_behind(record: &Record, interruptions_due: usize) -> Option<String> {
    let of_controllers = |kind| {
        let is_it = move |event: &&crate::record::TimelineEvent| event.kind == Some(EventKind::Controller(kind));
        record.timeline.events().iter().filter(is_it).count()
    };
    let interrupted = of_controllers(ControllerKind::Struck);
    if interrupted != interruptions_due {
        return Some(format!("interrupted {interrupted} times, not {interruptions_due}"));
    }
    if of_controllers(ControllerKind::StaleChange) > 0 {
        return Some("a superseded controller changed something".to_owned());
    }
    let runs = ControlRun::all(&record.timeline);
    let is_half_done =
        |run: &&ControlRun<'_>| !matches!(run.state, RunState::Done | RunState::Undone | RunState::Planned);
    if let Some(run) = runs.iter().find(is_half_done) {
        return Some(format!("{} was left unfinished", run.name));
    }
    let split = record.stores.iter().flat_map(|store| audit(store).findings()).next();
    split.or_else(|| record.stores.iter().find_map(unannounced))
}

/// Writes of `store` that were lost beyond what was announced, if some were.
fn unannounced(store: &crate::record::StoreRecord) -> Option<String> {
    let name = &store.store;
    match store.announced.map(|bound| bound.if_alive) {
        Some(bound) if store.lost_before() > bound => {
            Some(format!("{name}: {} writes lost, {bound} announced", store.lost_before()))
        }
        None if store.lost_total > 0 => Some(format!("{name}: {} writes lost, nothing announced", store.lost_total)),
        _ => None,
    }
}
