//! When a control loop looks.
//!
//! Invariant: evaluations are at whole multiples of the interval since the start of the run, whenever the loop begins.

use crate::units::{Instant, Span};

/// The first evaluation at `now` or later. A grid of zero is one of a nanosecond.
pub(super) fn next_on_grid(now: Instant, every: Span) -> Instant {
    let every = every.as_nanos().max(1);
    Instant::from_nanos(now.as_nanos().div_ceil(every).saturating_mul(every))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_lie_on_the_grid_whenever_the_loop_begins() {
        let every = Span::from_secs(5);
        for (now, next) in [(0, 0), (1, 5), (4_999_999_999, 5), (5_000_000_000, 5), (5_000_000_001, 10)] {
            assert_eq!(next_on_grid(Instant::from_nanos(now), every), Instant::from_secs(next), "from {now} ns");
        }
        assert_eq!(next_on_grid(Instant::from_nanos(7), Span::ZERO), Instant::from_nanos(7));
    }
}
