//! What the world writes down of what happens in it.
//!
//! Owns the way of an event into the timeline and the digest. Does not know any event. Invariant: whoever waits for an
//! event hears of it once, in the order in which events happened.

use crate::model::World;
use crate::record::TimelineEvent;
use crate::record::event::{Event, EventKind, RunPhase};

/// An event nobody has reacted to yet.
#[derive(Debug)]
pub struct FreshEvent {
    /// The controller that told it, if one did that leads.
    pub controller: Option<u16>,
    /// What it is called.
    pub name: String,
    /// What kind of thing it is, if a declaration describes it.
    kind: Option<EventKind>,
}

impl FreshEvent {
    /// What it says of a run of a procedure, or of a shift: which one, and what has become of it.
    pub fn run(&self) -> Option<(&str, RunPhase)> {
        self.kind?.run(&self.name)
    }
}

impl World {
    /// Writes down that something happened.
    pub fn note(&mut self, event: impl Into<Event>) {
        self.note_from(None, event.into());
    }

    /// Writes down what a controller, if it was one, says has happened.
    pub(in crate::model) fn note_from(&mut self, controller: Option<u16>, event: Event) {
        let event = TimelineEvent::new(self.kernel.now(), event);
        if event.kind.is_some_and(EventKind::is_change) {
            self.meter.slowness.change_begins();
        }
        self.digest.note_event(event.at, &event.event);
        self.fresh_events.push_back(FreshEvent { controller, name: event.name.clone(), kind: event.kind });
        self.timeline.push(event);
    }

    /// Whether control has something to react to, or something has happened that nobody has reacted to yet.
    #[inline]
    pub fn has_news(&self) -> bool {
        self.wake.is_on() || !self.fresh_events.is_empty()
    }

    /// Whether something has happened that nobody has reacted to yet.
    #[inline]
    pub fn has_fresh_events(&self) -> bool {
        !self.fresh_events.is_empty()
    }

    /// The next event nobody has reacted to yet: for the run, which counts procedures under way and knows the faults that
    /// wait for it.
    pub fn take_fresh_event(&mut self) -> Option<FreshEvent> {
        self.fresh_events.pop_front()
    }
}
