//! When events happened that a property names, and what it means if they did not.

use crate::record::event::{EventPattern, FaultEvent};
use crate::record::{FaultRecord, Record};
use crate::units::Instant;

impl EventPattern {
    /// Why no such event mattered.
    pub fn why_never(&self, record: &Record) -> String {
        self.missing(record).unwrap_or_else(|| format!("`{self}` never happened"))
    }

    /// When such events happened, in order.
    pub fn times(&self, record: &Record) -> Vec<Instant> {
        record.timeline.events().iter().filter(|event| self.matches(&event.name)).map(|event| event.at).collect()
    }

    /// When such events happened that mattered: a fault that affected nothing did not, and nor did its end.
    pub fn effective_times(&self, record: &Record) -> Vec<Instant> {
        let idle: Vec<String> = record.faults.iter().filter(|fault| fault.hits == 0).flat_map(names).collect();
        let events = record.timeline.events().iter();
        events.filter(|event| self.matches(&event.name) && !idle.contains(&event.name)).map(|event| event.at).collect()
    }

    /// What this means that should have happened and did not, or affected nothing: why a pass that waits for all of it
    /// proves nothing. Chance may leave out a fault, and the scenario may say that one need not happen; not all of them.
    pub fn missing(&self, record: &Record) -> Option<String> {
        let mine = || record.faults.iter().filter(|fault| names(fault).iter().any(|name| self.matches(name)));
        let due = mine().find(|fault| fault.hits == 0 && !fault.optional && !fault.random);
        if due.is_none() && !self.effective_times(record).is_empty() {
            return None;
        }
        Some(match due.or_else(|| mine().find(|fault| fault.at.is_some() && fault.hits == 0)) {
            Some(fault) if fault.at.is_some() => {
                format!("fault `{}` affected nothing, so this proves nothing", fault.id)
            }
            Some(fault) => format!("fault `{}` never began", fault.id),
            None => format!("`{self}` never happened"),
        })
    }
}

/// The names of the events of a fault: its beginning and its end.
fn names(fault: &FaultRecord) -> [String; 2] {
    [FaultEvent::begins(&fault.id), FaultEvent::ends(&fault.id)]
}
