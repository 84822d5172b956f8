//! The total order of events, packed into 16 bytes.
//!
//! Owns the classes, the sequence numbers and the layout `time 64 | class 3 | sequence 45 | lane 16`, so that one
//! 128-bit comparison decides which of two events comes first. Does not know what an event says.
//!
//! Invariant: sequence numbers are unique within a run, so the lane never decides.

use std::cmp::Ordering;

/// What kind of thing happens, in the order in which kinds happen within one instant.
///
/// "A fault at t is seen by the poll at t" and "work that ends exactly on its deadline is in time" follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// Something breaks or heals.
    Fault,
    /// Work ends.
    Completion,
    /// Work comes in.
    Arrival,
    /// Patience ends.
    Deadline,
    /// Something looks at the world and decides.
    Control,
}

/// How events of one instant and one class are ordered among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TieBreak {
    /// First scheduled, first handled.
    #[default]
    Fifo,
    /// Shuffled by this key: a run that changes with it depends on an order nobody promised.
    Seeded(u64),
}

/// A place in the order among events of one instant and class, taken before the event is filed.
///
/// Use each at most once: two pending events with one sequence number have no defined order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sequence(pub(super) u64);

/// A packed key. The least comes first.
pub(super) type Key = u128;

/// Greater than every key: "nothing pending".
pub(super) const NOTHING: Key = Key::MAX;
/// Bits that say in which lane an event waits.
pub(super) const LANE_BITS: u32 = 16;
/// The lane of what waits in none. No lane has that number.
pub(super) const NO_LANE: u32 = (1 << LANE_BITS) - 1;
/// Bits of the sequence number: 35 million million events in a run.
const SEQUENCE_BITS: u32 = 45;
/// Bits of it that a seeded tie break shuffles.
const SHUFFLED_BITS: u32 = 37;

const SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1;
const SHUFFLED_MASK: u64 = (1 << SHUFFLED_BITS) - 1;

/// A pending event and its place in the order.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueueEntry<E> {
    pub(super) time: u64,
    pub(super) order: u64,
    pub(super) event: E,
}

impl<E> QueueEntry<E> {
    #[inline(always)]
    pub(super) fn new(time: u64, class: Class, sequence: Sequence, lane: u32, event: E) -> Self {
        let order = (class as u64) << (SEQUENCE_BITS + LANE_BITS) | sequence.0 << LANE_BITS | u64::from(lane);
        Self { time, order, event }
    }

    #[inline(always)]
    pub(super) fn key(&self) -> Key {
        Key::from(self.time) << 64 | Key::from(self.order)
    }
}

impl<E> PartialEq for QueueEntry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for QueueEntry<E> {}

impl<E> PartialOrd for QueueEntry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for QueueEntry<E> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Hands out sequence numbers.
#[derive(Debug, Clone)]
pub(super) struct Sequencer {
    issued: u64,
    /// Numbers below it are handed out as they are: all there are, or none if ties are shuffled.
    plain: u64,
    tie_break: TieBreak,
}

impl Sequencer {
    pub(super) fn new(tie_break: TieBreak) -> Self {
        let plain = if tie_break == TieBreak::Fifo { SEQUENCE_MASK + 1 } else { 0 };
        Self { issued: 0, plain, tie_break }
    }

    /// The next sequence number, or `None` once 2^45 were issued.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Sequence> {
        let number = self.issued;
        if number < self.plain {
            self.issued = number + 1;
            return Some(Sequence(number));
        }
        self.next_shuffled()
    }

    #[cold]
    #[inline(never)]
    fn next_shuffled(&mut self) -> Option<Sequence> {
        let number = self.issued;
        match self.tie_break {
            TieBreak::Seeded(key) if number <= SEQUENCE_MASK => {
                self.issued = number + 1;
                Some(Sequence(number & !SHUFFLED_MASK | shuffle(number & SHUFFLED_MASK, key)))
            }
            _ => None,
        }
    }

    /// As after 2^45 events.
    #[cfg(test)]
    pub(super) fn use_up(&mut self) {
        self.issued = SEQUENCE_MASK + 1;
    }
}

