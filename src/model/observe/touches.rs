//! Which requests of clients each fault touched, and which of those were not served.
//!
//! Owns counts by injection and, for requests not served, by the second they began in. Does not know what a fault does:
//! it is notified when one affects a request. Influences nothing.
//!
//! Invariant: a request that several faults touched counts for each, and its failure for the last.

use crate::units::{FaultId, Instant};
use std::collections::BTreeMap;

/// What injections did to requests.
#[derive(Debug, Default)]
pub struct Touches {
    requests: Vec<u64>,
    unserved: BTreeMap<(u16, u64), u64>,
}

impl Touches {
    /// `fault` touched a request that `before` had touched last. Returns who touches it last now.
    #[inline]
    pub fn touch(&mut self, fault: FaultId, before: u16) -> u16 {
        if fault.0 != before {
            if fault.index() >= self.requests.len() {
                self.requests.resize(fault.index() + 1, 0);
            }
            self.requests[fault.index()] += 1;
        }
        fault.0
    }

    /// A request that began at `started`, and that `fault` had touched, was not served.
    pub fn not_served(&mut self, fault: u16, started: Instant) {
        *self.unserved.entry((fault, started.second())).or_insert(0) += 1;
    }

    /// Requests that the injection touched.
    pub fn requests(&self, fault: FaultId) -> u64 {
        self.requests.get(fault.index()).copied().unwrap_or(0)
    }

    /// Of those, the ones not served: how many, by the second in which they began, in order.
    pub fn unserved(&self, fault: FaultId) -> impl Iterator<Item = (u64, u64)> {
        self.unserved.range((fault.0, 0)..=(fault.0, u64::MAX)).map(|((_, second), count)| (*second, *count))
    }
}
