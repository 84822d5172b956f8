//! What a scenario compiles to: nothing optional left.

use super::catalog::{Control, Fault, Property};
use crate::field::{Place, Scope, Values};
use crate::model::plan::WorldPlan;
use crate::outcome::{Assumption, Verdict};
use crate::units::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A compiled scenario. With a seed, it is a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it is called.
    pub name: String,
    /// What it says about itself.
    pub description: String,
    /// The preset under it.
    pub preset: Option<String>,
    /// The world.
    pub world: WorldPlan,
    /// The schedule of faults, in the file's order.
    pub faults: Vec<PlannedFault>,
    /// What acts, in the file's order.
    pub controls: Vec<PlannedControl>,
    /// What must hold, in the file's order.
    pub properties: Vec<PlannedProperty>,
    /// The expected verdict of each property.
    pub expect: BTreeMap<String, Verdict>,
    /// Every value with its origin, in order.
    pub assumptions: Vec<Assumption>,
    /// Every declared name.
    pub scope: Scope,
}

/// One fault of the schedule.
#[derive(Debug, Clone)]
pub struct PlannedFault {
    /// Its name.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// When it begins.
    pub at: Instant,
    /// When it heals by itself; `None`: when everything heals, at the end of the workload.
    pub heal: Option<Instant>,
    /// Its fields.
    pub values: Values,
    /// The fault itself.
    pub fault: Arc<dyn Fault>,
    /// Where it was written.
    pub place: Place,
}

/// One thing that acts.
#[derive(Debug, Clone)]
pub struct PlannedControl {
    /// Its kind.
    pub kind: &'static str,
    /// Its fields.
    pub values: Values,
    /// The control itself.
    pub control: Arc<dyn Control>,
}

/// One thing that must hold.
#[derive(Debug, Clone)]
pub struct PlannedProperty {
    /// Its name.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// The property itself.
    pub property: Arc<dyn Property>,
}
