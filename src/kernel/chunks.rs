//! Buckets of keys made of chunks of sixteen from one pool.
//!
//! Owns the memory of the ladder's buckets. Refuses to know what a bucket means. Invariant: only the newest chunk of
//! a bucket is partly filled, and an emptied chunk is the next to be used, so that memory grows with the most keys
//! ever pending and allocation stops once that many were seen.

use super::key::Key;

/// Keys in a chunk.
pub(super) const PER_CHUNK: usize = 16;

const NONE: u32 = u32::MAX;

/// Buckets, each a stack of chunks. A chunk is filled from its end, so its slice runs from newest to oldest.
#[derive(Debug)]
pub(super) struct Chunks {
    buckets: Box<[Bucket; 1024]>,
    chunks: Vec<[Key; PER_CHUNK]>,
    /// The chunk below each chunk, or the next free one.
    below: Vec<u32>,
    free: u32,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    top: u32,
    len: u32,
}

impl Chunks {
    /// 1024 empty buckets.
    pub(super) fn new() -> Self {
        let buckets = Box::new([Bucket { top: NONE, len: 0 }; 1024]);
        Self { buckets, chunks: Vec::new(), below: Vec::new(), free: NONE }
    }

    /// Keys in a bucket.
    #[inline]
    pub(super) fn len(&self, bucket: usize) -> usize {
        self.buckets[bucket % 1024].len as usize
    }

    #[inline]
    pub(super) fn push(&mut self, bucket: usize, key: Key) {
        let at = self.buckets[bucket % 1024].len as usize % PER_CHUNK;
        if at == 0 {
            self.stack(bucket);
        }
        let bucket = &mut self.buckets[bucket % 1024];
        bucket.len += 1;
        self.chunks[bucket.top as usize][PER_CHUNK - 1 - at] = key;
    }

    /// Takes the newest chunk of a bucket: its keys and where they begin.
    #[inline]
    pub(super) fn pop(&mut self, bucket: usize) -> Option<([Key; PER_CHUNK], usize)> {
        let bucket = &mut self.buckets[bucket % 1024];
        if bucket.len == 0 {
            return None;
        }
        let count = (bucket.len as usize - 1) % PER_CHUNK + 1;
        let top = bucket.top;
        bucket.len -= count as u32;
        bucket.top = std::mem::replace(&mut self.below[top as usize], self.free);
        self.free = top;
        Some((self.chunks[top as usize], PER_CHUNK - count))
    }

    /// Puts an empty chunk on top of a bucket.
    fn stack(&mut self, bucket: usize) {
        if self.free == NONE {
            self.free = u32::try_from(self.chunks.len()).expect("fewer keys than slots, and those fit in 24 bits");
            self.chunks.push([0; PER_CHUNK]);
            self.below.push(NONE);
        }
        let chunk = self.free;
        let bucket = &mut self.buckets[bucket % 1024];
        self.free = std::mem::replace(&mut self.below[chunk as usize], bucket.top);
        bucket.top = chunk;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_back_what_was_put_in_newest_first() {
        let mut chunks = Chunks::new();
        for key in 0..40 {
            chunks.push(7, key);
            chunks.push(8, key + 100);
        }
        let mut out = Vec::new();
        while let Some((keys, from)) = chunks.pop(7) {
            out.extend_from_slice(&keys[from..]);
        }
        assert_eq!(out, (0..40).rev().collect::<Vec<Key>>());
        assert_eq!((chunks.len(7), chunks.len(8)), (0, 40));
    }

    #[test]
    fn emptied_chunks_are_used_again() {
        let mut chunks = Chunks::new();
        for round in 0..100 {
            for key in 0..33 {
                chunks.push(round, key);
            }
            while chunks.pop(round).is_some() {}
        }
        assert_eq!(chunks.chunks.len(), 3);
    }
}
