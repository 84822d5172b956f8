//! The pending-event set: a radix ladder, sorted as late as possible.
//!
//! Owns keys that lie ahead. Times are read as eleven digits of six bits. A key is filed under the highest digit in
//! which its time differs from `base`, in one of 64 buckets, unsorted. Only when the front runs dry is the first
//! bucket opened: a small one is sorted into the front, a large one dealt out by its next digit. So each key moves a
//! few times and is compared with a handful, whether a hundred or a million are pending (in the
//! line of the ladder queue of Tang, Goh and Thng, ACM TOMACS 15(3), 2005, with fixed digits instead of tuned widths).
//!
//! Refuses to know what a key stands for. Invariants: `base` is the *inclusive* end of what was opened (an exclusive
//! one would carry into digits that other keys were filed by); keys up to `base` are in `front` or `overflow`, all
//! others in buckets; the front descends and holds nothing greater than the overflow's least.

use super::buckets::{BUCKETS, Buckets, SMALL};
use super::key::{Key, NOTHING, time_of};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const DIGIT_BITS: u32 = 6;
const DIGITS: usize = 1 << DIGIT_BITS;
/// Levels, rounded up to a power of two so that indices need no check: eleven are used.
const LEVELS: usize = 16;
/// A bucket of at most this many keys is sorted rather than dealt out.
const SORTED: usize = SMALL;
/// Small buckets are opened until the front has this many.
const ENOUGH: usize = 8;
/// Beyond this length the front hands its later part to the overflow.
const FRONT: usize = 32;
/// The overflow is spread over the buckets once it is this long and that has been paid for.
const SPREAD: usize = 64;

/// Keys dealt from a bucket of at most this many are taken soon.
const SOON: usize = 2048;

/// A priority queue of keys whose times never lie before one already taken.
#[derive(Debug)]
pub(super) struct Ladder {
    /// What comes next, least last.
    front: Vec<Key>,
    /// Keys up to `base` that did not fit in the front.
    overflow: BinaryHeap<Reverse<Key>>,
    base: u64,
    /// Bit `l`: level `l` has a bucket that is not empty.
    levels: u32,
    /// Bit `d` of entry `l`: bucket `d` of level `l` is not empty.
    occupied: [u64; LEVELS],
    buckets: Buckets,
    /// Keys put in the overflow since it was last spread: they pay for moving the buckets.
    credit: usize,
    /// What that would have cost when it was last asked.
    price: usize,
}

impl Ladder {
    pub(super) fn new() -> Self {
        Self {
            front: Vec::with_capacity(2 * FRONT),
            overflow: BinaryHeap::new(),
            base: 0,
            levels: 0,
            occupied: [0; LEVELS],
            buckets: Buckets::new(),
            credit: 0,
            price: 0,
        }
    }

    /// Adds a key. Its time must not lie before that of the last key taken.
    #[inline(always)]
    pub(super) fn push(&mut self, key: Key) {
        let time = time_of(key);
        if self.levels == 0 {
            self.reach(time);
        }
        if time > self.base { self.file(key, time) } else { self.push_near(key) }
    }

