//! What can be scheduled, run and demanded: the kinds other layers bring, and a user's own.
//!
//! Invariant: kinds of one sort have different names; where two have the same, the first one counts, and
//! [`Catalogs::doubles`] says so.

use crate::check::PropertyKind;
use crate::control::{ControlKind, SimulatedProcedure};
use crate::fault::FaultKind;
use crate::field::Catalog;

/// Every kind there is.
///
/// A program of your own adds its kinds and hands the whole to [`cli::run`](crate::cli::run):
///
/// ```no_run
/// use firedrill::control::SimulatedProcedure;
/// use firedrill::procedure::RegionFailover;
/// use firedrill::scenario::Catalogs;
///
/// // In place of the built-in one: a procedure of your own.
/// const PROCEDURES: &[SimulatedProcedure] = &[SimulatedProcedure::of::<RegionFailover>()];
///
/// fn main() -> std::process::ExitCode {
///     firedrill::cli::run(Catalogs::BUILT_IN.with_procedures(PROCEDURES))
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Catalogs {
    /// Faults.
    pub faults: Catalog<FaultKind>,
    /// Controls.
    pub controls: Catalog<ControlKind>,
    /// What a control can run.
    pub procedures: Catalog<SimulatedProcedure>,
    /// Properties.
    pub properties: Catalog<PropertyKind>,
}

impl Catalogs {
    /// Everything that comes with the product.
    pub const BUILT_IN: Self = Self {
        faults: Catalog::new(crate::fault::CATALOG),
        controls: Catalog::new(crate::control::CATALOG),
        procedures: Catalog::new(crate::control::PROCEDURES),
        properties: Catalog::new(crate::check::CATALOG),
    };

    /// With these faults beside the others.
    #[must_use]
    pub const fn with_faults(self, own: &'static [FaultKind]) -> Self {
        Self { faults: self.faults.with(own), ..self }
    }

    /// With these controls beside the others.
    #[must_use]
    pub const fn with_controls(self, own: &'static [ControlKind]) -> Self {
        Self { controls: self.controls.with(own), ..self }
    }

    /// With these procedures beside the others.
    #[must_use]
    pub const fn with_procedures(self, own: &'static [SimulatedProcedure]) -> Self {
        Self { procedures: self.procedures.with(own), ..self }
    }

    /// With these properties beside the others.
    #[must_use]
    pub const fn with_properties(self, own: &'static [PropertyKind]) -> Self {
        Self { properties: self.properties.with(own), ..self }
    }

    /// The names that two kinds of one sort have, each with that sort in the plural.
    pub fn doubles(&self) -> Vec<(&'static str, &'static str)> {
        let mut doubles = Vec::new();
        let mut find = |sort, names: Vec<&'static str>| {
            let twice = |(index, name): &(usize, &&'static str)| names[..*index].contains(name);
            doubles.extend(names.iter().enumerate().filter(twice).map(|(_, name)| (sort, *name)));
        };
        find("faults", self.faults.iter().map(|fault| fault.kind.name).collect());
        find("controls", self.controls.iter().map(|control| control.kind.name).collect());
        find("procedures", self.procedures.iter().map(|procedure| &*procedure.name).collect());
        find("properties", self.properties.iter().map(|property| property.kind.name).collect());
        doubles
    }
}
