//! How the copies of buckets are verified and repaired.

use super::Prose;
use crate::units::plural;

events! {
    /// How control verifies and repairs the copies of a bucket.
    ScrubEvent, ScrubKind;

    /// Control found objects of a copy that are missing or corrupt.
    Found by Control "scrub.found" { bucket: String, region: String, missing: u64, corrupt: u64 }
        => { format!("{bucket} in {region}: {} missing, {corrupt} corrupt", plural(*missing, "object")) }
    /// Control had a copy repaired, and no damage is left.
    Repaired by Control "scrub.repaired" { bucket: String, region: String, copied: u64 }
        => { format!("{bucket} in {region}: {} copied", plural(*copied, "object")) }
    /// Control had a copy repaired, but no other copy that answered has the objects that are still damaged; a person
    /// must act.
    BeyondRepair by Control "scrub.beyond_repair" { bucket: String, region: String, copied: u64, left: u64 }
        => {
        format!("{bucket} in {region}: {} copied, {left} that no copy has: a person must act", plural(*copied, "object"))
    }
    /// A copy could not be verified or repaired.
    Failed by Control "scrub.failed" { bucket: String, region: String, error: Prose } => "{bucket} in {region}: {error}"
}
