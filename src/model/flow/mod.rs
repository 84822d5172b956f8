//! The path of a request through clients, platform and data.
//!
//! Owns what is between two places. The only place that sees clients, platform and data at once.

mod capacity;
mod checks;
pub(super) mod errands;
mod forks;
mod hedging;
pub(super) mod hop;
mod in_turn;
mod objects;
pub(super) mod probe_api;
mod reads;
pub(super) mod reply;
mod second_choice;
mod seconds;
pub(super) mod serving;
mod sessions;
pub(super) mod storage;
mod told;
pub(super) mod traffic;
mod waits;

use crate::model::core::job::Job;
use crate::model::core::slab::Slab;
use errands::Errands;
use forks::Forks;
use hop::Hop;

/// What is between two places.
#[derive(Debug)]
pub struct Flow {
    pub(in crate::model) hops: Slab<Hop>,
    /// Jobs with legs.
    forks: Forks,
    /// Legs that were given up and dropped from a queue, until their forks hear of it.
    dropped: Vec<Job>,
    /// Probes that control has sent so far.
    pub(in crate::model) probes: u64,
    /// What waits for a service that a control interface needs.
    errands: Errands,
}

impl Flow {
    /// Whether no leg of any request is on its way.
    pub(in crate::model) fn has_no_legs(&self) -> bool {
        self.forks.live() == 0
    }
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            hops: Slab::with_capacity(1 << 10),
            forks: Slab::with_capacity(0),
            dropped: Vec::new(),
            probes: 0,
            errands: Errands::default(),
        }
    }
}
