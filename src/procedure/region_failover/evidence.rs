//! What the steps of a region failover find and do, in a form that can be written down.

use crate::procedure::Effect;
use serde::{Deserialize, Serialize};

/// What a region failover has found and done so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FailoverEvidence {
    /// What was wrong with the region that is left.
    pub found: String,
    /// The services that must serve in the region that takes over.
    pub services: Vec<String>,
    /// Of these, those that did before anything was changed.
    pub serving_before: Vec<String>,
    /// Whether the services were activated.
    pub activation: Effect,
    /// The DNS records touched.
    pub records: Vec<FailoverRecord>,
    /// The databases that have a copy in the region that takes over.
    pub databases: Vec<FailoverDatabase>,
    /// The audiences that have been told.
    pub notified: Vec<String>,
}

/// One DNS record that is switched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverRecord {
    /// The record.
    pub name: String,
    /// The region it named before.
    pub before: String,
    /// Whether it was pointed at the region that takes over.
    pub switched: Effect,
}

/// One database that is promoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverDatabase {
    /// The database.
    pub name: String,
    /// The epoch the copy is to lead.
    pub epoch: u32,
    /// The last position the old authority was seen to have written; `None` if it never was.
    pub head: Option<u64>,
    /// The last position the copy had received: before the fence at first, then after it.
    pub received: u64,
    /// Whether older epochs were fenced off.
    pub fenced: Effect,
    /// Whether the copy was promoted: the point of no return.
    pub promoted: Effect,
    /// The position the new lineage starts from, once promoted.
    pub from_lsn: Option<u64>,
}

impl FailoverDatabase {
    /// A database nothing has been done to yet.
    pub(in crate::procedure) fn new(name: String, epoch: u32, head: Option<u64>, received: u64) -> Self {
        let (fenced, promoted) = (Effect::None, Effect::None);
        Self { name, epoch, head, received, fenced, promoted, from_lsn: None }
    }

    /// The largest number of writes the promotion can lose of those monitoring has seen: as old as its last scrape
    /// that succeeded. `None` if it has seen none.
    pub fn loss_bound(&self) -> Option<u64> {
        self.head.map(|head| head.saturating_sub(self.received))
    }

    /// The loss bound in words.
    pub fn loss_in_words(&self) -> String {
        match self.loss_bound() {
            Some(writes) => format!("at most {writes} writes lost of those seen"),
            None => "nobody knows how many writes are lost".to_owned(),
        }
    }
}
