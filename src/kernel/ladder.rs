//! The pending-event set: a radix ladder, sorted as late as possible.
//!
//! Owns entries that lie ahead. Times are read as eleven digits of six bits. An entry is filed under the highest digit in
//! which its time differs from `base`, in one of 64 buckets, unsorted. Only when the front runs dry is the first
//! bucket opened: a small one is sorted into the front, a large one dealt out by its next digit. So each entry moves
//! a few times and is compared with a handful, whether a hundred or a million are pending (in the
//! line of the ladder queue of Tang, Goh and Thng, ACM TOMACS 15(3), 2005, with fixed digits instead of tuned widths).
//!
//! Does not know what an event says. Invariants: `base` is the *inclusive* end of what was opened (an exclusive
//! one would carry into digits that others were filed by), and the end of time while no bucket is in use; entries up to
//! `base` are in `front` or `overflow`, all others in buckets; the front descends and holds nothing greater than the
//! overflow's least.

use super::buckets::{BUCKETS, BucketPool, PER_CHUNK};
use super::key::{Key, NOTHING, QueueEntry};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const DIGIT_BITS: u32 = 6;
const DIGITS: usize = 1 << DIGIT_BITS;
/// Levels, rounded up to a power of two so that indices need no check: eleven are used.
const LEVELS: usize = 16;
/// A bucket of at most this many entries is sorted rather than dealt out.
const SORTED: usize = 16;
/// Small buckets are opened until the front has this many.
const ENOUGH: usize = 8;
/// Beyond this length the front hands its later part to the overflow.
const FRONT: usize = 32;
/// The overflow is spread over the buckets once it is this long and that has been paid for.
const SPREAD: usize = 64;

const _: () = assert!(SORTED <= PER_CHUNK, "a bucket that is sorted lies in one chunk");

/// A priority queue of entries whose times never lie before one already taken.
#[derive(Debug)]
pub(super) struct Ladder<E> {
    /// What comes next, least last.
    front: Vec<QueueEntry<E>>,
    /// The length of the front at which more than an insertion is due.
    room: usize,
    /// Entries up to `base` that did not fit in the front.
    overflow: BinaryHeap<Reverse<QueueEntry<E>>>,
    base: u64,
    /// Bit `l`: level `l` has a bucket that is not empty.
    levels: u32,
    /// Bit `d` of entry `l`: bucket `d` of level `l` is not empty.
    occupied: [u64; LEVELS],
    buckets: BucketPool<E>,
    /// Entries put in the overflow since it was last spread: they pay for moving the buckets.
    credit: usize,
    /// What that would have cost when it was last asked.
    price: usize,
}

impl<E: Copy> Ladder<E> {
    pub(super) fn new() -> Self {
        Self {
            front: Vec::with_capacity(2 * FRONT),
            room: SORTED,
            overflow: BinaryHeap::new(),
            base: u64::MAX,
            levels: 0,
            occupied: [0; LEVELS],
            buckets: BucketPool::new(),
            credit: 0,
            price: 0,
        }
    }

    /// Adds an entry. Its time must not lie before that of the last one taken.
    #[inline(always)]
    pub(super) fn push(&mut self, entry: QueueEntry<E>) {
        if entry.time > self.base {
            self.file(entry);
        } else if self.front.len() >= self.room {
            // In pieces: a whole one would have to lie in memory on the other paths too.
            self.push_crowded(entry.time, entry.order, entry.event);
        } else {
            insert(&mut self.front, 0, entry, |later, sooner| later > sooner);
        }
    }

    /// Whether the front has run out, so that [`Ladder::refill`] is due.
    #[inline(always)]
    pub(super) fn is_dry(&self) -> bool {
        self.front.is_empty()
    }

    /// The least key, or [`NOTHING`]. The front must not be dry unless the ladder is empty.
    #[inline(always)]
    pub(super) fn head(&self) -> Key {
        match self.front.len() {
            0 => NOTHING,
            len => self.front[len - 1].key(),
        }
    }

