//! What somebody who watched a run came to: how much was looked at, and what broke the rule.
//!
//! Does not judge. Invariant: a violation names the operations that show it, no more of them than it takes.

use crate::units::{As, Instant, Seconds};
use serde::{Deserialize, Serialize};

/// How many violations are named; the rest are counted.
pub const NAMED_VIOLATIONS: usize = 1000;

/// What an observer came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The observer, by the name it gives itself.
    pub observer: String,
    /// What it looked at, such as `keys` or `copies`.
    pub unit: String,
    /// How many of these it could decide on.
    pub checked: u64,
    /// How many it could not.
    pub undecided: u64,
    /// How many broke the rule.
    pub violations: u64,
    /// The first thousand of them.
    pub named: Vec<Violation>,
}

/// Something that broke a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// The database.
    pub store: String,
    /// The key, if it is about one.
    pub key: Option<u32>,
    /// What happened, in words.
    pub what: String,
    /// The operations that show it.
    pub operations: Vec<u64>,
    /// When it was certain.
    #[serde(rename = "at_s", with = "As::<Option<Seconds>>")]
    pub at: Option<Instant>,
}

impl Observation {
    /// Nothing was looked at so far.
    pub fn new(observer: &str, unit: &str) -> Self {
        let (checked, undecided, violations) = (0, 0, 0);
        Self { observer: observer.to_owned(), unit: unit.to_owned(), checked, undecided, violations, named: Vec::new() }
    }

    /// Something was looked at, and breaks the rule if there is a violation.
    pub fn note(&mut self, violation: Option<Violation>) {
        self.checked += 1;
        if let Some(violation) = violation {
            self.violations += 1;
            if self.named.len() < NAMED_VIOLATIONS {
                self.named.push(violation);
            }
        }
    }
}
