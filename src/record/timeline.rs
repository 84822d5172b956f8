//! The timeline: what happened at the rate of control, not of requests.

use super::event::{Event, EventKind, MESSAGE, PeopleKind, RunPhase};
use crate::units::{As, Instant, Seconds};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Who did it: the lane of the timeline the event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The fault schedule.
    Fault,
    /// A simulated thing of the world.
    World,
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
            Self::Control => "control",
            Self::People => "people",
        })
    }
}

/// One thing that happened, with its name and its words: displaying it takes no more, and judging it looks at the event
/// or its kind. Two are equal if they say the same: one that was read back is the one that was written.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(from = "Said", deny_unknown_fields)]
pub struct TimelineEvent {
    /// When.
    #[serde(rename = "at_s", with = "As::<Seconds>")]
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// What.
    #[serde(skip)]
    pub event: Event,
    /// What kind of thing, if a declaration describes it.
    #[serde(skip)]
    pub kind: Option<EventKind>,
    /// Its name in properties, such as `fault.dark` or `region_failover.switch_dns.done`.
    pub name: String,
    /// What happened, in words for a person.
    pub text: String,
}

/// What is read of an event: known by its name alone.
#[derive(Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Said {
    #[serde(with = "As::<Seconds>")]
    at_s: Instant,
    actor: Actor,
    name: String,
    text: String,
}

impl From<Said> for TimelineEvent {
    fn from(Said { at_s, actor, name, text }: Said) -> Self {
        Self::new(at_s, Event::custom(actor, name, text))
    }
}

impl fmt::Debug for TimelineEvent {
    /// What makes two of them equal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, actor, kind, name, text, .. } = self;
        write!(f, "{at:?} {actor:?} {kind:?} {name}: {text}")
    }
}

impl PartialEq for TimelineEvent {
    fn eq(&self, other: &Self) -> bool {
        let said = |event: &Self| (event.at, event.actor, event.kind);
        said(self) == said(other) && self.name == other.name && self.text == other.text
    }
}

impl Eq for TimelineEvent {}

impl TimelineEvent {
    /// `event` happened at `at`.
    pub fn new(at: Instant, event: Event) -> Self {
        Self { at, actor: event.actor(), kind: event.kind(), name: event.name(), text: event.text(), event }
    }

    /// What stands in its name where the declaration has `{parameter}`.
    pub fn part(&self, parameter: &str) -> Option<&str> {
        self.kind?.part(parameter, &self.name)
    }

    /// What it says of a run of a procedure, or of a shift: which one, and what has become of it.
    pub fn run(&self) -> Option<(&str, RunPhase)> {
        self.kind?.run(&self.name)
    }

    /// Whether a message to an audience was lost, not a page to a person.
    pub fn is_lost_message(&self) -> bool {
        self.kind == Some(EventKind::People(PeopleKind::NotificationLost)) && self.text.starts_with(MESSAGE)
    }
}

/// Everything that happened, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timeline {
    #[serde(deserialize_with = "in_order")]
    events: Vec<TimelineEvent>,
}

/// Reads events, none of which is earlier than the one before it.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TimelineEvent>, D::Error> {
    let events = Vec::<TimelineEvent>::deserialize(deserializer)?;
    match events.windows(2).position(|two| two[1].at < two[0].at) {
        Some(i) => Err(D::Error::custom(format!("`timeline[{}]` is earlier than the event before it", i + 1))),
        None => Ok(events),
    }
}

impl Timeline {
    /// Adds an event. Panics if it is earlier than the last one: the caller's bug.
    pub fn push(&mut self, event: TimelineEvent) {
        assert!(self.events.last().is_none_or(|last| last.at <= event.at), "the timeline runs forward only");
        self.events.push(event);
    }

    /// Adds an event that is known by name alone.
    pub fn push_told(&mut self, at: Instant, actor: Actor, name: impl Into<String>, text: impl Into<String>) {
        self.push(TimelineEvent::new(at, Event::custom(actor, name, text)));
    }

    /// Those of its events that are wanted.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&TimelineEvent) -> bool) -> Self {
        Self { events: self.events.iter().filter(|event| wanted(event)).cloned().collect() }
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
