//! One checker's opinion of one region.
//!
//! Owns the results it remembers. Invariant: it begins convinced that the region is healthy.

use crate::model::plan::HealthRule;

/// One checker's opinion.
#[derive(Debug, Clone, Copy)]
pub struct Detector {
    healthy: bool,
    /// Results in a row that contradict it.
    contrary: u32,
    /// The last 64 results, the newest lowest; a one is a success.
    results: u64,
}

impl Detector {
    /// One that has seen only successes.
    pub const fn new() -> Self {
        Self { healthy: true, contrary: 0, results: u64::MAX }
    }

    /// Takes in a result. The new opinion, if it has changed.
    pub fn observe(&mut self, rule: HealthRule, success: bool) -> Option<bool> {
        let healthy = match rule {
            HealthRule::Consecutive { unhealthy_after, healthy_after } => {
                let broken = mutant!("failures_need_not_be_in_a_row": 0 => self.contrary);
                self.contrary = if success == self.healthy { broken } else { self.contrary + 1 };
                let enough = mutant!("a_failure_less_is_enough": 0 => 1);
                let needed = if self.healthy { unhealthy_after.saturating_sub(enough) } else { healthy_after };
                if self.contrary >= needed.max(1) { success } else { self.healthy }
            }
            HealthRule::OfLast { window, good } => {
                self.results = (self.results << 1) | u64::from(success);
                let more = mutant!("one_result_more_counts": 0 => 1);
                let counted = self.results << (64 - (window + more).clamp(1, 64));
                counted.count_ones() >= good
            }
        };
        if healthy == self.healthy {
            return None;
        }
        (self.healthy, self.contrary) = (healthy, 0);
        Some(healthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(rule: HealthRule, results: &[u8]) -> Vec<Option<bool>> {
        let mut detector = Detector::new();
        results.iter().map(|result| detector.observe(rule, *result == 1)).collect()
    }

    #[test]
    fn only_results_in_a_row_count() {
        let rule = HealthRule::Consecutive { unhealthy_after: 3, healthy_after: 2 };
        let seen = changes(rule, &[0, 0, 1, 0, 0, 0, 1, 0, 1, 1]);
        let expected = [None, None, None, None, None, Some(false), None, None, None, Some(true)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn two_of_the_last_four_are_enough() {
        let rule = HealthRule::OfLast { window: 4, good: 2 };
        let seen = changes(rule, &[0, 1, 0, 0, 1, 0]);
        assert_eq!(seen, [None, None, None, Some(false), Some(true), Some(false)]);
    }
}