    /// Takes the entry whose key [`Ladder::head`] showed.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<QueueEntry<E>> {
        self.front.pop()
    }

    #[inline(always)]
    fn file(&mut self, entry: QueueEntry<E>) {
        let level = level_of(entry.time ^ self.base);
        let digit = digit_of(entry.time, level);
        self.levels |= 1_u32.wrapping_shl(level);
        self.occupied[level as usize % LEVELS] |= 1_u64.wrapping_shl(digit);
        self.buckets.push(bucket_of(level, digit), entry);
    }

    /// Adds an entry up to `base` when the front alone cannot hold them all.
    #[cold]
    #[inline(never)]
    fn push_crowded(&mut self, time: u64, order: u64, event: E) {
        let entry = QueueEntry { time, order, event };
        if self.levels == 0 {
            self.spread();
            if entry.time > self.base {
                return self.file(entry);
            }
        }
        if self.front.len() >= FRONT {
            let later = self.front.len() - SORTED;
            self.credit += later;
            self.overflow.extend(self.front.drain(..later).map(Reverse));
        }
        if self.overflow.peek().is_some_and(|least| entry > least.0) {
            self.credit += 1;
            self.overflow.push(Reverse(entry));
        } else {
            insert(&mut self.front, 0, entry, |later, sooner| later > sooner);
        }
        if self.overflow.len() >= SPREAD && self.credit >= self.price {
            self.price = self.filed();
            if self.credit >= self.price {
                self.spread();
            }
        }
        self.make_room();
    }

    /// How far the front may grow by insertion alone.
    fn make_room(&mut self) {
        self.room = match self.overflow.is_empty() {
            false => 0,
            true if self.levels == 0 => SORTED,
            true => FRONT,
        };
    }

    /// Fills the dry front.
    #[inline(never)]
    pub(super) fn refill(&mut self) {
        if self.overflow.is_empty() {
            self.climb();
        } else {
            while self.front.len() < SORTED
                && let Some(Reverse(entry)) = self.overflow.pop()
            {
                self.front.push(entry);
            }
            self.front.reverse();
        }
        self.make_room();
    }

    /// Opens the first buckets there are, dealing out those that are too large to be sorted.
    #[inline]
    fn climb(&mut self) {
        while self.levels != 0 {
            let level = self.levels.trailing_zeros();
            let digit = self.occupied[level as usize % LEVELS].trailing_zeros();
            if self.buckets.len(bucket_of(level, digit)) <= SORTED {
                return self.open(level);
            }
            self.base = end_of(self.base, level, digit);
            if level == 0 {
                return self.open_ties(digit);
            }
            self.deal(level, digit, level - 1);
        }
    }

    /// Sorts the first buckets of a level into the empty front, until it has enough or a bucket is too large.
    #[inline]
    fn open(&mut self, level: u32) {
        let mut left = self.occupied[level as usize % LEVELS];
        let mut last = 0;
        while left != 0 && self.front.len() < ENOUGH {
            let digit = left.trailing_zeros();
            let bucket = bucket_of(level, digit);
            if self.buckets.len(bucket) > SORTED {
                break;
            }
            let from = self.front.len();
            for entry in self.buckets.take_few(bucket) {
                insert(&mut self.front, from, *entry, |sooner, later| sooner < later);
            }
            last = digit;
            left &= left - 1;
        }
        self.occupied[level as usize % LEVELS] = left;
        if left == 0 {
            self.levels &= self.levels - 1;
        }
        self.base = if self.levels == 0 { u64::MAX } else { end_of(self.base, level, last) };
        self.front.reverse();
    }

    /// Sorts many entries of one instant into the empty front.
    fn open_ties(&mut self, digit: u32) {
        self.mark_empty(0, digit);
        self.buckets.drain(bucket_of(0, digit), |_, entry| self.front.push(entry));
        self.front.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// Moves the entries of a bucket to a lower level (or, when lifting, to a higher one).
    #[inline]
    fn deal(&mut self, level: u32, digit: u32, to: u32) {
        self.mark_empty(level, digit);
        let mut dealt = 0;
        self.buckets.drain(bucket_of(level, digit), |buckets, entry| {
            let digit = digit_of(entry.time, to);
            dealt |= 1_u64.wrapping_shl(digit);
            buckets.push(bucket_of(to, digit), entry);
        });
        self.levels |= 1_u32.wrapping_shl(to);
        self.occupied[to as usize % LEVELS] |= dealt;
    }

    /// Entries in buckets.
    fn filed(&self) -> usize {
        (0..BUCKETS).map(|bucket| self.buckets.len(bucket)).sum()
    }

    /// Moves `base` back to the least time, so that the overflow can be filed in buckets.
    fn spread(&mut self) {
        (self.credit, self.price) = (0, 0);
        let first = self.front.last().or(self.overflow.peek().map(|entry| &entry.0));
        let least = first.map_or(0, |entry| entry.time);
        if least == self.base {
            return;
        }
        if self.levels != 0 {
            self.lift(level_of(least ^ self.base));
        }
        self.base = least;
        let mut entries = std::mem::take(&mut self.overflow).into_vec();
        for Reverse(entry) in entries.drain(..) {
            self.place(entry);
        }
        self.overflow = entries.into();
        let later = self.front.partition_point(|entry| entry.time > least);
        for at in 0..later {
            self.file(self.front[at]);
        }
        self.front.drain(..later);
        self.front.sort_unstable_by(|a, b| b.cmp(a));
        self.make_room();
    }

    fn place(&mut self, entry: QueueEntry<E>) {
        if entry.time > self.base { self.file(entry) } else { self.front.push(entry) }
    }

    /// Gathers all entries below `level` in the bucket of that level that `base` points to.
    fn lift(&mut self, level: u32) {
        while self.levels.trailing_zeros() < level {
            let from = self.levels.trailing_zeros();
            self.deal(from, self.occupied[from as usize % LEVELS].trailing_zeros(), level);
        }
    }

    #[inline]
    fn mark_empty(&mut self, level: u32, digit: u32) {
        let occupied = &mut self.occupied[level as usize % LEVELS];
        *occupied &= !1_u64.wrapping_shl(digit);
        if *occupied == 0 {
            self.levels &= !1_u32.wrapping_shl(level);
        }
    }
}

