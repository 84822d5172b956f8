//! The clock and the pending events.
//!
//! Owns virtual time and the one total order (time, round, class, sequence) in which events happen, wherever they
//! wait: in the queue, in a lane, or for the present instant. Does not know what an event means.
//!
//! Invariant: the clock never runs back, and the order of events is that of one single queue.
//!
//! Once each part has held as much as it ever will, nothing allocates: entries lie in chunks that are used again, lanes
//! in rings that keep their size.

use super::key::{
    Class, Key, NO_LANE, NOTHING, QueueEntry, Sequence, Sequencer, TieBreak, class_of, end_of_instant, end_of_round,
    lane_of, time_of,
};
use super::ladder::Ladder;
use super::lanes::{Appended, LaneId, Lanes};
use super::limits::{LimitReached, Limits};
use super::present::Present;
use crate::units::Instant;

/// No key is less, and it is in no lane: with a hole in the lanes, what is least aside is not known before they close it.
const HOLE: Key = NO_LANE as Key;
/// Events at one instant for each round allowed there, before that is called busy without progress.
const EVENTS_PER_ROUND: u64 = 10_000;

/// A discrete-event kernel over events of type `E`.
///
/// An event scheduled for an instant already passed happens at the present one. An event scheduled at the present
/// instant for a class already passed there happens in the next *round* of that instant, before time moves.
#[derive(Debug)]
pub struct Kernel<E> {
    /// Key of the event handled last: the present instant and class.
    last: Key,
    /// Events handled, and how many may be. None once a limit was met.
    popped: u64,
    checkpoint: u64,
    /// Events filed, and how many may be before it is looked at how many of them are still pending.
    scheduled: u64,
    ceiling: u64,
    sequencer: Sequencer,
    ladder: Ladder<E>,
    lanes: Lanes<E>,
    present: Present<E>,
    /// The least of what needs a second look: what was scheduled for the present instant, the end of a round there, the
    /// end of the last instant allowed. In no lane.
    fence: Key,
    /// The least key that is not in the ladder: that of the lanes or the fence. [`HOLE`] while the lanes have one.
    aside: Key,
    limits: Limits,
    met: Option<LimitReached>,
}

impl<E: Copy> Kernel<E> {
    /// A kernel at the start of time with nothing pending and the default [`Limits`].
    pub fn new(tie_break: TieBreak) -> Self {
        let mut kernel = Self {
            last: 0,
            popped: 0,
            checkpoint: 0,
            scheduled: 0,
            ceiling: 0,
            sequencer: Sequencer::new(tie_break),
            ladder: Ladder::new(),
            lanes: Lanes::new(),
            present: Present::new(),
            fence: NOTHING,
            aside: NOTHING,
            limits: Limits::default(),
            met: None,
        };
        kernel.set_limits(Limits::default());
        kernel
    }

