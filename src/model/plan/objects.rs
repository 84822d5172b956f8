//! Buckets of an object store, as planned.

use crate::units::{Bytes, RegionId, Span, Throughput};

/// A bucket: objects by key, copied between regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlan {
    /// Its name.
    pub name: String,
    /// Where its copies are. The first is asked by services of regions that have none.
    pub regions: Vec<RegionId>,
    /// The replication delay: from an object being put into one copy to being in another.
    pub delay: Span,
    /// How long the store takes to put or get an object.
    pub time: Span,
    /// How long a service waits for an answer.
    pub call_timeout: Span,
    /// The size of one object.
    pub object: Bytes,
    /// How fast a copy is verified.
    pub verify: Throughput,
    /// How fast objects are copied from another copy to repair damage.
    pub repair: Throughput,
}
