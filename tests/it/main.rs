//! The integration tests, in one binary: what the parts do together.
#![allow(missing_docs, reason = "tests are named for what they show")]

mod allocation;
mod failover_by_hand;
mod procedures;
