//! The clock and the pending events.
//!
//! Owns virtual time and the one total order (time, round, class, sequence) in which events happen, wherever they
//! wait: in the queue, in a lane, or for the present instant. Refuses to know what an event means.
//!
//! Invariant: the clock never runs back, and the order of events is that of one single queue.
//!
//! Once as many events have been pending as ever will be, nothing allocates: payloads live in a slab whose slots are
//! used again, keys in chunks that are used again, lanes in rings that keep their size.

use super::key::{Class, Key, NOTHING, SLOT_BITS, Sequence, Sequencer, TieBreak, class_of, pack, slot_of, time_of};
use super::ladder::Ladder;
use super::lanes::{LANES_MOST, LaneId, Lanes};
use super::limits::{Limit, Limits};
use super::slab::Slab;
use crate::units::Instant;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Slots from here on stand for lanes: the key of a lane's event says which lane holds it.
const FIRST_LANE: u32 = (1 << SLOT_BITS) - LANES_MOST as u32;
/// Events at one instant for each round allowed there, before that is called busy without progress.
const EVENTS_PER_ROUND: u64 = 10_000;

/// A discrete-event kernel over events of type `E`.
///
/// An event scheduled for an instant already passed happens at the present one. An event scheduled at the present
/// instant for a class already passed there happens in the next *round* of that instant, before time moves.
#[derive(Debug)]
pub struct Kernel<E> {
    now: u64,
    /// Class of the event handled last, as a number.
    class: u8,
    round: u32,
    /// Events handled after which `pop` has to look at the limits. Zero once a limit was met.
    checkpoint: u64,
    popped: u64,
    until: u64,
    sequencer: Sequencer,
    ladder: Ladder,
    lanes: Lanes<E>,
    present: Present,
    slab: Slab<E>,
    limits: Limits,
    met: Option<Limit>,
    scheduled: u64,
}

/// Events scheduled at the instant at which they are to happen.
#[derive(Debug, Default)]
struct Present {
    /// Those of the current round.
    current: BinaryHeap<Reverse<Key>>,
    /// Those of the round after it.
    following: BinaryHeap<Reverse<Key>>,
    /// The instant `handled` counts for.
    instant: u64,
    handled: u64,
}

impl<E: Copy> Kernel<E> {
    /// A kernel at the start of time with nothing pending and the default [`Limits`].
    pub fn new(tie_break: TieBreak) -> Self {
        let limits = Limits::default();
        Self {
            now: 0,
            class: Class::Fault as u8,
            round: 0,
            checkpoint: limits.events,
            popped: 0,
            until: limits.until.as_nanos(),
            sequencer: Sequencer::new(tie_break),
            ladder: Ladder::new(),
            lanes: Lanes::new(),
            present: Present::default(),
            slab: Slab::new(),
            limits,
            met: None,
            scheduled: 0,
        }
    }

