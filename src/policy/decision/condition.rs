//! One condition: a figure beyond a limit.
//!
//! Owns the limit at which it begins to hold and the one at which it ends. Does not know for how long it must hold.
//!
//! Invariants: exactly at a limit is inside it. Once it holds, it holds until the figure is back inside the limit it ends
//! at, so that a figure which trembles about one limit does not make it flap. What is too old, of too few, or not alike
//! says nothing.

use super::limit::Limit;
use crate::policy::Observation;
use crate::units::{Figure, Instant, Span, TimedFigure};
use std::cmp::Ordering;

/// On which side of its limit a figure is out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// A figure beyond a limit, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition<K> {
    /// What is looked at.
    pub of: K,
    /// Which side of the limit is meant.
    pub side: Side,
    /// The limit.
    pub limit: Limit,
    /// The limit inside which it ends, if that is another one: nearer to what is wanted.
    pub ends_at: Option<Limit>,
    /// A share of fewer than this says nothing.
    pub at_least: u64,
    /// A sample older than this says nothing.
    pub stale_after: Span,
}

impl<K> Condition<K> {
    /// What `sample` says of it at `now`; `holds`: whether it held when it could last be seen.
    pub fn look(&self, now: Instant, sample: Option<&TimedFigure>, holds: bool) -> Observation {
        let enough = |figure: Figure| match figure {
            Figure::Share { whole, .. } => whole >= self.at_least,
            Figure::Span(_) | Figure::Count(_) => true,
        };
        let fresh = sample.filter(|sample| sample.age(now) <= self.stale_after && enough(sample.figure));
        let limit = self.ends_at.filter(|_| holds).unwrap_or(self.limit);
        match fresh.and_then(|sample| limit.compare(sample.figure)) {
            None => Observation::Missing,
            Some(order) if self.is_beyond(order) => Observation::Exceeded,
            Some(_) => Observation::Within,
        }
    }

    fn is_beyond(&self, order: Ordering) -> bool {
        match self.side {
            Side::Above => order.is_gt(),
            Side::Below => order.is_lt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;

    fn errors(ends_at: Option<u64>) -> Condition<()> {
        Condition {
            of: (),
            side: Side::Above,
            limit: Limit::Share(Ratio::from_percent(10)),
            ends_at: ends_at.map(|percent| Limit::Share(Ratio::from_percent(percent))),
            at_least: 20,
            stale_after: Span::from_secs(30),
        }
    }

    fn share(part: u64, whole: u64) -> Option<TimedFigure> {
        Some(TimedFigure { figure: Figure::Share { part, whole }, taken: Instant::ZERO })
    }

    #[test]
    fn exactly_at_the_limit_is_inside_it_on_either_side() {
        let above = errors(None);
        let below = Condition { side: Side::Below, ..errors(None) };
        for (part, over, under) in [(99, false, true), (100, false, false), (101, true, false)] {
            let sample = share(part, 1000);
            assert_eq!(above.look(Instant::ZERO, sample.as_ref(), false) == Observation::Exceeded, over, "{part}");
            assert_eq!(below.look(Instant::ZERO, sample.as_ref(), false) == Observation::Exceeded, under, "{part}");
        }
    }

    #[test]
    fn what_is_old_or_of_few_says_nothing() {
        let condition = errors(None);
        let look =
            |second, sample: Option<TimedFigure>| condition.look(Instant::from_secs(second), sample.as_ref(), false);
        assert_eq!(look(30, share(20, 20)), Observation::Exceeded, "as old and of as few as it may be");
        assert_eq!(look(31, share(20, 20)), Observation::Missing);
        assert_eq!(look(0, share(19, 19)), Observation::Missing);
        assert_eq!(look(0, None), Observation::Missing);
        let slow = TimedFigure { figure: Figure::Span(Span::from_secs(9)), taken: Instant::ZERO };
        assert_eq!(look(0, Some(slow)), Observation::Missing, "a time is no share");
    }

    #[test]
    fn once_it_holds_it_ends_at_the_other_limit() {
        let condition = errors(Some(5));
        let look = |part, holds| condition.look(Instant::ZERO, share(part, 100).as_ref(), holds);
        assert_eq!([look(7, false), look(7, true)], [Observation::Within, Observation::Exceeded]);
        assert_eq!([look(6, true), look(5, true)], [Observation::Exceeded, Observation::Within]);
    }
}
