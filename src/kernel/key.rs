//! The total order of events, packed into 16 bytes.
//!
//! Owns the classes, the sequence numbers and the layout `time 64 | class 3 | sequence 37 | slot 24`, so that one
//! 128-bit comparison decides which of two events comes first. Refuses to know what an event carries.
//!
//! Invariant: sequence numbers are unique within a run, so the slot never decides.

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
/// Bits of the sequence number: 137 thousand million events in a run.
pub(super) const SEQUENCE_BITS: u32 = 37;
/// Bits of the slot: 16 million pending events.
pub(super) const SLOT_BITS: u32 = 24;

const SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;

/// Hands out sequence numbers.
#[derive(Debug, Clone)]
pub(super) struct Sequencer {
    issued: u64,
    tie_break: TieBreak,
}

impl Sequencer {
    pub(super) fn new(tie_break: TieBreak) -> Self {
        Self { issued: 0, tie_break }
    }

    /// The next sequence number, or `None` once 2^37 were issued.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Sequence> {
        let number = self.issued;
        if number > SEQUENCE_MASK {
            return None;
        }
        self.issued = number + 1;
        Some(Sequence(match self.tie_break {
            TieBreak::Fifo => number,
            TieBreak::Seeded(key) => shuffle(number, key),
        }))
    }

    /// As after 2^37 events.
    #[cfg(test)]
    pub(super) fn use_up(&mut self) {
        self.issued = SEQUENCE_MASK + 1;
    }
}

#[inline]
pub(super) fn pack(time: u64, class: Class, sequence: Sequence, slot: u32) -> Key {
    let low = (class as u64) << (SEQUENCE_BITS + SLOT_BITS) | sequence.0 << SLOT_BITS | u64::from(slot);
    Key::from(time) << 64 | Key::from(low)
}

#[inline]
pub(super) fn time_of(key: Key) -> u64 {
    (key >> 64) as u64
}

#[inline]
pub(super) fn slot_of(key: Key) -> u32 {
    (key as u64 & SLOT_MASK) as u32
}

/// The class as a number, comparable with `Class as u8`.
#[inline]
pub(super) fn class_of(key: Key) -> u8 {
    (key as u64 >> (SEQUENCE_BITS + SLOT_BITS)) as u8
}

/// After every key of this instant and before every later one. Its slot is the last there is.
#[inline]
pub(super) fn end_of_round(time: u64) -> Key {
    // Class 7, which no event has. Not the greatest sequence number: at the end of time that would be `NOTHING`.
    Key::from(time) << 64 | Key::from(u64::MAX - (1 << SLOT_BITS))
}

/// A bijection of 37-bit numbers: every step (add, multiply by an odd number, xor with the own upper half) can be undone.
fn shuffle(number: u64, key: u64) -> u64 {
    let mut x = number.wrapping_add(key) & SEQUENCE_MASK;
    x = x.wrapping_mul(0x9E37_79B9_7F4A_7C15) & SEQUENCE_MASK;
    x ^= x >> 19;
    x = x.wrapping_add(key >> 27).wrapping_mul(0xBF58_476D_1CE4_E5B9) & SEQUENCE_MASK;
    x ^= x >> 18;
    x = x.wrapping_mul(0x94D0_49BB_1331_11EB) & SEQUENCE_MASK;
    x ^ x >> 19
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn keys_order_by_time_then_class_then_sequence() {
        let keys = [
            pack(1, Class::Fault, Sequence(9), 5),
            pack(1, Class::Completion, Sequence(3), 4),
            pack(1, Class::Completion, Sequence(4), 0),
            pack(1, Class::Control, Sequence(0), 0),
            pack(2, Class::Fault, Sequence(0), 0),
            pack(u64::MAX, Class::Control, Sequence(SEQUENCE_MASK), u32::try_from(SLOT_MASK).unwrap()),
        ];
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert!(keys[3] < end_of_round(1) && end_of_round(1) < keys[4]);
        assert!(keys[5] < end_of_round(u64::MAX) && end_of_round(u64::MAX) < NOTHING);
    }

    #[test]
    fn a_key_gives_back_what_was_packed() {
        let key = pack(77, Class::Deadline, Sequence(SEQUENCE_MASK), 123_456);
        assert_eq!((time_of(key), class_of(key), slot_of(key)), (77, Class::Deadline as u8, 123_456));
    }

    #[test]
    fn the_shuffle_never_gives_two_numbers_one_place() {
        for key in [0, 1, 0xDEAD_BEEF_F00D_CAFE] {
            let places: BTreeSet<u64> = (0..20_000).map(|n| shuffle(n, key)).collect();
            assert_eq!(places.len(), 20_000);
            assert!(places.iter().all(|place| *place <= SEQUENCE_MASK));
        }
    }

    #[test]
    fn the_shuffle_leaves_no_order() {
        let up = (0..10_000).filter(|n| shuffle(*n, 42) < shuffle(n + 1, 42)).count();
        assert!((4_700..5_300).contains(&up), "{up} of 10000 neighbours kept their order");
    }

    #[test]
    fn a_sequencer_says_when_its_numbers_are_used_up() {
        let mut sequencer = Sequencer { issued: SEQUENCE_MASK, tie_break: TieBreak::Fifo };
        assert_eq!(sequencer.next(), Some(Sequence(SEQUENCE_MASK)));
        assert_eq!((sequencer.next(), sequencer.next()), (None, None));
    }
}
