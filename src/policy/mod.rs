//! Decisions as pure state machines.
//!
//! A policy is fed with observations and the time they were made, and returns what it decided and why. It never asks
//! the time, draws a number, logs or waits.

mod backoff;

pub use backoff::{Backoff, Jitter};
