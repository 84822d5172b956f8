//! Health judged from the answers that real requests get, over a window.
//!
//! Owns what was counted at each judgement. Invariants: with too few requests nothing is judged; a region that was
//! ejected is tried again after its time, with an empty window; what is under way counts for nothing.

use crate::model::plan::PassivePlan;
use crate::units::{Instant, Ratio};
use std::collections::VecDeque;

/// Attempts sent to a region that ended, answered or not, and requests that it served, so far.
pub type RequestCounts = (u64, u64);

/// The judgement on one region.
#[derive(Debug, Clone, Default)]
pub struct Passive {
    counted: VecDeque<RequestCounts>,
    ejected_until: Option<Instant>,
}

impl Passive {
    /// Judges at `now`. The new verdict, if it has changed.
    pub fn judge(&mut self, plan: &PassivePlan, now: Instant, flow: RequestCounts) -> Option<bool> {
        if let Some(until) = self.ejected_until {
            if now < until {
                return None;
            }
            self.ejected_until = None;
            self.counted.clear();
            self.counted.push_back(flow);
            return Some(true);
        }
        let window = plan.window.as_nanos().div_ceil(plan.every.as_nanos().max(1)).max(1);
        while self.counted.len() as u64 > window {
            self.counted.pop_front();
        }
        let first = self.counted.front().copied().unwrap_or((0, 0));
        self.counted.push_back(flow);
        let (sent, served) = (flow.0 - first.0, flow.1 - first.1);
        let enough = sent >= plan.minimum.max(1);
        let good =
            u128::from(served) * u128::from(Ratio::ONE.as_ppb()) >= u128::from(sent) * u128::from(plan.below.as_ppb());
        if !enough || good {
            return None;
        }
        self.ejected_until = Some(now.saturating_add(plan.eject_for));
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn plan() -> PassivePlan {
        PassivePlan {
            below: Ratio::from_percent(85),
            window: Span::from_secs(20),
            minimum: 100,
            every: Span::from_secs(10),
            eject_for: Span::from_secs(30),
        }
    }

    fn verdicts(flows: &[RequestCounts]) -> Vec<Option<bool>> {
        let mut passive = Passive::default();
        (0..).zip(flows).map(|(n, flow)| passive.judge(&plan(), Instant::from_secs(10 * n), *flow)).collect()
    }

    #[test]
    fn the_window_is_what_was_counted_since_its_beginning() {
        // Eighty of a hundred in each of the last two intervals.
        let seen = verdicts(&[(0, 0), (1_000, 1_000), (1_100, 1_080), (1_200, 1_160)]);
        assert_eq!(seen, [None, None, None, Some(false)]);
    }

    #[test]
    fn too_few_requests_prove_nothing() {
        assert_eq!(verdicts(&[(0, 0), (40, 0), (80, 0), (99, 0)]), [None; 4]);
    }

    #[test]
    fn an_ejected_region_is_tried_again_with_an_empty_window() {
        let seen = verdicts(&[(0, 0), (200, 0), (200, 0), (200, 0), (200, 0), (299, 0), (300, 0)]);
        assert_eq!(seen, [None, Some(false), None, None, Some(true), None, Some(false)]);
    }
}
