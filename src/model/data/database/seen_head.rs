//! What monitoring knows of the head of an authority's log, and how far it may have gone since.
//!
//! Does not know the log itself. Invariant: the bound never falls below a head that was seen.

use crate::ports::HeadBound;
use crate::units::Instant;

/// How much faster than ever seen between two scrapes the log is assumed to have grown after the last one. A bound must
/// hold for bursts too; between scrapes of some seconds, twice the mean is many standard deviations for any steady load.
/// The fastest ever, not the last: what was idle while it could not be reached is not idle once it can.
const BURST: u128 = 2;

/// Heads scraped.
#[derive(Debug, Clone, Copy, Default)]
pub struct SeenHead {
    last: Option<(u64, Instant)>,
    /// The most positions per nanosecond between any two scrapes, as dividend and divisor.
    growth: Option<(u64, u64)>,
    first_failed: Option<Instant>,
}

impl SeenHead {
    /// A scrape at `at` saw `head`, or failed.
    pub fn scraped(&mut self, at: Instant, head: Option<u64>) {
        let Some(head) = head else {
            self.first_failed.get_or_insert(at);
            return;
        };
        if let Some((before, then)) = self.last {
            let (grown, over) = (head.saturating_sub(before), at.since(then).as_nanos().max(1));
            let faster =
                |(most, of): (u64, u64)| u128::from(grown) * u128::from(of) >= u128::from(most) * u128::from(over);
            if mutant!("the_last_growth_counts": self.growth.is_none_or(faster) => true) {
                self.growth = Some((grown, over));
            }
        }
        self.last = Some((head, at));
        self.first_failed = mutant!("the_dead_stay_dead": None => self.first_failed);
    }

    /// The positions the log has not passed at `now`; `None` before two scrapes have seen how fast it grows. That scrapes fail does not show that
    /// it is dead: it may be cut off, and still take the writes of clients that reach it.
    pub fn bound(&self, now: Instant) -> Option<HeadBound> {
        let if_dead = self.head_at(mutant!("the_dead_write_on": self.first_failed.unwrap_or(now) => now))?;
        Some(HeadBound { if_dead, if_alive: self.head_at(now)?.max(if_dead) })
    }

    /// The head at an instant, had the log grown as fast as assumed.
    fn head_at(&self, instant: Instant) -> Option<u64> {
        let (head, at) = self.last?;
        let open = instant.since(at).as_nanos();
        let (grown, over) = self.growth?;
        let since = (BURST * u128::from(grown) * u128::from(open)).div_ceil(u128::from(over.max(1)));
        Some(head.saturating_add(mutant!("a_log_stands_still_unseen": u64::try_from(since).unwrap_or(u64::MAX) => 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    #[test]
    fn the_bound_covers_what_may_have_been_written_dead_or_alive() {
        let both = |if_dead, if_alive| Some(HeadBound { if_dead, if_alive });
        let mut seen = SeenHead::default();
        assert_eq!(seen.bound(T(0)), None);
        seen.scraped(T(10), Some(1_000));
        assert_eq!(seen.bound(T(11)), None, "nobody knows how fast it grows");
        seen.scraped(T(20), Some(2_000));
        let mut idle = seen;
        idle.scraped(T(30), Some(2_000));
        assert_eq!(idle.bound(T(31)), both(2_200, 2_200), "idle for a scrape, and yet as fast as before");
        assert_eq!(seen.bound(T(25)), both(3_000, 3_000), "seen alive: twice 100/s for 5 s");
        seen.scraped(T(30), None);
        seen.scraped(T(40), None);
        assert_eq!(seen.bound(T(90)), both(4_000, 16_000), "it died between 20 s and 30 s, or it is cut off");
    }

    #[test]
    fn an_authority_that_is_seen_again_was_not_dead() {
        let mut seen = SeenHead::default();
        for (second, head) in [(10, Some(1_000)), (20, Some(2_000)), (30, None), (40, Some(4_000))] {
            seen.scraped(T(second), head);
        }
        let bound = seen.bound(T(45)).expect("it was seen to grow");
        assert_eq!((bound.if_dead, bound.if_alive), (5_000, 5_000));
    }
}
