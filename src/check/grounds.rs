//! What a run gives a verdict to stand on: whether what it is about happened at all, and whether it came to its end.
//!
//! Does not know what a property demands. Invariant: what is said here can take a pass away and never give one.

use super::counted::under_load;
use super::property::{Judgement, Property};
use crate::outcome::{Stopped, Verdict};
use crate::record::event::{ControllerKind, EventKind, PlatformKind};
use crate::record::{FaultRecord, Record};
use std::cell::OnceCell;

/// How many of those who wait at the end are told of in a reason.
const WAITS_TOLD: usize = 3;

/// What can be said of a run as a whole, whatever its properties say.
#[derive(Debug)]
pub(super) struct Grounds<'a> {
    record: &'a Record,
    stopped: Option<&'a Stopped>,
    /// The run up to the end of its workload, once somebody has asked.
    under_load: OnceCell<Record>,
}

impl<'a> Grounds<'a> {
    pub(super) fn of(record: &'a Record, stopped: Option<&'a Stopped>) -> Self {
        Self { record, stopped, under_load: OnceCell::new() }
    }

    /// Why the run proves nothing, whatever its properties say: a fault that the scenario says must happen did not, or
    /// clients that it names sent nothing, if it `claims` anything rather than compare figures. What chance leaves out of the
    /// faults is no doubt; see [`Grounds::judge`].
    pub(super) fn doubts(&self, claims: bool) -> Vec<String> {
        let idle = self.record.faults.iter().filter(|fault| fault.hits == 0 && !fault.optional && !fault.random);
        let unheard = self.record.silent.iter().filter(|_| mutant!("comparing_is_claiming": claims => true));
        idle.map(missing).chain(unheard.map(|clients| silent(clients))).chain(self.broken()).collect()
    }

    /// The controllers that could not be spoken with to the end: what they would have done is not known.
    fn broken(&self) -> impl Iterator<Item = String> + '_ {
        let broke = Some(EventKind::Controller(ControllerKind::Broke));
        let events = self.record.timeline.events().iter().filter(move |event| event.kind == broke);
        events.map(|event| {
            let name = event.part("controller").unwrap_or_default();
            format!("the controller `{name}` broke at {:#}, so the run proves nothing: {}", event.at, event.text)
        })
    }

    /// What `property` comes to, or no pass if the run gives it nothing to stand on. A pass is what it comes to up to the end
    /// of the workload: that it holds once clients have stopped and everything has been healed helps nobody. A figure that
    /// is only compared with a formula counts whole, and claims nothing that would have to settle.
    pub(super) fn judge(&self, property: &dyn Property) -> Judgement {
        let claims = property.comparison(self.record).is_none();
        let mut judgement = property.judge(self.record);
        if claims && judgement.verdict == Verdict::Pass && self.record.workload_end < self.record.end {
            let part = self.under_load.get_or_init(|| under_load(self.record));
            judgement = judgement.only_as_far_as(property.judge(part));
        }
        if self.nothing_happened() {
            judgement = judgement.without_occasion("none of the faults happened or affected anything in this run");
        }
        if let Some(stopped) = self.stopped {
            judgement = judgement.doubted(&format!("the run stopped at {}", stopped.at));
        }
        // Who gives a run no time to settle asks nothing of its end, unless it is about what the stores hold then.
        let had_time = self.record.workload_end < self.record.end || property.rests_on_stores();
        if claims && had_time && self.has_not_settled() {
            let waits: Vec<String> = self.record.waits.iter().take(WAITS_TOLD).map(ToString::to_string).collect();
            let what = if waits.is_empty() { String::new() } else { format!(": {}", waits.join("; ")) };
            judgement = judgement.doubted(&format!("the run ended before everything had settled{what}"));
        }
        judgement
    }

    /// Whether the time to settle was over before everything had settled.
    fn has_not_settled(&self) -> bool {
        let unsettled = Some(EventKind::Platform(PlatformKind::Unsettled));
        self.record.timeline.events().iter().any(|event| event.kind == unsettled)
    }

    /// Whether the scenario has faults that it cannot do without, and the run had none that affected anything.
    fn nothing_happened(&self) -> bool {
        let faults = &self.record.faults;
        faults.iter().any(|fault| !fault.optional) && faults.iter().all(|fault| fault.hits == 0)
    }
}

fn silent(clients: &str) -> String {
    format!(
        "`{clients}` sent no request in the whole run, so nothing is known about how they are served; give them load, \
         or leave them out"
    )
}

fn missing(fault: &FaultRecord) -> String {
    let what = if fault.at.is_some() { "affected nothing" } else { "never began" };
    format!("fault `{}` {what}, so the run proves nothing; if it need not happen, set `optional: true`", fault.id)
}
