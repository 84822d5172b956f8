//! What a step has at hand while it is performed or undone.
//!
//! Invariants: what a step writes down is durable before it sends the change it announces, and contradicts nothing that a
//! step beside it has written down. A step runs no procedure that its plan does not name.

use super::journal::{RunId, Scribe, What, written};
use super::runner::{self, run_nested};
use super::strand::{Board, key};
use super::{Ending, Perform, Procedure, ProcedureOutcome, Step, StepError};
use crate::ports::Runtime;
use serde::Serialize;

/// A step under way.
#[derive(Debug)]
pub struct Work<'a, P, E> {
    /// What it may touch.
    pub ports: &'a P,
    /// What the procedure had found and done when the stage began, and the step since.
    pub evidence: &'a mut E,
    pub(super) scribe: &'a Scribe<P>,
    pub(super) run: &'a RunId,
    pub(super) step: &'a Step,
    /// For what it is performed, if that is done for each of several.
    pub item: Option<&'a str>,
    pub(super) board: &'a Board,
    pub(super) place: usize,
}

impl<P: Runtime, E: Serialize> Work<'_, P, E> {
    /// Makes the evidence durable. To be called after noting a change as possible and before sending it: a controller
    /// that dies in between leaves a successor who knows.
    ///
    /// # Errors
    ///
    /// The journal did not take it, or a step that runs beside this one has changed the same: then nothing may be sent.
    pub async fn write_down(&mut self) -> Result<(), StepError> {
        let evidence = written(self.evidence);
        self.board.put(self.place, evidence.clone())?;
        let entry = What::Asked { step: key(&self.step.name, self.item), evidence };
        Ok(self.scribe.append(self.run, entry).await?)
    }

    /// Whether people were asked before this step, and agreed.
    pub(super) fn is_approved(&self) -> bool {
        let given = What::Approved { step: key(&self.step.name, self.item) };
        self.scribe.entries_of(self.run).iter().any(|entry| entry.what == given)
    }

    /// Runs another procedure as a part of this step, whose plan names it. One that was cut off is resumed, by the
    /// order it was begun with; one that is done is not done again.
    pub async fn nested<R: Perform<P>>(&mut self, order: R::Order) -> ProcedureOutcome<R::Evidence> {
        if !self.step.runs.contains(&R::NAME) {
            let failure = Some((self.step.name.to_string(), format!("its plan does not say that it runs {}", R::NAME)));
            return ProcedureOutcome { ending: Ending::Stopped, failure, evidence: R::Evidence::default() };
        }
        let place = self.place_of::<R>();
        let begun = self.scribe.nested_in(self.run, &place);
        let last = (begun > 0).then(|| self.run.nested(&place, begun));
        let run = match last {
            Some(last) if !runner::ended_short_of_done(self.scribe, &last) => last,
            _ => self.run.nested(&place, begun + 1),
        };
        Box::pin(run_nested(self.scribe, &R::ordered(order), &run, false)).await
    }

    /// Takes back the procedure that was run as a part of this step last, if it is not over; past its point of no return it
    /// is finished instead.
    /// `None` if there is none or it had ended.
    pub async fn take_back_nested<R: Perform<P>>(&mut self, order: R::Order) -> Option<ProcedureOutcome<R::Evidence>> {
        let place = self.place_of::<R>();
        let begun = self.scribe.nested_in(self.run, &place);
        let last = (begun > 0).then(|| self.run.nested(&place, begun))?;
        if runner::ended(self.scribe, &last) {
            return None;
        }
        Some(Box::pin(run_nested(self.scribe, &R::ordered(order), &last, true)).await)
    }

    /// Runs of different procedures in one step are numbered apart.
    fn place_of<R: Procedure>(&self) -> String {
        format!("{}.{}", key(&self.step.name, self.item), R::NAME)
    }
}
