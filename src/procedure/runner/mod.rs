//! Performs a procedure stage by stage, from the beginning or from where the journal says it stood.
//!
//! Owns the beginning and the end of a run, and the audit trail of both; `forward` has the stages, `series` those that are
//! gone through for each of several things, `back` the rollback, `round` budgets and tries. Does not know what a step does.
//!
//! Invariants: a run uses the order it was started with, whichever controller resumes it. Every step leaves a lap. A
//! step is announced in the journal before it is performed and counts as done only once it has been verified and that
//! has been written down. A failed step ends the procedure or is tried again, it is never passed over. Before the point
//! of no return everything is undone, last first, the failed step included, as it may have half happened; after it
//! nothing is. Whoever learns that a newer controller acts does nothing more.

mod back;
mod forward;
mod round;
mod series;

use super::journal::{Past, RunId, RunProgress, Scribe, What, order_of, written};
use super::strand::Strand;
use super::{Ending, Perform, Procedure, ProcedureOutcome, Step};
use crate::ports::{PortError, Runtime};
use crate::record::event::{ControllerEvent, ProcedureEvent, Prose};
use crate::units::{Instant, Span};
use std::ops::Range;

/// The shortest wait between two rounds of a step past the point of no return, and between two tries at the journal, so
/// that what fails at once still lets time pass. The figure is ours.
const ROUND_PAUSE_MIN: Span = Span::from_secs(1);

/// Performs run `number` of `procedure`, 1 for the first, or what the journal says is left of it.
pub async fn run<P: Runtime, R: Perform<P>>(
    scribe: &Scribe<P>,
    procedure: &R,
    number: u32,
) -> ProcedureOutcome<R::Evidence> {
    run_nested(scribe, procedure, &RunId::top(number), false).await
}