/// Puts an entry in its place in the part of a short list that begins at `from` and is in order.
///
/// Entries are taken apart on their way: a copy of a whole one would be read in words wider than those it was written
/// in just before, for which the processor has to wait.
#[inline(always)]
fn insert<E: Copy>(
    front: &mut Vec<QueueEntry<E>>,
    from: usize,
    entry: QueueEntry<E>,
    in_order: impl Fn(Key, Key) -> bool,
) {
    let mut at = front.len();
    front.push(entry);
    while at > from {
        let QueueEntry { time, order, event } = front[at - 1];
        let before = QueueEntry { time, order, event };
        if in_order(before.key(), entry.key()) {
            break;
        }
        front[at] = before;
        at -= 1;
    }
    front[at] = entry;
}

/// The level of the highest digit in which two times differ, given their exclusive or (not zero).
#[inline]
fn level_of(difference: u64) -> u32 {
    (63 - difference.leading_zeros()) / DIGIT_BITS
}

// Levels are at most ten, so the wrapping shifts never wrap: they spare a check.

#[inline]
fn digit_of(time: u64, level: u32) -> u32 {
    time.wrapping_shr(DIGIT_BITS * level) as u32 % DIGITS as u32
}

#[inline]
fn bucket_of(level: u32, digit: u32) -> usize {
    (level as usize * DIGITS + digit as usize) % BUCKETS
}

/// The last time that belongs to a bucket whose higher digits are those of `base`.
#[inline]
fn end_of(base: u64, level: u32, digit: u32) -> u64 {
    let shift = DIGIT_BITS * level;
    let higher = base.wrapping_shr(shift) & !(DIGITS as u64 - 1);
    (higher | u64::from(digit)).wrapping_shl(shift) | (1_u64.wrapping_shl(shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::super::key::{Class, NO_LANE, Sequence};
    use super::*;

    #[test]
    fn a_crowd_before_what_was_opened_is_spread_over_the_buckets() {
        let mut ladder = Ladder::new();
        let mut push = |time| ladder.push(QueueEntry::new(time, Class::Arrival, Sequence(time), NO_LANE, ()));
        (0..17).for_each(|far| push(1_000_000 + far));
        (0..10_000).for_each(|near| push(near * 7_919 % 10_007));
        assert!(ladder.overflow.len() < SPREAD && ladder.filed() > 9_000);
    }
}
