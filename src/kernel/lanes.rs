//! First-in-first-out lanes beside the queue, and which of them is next.
//!
//! Owns one ring per lane and a winner tree over their heads: appending costs the same however much is pending.
//! Refuses a key that would not be in order (the caller queues it instead).
//!
//! Invariant: each ring ascends strictly, and the root of the tree is the least head.

use super::key::{Key, NOTHING};
use std::collections::VecDeque;

/// A lane of one kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(pub(super) u32);

/// Most lanes of one kernel. One number more than that stands for the end of a round.
pub(super) const LANES_MOST: usize = (1 << 16) - 1;

/// The lanes of one kernel, each holding keys with their events.
#[derive(Debug)]
pub(super) struct Lanes<E> {
    lanes: Vec<Lane<E>>,
    /// Node `i` is the lesser of nodes `2i` and `2i + 1`; leaves begin at `leaves`; node 1 is the root.
    tree: Vec<Key>,
    leaves: usize,
    /// The root once more, where no index is needed to read it.
    least: Key,
    /// The leaf of a lane that has just been emptied, if the tree does not know it yet: a register is filled again at
    /// once, and one way up the tree does for both.
    hole: usize,
}

/// Node 0 is no leaf.
const NO_HOLE: usize = 0;

/// The head's key is in the tree. A lane used as a register, with one event at a time, never touches its ring.
#[derive(Debug)]
struct Lane<E> {
    head: Option<E>,
    rest: VecDeque<(Key, E)>,
}

impl<E: Copy> Lanes<E> {
    pub(super) fn new() -> Self {
        Self { lanes: Vec::new(), tree: vec![NOTHING; 2], leaves: 1, least: NOTHING, hole: NO_HOLE }
    }

    /// A new, empty lane, while there is no hole. With [`LANES_MOST`] lanes open, one that accepts nothing.
    pub(super) fn open(&mut self) -> LaneId {
        let lane = self.lanes.len();
        if lane < LANES_MOST {
            self.lanes.push(Lane { head: None, rest: VecDeque::new() });
            if self.lanes.len() > self.leaves {
                self.grow();
            }
        }
        LaneId(lane as u32)
    }

    /// The least key of all lanes, if there is no hole.
    #[inline(always)]
    pub(super) fn head(&self) -> Key {
        self.least
    }

    /// Whether there is such a lane, and `key` does not belong before its last.
    #[inline(always)]
    pub(super) fn accepts(&self, id: LaneId, key: Key) -> bool {
        let Some(lane) = self.lanes.get(id.0 as usize) else { return false };
        lane.head.is_none() || lane.rest.back().map_or(self.tree[self.leaves + id.0 as usize], |last| last.0) < key
    }

    /// Appends to a lane that accepts the key. Returns whether that has filled the hole.
    #[inline(always)]
    pub(super) fn append(&mut self, id: LaneId, key: Key, event: E) -> bool {
        let lane = &mut self.lanes[id.0 as usize];
        if lane.head.is_some() {
            lane.rest.push_back((key, event));
            return false;
        }
        lane.head = Some(event);
        let leaf = self.leaves + id.0 as usize;
        self.update(leaf, key);
        let fills = leaf == self.hole;
        if fills {
            self.hole = NO_HOLE;
        }
        fills
    }

    /// Takes the event at the head of a lane. That leaves a hole if it was the last of the lane. There must be none.
    #[inline(always)]
    pub(super) fn take(&mut self, id: u32) -> Option<E> {
        let lane = self.lanes.get_mut(id as usize)?;
        let event = lane.head.take();
        let leaf = self.leaves + id as usize;
        match lane.rest.pop_front() {
            Some((key, next)) => {
                lane.head = Some(next);
                self.update(leaf, key);
            }
            None => self.hole = leaf,
        }
        event
    }

    /// Whether a lane was emptied that the tree does not know of.
    #[inline(always)]
    pub(super) fn has_hole(&self) -> bool {
        self.hole != NO_HOLE
    }

    /// Lets the tree know of the hole there is.
    #[inline]
    pub(super) fn close_hole(&mut self) {
        let leaf = std::mem::replace(&mut self.hole, NO_HOLE);
        self.update(leaf, NOTHING);
    }

    /// Carries a new head up the tree. The key travels in registers: reading back what was just written, in a load
    /// wider than the store, would stall the processor.
    #[inline(always)]
    fn update(&mut self, leaf: usize, head: Key) {
        let (mut node, mut least) = (leaf, head);
        self.tree[node] = least;
        while node > 1 {
            least = least.min(self.tree[node ^ 1]);
            node /= 2;
            self.tree[node] = least;
        }
        self.least = least;
    }

    fn grow(&mut self) {
        let leaves = 2 * self.leaves;
        let mut tree = vec![NOTHING; 2 * leaves];
        tree[leaves..leaves + self.leaves].copy_from_slice(&self.tree[self.leaves..]);
        for node in (1..leaves).rev() {
            tree[node] = tree[2 * node].min(tree[2 * node + 1]);
        }
        (self.tree, self.leaves) = (tree, leaves);
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
            for key in [key, key + 100] {
                assert!(lanes.accepts(*lane, key));
                lanes.append(*lane, key, i);
            }
            assert!(!lanes.accepts(*lane, key + 50), "out of order");
        }
        for expected in (0..11).chain(100..111) {
            assert_eq!(lanes.head(), expected);
            let lane = (0..11).find(|i| (u128::from(i * 7 + 3_u64) % 11) == expected % 100).unwrap();
            assert_eq!(lanes.take(u32::try_from(lane).unwrap()), Some(usize::try_from(lane).unwrap()));
            if lanes.has_hole() {
                lanes.close_hole();
            }
        }
        assert_eq!(lanes.head(), NOTHING);
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
