//! How long to wait before trying again.
//!
//! Source: exponential backoff with jitter as in the AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).

use crate::units::{Ratio, Span};

/// How a waiting time is spread, so that clients which failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// Uniformly from zero to the full wait.
    Full,
    /// Uniformly from half to one and a half times the wait.
    Half,
    /// Uniformly from three quarters of the wait to all of it.
    Quarter,
}

/// Exponential backoff: `base` × `factor`ⁿ, at most `cap`, then spread by `jitter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait before the first retry.
    pub base: Span,
    /// By how much each further wait is longer: 200 % doubles.
    pub factor: Ratio,
    /// The longest wait before jitter.
    pub cap: Span,
    /// How the wait is spread.
    pub jitter: Jitter,
}

impl Backoff {
    /// The wait before retry number `retry` (0 for the first), spread by `draw`, a uniform 64-bit number.
    pub fn wait(&self, retry: u32, draw: u64) -> Span {
        let mut wait = u128::from(self.base.as_nanos());
        let cap = u128::from(self.cap.as_nanos());
        for _ in 0..retry {
            let next = wait * u128::from(self.factor.as_ppb()) / u128::from(Ratio::ONE.as_ppb());
            if next == wait || next >= cap || next == 0 {
                wait = next;
                break;
            }
            wait = next;
        }
        let wait = wait.min(cap);
        let spread = (wait * u128::from(draw)) >> 64;
        let jittered = match self.jitter {
            Jitter::None => wait,
            Jitter::Full => spread,
            Jitter::Half => wait / 2 + spread,
            Jitter::Quarter => wait - wait / 4 + spread / 4,
        };
        Span::from_nanos(u64::try_from(jittered).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        base: Span::from_millis(200),
        factor: Ratio::from_percent(200),
        cap: Span::from_secs(1),
        jitter: Jitter::None,
    };

    #[test]
    fn waits_double_up_to_the_cap() {
        let waits: Vec<u64> = (0..5).map(|n| BACKOFF.wait(n, 0).as_nanos() / 1_000_000).collect();
        assert_eq!(waits, [200, 400, 800, 1000, 1000]);
        assert_eq!(BACKOFF.wait(u32::MAX, 0), Span::from_secs(1));
    }

    #[test]
    fn jitter_stays_inside_its_range() {
        let full = Backoff { jitter: Jitter::Full, ..BACKOFF };
        let half = Backoff { jitter: Jitter::Half, ..BACKOFF };
        assert_eq!((full.wait(0, 0), half.wait(0, 0)), (Span::ZERO, Span::from_millis(100)));
        assert!(full.wait(0, u64::MAX) < Span::from_millis(200));
        assert!(half.wait(0, u64::MAX) < Span::from_millis(300));
        let quarter = Backoff { jitter: Jitter::Quarter, ..BACKOFF };
        assert_eq!(quarter.wait(0, 0), Span::from_millis(150));
        assert!(quarter.wait(0, u64::MAX) <= Span::from_millis(200));
    }
}
