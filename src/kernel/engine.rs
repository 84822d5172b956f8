//! The clock and the pending events.
//!
//! Owns virtual time and the one total order (time, round, class, sequence) in which events happen, wherever they
//! wait: in the queue, in a lane, or for the present instant. Refuses to know what an event means.
//!
//! Invariant: the clock never runs back, and the order of events is that of one single queue.
//!
//! Once each part has held as much as it ever will, nothing allocates: payloads live in a slab whose slots are used
//! again, keys in buckets and chunks that are used again, lanes in rings that keep their size.

use super::key::{Class, Key, NOTHING, SLOT_BITS, Sequence, Sequencer, TieBreak, class_of, pack, slot_of, time_of};
use super::ladder::Ladder;
use super::lanes::{LANES_MOST, LaneId, Lanes};
use super::limits::{Limit, Limits};
use super::present::Present;
use super::slab::Slab;
use crate::units::Instant;

/// Slots from here on stand for lanes: the key of a lane's event says which lane holds it.
const FIRST_LANE: u32 = (1 << SLOT_BITS) - LANES_MOST as u32 - 1;
/// No key is less: with a hole in the lanes, the least key aside is not known before they close it.
const HOLE: Key = 0;
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
    /// Events handled, and how many may be before `pop` takes a second look. None once a limit was met.
    popped: u64,
    checkpoint: u64,
    scheduled: u64,
    /// The instant beyond which `pop` takes a second look.
    until: u64,
    sequencer: Sequencer,
    ladder: Ladder,
    lanes: Lanes<E>,
    present: Present,
    /// The least key that is not in the ladder: of the lanes and the present instant. [`HOLE`] while the lanes have one.
    aside: Key,
    slab: Slab<E>,
    limits: Limits,
    met: Option<Limit>,
}

impl<E: Copy> Kernel<E> {
    /// A kernel at the start of time with nothing pending and the default [`Limits`].
    pub fn new(tie_break: TieBreak) -> Self {
        let mut kernel = Self {
            last: 0,
            popped: 0,
            checkpoint: 0,
            until: 0,
            scheduled: 0,
            sequencer: Sequencer::new(tie_break),
            ladder: Ladder::new(),
            lanes: Lanes::new(),
            present: Present::new(),
            aside: NOTHING,
            slab: Slab::new(),
            limits: Limits::default(),
            met: None,
        };
        kernel.set_limits(Limits::default());
        kernel
    }

    /// Replaces the limits. A limit already met stays met.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = Limits { pending: limits.pending.min(Limits::PENDING_MOST), ..limits };
        // "Nothing pending" looks like the end of time, so that instant always needs a second look.
        self.until = limits.until.as_nanos().min(u64::MAX - 1);
        if self.met.is_none() {
            self.checkpoint = limits.events;
        }
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
        if self.pending() >= self.limits.pending {
            return self.full();
        }
        self.count_in();
        let time = at.as_nanos();
        let slot = self.slab.put(event);
        if time > time_of(self.last) {
            self.ladder.push(pack(time, class, sequence, slot));
        } else {
            self.file_present(class, sequence, slot);
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
        let time = at.as_nanos();
        let key = pack(time, class, sequence, FIRST_LANE + lane.0);
        if time <= time_of(self.last) || !self.lanes.accepts(lane, key) {
            return self.divert(at, class, sequence, event);
        }
        if self.pending() >= self.limits.pending {
            return self.full();
        }
        self.count_in();
        if self.lanes.append(lane, key, event) {
            self.look_aside();
        } else {
            self.aside = self.aside.min(key);
        }
    }

    /// The instant of the next event. It may be the present one.
    #[inline]
    pub fn peek(&mut self) -> Option<Instant> {
        self.close_hole();
        let key = self.queued().min(self.aside);
        (key != NOTHING).then(|| Instant::from_nanos(time_of(key)))
    }

