//! Performs a procedure step by step.
//!
//! Owns budgets, retries, verification, undoing and the audit trail. Refuses to know what a step does.
//!
//! Invariants: every step leaves a lap. A step counts as done only once it has been verified. A failed step ends the
//! procedure or is tried again, it is never passed over. Before the point of no return everything is taken back, last
//! first, the failed step included, as it may have half happened; after it nothing is.

use super::race::{Winner, race};
use super::step::{Ending, Outcome, Step, StepError, Undo};
use super::{Procedure, approval};
use crate::ports::Ports;
use crate::record::{Lap, LapResult};
use crate::units::{Instant, Span};

/// The shortest wait between two rounds of a step past the point of no return, so that a step which fails at once and
/// does not pause still lets time pass. The figure is ours.
const ROUND_PAUSE_MIN: Span = Span::from_secs(1);

/// Performs `procedure`; `run` is its number in laps, 1 for the first.
pub async fn run<P: Ports, R: Procedure>(ports: &P, procedure: &R, run: u32) -> Outcome<R::Evidence> {
    let mut runner = Runner { ports, procedure, run, start: ports.now(), evidence: R::Evidence::default() };
    runner.event("started", R::DOC);
    for (index, (id, step)) in R::STEPS.iter().enumerate() {
        // APPROVAL: the one place where a procedure waits for people.
        if let Err(why) = runner.approved(step).await {
            return runner.stop(index, why).await;
        }
        if let Err(why) = runner.carry_through(*id, step).await {
            return runner.stop(index, why).await;
        }
    }
    runner.event("done", &format!("{} steps done and verified", R::STEPS.len()));
    Outcome { ending: Ending::Done, failure: None, evidence: runner.evidence }
}

struct Runner<'a, P, R: Procedure> {
    ports: &'a P,
    procedure: &'a R,
    run: u32,
    start: Instant,
    evidence: R::Evidence,
}

/// The tries of one round, kept outside the future that makes them, which the deadline may drop.
#[derive(Default)]
struct Tries {
    made: u32,
    last_error: Option<StepError>,
}

