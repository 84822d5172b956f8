//! Events scheduled at the instant at which they are to happen.
//!
//! Owns the rounds of the present instant. Refuses to know about any other instant. Invariant: within a round the order
//! is that of the keys; an event for a class already passed waits for the next round.

use super::key::{Key, NOTHING, end_of_round, time_of};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The rounds of one instant.
#[derive(Debug)]
pub(super) struct Present {
    /// The least of the current round; failing that, the end of the round if another follows; failing that, nothing.
    head: Key,
    current: BinaryHeap<Reverse<Key>>,
    following: BinaryHeap<Reverse<Key>>,
    /// The instant that `rounds` and `handled` count for.
    instant: u64,
    rounds: u32,
    handled: u64,
}

impl Present {
    pub(super) fn new() -> Self {
        let (current, following) = (BinaryHeap::new(), BinaryHeap::new());
        Self { head: NOTHING, current, following, instant: 0, rounds: 0, handled: 0 }
    }

    /// The least key, or [`NOTHING`].
    #[inline]
    pub(super) fn head(&self) -> Key {
        self.head
    }

    /// Rounds begun, after the first one, and events handled in them, at the latest instant that had any event here.
    pub(super) fn counts(&self) -> (u32, u64) {
        (self.rounds, self.handled)
    }

    /// Adds a key of the present instant, to the next round if its class has `passed` in this one.
    pub(super) fn push(&mut self, key: Key, passed: bool) {
        if self.instant != time_of(key) {
            (self.instant, self.rounds, self.handled) = (time_of(key), 0, 0);
        }
        if passed {
            self.following.push(Reverse(key))
        } else {
            self.current.push(Reverse(key))
        }
        self.show();
    }

    /// Takes the key that [`Present::head`] showed.
    pub(super) fn take(&mut self) {
        self.current.pop();
        self.handled += 1;
        self.show();
    }

    /// Begins the next round.
    pub(super) fn turn(&mut self) {
        self.rounds += 1;
        std::mem::swap(&mut self.current, &mut self.following);
        self.show();
    }

    fn show(&mut self) {
        let then = if self.following.is_empty() { NOTHING } else { end_of_round(self.instant) };
        self.head = self.current.peek().map_or(then, |key| key.0);
    }
}
