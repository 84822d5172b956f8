//! What runs in parallel in a stage, each with evidence of its own, and how that is put together: its steps, or, in a series,
//! what it is gone through for.
//!
//! Owns the rule that makes this safe: each knows what was known when the stage began and what it has
//! found itself, and no two may change the same part of it.
//!
//! Invariants: what a step writes down contradicts nothing that a step beside it has written down, and as a change is
//! written down before it is asked for, no two steps in parallel ever make changes that contradict each other. What
//! comes out when the evidence is put together does not depend on which step was quicker.

use super::Procedure;
use super::journal::written;
use super::plan::stage_of;
use super::step::{Step, StepError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::cell::RefCell;
use std::ops::Range;

/// How far a step has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing of it has happened.
    Untouched,
    /// Some of it may have happened.
    Begun,
    /// It is done and verified, and that is written down.
    Done,
}

/// One step of a stage, or one of those that go through a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strand<E> {
    /// In a series: what goes through it.
    pub item: Option<String>,
    /// The index of the present step.
    pub step: usize,
    /// That of its last.
    pub last: usize,
    /// How far the present step has got.
    pub progress: Progress,
    /// What was known when the stage began, and what was found and done here since.
    pub evidence: E,
}

impl<E> Strand<E> {
    /// Whether nothing of the present step has happened.
    pub fn is_untouched(&self) -> bool {
        self.progress == Progress::Untouched
    }

    /// Whether nothing of it is left to do.
    pub fn is_done(&self) -> bool {
        self.progress == Progress::Done && self.step == self.last
    }

    /// Goes on to the next step, if the present one is done and not the last.
    pub fn advance(&mut self) {
        if self.progress == Progress::Done && self.step < self.last {
            (self.step, self.progress) = (self.step + 1, Progress::Untouched);
        }
    }
}

/// What stands between the name of a step and that for which it is performed.
const OF: char = '/';

/// The name of a step in the journal: of one in a series, with what it is performed for.
pub(super) fn key(step: &str, item: Option<&str>) -> String {
    item.map_or_else(|| step.to_owned(), |item| format!("{step}{OF}{item}"))
}

/// The name of the step that a key is of, and what it is performed for.
pub(super) fn of_key(key: &str) -> (&str, Option<&str>) {
    key.split_once(OF).map_or((key, None), |(step, item)| (step, Some(item)))
}

/// The stage that begins with the step of that index, after what is known. One that there is nothing to do in is passed
/// over.
pub(super) fn enter<R: Procedure>(
    procedure: &R,
    steps: &[(R::StepId, Step)],
    index: usize,
    evidence: &R::Evidence,
) -> (Range<usize>, Vec<Strand<R::Evidence>>) {
    let stage = stage_of(steps, index);
    let strand = |item, step, last| Strand {
        item,
        step,
        last,
        progress: Progress::Untouched,
        evidence: R::Evidence::clone(evidence),
    };
    let strands: Vec<_> = match steps.get(stage.start) {
        Some((_, first)) if first.each => {
            let items = procedure.each(evidence).into_iter();
            items.map(|item| strand(Some(item), stage.start, stage.end - 1)).collect()
        }
        _ => stage.clone().map(|step| strand(None, step, step)).collect(),
    };
    if strands.is_empty() && !stage.is_empty() {
        return enter(procedure, steps, stage.end, evidence);
    }
    (stage, strands)
}

impl<E: DeserializeOwned> Strand<E> {
    /// Goes back to evidence that was written down.
    pub fn keep(&mut self, evidence: Value) {
        if let Ok(evidence) = serde_json::from_value(evidence) {
            self.evidence = evidence;
        }
    }
}

/// What the steps of a stage have found and done, together; `base` is what was known when it began.
///
/// # Errors
///
/// What two of them have changed in different ways.
pub(super) fn joined<E: Clone + Serialize + DeserializeOwned>(base: &E, strands: &[Strand<E>]) -> Result<E, String> {
    match strands {
        [] => Ok(base.clone()),
        [only] => Ok(only.evidence.clone()),
        all => {
            let known: Vec<Value> = all.iter().map(|strand| written(&strand.evidence)).collect();
            let all = merged(&written(base), &known)?;
            serde_json::from_value(all).map_err(|error| format!("what steps in parallel have found: {error}"))
        }
    }
}

fn merged(base: &Value, strands: &[Value]) -> Result<Value, String> {
    let mut all = Some(base.clone());
    for strand in strands {
        lay(&mut all, Some(base), Some(strand), "")?;
    }
    Ok(all.unwrap_or(Value::Null))
}