    /// With no bucket in use: the front reaches as far as the next key, until it is full.
    #[inline(always)]
    fn reach(&mut self, time: u64) {
        if self.front.len() < SORTED && self.overflow.is_empty() {
            self.base = self.base.max(time);
        } else {
            self.spread();
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
        self.front.last().copied().unwrap_or(NOTHING)
    }

    /// Takes the key that [`Ladder::head`] showed.
    #[inline(always)]
    pub(super) fn take(&mut self) {
        self.front.pop();
    }

    #[inline(always)]
    fn file(&mut self, key: Key, time: u64) {
        let level = level_of(time ^ self.base);
        let digit = digit_of(time, level);
        self.levels |= 1_u32.wrapping_shl(level);
        self.occupied[level as usize % LEVELS] |= 1_u64.wrapping_shl(digit);
        self.buckets.push(bucket_of(level, digit), key);
    }

    #[inline(always)]
    fn push_near(&mut self, key: Key) {
        if self.front.len() >= FRONT || !self.overflow.is_empty() {
            return self.push_crowded(key);
        }
        insert(&mut self.front, key);
    }

    /// Adds a key up to `base` when the front alone cannot hold them all.
    #[cold]
    fn push_crowded(&mut self, key: Key) {
        if self.front.len() >= FRONT {
            let later = self.front.len() - SORTED;
            self.credit += later;
            self.overflow.extend(self.front.drain(..later).map(Reverse));
        }
        if self.front.first().is_none_or(|last| key > *last) {
            self.credit += 1;
            self.overflow.push(Reverse(key));
        } else {
            let at = self.front.partition_point(|other| *other > key);
            self.front.insert(at, key);
        }
        if self.overflow.len() >= SPREAD && self.credit >= self.price {
            self.price = self.filed();
            if self.credit >= self.price {
                self.spread();
            }
        }
    }

    /// Fills the dry front. Tells `soon` of keys that will be taken before long.
    #[inline]
    pub(super) fn refill(&mut self, mut soon: impl FnMut(Key)) {
        if !self.overflow.is_empty() {
            while self.front.len() < SORTED
                && let Some(Reverse(key)) = self.overflow.pop()
            {
                self.front.push(key);
            }
            self.front.reverse();
            return;
        }
        while self.levels != 0 {
            let level = self.levels.trailing_zeros();
            let digit = self.occupied[level as usize % LEVELS].trailing_zeros();
            let len = self.buckets.len(bucket_of(level, digit));
            if len <= SMALL {
                return self.open(level);
            }
            self.base = end_of(self.base, level, digit);
            if level == 0 {
                return self.open_ties(digit);
            }
            self.deal(level, digit, level - 1, |key| {
                if len <= SOON {
                    soon(key)
                }
            });
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
            if self.buckets.len(bucket) > SMALL {
                break;
            }
            let from = self.front.len();
            for key in self.buckets.take_small(bucket) {
                insert_ascending(&mut self.front, from, *key);
            }
            last = digit;
            left &= left - 1;
        }
        self.base = end_of(self.base, level, last);
        self.occupied[level as usize % LEVELS] = left;
        if left == 0 {
            self.levels &= self.levels - 1;
        }
        self.front.reverse();
    }

    /// Sorts many keys of one instant into the empty front.
    fn open_ties(&mut self, digit: u32) {
        self.mark_empty(0, digit);
        self.buckets.drain(bucket_of(0, digit), |_, key| self.front.push(key));
        self.front.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// Moves the keys of a bucket to a lower level (or, when lifting, to a higher one).
    #[inline]
    fn deal(&mut self, level: u32, digit: u32, to: u32, mut tell: impl FnMut(Key)) {
        self.mark_empty(level, digit);
        let mut dealt = 0;
        self.buckets.drain(bucket_of(level, digit), |buckets, key| {
            let digit = digit_of(time_of(key), to);
            dealt |= 1_u64.wrapping_shl(digit);
            tell(key);
            buckets.push(bucket_of(to, digit), key);
        });
        self.levels |= 1_u32.wrapping_shl(to);
        self.occupied[to as usize % LEVELS] |= dealt;
    }

    /// Keys in buckets.
    fn filed(&self) -> usize {
        (0..BUCKETS).map(|bucket| self.buckets.len(bucket)).sum()
    }

    /// Moves `base` back to the least key, so that the overflow can be filed in buckets.
    fn spread(&mut self) {
        (self.credit, self.price) = (0, 0);
        let least = self.front.last().copied().or(self.overflow.peek().map(|key| key.0)).map_or(0, time_of);
        if least == self.base {
            return;
        }
        self.lift(level_of(least ^ self.base));
        self.base = least;
        let mut keys = std::mem::take(&mut self.overflow).into_vec();
        for Reverse(key) in keys.drain(..) {
            self.place(key);
        }
        self.overflow = keys.into();
        let ties = self.front.partition_point(|key| time_of(*key) > least);
        for at in 0..ties {
            let key = self.front[at];
            self.file(key, time_of(key));
        }
        self.front.drain(..ties);
        self.front.sort_unstable_by(|a, b| b.cmp(a));
    }

    fn place(&mut self, key: Key) {
        let time = time_of(key);
        if time > self.base { self.file(key, time) } else { self.front.push(key) }
    }

    /// Gathers all keys below `level` in the bucket of that level that `base` points to.
    fn lift(&mut self, level: u32) {
        while self.levels.trailing_zeros() < level {
            let from = self.levels.trailing_zeros();
            self.deal(from, self.occupied[from as usize % LEVELS].trailing_zeros(), level, |_| ());
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

/// Puts a key in its place in a short descending list.
#[inline(always)]
fn insert(front: &mut Vec<Key>, key: Key) {
    let mut at = front.len();
    front.push(key);
    while at > 0 && front[at - 1] < key {
        front[at] = front[at - 1];
        at -= 1;
    }
    front[at] = key;
}

/// Puts a key in its place in the part of a list that begins at `from` and ascends.
#[inline(always)]
fn insert_ascending(front: &mut Vec<Key>, from: usize, key: Key) {
    let mut at = front.len();
    front.push(key);
    while at > from && front[at - 1] > key {
        front[at] = front[at - 1];
        at -= 1;
    }
    front[at] = key;
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
    use super::*;

    #[test]
    fn a_crowd_before_what_was_opened_is_spread_over_the_buckets() {
        let mut ladder = Ladder::new();
        (0..17).for_each(|far| ladder.push((1_000_000 + far) << 64));
        ladder.refill(|_| ());
        (0..10_000).for_each(|near| ladder.push((near * 7_919 % 10_007) << 64));
        assert!(ladder.overflow.len() < SPREAD && ladder.filed() > 9_000);
    }
}
