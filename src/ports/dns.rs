//! The records at the authoritative servers. What caches serve is not told here.

use super::PortError;

/// The DNS provider's control API.
pub trait Dns {
    /// Points the record `name` at `region`. Returns once the change is published at the authoritative servers;
    /// caches go on serving what they hold until it expires. Idempotent.
    async fn point_record(&self, name: &str, region: &str) -> Result<(), PortError>;
    /// The region the authoritative servers name at present.
    async fn read_record(&self, name: &str) -> Result<String, PortError>;
}
