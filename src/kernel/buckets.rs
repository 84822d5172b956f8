//! The memory of the ladder's buckets.
//!
//! Owns a pool of chunks, of which each bucket has as many as its entries fill. Does not know what a bucket means.
//! Invariant: a bucket that was emptied keeps one chunk, for most are filled again; the others are the next to be used.
//! So memory follows the most entries ever pending, and allocation ends when the most chunks ever needed are there.

use super::key::QueueEntry;

/// Buckets. A power of two: an index is cut to size, which is cheaper than a check.
pub(super) const BUCKETS: usize = 1024;
/// Entries in a chunk. With the link that is no power of two in bytes, so chunks begin in different sets of a cache.
pub(super) const PER_CHUNK: usize = 64;
/// Chunks that there is room for from the start: one for each bucket, and some for buckets that need more. The memory is
/// touched only when used.
const CHUNKS: usize = BUCKETS + 256;
const NONE: u32 = u32::MAX;

/// Buckets, each a stack of entries.
#[derive(Debug)]
pub(super) struct BucketPool<E> {
    buckets: Box<[Bucket; BUCKETS]>,
    chunks: Vec<Chunk<E>>,
    free: u32,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    len: u32,
    /// Entries in the newest chunk; as many as fit in one if there is none. All chunks below are full.
    fill: u32,
    /// The newest chunk.
    top: u32,
}

#[derive(Debug)]
struct Chunk<E> {
    entries: [QueueEntry<E>; PER_CHUNK],
    /// The chunk below in its bucket, or the next free one.
    below: u32,
}

impl<E: Copy> BucketPool<E> {
    /// Empty buckets.
    pub(super) fn new() -> Self {
        let buckets = Box::new([Bucket { len: 0, fill: PER_CHUNK as u32, top: NONE }; BUCKETS]);
        Self { buckets, chunks: Vec::with_capacity(CHUNKS), free: NONE }
    }

    /// Entries in a bucket.
    #[inline]
    pub(super) fn len(&self, bucket: usize) -> usize {
        self.buckets[bucket % BUCKETS].len as usize
    }

    #[inline(always)]
    pub(super) fn push(&mut self, bucket: usize, entry: QueueEntry<E>) {
        let home = &mut self.buckets[bucket % BUCKETS];
        let at = home.fill as usize;
        // So many entries would not fit in any memory.
        home.len = home.len.wrapping_add(1);
        if at >= PER_CHUNK {
            // In pieces: a whole one would have to lie in memory on the other path too.
            return self.stack(bucket, entry.time, entry.order, entry.event);
        }
        home.fill = at as u32 + 1;
        self.chunks[home.top as usize].entries[at] = entry;
    }

    /// Empties a bucket of at most [`PER_CHUNK`] entries and shows them.
    #[inline(always)]
    pub(super) fn take_few(&mut self, bucket: usize) -> &[QueueEntry<E>] {
        let home = &mut self.buckets[bucket % BUCKETS];
        let Some(chunk) = self.chunks.get(home.top as usize) else { return &[] };
        home.fill = 0;
        let len = std::mem::take(&mut home.len) as usize;
        &chunk.entries[..len.min(PER_CHUNK)]
    }

    /// Empties a bucket, newest first. `place` may push to others.
    #[inline]
    pub(super) fn drain(&mut self, bucket: usize, mut place: impl FnMut(&mut Self, QueueEntry<E>)) {
        let Bucket { len, fill, top } = self.buckets[bucket % BUCKETS];
        let (mut left, mut count, mut chunk) = (len, fill, top);
        let mut below = self.link(chunk);
        while left > PER_CHUNK as u32 {
            // Looked up before it is needed: chunks of a large bucket lie far apart, and memory is slow.
            let beyond = self.link(below);
            self.show(chunk, count, &mut place);
            self.chunks[chunk as usize].below = std::mem::replace(&mut self.free, chunk);
            left -= count;
            (count, chunk, below) = (PER_CHUNK as u32, below, beyond);
        }
        self.buckets[bucket % BUCKETS] = Bucket { len: 0, fill: if chunk == NONE { fill } else { 0 }, top: chunk };
        self.show(chunk, left, &mut place);
    }

    #[inline]
    fn link(&self, chunk: u32) -> u32 {
        self.chunks.get(chunk as usize).map_or(NONE, |chunk| chunk.below)
    }

    #[inline(always)]
    fn show(&mut self, chunk: u32, count: u32, place: &mut impl FnMut(&mut Self, QueueEntry<E>)) {
        for at in (0..count as usize).rev() {
            let entry = self.chunks[chunk as usize].entries[at];
            place(self, entry);
        }
    }

    /// Puts an entry in a new chunk of its bucket.
    #[inline(never)]
    fn stack(&mut self, bucket: usize, time: u64, order: u64, event: E) {
        let entry = QueueEntry { time, order, event };
        let home = &mut self.buckets[bucket % BUCKETS];
        let chunk = self.free;
        home.fill = 1;
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
}

#[cfg(test)]
mod tests {
    use super::super::key::{Class, NO_LANE, Sequence};
    use super::*;

    fn entry(number: u64) -> QueueEntry<u64> {
        QueueEntry::new(number, Class::Arrival, Sequence(number), NO_LANE, number)
    }

    fn drained(buckets: &mut BucketPool<u64>, bucket: usize) -> Vec<u64> {
        let mut out = Vec::new();
        buckets.drain(bucket, |_, entry| out.push(entry.event));
        out
    }

    #[test]
    fn a_bucket_gives_back_what_was_put_in_newest_first() {
        let mut buckets = BucketPool::new();
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
        let mut buckets = BucketPool::new();
        (0..1_000).for_each(|number| buckets.push(1, entry(number)));
        buckets.drain(1, |buckets, entry| buckets.push(2 + entry.event as usize % 5, entry));
        let mut all: Vec<u64> = (2..7).flat_map(|bucket| drained(&mut buckets, bucket)).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1_000));
    }

    #[test]
    fn emptied_chunks_are_used_again() {
        let mut buckets = BucketPool::new();
        for round in 0..100 {
            (0..2 * PER_CHUNK as u64 + 1).for_each(|number| buckets.push(round, entry(number)));
            drained(&mut buckets, round);
        }
        assert_eq!(buckets.chunks.len(), 100 + 2, "each keeps one, and two go round");
    }
}