impl<P: Ports, R: Procedure> Runner<'_, P, R> {
    /// Waits for the consent that a step needs. That time is people's: the procedure's limit does not run meanwhile.
    async fn approved(&mut self, step: &Step) -> Result<(), String> {
        let waited = approval::before_step(self.ports, (R::NAME, self.run), step, self.procedure.approval()).await?;
        self.start = self.start.saturating_add(waited);
        Ok(())
    }

    /// One round of a step, or as many as the limit allows once there is no way back.
    async fn carry_through(&mut self, id: R::StepId, step: &Step) -> Result<(), String> {
        loop {
            let error = match self.perform(id, step).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let again_at = self.ports.now().saturating_add(step.pause.max(ROUND_PAUSE_MIN));
            let last = matches!(error, Some(StepError::Final(_))) || again_at >= self.start.saturating_add(R::LIMIT);
            if last || !self.procedure.past_return(&self.evidence) {
                return Err(error.map_or_else(|| "over budget".to_owned(), |error| error.to_string()));
            }
            self.ports.sleep(step.pause.max(ROUND_PAUSE_MIN)).await;
        }
    }

    /// One round of a step: tries within its budget, and the lap. The error is the last try's, if one had ended.
    async fn perform(&mut self, id: R::StepId, step: &Step) -> Result<(), Option<StepError>> {
        self.event(&format!("{}.started", step.name), step.does);
        let start = self.ports.now();
        let mut tries = Tries::default();
        let work = try_step(self.ports, self.procedure, id, step, &mut self.evidence, &mut tries);
        let (result, note) = match race(work, self.ports.sleep(step.budget)).await {
            Winner::First(Ok(note)) => (LapResult::Done, note),
            Winner::First(Err(error)) => {
                let note = error.to_string();
                tries.last_error = Some(error);
                (LapResult::Failed, note)
            }
            Winner::Second(()) => (LapResult::OverBudget, over_budget(step.budget, &tries)),
        };
        self.lap(step, start, step.budget, tries.made, result, note);
        if result == LapResult::Done { Ok(()) } else { Err(tries.last_error) }
    }

    /// Ends the procedure at the step of that index: takes everything back, unless it is too late for that.
    async fn stop(mut self, failed: usize, why: String) -> Outcome<R::Evidence> {
        let name = R::STEPS[failed].1.name;
        let failure = Some((name, why.clone()));
        if self.procedure.past_return(&self.evidence) {
            let text =
                format!("{name}: {why}; past the point of no return, so nothing is taken back: a person must act");
            self.event("failed", &text);
            return Outcome { ending: Ending::Stopped, failure, evidence: self.evidence };
        }
        self.event("failed", &format!("{name}: {why}; taking back what was done"));
        let mut complete = true;
        for (id, step) in R::STEPS[..=failed].iter().rev() {
            if let Some(undo) = step.undo {
                complete &= self.take_back(*id, step, undo).await;
            }
        }
        let (ending, word, text) = if complete {
            (Ending::Undone, "undone", "everything is as it was")
        } else {
            (Ending::UndoFailed, "undo_failed", "not everything could be taken back: a person must act")
        };
        self.event(word, text);
        Outcome { ending, failure, evidence: self.evidence }
    }

    /// Undoes one step within its undo budget, and the lap. Says whether that succeeded.
    async fn take_back(&mut self, id: R::StepId, step: &Step, undo: Undo) -> bool {
        let start = self.ports.now();
        let mut tries = Tries::default();
        let work = try_undo(self.ports, self.procedure, id, step, undo, &mut self.evidence, &mut tries);
        let (result, note) = match race(work, self.ports.sleep(undo.budget)).await {
            Winner::First(Ok(note)) => (LapResult::Undone, note),
            Winner::First(Err(error)) => (LapResult::UndoFailed, error.to_string()),
            Winner::Second(()) => (LapResult::UndoFailed, over_budget(undo.budget, &tries)),
        };
        self.lap(step, start, undo.budget, tries.made, result, note);
        result == LapResult::Undone
    }

    fn lap(&self, step: &Step, start: Instant, budget: Span, tries: u32, result: LapResult, note: String) {
        self.event(&format!("{}.{result}", step.name), &note);
        let took = self.ports.now().since(start);
        self.ports.lap(Lap {
            procedure: R::NAME,
            run: self.run,
            step: step.name,
            start,
            took,
            budget,
            tries,
            result,
            note,
        });
    }

    fn event(&self, what: &str, text: &str) {
        self.ports.event(&format!("{}.{what}", R::NAME), text);
    }
}

/// Performs and verifies, until that succeeds or may not be tried again.
async fn try_step<P: Ports, R: Procedure>(
    ports: &P,
    procedure: &R,
    id: R::StepId,
    step: &Step,
    evidence: &mut R::Evidence,
    tries: &mut Tries,
) -> Result<String, StepError> {
    loop {
        tries.made += 1;
        let error = match procedure.perform(id, ports, evidence).await {
            Ok(note) => match procedure.verify(id, ports, evidence).await {
                Ok(()) => return Ok(note),
                Err(error) => error,
            },
            Err(error) => error,
        };
        if tries.made >= step.tries || !error.allows_retry(step.repeat) {
            return Err(error);
        }
        tries.last_error = Some(error);
        ports.sleep(step.pause).await;
    }
}

/// Undoes, until that succeeds or may not be tried again. Undoing is idempotent.
async fn try_undo<P: Ports, R: Procedure>(
    ports: &P,
    procedure: &R,
    id: R::StepId,
    step: &Step,
    undo: Undo,
    evidence: &mut R::Evidence,
    tries: &mut Tries,
) -> Result<String, StepError> {
    loop {
        tries.made += 1;
        let error = match procedure.undo(id, ports, evidence).await {
            Ok(note) => return Ok(note),
            Err(error) => error,
        };
        if tries.made >= undo.tries || matches!(error, StepError::Final(_)) {
            return Err(error);
        }
        tries.last_error = Some(error);
        ports.sleep(step.pause).await;
    }
}

fn over_budget(budget: Span, tries: &Tries) -> String {
    let last = tries.last_error.as_ref().map_or(String::new(), |error| format!("; before that, {error}"));
    format!("not finished within {budget}, at try {}{last}", tries.made)
}
