//! Every kind of controller, and every procedure one can run: one line each.

use super::{ControlKind, watch};
use crate::procedure::{Procedure, RegionFailover};

/// The kinds of controller a scenario can put to work.
pub const CATALOG: &[ControlKind] = &[watch::KIND];

/// The names of the procedures a controller can run.
pub const PROCEDURES: &[&str] = &[RegionFailover::NAME];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SimulatedPorts;

    #[test]
    fn every_procedure_can_be_named_in_a_scenario() {
        let names: Vec<&str> = crate::procedure::catalog::<SimulatedPorts>().iter().map(|p| p.name).collect();
        assert_eq!(names, PROCEDURES);
    }
}
