//! Keeping automatic action from storming.
//!
//! Owns when the last automatic action was taken. Does not know what it was; what a person starts does not ask here.
//!
//! Invariant: no closed interval as long as the window holds two permitted actions, whatever the input does.

use crate::units::{Instant, Span};

/// Permits one automatic action, then none until more than `window` has passed.
///
/// Exactly `window` later is still too early: a check that counts actions in a closed interval of that length counts
/// both ends. Source: anti-flapping as in the `RecoveryPeriodBlockSeconds` of orchestrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoolDown {
    window: Span,
    last: Option<Instant>,
}

impl CoolDown {
    /// A cool-down during which nothing has happened yet.
    pub const fn new(window: Span) -> Self {
        Self { window, last: None }
    }

    /// Whether an action at `now` is permitted.
    pub fn permits(&self, now: Instant) -> bool {
        self.last.is_none_or(|last| mutant!("the_window_is_open_at_its_end": now.since(last) > self.window => now.since(last) >= self.window))
    }

    /// Takes the permission if there is one; says whether there was.
    pub fn try_act(&mut self, now: Instant) -> bool {
        let permitted = self.permits(now);
        if permitted {
            self.last = Some(now);
        }
        permitted
    }

    /// Starts the window again: an action that was permitted has ended at `now`.
    pub fn extend(&mut self, now: Instant) {
        self.last = self.last.max(Some(now));
    }

    /// The last instant at which nothing is permitted; `None` if nothing has happened yet.
    pub fn until(&self) -> Option<Instant> {
        self.last.map(|last| last.saturating_add(self.window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_second_action_waits_until_the_window_has_passed() {
        let mut cool_down = CoolDown::new(Span::from_secs(600));
        let first = Instant::from_secs(100);
        assert!(cool_down.try_act(first));
        assert_eq!(cool_down.until(), Some(Instant::from_secs(700)));
        assert!(!cool_down.try_act(Instant::from_secs(700)));
        assert!(cool_down.try_act(Instant::from_secs(700) + Span::from_nanos(1)));
    }

    #[test]
    fn the_end_of_a_long_action_starts_the_window_again() {
        let mut cool_down = CoolDown::new(Span::from_secs(600));
        assert!(cool_down.try_act(Instant::from_secs(100)));
        cool_down.extend(Instant::from_secs(900));
        assert!(!cool_down.permits(Instant::from_secs(1500)));
        assert!(cool_down.permits(Instant::from_secs(1501)));
        cool_down.extend(Instant::from_secs(10));
        assert_eq!(cool_down.until(), Some(Instant::from_secs(1500)), "it is never shortened");
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_two_actions(window in 0_u64..50, gaps in prop::collection::vec(0_u64..40, 0..80)) {
            let mut cool_down = CoolDown::new(Span::from_nanos(window));
            let mut acted: Vec<u64> = Vec::new();
            let mut now = 0;
            for gap in gaps {
                now += gap;
                let expected = acted.iter().all(|&then| now - then > window);
                prop_assert_eq!(cool_down.try_act(Instant::from_nanos(now)), expected);
                if expected {
                    acted.push(now);
                }
            }
            prop_assert!(acted.windows(2).all(|pair| pair[1] - pair[0] > window));
        }
    }
}
