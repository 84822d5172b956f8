//! Event names with wildcards, and when such events happened.

use crate::record::Record;
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

    /// Whether every event that `other` means is meant here too.
    pub(super) fn covers(&self, other: &str) -> bool {
        let (ours, theirs) = (self.0.split('.'), other.split('.'));
        ours.clone().count() == theirs.clone().count() && ours.zip(theirs).all(|(a, b)| a == "*" || a == b)
    }

    /// When such events happened, in order.
    pub fn times(&self, record: &Record) -> Vec<Instant> {
        record.timeline.events().iter().filter(|event| self.matches(&event.name)).map(|event| event.at).collect()
    }

    /// When such events happened that mattered: a fault that affected nothing did not.
    pub fn effective_times(&self, record: &Record) -> Vec<Instant> {
        let idle: Vec<String> = self.idle_faults(record).map(|id| format!("fault.{id}")).collect();
        let events = record.timeline.events().iter();
        events.filter(|event| self.matches(&event.name) && !idle.contains(&event.name)).map(|event| event.at).collect()
    }

    /// Why no such event mattered.
    pub fn why_not_effective(&self, record: &Record) -> String {
        match self.idle_faults(record).next() {
            Some(id) => format!("fault `{id}` affected nothing, so this proves nothing"),
            None => format!("`{self}` never happened"),
        }
    }

    /// The faults whose beginning this means that affected nothing.
    fn idle_faults<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = &'a str> {
        let idle = record.faults.iter().filter(|fault| fault.at.is_some() && fault.hits == 0);
        idle.filter(|fault| self.matches(&format!("fault.{}", fault.id))).map(|fault| fault.id.as_str())
    }
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
