//! First-in-first-out lanes beside the queue, and which of them is next.
//!
//! Owns one ring per lane and a winner tree over their heads: appending costs the same however much is pending.
//! Refuses an append that would not be in order (the caller queues it instead).
//!
//! Invariant: each ring ascends strictly, and the root of the tree is the least head.

use super::key::{Key, NOTHING};
use std::collections::VecDeque;

/// A lane of one kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(pub(super) u32);

/// Most lanes of one kernel.
pub(super) const LANES_MOST: usize = 1 << 16;

/// The lanes of one kernel, each holding keys with their events.
#[derive(Debug)]
pub(super) struct Lanes<E> {
    rings: Vec<VecDeque<(Key, E)>>,
    /// Node `i` is the lesser of nodes `2i` and `2i + 1`; leaves begin at `leaves`; node 1 is the root.
    tree: Vec<Key>,
    leaves: usize,
    pending: usize,
}

impl<E: Copy> Lanes<E> {
    pub(super) fn new() -> Self {
        Self { rings: Vec::new(), tree: vec![NOTHING; 2], leaves: 1, pending: 0 }
    }

    /// A new, empty lane. With [`LANES_MOST`] lanes open, one that accepts nothing.
    pub(super) fn open(&mut self) -> LaneId {
        let lane = self.rings.len();
        if lane < LANES_MOST {
            self.rings.push(VecDeque::new());
            if self.rings.len() > self.leaves {
                self.grow();
            }
        }
        LaneId(lane as u32)
    }

    pub(super) fn pending(&self) -> usize {
        self.pending
    }

    /// The least key of all lanes.
    #[inline]
    pub(super) fn head(&self) -> Key {
        self.tree[1]
    }

    /// Appends, or returns false if `key` belongs before the lane's last (or there is no such lane).
    #[inline]
    pub(super) fn append(&mut self, lane: LaneId, key: Key, event: E) -> bool {
        let Some(ring) = self.rings.get_mut(lane.0 as usize) else { return false };
        let was_empty = match ring.back() {
            Some((last, _)) if *last > key => return false,
            last => last.is_none(),
        };
        ring.push_back((key, event));
        self.pending += 1;
        if was_empty {
            self.update(lane.0 as usize, key);
        }
        true
    }

    /// Takes the event at the head of `lane`.
    #[inline]
    pub(super) fn take(&mut self, lane: u32) -> Option<E> {
        let ring = &mut self.rings[lane as usize];
        let (_, event) = ring.pop_front()?;
        let head = ring.front().map_or(NOTHING, |(key, _)| *key);
        self.update(lane as usize, head);
        self.pending -= 1;
        Some(event)
    }

    #[inline]
    fn update(&mut self, lane: usize, head: Key) {
        let mut node = self.leaves + lane;
        self.tree[node] = head;
        while node > 1 {
            node /= 2;
            self.tree[node] = self.tree[2 * node].min(self.tree[2 * node + 1]);
        }
    }

    fn grow(&mut self) {
        self.leaves *= 2;
        self.tree = vec![NOTHING; 2 * self.leaves];
        for lane in 0..self.rings.len() {
            let head = self.rings[lane].front().map_or(NOTHING, |(key, _)| *key);
            self.update(lane, head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_least_head_whatever_the_number_of_lanes() {
        let mut lanes = Lanes::new();
        let opened: Vec<LaneId> = (0..11).map(|_| lanes.open()).collect();
        for (i, lane) in opened.iter().enumerate() {
            let key = Key::from((i as u64 * 7 + 3) % 11);
            assert!(lanes.append(*lane, key, i));
            assert!(lanes.append(*lane, key + 100, i));
            assert!(!lanes.append(*lane, key + 50, i), "out of order");
        }
        for expected in (0..11).chain(100..111) {
            assert_eq!(lanes.head(), expected);
            let lane = (0..11).find(|i| (u128::from(i * 7 + 3_u64) % 11) == expected % 100).unwrap();
            assert_eq!(lanes.take(u32::try_from(lane).unwrap()), Some(usize::try_from(lane).unwrap()));
        }
        assert_eq!((lanes.head(), lanes.pending()), (NOTHING, 0));
    }

    #[test]
    fn a_lane_opened_late_does_not_lose_the_others() {
        let mut lanes = Lanes::new();
        let first = lanes.open();
        lanes.append(first, 5, 'a');
        for _ in 0..9 {
            lanes.open();
        }
        assert_eq!((lanes.head(), lanes.take(first.0)), (5, Some('a')));
    }
}
