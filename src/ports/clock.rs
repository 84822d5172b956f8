//! Time, as the controller's own clock shows it. Nothing says that the clock is right.

use crate::units::{Instant, Span};

/// The clock the procedure lives by.
pub trait Clock {
    /// The present instant.
    fn now(&self) -> Instant;
    /// Waits for `span`.
    async fn sleep(&self, span: Span);
}
