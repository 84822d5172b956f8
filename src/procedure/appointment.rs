//! Starts a procedure at a time that was fixed before, or upon an event, and finishes what a controller before this one has begun.
//!
//! Owns when it is started. Does not know what the procedure does. Invariant: a run that the journal knows is not started
//! again.

use super::approval::{self, ApprovalPlan, ApprovalVerdict};
use super::journal::Scribe;
use super::{Ending, Task};
use crate::ports::{Audit, Clock, Occurrences, People, Runtime};
use crate::record::Beginning;
use crate::record::event::{Event, ProcedureEvent, Prose};
use crate::units::Span;
use std::future::pending;

/// When a procedure is started, and who is asked and called for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// When.
    pub begins: Beginning,
    /// What people call it, such as `the drill of west`.
    pub subject: String,
    /// Who must consent before it begins; `None`: it begins at once.
    pub approval: Option<ApprovalPlan>,
    /// Who is paged when it has not reached its end; `None`: nobody.
    pub on_call: Option<ApprovalPlan>,
}

/// How long whoever cannot hear of an event waits before asking again. The figure is ours.
const ASK_AGAIN: Span = Span::from_secs(10);

/// Starts `task` by `plan`, once, then waits for ever; returns only when another controller acts.
///
/// Events: those of the procedure; `{procedure}.planned` at once, unless the journal knows the run; and what `refused` makes of
/// the reason if those who must be asked do not consent.
pub async fn keep_appointment<P: Runtime + People + Occurrences>(
    scribe: &Scribe<P>,
    plan: Appointment,
    task: Task<P>,
    refused: fn(&str, Prose) -> Event,
) {
    let ports = scribe.ports();
    let known = scribe.runs().pop();
    let procedure = || task.name.clone();
    if let Some((_, ending)) = known.as_ref().and_then(|run| run.ended) {
        let ending = format!("it {ending}").into();
        ports.event(ProcedureEvent::Found { procedure: procedure(), run: None, ending });
        return pending().await;
    }
    if known.is_none() {
        ports.event(ProcedureEvent::Planned { procedure: procedure(), begins: plan.begins.clone() });
        wait_for(ports, &plan.begins).await;
        if let Err(why) = agreed(ports, &plan).await {
            ports.event(refused(&task.name, why.into()));
            return pending().await;
        }
    }
    let ending = task.start(scribe, 1).await;
    match (ending, &plan.on_call) {
        (Ending::Superseded, _) => return,
        (Ending::Done, _) | (_, None) => {}
        (ending, Some(on_call)) => {
            let message = format!("{} {ending}: a person must look", plan.subject);
            drop(approval::summon(ports, on_call, &message).await);
        }
    }
    pending().await
}

/// Waits until it is time to begin.
async fn wait_for<P: Clock + Occurrences>(ports: &P, begins: &Beginning) {
    let at = match begins {
        Beginning::At(at) => *at,
        Beginning::When(cue) => loop {
            match ports.occurred(&cue.event, cue.occurrence).await {
                Ok(at) => break at.saturating_add(cue.after),
                Err(_) => ports.sleep(ASK_AGAIN).await,
            }
        },
    };
    ports.sleep(at.since(ports.now())).await;
}

/// Whether those agree who must.
///
/// # Errors
/// Why they do not.
async fn agreed<P: Clock + People + Audit>(ports: &P, plan: &Appointment) -> Result<(), String> {
    let Some(approval) = &plan.approval else { return Ok(()) };
    match approval::ask(ports, approval, &format!("start {}?", plan.subject)).await {
        ApprovalVerdict::Approved { .. } => Ok(()),
        ApprovalVerdict::Refused { by, reason } => Err(format!("{by} refuses: {reason}")),
        ApprovalVerdict::NobodyAnswered => Err("nobody answered".to_owned()),
    }
}
