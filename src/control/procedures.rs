//! The procedures that the controls of a scenario can run: the built-in ones, with them a user's own, and those that the
//! scenario itself says the steps of.
//!
//! Owns the step from a name in a scenario to a procedure, which is taken once, when the scenario is checked. Does not know
//! who runs them. Invariant: what a check accepts is what the run performs, for it is the same value.

use crate::field::{Catalog, Place, Problem, Problems};
use crate::model::SimulatedPorts;
use crate::procedure::{self, Failback, Procedure, ProcedureEntry, RegionFailover};
use std::sync::Arc;

/// Those that move a region's traffic and data to another region.
pub const MOVES: [&str; 2] = [RegionFailover::NAME, Failback::NAME];

/// A procedure that can be run in a rehearsal.
pub type SimulatedProcedure = ProcedureEntry<SimulatedPorts>;

/// Those that come with the product.
pub const PROCEDURES: &[SimulatedProcedure] = &procedure::catalog();

/// Procedures by name.
#[derive(Debug, Clone)]
pub struct Procedures {
    catalog: Catalog<SimulatedProcedure>,
    written: Arc<[SimulatedProcedure]>,
    /// The names of those whose steps are wrong, which was said where they stand.
    broken: Arc<[String]>,
}

impl Procedures {
    /// Those of a catalog, and beside them those whose steps a scenario says; each has a name of its own.
    pub fn new(catalog: Catalog<SimulatedProcedure>, written: Vec<SimulatedProcedure>) -> Self {
        Self { catalog, written: written.into(), broken: Arc::new([]) }
    }

    /// Beside them, those of these names, of which it was said already what is wrong.
    #[must_use]
    pub fn with_broken(self, broken: Vec<String>) -> Self {
        Self { broken: broken.into(), ..self }
    }

    /// Each of them.
    pub fn iter<'a>(&'a self) -> impl Iterator<Item = &'a SimulatedProcedure> {
        let comes: fn(&'static SimulatedProcedure) -> &'a SimulatedProcedure = |entry| entry;
        self.catalog.iter().map(comes).chain(self.written.iter())
    }

    /// The one called so.
    pub fn named(&self, name: &str) -> Option<SimulatedProcedure> {
        self.iter().find(|entry| entry.name == name).cloned()
    }

    /// The names of a procedure and of those that run as parts of it, each once.
    pub(super) fn with_parts(&self, procedure: &SimulatedProcedure) -> Vec<String> {
        let mut names = vec![procedure.name.clone().into_owned()];
        let mut next = 0;
        while let Some(entry) = names.get(next).and_then(|name| self.named(name)) {
            next += 1;
            for part in entry.parts() {
                if !names.iter().any(|known| known == part) {
                    names.push(part.to_owned());
                }
            }
        }
        names
    }

    /// The one called so, or a problem at `place` that lists what there is.
    pub fn resolve(&self, name: &str, place: Place, problems: &mut Problems) -> Option<SimulatedProcedure> {
        let found = self.named(name);
        if found.is_none() && !self.broken.iter().any(|broken| broken == name) {
            let known: Vec<&str> = self.iter().map(|entry| &*entry.name).collect();
            let problem = Problem::error("FD0102", place, format!("unknown procedure `{name}`"));
            problems.push(problem.help(format!("declared procedures: {}", known.join(", "))));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_parts_count_once() {
        let procedures = Procedures::new(Catalog::new(PROCEDURES), Vec::new());
        let names = |name| procedures.with_parts(&procedures.named(name).expect("built in"));
        assert_eq!(names("drill"), ["drill", "region_failover", "failback"]);
        assert_eq!(names("failback"), ["failback"]);
    }
}
