//! Once warm, neither the kernel nor a request allocates anything: counted by an allocator that counts.

use super::plan;
use firedrill::kernel::{Class, Distribution, Kernel, LaneId, Sampler, Stream, Streams, TieBreak};
use firedrill::sim::Live;
use firedrill::units::{Instant, Span};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting calls per thread, since tests run in parallel.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    // A thread that is ending has no counter any more, and nobody asks for it.
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

#[expect(unsafe_code, reason = "a global allocator is an unsafe trait; every call goes to the system's own unchanged")]
// SAFETY: each method hands its arguments, unchanged, to the method of the same name of `System`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// How often `run` allocates on this thread.
pub fn allocations(run: impl FnOnce()) -> u64 {
    let before = CALLS.with(Cell::get);
    run();
    CALLS.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(7)))), 1);
    assert_eq!(allocations(|| assert_eq!(std::hint::black_box(6) * 7, 42)), 0);
}

/// Pending events in the queue, an arrival register, time-outs of one length, and children at the present instant.
fn hop(kernel: &mut Kernel<u8>, hops: u64, [register, timeouts]: [LaneId; 2], delays: (&Sampler, Stream)) {
    for i in 0..hops {
        let event = kernel.pop().expect("no limit is met").expect("one is always pending");
        let now = kernel.now();
        match event {
            0 => kernel.schedule(now + delays.0.span(delays.1.at(i)), Class::Completion, 0),
            1 => {
                kernel.push(timeouts, now + Span::from_secs(2), Class::Deadline, 2);
                kernel.schedule(now, Class::Fault, 3);
                kernel.push(register, now + Span::from_millis(1), Class::Arrival, 1);
            }
            _ => {}
        }
    }
}

#[test]
fn a_warm_kernel_allocates_nothing_however_long_it_runs() {
    for (pending, distribution) in [
        (10, Distribution::Exponential { mean: Span::from_secs(1) }),
        (1_000, Distribution::Exponential { mean: Span::from_secs(1) }),
        (20_000, Distribution::LogNormal { median: Span::from_millis(80), sigma: 2.0 }),
        (1_000, Distribution::Constant(Span::from_secs(1))),
    ] {
        let (mut kernel, sampler) = (Kernel::new(TieBreak::Fifo), Sampler::new(&distribution));
        let stream = Streams::new(1).stream("allocation", "delay");
        (0..pending).for_each(|i| kernel.schedule(Instant::ZERO + sampler.span(stream.at(!i)), Class::Completion, 0));
        let lanes = [kernel.lane(), kernel.lane()];
        kernel.push(lanes[0], Instant::ZERO + Span::from_millis(1), Class::Arrival, 1);
        let mut run = |hops| hop(&mut kernel, hops, lanes, (&sampler, stream));
        run(400_000);
        assert_eq!(allocations(|| run(400_000)), 0, "{pending} pending, {distribution}");
    }
}

/// Allocations and requests from 300 s to 500 s of a run whose fault comes later, at `rate`.
fn of_requests(path: &str, rate: &str) -> (u64, u64) {
    let plan = plan(path, &[("workload.0.rate", rate), ("faults.dark.at", "9m"), ("duration", "10m")]);
    let schedule = plan.schedule(1);
    let rehearsal = firedrill::rehearse::rehearsal(&plan, &schedule);
    let mut live = Live::new(rehearsal, 1);
    let mut run_to = |second| while live.now() < Instant::from_secs(second) && live.step() {};
    run_to(300);
    let counted = allocations(|| run_to(500));
    (counted, live.world().requests_started())
}

/// Twice the requests cost no more allocations: what is left is scrapes and polls, at the rate of control.
#[test]
fn a_warm_world_allocates_nothing_per_request() {
    for path in ["benches/region-failover.yaml", "scenarios/ai-provider/region-outage.yaml"] {
        let ((few, requests), (many, more)) = (of_requests(path, "100/s"), of_requests(path, "400/s"));
        assert!(more > 3 * requests, "{path}: {requests} and {more} requests");
        assert_eq!(many, few, "{path}: allocations for {more} and for {requests} requests");
    }
}
