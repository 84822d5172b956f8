//! A procedure as data: its steps, in stages, and its limit.
//!
//! Owns what a dry run prints, and which steps make up a stage: those in parallel with each other, or a series that is gone
//! through for each of several things. Does not know what the steps do.
//!
//! Invariant: the stages of a list of steps are its parts, in order, without gaps.

use super::step::{NoReturn, Step};
use super::{Listed, Procedure};
use crate::units::Span;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// What a procedure would do: the answer of a dry run, which calls no port at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedurePlan {
    /// The procedure.
    pub name: Cow<'static, str>,
    /// What it is for.
    pub doc: Cow<'static, str>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// How long after its start it may still start another round of a step past the point of no return.
    pub limit: Span,
    /// Where that limit comes from, if it is the one the procedure comes with.
    pub limit_source: &'static str,
}

impl ProcedurePlan {
    /// What `procedure` would do.
    pub fn of<R: Procedure>(procedure: &R) -> Self {
        let (name, doc) = (procedure.name().to_owned().into(), procedure.doc().to_owned().into());
        Self::made(procedure.steps(), (procedure.limit(), ""), (name, doc))
    }

    /// What `R` does by default.
    pub(super) fn by_default<R: Listed>() -> Self {
        Self::made(R::STEPS.to_vec(), (R::LIMIT, R::LIMIT_SOURCE), (R::NAME.into(), R::DOC.into()))
    }

    fn made<I>(
        steps: Vec<(I, Step)>,
        (limit, limit_source): (Span, &'static str),
        (name, doc): (Cow<'static, str>, Cow<'static, str>),
    ) -> Self {
        Self { name, doc, steps: steps.into_iter().map(|(_, step)| step).collect(), limit, limit_source }
    }

    /// What the stages may take one after the other: of steps in parallel, what the slowest may; of a series, what it may
    /// for one of those it is gone through for.
    pub fn budget(&self) -> Span {
        let (mut all, mut stage) = (Span::ZERO, Span::ZERO);
        for step in &self.steps {
            if !step.beside {
                (all, stage) = (all.saturating_add(stage), Span::ZERO);
            }
            stage = stage.max(step.budget);
        }
        all.saturating_add(stage)
    }

    /// The names of the procedures that its steps run as a part of themselves, each once.
    pub fn parts(&self) -> Vec<&'static str> {
        let mut parts = Vec::new();
        for part in self.steps.iter().flat_map(|step| step.runs) {
            if !parts.contains(part) {
                parts.push(*part);
            }
        }
        parts
    }
}

/// The steps that run in parallel with the one of that index, or the series it belongs to, itself included; none beyond the
/// last.
pub(super) fn stage_of<I>(steps: &[(I, Step)], index: usize) -> Range<usize> {
    if index >= steps.len() {
        return steps.len()..steps.len();
    }
    let follows = |at: usize| at > 0 && (steps[at].1.beside || (steps[at].1.each && steps[at - 1].1.each));
    let from = (0..=index).rev().find(|at| !follows(*at)).unwrap_or(0);
    let to = (index + 1..steps.len()).find(|at| !follows(*at)).unwrap_or(steps.len());
    from..to
}

impl fmt::Display for ProcedurePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.doc)?;
        for (number, step) in (1..).zip(&self.steps) {
            let undo =
                step.undo.map_or("nothing to undo".to_owned(), |undo| format!("undo within {}", seconds(undo.budget)));
            write!(
                f,
                "{number:>3}  {:<22} {:>5}  {:>2} tries  {undo:<18}  ",
                step.name,
                seconds(step.budget),
                step.tries
            )?;
            writeln!(f, "{}", step.does)?;
            if step.beside {
                writeln!(f, "     {} runs in parallel with the step before it", step.name)?;
            }
            if step.each {
                writeln!(f, "     {} is done for each of what is worked on, at its own pace", step.name)?;
            }
            if !step.runs.is_empty() {
                writeln!(f, "     {} runs {} as part of itself", step.name, step.runs.join(", "))?;
            }
            if step.no_return == NoReturn::Inside {
                writeln!(f, "     point of no return inside {}: from there on, only forward", step.name)?;
            }
        }
        write!(f, "     {} in all, limit {}", seconds(self.budget()), seconds(self.limit))
    }
}

/// Budgets are compared with each other, so all are printed in one unit where they are whole seconds.
fn seconds(span: Span) -> String {
    match span.as_nanos() % 1_000_000_000 {
        0 => format!("{}s", span.as_nanos() / 1_000_000_000),
        _ => span.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_side_by_side_are_one_stage() {
        let step = |beside: bool| ((), Step { beside, ..Step::new("a", "does", 10, 1, 1) });
        let steps: Vec<_> = [false, false, true, true, false].map(step).to_vec();
        let stages: Vec<_> = (0..6).map(|index| stage_of(&steps, index)).collect();
        assert_eq!(stages, [0..1, 1..4, 1..4, 1..4, 4..5, 5..5]);
        let of_each = |each: bool| ((), Step { each, ..Step::new("a", "does", 10, 1, 1) });
        let steps: Vec<_> = [false, true, true, false, true].map(of_each).to_vec();
        let stages: Vec<_> = (0..6).map(|index| stage_of(&steps, index)).collect();
        assert_eq!(stages, [0..1, 1..3, 1..3, 3..4, 4..5, 5..5], "a series is one stage");
        let lonely = [step(true), step(false)];
        assert_eq!(stage_of(&lonely, 0), 0..1, "the first has no step before it");
    }

    #[test]
    fn a_stage_takes_as_long_as_its_slowest_step() {
        let plan = |budgets: &[(u64, bool)]| {
            let step = |&(budget, beside): &(u64, bool)| Step { beside, ..Step::new("a", "does", budget, 1, 1) };
            ProcedurePlan {
                name: "p".into(),
                doc: "d".into(),
                steps: budgets.iter().map(step).collect(),
                limit: Span::ZERO,
                limit_source: "",
            }
        };
        assert_eq!(plan(&[(10, false), (20, false), (7, true), (30, true), (1, false)]).budget(), Span::from_secs(41));
        assert_eq!(plan(&[]).budget(), Span::ZERO);
    }
}
