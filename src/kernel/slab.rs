//! Event payloads by slot.
//!
//! Owns the payloads of queued events. Refuses to know their order. Invariant: a slot in use is never handed out.

/// Payloads in slots that are used again, last freed first, so that they stay in the cache.
#[derive(Debug)]
pub(super) struct Slab<E> {
    payloads: Vec<E>,
    free: Vec<u32>,
}

impl<E: Copy> Slab<E> {
    pub(super) fn new() -> Self {
        Self { payloads: Vec::new(), free: Vec::new() }
    }

    /// Stores a payload. The caller keeps the number of slots below 2^32.
    #[inline]
    pub(super) fn put(&mut self, payload: E) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.payloads[slot as usize] = payload;
            return slot;
        }
        self.payloads.push(payload);
        // As many free slots as payloads can become free: reserve here, where memory grows anyway.
        self.free.reserve(self.payloads.len());
        (self.payloads.len() - 1) as u32
    }

    /// Takes the payload of a slot in use.
    #[inline]
    pub(super) fn take(&mut self, slot: u32) -> E {
        self.free.push(slot);
        self.payloads[slot as usize]
    }
}
