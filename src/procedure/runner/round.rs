//! One round of a step: tries within a budget, and the lap.
//!
//! Owns retries, verification, and the order of what is written down and what is done. Does not know what comes after.
//!
//! Invariant: what was found and done outlives the deadline that cuts a round off.

use super::ROUND_PAUSE_MIN;
use crate::ports::{PortError, Runtime};
use crate::procedure::journal::{RunId, Scribe, What, written};
use crate::procedure::race::{Winner, race};
use crate::procedure::strand::{Board, key};
use crate::procedure::{Perform, Procedure, Step, StepError, Undo, Work};
use crate::record::event::ProcedureEvent;
use crate::record::{Lap, LapResult};
use crate::units::{Instant, Span};
use serde_json::Value;

/// A step, and where it is performed or undone.
pub(super) struct Round<'a, P, R: Procedure> {
    pub scribe: &'a Scribe<P>,
    pub procedure: &'a R,
    pub run: &'a RunId,
    pub id: R::StepId,
    pub step: &'a Step,
    /// For what it is performed, in a series.
    pub item: Option<&'a str>,
    /// What its stage has written down.
    pub board: &'a Board,
    /// Its place in the stage.
    pub place: usize,
}

/// The tries of one round, kept outside the future that makes them, which the deadline may drop.
#[derive(Default)]
struct Tries {
    made: u32,
    last_error: Option<StepError>,
}

