//! Interrupting a controller at one of its calls, where a fault of the schedule would have to guess the instant.
//!
//! Owns plain data. A test that wants to know what happens when a controller dies between any two of its calls names the
//! call by number.

use crate::model::command::Command;
use crate::model::core::desk::Caller;
use crate::units::Span;

/// Something that happens to the first instance of a controller at one of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// The controller, by its place in the plan.
    pub controller: u16,
    /// The number of the call, 1 for the first, counted on through restarts.
    pub call: u32,
    /// Whether the call is sent all the same.
    pub sent: bool,
    /// What happens.
    pub act: Act,
}

/// What happens to a controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Its process dies, and another is started so long after.
    Kill(Span),
    /// Its process is paused for so long; a call that was not sent is sent afterwards.
    Pause(Span),
    /// A second instance runs beside it for so long.
    Double(Span),
    /// Its process is paused for so long while a second instance takes over, which stays.
    Overtake(Span),
}

/// An interruption that has fallen due.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingInterruption {
    /// The controller.
    pub controller: u16,
    /// What happens to it.
    pub act: Act,
    /// The call that is sent once a pause is over.
    pub kept: Option<(u32, Caller, Command)>,
}