    /// Replaces the limits. A limit already met stays met.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.ceiling = 0;
        if self.met.is_none() {
            self.checkpoint = limits.events;
        }
        self.close_hole();
        self.move_fence();
    }

    /// The present instant: that of the event handled last.
    #[inline]
    pub fn now(&self) -> Instant {
        Instant::from_nanos(time_of(self.last))
    }

    /// Events waiting, wherever they wait.
    #[inline]
    pub fn pending(&self) -> usize {
        self.scheduled.wrapping_sub(self.popped) as usize
    }

    /// Events handed out by [`Kernel::pop`] so far.
    #[inline]
    pub fn popped(&self) -> u64 {
        self.popped
    }

    /// Events ever scheduled, those of lanes included.
    pub fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// Files an event.
    #[inline(always)]
    pub fn schedule(&mut self, at: Instant, class: Class, event: E) {
        let sequence = self.reserve();
        self.schedule_reserved(at, class, sequence, event);
    }

    /// Takes a place in the order for an event that may be filed later, such as a time-out whose need is not yet known.
    #[inline(always)]
    pub fn reserve(&mut self) -> Sequence {
        match self.sequencer.next() {
            Some(sequence) => sequence,
            None => self.out_of_sequence(),
        }
    }

    /// Files an event in the place that `sequence` reserved.
    #[inline(always)]
    pub fn schedule_reserved(&mut self, at: Instant, class: Class, sequence: Sequence, event: E) {
        if self.scheduled >= self.ceiling && self.is_full() {
            return;
        }
        self.count_in();
        let entry = QueueEntry::new(at.as_nanos(), class, sequence, NO_LANE, event);
        if entry.time > time_of(self.last) {
            self.ladder.push(entry);
        } else {
            self.file_present(class, sequence, event);
        }
    }

    /// Opens a lane: a first-in-first-out path beside the queue, for events filed in the order in which they happen
    /// (the next arrival of a source, time-outs of one length). Past 65535 lanes, further ones are the queue itself.
    pub fn lane(&mut self) -> LaneId {
        self.close_hole();
        self.lanes.open()
    }

    /// Files an event in a lane: cheaper than [`Kernel::schedule`] and in the same order. An event that would have to
    /// go before the lane's last one goes to the queue.
    #[inline(always)]
    pub fn push(&mut self, lane: LaneId, at: Instant, class: Class, event: E) {
        let sequence = self.reserve();
        self.push_reserved(lane, at, class, sequence, event);
    }

    /// [`Kernel::push`] in the place that `sequence` reserved.
    #[inline(always)]
    pub fn push_reserved(&mut self, lane: LaneId, at: Instant, class: Class, sequence: Sequence, event: E) {
        if self.scheduled >= self.ceiling && self.is_full() {
            return;
        }
        let entry = QueueEntry::new(at.as_nanos(), class, sequence, lane.0, event);
        if entry.time <= time_of(self.last) {
            return self.divert(at, class, sequence, event);
        }
        match self.lanes.append(lane, entry) {
            Appended::Refused => return self.divert(at, class, sequence, event),
            Appended::Added => self.aside = self.aside.min(entry.key()),
            Appended::FilledHole => self.look_aside(),
        }
        self.count_in();
    }

    /// The instant of the next event. It may be the present one.
    #[inline]
    pub fn peek(&mut self) -> Option<Instant> {
        self.close_hole();
        let key = self.queued().min(self.lanes.head()).min(self.present.head());
        (key != NOTHING).then(|| Instant::from_nanos(time_of(key)))
    }

    /// Moves the clock to the next event and takes it out; `None` if nothing is pending.
    ///
    /// # Errors
    ///
    /// The [`LimitReached`] that was met. Once one was met, every later call says so again.
    #[inline]
    pub fn pop(&mut self) -> Result<Option<E>, LimitReached> {
        match self.advance() {
            Some(event) => Ok(Some(event)),
            None => self.limit().map_or(Ok(None), Err),
        }
    }

    /// [`Kernel::pop`] that does not say why it gives nothing: [`Kernel::limit`] does. For loops in which an event is
    /// nearly always there, and an error would be carried through every turn.
    #[inline(always)]
    pub fn advance(&mut self) -> Option<E> {
        let key = self.queued();
        if key > self.aside {
            return self.advance_aside();
        }
        if self.popped >= self.checkpoint {
            return None;
        }
        let entry = self.ladder.take()?;
        self.count_out(key);
        Some(entry.event)
    }

    /// The limit that keeps the next event from being taken, if one does.
    #[cold]
    pub fn limit(&mut self) -> Option<LimitReached> {
        if self.met.is_some() {
            return self.met.clone();
        }
        let next = self.peek()?;
        if self.popped >= self.limits.events {
            return Some(LimitReached::Events { most: self.limits.events, now: self.now() });
        }
        (next > self.limits.until).then_some(LimitReached::Time { until: self.limits.until, next })
    }

    /// The least key of the queue, or [`NOTHING`].
    #[inline(always)]
    fn queued(&mut self) -> Key {
        if self.ladder.is_dry() {
            self.ladder.refill();
        }
        self.ladder.head()
    }

    /// Takes the event of the least key aside, if it is that of a lane.
    #[inline(always)]
    fn advance_aside(&mut self) -> Option<E> {
        if self.popped >= self.checkpoint {
            return None;
        }
        let key = self.aside;
        let Some(event) = self.lanes.take(lane_of(key)) else { return self.advance_slowly() };
        self.count_out(key);
        if self.lanes.has_hole() {
            self.aside = HOLE;
        } else {
            self.look_aside();
        }
        Some(event)
    }

    /// What is least aside, once the lanes know it.
    #[inline]
    fn close_hole(&mut self) {
        if self.lanes.has_hole() {
            self.lanes.close_hole();
            self.look_aside();
        }
    }

    #[inline(always)]
    fn look_aside(&mut self) {
        self.aside = self.lanes.head().min(self.fence);
    }

    #[inline(always)]
    fn count_out(&mut self, key: Key) {
        self.last = key;
        // Below the checkpoint, so it does not wrap.
        self.popped = self.popped.wrapping_add(1);
    }

    #[inline(always)]
    fn count_in(&mut self) {
        // No run lives to see 2^64 events.
        self.scheduled = self.scheduled.wrapping_add(1);
    }

    // What is rare is kept out of line, so that the common path needs few registers.

    /// Whether as many events are pending as may be. That is a limit met.
    #[cold]
    #[inline(never)]
    fn is_full(&mut self) -> bool {
        self.ceiling = self.popped.saturating_add(self.limits.pending as u64);
        let full = self.scheduled >= self.ceiling;
        if full {
            self.meet(LimitReached::Pending { most: self.limits.pending, now: self.now() });
        }
        full
    }

    /// Files an event that its lane does not accept.
    #[cold]
    #[inline(never)]
    fn divert(&mut self, at: Instant, class: Class, sequence: Sequence, event: E) {
        self.schedule_reserved(at, class, sequence, event);
    }

    #[cold]
    #[inline(never)]
    fn out_of_sequence(&mut self) -> Sequence {
        self.meet(LimitReached::Sequence { now: self.now() });
        Sequence(0)
    }

    #[cold]
    #[inline(never)]
    fn file_present(&mut self, class: Class, sequence: Sequence, event: E) {
        self.close_hole();
        let passed = (class as u8) < class_of(self.last);
        self.present.push(QueueEntry::new(time_of(self.last), class, sequence, NO_LANE, event), passed);
        self.move_fence();
    }

    /// Closes the hole in the lanes, or does what the fence stands for.
    #[cold]
    #[inline(never)]
    fn advance_slowly(&mut self) -> Option<E> {
        if self.lanes.has_hole() {
            self.close_hole();
            return self.advance();
        }
        let fence = self.fence;
        if fence != self.present.head() {
            return None;
        }
        if fence == end_of_round(time_of(fence)) {
            return self.next_round();
        }
        self.take_present()
    }

    /// Takes an event that was scheduled at the instant at which it happens. Those can go on forever.
    fn take_present(&mut self) -> Option<E> {
        let entry = self.present.take()?;
        let (rounds, events) = self.present.counts();
        if events > u64::from(self.limits.rounds) * EVENTS_PER_ROUND {
            self.meet(LimitReached::NoProgress { now: self.now(), rounds, events });
        }
        self.count_out(entry.key());
        self.move_fence();
        Some(entry.event)
    }

    fn next_round(&mut self) -> Option<E> {
        self.present.turn();
        self.move_fence();
        let (rounds, events) = self.present.counts();
        if rounds > self.limits.rounds {
            self.meet(LimitReached::NoProgress { now: self.now(), rounds, events });
        }
        self.advance()
    }

    /// While the lanes have no hole.
    fn move_fence(&mut self) {
        self.fence = self.present.head().min(end_of_instant(self.limits.until.as_nanos()));
        self.look_aside();
    }

    /// Notes the first limit met; `limit` reports it.
    #[cold]
    #[inline(never)]
    fn meet(&mut self, limit: LimitReached) {
        self.met.get_or_insert(limit);
        self.checkpoint = 0;
    }

    /// As after 2^45 events.
    #[cfg(test)]
    pub(super) fn use_up_sequence(&mut self) {
        self.sequencer.use_up();
    }
}
