//! What has no fields: events known by name alone, and words that somebody else has found.

use crate::record::Actor;
use std::fmt;

/// An event that is known by its name and its words, and by nothing else: a user's own controller reports it, or it is
/// read back from a file of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEvent {
    /// Who brought it about.
    pub actor: Actor,
    /// Its name.
    pub name: String,
    /// What happened.
    pub text: String,
}

/// Words for a person that an event passes on as it got them: shown, and never compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prose(String);

impl Prose {
    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What `thing` says of itself.
    pub fn of(thing: impl fmt::Display) -> Self {
        Self(thing.to_string())
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Prose {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Prose {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}
