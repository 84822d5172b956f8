//! People, one by one.
//!
//! Invariant: silence is not an answer, and not an error.

use super::PortError;
use serde::{Deserialize, Serialize};

/// What a person said to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Yes.
    Approved,
    /// No, and why.
    Refused(String),
}

/// People, one by one: those who are asked before something is done, and those who must act when nothing else can.
///
/// Once the channel has taken on a page or a question, the caller's budget is the limit: a person who does not respond
/// stays silent, and silence is not an error.
pub trait People {
    /// Pages `person` with `message`. Returns once that person has acknowledged.
    async fn page(&self, person: &str, message: &str) -> Result<(), PortError>;
    /// Puts `question` before `person`, who turns to it after acknowledging a page. Returns what was answered.
    async fn ask(&self, person: &str, question: &str) -> Result<Reply, PortError>;
}
