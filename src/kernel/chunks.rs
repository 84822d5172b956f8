//! Buckets of keys made of chunks from one pool.
//!
//! Owns the memory of the ladder's buckets. Refuses to know what a bucket means. Invariant: only the newest chunk of
//! a bucket is partly filled, and an emptied chunk is the next to be used, so that memory grows with the most keys
//! ever pending and allocation stops once that many were seen.

use super::key::Key;
use std::ops::Range;

/// Keys in a chunk.
const PER_CHUNK: usize = 32;
/// Distance between chunks, in keys: an odd number of cache lines, so that their beginnings spread over the cache.
const STRIDE: usize = PER_CHUNK + 4;
const BUCKETS: usize = 1024;
const NONE: u32 = u32::MAX;

/// Buckets, each a stack of chunks. A chunk is filled from its end, so that reading it goes from newest to oldest.
#[derive(Debug)]
pub(super) struct Chunks {
    buckets: Box<[Bucket; BUCKETS]>,
    chunks: Vec<[Key; STRIDE]>,
    /// The chunk below each chunk, or the next free one.
    below: Vec<u32>,
    free: u32,
    /// Chunks in use.
    used: usize,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    top: u32,
    len: u32,
}

/// A chunk taken from a bucket, to be read and then released.
pub(super) struct Taken {
    chunk: u32,
    /// Where its keys are.
    pub(super) range: Range<usize>,
}

impl Chunks {
    /// 1024 empty buckets.
    pub(super) fn new() -> Self {
        let buckets = Box::new([Bucket { top: NONE, len: 0 }; BUCKETS]);
        Self { buckets, chunks: Vec::new(), below: Vec::new(), free: NONE, used: 0 }
    }

    /// Keys in a bucket.
    #[inline]
    pub(super) fn len(&self, bucket: usize) -> usize {
        self.buckets[bucket % BUCKETS].len as usize
    }

    /// About how many keys there are in all buckets.
    pub(super) fn load(&self) -> usize {
        self.used * PER_CHUNK / 2
    }

    #[inline(always)]
    pub(super) fn push(&mut self, bucket: usize, key: Key) {
        let at = self.buckets[bucket % BUCKETS].len as usize % PER_CHUNK;
        if at == 0 {
            self.stack(bucket);
        }
        let bucket = &mut self.buckets[bucket % BUCKETS];
        bucket.len += 1;
        self.chunks[bucket.top as usize][PER_CHUNK - 1 - at] = key;
    }

    /// Takes the newest chunk off a bucket.
    #[inline]
    pub(super) fn take(&mut self, bucket: usize) -> Option<Taken> {
        let bucket = &mut self.buckets[bucket % BUCKETS];
        let count = (bucket.len as usize).checked_sub(1)? % PER_CHUNK + 1;
        let chunk = bucket.top;
        bucket.len -= count as u32;
        bucket.top = self.below[chunk as usize];
        Some(Taken { chunk, range: PER_CHUNK - count..PER_CHUNK })
    }

    /// A key of a taken chunk.
    #[inline]
    pub(super) fn key(&self, taken: &Taken, at: usize) -> Key {
        self.chunks[taken.chunk as usize][at]
    }

    /// The keys of a taken chunk.
    #[inline]
    pub(super) fn keys(&self, taken: &Taken) -> &[Key] {
        &self.chunks[taken.chunk as usize][taken.range.clone()]
    }

    /// Gives a taken chunk back to the pool.
    #[inline]
    pub(super) fn release(&mut self, taken: &Taken) {
        self.below[taken.chunk as usize] = self.free;
        self.free = taken.chunk;
        self.used -= 1;
    }

    /// Puts an empty chunk on top of a bucket.
    #[inline]
    fn stack(&mut self, bucket: usize) {
        if self.free == NONE {
            self.grow();
        }
        let chunk = self.free;
        let bucket = &mut self.buckets[bucket % BUCKETS];
        self.free = std::mem::replace(&mut self.below[chunk as usize], bucket.top);
        bucket.top = chunk;
        self.used += 1;
    }

    #[cold]
    fn grow(&mut self) {
        self.free = u32::try_from(self.chunks.len()).expect("fewer chunks than slots, and those fit in 24 bits");
        self.chunks.push([0; STRIDE]);
        self.below.push(NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(chunks: &mut Chunks, bucket: usize) -> Vec<Key> {
        let mut out = Vec::new();
        while let Some(taken) = chunks.take(bucket) {
            out.extend_from_slice(chunks.keys(&taken));
            chunks.release(&taken);
        }
        out
    }

    #[test]
    fn a_bucket_gives_back_what_was_put_in_newest_first() {
        let mut chunks = Chunks::new();
        for key in 0..100 {
            chunks.push(7, key);
            chunks.push(8, key + 1000);
        }
        assert_eq!(drain(&mut chunks, 7), (0..100).rev().collect::<Vec<Key>>());
        assert_eq!((chunks.len(7), chunks.len(8)), (0, 100));
    }

    #[test]
    fn emptied_chunks_are_used_again() {
        let mut chunks = Chunks::new();
        for round in 0..100 {
            (0..PER_CHUNK as Key * 2 + 1).for_each(|key| chunks.push(round, key));
            drain(&mut chunks, round);
        }
        assert_eq!((chunks.chunks.len(), chunks.used), (3, 0));
    }
}
