//! The simulated world.

pub mod plan;
