//! How a procedure is run: its limit, and the budget, tries and pause of each step.
//!
//! Owns how settings override a procedure's own figures. Does not know who sets them. They are part of the order, so
//! that a run keeps those it was begun with.
//!
//! Invariant: what is not set is as the procedure has it; a step that is not there is not brought about by settings.

use super::step::Step;
use crate::units::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is set otherwise than a procedure comes with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// How long after its start it may still start another round of a step past the point of no return.
    pub limit: Option<Span>,
    /// By step.
    pub steps: BTreeMap<String, StepSettings>,
}

/// What is set of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepSettings {
    /// How long it may take.
    pub budget: Option<Span>,
    /// How often it may be tried within that.
    pub tries: Option<u32>,
    /// How long to wait before trying again.
    pub pause: Option<Span>,
    /// How long undoing it may take.
    pub undo_budget: Option<Span>,
    /// How often that may be tried.
    pub undo_tries: Option<u32>,
}

impl Settings {
    /// The limit of a procedure that comes with `limit`.
    pub fn limit(&self, limit: Span) -> Span {
        self.limit.unwrap_or(limit)
    }

    /// The steps of a procedure that comes with `steps`.
    pub fn steps<I: Copy>(&self, steps: &[(I, Step)]) -> Vec<(I, Step)> {
        let set = |(id, step): &(I, Step)| match self.steps.get(&*step.name) {
            Some(settings) => (*id, settings.laid_over(step.clone())),
            None => (*id, step.clone()),
        };
        steps.iter().map(set).collect()
    }
}

impl StepSettings {
    pub(in crate::procedure) fn laid_over(&self, mut step: Step) -> Step {
        step.budget = self.budget.unwrap_or(step.budget);
        step.tries = self.tries.unwrap_or(step.tries);
        step.pause = self.pause.unwrap_or(step.pause);
        if let Some(undo) = &mut step.undo {
            undo.budget = self.undo_budget.unwrap_or(undo.budget);
            undo.tries = self.undo_tries.unwrap_or(undo.tries);
        }
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_counts_and_the_rest_is_as_it_was() {
        let step = |name: &'static str| ((), Step::new(name, "does", 10, 3, 1));
        let comes_with = [step("a"), ((), step("b").1.undo_within(20)), step("c")];
        let secs = |seconds| Some(Span::from_secs(seconds));
        let b = StepSettings { budget: secs(30), pause: secs(2), undo_tries: Some(9), ..StepSettings::default() };
        let c = StepSettings { tries: Some(7), undo_budget: secs(5), ..StepSettings::default() };
        let steps = BTreeMap::from([("b".to_owned(), b), ("c".to_owned(), c), ("d".to_owned(), b)]);
        let settings = Settings { limit: None, steps };
        let set = settings.steps(&comes_with);
        assert_eq!((set.len(), &set[0]), (3, &comes_with[0]));
        let (b, c) = (&set[1].1, &set[2].1);
        assert_eq!((b.budget, b.tries, b.pause), (Span::from_secs(30), 3, Span::from_secs(2)));
        assert_eq!(b.undo.map(|undo| (undo.budget, undo.tries)), Some((Span::from_secs(20), 9)));
        assert_eq!((c.tries, c.undo), (7, None), "a step that changes nothing has nothing to undo");
        assert_eq!(settings.limit(Span::from_secs(60)), Span::from_secs(60));
    }
}