impl<P: Runtime, R: Perform<P>> Round<'_, P, R> {
    fn ports(&self) -> &P {
        self.scribe.ports()
    }

    fn name(&self) -> String {
        self.step.name.to_string()
    }

    /// Its name in the journal.
    fn key(&self) -> String {
        key(&self.step.name, self.item)
    }

    /// Performs the step. `unknown`: it may have been performed before, and must not be performed twice.
    ///
    /// # Errors
    ///
    /// That of the last try, if one had ended.
    pub async fn perform(&self, unknown: bool, evidence: &mut R::Evidence) -> Result<(), Option<StepError>> {
        let (procedure, step, does) = (self.procedure.name().to_owned(), self.name(), self.step.does.as_ref().into());
        self.ports().event(ProcedureEvent::StepStarted { procedure, step, does });
        let start = self.ports().now();
        let mut tries = Tries::default();
        let work = self.try_step(unknown, evidence, &mut tries);
        let raced = race(
            work,
            self.ports().sleep(
                mutant!("a_budget_is_doubled": self.step.budget => self.step.budget.saturating_add(self.step.budget)),
            ),
        )
        .await;
        let (result, note) = match raced {
            Winner::First(Ok(note)) if self.procedure.skips(self.id, evidence) => (LapResult::Skipped, note),
            Winner::First(Ok(note)) => (LapResult::Done, note),
            Winner::First(Err(error)) => {
                let note = error.to_string();
                tries.last_error = Some(error);
                (LapResult::Failed, note)
            }
            Winner::Second(()) => (LapResult::OverBudget, over_budget(self.step.budget, &tries)),
        };
        self.lap(start, (self.step.budget, tries.made), (result, note), evidence);
        let through = matches!(result, LapResult::Done | LapResult::Skipped);
        if through { Ok(()) } else { Err(tries.last_error) }
    }

    /// Takes the step back.
    ///
    /// # Errors
    ///
    /// That of the last try, if one had ended.
    pub async fn undo(&self, undo: Undo, evidence: &mut R::Evidence) -> Result<(), Option<StepError>> {
        let start = self.ports().now();
        let mut tries = Tries::default();
        let work = self.try_undo(undo, evidence, &mut tries);
        let (result, note) = match race(work, self.ports().sleep(undo.budget)).await {
            Winner::First(Ok(note)) => (LapResult::Undone, note),
            Winner::First(Err(error)) => {
                let note = error.to_string();
                tries.last_error = Some(error);
                (LapResult::UndoFailed, note)
            }
            Winner::Second(()) => (LapResult::UndoFailed, over_budget(undo.budget, &tries)),
        };
        self.lap(start, (undo.budget, tries.made), (result, note), evidence);
        if result == LapResult::Undone { Ok(()) } else { Err(tries.last_error) }
    }

    /// Announces, performs and verifies, until that succeeds or may not be tried again, and writes down that it did.
    async fn try_step(
        &self,
        unknown: bool,
        evidence: &mut R::Evidence,
        tries: &mut Tries,
    ) -> Result<String, StepError> {
        loop {
            tries.made += 1;
            match self.attempt(unknown, evidence).await {
                Ok(note) => {
                    let evidence = self.noted(evidence)?;
                    self.write_done(evidence).await?;
                    return Ok(note);
                }
                Err(error)
                    if mutant!("one_try_more": tries.made >= self.step.tries => tries.made > self.step.tries)
                        || mutant!("a_final_error_is_tried_again": !error.allows_retry(self.step.repeat) => false) =>
                {
                    return Err(error);
                }
                Err(error) => tries.last_error = Some(error),
            }
            self.ports().sleep(self.step.pause).await;
        }
    }

    async fn attempt(&self, unknown: bool, evidence: &mut R::Evidence) -> Result<String, StepError> {
        // A round that was cut off while it wrote that down is not known to have, and a successor relies on the
        // journal.
        if mutant!("what_is_done_is_done_again": self.scribe.is_done(self.run, &self.key()).await? => false) {
            return Ok("done by an earlier round, which ran out of time".to_owned());
        }
        let announced = What::Step { step: self.key(), evidence: self.noted(evidence)? };
        mutant!("a_step_is_not_announced": self.scribe.append(self.run, announced).await? => drop(announced));
        let note = if unknown {
            "performed by an earlier controller".to_owned()
        } else {
            self.procedure.perform(self.id, &mut self.work(evidence)).await?
        };
        mutant!("nothing_is_verified": self.procedure.verify(self.id, self.ports(), evidence).await? => ());
        Ok(note)
    }

    /// A step that is done stays done, however long the journal takes to say so: it is not performed again for that.
    async fn write_done(&self, evidence: Value) -> Result<(), StepError> {
        loop {
            let entry = What::Done { step: self.key(), evidence: evidence.clone() };
            match self.scribe.append(self.run, entry).await {
                Ok(()) => return Ok(()),
                Err(error @ PortError::Superseded { .. }) => return Err(error.into()),
                Err(_) => self.ports().sleep(self.step.pause.max(ROUND_PAUSE_MIN)).await,
            }
        }
    }

    /// Undoes, until that succeeds or may not be tried again. Undoing is idempotent.
    async fn try_undo(&self, undo: Undo, evidence: &mut R::Evidence, tries: &mut Tries) -> Result<String, StepError> {
        loop {
            tries.made += 1;
            let error = match self.procedure.undo(self.id, &mut self.work(evidence)).await {
                Ok(note) => return Ok(note),
                Err(error) => error,
            };
            if mutant!("one_try_at_undoing": tries.made >= undo.tries => true) || error.is_last() {
                return Err(error);
            }
            tries.last_error = Some(error);
            self.ports().sleep(self.step.pause).await;
        }
    }

    fn work<'w>(&'w self, evidence: &'w mut R::Evidence) -> Work<'w, P, R::Evidence> {
        let (scribe, run, step, item) = (self.scribe, self.run, self.step, self.item);
        Work { ports: scribe.ports(), evidence, scribe, run, step, item, board: self.board, place: self.place }
    }

    /// The evidence as it may be written down: it contradicts no step beside this one.
    fn noted(&self, evidence: &R::Evidence) -> Result<Value, StepError> {
        let evidence = written(evidence);
        self.board.put(self.place, evidence.clone())?;
        Ok(evidence)
    }

    fn lap(
        &self,
        start: Instant,
        (budget, tries): (Span, u32),
        (result, note): (LapResult, String),
        evidence: &R::Evidence,
    ) {
        self.ports().event(ProcedureEvent::step_ended(self.procedure.name(), &self.step.name, result, &note));
        let (took, run, step) = (self.ports().now().since(start), self.run.number(), self.name());
        let is_undoing = matches!(result, LapResult::Undone | LapResult::UndoFailed);
        self.ports().lap(Lap {
            procedure: self.procedure.name().to_owned(),
            run,
            step,
            start,
            took,
            budget,
            undo: self.step.undo.filter(|_| !is_undoing).map(|undo| undo.budget),
            past_return: self.procedure.past_return(evidence),
            tries,
            result,
            note,
        });
    }
}

fn over_budget(budget: Span, tries: &Tries) -> String {
    let last = tries.last_error.as_ref().map_or(String::new(), |error| format!("; before that, {error}"));
    format!("not finished within {budget:#}, attempt {}{last}", tries.made)
}