/// Takes over what `strand` has changed since `base`. Maps are gone through key by key, everything else is one part.
fn lay(all: &mut Option<Value>, base: Option<&Value>, strand: Option<&Value>, path: &str) -> Result<(), String> {
    if strand == base || strand == all.as_ref() {
        return Ok(());
    }
    if let (Some(Value::Object(all)), Some(Value::Object(base)), Some(Value::Object(strand))) =
        (all.as_mut(), base, strand)
    {
        let keys = base.keys().chain(strand.keys().filter(|key| !base.contains_key(*key)));
        for key in keys {
            let mut part = all.remove(key);
            let laid = lay(&mut part, base.get(key), strand.get(key), &format!("{path}/{key}"));
            all.extend(part.map(|part| (key.clone(), part)));
            laid?;
        }
        return Ok(());
    }
    if all.as_ref() != base {
        return Err(format!("`{path}` is changed by two steps that run in parallel"));
    }
    *all = strand.cloned();
    Ok(())
}

/// What the steps of a stage have written down so far.
#[derive(Debug)]
pub(super) struct Board {
    base: Value,
    strands: RefCell<Vec<Value>>,
}

impl Board {
    /// That of a stage.
    pub fn new<E: Serialize>(base: &E, strands: &[Strand<E>]) -> Self {
        Self { base: written(base), strands: RefCell::new(strands.iter().map(|s| written(&s.evidence)).collect()) }
    }

    /// That of a step which nothing runs beside.
    pub const fn alone() -> Self {
        Self { base: Value::Null, strands: RefCell::new(Vec::new()) }
    }

    /// What the step of that place in the stage is about to write down, or ends with.
    ///
    /// # Errors
    ///
    /// It contradicts what a step beside it has written down. Then it may not be acted on.
    pub fn put(&self, place: usize, evidence: Value) -> Result<(), StepError> {
        let mut strands = self.strands.borrow_mut();
        if strands.len() < 2 {
            return Ok(());
        }
        let before = std::mem::replace(&mut strands[place], evidence);
        if let Err(why) = merged(&self.base, &strands) {
            strands[place] = before;
            return Err(StepError::Final(why));
        }
        Ok(())
    }

    /// What the step of that place has written down last.
    pub fn last(&self, place: usize) -> Value {
        self.strands.borrow()[place].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_steps_change_apart_is_put_together_whichever_comes_first() {
        let base = json!({"a": 1, "b": {"x": [1], "y": 2}, "gone": 0});
        let one = json!({"a": 2, "b": {"x": [1], "y": 2}, "gone": 0});
        let other = json!({"a": 1, "b": {"x": [1, 2], "y": 2, "z": 3}});
        let together = json!({"a": 2, "b": {"x": [1, 2], "y": 2, "z": 3}});
        assert_eq!(merged(&base, &[one.clone(), other.clone()]), Ok(together.clone()));
        assert_eq!(merged(&base, &[other, one]), Ok(together));
        assert_eq!(merged(&base, &[]), Ok(base));
    }

    #[test]
    fn the_same_change_twice_is_one_and_two_different_ones_are_a_contradiction() {
        let base = json!({"done": [], "deep": {"n": 0}});
        let (a, b) = (json!({"done": ["a"], "deep": {"n": 0}}), json!({"done": ["b"], "deep": {"n": 0}}));
        assert_eq!(merged(&base, &[a.clone(), a.clone()]), Ok(a.clone()));
        assert_eq!(merged(&base, &[a, b]), Err("`/done` is changed by two steps that run in parallel".to_owned()));
        let deep = |n: u32| json!({"done": [], "deep": {"n": n}});
        assert!(merged(&base, &[deep(1), deep(2)]).unwrap_err().contains("/deep/n"));
    }

    #[test]
    fn a_contradiction_is_refused_before_it_is_written_down_and_what_was_there_stays() {
        let strand =
            |step| Strand { item: None, step, last: step, progress: Progress::Untouched, evidence: json!({"n": 0}) };
        let board = Board::new(&json!({"n": 0}), &[strand(0), strand(1)]);
        assert_eq!(board.put(0, json!({"n": 1})), Ok(()));
        assert!(matches!(board.put(1, json!({"n": 2})), Err(StepError::Final(_))));
        assert_eq!((board.last(0), board.last(1)), (json!({"n": 1}), json!({"n": 0})));
        assert_eq!(board.put(0, json!({"n": 3})), Ok(()), "one's own may be changed again");
        let alone = Board::new(&json!({"n": 0}), &[strand(0)]);
        assert_eq!((alone.put(0, json!(1)), Board::alone().put(0, json!(2))), (Ok(()), Ok(())));
    }
}
