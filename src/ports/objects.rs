//! Buckets of an object store. What clients put and get does not go this way.

use super::PortError;
use serde::{Deserialize, Serialize};

/// The control API of an object store.
pub trait Objects {
    /// The state of the copy of `bucket` in `region`, as the store shows it: a listing reads no content.
    async fn bucket_status(&self, bucket: &str, region: &str) -> Result<BucketStatus, PortError>;
    /// Reads the copy of `bucket` in `region` to its end and compares it with what should be there. Changes nothing.
    async fn verify_bucket(&self, bucket: &str, region: &str) -> Result<BucketDamage, PortError>;
    /// Copies into the copy of `bucket` in `region` what is missing, cannot be read or is behind there, from the copies that
    /// answer. Returns once that is done. Idempotent: what is as it should be is left alone.
    async fn repair_bucket(&self, bucket: &str, region: &str) -> Result<BucketRepair, PortError>;
}

/// A copy of a bucket, as the store shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketStatus {
    /// Objects listed, readable or not.
    pub objects: u64,
    /// Objects put elsewhere that have not arrived.
    pub backlog: u64,
}

/// What verifying a copy has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketDamage {
    /// Objects that are not there.
    pub missing: u64,
    /// Objects whose content is not what was put.
    pub corrupt: u64,
}

impl BucketDamage {
    /// Whether nothing was found.
    pub const fn is_none(self) -> bool {
        self.missing == 0 && self.corrupt == 0
    }
}

/// What a repair has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketRepair {
    /// Objects copied from another copy.
    pub copied: u64,
    /// Objects that are still damaged: no copy that answered had a sound one.
    pub beyond: u64,
}
