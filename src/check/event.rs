//! Event names with wildcards, and when such events happened.

use crate::record::{FaultRecord, Record};
use crate::units::Instant;
use std::fmt;

/// The name of an event, or of several: `*` stands for exactly one part of a name between dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern(String);

impl EventPattern {
    /// The pattern written so.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether an event of that name is meant.
    pub fn matches(&self, name: &str) -> bool {
        self.0 == name || (self.0.contains('*') && self.overlaps(name))
    }

    /// Whether it means events of what is called `name`, and of nothing else.
    pub fn is_of(&self, name: &str) -> bool {
        self.0.split('.').next() == Some(name)
    }

    /// Whether there is a name that both patterns mean.
    pub(super) fn overlaps(&self, other: &str) -> bool {
        let (mut ours, mut theirs) = (self.0.split('.'), other.split('.'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a == b || a == "*" || b == "*" => {}
                _ => return false,
            }
        }
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
    [format!("fault.{}", fault.id), format!("fault.{}.healed", fault.id)]
}

impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_part_of_a_name() {
        let any_fault = EventPattern::new("fault.*");
        assert!(any_fault.matches("fault.dark"));
        assert!(!any_fault.matches("fault.dark.healed"));
        assert!(!any_fault.matches("fault"));
        assert!(EventPattern::new("*.started").matches("region_failover.started"));
        assert!(EventPattern::new("fault.a.b").matches("fault.a.b"));
    }
}
