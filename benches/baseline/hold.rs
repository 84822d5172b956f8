//! Workload (c), the hold model: N pending, each event schedules one at now + Exp(1 s).
//!
//! Owns the loop. Invariant: as many are pending after each hop as before it.

use super::ladder::Ladder;
use firedrill::kernel::{Cursor, Distribution, Sampler, Streams};
use firedrill::units::Span;

/// The model between two batches of hops.
pub struct Hold {
    dice: Cursor,
    sampler: Sampler,
    ladder: Ladder,
}

impl Hold {
    /// Fills up to `pending`.
    pub fn new(seed: u64, pending: u32) -> Self {
        let (mut dice, sampler) = dice(seed);
        let mut ladder = Ladder::new();
        for event in 0..pending {
            ladder.push(sampler.span(dice.next()).as_nanos(), event);
        }
        Self { dice, sampler, ladder }
    }

    /// Makes `hops` hops; the answer folds the times and payloads in order.
    #[inline(never)]
    pub fn hop(&mut self, hops: u64) -> u64 {
        let mut answer = 0;
        for _ in 0..hops {
            let now = self.ladder.head();
            let event = self.ladder.take();
            answer = fold(answer, now, event);
            self.ladder.push(now + self.sampler.span(self.dice.next()).as_nanos(), event);
        }
        answer
    }
}

/// The numbers both sides draw.
pub fn dice(seed: u64) -> (Cursor, Sampler) {
    let sampler = Sampler::new(&Distribution::Exponential { mean: Span::from_secs(1) });
    (Streams::new(seed).stream("hold", "delay").cursor(), sampler)
}

/// Takes one event into an answer that depends on the order of all.
#[inline(always)]
pub fn fold(answer: u64, now: u64, event: u32) -> u64 {
    (answer.rotate_left(5) ^ now).wrapping_add(u64::from(event))
}
