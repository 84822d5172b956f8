//! The kernel against an oracle: one plain binary heap of (time, round, class, sequence).

use super::random::{Cursor, Streams, below};
use super::{Class, Kernel, LaneId, Sequence, TieBreak};
use crate::units::Instant;
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const CLASSES: [Class; 5] = [Class::Fault, Class::Completion, Class::Arrival, Class::Deadline, Class::Control];

#[derive(Debug, Clone, Copy)]
enum Delays {
    Exponential,
    Tied,
    Constant,
    Bimodal,
    HeavyTailed,
    Bursts,
}

/// Time, round, class, sequence; and the event.
type Entry = (u64, u32, Class, u64, u32);

/// Everything in one heap, nothing clever.
#[derive(Default)]
struct Oracle {
    heap: BinaryHeap<Reverse<Entry>>,
    now: u64,
    round: u32,
    class: Option<Class>,
}

impl Oracle {
    fn schedule(&mut self, at: u64, class: Class, sequence: u64, event: u32) {
        let passed = self.class.is_some_and(|now| class < now);
        let round = if at > self.now { 0 } else { self.round + u32::from(passed) };
        self.heap.push(Reverse((at.max(self.now), round, class, sequence, event)));
    }

    fn pop(&mut self) -> Option<(u64, u32)> {
        let Reverse((time, round, class, _, event)) = self.heap.pop()?;
        (self.now, self.round, self.class) = (time, round, Some(class));
        Some((time, event))
    }
}

/// Drives both with the same calls.
struct Pair {
    kernel: Kernel<u32>,
    oracle: Oracle,
    lanes: Vec<LaneId>,
    reserved: Vec<Sequence>,
    draws: Cursor,
    delays: Delays,
    events: u32,
}

impl Pair {
    fn new(seed: u64, delays: Delays, tie_break: TieBreak) -> Self {
        let mut kernel = Kernel::new(tie_break);
        let lanes = (0..seed % 7).map(|_| kernel.lane()).collect();
        let dice = Streams::new(seed).stream("oracle", "dice").cursor();
        Self { kernel, oracle: Oracle::default(), lanes, reserved: Vec::new(), draws: dice, delays, events: 0 }
    }

    fn roll(&mut self, n: u64) -> u64 {
        below(self.draws.next(), n)
    }

    fn delay(&mut self) -> u64 {
        let u = ((self.draws.next() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
        match self.delays {
            Delays::Exponential => (-libm::log(u) * 1e9) as u64,
            Delays::Tied => self.roll(4),
            Delays::Constant => 1_000_000_000,
            Delays::Bimodal => [1_000_000, 10_000_000_000_000][self.roll(2) as usize],
            Delays::HeavyTailed => (1e6 * libm::pow(u, -1.0 / 0.6)) as u64,
            Delays::Bursts => [self.roll(100), 3_600_000_000_000 + self.roll(50)][usize::from(self.roll(50) == 0)],
        }
    }

    fn schedule(&mut self) {
        let delay = if self.roll(8) == 0 { 0 } else { self.delay() };
        let at = Instant::from_nanos(self.oracle.now.saturating_add(delay));
        let class = CLASSES[self.roll(5) as usize];
        if self.roll(10) == 0 {
            let sequence = self.kernel.reserve();
            return self.reserved.push(sequence);
        }
        let late = self.roll(10) == 0 && !self.reserved.is_empty();
        let sequence = if late { self.reserved.swap_remove(0) } else { self.kernel.reserve() };
        let event = self.events;
        self.events += 1;
        self.oracle.schedule(at.as_nanos(), class, sequence.0, event);
        let lane = self.roll(self.lanes.len() as u64 * 2 + 1) as usize;
        match self.lanes.get(lane) {
            Some(lane) => self.kernel.push_reserved(*lane, at, class, sequence, event),
            None => self.kernel.schedule_reserved(at, class, sequence, event),
        }
    }

    /// Pops one event of each; false once there is none.
    fn step(&mut self) -> Result<bool, TestCaseError> {
        let expected = self.oracle.pop();
        if self.events.is_multiple_of(3) {
            prop_assert_eq!(self.kernel.peek(), expected.map(|(time, _)| Instant::from_nanos(time)));
        }
        let event = self.kernel.pop().expect("no limit is set");
        prop_assert_eq!(event.map(|event| (self.kernel.now().as_nanos(), event)), expected);
        prop_assert_eq!(self.kernel.pending(), self.oracle.heap.len());
        Ok(event.is_some())
    }
}

/// Fills up to about `size` pending, holds, then drains.
fn follow(seed: u64, delays: Delays, tie_break: TieBreak, size: usize, steps: usize) -> Result<(), TestCaseError> {
    let mut pair = Pair::new(seed, delays, tie_break);
    for _ in 0..size {
        pair.schedule();
    }
    for _ in 0..steps {
        pair.step()?;
        let short = pair.oracle.heap.len() < size;
        for _ in 0..pair.roll(if short { 4 } else { 2 }) {
            pair.schedule();
        }
    }
    while pair.step()? {}
    prop_assert_eq!(pair.kernel.popped(), u64::from(pair.events));
    prop_assert_eq!(pair.kernel.scheduled(), u64::from(pair.events));
    Ok(())
}

fn delays() -> impl Strategy<Value = Delays> {
    use Delays::*;
    prop_oneof![Just(Exponential), Just(Tied), Just(Constant), Just(Bimodal), Just(HeavyTailed), Just(Bursts)]
}

fn tie_break() -> impl Strategy<Value = TieBreak> {
    prop_oneof![Just(TieBreak::Fifo), any::<u64>().prop_map(TieBreak::Seeded)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(160) })]

    #[test]
    fn the_order_is_that_of_one_heap(
        seed in any::<u64>(), delays in delays(), tie_break in tie_break(),
        size in prop_oneof![1_usize..20, 20_usize..200, 200_usize..3_000], steps in 0_usize..3_000,
    ) {
        follow(seed, delays, tie_break, size, steps)?;
    }
}
