//! What a controller that starts procedures by name knows.
//!
//! Owns the one thing that all procedures with a name can be made from. Does not know which of it a procedure needs: each
//! [makes its own order](super::Listed::order_of) from it, and only that is written down.

use super::{RestoreFirst, Settings, StepApproval};
use crate::policy::HealthLimits;
use crate::units::Ratio;
use std::collections::BTreeMap;

/// What a controller knows. Without defaults: those are in the scenario language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// The region that is left.
    pub from: String,
    /// The region that takes over.
    pub to: String,
    /// The regions of which one takes over, in the order in which they are preferred, if it is not settled which; then `to`
    /// is the first of them.
    pub candidates: Vec<String>,
    /// The regions of which one may have taken over, if it was not settled which; then `from` is the first of them.
    pub origins: Vec<String>,
    /// The DNS records that must name it.
    pub records: Vec<String>,
    /// The balancer's weights while nothing is moved, if one sends clients.
    pub weights: Option<Vec<(String, Ratio)>>,
    /// The services a region cannot do without; empty for all it has.
    pub services: Vec<String>,
    /// The databases concerned; empty for all that have a copy there.
    pub databases: Vec<String>,
    /// Who is notified.
    pub audiences: Vec<String>,
    /// When a service counts as failing.
    pub limits: HealthLimits,
    /// How many probes each service must answer to be considered healthy. At least once.
    pub probes: u32,
    /// The largest acceptable loss, in writes per database; `None` for any, even one nobody can bound.
    pub loss_limit: Option<u64>,
    /// How many databases are restored at the same time, at least one.
    pub side_by_side: u32,
    /// Which of them are restored first.
    pub restore_first: RestoreFirst,
    /// Whether it is done by plan, with nothing failing: then nothing may be lost.
    pub planned: bool,
    /// The steps that need somebody's consent before they begin; `None` if none does.
    pub approval: Option<StepApproval>,
    /// By procedure: how it is run.
    pub settings: BTreeMap<String, Settings>,
}

impl Brief {
    /// How the procedure of that name is run.
    pub fn settings_of(&self, procedure: &str) -> Settings {
        self.settings.get(procedure).cloned().unwrap_or_default()
    }

    /// Whether it moves what `other` moves as well, away from the same region. `any_database`: whether there is one at all,
    /// for whoever names none means all of them.
    pub fn contends_with(&self, other: &Self, any_database: bool) -> bool {
        let overlap = |one: &[String], other: &[String]| one.iter().any(|name| other.contains(name));
        // Nothing named is everything; no records at all is none.
        let all = any_database && (self.databases.is_empty() || other.databases.is_empty());
        let names = overlap(&self.records, &other.records) || (self.weights.is_some() && other.weights.is_some());
        self.from == other.from && (all || overlap(&self.databases, &other.databases) || names)
    }

    /// The same for the failback.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { from: self.to, to: self.from, candidates: self.origins, origins: self.candidates, ..self }
    }
}