    /// Replaces the limits. A limit already met stays met.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = Limits { pending: limits.pending.min(Limits::PENDING_MOST), ..limits };
        self.until = limits.until.as_nanos();
        if self.met.is_none() {
            self.checkpoint = limits.events;
        }
    }

    /// The present instant: that of the event handled last.
    #[inline]
    pub fn now(&self) -> Instant {
        Instant::from_nanos(self.now)
    }

    /// Events waiting, wherever they wait.
    #[inline]
    pub fn pending(&self) -> usize {
        (self.scheduled - self.popped) as usize
    }

    /// Events handed out by [`Kernel::pop`] so far.
    pub fn popped(&self) -> u64 {
        self.popped
    }

    /// Events ever scheduled, those of lanes included.
    pub fn scheduled(&self) -> u64 {
        self.scheduled
    }

    /// Files an event.
    #[inline]
    pub fn schedule(&mut self, at: Instant, class: Class, event: E) {
        let sequence = self.reserve();
        self.schedule_reserved(at, class, sequence, event);
    }

    /// Takes a place in the order for an event that may be filed later, such as a time-out whose need is not yet known.
    #[inline]
    pub fn reserve(&mut self) -> Sequence {
        let sequence = self.sequencer.next();
        if self.sequencer.is_exhausted() {
            self.meet(Limit::Sequence { now: self.now() });
        }
        sequence
    }

    /// Files an event in the place that `sequence` reserved.
    #[inline]
    pub fn schedule_reserved(&mut self, at: Instant, class: Class, sequence: Sequence, event: E) {
        self.enqueue(at, class, sequence, event);
    }

    /// Opens a lane: a first-in-first-out path beside the queue, for events filed in the order in which they happen
    /// (the next arrival of a source, time-outs of one length). Past 65536 lanes, further ones are the queue itself.
    pub fn lane(&mut self) -> LaneId {
        self.lanes.open()
    }

    /// Files an event in a lane: cheaper than [`Kernel::schedule`] and in the same order. An event that would have to
    /// go before the lane's last one goes to the queue.
    #[inline]
    pub fn push(&mut self, lane: LaneId, at: Instant, class: Class, event: E) {
        let sequence = self.reserve();
        self.push_reserved(lane, at, class, sequence, event);
    }

    /// [`Kernel::push`] in the place that `sequence` reserved.
    #[inline]
    pub fn push_reserved(&mut self, lane: LaneId, at: Instant, class: Class, sequence: Sequence, event: E) {
        let time = at.as_nanos();
        let key = pack(time, class, sequence, FIRST_LANE.wrapping_add(lane.0));
        if time > self.now && self.pending() < self.limits.pending && self.lanes.append(lane, key, event) {
            self.scheduled += 1;
        } else {
            self.enqueue(at, class, sequence, event);
        }
    }

    /// The instant of the next event. It may be the present one.
    pub fn peek(&mut self) -> Option<Instant> {
        if !self.present.following.is_empty() {
            return Some(self.now());
        }
        let key = self.least();
        (key != NOTHING).then(|| Instant::from_nanos(time_of(key)))
    }

    /// Moves the clock to the next event and takes it out; `None` if nothing is pending.
    ///
    /// # Errors
    ///
    /// The [`Limit`] that was met. Once one was met, every later call says so again.
    #[inline]
    pub fn pop(&mut self) -> Result<Option<E>, Limit> {
        if self.popped >= self.checkpoint {
            return self.stopped();
        }
        let mut key = self.least();
        let time = time_of(key);
        if time != self.now || key == NOTHING {
            if !self.present.following.is_empty() {
                key = self.next_round()?;
            } else if key == NOTHING {
                return Ok(None);
            } else if time > self.until {
                return Err(Limit::Time { until: self.limits.until, next: Instant::from_nanos(time) });
            } else {
                self.now = time;
                self.round = 0;
            }
        }
        self.class = class_of(key);
        self.popped += 1;
        Ok(self.take(key))
    }

    #[inline]
    fn least(&mut self) -> Key {
        let key = self.ladder.head().min(self.lanes.head());
        self.present.current.peek().map_or(key, |present| key.min(present.0))
    }

    /// Takes the event of the least key out of wherever it waits.
    #[inline]
    fn take(&mut self, key: Key) -> Option<E> {
        let slot = slot_of(key);
        if slot >= FIRST_LANE {
            return self.lanes.take(slot - FIRST_LANE);
        }
        if self.ladder.head() == key {
            self.ladder.take();
        } else {
            self.present.current.pop();
            self.count_present();
        }
        Some(self.slab.take(slot))
    }

    #[inline]
    fn enqueue(&mut self, at: Instant, class: Class, sequence: Sequence, event: E) {
        if self.pending() >= self.limits.pending {
            return self.meet(Limit::Pending { most: self.limits.pending, now: self.now() });
        }
        self.scheduled += 1;
        let slot = self.slab.put(event);
        let time = at.as_nanos();
        if time > self.now {
            self.ladder.push(pack(time, class, sequence, slot));
        } else {
            self.enqueue_present(class, sequence, slot);
        }
    }

    fn enqueue_present(&mut self, class: Class, sequence: Sequence, slot: u32) {
        let key = Reverse(pack(self.now, class, sequence, slot));
        let passed = (class as u8) < self.class;
        if passed { self.present.following.push(key) } else { self.present.current.push(key) }
    }

    #[cold]
    fn next_round(&mut self) -> Result<Key, Limit> {
        self.round += 1;
        if self.round > self.limits.rounds {
            let limit = self.no_progress();
            self.meet(limit.clone());
            return Err(limit);
        }
        std::mem::swap(&mut self.present.current, &mut self.present.following);
        Ok(self.present.current.peek().map_or(NOTHING, |key| key.0))
    }

    /// Counts an event that was scheduled at the instant at which it happens: those can go on for ever.
    fn count_present(&mut self) {
        if self.present.instant != self.now {
            self.present.instant = self.now;
            self.present.handled = 0;
        }
        self.present.handled += 1;
        if self.present.handled > u64::from(self.limits.rounds) * EVENTS_PER_ROUND {
            self.meet(self.no_progress());
        }
    }

    fn no_progress(&self) -> Limit {
        Limit::NoProgress { now: self.now(), rounds: self.round + 1, events: self.present.handled }
    }

    /// Notes the first limit met; `pop` reports it.
    #[cold]
    fn meet(&mut self, limit: Limit) {
        self.met.get_or_insert(limit);
        self.checkpoint = 0;
    }

    #[cold]
    fn stopped(&self) -> Result<Option<E>, Limit> {
        match &self.met {
            Some(limit) => Err(limit.clone()),
            None if self.pending() == 0 => Ok(None),
            None => Err(Limit::Events { most: self.limits.events, now: self.now() }),
        }
    }
}
