//! Forward: one stage after the other, the steps of each in parallel.
//!
//! Invariants: a stage begins once all steps before it are done. A step that has failed lets those beside it come to
//! their end, within their own budgets, so that nothing is undone while another step is still at work on it; only when
//! a newer controller acts is everything dropped at once. A step that is done is not performed again because one beside
//! it failed.

use super::round::Round;
use super::{ROUND_PAUSE_MIN, Runner, name};
use crate::ports::{PortError, Runtime};
use crate::procedure::journal::{What, written};
use crate::procedure::strand::{Board, Progress, Strand, enter, joined, key};
use crate::procedure::together::together_until;
use crate::procedure::{Ending, Perform, ProcedureOutcome, Repeat, StepError};
use crate::record::event::ProcedureEvent;
use crate::units::{Instant, Span};
use std::ops::Range;

/// Why a run does not go on to the next stage.
pub(super) enum Stop {
    /// The journal cannot be written, or somebody else leads.
    Halt(PortError),
    /// A step has failed, or may not begin.
    At(usize, String),
}

/// How a round of a step went; the error is the last try's, if one had ended.
pub(super) type Result<E = Option<StepError>> = std::result::Result<(), E>;

impl<P: Runtime, R: Perform<P>> Runner<'_, P, R> {
    /// Performs that stage, of whose steps some may have begun, and those after it.
    pub(super) async fn forward(
        mut self,
        mut stage: Range<usize>,
        mut strands: Vec<Strand<R::Evidence>>,
    ) -> ProcedureOutcome<R::Evidence> {
        while !stage.is_empty() {
            let is_series = strands.iter().any(|strand| strand.item.is_some());
            let passed = if is_series { self.series(strands).await } else { self.stage(strands).await };
            match passed {
                Ok(()) => {}
                Err(Stop::Halt(error)) => return self.halt(error),
                Err(Stop::At(step, why)) => return self.stop(step, why).await,
            }
            (stage, strands) = enter(self.procedure, &self.steps, stage.end, &self.evidence);
        }
        let performed = self.steps.iter().filter(|(id, _)| !self.procedure.skips(*id, &self.evidence)).count();
        let done = ProcedureEvent::Done { procedure: name(self.procedure), steps: performed as u64 };
        self.end(Ending::Done, None, done).await
    }

    /// Performs the steps of a stage: one round of each, or as many as the limit allows once there is no way back.
    async fn stage(&mut self, mut strands: Vec<Strand<R::Evidence>>) -> Result<Stop> {
        for strand in strands.iter().filter(|strand| strand.is_untouched()) {
            self.approved(strand.step).await?;
        }
        let once_only = |strand: &Strand<_>| self.steps[strand.step].1.repeat == Repeat::OnceOnly;
        let unknown: Vec<bool> = strands
            .iter()
            .map(|s| mutant!("once_only_is_done_again": s.progress == Progress::Begun && once_only(s) => false))
            .collect();
        let board = Board::new(&self.evidence, &strands);
        let before = self.evidence.clone();
        loop {
            let results = self.round(&board, &mut strands, &unknown).await;
            self.evidence = joined(&before, &strands).map_err(|why| Stop::At(strands[0].step, why))?;
            let failed: Vec<(usize, Option<StepError>)> = strands
                .iter()
                .zip(results)
                .filter_map(|(strand, result)| Some((strand.step, result?.err()?)))
                .collect();
            let Some((first, error)) = failed.first() else { return Ok(()) };
            if let Some(superseded) = mutant!("a_superseded_runner_takes_back": failed.iter().find_map(|(_, error)| superseded(error.as_ref())) => None)
            {
                return Err(Stop::Halt(superseded));
            }
            let pauses = failed.iter().map(|(step, _)| self.steps[*step].1.pause);
            let pause = pauses.fold(ROUND_PAUSE_MIN, Span::max);
            let last = failed.iter().any(|(_, error)| error.as_ref().is_some_and(StepError::is_last))
                || mutant!("a_limit_limits_nothing": self.ports().now().saturating_add(pause) >= self.limit() => false);
            if last || mutant!("before_the_return_is_tried_again": !self.procedure.past_return(&self.evidence) => false)
            {
                let why = error.as_ref().map_or_else(|| "over budget".to_owned(), ToString::to_string);
                return Err(Stop::At(*first, why));
            }
            self.ports().sleep(pause).await;
        }
    }

    /// One round of every step of the stage that is not done. Nothing of a step that was dropped, or was done before.
    async fn round(&self, board: &Board, strands: &mut [Strand<R::Evidence>], unknown: &[bool]) -> Vec<Option<Result>> {
        let one = async |place: usize, strand: &mut Strand<R::Evidence>| {
            if strand.is_done() {
                return Ok(());
            }
            self.perform(board, (place, unknown[place]), strand).await
        };
        let all = strands.iter_mut().enumerate().map(|(place, strand)| one(place, strand));
        let is_last = |result: &Result| result.as_ref().is_err_and(|error| superseded(error.as_ref()).is_some());
        together_until(all, usize::MAX, is_last).await
    }

    /// One round of the present step of a strand; `unknown`: it may have been performed before, and must not be twice.
    pub(super) async fn perform(
        &self,
        board: &Board,
        (place, unknown): (usize, bool),
        strand: &mut Strand<R::Evidence>,
    ) -> Result {
        let (id, step) = &self.steps[strand.step];
        let (scribe, procedure, run, item) = (self.scribe, self.procedure, self.run, strand.item.as_deref());
        let round = Round { scribe, procedure, run, id: *id, step, item, board, place };
        let result = round.perform(unknown, &mut strand.evidence).await;
        strand.progress = if result.is_ok() { Progress::Done } else { Progress::Begun };
        if let Err(contradiction) = board.put(place, written(&strand.evidence)) {
            strand.keep(board.last(place));
            return Err(Some(contradiction));
        }
        result
    }

    /// Waits for the consent that a step needs, unless it was given already. That time is people's: the procedure's limit
    /// does not run meanwhile.
    async fn approved(&mut self, step: usize) -> Result<Stop> {
        let waited = self.consent(step, None, &self.evidence).await?;
        self.start = self.start.saturating_add(mutant!("people_spend_the_limit": waited => Span::ZERO));
        Ok(())
    }

    /// Waits for the consent that a step needs, after what is known, unless it was given already. Returns how long that
    /// took.
    pub(super) async fn consent(
        &self,
        step: usize,
        item: Option<&str>,
        evidence: &R::Evidence,
    ) -> std::result::Result<Span, Stop> {
        let given = What::Approved { step: key(&self.steps[step].1.name, item) };
        if mutant!("consent_is_asked_for_again": self.scribe.entries_of(self.run).iter().any(|entry| entry.what == given) => false)
        {
            return Ok(Span::ZERO);
        }
        let mut planned = self.steps[step].1.clone();
        if let Some(item) = item {
            planned.does = format!("{}, for {item}", planned.does).into();
        }
        let waited = self.procedure.consent(self.run.number(), &planned, self.ports(), evidence).await;
        let Some(waited) = waited.map_err(|why| Stop::At(step, why))? else { return Ok(Span::ZERO) };
        self.insist(given, ROUND_PAUSE_MIN).await.map_err(Stop::Halt)?;
        Ok(waited)
    }

    pub(super) fn limit(&self) -> Instant {
        self.start.saturating_add(self.procedure.limit())
    }
}

pub(super) fn superseded(error: Option<&StepError>) -> Option<PortError> {
    match error {
        Some(StepError::Port(error @ PortError::Superseded { .. })) => Some(error.clone()),
        _ => None,
    }
}
