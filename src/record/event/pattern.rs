//! Names of events with wildcards, as people write them in scenarios.

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
    pub fn overlaps(&self, other: &str) -> bool {
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
    pub fn covers(&self, other: &str) -> bool {
        let (ours, theirs) = (self.0.split('.'), other.split('.'));
        ours.clone().count() == theirs.clone().count() && ours.zip(theirs).all(|(a, b)| a == "*" || a == b)
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
