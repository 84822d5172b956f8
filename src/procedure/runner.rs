//! Performs a procedure step by step, from the beginning or from where the journal says it stood.
//!
//! Owns budgets, retries, verification, undoing, the journal's order and the audit trail. Refuses to know what a step
//! does.
//!
//! Invariants: every step leaves a lap. A step is announced in the journal before it is performed and counts as done only
//! once it has been verified and that has been written down. A failed step ends the procedure or is tried again, it is
//! never passed over. Before the point of no return everything is taken back, last first, the failed step included, as it
//! may have half happened; after it nothing is. Whoever learns that a newer controller acts does nothing more.

use super::journal::{Past, RunId, Scribe, Stage, What, written};
use super::race::{Winner, race};
use super::step::{Ending, Outcome, Repeat, Step, StepError, Undo};
use super::work::Work;
use super::{Perform, Procedure};
use crate::ports::{PortError, Runtime};
use crate::record::event::{ControllerEvent, ProcedureEvent, Prose};
use crate::record::{Lap, LapResult};
use crate::units::{Instant, Span};

/// The shortest wait between two rounds of a step past the point of no return, and between two tries at the journal, so
/// that what fails at once still lets time pass. The figure is ours.
const ROUND_PAUSE_MIN: Span = Span::from_secs(1);

/// Performs run `number` of `procedure`, 1 for the first, or what the journal says is left of it.
pub async fn run<P: Runtime, R: Perform<P>>(scribe: &Scribe<P>, procedure: &R, number: u32) -> Outcome<R::Evidence> {
    run_nested(scribe, procedure, &RunId::top(number), false).await
}

/// Performs what is left of `run`; `give_up`: by taking it back, if that is still possible.
pub(super) async fn run_nested<P: Runtime, R: Perform<P>>(
    scribe: &Scribe<P>,
    procedure: &R,
    run: &RunId,
    give_up: bool,
) -> Outcome<R::Evidence> {
    let past = match Past::<R>::of(&scribe.entries_of(run)) {
        Ok(past) => past,
        Err(why) => return unreadable(scribe, why),
    };
    let start = past.begun.unwrap_or_else(|| scribe.ports().now());
    let runner = Runner { scribe, procedure, run, start, evidence: past.evidence };
    if let Some(route) = past.route.filter(|route| *route != procedure.route()) {
        let why = format!("run {run} goes from {} to {}: it was begun with other settings", route.0, route.1);
        return unreadable(scribe, why);
    }
    match past.stage {
        Stage::Ended(ending, failure) => {
            let (procedure, run, ending_told) = (name::<R>(), Some(run.to_string()), format!("it {ending}").into());
            runner.ports().event(ProcedureEvent::Found { procedure, run, ending: ending_told });
            Outcome { ending, failure, evidence: runner.evidence }
        }
        Stage::New => {
            let begun = What::Begun { procedure: R::NAME.to_owned(), route: procedure.route() };
            if let Err(error) = runner.insist(begun, ROUND_PAUSE_MIN).await {
                return runner.halt(error);
            }
            runner.tell_start();
            runner.forward(0, false).await
        }
        Stage::Forward { step, begun } => {
            let at = R::STEPS.get(step).map_or("the end", |(_, step)| step.name);
            if step == 0 && !begun {
                // Whoever wrote that it begins may not have got to tell.
                runner.tell_start();
            }
            runner.tell_resumed(Some(at));
            if give_up && step < R::STEPS.len() && !procedure.past_return(&runner.evidence) {
                return runner.stop(step, "cut off".to_owned()).await;
            }
            runner.forward(step, begun).await
        }
        Stage::Back { failed, why, below, complete } => {
            runner.tell_resumed(None);
            runner.back(failed, why, below, complete).await
        }
    }
}

/// Whether `run` is over.
pub(super) fn ended<P: Runtime>(scribe: &Scribe<P>, run: &RunId) -> bool {
    scribe.entries_of(run).iter().any(|entry| matches!(entry.what, What::Ended { .. }))
}

/// Whether `run` is over without having been done.
pub(super) fn ended_short_of_done<P: Runtime>(scribe: &Scribe<P>, run: &RunId) -> bool {
    let short = |what: &What| matches!(what, What::Ended { ending, .. } if *ending != Ending::Done);
    scribe.entries_of(run).iter().any(|entry| short(&entry.what))
}

/// The name of a procedure, as its events have it.
fn name<R: Procedure>() -> String {
    R::NAME.to_owned()
}

