//! The control logic against a world in memory: every failure of every step, and the same laps on two clocks.

mod approval;
mod capabilities;
mod clocks;
mod copies;
mod failover;
mod memory;
mod planted;
mod restore;
mod rollback;
mod runner;
mod stages;
mod storms;
mod there_and_back;
mod transcripts;
mod watching;

pub use clocks::VirtualClock;
use memory::{MemoryPorts, World};

/// Ports over a world in memory, for other tests.
pub fn in_memory(clock: &VirtualClock) -> MemoryPorts<VirtualClock> {
    MemoryPorts::new(clock.clone(), World::west_is_dark())
}
