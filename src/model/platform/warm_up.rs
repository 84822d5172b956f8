//! A service that has just begun to serve is cold: its work takes longer at first, and ever less so.
//!
//! Does not know why it was cold. Invariant: a service that is warm works as if there were no warm-up at all.

use crate::model::plan::WarmUp;
use crate::units::{Instant, Ratio, Span};

/// How cold one service is.
#[derive(Debug, Clone, Copy)]
pub struct Warmth {
    plan: Option<WarmUp>,
    /// From when on it is warm.
    warm_at: Instant,
}

impl Warmth {
    /// A service that is warm from the start.
    pub const fn new(plan: Option<WarmUp>) -> Self {
        Self { plan, warm_at: Instant::ZERO }
    }

    /// It begins to serve at `now`, cold.
    pub fn chill(&mut self, now: Instant) {
        if let Some(plan) = self.plan {
            self.warm_at = now.saturating_add(plan.over);
        }
    }

    /// How long `work` takes at `now`: longer by a factor that falls to one in proportion to the time that is left.
    #[inline]
    pub fn stretch(&self, work: Span, now: Instant) -> Span {
        if now >= self.warm_at { work } else { self.stretched(work, now) }
    }

    fn stretched(&self, work: Span, now: Instant) -> Span {
        let Some(plan) = self.plan else { return work };
        let one = u128::from(Ratio::ONE.as_ppb());
        let excess = u128::from(plan.factor.as_ppb()).saturating_sub(one);
        let left = u128::from(self.warm_at.since(now).as_nanos());
        let factor = one + excess * left / u128::from(plan.over.as_nanos().max(1));
        Span::from_nanos(u64::try_from(u128::from(work.as_nanos()) * factor / one).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: fn(u64) -> Instant = Instant::from_secs;

    #[test]
    fn work_takes_the_whole_factor_at_first_and_falls_to_its_own_time_evenly() {
        let mut warmth = Warmth::new(Some(WarmUp { over: Span::from_secs(100), factor: Ratio::from_percent(300) }));
        let work = Span::from_millis(40);
        assert_eq!(warmth.stretch(work, T(0)), work, "it serves from the start, so it is warm");
        warmth.chill(T(50));
        let at = |s| warmth.stretch(work, T(s));
        assert_eq!([at(50), at(100), at(125)], [120, 80, 60].map(Span::from_millis));
        assert_eq!([at(150), at(151)], [work, work]);
    }
}
