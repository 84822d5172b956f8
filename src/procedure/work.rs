//! What a step has at hand while it is performed or taken back.
//!
//! Invariant: what a step writes down is durable before it sends the change it announces.

use super::journal::{RunId, Scribe, What, written};
use super::runner::{self, run_nested};
use super::step::{Outcome, StepError};
use super::{Assignment, Perform, Procedure};
use crate::ports::Runtime;
use serde::Serialize;

/// A step under way.
#[derive(Debug)]
pub struct Work<'a, P, E> {
    /// What it may touch.
    pub ports: &'a P,
    /// What the procedure has found and done so far.
    pub evidence: &'a mut E,
    pub(super) scribe: &'a Scribe<P>,
    pub(super) run: &'a RunId,
    pub(super) step: &'static str,
}

impl<P: Runtime, E: Serialize> Work<'_, P, E> {
    /// Makes the evidence durable. To be called after noting a change as possible and before sending it: a controller
    /// that dies in between leaves a successor who knows.
    ///
    /// # Errors
    ///
    /// The journal did not take it: then nothing may be sent.
    pub async fn write_down(&mut self) -> Result<(), StepError> {
        let entry = What::Asked { evidence: written(self.evidence) };
        Ok(self.scribe.append(self.run, entry).await?)
    }

    /// Runs another procedure as a part of this step. One that was cut off is gone on with, one that is done is not done
    /// again.
    pub async fn nested<R: Perform<P>>(&mut self, assignment: Assignment) -> Outcome<R::Evidence> {
        let place = self.place::<R>();
        let begun = self.scribe.nested_in(self.run, &place);
        let last = (begun > 0).then(|| self.run.nested(&place, begun));
        let run = match last {
            Some(last) if !runner::ended_short_of_done(self.scribe, &last) => last,
            _ => self.run.nested(&place, begun + 1),
        };
        Box::pin(run_nested(self.scribe, &R::assigned(assignment), &run, false)).await
    }

    /// Takes back the procedure that was run as a part of this step last, if it is not over; past its point of no return it
    /// is finished instead.
    /// `None` if there is none or it had ended.
    pub async fn take_back_nested<R: Perform<P>>(&mut self, assignment: Assignment) -> Option<Outcome<R::Evidence>> {
        let place = self.place::<R>();
        let begun = self.scribe.nested_in(self.run, &place);
        let last = (begun > 0).then(|| self.run.nested(&place, begun))?;
        if runner::ended(self.scribe, &last) {
            return None;
        }
        Some(Box::pin(run_nested(self.scribe, &R::assigned(assignment), &last, true)).await)
    }

    /// Runs of different procedures in one step are numbered apart.
    fn place<R: Procedure>(&self) -> String {
        format!("{}.{}", self.step, R::NAME)
    }
}