/// Performs what is left of `run`; `give_up`: by taking it back, if that is still possible.
pub(super) async fn run_nested<P: Runtime, R: Perform<P>>(
    scribe: &Scribe<P>,
    procedure: &R,
    run: &RunId,
    give_up: bool,
) -> ProcedureOutcome<R::Evidence> {
    let entries = scribe.entries_of(run);
    let begun = match order_of(procedure, &entries) {
        Ok(order) => order.map(R::ordered),
        Err(why) => return unreadable(scribe, why),
    };
    let other_order = begun.as_ref().is_some_and(|begun| written(begun.order()) != written(procedure.order()));
    let procedure = begun.as_ref().unwrap_or(procedure);
    let past = match Past::of(procedure, &entries) {
        Ok(past) => past,
        Err(why) => return unreadable(scribe, why),
    };
    let known = match past.known() {
        Ok(known) => known,
        Err(why) => return unreadable(scribe, why),
    };
    let start = past.begun.unwrap_or_else(|| scribe.ports().now());
    let steps = procedure.steps();
    let mut runner = Runner { scribe, procedure, run, steps, start, evidence: past.evidence };
    if other_order && !matches!(past.standing, RunProgress::Ended(..)) {
        let (procedure, run) = (name(procedure), run.to_string());
        runner.ports().event(ProcedureEvent::KeptOrder { procedure, run });
    }
    match past.standing {
        RunProgress::Ended(ending, failure) => {
            let (procedure, run, ending_told) = (name(procedure), Some(run.to_string()), format!("it {ending}").into());
            runner.ports().event(ProcedureEvent::Found { procedure, run, ending: ending_told });
            ProcedureOutcome { ending, failure, evidence: known }
        }
        RunProgress::New => {
            let begun = What::Begun { procedure: name(procedure), order: written(procedure.order()) };
            if let Err(error) = runner.insist(begun, ROUND_PAUSE_MIN).await {
                return runner.halt(error);
            }
            runner.tell_start();
            runner.forward(past.stage, past.strands).await
        }
        RunProgress::Forward => {
            let left = runner.tell_going_on(&past.stage, &past.strands);
            if give_up
                && let Some(step) = left
                && mutant!("giving_up_knows_no_return": !procedure.past_return(&known) => true)
            {
                runner.evidence = known;
                return runner.stop(step, "cut off".to_owned()).await;
            }
            runner.forward(past.stage, past.strands).await
        }
        RunProgress::Back { failed, why, below, complete } => {
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
fn name<R: Procedure>(procedure: &R) -> String {
    procedure.name().to_owned()
}

fn unreadable<P: Runtime, E: Default>(scribe: &Scribe<P>, why: String) -> ProcedureOutcome<E> {
    scribe.ports().event(ControllerEvent::Unreadable { why: why.clone().into() });
    ProcedureOutcome { ending: Ending::Stopped, failure: Some(("journal".to_owned(), why)), evidence: E::default() }
}

struct Runner<'a, P, R: Procedure> {
    scribe: &'a Scribe<P>,
    procedure: &'a R,
    run: &'a RunId,
    steps: Vec<(R::StepId, Step)>,
    start: Instant,
    /// What was known when the present stage began.
    evidence: R::Evidence,
}

impl<P: Runtime, R: Perform<P>> Runner<'_, P, R> {
    fn ports(&self) -> &P {
        self.scribe.ports()
    }

    fn step_name(&self, step: usize) -> String {
        self.steps[step].1.name.to_string()
    }

    /// Ends the run: the end is reported once it is written down, so that nobody hears of an end that may be repeated.
    async fn end(
        self,
        ending: Ending,
        failure: Option<(String, String)>,
        event: ProcedureEvent,
    ) -> ProcedureOutcome<R::Evidence> {
        match self.insist(What::Ended { ending, failure: failure.clone() }, ROUND_PAUSE_MIN).await {
            Ok(()) => {
                self.ports().event(event);
                ProcedureOutcome { ending, failure, evidence: self.evidence }
            }
            Err(error) => self.halt(error),
        }
    }

    /// Leaves everything as it is: the journal cannot be written, or somebody else leads.
    fn halt(self, error: PortError) -> ProcedureOutcome<R::Evidence> {
        let (procedure, why) = (name(self.procedure), Prose::of(&error));
        let (ending, event) = match error {
            PortError::Superseded { .. } => (Ending::Superseded, ProcedureEvent::Superseded { procedure, why }),
            _ => (Ending::Stopped, ProcedureEvent::Stopped { procedure, step: None, why }),
        };
        self.ports().event(event);
        ProcedureOutcome { ending, failure: Some(("journal".to_owned(), error.to_string())), evidence: self.evidence }
    }

    /// Appends to the journal, again and again until the procedure's limit has passed once more.
    async fn insist(&self, what: What, pause: Span) -> Result<(), PortError> {
        let until = self.ports().now().saturating_add(self.procedure.limit());
        loop {
            let error = match self.scribe.append(self.run, what.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if matches!(error, PortError::Superseded { .. })
                || mutant!("a_busy_journal_ends_it": self.ports().now().saturating_add(pause) >= until => true)
            {
                return Err(error);
            }
            self.ports().sleep(pause).await;
        }
    }

    fn tell_start(&self) {
        self.ports()
            .event(ProcedureEvent::Started { procedure: name(self.procedure), does: self.procedure.doc().into() });
    }

    /// A controller resumes the run at a stage of which some steps may have begun. Returns the first step that is left.
    fn tell_going_on(&self, stage: &Range<usize>, strands: &[Strand<R::Evidence>]) -> Option<usize> {
        if stage.start == 0 && strands.iter().all(Strand::is_untouched) {
            // Whoever wrote that it begins may not have got to tell.
            self.tell_start();
        }
        let left: Vec<&Strand<_>> = strands.iter().filter(|strand| !strand.is_done()).collect();
        let name = |strand: &&Strand<_>| match &strand.item {
            Some(item) if strands.len() > 1 => format!("{} of {item}", self.step_name(strand.step)),
            _ => self.step_name(strand.step),
        };
        let names: Vec<String> = left.iter().map(name).collect();
        self.tell_resumed(Some(if names.is_empty() { "the end".to_owned() } else { names.join(", ") }));
        left.first().map(|strand| strand.step)
    }

    /// A controller resumes the run: at some steps, or at its rollback.
    fn tell_resumed(&self, at: Option<String>) {
        self.ports().event(ProcedureEvent::Resumed { procedure: name(self.procedure), run: self.run.to_string(), at });
    }
}
