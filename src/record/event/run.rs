//! What happens to a run of anything that control runs: a procedure, or a shift of weights.

use super::{BalancerKind, EventKind, NameKind, ProcedureKind, ShiftKind};

/// How an event changes where requests go, or what is there for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A run of control began, which will change something.
    Run,
    /// Names or weights were changed on purpose.
    Made,
    /// Names or weights changed by what happened to be done with them, or by themselves.
    Came,
}

/// What has become of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunPhase {
    /// It began.
    Started,
    /// A controller resumed it.
    Resumed,
    /// A step of it failed for good; what follows from that is another event.
    Failed,
    /// Every step was done.
    Done,
    /// Everything was rolled back.
    Undone,
    /// Not everything could be rolled back.
    UndoFailed,
    /// It stopped past its point of no return.
    Stopped,
    /// It was left to another controller.
    Superseded,
    /// Somebody found that it had ended before.
    Found,
}

impl RunPhase {
    /// Whether a controller that tells this is at work on the run from now on.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Started | Self::Resumed)
    }

    /// Whether the run is over. One that was left to another controller is not: that one resumes it.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Undone | Self::UndoFailed | Self::Stopped | Self::Found)
    }
}

impl EventKind {
    /// What it changes, if it is a change. Checks that follow health are none: they react to what has changed.
    pub const fn change(self) -> Option<Change> {
        match self {
            Self::Procedure(ProcedureKind::Started) | Self::Shift(ShiftKind::Started) => Some(Change::Run),
            Self::Name(kind) => match kind {
                NameKind::Published | NameKind::Ttl => Some(Change::Made),
                NameKind::PlanStale | NameKind::PlanRefused | NameKind::PlanLost => Some(Change::Came),
                NameKind::PlanFound | NameKind::PlanRestored => Some(Change::Came),
                NameKind::Refused | NameKind::FailedOver | NameKind::FailedBack => None,
                NameKind::FailOpen | NameKind::FailOpenOver | NameKind::Unhealthy | NameKind::Healthy => None,
            },
            Self::Balancer(kind) => match kind {
                BalancerKind::WeightsChanged => Some(Change::Made),
                BalancerKind::Settled => Some(Change::Came),
                BalancerKind::Ejected | BalancerKind::Restored | BalancerKind::Kept => None,
                BalancerKind::FailOpen | BalancerKind::FailOpenOver => None,
                BalancerKind::SpareUsed | BalancerKind::SpareUsedOver => None,
                BalancerKind::FailClosed | BalancerKind::FailClosedOver => None,
            },
            _ => None,
        }
    }

    /// Whether something was changed on purpose, or is about to be: a run of control, names, weights.
    pub const fn is_change(self) -> bool {
        matches!(self.change(), Some(Change::Run | Change::Made))
    }

    /// What such an event says of a run, if it is about one as a whole.
    pub const fn phase(self) -> Option<RunPhase> {
        Some(match self {
            Self::Procedure(ProcedureKind::Started) | Self::Shift(ShiftKind::Started) => RunPhase::Started,
            Self::Procedure(ProcedureKind::Done) | Self::Shift(ShiftKind::Done) => RunPhase::Done,
            Self::Procedure(ProcedureKind::Stopped) | Self::Shift(ShiftKind::Stopped) => RunPhase::Stopped,
            Self::Procedure(ProcedureKind::Failed) => RunPhase::Failed,
            Self::Procedure(ProcedureKind::Undone) => RunPhase::Undone,
            Self::Procedure(ProcedureKind::UndoFailed) => RunPhase::UndoFailed,
            Self::Procedure(ProcedureKind::Resumed) => RunPhase::Resumed,
            Self::Procedure(ProcedureKind::Superseded) => RunPhase::Superseded,
            Self::Procedure(ProcedureKind::Found) => RunPhase::Found,
            _ => return None,
        })
    }

    /// What runs, for an event about a run called `name`, and its outcome.
    pub fn run(self, name: &str) -> Option<(&str, RunPhase)> {
        // A shift is called so in its events, and is not declared by anybody.
        let what = self.part("procedure", name).or_else(|| name.split('.').next())?;
        Some((what, self.phase()?))
    }
}
