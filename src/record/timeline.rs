//! The timeline: what happened at the rate of control, not of requests.

use crate::units::Instant;
use std::fmt;

/// Who did it: the lane of the timeline the event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// The fault schedule.
    Fault,
    /// A simulated thing of the world.
    World,
    /// Monitoring.
    Monitoring,
    /// The control logic.
    Control,
    /// A person.
    People,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fault => "fault",
            Self::World => "world",
            Self::Monitoring => "monitoring",
            Self::Control => "control",
            Self::People => "people",
        })
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEvent {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// Its name in properties, such as `fault.dark` or `region_failover.switch_dns.done`.
    pub name: String,
    /// What happened, in words for a person.
    pub text: String,
}

/// Everything that happened, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    events: Vec<TimelineEvent>,
}

impl Timeline {
    /// Adds an event. Panics if `at` is earlier than the last one: the caller's bug.
    pub fn push(&mut self, at: Instant, actor: Actor, name: impl Into<String>, text: impl Into<String>) {
        assert!(self.events.last().is_none_or(|last| last.at <= at), "the timeline runs forward only");
        self.events.push(TimelineEvent { at, actor, name: name.into(), text: text.into() });
    }

    /// Every event, in order.
    pub fn events(&self) -> &[TimelineEvent] {
        &self.events
    }

    /// The instants at which an event of that name happened.
    pub fn times<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Instant> + 'a {
        self.events.iter().filter(move |e| e.name == name).map(|e| e.at)
    }
}