    /// Moves the clock to the next event and takes it out; `None` if nothing is pending.
    ///
    /// # Errors
    ///
    /// The [`Limit`] that was met. Once one was met, every later call says so again.
    #[inline]
    pub fn pop(&mut self) -> Result<Option<E>, Limit> {
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
            return self.pop_aside();
        }
        if self.needs_second_look(key) {
            return self.second_look(key);
        }
        Some(self.take_queued(key))
    }

    /// The limit that keeps the next event from being taken, if one does.
    #[cold]
    pub fn limit(&mut self) -> Option<Limit> {
        if self.met.is_some() {
            return self.met.clone();
        }
        let next = self.peek()?;
        if self.popped >= self.limits.events {
            return Some(Limit::Events { most: self.limits.events, now: self.now() });
        }
        (next > self.limits.until).then_some(Limit::Time { until: self.limits.until, next })
    }

    /// The least key of the queue, or [`NOTHING`].
    #[inline(always)]
    fn queued(&mut self) -> Key {
        if self.ladder.is_dry() {
            self.refill();
        }
        self.ladder.head()
    }

    #[inline(never)]
    fn refill(&mut self) {
        let slab = &mut self.slab;
        if slab.is_large() {
            self.ladder.refill(|key| slab.touch(slot_of(key)));
        } else {
            self.ladder.refill(|_| ());
        }
    }

    #[inline(always)]
    fn pop_aside(&mut self) -> Option<E> {
        if self.lanes.has_hole() {
            return self.advance_over_hole();
        }
        if self.needs_second_look(self.aside) {
            return self.second_look(self.aside);
        }
        self.take_aside()
    }

    #[inline(always)]
    fn needs_second_look(&self, key: Key) -> bool {
        self.popped >= self.checkpoint || time_of(key) > self.until
    }

    /// Takes the event that the ladder's least key stands for.
    #[inline(always)]
    fn take_queued(&mut self, key: Key) -> E {
        self.ladder.take();
        self.count_out(key);
        self.slab.take(slot_of(key))
    }

    /// Takes the event of the least key aside, unless that is the end of a round.
    #[inline(always)]
    fn take_aside(&mut self) -> Option<E> {
        let (key, slot) = (self.aside, slot_of(self.aside));
        if slot < FIRST_LANE {
            return Some(self.take_present(key));
        }
        let Some(event) = self.lanes.take(slot - FIRST_LANE) else { return self.next_round() };
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

    #[inline(never)]
    fn advance_over_hole(&mut self) -> Option<E> {
        self.close_hole();
        self.advance()
    }

    #[inline(always)]
    fn look_aside(&mut self) {
        self.aside = self.lanes.head().min(self.present.head());
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

    /// Files an event that its lane does not accept.
    #[cold]
    #[inline(never)]
    fn divert(&mut self, at: Instant, class: Class, sequence: Sequence, event: E) {
        self.schedule_reserved(at, class, sequence, event);
    }

    #[cold]
    #[inline(never)]
    fn full(&mut self) {
        self.meet(Limit::Pending { most: self.limits.pending, now: self.now() });
    }

    #[cold]
    #[inline(never)]
    fn out_of_sequence(&mut self) -> Sequence {
        self.meet(Limit::Sequence { now: self.now() });
        Sequence(0)
    }

    #[cold]
    #[inline(never)]
    fn file_present(&mut self, class: Class, sequence: Sequence, slot: u32) {
        self.close_hole();
        let passed = (class as u8) < class_of(self.last);
        self.present.push(pack(time_of(self.last), class, sequence, slot), passed);
        self.look_aside();
    }

    /// Takes an event that was scheduled at the instant at which it happens. Those can go on for ever.
    #[cold]
    #[inline(never)]
    fn take_present(&mut self, key: Key) -> E {
        self.present.take();
        let (rounds, events) = self.present.counts();
        if events > u64::from(self.limits.rounds) * EVENTS_PER_ROUND {
            self.meet(Limit::NoProgress { now: self.now(), rounds, events });
        }
        self.count_out(key);
        self.look_aside();
        self.slab.take(slot_of(key))
    }

    #[cold]
    #[inline(never)]
    fn next_round(&mut self) -> Option<E> {
        self.present.turn();
        self.look_aside();
        let (rounds, events) = self.present.counts();
        if rounds > self.limits.rounds {
            self.meet(Limit::NoProgress { now: self.now(), rounds, events });
        }
        self.advance()
    }

    /// What `pop` does at a limit, at the end of time, or with nothing left.
    #[cold]
    #[inline(never)]
    fn second_look(&mut self, key: Key) -> Option<E> {
        if key == NOTHING || self.limit().is_some() {
            return None;
        }
        if key == self.aside { self.take_aside() } else { Some(self.take_queued(key)) }
    }

    /// Notes the first limit met; `limit` reports it.
    #[cold]
    #[inline(never)]
    fn meet(&mut self, limit: Limit) {
        self.met.get_or_insert(limit);
        self.checkpoint = 0;
    }

    /// As after 2^37 events.
    #[cfg(test)]
    pub(super) fn use_up_sequence(&mut self) {
        self.sequencer.use_up();
    }
}
