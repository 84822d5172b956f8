//! The wall clock, as controllers that take over from each other share it.
//!
//! Owns where a process begins on it. Does not know what is done when.
//!
//! Invariants: it counts from the moment the group's journal was begun, so that what a process has written down means the
//! same to the next. Inside a process it goes by a clock that nobody sets, and a process begins no earlier than the last thing that was
//! written down; only how long it took from one process to the next is as wrong as the wall clock is.

use super::LiveError;
use crate::ports::Clock;
use crate::units::{Instant, Span};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock on tokio's time.
#[derive(Debug, Clone, Copy)]
pub struct LiveClock {
    /// What it shows at `began`.
    offset: Span,
    began: tokio::time::Instant,
}

impl LiveClock {
    /// A clock that shows `offset` at present.
    pub fn showing(offset: Span) -> Self {
        Self { offset, began: tokio::time::Instant::now() }
    }

    /// The same clock, set forward to `least` if it shows less at present.
    pub fn at_least(self, least: Span) -> Self {
        if self.now().since(Instant::ZERO) < least { Self::showing(least) } else { self }
    }
}

impl Clock for LiveClock {
    fn now(&self) -> Instant {
        Instant::ZERO.saturating_add(self.offset).saturating_add(span(self.began.elapsed()))
    }

    async fn sleep(&self, span: Span) {
        tokio::time::sleep(Duration::from_nanos(span.as_nanos())).await;
    }
}

/// Nanoseconds since 1970 by the wall clock.
///
/// # Errors
///
/// The wall clock stands before that.
#[expect(
    clippy::disallowed_methods,
    reason = "it says when a group began, and how long ago that is for the next process"
)]
pub(super) fn wall_clock() -> Result<u64, LiveError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let told = |error| LiveError::System {
        path: "the wall clock".into(),
        tried: "cannot be right",
        error: std::io::Error::other(error),
    };
    Ok(span(since.map_err(told)?).as_nanos())
}

/// As long as 64 bits of nanoseconds can say.
pub(super) fn span(duration: Duration) -> Span {
    Span::from_nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
