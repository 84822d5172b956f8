//! First-in-first-out lanes beside the queue, and which of them is next.
//!
//! Owns one ring per lane and a winner tree over their heads: appending costs the same however much is pending. Rejects
//! a key that would be out of order (the caller queues it instead).
//!
//! Invariant: each ring ascends strictly, and the root of the tree is the least head.

use super::key::{Key, NOTHING, QueueEntry};
use std::collections::VecDeque;

/// A lane of one kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(pub(super) u32);

/// Most lanes of one kernel: one number more than that stands for none.
const LANES_MOST: usize = super::key::NO_LANE as usize;

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
/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appended {
    /// It is not there.
    Refused,
    /// It is, and may be the least.
    Added,
    /// It is, and what is least is known again.
    FilledHole,
}

/// The head's key is in the tree. A lane used as a register, with one event at a time, never touches its ring.
#[derive(Debug)]
struct Lane<E> {
    /// Of what was appended last.
    last: Key,
    head: Option<E>,
    rest: VecDeque<QueueEntry<E>>,
}

impl<E: Copy> Lanes<E> {
    pub(super) fn new() -> Self {
        Self { lanes: Vec::new(), tree: vec![NOTHING; 2], leaves: 1, least: NOTHING, hole: NO_HOLE }
    }

    /// A new, empty lane, while there is no hole. If there are as many as there can be, one that accepts nothing.
    pub(super) fn open(&mut self) -> LaneId {
        let lane = self.lanes.len();
        if lane < LANES_MOST {
            self.lanes.push(Lane { last: 0, head: None, rest: VecDeque::new() });
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

    /// Appends to a lane, unless there is no such one or the entry does not belong after all that it has held.
    #[inline(always)]
    pub(super) fn append(&mut self, id: LaneId, entry: QueueEntry<E>) -> Appended {
        let key = entry.key();
        let Some(lane) = self.lanes.get_mut(id.0 as usize) else { return Appended::Refused };
        if lane.last >= key {
            return Appended::Refused;
        }
        lane.last = key;
        if lane.head.is_some() {
            lane.rest.push_back(entry);
            return Appended::Added;
        }
        lane.head = Some(entry.event);
        let leaf = self.leaves.wrapping_add(id.0 as usize);
        self.update(leaf, key);
        if leaf == self.hole {
            self.hole = NO_HOLE;
            return Appended::FilledHole;
        }
        Appended::Added
    }

    /// Takes the event at the head of a lane, if there is such a lane. That leaves a hole if it was the last of the lane.
    /// There must be none.
    #[inline(always)]
    pub(super) fn take(&mut self, id: u32) -> Option<E> {
        let lane = self.lanes.get_mut(id as usize)?;
        let leaf = self.leaves.wrapping_add(id as usize);
        match lane.rest.pop_front() {
            Some(next) => {
                let event = lane.head.replace(next.event);
                self.update(leaf, next.key());
                event
            }
            None => {
                self.hole = leaf;
                lane.head.take()
            }
        }
    }

    /// Whether a lane was emptied that the tree does not know of.
    #[inline(always)]
    pub(super) fn has_hole(&self) -> bool {
        self.hole != NO_HOLE
    }

    /// Lets the tree know of the hole, if there is one.
    #[inline]
    pub(super) fn close_hole(&mut self) {
        if self.has_hole() {
            let leaf = std::mem::replace(&mut self.hole, NO_HOLE);
            self.update(leaf, NOTHING);
        }
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
    use super::super::key::{Class, Sequence, time_of};
    use super::*;

    fn entry<E>(time: u64, event: E) -> QueueEntry<E> {
        QueueEntry::new(time, Class::Arrival, Sequence(0), 0, event)
    }

    #[test]
    fn the_root_is_the_least_head_whatever_the_number_of_lanes() {
        let mut lanes = Lanes::new();
        let opened: Vec<LaneId> = (0..11).map(|_| lanes.open()).collect();
        for (i, lane) in opened.iter().enumerate() {
            let time = (i as u64 * 7 + 3) % 11;
            for time in [time, time + 100] {
                assert_eq!(lanes.append(*lane, entry(time, i)), Appended::Added);
            }
            assert_eq!(lanes.append(*lane, entry(time + 50, i)), Appended::Refused, "out of order");
        }
        for expected in (0..11).chain(100..111) {
            assert_eq!(time_of(lanes.head()), expected);
            let lane = (0..11).find(|i| (*i as u64 * 7 + 3) % 11 == expected % 100).unwrap();
            assert_eq!(lanes.take(opened[lane].0), Some(lane));
            lanes.close_hole();
        }
        assert_eq!(lanes.head(), NOTHING);
    }

    #[test]
    fn a_lane_opened_late_does_not_lose_the_others() {
        let mut lanes = Lanes::new();
        let first = lanes.open();
        lanes.append(first, entry(5, 'a'));
        for _ in 0..9 {
            lanes.open();
        }
        assert_eq!((time_of(lanes.head()), lanes.take(first.0)), (5, Some('a')));
    }
}
