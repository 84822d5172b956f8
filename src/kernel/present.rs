//! What was scheduled at the instant at which it happens, in its rounds.
//!
//! Owns the present instant's own events: those of this round and those for the next. Does not know when the instant
//! ends: the kernel mixes them with what was filed earlier.
//!
//! Invariant: an event for a class already passed waits for the next round.

use super::key::{Key, NOTHING, QueueEntry, end_of_round};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Events of one instant that were scheduled at it.
#[derive(Debug)]
pub(super) struct Present<E> {
    head: Key,
    current: BinaryHeap<Reverse<QueueEntry<E>>>,
    following: BinaryHeap<Reverse<QueueEntry<E>>>,
    instant: u64,
    rounds: u32,
    handled: u64,
}

impl<E: Copy> Present<E> {
    pub(super) fn new() -> Self {
        let (current, following) = (BinaryHeap::new(), BinaryHeap::new());
        Self { head: NOTHING, current, following, instant: 0, rounds: 0, handled: 0 }
    }

    /// The least key; the end of the round if all that is left waits for the next one; or [`NOTHING`].
    #[inline]
    pub(super) fn head(&self) -> Key {
        self.head
    }

    /// Rounds begun at the instant of what was filed last, and events of its own handled there.
    pub(super) fn counts(&self) -> (u32, u64) {
        (self.rounds, self.handled)
    }

    /// Files an event for the present instant; `passed` says whether its class has been passed in this round.
    pub(super) fn push(&mut self, entry: QueueEntry<E>, passed: bool) {
        if self.instant != entry.time {
            (self.instant, self.rounds, self.handled) = (entry.time, 0, 0);
        }
        if passed {
            self.following.push(Reverse(entry))
        } else {
            self.current.push(Reverse(entry))
        }
        self.show();
    }

    /// Takes the first event of this round.
    pub(super) fn take(&mut self) -> Option<QueueEntry<E>> {
        let Reverse(entry) = self.current.pop()?;
        self.handled += 1;
        self.show();
        Some(entry)
    }

    /// Begins the next round.
    pub(super) fn turn(&mut self) {
        self.rounds += 1;
        std::mem::swap(&mut self.current, &mut self.following);
        self.show();
    }

    fn show(&mut self) {
        let then = if self.following.is_empty() { NOTHING } else { end_of_round(self.instant) };
        self.head = self.current.peek().map_or(then, |entry| entry.0.key());
    }
}
