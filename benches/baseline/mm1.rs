//! Workload (a), M/M/1: Poisson arrivals 0.9/s, exponential service 1/s, mean wait in queue 9 s.
//!
//! Owns the loop: a register for the next arrival, the queue for departures. Invariant: customers leave in order.

use super::ladder::Ladder;
use firedrill::kernel::{Cursor, Distribution, Sampler, Streams};
use firedrill::units::Span;
use std::collections::VecDeque;

/// What both sides draw from.
pub struct Dice {
    /// Inter-arrival times.
    pub arrivals: (Cursor, Sampler),
    /// Service times.
    pub services: (Cursor, Sampler),
}

/// The numbers of one run.
pub fn dice(seed: u64) -> Dice {
    let exponential = |mean| Sampler::new(&Distribution::Exponential { mean: Span::from_nanos(mean) });
    let cursor = |purpose| Streams::new(seed).stream("mm1", purpose).cursor();
    Dice {
        arrivals: (cursor("arrivals"), exponential(1_111_111_111)),
        services: (cursor("services"), exponential(1_000_000_000)),
    }
}

impl Dice {
    /// Until the next arrival.
    #[inline(always)]
    pub fn gap(&mut self) -> Span {
        self.arrivals.1.span(self.arrivals.0.next())
    }
    /// Of the next service.
    #[inline(always)]
    pub fn service(&mut self) -> Span {
        self.services.1.span(self.services.0.next())
    }
}

/// Serves `customers`; the answer is the sum of their waits in nanoseconds.
#[inline(never)]
pub fn run(seed: u64, customers: u64) -> u64 {
    let mut dice = dice(seed);
    let mut ladder = Ladder::new();
    let mut queue: VecDeque<u64> = VecDeque::with_capacity(1024);
    let (mut arrived, mut busy, mut waited) = (0, false, 0);
    let mut arrival = dice.gap().as_nanos();
    loop {
        let departure = ladder.head();
        if departure <= arrival {
            if departure == u64::MAX {
                return waited;
            }
            ladder.take();
            match queue.pop_front() {
                Some(since) => {
                    waited += departure - since;
                    ladder.push(departure + dice.service().as_nanos(), 1);
                }
                None => busy = false,
            }
            continue;
        }
        arrived += 1;
        if busy {
            queue.push_back(arrival);
        } else {
            busy = true;
            ladder.push(arrival + dice.service().as_nanos(), 1);
        }
        arrival = if arrived < customers { arrival + dice.gap().as_nanos() } else { u64::MAX };
    }
}
