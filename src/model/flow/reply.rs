//! What comes back to a client.
//!
//! Does not know where it comes from. Invariant: whether something may have happened is told apart from whether it failed.

use crate::model::flow::hop::Heard;
use crate::record::{FailureReason, Position};
use crate::units::{DatabaseId, Span};

/// What comes back to a client.
#[derive(Debug, Clone, Copy)]
pub(in crate::model) enum ClientReply {
    /// What was asked for.
    Ok(Option<(DatabaseId, Position)>),
    /// An error, and nothing has happened.
    Error(FailureReason),
    /// Too many requests: turned away at once, before any service did anything, and perhaps told when to come back.
    Limited(Option<Span>),
    /// An error, but it may have happened.
    Doubtful(Option<(DatabaseId, Position)>),
    /// An error, as there was no answer: it may have happened.
    Unheard(FailureReason),
}

impl ClientReply {
    /// Whether it says that nothing has happened.
    pub(in crate::model) const fn is_refusal(self) -> bool {
        matches!(self, Self::Error(_) | Self::Limited(_))
    }

    /// What the client hears.
    pub(in crate::model) const fn heard(self) -> Heard {
        match self {
            Self::Ok(_) => Heard::Ok,
            Self::Limited(_) => Heard::Limited,
            Self::Error(_) | Self::Doubtful(_) | Self::Unheard(_) => Heard::Error,
        }
    }

    /// Why a request fails that gets this answer at its last attempt.
    pub(in crate::model) const fn reason(self) -> FailureReason {
        match self {
            Self::Error(reason) | Self::Unheard(reason) => reason,
            Self::Limited(_) => FailureReason::Limited,
            Self::Ok(_) | Self::Doubtful(_) => FailureReason::DatabaseUnreachable,
        }
    }
}
