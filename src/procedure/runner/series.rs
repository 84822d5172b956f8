//! A series: steps that are gone through for each of several things, so many at the same time.
//!
//! Invariants: each goes on to its next step as soon as the one before is done, whatever the others do, and one that fails
//! lets the others come to the end of the series: what they bring back is in use before the last is. They are begun in the
//! order of the procedure. Only when a newer controller acts is everything dropped at once.

use super::forward::{Result, Stop, superseded};
use super::{ROUND_PAUSE_MIN, Runner};
use crate::ports::Runtime;
use crate::procedure::strand::{Board, Progress, Strand, joined};
use crate::procedure::together::together_until;
use crate::procedure::{Perform, Repeat, StepError};
use crate::units::Span;

impl<P: Runtime, R: Perform<P>> Runner<'_, P, R> {
    /// Takes all of them through the series.
    pub(super) async fn series(&mut self, mut strands: Vec<Strand<R::Evidence>>) -> Result<Stop> {
        let board = Board::new(&self.evidence, &strands);
        let all = strands.iter_mut().enumerate().map(|(place, strand)| self.go_through(&board, place, strand));
        let halts = |result: &std::result::Result<Span, Stop>| matches!(result, Err(Stop::Halt(_)));
        let results =
            together_until(all, mutant!("all_go_at_once": self.procedure.at_once().max(1) => usize::MAX), halts).await;
        self.evidence = joined(&self.evidence, &strands).map_err(|why| Stop::At(strands[0].step, why))?;
        let (mut waited, mut failed) = (Span::ZERO, None);
        for result in results.into_iter().flatten() {
            match result {
                Ok(span) => waited = waited.max(span),
                Err(halt @ Stop::Halt(_)) => return Err(halt),
                Err(at) => failed = failed.or(Some(at)),
            }
        }
        self.start = self.start.saturating_add(waited);
        failed.map_or(Ok(()), Err)
    }

    /// Takes one through the steps that it has not done. Returns how long people were waited for.
    async fn go_through(
        &self,
        board: &Board,
        place: usize,
        strand: &mut Strand<R::Evidence>,
    ) -> std::result::Result<Span, Stop> {
        let mut waited = Span::ZERO;
        while !strand.is_done() {
            strand.advance();
            if strand.is_untouched() {
                let took = self.consent(strand.step, strand.item.as_deref(), &strand.evidence).await?;
                waited = waited.saturating_add(took);
            }
            self.until_done(board, place, strand, waited).await?;
        }
        Ok(waited)
    }

    /// Performs the present step of one of them: one round, or as many as the limit allows once there is no way back.
    async fn until_done(
        &self,
        board: &Board,
        place: usize,
        strand: &mut Strand<R::Evidence>,
        waited: Span,
    ) -> Result<Stop> {
        let step = strand.step;
        let planned = &self.steps[step].1;
        let unknown = strand.progress == Progress::Begun && planned.repeat == Repeat::OnceOnly;
        loop {
            let Err(error) = self.perform(board, (place, unknown), strand).await else { return Ok(()) };
            if let Some(superseded) = superseded(error.as_ref()) {
                return Err(Stop::Halt(superseded));
            }
            let pause = planned.pause.max(ROUND_PAUSE_MIN);
            let over = self.ports().now().saturating_add(pause) >= self.limit().saturating_add(waited);
            let last = over || error.as_ref().is_some_and(StepError::is_last);
            if last || !self.procedure.past_return(&strand.evidence) {
                return Err(Stop::At(step, error.map_or_else(|| "over budget".to_owned(), |error| error.to_string())));
            }
            self.ports().sleep(pause).await;
        }
    }
}
