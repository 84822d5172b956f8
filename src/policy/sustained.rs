//! Whether something has been so for long enough to act on it.
//!
//! Owns the clock of one condition. Does not know what the condition is about.
//!
//! Invariant: the time held is the sum of the gaps between neighbouring evaluations that both saw the condition, since
//! the last evaluation that started the clock over. Nothing else counts.
//!
//! Source: the `for` clause of Prometheus alerting rules (`rules/alerting.go`): time is counted on the evaluation grid,
//! the rule fires at the first evaluation at which it has been active for at least that long, and an evaluation without
//! data starts over. [`OnGap::Hold`] differs in that last point: there, an evaluation without data stops the clock.

use crate::units::{Instant, Span};
use serde::{Deserialize, Serialize};

/// What an evaluation without data does to the clock of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnGap {
    /// It starts over, as in Prometheus.
    #[default]
    Reset,
    /// It stands still: the gap is not counted, and what was counted before it stays.
    Hold,
}

/// What one evaluation saw of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// The condition holds: the value is beyond its limit.
    Exceeded,
    /// The condition does not hold: the value is at its limit or inside it.
    Within,
    /// There was nothing to judge by.
    Missing,
}

/// Fires once a condition has held for the whole of a span.
///
/// Still true at the evaluation exactly `hold` after the first one that saw it is long enough. With a zero `hold` the
/// first evaluation that sees the condition fires. One that sees it clear starts over. One without data does as
/// [`OnGap`] says; it never fires by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SustainedThreshold {
    hold: Span,
    on_gap: OnGap,
    breach: Option<Breach>,
}

/// A stretch of evaluations without one that saw the condition clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Breach {
    since: Instant,
    held: Span,
    /// The last evaluation, if it saw the condition; `None` after one without data.
    counted_to: Option<Instant>,
}

impl SustainedThreshold {
    /// A condition that must hold for `hold`.
    pub const fn new(hold: Span, on_gap: OnGap) -> Self {
        Self { hold, on_gap, breach: None }
    }

    /// Feeds what the evaluation at `now` saw, and says whether the rule fires. `now` must not run backwards; if it
    /// does, no time is counted.
    pub fn observe(&mut self, now: Instant, observation: Observation) -> bool {
        match observation {
            Observation::Within => self.breach = mutant!("a_good_look_does_not_clear": None => self.breach),
            Observation::Missing if mutant!("a_gap_is_held": self.on_gap == OnGap::Reset => false) => {
                self.breach = None
            }
            Observation::Missing => {
                if let Some(breach) = &mut self.breach {
                    breach.counted_to = None;
                }
            }
            Observation::Exceeded => {
                let breach = self.breach.get_or_insert(Breach { since: now, held: Span::ZERO, counted_to: None });
                let last = breach.counted_to.unwrap_or(now);
                breach.held = breach.held.saturating_add(now.since(last));
                breach.counted_to = Some(last.max(now));
            }
        }
        self.fires()
    }

    /// Whether the condition has held long enough. Data going missing changes the answer only where it starts over.
    pub fn fires(&self) -> bool {
        self.breach.is_some_and(
            |breach| mutant!("exactly_as_long_is_too_short": breach.held >= self.hold => breach.held > self.hold),
        )
    }

    /// The first evaluation of the present breach; `None` while the condition is clear.
    pub fn since(&self) -> Option<Instant> {
        self.breach.map(|breach| breach.since)
    }

    /// How long the condition has been seen to hold.
    pub fn held(&self) -> Span {
        self.breach.map_or(Span::ZERO, |breach| breach.held)
    }

    /// When the rule would fire if every evaluation from now on saw the condition; `None` while it is clear or while
    /// data is missing. In the past if it fires already.
    pub fn due(&self) -> Option<Instant> {
        let breach = self.breach?;
        breach.counted_to.map(|last| last.saturating_add(self.hold.saturating_sub(breach.held)))
    }
}

#[cfg(test)]
mod tests {
    use super::Observation::{Exceeded, Missing, Within};
    use super::*;
    use proptest::prelude::*;

    fn at(ns: u64) -> Instant {
        Instant::from_nanos(ns)
    }

    #[test]
    fn it_fires_exactly_at_the_hold_and_not_one_nanosecond_before() {
        let mut rule = SustainedThreshold::new(Span::from_nanos(60), OnGap::Hold);
        assert!(!rule.observe(at(100), Exceeded));
        assert_eq!(rule.due(), Some(at(160)));
        assert!(!rule.clone().observe(at(159), Exceeded));
        assert!(rule.observe(at(160), Exceeded));
        assert_eq!((rule.since(), rule.held(), rule.due()), (Some(at(100)), Span::from_nanos(60), Some(at(160))));
    }

