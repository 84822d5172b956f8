//! The simulated world.
pub mod balancer;
pub mod database;
pub mod dns;
pub mod held;
pub mod job;
pub mod network;
pub mod plan;
pub mod service;
pub mod slab;
