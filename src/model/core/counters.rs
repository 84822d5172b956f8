//! What a scrape can read of a service.
//!
//! Owns what services count and monitoring keeps. Does not know who counts or who reads. Invariant: counts only grow.

use crate::record::Buckets;

/// What a scrape reads: everything since the start, as counters do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests finished, well or not.
    pub requests: u64,
    /// Of these, those answered with an error.
    pub errors: u64,
    /// Requests that a rate limit turned away: none of the above.
    pub limited: u64,
    /// Response times of the requests answered.
    pub latency: Buckets,
}
