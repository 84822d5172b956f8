//! Holds drills when they are due, and finishes what a controller before this one has begun.
//!
//! Owns when a drill is held. Invariant: a drill that the journal knows is not held again.

use super::approval::{self, ApprovalPlan, ApprovalVerdict};
use super::journal::Scribe;
use super::{Ending, Task};
use crate::ports::{Audit, Clock, People, Runtime};
use crate::record::event::{DrillEvent, ProcedureEvent};
use crate::units::Instant;
use std::future::pending;

/// When a drill is held, and who is asked and called for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillPlan {
    /// When.
    pub at: Instant,
    /// The region whose traffic is drilled.
    pub region: String,
    /// Who must consent before it begins; `None`: it begins at once.
    pub approval: Option<ApprovalPlan>,
    /// Who is paged when it has not reached its end; `None`: nobody.
    pub on_call: Option<ApprovalPlan>,
}

/// Holds the drill of `plan`, once, then waits forever; returns only when another controller acts.
///
/// Events: those of the procedure; `drill.refused` if those who must be asked do not consent.
pub async fn hold_drills<P: Runtime + People>(scribe: &Scribe<P>, plan: DrillPlan, drill: Task<P>) {
    let ports = scribe.ports();
    let known = scribe.runs().pop();
    if let Some((_, ending)) = known.as_ref().and_then(|run| run.ended) {
        let (procedure, ending) = (drill.name.to_owned(), format!("it {ending}").into());
        ports.event(ProcedureEvent::Found { procedure, run: None, ending });
        return pending().await;
    }
    if known.is_none() {
        ports.sleep(plan.at.since(ports.now())).await;
        if !is_agreed(ports, plan.approval.as_ref()).await {
            return pending().await;
        }
    }
    let ending = drill.start(scribe, 1).await;
    match (ending, &plan.on_call) {
        (Ending::Superseded, _) => return,
        (Ending::Done, _) | (_, None) => {}
        (ending, Some(on_call)) => {
            let message = format!("the drill of {} {ending}: a person must look", plan.region);
            drop(approval::summon(ports, on_call, &message).await);
        }
    }
    pending().await
}

async fn is_agreed<P: Clock + People + Audit>(ports: &P, approval: Option<&ApprovalPlan>) -> bool {
    let Some(approval) = approval else { return true };
    let why = match approval::ask(ports, approval, "hold the drill?").await {
        ApprovalVerdict::Approved { .. } => return true,
        ApprovalVerdict::Refused { by, reason } => format!("{by} refuses: {reason}"),
        ApprovalVerdict::NobodyAnswered => "nobody answered".to_owned(),
    };
    ports.event(DrillEvent::Refused { why: why.into() });
    false
}
