//! The control logic against a world in memory: every failure of every step, and the same laps on two clocks.

mod approval;
mod capabilities;
mod clocks;
mod failover;
mod memory;
mod restore;
mod rollback;
mod runner;
mod stages;
mod storms;
mod there_and_back;
mod transcripts;
mod watching;
