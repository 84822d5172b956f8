//! Who waits for whom at an instant.
//!
//! Does not know how a wait comes about. Invariant: a request waits for one thing.

use crate::units::{As, Instant, Seconds};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that is not over, and what it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "report", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// Who waits: a population of clients, a controller, a copy of a database.
    pub who: String,
    /// For what.
    pub whom: String,
    /// How many wait so, requests or calls; of a copy, how many records it waits for.
    pub count: u64,
    /// When the first of them was sent, if that is known.
    #[serde(rename = "since_s", with = "As::<Option<Seconds>>")]
    pub since: Option<Instant>,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} wait for {}", self.who, self.count, self.whom)?;
        self.since.map_or(Ok(()), |since| write!(f, ", the first since {since:#}"))
    }
}
