//! A cached answer, and how old answers are when a run begins.

use crate::kernel::{Stream, below};
use crate::model::plan::{Ages, Target};
use crate::units::{Instant, Span};

/// A cached answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CachedAnswer {
    /// What the name stands for.
    pub target: Target,
    /// Until when the answer may be kept.
    pub expires: Instant,
    /// How long it could be kept when it was fresh.
    pub keep: Span,
}

impl CachedAnswer {
    /// An answer to a question asked at `at`.
    pub fn fresh(target: Target, at: Instant, keep: Span) -> Self {
        Self { target, expires: at.saturating_add(keep), keep }
    }

    /// When it was asked for; the start, if that was before.
    pub fn asked(&self) -> Instant {
        Instant::from_nanos(self.expires.as_nanos().saturating_sub(self.keep.as_nanos()))
    }

    /// Whether it may not be used any more.
    #[inline]
    pub fn has_expired(&self, now: Instant) -> bool {
        now >= self.expires
    }
}

/// The first expiry of cache `index` of `count` whose answers live `ttl`: ages are spread evenly, the last one fresh.
pub fn phase(ttl: Span, index: u64, count: u64) -> Instant {
    let nanos = u128::from(ttl.as_nanos()) * u128::from(index + 1) / u128::from(count.max(1));
    Instant::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// `at`, moved by that much, to the start at the earliest.
pub fn shifted(at: Instant, by: Span, later: bool) -> Instant {
    match later {
        true => at.saturating_add(by),
        false => Instant::from_nanos(at.as_nanos().saturating_sub(by.as_nanos())),
    }
}

/// The first expiry of cache `index` of `count`, as `ages` says.
pub fn first_expiry(ages: Ages, ttl: Span, (index, count): (u64, u64), draws: Stream) -> Instant {
    match ages {
        Ages::Even => phase(ttl, index, count),
        Ages::Random => {
            let oldest = mutant!("no_cache_is_fresh": ttl.as_nanos() => ttl.as_nanos() / 2);
            Instant::from_nanos(below(draws.at(index), oldest).saturating_add(1))
        }
    }
}
