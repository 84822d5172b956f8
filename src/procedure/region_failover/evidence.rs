//! What the steps of a region failover find and do, in a form that can be written down.

use crate::ports::HeadBound;
use crate::procedure::Effect;
use crate::record::LossBound;
use crate::units::Ratio;
use serde::{Deserialize, Serialize};

/// What a region failover has found and done so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FailoverEvidence {
    /// What was wrong with the region that is left.
    pub found: String,
    /// The region that takes over, or is left by a failback, where that had to be found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// The services that must serve in the region that takes over.
    pub services: Vec<String>,
    /// Of these, those that did before anything was changed.
    pub serving_before: Vec<String>,
    /// Whether the services were activated.
    pub activation: Effect,
    /// The DNS records touched.
    pub records: Vec<FailoverRecord>,
    /// The balancer's weights, if they were looked at.
    #[serde(default)]
    pub weights: Option<FailoverWeights>,
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

/// The balancer's weights, which are moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverWeights {
    /// What they were before.
    pub before: Vec<(String, Ratio)>,
    /// Whether the region that takes over was given what the other had.
    pub switched: Effect,
}

/// One database that is promoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailoverDatabase {
    /// The database.
    pub name: String,
    /// The epoch the copy is to lead.
    pub epoch: u32,
    /// What the old authority has written at most if it is dead; `None` if that was never seen.
    pub head: Option<u64>,
    /// What it has written at most if it is only cut off and continues.
    pub head_if_alive: Option<u64>,
    /// The last position that promoting the copy keeps, as far as known: before the fence at first, then after it.
    pub received: u64,
    /// Whether no acknowledged write is beyond that, for certain.
    #[serde(default)]
    pub keeps_everything: bool,
    /// Whether older epochs were fenced off.
    pub fenced: Effect,
    /// Whether the copy was promoted: the point of no return.
    pub promoted: Effect,
    /// The position the new lineage starts from, once promoted.
    pub from_lsn: Option<u64>,
}

impl FailoverDatabase {
    /// A database nothing has been done to yet.
    pub(in crate::procedure) fn new(name: String, epoch: u32, head: Option<HeadBound>, received: u64) -> Self {
        let (fenced, promoted) = (Effect::None, Effect::None);
        let (head_bound, head) = (head, None);
        let mut database = Self {
            name,
            epoch,
            head,
            head_if_alive: None,
            received,
            keeps_everything: false,
            fenced,
            promoted,
            from_lsn: None,
        };
        database.see(head_bound);
        database
    }

    /// Keeps what is known of the old authority's head.
    pub(in crate::procedure) fn see(&mut self, head: Option<HeadBound>) {
        self.head = head.map(|head| head.if_dead);
        self.head_if_alive = head.map(|head| mutant!("cut_off_is_dead": head.if_alive => head.if_dead));
    }

    /// The largest number of writes the promotion can lose if the old authority is dead. `None` if nobody can say.
    pub fn loss_bound(&self) -> Option<u64> {
        self.beyond(self.head)
    }

    /// The largest number of writes the promotion can lose, even if the old authority is only cut off and keeps taking
    /// writes until it is fenced. `None` if nobody can say.
    pub fn loss_bound_if_alive(&self) -> Option<u64> {
        self.beyond(self.head_if_alive)
    }

    fn beyond(&self, head: Option<u64>) -> Option<u64> {
        if mutant!("nothing_is_ever_lost": self.keeps_everything => true) {
            Some(0)
        } else {
            head.map(|head| mutant!("the_bound_ignores_what_was_received": head.saturating_sub(self.received) => head))
        }
    }

    /// Both bounds, for announcing them; without an idea of one it is anything.
    pub(in crate::procedure) fn announced(&self) -> LossBound {
        let [if_dead, if_alive] =
            [self.loss_bound(), self.loss_bound_if_alive()].map(|bound| bound.unwrap_or(u64::MAX));
        LossBound { if_dead, if_alive }
    }

    /// The loss bounds in words.
    pub fn loss_in_words(&self) -> String {
        self.announced().in_words()
    }
}
