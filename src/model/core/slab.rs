//! Reusable slots for small records, so that a warm world allocates nothing.
//!
//! Invariant: a slot is handed out again only after it was released.

use std::collections::BTreeSet;

/// A slab of `T`.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<T>,
    free: Vec<u32>,
}

impl<T: Copy> Slab<T> {
    /// An empty slab with room for `capacity` records before it allocates.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { slots: Vec::with_capacity(capacity), free: Vec::with_capacity(capacity) }
    }

    /// Stores `value` and returns its slot. Panics beyond four thousand million live records.
    #[inline]
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = value;
            return slot;
        }
        self.slots.push(value);
        u32::try_from(self.slots.len() - 1).expect("fewer than four thousand million live records")
    }

    /// Takes a slot: one that was released, with what is left in it, or a new one that holds `fresh`. Writing a record
    /// into the slot spares the copy that [`Slab::insert`] makes.
    #[inline(always)]
    pub fn claim(&mut self, fresh: &T) -> u32 {
        match self.free.pop() {
            Some(slot) => slot,
            None => self.insert(*fresh),
        }
    }

    /// Frees `slot` for reuse. Its content stays readable until then.
    #[inline]
    pub fn release(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// The slots in use, in order.
    pub fn used(&self) -> impl Iterator<Item = u32> {
        let free: BTreeSet<u32> = self.free.iter().copied().collect();
        (0..self.slots()).filter(move |slot| !free.contains(slot))
    }

    /// Records in use.
    pub fn live(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Every slot ever used, released ones included.
    pub fn slots(&self) -> u32 {
        self.slots.len() as u32
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }
}
