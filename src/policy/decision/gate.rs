//! When a rule may propose what it is for.
//!
//! Owns windows of time, absolute or counted from an action, and what must not have been done. Does not know conditions: a
//! gate shuts what a rule proposes, never the clock of its condition.
//!
//! Source: the phases of a cutover, each with its own rollback: the phase gates the action, a trigger only proposes it.

use crate::units::{Instant, Span};
use std::collections::BTreeMap;

/// When a rule may propose; the default: always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate<C> {
    /// From here on and before there; `None`: whenever.
    pub between: Option<(Instant, Instant)>,
    /// Only once that was done, from so long after it on and until less than so long after it; `None`: whatever was done.
    pub after: Option<(C, Span, Span)>,
    /// Not once any of these was done.
    pub unless: Vec<C>,
}

impl<C> Default for Gate<C> {
    fn default() -> Self {
        Self { between: None, after: None, unless: Vec::new() }
    }
}

impl<C: Ord> Gate<C> {
    /// Whether it is open at `now`; `done`: by class, when what it called for was last done.
    pub fn is_open(&self, now: Instant, done: &BTreeMap<C, Instant>) -> bool {
        let in_time = self.between.is_none_or(|(from, until)| from <= now && now < until);
        let in_phase = self.after.as_ref().is_none_or(|(class, from, until)| {
            done.get(class).is_some_and(|at| *from <= now.since(*at) && now.since(*at) < *until)
        });
        in_time && in_phase && !self.unless.iter().any(|class| done.contains_key(class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_its_beginning_and_not_its_end() {
        let gate: Gate<u8> =
            Gate { between: Some((Instant::from_secs(10), Instant::from_secs(20))), ..Gate::default() };
        let open = [9, 10, 19, 20].map(|second| gate.is_open(Instant::from_secs(second), &BTreeMap::new()));
        assert_eq!(open, [false, true, true, false]);
    }

    #[test]
    fn a_phase_counts_from_what_was_done_and_ends() {
        let hour = Span::from_mins(60);
        let gate = Gate { after: Some(('c', Span::ZERO, hour)), unless: vec!['r'], ..Gate::default() };
        assert!(!gate.is_open(Instant::from_secs(5), &BTreeMap::new()), "nothing was cut over yet");
        let mut done = BTreeMap::from([('c', Instant::from_secs(100))]);
        assert!(gate.is_open(Instant::from_secs(100), &done));
        assert!(gate.is_open(Instant::from_secs(3699), &done));
        assert!(!gate.is_open(Instant::from_secs(3700), &done), "the phase is over");
        done.insert('r', Instant::from_secs(200));
        assert!(!gate.is_open(Instant::from_secs(300), &done), "it was rolled back");
    }
}
