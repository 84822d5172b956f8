//! Whether a drill touches production.
//!
//! Owns what every population's requests depend on, and which of these a drill has changed. Does not know what a drill
//! is for. Invariant: production must not feel a drill; the first change to something it depends on is reported, once
//! for each population.

use super::Core;
use crate::record::event::DrillEvent;
use crate::units::{DatabaseId, NameId};

/// What a drill has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum DrillTouch {
    /// Where a record points, or how long it may be kept.
    Record(NameId),
    /// Who leads a database.
    Database(DatabaseId),
    /// The balancer's weights.
    Balancer,
}

/// What the requests of a population depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::model) struct Dependence {
    /// Its record.
    pub record: NameId,
    /// Whether that names the balancer.
    pub balanced: bool,
    /// The databases on the path of its requests.
    pub databases: Vec<DatabaseId>,
    /// Whether it exists for drills only.
    pub synthetic: bool,
}

impl Dependence {
    fn concerns(&self, what: DrillTouch) -> bool {
        match what {
            DrillTouch::Record(changed) => changed == self.record,
            DrillTouch::Database(changed) => self.databases.contains(&changed),
            DrillTouch::Balancer => self.balanced,
        }
    }
}

/// What drills have changed of what production depends on.
#[derive(Debug, Default)]
pub(in crate::model) struct Drills {
    populations: Vec<(Dependence, bool)>,
}

impl Drills {
    /// Nothing so far; by population, what it depends on.
    pub fn new(populations: impl Iterator<Item = Dependence>) -> Self {
        Self { populations: populations.map(|dependence| (dependence, false)).collect() }
    }

    /// Whether a drill has changed something that the requests of a population depend on, though it is none of the
    /// drill's.
    #[inline]
    pub fn has_touched(&self, workload: u16) -> bool {
        self.populations[usize::from(workload)].1
    }
}

impl Core {
    /// What `call` asked for has changed `what`.
    pub(in crate::model) fn note_drill(&mut self, call: u32, what: DrillTouch) {
        let caller = self.calls.caller(call).map(|caller| usize::from(caller.controller));
        if !caller.is_some_and(|controller| self.plan.controllers[controller].drill) {
            return;
        }
        for index in 0..self.drills.populations.len() {
            let (dependence, touched) = &mut self.drills.populations[index];
            if dependence.concerns(what) && !dependence.synthetic && !*touched {
                *touched = true;
                let workload = self.plan.workloads[index].name.clone();
                self.note(DrillEvent::TouchedProduction { workload });
            }
        }
    }
}
