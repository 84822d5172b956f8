//! The end of a run that failed: undoing what can be undone.
//!
//! Invariant: steps are undone one after the other, last first, also those that were performed in parallel.

use super::round::Round;
use super::{ROUND_PAUSE_MIN, Runner, name};
use crate::ports::{PortError, Runtime};
use crate::procedure::journal::{What, written};
use crate::procedure::plan::stage_of;
use crate::procedure::strand::Board;
use crate::procedure::{Ending, Perform, ProcedureOutcome, StepError, Undo};
use crate::record::event::ProcedureEvent;

impl<P: Runtime, R: Perform<P>> Runner<'_, P, R> {
    /// Ends the procedure at the step of that index: takes everything back, unless it is too late for that.
    pub(super) async fn stop(self, failed: usize, why: String) -> ProcedureOutcome<R::Evidence> {
        let past_return = self.procedure.past_return(&self.evidence);
        let (procedure, step) = (name(self.procedure), self.step_name(failed));
        self.ports().event(ProcedureEvent::Failed {
            procedure: procedure.clone(),
            step: step.clone(),
            why: why.clone().into(),
            past_return,
        });
        if mutant!("all_is_taken_back": past_return => false) {
            let failure = Some((step.clone(), why.clone()));
            let stopped = ProcedureEvent::Stopped { procedure, step: Some(step), why: why.into() };
            return self.end(Ending::Stopped, failure, stopped).await;
        }
        let entry = What::Failed { step, why: why.clone(), evidence: written(&self.evidence) };
        let below = mutant!("the_failed_step_is_not_undone": stage_of(&self.steps, failed).end => failed);
        match self.insist(entry, ROUND_PAUSE_MIN).await {
            Ok(()) => self.back(failed, why, below, true).await,
            Err(error) => self.halt(error),
        }
    }

    /// Takes back the steps below that index, last first.
    pub(super) async fn back(
        mut self,
        failed: usize,
        why: String,
        below: usize,
        mut complete: bool,
    ) -> ProcedureOutcome<R::Evidence> {
        for index in (0..below).rev() {
            let Some(undo) = self.steps[index].1.undo else { continue };
            match self.take_back(index, undo).await {
                Ok(()) => {}
                Err(Some(StepError::Port(error @ PortError::Superseded { .. }))) => return self.halt(error),
                Err(_) => complete = mutant!("a_failed_undo_is_complete": false => complete),
            }
        }
        let failure = Some((self.step_name(failed), why));
        let procedure = name(self.procedure);
        if complete {
            self.end(Ending::Undone, failure, ProcedureEvent::Undone { procedure }).await
        } else {
            self.end(Ending::UndoFailed, failure, ProcedureEvent::UndoFailed { procedure }).await
        }
    }

    /// Undoes one step within its undo budget, and writes that down.
    async fn take_back(&mut self, index: usize, undo: Undo) -> Result<(), Option<StepError>> {
        let (id, step) = &self.steps[index];
        let (scribe, procedure, run, board) = (self.scribe, self.procedure, self.run, Board::alone());
        let round = Round { scribe, procedure, run, id: *id, step, item: None, board: &board, place: 0 };
        let result = round.undo(undo, &mut self.evidence).await;
        let (step, complete) = (self.step_name(index), result.is_ok());
        let entry = What::TakenBack { step, complete, evidence: written(&self.evidence) };
        self.insist(entry, ROUND_PAUSE_MIN).await.map_err(|error| Some(StepError::Port(error)))?;
        result
    }
}
