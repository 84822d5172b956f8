//! The memory of the ladder's buckets.
//!
//! Owns a pool of chunks, of which each bucket has as many as its entries fill. Refuses to know what a bucket means.
//! Invariant: an emptied chunk is the next to be used, so that memory follows the most entries ever pending, what is in
//! use stays in the processor's caches, and allocation ends when the most chunks ever needed are there.

use super::key::Entry;

/// Buckets. A power of two: an index is cut to size, which is cheaper than a check.
pub(super) const BUCKETS: usize = 1024;
/// Entries in a chunk. With the link that is no power of two in bytes, so chunks begin in different sets of a cache.
pub(super) const PER_CHUNK: usize = 32;
/// Chunks that there is room for from the start: as many as a thousand entries can need in the six levels that delays
/// from microseconds to hours spread over. The memory is touched only when used.
const CHUNKS: usize = 384;
const NONE: u32 = u32::MAX;

/// Buckets, each a stack of entries.
#[derive(Debug)]
pub(super) struct Buckets<E> {
    buckets: Box<[Bucket; BUCKETS]>,
    chunks: Vec<Chunk<E>>,
    free: u32,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    len: u32,
    /// The newest chunk.
    top: u32,
}

#[derive(Debug)]
struct Chunk<E> {
    entries: [Entry<E>; PER_CHUNK],
    /// The chunk below in its bucket, or the next free one.
    below: u32,
}

impl<E: Copy> Buckets<E> {
    /// Empty buckets.
    pub(super) fn new() -> Self {
        let buckets = Box::new([Bucket { len: 0, top: NONE }; BUCKETS]);
        Self { buckets, chunks: Vec::with_capacity(CHUNKS), free: NONE }
    }

    /// Entries in a bucket.
    #[inline]
    pub(super) fn len(&self, bucket: usize) -> usize {
        self.buckets[bucket % BUCKETS].len as usize
    }

    #[inline(always)]
    pub(super) fn push(&mut self, bucket: usize, entry: Entry<E>) {
        let home = &mut self.buckets[bucket % BUCKETS];
        let at = home.len as usize % PER_CHUNK;
        // So many entries would not fit in any memory.
        home.len = home.len.wrapping_add(1);
        if at == 0 {
            // In pieces: a whole one would have to lie in memory on the other path too.
            return self.stack(bucket, entry.time, entry.order, entry.event);
        }
        self.chunks[home.top as usize].entries[at] = entry;
    }

    /// Empties a bucket of at most [`PER_CHUNK`] entries and shows them until the next one is pushed.
    #[inline(always)]
    pub(super) fn take_few(&mut self, bucket: usize) -> &[Entry<E>] {
        if self.len(bucket) == 0 {
            return &[];
        }
        let (chunk, count) = self.unstack(bucket);
        &self.chunks[chunk].entries[..count]
    }

    /// Empties a bucket, newest first. `place` may push to others.
    #[inline]
    pub(super) fn drain(&mut self, bucket: usize, mut place: impl FnMut(&mut Self, Entry<E>)) {
        while self.len(bucket) > 0 {
            let (chunk, count) = self.unstack(bucket);
            // Not free for what `place` pushes while it is read.
            self.free = self.chunks[chunk].below;
            for at in (0..count).rev() {
                let entry = self.chunks[chunk].entries[at];
                place(self, entry);
            }
            self.chunks[chunk].below = self.free;
            self.free = chunk as u32;
        }
    }

    /// Puts an entry in a new chunk of its bucket.
    #[inline(never)]
    fn stack(&mut self, bucket: usize, time: u64, order: u64, event: E) {
        let entry = Entry { time, order, event };
        let home = &mut self.buckets[bucket % BUCKETS];
        let chunk = self.free;
        match self.chunks.get_mut(chunk as usize) {
            Some(free) => {
                self.free = std::mem::replace(&mut free.below, home.top);
                free.entries[0] = entry;
                home.top = chunk;
            }
            None => {
                self.chunks.push(Chunk { entries: [entry; PER_CHUNK], below: home.top });
                home.top = self.chunks.len() as u32 - 1;
            }
        }
    }

    /// Frees the newest chunk of a bucket that has one: which it is, and how many entries it holds.
    #[inline(always)]
    fn unstack(&mut self, bucket: usize) -> (usize, usize) {
        let home = &mut self.buckets[bucket % BUCKETS];
        let (chunk, count) = (home.top, (home.len as usize - 1) % PER_CHUNK + 1);
        home.len -= count as u32;
        home.top = std::mem::replace(&mut self.chunks[chunk as usize].below, self.free);
        self.free = chunk;
        (chunk as usize, count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Class, NO_LANE, Sequence};
    use super::*;

    fn entry(number: u64) -> Entry<u64> {
        Entry::new(number, Class::Arrival, Sequence(number), NO_LANE, number)
    }

    fn drained(buckets: &mut Buckets<u64>, bucket: usize) -> Vec<u64> {
        let mut out = Vec::new();
        buckets.drain(bucket, |_, entry| out.push(entry.event));
        out
    }

    #[test]
    fn a_bucket_gives_back_what_was_put_in_newest_first() {
        let mut buckets = Buckets::new();
        for number in 0..1_000 {
            buckets.push(7, entry(number));
            buckets.push(8, entry(number + 1_000));
        }
        assert_eq!(drained(&mut buckets, 7), (0..1_000).rev().collect::<Vec<u64>>());
        assert_eq!((buckets.len(7), buckets.len(8)), (0, 1_000));
        buckets.push(7, entry(3));
        assert_eq!(buckets.take_few(7).iter().map(|entry| entry.event).collect::<Vec<_>>(), [3]);
        assert_eq!((buckets.len(7), buckets.take_few(7).len()), (0, 0));
    }

    #[test]
    fn what_is_pushed_while_a_bucket_is_emptied_does_not_overwrite_it() {
        let mut buckets = Buckets::new();
        (0..1_000).for_each(|number| buckets.push(1, entry(number)));
        buckets.drain(1, |buckets, entry| buckets.push(2 + entry.event as usize % 5, entry));
        let mut all: Vec<u64> = (2..7).flat_map(|bucket| drained(&mut buckets, bucket)).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1_000));
    }

    #[test]
    fn emptied_chunks_are_used_again() {
        let mut buckets = Buckets::new();
        for round in 0..100 {
            (0..2 * PER_CHUNK as u64 + 1).for_each(|number| buckets.push(round, entry(number)));
            drained(&mut buckets, round);
        }
        assert_eq!(buckets.chunks.len(), 3);
    }
}
