//! A list of instants with samples, packed: what a run of three days keeps of every signal, second by second.
//!
//! Owns the encoding. Invariant: what was pushed comes out, in order and exactly. Most points cost four or five bytes in
//! place of twenty-four, for signals change by little from one whole second to the next.
//!
//! A point is three numbers of variable length (seven bits a byte, least first, as in Protocol Buffers): the time since
//! the point before, and the changes of part and whole, folded so that small changes of either sign are small numbers.

use super::signal::Sample;
use crate::units::{Instant, Span};

/// Points between two entries of the index.
const BLOCK: usize = 64;

const SECOND: u64 = 1_000_000_000;

/// Points in order of time, packed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Packed {
    bytes: Vec<u8>,
    /// Before every [`BLOCK`]th point: where its bytes begin, and the point before it.
    index: Vec<(usize, (Instant, Sample))>,
    count: usize,
    last: (Instant, Sample),
}

impl Packed {
    /// Room for so many points of usual size.
    pub(super) fn with_capacity(points: usize) -> Self {
        Self { bytes: Vec::with_capacity(points * 8), index: Vec::with_capacity(points / BLOCK + 1), ..Self::default() }
    }

    /// Adds a point not earlier than the last.
    pub(super) fn push(&mut self, at: Instant, sample: Sample) {
        let (before, held) = self.last;
        if self.count.is_multiple_of(BLOCK) {
            self.index.push((self.bytes.len(), self.last));
        }
        let waited = at.since(before).as_nanos();
        let whole_seconds = waited.is_multiple_of(SECOND);
        let waited = if whole_seconds { u128::from(waited / SECOND) << 1 } else { u128::from(waited) << 1 | 1 };
        write(&mut self.bytes, waited);
        write(&mut self.bytes, folded(held.part, sample.part));
        write(&mut self.bytes, folded(held.whole, sample.whole));
        self.last = (at, sample);
        self.count += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// All points in order.
    pub(super) fn iter(&self) -> Points<'_> {
        Points { bytes: &self.bytes, last: (Instant::ZERO, Sample::default()), left: self.count, tail: [None, None] }
    }

    /// The last point not later than `at`.
    pub(super) fn before(&self, at: Instant) -> Option<(Instant, Sample)> {
        let after = self.index.partition_point(|(_, (before, _))| *before <= at);
        // The first entry stands before all points, so that there is one if there is any point.
        let block = after.checked_sub(1)?;
        let (offset, last) = self.index[block];
        let left = (self.count - block * BLOCK).min(BLOCK);
        let points = Points { bytes: &self.bytes[offset..], last, left, tail: [None, None] };
        let found = points.take_while(|(from, _)| *from <= at).last();
        found.or_else(|| (block > 0).then_some(last))
    }
}

/// The points of a signal, in order.
#[derive(Debug, Clone)]
pub struct Points<'a> {
    bytes: &'a [u8],
    last: (Instant, Sample),
    left: usize,
    tail: [Option<(Instant, Sample)>; 2],
}

impl Points<'_> {
    /// The same, with up to two more at the end.
    pub(super) fn and(self, tail: [Option<(Instant, Sample)>; 2]) -> Self {
        Self { tail, ..self }
    }
}

impl Iterator for Points<'_> {
    type Item = (Instant, Sample);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return self.tail.iter_mut().find_map(Option::take);
        }
        self.left -= 1;
        let waited = read(&mut self.bytes);
        let nanos = (waited >> 1) as u64;
        let waited = if waited & 1 == 0 { nanos * SECOND } else { nanos };
        let (at, held) = self.last;
        let part = unfolded(held.part, read(&mut self.bytes));
        let whole = unfolded(held.whole, read(&mut self.bytes));
        self.last = (at + Span::from_nanos(waited), Sample { part, whole });
        Some(self.last)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.left + self.tail.iter().flatten().count();
        (length, Some(length))
    }
}

impl ExactSizeIterator for Points<'_> {}

/// The change from `before` to `now`: rises are even, falls odd.
fn folded(before: u64, now: u64) -> u128 {
    if now >= before { u128::from(now - before) << 1 } else { u128::from(before - now) << 1 | 1 }
}

fn unfolded(before: u64, change: u128) -> u64 {
    let by = (change >> 1) as u64;
    if change & 1 == 0 { before + by } else { before - by }
}

fn write(bytes: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The next number; what was written here is whole, so there is one.
fn read(bytes: &mut &[u8]) -> u128 {
    let (mut number, mut shift) = (0, 0);
    while let Some((byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u128::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points() -> impl Strategy<Value = Vec<(u64, u64, u64)>> {
        let wait = prop_oneof![Just(SECOND), 0..5 * SECOND, (0..100_u64).prop_map(|s| s * SECOND)];
        let number = prop_oneof![0..1000_u64, any::<u64>()];
        proptest::collection::vec((wait, number.clone(), number), 0..300)
    }

    proptest! {
        #[test]
        fn what_was_pushed_comes_out(waits in points(), asked in 0..2_000 * SECOND) {
            let mut at = Instant::ZERO;
            let list: Vec<_> = waits.iter().map(|(wait, part, whole)| {
                at = at.saturating_add(Span::from_nanos(*wait));
                (at, Sample { part: *part, whole: *whole })
            }).collect();
            let mut packed = Packed::default();
            for (at, sample) in &list {
                packed.push(*at, *sample);
            }
            prop_assert_eq!(packed.iter().collect::<Vec<_>>(), list.clone());
            prop_assert_eq!(packed.iter().len(), list.len());
            let asked = Instant::from_nanos(asked);
            let found = list.iter().rev().find(|(at, _)| *at <= asked).copied();
            prop_assert_eq!(packed.before(asked), found);
        }
    }

    #[test]
    fn a_second_of_a_busy_signal_takes_a_fifth_of_what_it_says() {
        let mut packed = Packed::default();
        for second in 0..10_000_u64 {
            let started = 500 + second * 7919 % 60;
            packed.push(Instant::from_secs(second), Sample { part: started - second % 3, whole: started });
        }
        assert!(packed.bytes.len() <= 10_000 * 5, "{} bytes", packed.bytes.len());
    }
}