#[inline]
pub(super) fn time_of(key: Key) -> u64 {
    (key >> 64) as u64
}

/// The lane in whose entry the key stands, or [`NO_LANE`].
#[inline]
pub(super) fn lane_of(key: Key) -> u32 {
    key as u32 % (1 << LANE_BITS)
}

/// The class as a number, comparable with `Class as u8`.
#[inline]
pub(super) fn class_of(key: Key) -> u8 {
    (key as u64 >> (SEQUENCE_BITS + LANE_BITS)) as u8
}

/// After every event of this instant and before every later one. In no lane.
#[inline]
pub(super) fn end_of_round(time: u64) -> Key {
    // Class 7, which no event has. Not the greatest number, which at the end of time would be `NOTHING`.
    Key::from(time) << 64 | Key::from(u64::MAX - (2 << LANE_BITS))
}

/// After every round of this instant and before every later one. In no lane.
#[inline]
pub(super) fn end_of_instant(time: u64) -> Key {
    end_of_round(time) + (1 << LANE_BITS)
}

/// A bijection of 37-bit numbers: every step (add, multiply by an odd number, xor with the own upper half) can be undone.
fn shuffle(number: u64, key: u64) -> u64 {
    let mut x = number.wrapping_add(key) & SHUFFLED_MASK;
    x = x.wrapping_mul(0x9E37_79B9_7F4A_7C15) & SHUFFLED_MASK;
    x ^= x >> 19;
    x = x.wrapping_add(key >> 27).wrapping_mul(0xBF58_476D_1CE4_E5B9) & SHUFFLED_MASK;
    x ^= x >> 18;
    x = x.wrapping_mul(0x94D0_49BB_1331_11EB) & SHUFFLED_MASK;
    x ^ x >> 19
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn key(time: u64, class: Class, sequence: u64, lane: u32) -> Key {
        QueueEntry::new(time, class, Sequence(sequence), lane, ()).key()
    }

    #[test]
    fn keys_order_by_time_then_class_then_sequence() {
        let keys = [
            key(1, Class::Fault, 9, 5),
            key(1, Class::Completion, 3, 4),
            key(1, Class::Completion, 4, 0),
            key(1, Class::Control, SEQUENCE_MASK, NO_LANE),
            end_of_round(1),
            end_of_instant(1),
            key(2, Class::Fault, 0, 0),
            key(u64::MAX, Class::Control, SEQUENCE_MASK, NO_LANE),
            end_of_round(u64::MAX),
            end_of_instant(u64::MAX),
            NOTHING,
        ];
        assert!(keys.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_key_gives_back_what_was_packed() {
        let key = key(77, Class::Deadline, SEQUENCE_MASK, 12_345);
        assert_eq!((time_of(key), class_of(key), lane_of(key)), (77, Class::Deadline as u8, 12_345));
    }

    #[test]
    fn the_shuffle_never_gives_two_numbers_one_place() {
        for key in [0, 1, 0xDEAD_BEEF_F00D_CAFE] {
            let places: BTreeSet<u64> = (0..20_000).map(|n| shuffle(n, key)).collect();
            assert_eq!(places.len(), 20_000);
            assert!(places.iter().all(|place| *place <= SHUFFLED_MASK));
        }
    }

    #[test]
    fn the_shuffle_leaves_no_order() {
        let up = (0..10_000).filter(|n| shuffle(*n, 42) < shuffle(n + 1, 42)).count();
        assert!((4_700..5_300).contains(&up), "{up} of 10000 neighbours kept their order");
    }

    #[test]
    fn a_sequencer_says_when_its_numbers_are_used_up() {
        for tie_break in [TieBreak::Fifo, TieBreak::Seeded(7)] {
            let mut sequencer = Sequencer { issued: SEQUENCE_MASK, ..Sequencer::new(tie_break) };
            assert!(sequencer.next().is_some());
            assert_eq!((sequencer.next(), sequencer.next()), (None, None));
        }
    }
}
