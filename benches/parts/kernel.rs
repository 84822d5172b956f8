//! Events in the queue, and draws from a stream.

use criterion::{Criterion, Throughput};
use firedrill::kernel::{self, Class, Kernel, Sampler, Streams, TieBreak};
use firedrill::units::{Instant, Span};
use rand_distr::{Distribution, LogNormal};

/// Events, and draws, of one iteration.
const EACH: u64 = 10_000;

pub fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kernel");
    group.throughput(Throughput::Elements(EACH));
    let sampler = Sampler::new(&kernel::Distribution::Exponential { mean: Span::from_millis(100) });
    for pending in [100, 100_000] {
        let mut dice = Streams::new(1).stream("bench", "times").cursor();
        let mut kernel = Kernel::new(TieBreak::Fifo);
        for event in 0..pending {
            kernel.schedule(Instant::ZERO + sampler.span(dice.next()), Class::Completion, event);
        }
        group.bench_function(format!("events, {pending} pending"), |bencher| {
            bencher.iter(|| {
                for _ in 0..EACH {
                    let event = kernel.advance().expect("each event files the next");
                    kernel.schedule(kernel.now() + sampler.span(dice.next()), Class::Completion, event);
                }
            });
        });
    }
    let mut dice = Streams::new(1).stream("bench", "draws").cursor();
    group.bench_function("draws of our own", |bencher| {
        bencher.iter(|| (0..EACH).map(|_| sampler.span(dice.next()).as_nanos()).fold(0, u64::wrapping_add));
    });
    let distribution = LogNormal::new(0.0, 0.6).expect("a distribution");
    group.bench_function("draws through rand_distr", |bencher| {
        bencher.iter(|| (0..EACH).map(|_| distribution.sample(&mut dice)).sum::<f64>());
    });
    group.finish();
}
