//! The records at the authoritative servers. What caches serve is not told here.

use super::PortError;
use crate::units::Span;

/// The DNS provider's control API.
pub trait Dns {
    /// Points the record `name` at `region`. Returns once the change is published at the authoritative servers; caches
    /// keep serving what they hold until it expires. Idempotent.
    async fn point_record(&self, name: &str, region: &str) -> Result<(), PortError>;
    /// The region the authoritative servers name at present.
    async fn read_record(&self, name: &str) -> Result<String, PortError>;
    /// Sets how long caches may keep an answer about the record `name`. Returns once the change is published at the
    /// authoritative servers; what a cache has fetched before, it keeps for as long as it was allowed to then. Idempotent.
    async fn set_ttl(&self, name: &str, ttl: Span) -> Result<(), PortError>;
    /// How long the authoritative servers allow an answer to be kept at present.
    async fn read_ttl(&self, name: &str) -> Result<Span, PortError>;
}
