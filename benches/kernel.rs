//! The kernel against a hand-written baseline, in one process, taking turns.
//!
//! `cargo bench --bench kernel` prints nanoseconds per event, events per second and how much of the baseline's speed
//! the kernel reaches; `-- --smoke` runs everything small. Both sides draw the same numbers and must give one answer.

mod baseline;

use baseline::turns::{median, time};
use baseline::{failover, hold, mm1};
use firedrill::kernel::{Class, Cursor, Kernel, Sampler, TieBreak};
use firedrill::units::{Instant, Rate, Span};
use std::collections::VecDeque;

/// Repetitions of each side.
const TURNS: usize = 9;

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let size = |full: u64| if smoke { full / 100 } else { full };
    println!("{:<26}{:>12}{:>12}{:>14}{:>8}", "workload", "baseline ns", "kernel ns", "kernel ev/s", "ratio");
    let customers = size(2_500_000);
    compare("(a) M/M/1", 2 * customers, || mm1::run(1, customers), || kernel_mm1(1, customers));
    for (pending, hops) in [(100, size(2_500_000)), (10_000, size(2_500_000)), (1_000_000, size(2_500_000))] {
        let pending = if smoke { pending / 10 } else { pending };
        let name = format!("(c) hold, N = {pending}");
        let (mut baseline, mut kernel) = (hold::Hold::new(1, pending), KernelHold::new(1, pending));
        compare(&name, hops, || baseline.hop(hops), || kernel.hop(hops));
    }
    let duration = Span::from_secs(if smoke { 200 } else { 600 });
    let mut answer = None;
    let ns =
        median((0..TURNS).map(|_| time(|| answer = Some(failover::run(1, Rate::per_second(500), duration)))).collect());
    if let Some(answer) = answer {
        println!("(b) failover, baseline alone: {:.1} ns/request, {answer:?}", ns / answer.requests as f64);
    }
}

/// Times both sides in turns and prints the medians; the ratio is the median of those of single turns.
fn compare(name: &str, events: u64, mut baseline: impl FnMut() -> u64, mut kernel: impl FnMut() -> u64) {
    assert_eq!(baseline(), kernel(), "{name}: the two sides disagree");
    let turns: Vec<(f64, f64)> = (0..TURNS).map(|_| (time(&mut baseline), time(&mut kernel))).collect();
    let per_event = |side: fn(&(f64, f64)) -> f64| median(turns.iter().map(side).collect()) / events as f64;
    let (theirs, ours) = (per_event(|turn| turn.0), per_event(|turn| turn.1));
    let ratio = median(turns.iter().map(|(theirs, ours)| theirs / ours).collect());
    println!("{name:<26}{theirs:>12.1}{ours:>12.1}{:>14.3e}{ratio:>8.2}", 1e9 / ours);
}

/// Workload (a): arrivals in a lane, departures in the queue.
#[inline(never)]
fn kernel_mm1(seed: u64, customers: u64) -> u64 {
    #[derive(Clone, Copy)]
    enum Event {
        Arrival,
        Departure,
    }
    let mut dice = mm1::dice(seed);
    let mut kernel = Kernel::new(TieBreak::Fifo);
    let arrivals = kernel.lane();
    let mut queue: VecDeque<Instant> = VecDeque::with_capacity(1024);
    let (mut arrived, mut busy, mut waited) = (0, false, 0);
    kernel.push(arrivals, Instant::ZERO + dice.gap(), Class::Arrival, Event::Arrival);
    while let Some(event) = kernel.advance() {
        let now = kernel.now();
        match event {
            Event::Departure => match queue.pop_front() {
                Some(since) => {
                    waited += now.since(since).as_nanos();
                    kernel.schedule(now + dice.service(), Class::Completion, Event::Departure);
                }
                None => busy = false,
            },
            Event::Arrival => {
                arrived += 1;
                if busy {
                    queue.push_back(now);
                } else {
                    busy = true;
                    kernel.schedule(now + dice.service(), Class::Completion, Event::Departure);
                }
                if arrived < customers {
                    kernel.push(arrivals, now + dice.gap(), Class::Arrival, Event::Arrival);
                }
            }
        }
    }
    waited
}

/// Workload (c): everything in the queue.
struct KernelHold {
    dice: Cursor,
    sampler: Sampler,
    kernel: Kernel<u32>,
}

impl KernelHold {
    fn new(seed: u64, pending: u32) -> Self {
        let (mut dice, sampler) = hold::dice(seed);
        let mut kernel = Kernel::new(TieBreak::Fifo);
        for event in 0..pending {
            kernel.schedule(Instant::ZERO + sampler.span(dice.next()), Class::Completion, event);
        }
        Self { dice, sampler, kernel }
    }

    #[inline(never)]
    fn hop(&mut self, hops: u64) -> u64 {
        let mut answer = 0;
        for _ in 0..hops {
            let Some(event) = self.kernel.advance() else { break };
            let now = self.kernel.now();
            answer = hold::fold(answer, now.as_nanos(), event);
            self.kernel.schedule(now + self.sampler.span(self.dice.next()), Class::Completion, event);
        }
        answer
    }
}
