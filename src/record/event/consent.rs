//! How control turns to people: to ask for approval, or to page them.

use super::{CustomEvent, Event, Prose};
use crate::units::Span;

events! {
    /// How control asks people for approval.
    ConsentEvent, ConsentKind;

    /// Control started to ask people for approval.
    Asked by Control "approval.asked" { question: Prose } => "{question}"
    /// Control paged a person to ask for approval.
    Paged by Control "approval.paged" { person: String, round: u64, question: Prose }
        => "{person}, round {round}: {question}"
    /// A person acknowledged such a page.
    Acknowledged by Control "approval.acknowledged" { person: String, after: Span }
        => "{person}, {after:#} after the first page"
    /// Control escalated to the next person.
    Escalated by Control "approval.escalated" { from: String, to: String, was_asked: bool }
        => { turned(from, to, *was_asked) }
    /// A page or a question could not be sent.
    Unreachable by Control "approval.unreachable" { person: String, error: Prose } => "{person}: {error}"
    /// Somebody approved, and others still must.
    Agreed by Control "approval.agreed" { by: String, after: Span, yes: u64, needs: u64, question: Prose }
        => "{by} approves after {after:#}, {yes} of {needs}: {question}"
    /// Somebody refused, and enough others may still approve.
    Disagreed by Control "approval.disagreed" { by: String, after: Span, reason: Prose, question: Prose }
        => "{by} refuses after {after:#}, {reason}: {question}"
    /// The required approvals were given.
    Given by Control "approval.given" { by: Vec<String>, after: Span, question: Prose } => {
        let verb = if by.len() == 1 { "approves" } else { "approve" };
        format!("{} {verb} after {after:#}: {question}", by.join(" and "))
    }
    /// Approval was refused, by one person or by too many for the quorum.
    Refused by Control "approval.refused" { by: String, after: Span, reason: Prose, question: Prose }
        => "{by} refuses after {after:#}, {reason}: {question}"
    /// The question was withdrawn before anybody answered.
    Withdrawn by Control "approval.withdrawn" { question: Prose } => "{question}"
    /// Nobody answered in time.
    Nobody by Control "approval.nobody" { asked: Vec<String>, question: Prose }
        => { format!("none of {} answered: {question}", asked.join(", ")) }
}

events! {
    /// How control pages those on call.
    OnCallEvent, OnCallKind;

    /// Control started to page those on call because a procedure did not complete.
    Summoned by Control "on_call.summoned" { message: Prose } => "{message}"
    /// Control paged a person on call.
    Paged by Control "on_call.paged" { person: String, round: u64, message: Prose }
        => "{person}, round {round}: {message}"
    /// A person on call acknowledged.
    Acknowledged by Control "on_call.acknowledged" { person: String, after: Span }
        => "{person}, {after:#} after the first page"
    /// Control escalated to the next person on call.
    Escalated by Control "on_call.escalated" { from: String, to: String } => { turned(from, to, false) }
    /// A page to a person on call could not be sent.
    Unreachable by Control "on_call.unreachable" { person: String, error: Prose } => "{person}: {error}"
    /// Nobody on call acknowledged in time.
    Nobody by Control "on_call.nobody" { paged: Vec<String>, message: Prose }
        => { format!("none of {} answered: {message}", paged.join(", ")) }
}

impl ConsentEvent {
    /// The question that it is about, if it says so.
    pub fn question(&self) -> Option<&Prose> {
        match self {
            Self::Asked { question }
            | Self::Paged { question, .. }
            | Self::Agreed { question, .. }
            | Self::Disagreed { question, .. }
            | Self::Given { question, .. }
            | Self::Refused { question, .. }
            | Self::Withdrawn { question }
            | Self::Nobody { question, .. } => Some(question),
            Self::Acknowledged { .. } | Self::Escalated { .. } | Self::Unreachable { .. } => None,
        }
    }
}

impl Event {
    /// Whether it is about `question`, which control has put to people. The words of what was only told end with theirs.
    pub fn is_about(&self, question: &str) -> bool {
        match self {
            Self::Consent(event) => event.question().is_some_and(|asked| asked.as_str() == question),
            Self::Custom(CustomEvent { text, .. }) => text.ends_with(question),
            _ => false,
        }
    }
}

fn turned(from: &str, to: &str, was_asked: bool) -> String {
    let why = if was_asked { "has not decided" } else { "has not acknowledged" };
    format!("{from} {why}: escalated to {to}")
}