fn unreadable<P: Runtime, E: Default>(scribe: &Scribe<P>, why: String) -> Outcome<E> {
    scribe.ports().event(ControllerEvent::Unreadable { why: why.clone().into() });
    Outcome { ending: Ending::Stopped, failure: Some(("journal".to_owned(), why)), evidence: E::default() }
}

struct Runner<'a, P, R: Procedure> {
    scribe: &'a Scribe<P>,
    procedure: &'a R,
    run: &'a RunId,
    start: Instant,
    evidence: R::Evidence,
}

/// Why a step may not begin.
enum Refusal {
    /// Those asked said no, or nothing.
    By(String),
    /// The journal did not take their yes.
    Superseded(PortError),
}

/// The tries of one round, kept outside the future that makes them, which the deadline may drop.
#[derive(Default)]
struct Tries {
    made: u32,
    last_error: Option<StepError>,
}

impl<P: Runtime, R: Perform<P>> Runner<'_, P, R> {
    fn ports(&self) -> &P {
        self.scribe.ports()
    }

    /// Performs the steps from that index on. `begun`: some of the first may have happened.
    async fn forward(mut self, from: usize, begun: bool) -> Outcome<R::Evidence> {
        for (index, (id, step)) in R::STEPS.iter().enumerate().skip(from) {
            let unknown = begun && index == from && step.repeat == Repeat::OnceOnly;
            if !(begun && index == from)
                && let Err(refusal) = self.approved(step).await
            {
                return match refusal {
                    Refusal::Superseded(error) => self.halt(error),
                    Refusal::By(why) => self.stop(index, why).await,
                };
            }
            match self.carry_through(*id, step, unknown).await {
                Ok(()) => {}
                Err(Some(StepError::Port(error @ PortError::Superseded { .. }))) => return self.halt(error),
                Err(error) => {
                    let why = error.map_or_else(|| "over budget".to_owned(), |error| error.to_string());
                    return self.stop(index, why).await;
                }
            }
        }
        let done = ProcedureEvent::Done { procedure: name::<R>(), steps: R::STEPS.len() as u64 };
        self.end(Ending::Done, None, done).await
    }

    /// Waits for the consent that a step needs, unless it was given already. That time is people's: the procedure's limit
    /// does not run meanwhile.
    async fn approved(&mut self, step: &Step) -> Result<(), Refusal> {
        let given = What::Approved { step: step.name.to_owned() };
        if self.scribe.entries_of(self.run).iter().any(|entry| entry.what == given) {
            return Ok(());
        }
        let waited = self.procedure.consent(self.run.number(), step, self.ports(), &self.evidence).await;
        let Some(waited) = waited.map_err(Refusal::By)? else { return Ok(()) };
        self.start = self.start.saturating_add(waited);
        self.insist(given, ROUND_PAUSE_MIN).await.map_err(Refusal::Superseded)
    }

    /// One round of a step, or as many as the limit allows once there is no way back.
    async fn carry_through(&mut self, id: R::StepId, step: &Step, unknown: bool) -> Result<(), Option<StepError>> {
        loop {
            let error = match self.perform(id, step, unknown).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let again_at = self.ports().now().saturating_add(step.pause.max(ROUND_PAUSE_MIN));
            let last = error.as_ref().is_some_and(StepError::is_last) || again_at >= self.limit();
            if last || !self.procedure.past_return(&self.evidence) {
                return Err(error);
            }
            self.ports().sleep(step.pause.max(ROUND_PAUSE_MIN)).await;
        }
    }

    fn limit(&self) -> Instant {
        self.start.saturating_add(R::LIMIT)
    }

    /// One round of a step: tries within its budget, and the lap. The error is the last try's, if one had ended.
    async fn perform(&mut self, id: R::StepId, step: &Step, unknown: bool) -> Result<(), Option<StepError>> {
        let (procedure, step_name) = (name::<R>(), step.name.to_owned());
        self.ports().event(ProcedureEvent::StepStarted { procedure, step: step_name, does: step.does.into() });
        let start = self.ports().now();
        let mut tries = Tries::default();
        let (scribe, procedure, run) = (self.scribe, self.procedure, self.run);
        let work = try_step(scribe, procedure, run, id, step, unknown, &mut self.evidence, &mut tries);
        let (result, note) = match race(work, scribe.ports().sleep(step.budget)).await {
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
    async fn stop(self, failed: usize, why: String) -> Outcome<R::Evidence> {
        let name = R::STEPS[failed].1.name;
        let past_return = self.procedure.past_return(&self.evidence);
        let (procedure, step) = (self::name::<R>(), name.to_owned());
        self.ports().event(ProcedureEvent::Failed {
            procedure: procedure.clone(),
            step: step.clone(),
            why: why.clone().into(),
            past_return,
        });
        if past_return {
            let stopped = ProcedureEvent::Stopped { procedure, step: Some(step), why: why.clone().into() };
            return self.end(Ending::Stopped, Some((name.to_owned(), why)), stopped).await;
        }
        let entry = What::Failed { step: name.to_owned(), why: why.clone(), evidence: written(&self.evidence) };
        match self.insist(entry, ROUND_PAUSE_MIN).await {
            Ok(()) => self.back(failed, why, failed + 1, true).await,
            Err(error) => self.halt(error),
        }
    }

    /// Takes back the steps below that index, last first.
    async fn back(mut self, failed: usize, why: String, below: usize, mut complete: bool) -> Outcome<R::Evidence> {
        for (id, step) in R::STEPS[..below].iter().rev() {
            let Some(undo) = step.undo else { continue };
            match self.take_back(*id, step, undo).await {
                Ok(()) => {}
                Err(Some(StepError::Port(error @ PortError::Superseded { .. }))) => return self.halt(error),
                Err(_) => complete = false,
            }
        }
        let failure = Some((R::STEPS[failed].1.name.to_owned(), why));
        let procedure = name::<R>();
        if complete {
            self.end(Ending::Undone, failure, ProcedureEvent::Undone { procedure }).await
        } else {
            self.end(Ending::UndoFailed, failure, ProcedureEvent::UndoFailed { procedure }).await
        }
    }

    /// Undoes one step within its undo budget, and the lap.
    async fn take_back(&mut self, id: R::StepId, step: &Step, undo: Undo) -> Result<(), Option<StepError>> {
        let start = self.ports().now();
        let mut tries = Tries::default();
        let (scribe, procedure, run) = (self.scribe, self.procedure, self.run);
        let work = try_undo(scribe, procedure, run, id, step, undo, &mut self.evidence, &mut tries);
        let (result, note) = match race(work, scribe.ports().sleep(undo.budget)).await {
            Winner::First(Ok(note)) => (LapResult::Undone, note),
            Winner::First(Err(error)) => {
                let note = error.to_string();
                tries.last_error = Some(error);
                (LapResult::UndoFailed, note)
            }
            Winner::Second(()) => (LapResult::UndoFailed, over_budget(undo.budget, &tries)),
        };
        self.lap(step, start, undo.budget, tries.made, result, note);
        let complete = result == LapResult::Undone;
        let entry = What::TakenBack { step: step.name.to_owned(), complete, evidence: written(&self.evidence) };
        self.insist(entry, ROUND_PAUSE_MIN).await.map_err(|error| Some(StepError::Port(error)))?;
        if complete { Ok(()) } else { Err(tries.last_error) }
    }

    /// Ends the run: the end is told once it is written down, so that nobody hears of an end that may be repeated.
    async fn end(
        self,
        ending: Ending,
        failure: Option<(String, String)>,
        event: ProcedureEvent,
    ) -> Outcome<R::Evidence> {
        match self.insist(What::Ended { ending, failure: failure.clone() }, ROUND_PAUSE_MIN).await {
            Ok(()) => {
                self.ports().event(event);
                Outcome { ending, failure, evidence: self.evidence }
            }
            Err(error) => self.halt(error),
        }
    }

    /// Leaves everything as it is: the journal cannot be written, or somebody else leads.
    fn halt(self, error: PortError) -> Outcome<R::Evidence> {
        let (procedure, why) = (name::<R>(), Prose::of(&error));
        let (ending, event) = match error {
            PortError::Superseded { .. } => (Ending::Superseded, ProcedureEvent::Superseded { procedure, why }),
            _ => (Ending::Stopped, ProcedureEvent::Stopped { procedure, step: None, why }),
        };
        self.ports().event(event);
        Outcome { ending, failure: Some(("journal".to_owned(), error.to_string())), evidence: self.evidence }
    }

    /// Appends to the journal, again and again until the procedure's limit has passed once more.
    async fn insist(&self, what: What, pause: Span) -> Result<(), PortError> {
        let until = self.ports().now().saturating_add(R::LIMIT);
        loop {
            let error = match self.scribe.append(self.run, what.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if matches!(error, PortError::Superseded { .. }) || self.ports().now().saturating_add(pause) >= until {
                return Err(error);
            }
            self.ports().sleep(pause).await;
        }
    }

    fn lap(&self, step: &Step, start: Instant, budget: Span, tries: u32, result: LapResult, note: String) {
        self.ports().event(ProcedureEvent::step_ended(R::NAME, step.name, result, &note));
        let (took, run) = (self.ports().now().since(start), self.run.number());
        self.ports().lap(Lap { procedure: R::NAME, run, step: step.name, start, took, budget, tries, result, note });
    }

    fn tell_start(&self) {
        self.ports().event(ProcedureEvent::Started { procedure: name::<R>(), does: R::DOC.into() });
    }

    /// A controller goes on with the run: at a step, or at taking it back.
    fn tell_resumed(&self, at: Option<&str>) {
        let (run, at) = (self.run.to_string(), at.map(str::to_owned));
        self.ports().event(ProcedureEvent::Resumed { procedure: name::<R>(), run, at });
    }
}

/// Announces, performs and verifies, until that succeeds or may not be tried again, and writes down that it did.
/// `unknown`: it may have been performed before, and must not be performed twice.
#[expect(clippy::too_many_arguments, reason = "the parts of a runner, borrowed apart: a deadline may drop this")]
async fn try_step<P: Runtime, R: Perform<P>>(
    scribe: &Scribe<P>,
    procedure: &R,
    run: &RunId,
    id: R::StepId,
    step: &Step,
    unknown: bool,
    evidence: &mut R::Evidence,
    tries: &mut Tries,
) -> Result<String, StepError> {
    let ports = scribe.ports();
    loop {
        tries.made += 1;
        let attempt = async {
            let name = step.name.to_owned();
            scribe.append(run, What::Step { step: name.clone(), evidence: written(evidence) }).await?;
            let note = if unknown {
                "performed by a controller before this one".to_owned()
            } else {
                let mut work = Work { ports, evidence, scribe, run, step: step.name };
                procedure.perform(id, &mut work).await?
            };
            procedure.verify(id, ports, evidence).await?;
            Ok::<String, StepError>(note)
        };
        match attempt.await {
            Ok(note) => {
                write_done(scribe, run, step, evidence).await?;
                return Ok(note);
            }
            Err(error) if tries.made >= step.tries || !error.allows_retry(step.repeat) => return Err(error),
            Err(error) => tries.last_error = Some(error),
        }
        ports.sleep(step.pause).await;
    }
}

/// A step that is done stays done, however long the journal takes to say so: it is not performed again for that.
async fn write_done<P: Runtime, E: serde::Serialize>(
    scribe: &Scribe<P>,
    run: &RunId,
    step: &Step,
    evidence: &E,
) -> Result<(), StepError> {
    loop {
        let entry = What::Done { step: step.name.to_owned(), evidence: written(evidence) };
        match scribe.append(run, entry).await {
            Ok(()) => return Ok(()),
            Err(error @ PortError::Superseded { .. }) => return Err(error.into()),
            Err(_) => scribe.ports().sleep(step.pause.max(ROUND_PAUSE_MIN)).await,
        }
    }
}

/// Undoes, until that succeeds or may not be tried again. Undoing is idempotent.
#[expect(clippy::too_many_arguments, reason = "the parts of a runner, borrowed apart: a deadline may drop this")]
async fn try_undo<P: Runtime, R: Perform<P>>(
    scribe: &Scribe<P>,
    procedure: &R,
    run: &RunId,
    id: R::StepId,
    step: &Step,
    undo: Undo,
    evidence: &mut R::Evidence,
    tries: &mut Tries,
) -> Result<String, StepError> {
    loop {
        tries.made += 1;
        let mut work = Work { ports: scribe.ports(), evidence, scribe, run, step: step.name };
        let error = match procedure.undo(id, &mut work).await {
            Ok(note) => return Ok(note),
            Err(error) => error,
        };
        if tries.made >= undo.tries || error.is_last() {
            return Err(error);
        }
        tries.last_error = Some(error);
        scribe.ports().sleep(step.pause).await;
    }
}

fn over_budget(budget: Span, tries: &Tries) -> String {
    let last = tries.last_error.as_ref().map_or(String::new(), |error| format!("; before that, {error}"));
    format!("not finished within {budget:#}, at try {}{last}", tries.made)
}
