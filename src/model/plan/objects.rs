//! Buckets of an object store, as planned.

use crate::units::{Bytes, RegionId, Span, Throughput};

/// A bucket: objects by key, copied between regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlan {
    /// Its name.
    pub name: String,
    /// Where its copies are. The first is asked by services of regions that have none.
    pub regions: Vec<RegionId>,
    /// From an object being put into one copy to its being in another.
    pub delay: Span,
    /// How long the store takes to put an object or to get one.
    pub time: Span,
    /// How long a service waits for an answer.
    pub call_timeout: Span,
    /// What one object takes.
    pub object: Bytes,
    /// How fast a copy is read to find what is damaged.
    pub verify: Throughput,
    /// How fast objects are copied from one copy to another to repair it.
    pub repair: Throughput,
}
