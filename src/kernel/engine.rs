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
use super::present::Present;
use super::slab::Slab;
use crate::units::Instant;

/// Slots from here on stand for lanes: the key of a lane's event says which lane holds it.
const FIRST_LANE: u32 = (1 << SLOT_BITS) - LANES_MOST as u32 - 1;
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
    /// The instant beyond which `pop` takes a second look.
    until: u64,
    pending: usize,
    sequencer: Sequencer,
    ladder: Ladder,
    lanes: Lanes<E>,
    present: Present,
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
            pending: 0,
            sequencer: Sequencer::new(tie_break),
            ladder: Ladder::new(),
            lanes: Lanes::new(),
            present: Present::new(),
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
        self.pending
    }

    /// Events handed out by [`Kernel::pop`] so far.
    #[inline]
    pub fn popped(&self) -> u64 {
        self.popped
    }

    /// Events ever scheduled, those of lanes included.
    pub fn scheduled(&self) -> u64 {
        self.popped + self.pending as u64
    }

    /// Files an event.
    #[inline]
    pub fn schedule(&mut self, at: Instant, class: Class, event: E) {
        let sequence = self.reserve();
        self.schedule_reserved(at, class, sequence, event);
    }

    /// Takes a place in the order for an event that may be filed later, such as a time-out whose need is not yet known.
    #[inline(always)]
    pub fn reserve(&mut self) -> Sequence {
        match self.sequencer.next() {
            Some(sequence) => sequence,
            None => {
                self.meet(Limit::Sequence { now: self.now() });
                Sequence(0)
            }
        }
    }

    /// Files an event in the place that `sequence` reserved.
    #[inline(always)]
    pub fn schedule_reserved(&mut self, at: Instant, class: Class, sequence: Sequence, event: E) {
        if self.is_full() {
            return;
        }
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
        let key = pack(time, class, sequence, FIRST_LANE + lane.0);
        if time <= time_of(self.last) || !self.lanes.accepts(lane, key) {
            self.schedule_reserved(at, class, sequence, event);
        } else if !self.is_full() {
            self.lanes.append(lane, key, event);
        }
    }

    /// The instant of the next event. It may be the present one.
    #[inline]
    pub fn peek(&mut self) -> Option<Instant> {
        let key = self.least();
        (key != NOTHING).then(|| Instant::from_nanos(time_of(key)))
    }

    /// Moves the clock to the next event and takes it out; `None` if nothing is pending.
    ///
    /// # Errors
    ///
    /// The [`Limit`] that was met. Once one was met, every later call says so again.
    #[inline(always)]
    pub fn pop(&mut self) -> Result<Option<E>, Limit> {
        let key = self.least();
        if self.popped >= self.checkpoint || time_of(key) > self.until {
            return self.second_look(key);
        }
        self.handle(key)
    }

    /// Key of the next event, of the end of the round, or [`NOTHING`].
    #[inline(always)]
    fn least(&mut self) -> Key {
        self.ladder.head().min(self.lanes.head()).min(self.present.head())
    }

    /// Takes the event of the least key out of wherever it waits.
    #[inline(always)]
    fn handle(&mut self, key: Key) -> Result<Option<E>, Limit> {
        let slot = slot_of(key);
        let event = if slot >= FIRST_LANE {
            match self.lanes.take(slot - FIRST_LANE) {
                Some(event) => event,
                None => return self.next_round(),
            }
        } else {
            if key == self.present.head() {
                self.take_present();
            } else {
                self.ladder.take();
            }
            self.slab.take(slot)
        };
        self.last = key;
        // Both stay below 2^64, the one by the checkpoint, the other because an event was pending.
        self.popped = self.popped.wrapping_add(1);
        self.pending = self.pending.wrapping_sub(1);
        Ok(Some(event))
    }

    /// Counts an event in, unless as many are pending as may be.
    #[inline(always)]
    fn is_full(&mut self) -> bool {
        let is_full = self.pending >= self.limits.pending;
        if is_full {
            self.meet(Limit::Pending { most: self.limits.pending, now: self.now() });
        } else {
            self.pending = self.pending.wrapping_add(1);
        }
        is_full
    }

    fn file_present(&mut self, class: Class, sequence: Sequence, slot: u32) {
        let passed = (class as u8) < class_of(self.last);
        self.present.push(pack(time_of(self.last), class, sequence, slot), passed);
    }

    /// Takes an event that was scheduled at the instant at which it happens. Those can go on for ever.
    fn take_present(&mut self) {
        self.present.take();
        let (rounds, events) = self.present.counts();
        if events > u64::from(self.limits.rounds) * EVENTS_PER_ROUND {
            self.meet(Limit::NoProgress { now: self.now(), rounds, events });
        }
    }

    #[cold]
    fn next_round(&mut self) -> Result<Option<E>, Limit> {
        self.present.turn();
        let (rounds, events) = self.present.counts();
        if rounds > self.limits.rounds {
            self.meet(Limit::NoProgress { now: self.now(), rounds, events });
        }
        self.pop()
    }

    /// What `pop` does at a limit, at the end of time, or with nothing left.
    #[cold]
    fn second_look(&mut self, key: Key) -> Result<Option<E>, Limit> {
        if let Some(limit) = &self.met {
            return Err(limit.clone());
        }
        if key == NOTHING {
            return Ok(None);
        }
        if self.popped >= self.limits.events {
            return Err(Limit::Events { most: self.limits.events, now: self.now() });
        }
        let next = Instant::from_nanos(time_of(key));
        if next > self.limits.until {
            return Err(Limit::Time { until: self.limits.until, next });
        }
        self.handle(key)
    }

    /// Notes the first limit met; `pop` reports it.
    #[cold]
    fn meet(&mut self, limit: Limit) {
        self.met.get_or_insert(limit);
        self.checkpoint = 0;
    }
}
