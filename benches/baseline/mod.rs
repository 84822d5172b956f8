//! The yardstick: three workloads written by hand, as tightly as their author can, without the kernel.
//!
//! Owns its own queue, its own registers and lanes, and a loop per workload; shares only the product's random streams
//! and samplers, so that both sides draw the same numbers. Refuses generality: no classes, rounds, limits or payloads
//! beyond 24 bits. Invariant: it handles the same events in the same order as the kernel, shown by equal answers.

#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod failover;
pub mod hold;
pub mod ladder;
pub mod mm1;
pub mod turns;
