//! What the world writes down of what happens in it.
//!
//! Owns the timeline, the laps and the digest, and the path of an event into them. Does not know any event. Invariant:
//! those waiting for an event are notified once, in the order in which events happened.

use super::Core;
use crate::model::command::Answer;
use crate::record::event::{Event, EventKind, RunPhase};
use crate::record::{Digest, Lap, Reconciliation, Timeline, TimelineEvent};
use crate::units::Instant;
use std::collections::VecDeque;

/// What was written down so far.
#[derive(Debug, Default)]
pub(in crate::model) struct Chronicle {
    pub digest: Digest,
    pub timeline: Timeline,
    pub laps: Vec<Lap>,
    pub reconciliations: Vec<Reconciliation>,
    fresh: VecDeque<FreshEvent>,
    /// Whether something was changed on purpose since this was last asked.
    changed: bool,
    /// The calls of control that wait for an event.
    awaited: Vec<Awaited>,
}

/// A call that waits for an event.
#[derive(Debug)]
struct Awaited {
    call: u32,
    event: String,
    /// How often it must still happen.
    left: usize,
}

/// An event nobody has reacted to yet.
#[derive(Debug)]
pub struct FreshEvent {
    /// Under whose lease it was told, by a controller that acts, if it was.
    pub controller: Option<u16>,
    /// Its name.
    pub name: String,
    kind: Option<EventKind>,
}

impl FreshEvent {
    /// Of which procedure, shift or drill it tells something, and what.
    pub fn run(&self) -> Option<(&str, RunPhase)> {
        self.kind?.run(&self.name)
    }
}

impl Chronicle {
    /// Whether there are events nobody has reacted to yet.
    #[inline]
    pub fn has_fresh_events(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// The next event to react to.
    pub fn take_fresh_event(&mut self) -> Option<FreshEvent> {
        self.fresh.pop_front()
    }

    /// Whether something was changed on purpose since this was last asked.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// The event of that name happens now: the calls that have waited for just that.
    fn hear(&mut self, event: &str) -> Vec<u32> {
        self.awaited.iter_mut().filter(|awaited| awaited.event == event).for_each(|awaited| awaited.left -= 1);
        self.awaited.extract_if(.., |awaited| awaited.left == 0).map(|awaited| awaited.call).collect()
    }
}

impl Core {
    /// Writes `event` down.
    pub(in crate::model) fn note(&mut self, event: impl Into<Event>) {
        self.note_from(None, event.into());
    }

    /// Writes `event` down; `controller`: told by it as the one that acts.
    pub(in crate::model) fn note_from(&mut self, controller: Option<u16>, event: Event) {
        let event = TimelineEvent::new(self.kernel.now(), event);
        if let Some(controller) = controller {
            self.rivals.follow(self.calls.lease_of(controller), &event);
        }
        let chronicle = &mut self.chronicle;
        chronicle.changed |= event.kind.is_some_and(EventKind::is_change);
        chronicle.digest.note_event(event.at, &event.event);
        chronicle.fresh.push_back(FreshEvent { controller, name: event.name.clone(), kind: event.kind });
        let happened: Vec<u32> = if chronicle.awaited.is_empty() { Vec::new() } else { chronicle.hear(&event.name) };
        chronicle.timeline.push(event);
        let now = self.now();
        happened.into_iter().for_each(|call| self.answer(call, Ok(Answer::At(now))));
    }

    /// Answers `call` when the event of that name has happened for the `occurrence`th time since the run began: at once, if
    /// it has.
    pub(in crate::model) fn await_event(&mut self, call: u32, event: String, occurrence: u32) {
        let occurrence = occurrence.max(1) as usize;
        let times: Vec<Instant> = self.chronicle.timeline.times(&event).take(occurrence).collect();
        match times.get(occurrence - 1) {
            Some(at) => self.answer(call, Ok(Answer::At(*at))),
            None => self.chronicle.awaited.push(Awaited { call, event, left: occurrence - times.len() }),
        }
    }
}
