//! Token buckets: what is let through, and what is answered at once with "too many requests".
//!
//! Owns how full the buckets are. Does not know what happens to a request that is turned away.
//!
//! Invariant: over any stretch of time no more passes than a full bucket and what the rate gives in that time. What is
//! turned away takes nothing out.

use crate::model::plan::{LimitPlan, RetryAfter};
use crate::units::{Instant, Rate, Span};

const PICOS_PER_NANO: u128 = 1_000;
/// A million days, the unit of rates, in picoseconds.
const MILLION_DAYS: u128 = 86_400 * 1_000_000 * 1_000_000_000_000;

/// One bucket, told by when it will be full again (the virtual scheduling form of the generic cell rate algorithm,
/// ITU-T I.371, which is a token bucket without a clock of its own). Times in picoseconds.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// How long one takes to flow in.
    each: u128,
    /// How long an empty bucket takes to fill.
    depth: u128,
    full_at: u128,
}

impl Bucket {
    fn new(rate: Rate, over: Span) -> Self {
        let each = MILLION_DAYS / u128::from(rate.per_million_days().max(1));
        // However rare: one fits in.
        let depth = (u128::from(over.as_nanos()) * PICOS_PER_NANO).max(each);
        Self { each, depth, full_at: 0 }
    }

    /// How long from `now` until it has room for `count` more, if nothing else is taken out.
    fn room_in(&self, count: u64, now: Instant) -> u128 {
        let now = u128::from(now.as_nanos()) * PICOS_PER_NANO;
        let cost = self.each * u128::from(count);
        (self.full_at.max(now) + cost).saturating_sub(self.depth.max(cost)).saturating_sub(now)
    }

    /// How long from `now` until it is full.
    fn full_in(&self, now: Instant) -> u128 {
        self.full_at.saturating_sub(u128::from(now.as_nanos()) * PICOS_PER_NANO)
    }

    /// When it will be full once `count` more are taken out at `now`; `None` if there are not as many. More than it
    /// ever holds are let through by a full bucket, which then owes the rest.
    fn after(&self, count: u64, now: Instant) -> Option<u128> {
        let now = u128::from(now.as_nanos()) * PICOS_PER_NANO;
        let cost = self.each * u128::from(count);
        let full_at = self.full_at.max(now) + cost;
        let depth = mutant!("a_bucket_holds_half": self.depth => self.depth / 2);
        (full_at - now <= depth.max(cost)).then_some(full_at)
    }
}

/// The buckets of one limit.
#[derive(Debug, Clone, Copy)]
pub struct Limiter {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    retry_after: RetryAfter,
}

impl Limiter {
    /// Full buckets.
    pub fn new(plan: &LimitPlan) -> Self {
        let bucket = |rate: Option<Rate>| rate.map(|rate| Bucket::new(rate, plan.over));
        Self { requests: bucket(plan.requests), tokens: bucket(plan.tokens), retry_after: plan.retry_after }
    }

    /// Whether it asks for the number of tokens of a request at all.
    pub fn counts_tokens(&self) -> bool {
        self.tokens.is_some()
    }

    /// After how long a request of `tokens` tokens that was turned away at `now` is told to come back; `None`: it is told
    /// nothing.
    pub fn retry_after(&self, tokens: u64, now: Instant) -> Option<Span> {
        let (requests, of_tokens) = (self.requests.as_ref(), self.tokens.as_ref());
        let waits = match self.retry_after {
            RetryAfter::Nothing => return None,
            RetryAfter::Next => [requests.map(|b| b.room_in(1, now)), of_tokens.map(|b| b.room_in(tokens, now))],
            RetryAfter::Reset => [requests.map(|b| b.full_in(now)), of_tokens.map(|b| b.full_in(now))],
        };
        let picos = waits.into_iter().flatten().max().unwrap_or(0);
        Some(Span::from_nanos(u64::try_from(picos.div_ceil(PICOS_PER_NANO)).unwrap_or(u64::MAX)))
    }

