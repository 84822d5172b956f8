//! Event payloads by slot.
//!
//! Owns the payloads of queued events. Refuses to know their order. Invariant: a slot in use is never handed out.

/// Payloads in slots that are used again, last freed first, so that they stay in the cache.
#[derive(Debug)]
pub(super) struct Slab<E> {
    slots: Vec<Slot<E>>,
    /// The first free slot, or the number of slots.
    free: u32,
    /// Means nothing: it keeps [`Slab::touch`] from being optimised away.
    touched: u32,
}

/// With more slots than this, they do not stay in a core's own cache.
const LARGE: usize = 1 << 16;

#[derive(Debug, Clone, Copy)]
struct Slot<E> {
    payload: E,
    /// The free slot after this one.
    next: u32,
}

impl<E: Copy> Slab<E> {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), free: 0, touched: 0 }
    }

    /// Stores a payload. The caller keeps the number of slots below 2^32.
    #[inline(always)]
    pub(super) fn put(&mut self, payload: E) -> u32 {
        let slot = self.free;
        match self.slots.get_mut(slot as usize) {
            Some(place) => {
                self.free = place.next;
                place.payload = payload;
            }
            None => self.grow(payload),
        }
        slot
    }

    /// Takes the payload of a slot in use.
    #[inline(always)]
    pub(super) fn take(&mut self, slot: u32) -> E {
        let place = &mut self.slots[slot as usize];
        place.next = self.free;
        self.free = slot;
        place.payload
    }

    /// Whether [`Slab::touch`] pays.
    #[inline]
    pub(super) fn is_large(&self) -> bool {
        self.slots.len() > LARGE
    }

    /// Reads a slot ahead of its use. Many such reads overlap, where `take` would wait for memory each time: with a
    /// million pending it halves the cost of an event. (A prefetch instruction would do, but needs unsafe code.)
    #[inline(always)]
    pub(super) fn touch(&mut self, slot: u32) {
        self.touched ^= self.slots[slot as usize].next;
    }

    #[cold]
    fn grow(&mut self, payload: E) {
        self.slots.push(Slot { payload, next: 0 });
        self.free = self.slots.len() as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_before_new_ones_are_made() {
        let mut slab = Slab::new();
        let slots = ['a', 'b', 'c'].map(|payload| slab.put(payload));
        assert_eq!((slab.take(slots[0]), slab.take(slots[2])), ('a', 'c'));
        let again = ['d', 'e', 'f'].map(|payload| slab.put(payload));
        assert_eq!(again, [slots[2], slots[0], 3]);
        assert_eq!([slots[1], slots[2], slots[0], 3].map(|slot| slab.take(slot)), ['b', 'd', 'e', 'f']);
    }
}
