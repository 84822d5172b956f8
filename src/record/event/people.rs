//! What reaches people, and what they do.

use super::Prose;

/// How what was lost begins in words, of a message to an audience.
pub const MESSAGE: &str = "a message to ";

events! {
    /// What reaches people, and what they do.
    PeopleEvent, PeopleKind;

    /// A message to the audience was delivered.
    Notified by People "notified.{audience}" { audience: String, message: Prose } => "{audience}: {message}"
    /// A message or a page was accepted and never arrived.
    NotificationLost by World "notification.lost" { what: Prose } => "{what} was lost"
    /// A page reached the person.
    Paged by People "paged.{person}" { person: String, message: Prose } => "{person} is paged: {message}"
    /// The person acknowledged a page.
    Acknowledged by People "acknowledged.{person}" { person: String } => "{person} acknowledges"
    /// The person answered a question.
    Answered by People "answered.{person}" { person: String, refuses: Option<Prose>, question: Prose } => {
        match refuses {
            Some(reason) => format!("{person} refuses, {reason}: {question}"),
            None => format!("{person} approves: {question}"),
        }
    }
    /// The person first tried something that did not help.
    Mistaken by People "mistaken.{person}" { person: String, question: Prose }
        => "{person} tries something that does not help: {question}"
}
