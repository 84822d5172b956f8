//! What becomes of a run of whatever control runs: a procedure, or a shift of weights.

use super::{BalancerKind, EventKind, NameKind, ProcedureKind, ShiftKind};

/// What has become of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunPhase {
    /// It began.
    Started,
    /// A controller went on with it.
    Resumed,
    /// A step of it failed for good; what follows from that is another event.
    Failed,
    /// Every step was done.
    Done,
    /// Everything was taken back.
    Undone,
    /// Not everything could be taken back.
    UndoFailed,
    /// It stopped where it cannot be taken back.
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

    /// Whether the run is over. One that was left to another controller is not: that one goes on with it.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Undone | Self::UndoFailed | Self::Stopped | Self::Found)
    }
}

impl EventKind {
    /// Whether something was changed on purpose, or is about to be: a run of control, names, weights.
    pub const fn is_change(self) -> bool {
        match self {
            Self::Procedure(kind) => matches!(kind, ProcedureKind::Started),
            Self::Shift(kind) => matches!(kind, ShiftKind::Started),
            Self::Name(kind) => matches!(kind, NameKind::Published | NameKind::Ttl),
            Self::Balancer(kind) => matches!(kind, BalancerKind::Weighed),
            _ => false,
        }
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

    /// What runs, for an event about a run called `name`, and what becomes of it.
    pub fn run(self, name: &str) -> Option<(&str, RunPhase)> {
        // A shift is called so in its events, and is not declared by anybody.
        let what = self.part("procedure", name).or_else(|| name.split('.').next())?;
        Some((what, self.phase()?))
    }
}
