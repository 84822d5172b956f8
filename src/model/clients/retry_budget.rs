//! How many retries a population of clients allows itself.
//!
//! A token bucket: every request puts in a share of a token, every retry takes a whole one. Does not know what failed.
//!
//! Invariant: over any stretch of the run, retries never exceed the share of the requests of that stretch by more than
//! the bucket holds. Source: Beyer et al., Site Reliability Engineering (2016), ch. 21, a retry budget of 10 %; the
//! bucket as in gRPC retry throttling (proposal A6).

use crate::units::Ratio;

/// One retry, in billionths of a token.
const TOKEN: u64 = 1_000_000_000;

/// A budget of retries.
#[derive(Debug, Clone, Copy)]
pub struct RetryBudget {
    share: u64,
    tokens: u64,
    most: u64,
}

impl RetryBudget {
    /// A full bucket for `burst` retries, into which each request puts `share` of one.
    pub fn new(share: Ratio, burst: u32) -> Self {
        let most = u64::from(burst) * TOKEN;
        let share = mutant!("a_budget_allows_twice_the_retries": share.as_ppb() => 2 * share.as_ppb());
        Self { share, tokens: most, most }
    }

    /// A request was started.
    #[inline]
    pub fn deposit(&mut self) {
        self.tokens = self.tokens.saturating_add(self.share).min(self.most);
    }

    /// Whether there is a token for one more retry.
    #[inline]
    pub fn allows(&self) -> bool {
        self.tokens >= TOKEN
    }

    /// A retry takes its token.
    #[inline]
    pub fn spend(&mut self) {
        self.tokens = self.tokens.saturating_sub(TOKEN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn retries_never_exceed_the_share_of_requests_and_the_burst(
            percent in 0..50_u64,
            burst in 0..20_u32,
            failures in prop::collection::vec(any::<bool>(), 1..500),
        ) {
            let mut budget = RetryBudget::new(Ratio::from_percent(percent), burst);
            let mut retries = 0_u64;
            for failed in &failures {
                budget.deposit();
                while *failed && budget.allows() {
                    budget.spend();
                    retries += 1;
                }
            }
            let earned = failures.len() as u64 * percent;
            prop_assert!(retries * 100 <= earned + u64::from(burst) * 100, "{retries} retries");
        }
    }

    #[test]
    fn a_budget_of_a_tenth_allows_one_retry_in_ten_requests_once_the_burst_is_spent() {
        let mut budget = RetryBudget::new(Ratio::from_percent(10), 1);
        budget.spend();
        for request in 1..=10 {
            assert!(!budget.allows(), "after {} requests", request - 1);
            budget.deposit();
        }
        assert!(budget.allows());
    }
}
