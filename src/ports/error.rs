//! Why a call did not return what was asked.
//!
//! Invariant: whether a call may have happened is never left open: each reason says it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a port call did not return what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PortError {
    /// The other side understood and said no. It certainly did not happen.
    Refused(String),
    /// Nothing was sent, or the other side is known to be down. It certainly did not happen.
    Unreachable(String),
    /// No answer came. It may have happened.
    Indeterminate(String),
    /// Another controller holds a newer lease: the caller may not act any more. It certainly did not happen.
    Superseded {
        /// The epoch of the lease the call was made under.
        held: u32,
        /// The newest epoch granted.
        newest: u32,
    },
}

impl PortError {
    /// Whether the call certainly had no effect.
    pub const fn is_definite(&self) -> bool {
        !matches!(self, Self::Indeterminate(_))
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Unreachable(why) => write!(f, "unreachable: {why}"),
            Self::Indeterminate(why) => write!(f, "no answer, it may have happened: {why}"),
            Self::Superseded { held, newest } => {
                write!(f, "this controller holds epoch {held}, but epoch {newest} was granted to another")
            }
        }
    }
}

impl std::error::Error for PortError {}