    #[test]
    fn one_clear_evaluation_starts_over() {
        let mut rule = SustainedThreshold::new(Span::from_nanos(60), OnGap::Hold);
        rule.observe(at(0), Exceeded);
        assert!(!rule.observe(at(59), Within));
        assert_eq!((rule.since(), rule.due()), (None, None));
        assert!(!rule.observe(at(60), Exceeded));
        assert!(!rule.observe(at(119), Exceeded));
        assert!(rule.observe(at(120), Exceeded));
    }

    #[test]
    fn a_zero_hold_fires_at_once() {
        let mut rule = SustainedThreshold::new(Span::ZERO, OnGap::Hold);
        assert!(!rule.observe(at(5), Within));
        assert!(!rule.observe(at(6), Missing));
        assert!(rule.observe(at(7), Exceeded));
    }

    #[test]
    fn missing_data_neither_advances_nor_resets_where_it_holds_the_clock() {
        let mut rule = SustainedThreshold::new(Span::from_nanos(20), OnGap::Hold);
        rule.observe(at(0), Exceeded);
        rule.observe(at(10), Exceeded);
        assert!(!rule.observe(at(20), Missing), "not advanced to 20");
        assert_eq!((rule.held(), rule.due()), (Span::from_nanos(10), None));
        assert!(!rule.observe(at(1000), Exceeded), "the gap is not counted");
        assert_eq!(rule.due(), Some(at(1010)));
        assert!(rule.observe(at(1010), Exceeded), "what was counted before the gap stays");
        assert!(rule.observe(at(1020), Missing), "nor does silence revoke what has fired");
    }

    #[test]
    fn missing_data_starts_over_as_in_prometheus() {
        let mut rule = SustainedThreshold::new(Span::from_nanos(20), OnGap::Reset);
        rule.observe(at(0), Exceeded);
        rule.observe(at(19), Exceeded);
        assert!(!rule.observe(at(20), Missing));
        assert_eq!((rule.held(), rule.since(), rule.due()), (Span::ZERO, None, None));
        assert!(!rule.observe(at(30), Exceeded));
        assert!(rule.observe(at(50), Exceeded));
        assert!(!rule.observe(at(60), Missing), "what fired is over when nothing shows it any more");
    }

    #[test]
    fn prometheus_evaluates_on_a_grid() {
        // Onset 7 s, interval 15 s, `for` 60 s: active at 15, fires at 75; `for` 50 s also fires at 75.
        for hold in [60, 50] {
            let mut rule = SustainedThreshold::new(Span::from_secs(hold), OnGap::Hold);
            let fired = (0..10).map(|k| Instant::from_secs(15 * k)).find(|&now| {
                let seen = if now >= Instant::from_secs(7) { Exceeded } else { Within };
                rule.observe(now, seen)
            });
            assert_eq!(fired, Some(Instant::from_secs(75)));
        }
    }

    /// The rule, from the whole history, by its definition.
    fn recompute(hold: u64, on_gap: OnGap, history: &[(u64, Observation)]) -> bool {
        let starts_over = |seen| seen == Within || (seen == Missing && on_gap == OnGap::Reset);
        let start = history.iter().rposition(|(_, seen)| starts_over(*seen)).map_or(0, |clear| clear + 1);
        let breach = &history[start..];
        let held: u64 = breach
            .windows(2)
            .filter(|pair| pair[0].1 == Exceeded && pair[1].1 == Exceeded)
            .map(|pair| pair[1].0 - pair[0].0)
            .sum();
        breach.iter().any(|(_, seen)| *seen == Exceeded) && held >= hold
    }

    proptest! {
        #[test]
        fn it_equals_recomputing_from_the_whole_history(
            hold in 0_u64..30,
            on_gap in prop::sample::select(vec![OnGap::Reset, OnGap::Hold]),
            steps in prop::collection::vec((0_u64..12, prop::sample::select(vec![Exceeded, Exceeded, Within, Missing])), 0..60),
        ) {
            let mut rule = SustainedThreshold::new(Span::from_nanos(hold), on_gap);
            let mut history = Vec::new();
            let mut now = 0;
            for (gap, seen) in steps {
                now += gap;
                history.push((now, seen));
                let predicted = rule.due();
                let fired = rule.observe(at(now), seen);
                prop_assert_eq!(fired, recompute(hold, on_gap, &history));
                if let (Some(due), Exceeded) = (predicted, seen) {
                    prop_assert_eq!(fired, at(now) >= due, "due is when it fires");
                }
            }
        }
    }
}