    /// Lets one request of `tokens` tokens through at `now`, if every bucket has enough.
    pub fn admits(&mut self, tokens: u64, now: Instant) -> bool {
        let after = |bucket: &Option<Bucket>, count| match bucket {
            Some(bucket) => bucket.after(count, now).map(Some),
            None => Some(None),
        };
        let (Some(requests), Some(spent)) = (after(&self.requests, 1), after(&self.tokens, tokens)) else {
            return false;
        };
        for (bucket, full_at) in [(&mut self.requests, requests), (&mut self.tokens, spent)] {
            if let (Some(bucket), Some(full_at)) = (bucket, full_at) {
                bucket.full_at = full_at;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MS: fn(u64) -> Instant = |ms| Instant::ZERO.saturating_add(Span::from_millis(ms));

    fn limiter(requests: Option<&str>, tokens: Option<&str>, over: u64) -> Limiter {
        let rate = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let retry_after = RetryAfter::Next;
        Limiter::new(&LimitPlan {
            requests: rate(requests),
            tokens: rate(tokens),
            over: Span::from_secs(over),
            retry_after,
        })
    }

    #[test]
    fn who_is_turned_away_is_told_when_the_next_is_let_through_or_all_is_as_before() {
        let mut limiter = limiter(Some("10/s"), None, 2);
        assert!((0..20).all(|_| limiter.admits(0, MS(0))));
        assert!(!limiter.admits(0, MS(40)));
        assert_eq!(limiter.retry_after(0, MS(40)), Some(Span::from_millis(60)));
        let reset = Limiter { retry_after: RetryAfter::Reset, ..limiter };
        assert_eq!(reset.retry_after(0, MS(40)), Some(Span::from_millis(1_960)));
        assert_eq!(Limiter { retry_after: RetryAfter::Nothing, ..limiter }.retry_after(0, MS(40)), None);
        assert!(limiter.admits(0, MS(100)), "it was told the truth");
    }

    #[test]
    fn a_full_bucket_lets_its_burst_through_and_then_the_rate() {
        let mut limiter = limiter(Some("10/s"), None, 2);
        let burst = (0..50).filter(|_| limiter.admits(0, MS(0))).count();
        assert_eq!(burst, 20);
        assert_eq!([99, 100, 101, 199, 200].map(|ms| limiter.admits(0, MS(ms))), [false, true, false, false, true]);
    }

    #[test]
    fn what_is_turned_away_for_its_tokens_does_not_count_as_a_request() {
        let mut limiter = limiter(Some("1/s"), Some("100/s"), 1);
        assert!(limiter.admits(60, MS(0)));
        assert!(!limiter.admits(60, MS(1_000 - 1)), "no request has flowed in yet");
        assert!(limiter.admits(90, MS(1_000)));
        assert!(!limiter.admits(40, MS(2_000 - 700)), "neither");
        assert!(limiter.admits(90, MS(2_000)), "the refusals took nothing");
    }

    #[test]
    fn a_request_larger_than_the_bucket_needs_it_full_and_leaves_a_debt() {
        let mut limiter = limiter(None, Some("100/s"), 1);
        assert!(limiter.admits(1, MS(0)));
        assert!(!limiter.admits(500, MS(5)), "not full");
        assert!(limiter.admits(500, MS(10)));
        assert_eq!([4_000, 4_029, 5_009, 5_010].map(|ms| limiter.admits(100, MS(ms))), [false, false, false, true]);
    }

    proptest! {
        #[test]
        fn no_more_passes_than_a_full_bucket_and_what_flows_in(
            gaps in prop::collection::vec(0_u64..300, 1..400), rate in 1_u64..40, over in 1_u64..5,
        ) {
            let mut limiter = limiter(Some(&format!("{rate}/s")), None, over);
            let (mut now, mut passed) = (0, 0);
            for gap in gaps {
                now += gap;
                let told = limiter.retry_after(0, MS(now)).unwrap();
                let admitted = limiter.admits(0, MS(now));
                prop_assert_eq!(admitted, told == Span::ZERO, "what is told is when it is let through");
                passed += u64::from(admitted);
                prop_assert!(passed * 1_000 <= rate * over * 1_000 + rate * now, "{passed} by {now} ms");
            }
        }
    }
}
