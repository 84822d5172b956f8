//! Once warm, a request allocates nothing: twice the requests cost no more allocations.
#![allow(unsafe_code, reason = "a counting allocator can be written in no other way")]

use super::plan;
use firedrill::sim::{EVENTS_MAX, Live, Rehearsal};
use firedrill::units::Instant;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the allocations of each thread, so that tests beside this one do not disturb.
struct Counting;

// Safety: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // Safety: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // Safety: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // Safety: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    // A thread that is ending has no counter any more; nobody reads it either.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

/// Allocations and requests from `from` to `to` of a run.
fn between(path: &str, settings: &[(&str, &str)], from: u64, to: u64) -> (u64, u64) {
    let plan = plan(path, settings);
    let rehearsal =
        Rehearsal { world: &plan.world, faults: &plan.faults, controls: &plan.controls, events_max: EVENTS_MAX };
    let mut live = Live::new(rehearsal, 1);
    let mut run_to = |second| {
        while live.now() < Instant::from_secs(second) && live.step() {}
        (ALLOCATIONS.get(), live.world().requests_started())
    };
    let (before, after) = (run_to(from), run_to(to));
    (after.0 - before.0, after.1 - before.1)
}

#[test]
fn a_warm_world_allocates_nothing_per_request() {
    let path = "benches/region-failover.yaml";
    let at = |rate| between(path, &[("workload.0.rate", rate), ("faults.dark.at", "9m")], 300, 500);
    let ((few, requests), (many, more)) = (at("100/s"), at("400/s"));
    assert!(more > 3 * requests, "{requests} and {more} requests");
    assert_eq!(many, few, "allocations for {more} and for {requests} requests; what is left is scrapes and polls");
}

#[test]
fn nor_does_one_with_databases_networks_and_calls() {
    let path = "scenarios/ai-provider/region-outage.yaml";
    let at = |rate| between(path, &[("workload.0.rate", rate), ("faults.dark.at", "20m")], 300, 500);
    let ((few, requests), (many, more)) = (at("100/s"), at("400/s"));
    assert!(more > 3 * requests, "{requests} and {more} requests");
    assert_eq!(many, few, "allocations for {more} and for {requests} requests; what is left is scrapes and polls");
}
