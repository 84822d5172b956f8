//! Being told that something has happened, by those who run the system.
//!
//! Invariant: waiting is no call that could be lost: it ends when the event has happened, however long that takes, and at
//! once if it happened before.

use super::PortError;
use crate::units::Instant;

/// Hearing of events.
pub trait Occurrences {
    /// Waits until the event of that name has happened `occurrence` times since records began, counted from 1. Says when
    /// that was.
    ///
    /// # Errors
    ///
    /// Why nothing can be heard of it: ask again.
    async fn occurred(&self, event: &str, occurrence: u32) -> Result<Instant, PortError>;
}
