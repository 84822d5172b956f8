//! The memory of the ladder's buckets.
//!
//! Owns room for a few keys in each bucket and a pool of chunks for those that hold more. Refuses to know what a bucket
//! means. Invariant: an emptied chunk is the next to be used, so that memory follows the most keys ever pending, and
//! allocation ends when the most chunks ever needed are there.

use super::key::Key;

/// Keys that a bucket holds without a chunk.
pub(super) const SMALL: usize = 16;
/// Buckets. A power of two: an index is cut to size, which is cheaper than a check.
pub(super) const BUCKETS: usize = 1024;
/// Keys in a chunk: a page of memory.
const PER_CHUNK: usize = 256;
/// Chunks that there is room for from the start: as many as a thousand keys can need, since a bucket with a chunk has
/// more than sixteen. The memory is touched only when used.
const CHUNKS: usize = 64;
const NONE: u32 = u32::MAX;

/// Buckets, each a stack of keys.
#[derive(Debug)]
pub(super) struct Buckets {
    buckets: Box<[Bucket; BUCKETS]>,
    chunks: Vec<[Key; PER_CHUNK]>,
    /// The chunk below each chunk, or the next free one.
    below: Vec<u32>,
    free: u32,
}

/// The first keys lie beside their count; 272 bytes, so that buckets begin in different sets of a cache.
#[derive(Debug, Clone)]
struct Bucket {
    len: u32,
    /// The newest chunk.
    top: u32,
    small: [Key; SMALL],
}

impl Buckets {
    /// Empty buckets.
    pub(super) fn new() -> Self {
        let buckets = vec![Bucket { len: 0, top: NONE, small: [0; SMALL] }; BUCKETS].into_boxed_slice();
        let buckets = buckets.try_into().expect("made with this length");
        let (chunks, below) = (Vec::with_capacity(CHUNKS), Vec::with_capacity(CHUNKS));
        Self { buckets, chunks, below, free: NONE }
    }

    /// Keys in a bucket.
    #[inline]
    pub(super) fn len(&self, bucket: usize) -> usize {
        self.buckets[bucket % BUCKETS].len as usize
    }

    #[inline(always)]
    pub(super) fn push(&mut self, bucket: usize, key: Key) {
        let home = &mut self.buckets[bucket % BUCKETS];
        let at = home.len as usize;
        // Fewer keys are pending than there are slots, and those fit in 24 bits.
        home.len = home.len.wrapping_add(1);
        if at < SMALL { home.small[at] = key } else { self.push_beyond(bucket, at - SMALL, key) }
    }

    /// The only keys of a bucket that has no chunk. The bucket is empty afterwards, the keys stay readable.
    #[inline(always)]
    pub(super) fn take_small(&mut self, bucket: usize) -> &[Key] {
        let home = &mut self.buckets[bucket % BUCKETS];
        let len = std::mem::take(&mut home.len) as usize;
        &home.small[..len.min(SMALL)]
    }

    /// Hands all keys of a bucket to `place`, with the buckets to put them in.
    #[inline]
    pub(super) fn drain(&mut self, bucket: usize, mut place: impl FnMut(&mut Self, Key)) {
        while self.len(bucket) > SMALL {
            let (chunk, count) = self.unstack(bucket);
            for at in (0..count).rev() {
                let key = self.chunks[chunk as usize][at];
                place(self, key);
            }
            self.below[chunk as usize] = self.free;
            self.free = chunk;
        }
        for at in (0..self.len(bucket)).rev() {
            let key = self.buckets[bucket % BUCKETS].small[at];
            place(self, key);
        }
        self.buckets[bucket % BUCKETS].len = 0;
    }

    /// Adds a key to a bucket that has more than `beyond` keys in chunks.
    fn push_beyond(&mut self, bucket: usize, beyond: usize, key: Key) {
        let at = beyond % PER_CHUNK;
        if at == 0 {
            self.stack(bucket);
        }
        self.chunks[self.buckets[bucket % BUCKETS].top as usize][at] = key;
    }

    /// Puts an empty chunk on top of a bucket.
    fn stack(&mut self, bucket: usize) {
        if self.free == NONE {
            self.free = self.chunks.len() as u32;
            self.chunks.push([0; PER_CHUNK]);
            self.below.push(NONE);
        }
        let (chunk, home) = (self.free, &mut self.buckets[bucket % BUCKETS]);
        self.free = std::mem::replace(&mut self.below[chunk as usize], home.top);
        home.top = chunk;
    }

    /// Takes the newest chunk off a bucket, with the number of its keys.
    fn unstack(&mut self, bucket: usize) -> (u32, usize) {
        let home = &mut self.buckets[bucket % BUCKETS];
        let (chunk, count) = (home.top, (home.len as usize - SMALL - 1) % PER_CHUNK + 1);
        home.len -= count as u32;
        home.top = self.below[chunk as usize];
        (chunk, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(buckets: &mut Buckets, bucket: usize) -> Vec<Key> {
        let mut out = Vec::new();
        buckets.drain(bucket, |_, key| out.push(key));
        out
    }

    #[test]
    fn a_bucket_gives_back_what_was_put_in_newest_first() {
        let mut buckets = Buckets::new();
        for key in 0..1_000 {
            buckets.push(7, key);
            buckets.push(8, key + 1_000);
        }
        assert_eq!(drained(&mut buckets, 7), (0..1_000).rev().collect::<Vec<Key>>());
        assert_eq!((buckets.len(7), buckets.len(8)), (0, 1_000));
        buckets.push(7, 3);
        assert_eq!(buckets.take_small(7), [3]);
        assert_eq!(buckets.len(7), 0);
    }

    #[test]
    fn emptied_chunks_are_used_again() {
        let mut buckets = Buckets::new();
        for round in 0..100 {
            (0..SMALL + 2 * PER_CHUNK + 1).for_each(|key| buckets.push(round, key as Key));
            drained(&mut buckets, round);
        }
        assert_eq!(buckets.chunks.len(), 3);
    }
}
